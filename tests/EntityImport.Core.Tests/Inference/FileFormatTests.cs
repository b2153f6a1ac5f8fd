using System.Text;
using System.Text.Json;
using EntityImport.Entities;
using Xunit;

namespace EntityImport.Core.Tests.Inference;

public sealed class FileFormatTests
{
    [Theory]
    [InlineData("a,b\n1,\"x;y;z\"\n2,z", ",")]
    [InlineData("a;b\n1,5;x\n2,5;y", ";")]
    [InlineData("a\tb\n1\tx,y", "\\t")]
    [InlineData("a|b\n1|2", "|")]
    [InlineData("a\n1\n2", ",")]
    public void The_delimiter_is_the_one_that_splits_evenly(string csv, string delimiter) =>
        Assert.Equal(delimiter, Inferring.From(csv).Definition().Text("fieldDelimiter"));

    [Fact]
    public void A_stated_delimiter_stays() =>
        Assert.Equal(",", Inferring.From("a;b\n1;2", """{"fieldDelimiter":","}""").Definition().Text("fieldDelimiter"));

    [Theory]
    [InlineData("utf-16")]
    [InlineData("utf-16BE")]
    [InlineData("utf-8")]
    public void A_byte_order_mark_tells_the_encoding(string name)
    {
        var encoding = Encoding.GetEncoding(name);

        var schema = Inferring.From([.. encoding.GetPreamble(), .. encoding.GetBytes("größe,b\n1,ü\n")]);

        Assert.Equal("größe", schema.Columns[0].CsvColumnName);
        Assert.Equal(encoding.WebName, schema.Format.Encoding, ignoreCase: true);
    }

    [Fact]
    public void A_decimal_comma_is_found_and_named_in_the_mapping()
    {
        var schema = Inferring.From("id;price;share\nA;1.234,56;12,5%\nB;7;3%\n");

        Assert.Equal(",", schema.Definition().Text("decimalSeparator"));
        Assert.Equal(".", schema.Definition().Text("groupingSeparator"));
        Assert.Equal(2, schema.Field("price").Scale);
        Assert.Equal(DataType.Percent, schema.Field("share").DataType);
    }

    [Fact]
    public void Separators_of_the_stated_locale_need_no_naming()
    {
        var schema = Inferring.From("id;price\nA;1.234,56\n", """{"locale":"de-DE"}""");

        Assert.Equal(DataType.Decimal, schema.Field("price").DataType);
        Assert.Null(schema.Definition().Text("decimalSeparator"));
    }

    [Fact]
    public void What_is_decimal_or_grouping_follows_the_column_that_shows_it()
    {
        var schema = Inferring.From("id;a;b\nx;1.234;1.234,5\n");

        Assert.Equal(DataType.Integer, schema.Field("a").DataType);
    }

    [Fact]
    public void A_foreign_currency_symbol_is_named_in_the_mapping()
    {
        var schema = Inferring.From("id;price\nA;€ 5.20\nB;€ 7.00\n");

        Assert.Equal("€", schema.Definition().Text("currencySymbol"));
        Assert.Equal(DataType.Currency, schema.Field("price").DataType);
    }

    [Theory]
    [InlineData("en-US", "MM/dd/yyyy")]
    [InlineData("en-GB", "dd/MM/yyyy")]
    [InlineData("de", "dd/MM/yyyy")]
    public void Dates_that_can_be_read_both_ways_follow_the_locale_and_say_so(string locale, string pattern)
    {
        var schema = Inferring.From("id,day\nA,01/02/2024\nB,03/04/2024\n", $$"""{"locale":"{{locale}}"}""");

        Assert.Equal(pattern, schema.Definition().Text("dateFormat"));
        Assert.Contains("ambiguous", schema.Columns[1].Why, StringComparison.Ordinal);
    }

    [Fact]
    public void Dates_that_can_be_read_both_ways_follow_a_column_that_cannot()
    {
        var schema = Inferring.From("id,from,to\nA,01/02/2024,31/02/2024\n".Replace("31/02", "31/03", StringComparison.Ordinal));

        Assert.Equal("dd/MM/yyyy", schema.Definition().Text("dateFormat"));
        Assert.Contains("as in column 'to'", schema.Columns[1].Why, StringComparison.Ordinal);
    }

    [Fact]
    public void Columns_with_different_patterns_have_their_own_formats()
    {
        var schema = Inferring.From("id,a,b,c\nA,2024-01-31,2024-02-01,31.01.2024\n");

        Assert.Equal("yyyy-MM-dd", schema.Definition().Text("dateFormat"));
        Assert.Equal("dd.MM.yyyy", schema.Definition().GetProperty("fields")[3].Text("format"));
    }

    [Fact]
    public void A_word_for_null_that_alone_keeps_a_column_from_its_type_is_named_in_the_mapping()
    {
        var schema = Inferring.From("id,count,text\nA,NULL,NULL\nB,5,x\n");

        Assert.Equal(["NULL"], schema.Definition().GetProperty("nullValues").EnumerateArray().Select(value => value.GetString()));
        Assert.Equal(DataType.Integer, schema.Field("count").DataType);
        Assert.Contains("1 × 'NULL' read as null", schema.Columns[2].Why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_word_for_null_among_texts_stays_text()
    {
        var schema = Inferring.From("id,text\nA,N/A\nB,x\n");

        Assert.False(schema.Definition().TryGetProperty("nullValues", out _));
        Assert.Contains("kept as text", schema.Columns[1].Why, StringComparison.Ordinal);
    }

    [Fact]
    public void Words_that_the_import_does_not_know_are_named_in_the_mapping()
    {
        var definition = Inferring.From("id;active\nA;wahr\nB;falsch\n").Definition();

        Assert.Equal(["wahr"], definition.GetProperty("trueValues").EnumerateArray().Select(value => value.GetString()));
        Assert.Equal(["falsch"], definition.GetProperty("falseValues").EnumerateArray().Select(value => value.GetString()));
    }

    [Fact]
    public void Without_a_header_columns_are_numbered()
    {
        var schema = Inferring.From("1,x\n2,y\n", """{"header":false}""");

        Assert.Equal(2, schema.Definition().GetProperty("columnCount").GetInt32());
        Assert.Equal(["column_1", "column_2"], schema.Entity.Fields.Select(field => field.SystemName));
        Assert.Equal(2, schema.Columns[0].Rows);
    }

    [Fact]
    public void Records_with_other_numbers_of_fields_are_not_judged_but_counted()
    {
        var schema = Inferring.From("id,n\n1,2\n2,3,x\n3\n4,5\n");

        Assert.Equal((4, 2), (schema.Format.Records, schema.Format.UnreadableRecords));
        Assert.Equal(DataType.Integer, schema.Field("n").DataType);
    }

    [Fact]
    public void The_record_that_a_partial_sample_ends_in_is_not_judged()
    {
        var request = Inferring.Request(Encoding.UTF8.GetBytes("id,day\n1,2024-01-31\n2,2024-0")) with { IsWholeFile = false };

        var schema = EntityImport.Inference.SchemaInference.Infer(request, TestContext.Current.CancellationToken);

        Assert.Equal(1, schema.Format.Records);
        Assert.Equal(DataType.Date, schema.Field("day").DataType);
    }

    [Fact]
    public void The_header_once_more_empty_rows_byte_order_marks_and_what_ends_the_file_make_no_type_wrong()
    {
        var schema = Inferring.From("id,day\n1,2024-01-31\n,\n\uFEFFid,day\n\uFEFF2,2024-02-01\n\u001A\n");

        Assert.Equal((DataType.Integer, DataType.Date), (schema.Field("id").DataType, schema.Field("day").DataType));
        Assert.True(schema.Field("id").PrimaryKey);
        Assert.Equal((4, 2), (schema.Format.Records, schema.Format.UnreadableRecords));
    }

    [Fact]
    public void A_stated_footer_makes_no_type_wrong_and_an_error_file_has_none()
    {
        Assert.Equal(DataType.Integer, Inferring.From("id,n\n1,2\n3,4\n\nTotal,x\n", """{"skipFooterLines": 2}""").Field("n").DataType);
        Assert.Equal(2, Inferring.From("id,errorRow,errorLine,errorReasons\n1,1,2,x\n3,2,3,x\n", """{"skipFooterLines": 2}""").Format.Records);
    }

    [Fact]
    public void A_stated_field_may_tell_its_column_by_its_place()
    {
        var schema = Inferring.From("id,,n\n1,2024-01-31,5\n", """{"fields": [{"systemName": "day", "columnIndex": 2}, {"systemName": "n", "csvColumnName": "n"}]}""");

        Assert.Equal((DataType.Date, DataType.Integer), (schema.Field("day").DataType, schema.Field("n").DataType));
        Assert.Equal("""[{"systemName":"day","columnIndex":2},{"systemName":"n","csvColumnName":"n"}]""", schema.Definition().GetProperty("fields").GetRawText());
        var refused = Assert.Throws<RequestException>(() => Inferring.From("a,b\n1,2\n", """{"fields": [{"systemName": "c", "columnIndex": 3}]}"""));
        Assert.Equal("definition.fields[0].columnIndex", Assert.Single(refused.Faults).Path);
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("\n\n", "empty")]
    [InlineData("a,a\n1,2", "Line 1: columns 1 and 2 have the same name 'a'. Expected different names.")]
    [InlineData("\"a,b\n1,2", "Line 1: the header cannot be read: a quote does not close")]
    public void A_sample_without_usable_columns_is_refused(string csv, string reason)
    {
        var exception = Assert.Throws<RequestException>(() => Inferring.From(csv));

        Assert.Equal(FaultKind.Invalid, exception.Kind);
        Assert.Contains(reason, exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"locale":"xx-YY"}""", "definition.locale")]
    [InlineData("""{"fieldDelimeter":";"}""", "definition.fieldDelimeter")]
    [InlineData("""{"fields":[{"systemName":"x","csvColumnName":"missing"}]}""", "definition.fields[0].csvColumnName")]
    [InlineData("[]", "definition")]
    public void A_bad_definition_is_refused_with_its_path(string definition, string path)
    {
        var exception = Assert.Throws<RequestException>(() => Inferring.From("a,b\n1,2\n", definition));

        Assert.Contains(exception.Faults, fault => fault.Path == path);
    }

    [Fact]
    public void Everything_that_was_stated_is_in_the_mapping_unchanged()
    {
        const string Stated = """{"importMode":"REPLACE","nullValues":["-"],"dateFormat":"dd.MM.yyyy","fields":[{"systemName":"n","csvColumnName":"b","defaultValue":"7"}]}""";

        var schema = Inferring.From("a,b\n1,2\n2,-\n", Stated);

        using var stated = JsonDocument.Parse(Stated);
        foreach (var member in stated.RootElement.EnumerateObject())
            Assert.True(JsonElement.DeepEquals(member.Value, schema.Definition().GetProperty(member.Name)), member.Name);
        Assert.Equal(["n"], schema.Entity.Fields.Select(field => field.SystemName));
    }
}
