using System.Text.Json;
using EntityImport.Entities;
using EntityImport.Mappings;
using Xunit;

namespace EntityImport.Core.Tests.Mappings;

/// <summary>What a mapping must keep to in order to be saved, and that what is stored need not.</summary>
public sealed class SavedDefinitionTests
{
    private static readonly EntityDefinition Entity = new()
    {
        SystemName = "e",
        Fields = [.. Enumerable.Range(0, EntityReader.MaxFields).Select(i => new FieldDefinition { SystemName = $"f{i}", DataType = (DataType)(i % 9) })],
    };

    public static TheoryData<string, string> Beyond => new()
    {
        { "definition.dateFormat", $$"""{"dateFormat":"yyyy-MM-dd{{new string('-', 246)}}"}""" },
        { "definition.dateTimeFormat", $$"""{"dateTimeFormat":"{{Repeat("YYYY-MM-DD", 50_000)}}"}""" },
        { "definition.fields[0].format", $$"""{"fields":[{"systemName":"f5","csvColumnName":"a","format":"{{Repeat("YYYY-MM-DD", 50_000)}}"}]}""" },
        { "definition.nullValues", $$"""{"nullValues":[{{Words(1_001)}}]}""" },
        { "definition.trueValues", $$"""{"trueValues":[{{Words(60_000)}}]}""" },
        { "definition.falseValues[1]", $$"""{"falseValues":["no","{{new string('n', 256)}}"]}""" },
        { "definition.fields[0].csvColumnName", $$"""{"fields":[{"systemName":"f0","csvColumnName":"{{new string('a', 1_001)}}"}]}""" },
        { "definition.fields[0].defaultValue", $$"""{"fields":[{"systemName":"f0","defaultValue":"{{new string('a', 10_001)}}"}]}""" },
        { "definition.encoding", $$"""{"encoding":"{{new string('a', 900_000)}}"}""" },
        { "definition.locale", $$"""{"locale":"en-{{new string('-', 900_000)}}"}""" },
        { "definition.fields", $$"""{"fields":[{{Repeat("1,", 500_000)}}1]}""" },
        { "definition.fields", $$"""{"header":false,"fields":[{{Repeat("{},", 1_000)}}{}]}""" },
        { "definition.trueValues[0]", """{"trueValues":["on"],"nullValues":["","on","on"]}""" },
        { "definition.falseValues[2]", """{"falseValues":["no","off","ja"],"nullValues":["ja","x"]}""" },
        { "definition.falseValues[1]", """{"trueValues":["1","on"],"falseValues":["0","on"]}""" },
        { "definition.falseValues[0]", """{"falseValues":[""]}""" },
        { "definition.currencySymbol", """{"currencySymbol":[]}""" },
        { "definition.currencySymbol", """{"currencySymbol":["€","€"]}""" },
        { "definition.currencySymbol", """{"currencySymbol":["€","US$1"]}""" },
        { "definition.currencySymbol", """{"currencySymbol":["€","(x"]}""" },
        { "definition.currencySymbol", """{"currencySymbol":["€","a%"]}""" },
        { "definition.currencySymbol[1]", """{"currencySymbol":["€",1]}""" },
        { "definition.trailingMinus", """{"trailingMinus":true,"currencySymbol":["$",".-"]}""" },
        { "definition.trailingMinus", """{"trailingMinus":true,"percentSymbol":",-"}""" },
        { "definition.zeroValues[1]", """{"zeroValues":["-","0.00"]}""" },
        { "definition.zeroValues[0]", """{"zeroValues":["5-"],"trailingMinus":true}""" },
        { "definition.zeroValues[0]", """{"zeroValues":[""]}""" },
        { "definition.nullValues[0]", """{"zeroValues":["-"],"nullValues":["$ -","NA"]}""" },
        { "definition.spreadsheetText", """{"spreadsheetText":"TRIM"}""" },
        { "definition.fields[0].nullValues[0]", """{"zeroValues":["-"],"fields":[{"systemName":"f1","csvColumnName":"a","nullValues":["-"]}]}""" },
        { "definition.fields[0].zeroValues", """{"nullValues":["-"],"fields":[{"systemName":"f1","csvColumnName":"a","zeroValues":["-"]}]}""" },
        { "definition.fields[0].zeroValues", """{"fields":[{"systemName":"f0","csvColumnName":"a","zeroValues":["-"]}]}""" },
        { "definition.fields[0].nullValues[0]", """{"trueValues":["ja"],"fields":[{"systemName":"f4","csvColumnName":"a","nullValues":["ja"]}]}""" },
        { "definition.fields[0].normalize[0]", """{"fields":[{"systemName":"f0","csvColumnName":"a","normalize":["LOWER"]}]}""" },
        { "definition.fields[0].valueMap", """{"fields":[{"systemName":"f0","csvColumnName":"a","valueMap":["a"]}]}""" },
        { "definition.fields[0].valueMap.a", """{"fields":[{"systemName":"f0","csvColumnName":"a","valueMap":{"a":1}}]}""" },
        { "definition.fields[0].valueMap.a", """{"fields":[{"systemName":"f0","csvColumnName":"a","valueMap":{"a":""}}]}""" },
        { "definition.fields[0].valueMap.a", """{"fields":[{"systemName":"f0","csvColumnName":"a","valueMap":{"a":"b","a":"c"}}]}""" },
        { "definition.fields[0].valueMap.", """{"fields":[{"systemName":"f0","csvColumnName":"a","valueMap":{"":"b"}}]}""" },
        { "definition.fields[0].valueMap. ", """{"fields":[{"systemName":"f0","csvColumnName":"a","normalize":["TRIM"],"valueMap":{" ":"b"}}]}""" },
        { "definition.fields[0].valueMap.NA", """{"nullValues":["NA"],"fields":[{"systemName":"f0","csvColumnName":"a","valueMap":{"NA":"b"}}]}""" },
        { "definition.fields[0].valueMap.na", """{"nullValues":["NA"],"fields":[{"systemName":"f0","csvColumnName":"a","normalize":["UPPER"],"valueMap":{"na":"b"}}]}""" },
        { "definition.fields[0].valueMap.-", """{"zeroValues":["-"],"fields":[{"systemName":"f1","csvColumnName":"a","valueMap":{"-":"5"}}]}""" },
        { "definition.fields[0].valueMap.B", """{"fields":[{"systemName":"f0","csvColumnName":"a","normalize":["UPPER"],"valueMap":{"b":"1","B":"2"}}]}""" },
        { "definition.fields[0].valueMap.'5", """{"spreadsheetText":"UNWRAP","fields":[{"systemName":"f0","csvColumnName":"a","valueMap":{"5":"1","'5":"2"}}]}""" },
        { "definition.fields[0].valueMap.few", """{"fields":[{"systemName":"f1","csvColumnName":"a","valueMap":{"few":"three"}}]}""" },
        { "definition.quoteCharacter", """{"quoteCharacter":" "}""" },
        { "definition.quoteCharacter", """{"quoteCharacter":","}""" },
        { "definition.quoteCharacter", """{"quoteCharacter":"ab"}""" },
        { "definition.escapeCharacter", """{"escapeCharacter":","}""" },
        { "definition.escapeCharacter", """{"escapeCharacter":"\n"}""" },
        { "definition.fieldDelimiter", """{"fieldDelimiter":"\""}""" },
        { "definition.fieldDelimiter", """{"fieldDelimiter":"12345"}""" },
        { "definition.emptyRows", """{"emptyRows":"DROP"}""" },
        { "definition.skipFooterLines", """{"skipFooterLines":-1}""" },
        { "definition.maxRecordBytes", """{"maxRecordBytes":67108865}""" },
        { "definition.maxRecordBytes", """{"maxRecordBytes":1023}""" },
        { "definition.fields[0].columnIndex", """{"fields":[{"systemName":"f0","columnIndex":0}]}""" },
        { "definition.fields[0].columnIndex", """{"fields":[{"systemName":"f0","columnIndex":1,"csvColumnName":"a"}]}""" },
        { "definition.fields[1].columnIndex", """{"header":false,"columnCount":2,"fields":[{"systemName":"f0","columnIndex":2},{"systemName":"f9","columnIndex":3}]}""" },
    };

    [Theory]
    [MemberData(nameof(Beyond), DisableDiscoveryEnumeration = true)]
    public void What_cannot_be_saved_is_one_fault_where_it_stands(string path, string definition)
    {
        var fault = Assert.Single(Read(definition, new Limits()).Told);
        Assert.Equal(path, fault.Path);
        Assert.InRange(fault.Message.Length, 1, 400);
    }

    [Fact]
    public void All_marks_that_cannot_be_used_are_told_at_once() =>
        Assert.Equal(
            ["definition.escapeCharacter", "definition.fieldDelimiter", "definition.quoteCharacter"],
            Read("""{"quoteCharacter":" ","escapeCharacter":"\r","fieldDelimiter":""}""", new Limits()).Told.Select(fault => fault.Path).Order());

    [Theory]
    [InlineData("""{"trueValues":["Ja"],"falseValues":["ja"],"nullValues":["JA","0","n"]}""")]
    [InlineData("""{"trueValues":["1","1"],"nullValues":["-","-",""]}""")]
    [InlineData("""{"trueValues":["no"]}""")]
    [InlineData("""{"nullValues":["n","0.00","2024-01-01"]}""")]
    [InlineData("""{"zeroValues":["-"],"fields":[{"systemName":"f0","csvColumnName":"a","nullValues":["-"]}]}""")]
    [InlineData("""{"nullValues":["-"],"fields":[{"systemName":"f1","csvColumnName":"a","nullValues":[],"zeroValues":["-"]}]}""")]
    [InlineData("""{"nullValues":["NA"],"fields":[{"systemName":"f0","csvColumnName":"a","nullValues":[],"valueMap":{"NA":"Namibia","x":null}}]}""")]
    [InlineData("""{"nullValues":["NA"],"fields":[{"systemName":"f0","csvColumnName":"a","valueMap":{"Namibia":"NA"}}]}""")]
    [InlineData("""{"trailingMinus":true,"currencySymbol":["€","US$","$"]}""")]
    public void Words_that_are_told_apart_and_words_said_twice_are_taken(string definition) => Assert.Empty(Read(definition, new Limits()).Told);

    [Fact]
    public void As_much_as_is_allowed_is_taken()
    {
        var words = string.Join(',', Enumerable.Range(0, 1_000).Select(i => $"\"{i}{new string('x', 252)}\""));
        var fields = string.Join(',', Entity.Fields.Select((field, i) => $$"""{"systemName":"{{field.SystemName}}","csvColumnName":"{{i}}{{new string('c', 990)}}"}"""));
        Assert.Empty(Read($$"""{"nullValues":[{{words}}],"dateFormat":"yyyy-MM-dd{{new string('-', 245)}}","fields":[{{fields}}]}""", new Limits()).Told);
    }

    [Fact]
    public void Limits_are_what_the_options_say()
    {
        var limits = new Limits { Words = 2, WordCharacters = 3, PatternCharacters = 10, Faults = 2 };
        Assert.Empty(Read("""{"nullValues":["abc","b"],"dateFormat":"yyyy-MM-dd"}""", limits).Told);
        var faults = Read("""{"nullValues":["abcd","b"],"trueValues":["1","2","3"],"dateTimeFormat":"yyyy-MM-dd "}""", limits);
        Assert.Equal(3, faults.Count);
        Assert.Equal(2, faults.Told.Count);
        Assert.Equal("The request has 3 faults; the first 2 are listed.", RequestException.Invalid(faults).Message);
    }

    [Fact]
    public void Limits_do_not_apply_to_what_is_stored()
    {
        var definition = $$"""
            {
              "dateFormat": "yyyy-MM-dd{{new string('-', 400_000)}}", "nullValues": [{{Words(95_000)}}, "on"], "trueValues": ["on", "{{new string('w', 1_000)}}"], "falseValues": ["on"],
              "currencySymbol": "-", "decimalSeparator": "e", "fields": [{ "systemName": "f0", "csvColumnName": "{{new string('a', 5_000)}}", "defaultValue": "{{new string('d', 50_000)}}" }]
            }
            """;
        Assert.Empty(Read(definition, limits: null).Told);
        var stored = ImportDefinitionReader.Read($$"""{"entitySystemName":"e","definition":{{definition}}}""", Entity);
        Assert.Equal(95_001, stored.NullValues.Count);
        Assert.Equal(400_010, stored.DateFormat.ToString().Length);
    }

    [Fact]
    public void Faults_beyond_the_first_hundred_are_counted_and_cost_nothing()
    {
        var faults = Read("{" + string.Join(',', Enumerable.Range(0, 90_000).Select(i => $"\"m{i}\":1")) + "}", new Limits());
        Assert.Equal(90_000, faults.Count);
        Assert.Equal(100, faults.Told.Count);
        Assert.Equal("The request has 90000 faults; the first 100 are listed.", RequestException.Invalid(faults).Message);
        Assert.InRange(faults.Told.Sum(fault => fault.Path.Length + fault.Message.Length), 1, 60_000);
    }

    [Fact]
    public void A_value_is_repeated_by_its_beginning_only_and_no_character_is_cut_in_two()
    {
        var emoji = Repeat("\U0001F600", 300_000);
        foreach (var definition in (string[])[
            $$"""{"importMode":"a{{emoji}}"}""", $$"""{"a{{emoji}}":1}""", $$"""{"dryRun":"{{emoji}}"}""", $$"""{"skipLines":"{{emoji}}"}""",
            $$"""{"fields":[{"systemName":"a{{emoji}}","csvColumnName":"a"}]}""", $$"""{"encoding":"a{{emoji[..70]}}"}""",
            $$"""{"fields":[{"systemName":"f1","defaultValue":"a{{emoji[..8_000]}}"}]}""", $$"""{"dateFormat":"yyyy-qq{{emoji[..200]}}"}"""])
        {
            var fault = Assert.Single(Read(definition, new Limits()).Told);
            Assert.InRange(fault.Path.Length + fault.Message.Length, 1, 1_000);
            Assert.DoesNotContain("\uFFFD", string.Concat(fault.Path.EnumerateRunes()) + string.Concat(fault.Message.EnumerateRunes()), StringComparison.Ordinal);
        }
    }

    private static RequestFaults Read(string definition, Limits? limits)
    {
        using var document = JsonDocument.Parse($$"""{"entitySystemName":"e","definition":{{definition}}}""");
        var faults = new RequestFaults(limits);
        ImportDefinitionReader.Read(document.RootElement, Entity, faults, limits);
        return faults;
    }

    private static string Words(int count) => string.Join(',', Enumerable.Range(0, count).Select(i => $"\"w{i}\""));

    private static string Repeat(string text, int count) => string.Concat(Enumerable.Repeat(text, count));
}
