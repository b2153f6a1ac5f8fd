using System.Text;
using EntityImport.Access;
using EntityImport.Catalog;
using EntityImport.Csv;
using Xunit;

namespace EntityImport.Storage.Tests;

/// <summary>However much a file, a mapping or an entity has of something, an import says how it ended in a message of a bounded length.</summary>
public sealed class MessageTests
{
    [Fact]
    public async Task Many_missing_columns_beside_long_names_make_no_long_message()
    {
        const int Fields = 180;
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("w", $"[{{\"systemName\": \"k\", \"dataType\": \"INTEGER\", \"primaryKey\": true}}, {Join(i => $$"""{"systemName": "f{{i}}", "dataType": "STRING"}""")}]");
        var definition = $"{{\"fields\": [{{\"systemName\": \"k\", \"csvColumnName\": \"k\"}}, {Join(i => $$"""{"systemName": "f{{i}}", "csvColumnName": "q{{i}}"}""")}]}}";
        var header = "k," + string.Join(',', Enumerable.Range(0, 19).Select(i => new string((char)('a' + i), 50_000)));

        var import = await engine.ImportAsync("w", header + "\n1\n", definition);

        await AssertEndAsync(engine, import, EndCode.ColumnsMismatch, "Line 1: the mapped column 'q0' is missing. The columns are 'k', 'aaaa");
        Assert.Contains("the mapped column 'q7' is missing; ", import.Message, StringComparison.Ordinal);
        Assert.Matches("; and 1[0-9][0-9] more\\.$", import.Message);

        static string Join(Func<int, string> field) => string.Join(", ", Enumerable.Range(0, Fields).Select(field));
    }

    [Theory]
    [InlineData(300_000, "columns 1 and 2 and 3 and 4")]
    [InlineData(600_000, "the header cannot be read: it is longer than 1 MiB")]
    public async Task A_header_of_one_name_over_and_over_is_told_in_short(int columns, string message)
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("e", """[{"systemName": "a", "dataType": "STRING"}]""");

        var import = await engine.ImportAsync("e", string.Join(',', Enumerable.Repeat("a", columns)) + "\n1\n");

        await AssertEndAsync(engine, import, columns == 300_000 ? EndCode.ColumnsMismatch : EndCode.BadHeader, message);
    }

    [Theory]
    [InlineData("\"a\"b,c\n1,2\n", "text follows a closing quote")]
    [InlineData("\"a,b\n1,2\n", "a quote does not close within the file or 1 MiB")]
    [InlineData("LONG\n1\n", "it is longer than 1 MiB")]
    public async Task A_header_that_cannot_be_read_is_told_by_what_is_wrong_with_it(string csv, string message)
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("e", """[{"systemName": "a", "dataType": "STRING"}]""");

        var import = await engine.ImportAsync("e", csv.Replace("LONG", new string('a', CsvDialect.MaxRecordBytes + 1), StringComparison.Ordinal));

        await AssertEndAsync(engine, import, EndCode.BadHeader, $"Line 1: the header cannot be read: {message}. Expected the names of the columns.");
    }

    [Theory]
    [InlineData("{}", "no column has the name of a field of e. The fields are ")]
    [InlineData("LONG", "the mapped column '")]
    public async Task Names_from_file_and_mapping_are_cut_and_stay_on_one_line(string definition, string message)
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("e", $"[{string.Join(", ", Enumerable.Range(0, 900).Select(i => $$"""{"systemName": "field_with_a_long_name_{{i}}", "dataType": "STRING"}"""))}]");
        var faces = string.Concat(Enumerable.Repeat("\U0001F600", 10_000));
        var mapped = $$"""{"fields": [{"systemName": "field_with_a_long_name_1", "csvColumnName": "{{faces[..Limits.ColumnNameCharacters]}}"}]}""";

        var import = await engine.ImportAsync("e", $"\"forged\nline{faces}\",{faces}x\n1,2\n", definition == "LONG" ? mapped : definition);

        await AssertEndAsync(engine, import, EndCode.ColumnsMismatch, message);
        Assert.Contains("forged\\nline", import.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', import.Message!);
    }

    [Fact]
    public async Task A_mapping_that_no_longer_fits_is_told_in_short()
    {
        await using var engine = await Engine.StartAsync();
        var fields = Enumerable.Range(0, 300).Select(i => $$"""{"systemName": "f{{i}}", "dataType": "INTEGER"}""").ToList();
        await engine.DeclareAsync("e", $"[{string.Join(", ", fields)}]");
        var mapping = await engine.MapAsync("e", $"{{\"fields\": [{string.Join(", ", Enumerable.Range(0, 300).Select(i => $$"""{"systemName": "f{{i}}", "csvColumnName": "f{{i}}"}"""))}]}}");
        await engine.Import.Entities.DeleteAsync(Request.Anonymous, "e", force: true, TestContext.Current.CancellationToken);
        await engine.DeclareAsync("e", """[{"systemName": "other", "dataType": "INTEGER"}]""");

        var import = await engine.ImportAsync(mapping, "f0\n1\n"u8.ToArray());

        await AssertEndAsync(engine, import, EndCode.MappingOutdated, "e has no field 'f0'");
        Assert.Matches("and [0-9]+ more", import.Message);
    }

    [Fact]
    public async Task Warnings_stay_short_though_patterns_and_columns_are_long()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("e", """[{"systemName": "d", "dataType": "DATE"}]""");
        var column = new string('c', 1_000);
        var literal = new string('x', 240);
        var import = await engine.ImportAsync(
            "e", $"{column}\n03/04/2024{literal}\n", $$"""{"dateFormat": "dd/MM/yyyy'{{literal}}'", "fields": [{"systemName": "d", "csvColumnName": "{{column}}"}]}""");

        Assert.Equal(ImportState.Succeeded, import.State);
        var warning = Assert.Single(import.Warnings);
        Assert.Equal(column, warning.Column);
        Assert.InRange(warning.Message.Length, 1, Limits.MessageCharacters);
        Assert.InRange(warning.Reading!.Length, 1, Limits.ReasonCharacters);
    }

    private static async Task AssertEndAsync(Engine engine, Import import, string code, string message)
    {
        Assert.Equal((ImportState.Failed, true, code), (import.State, import.ClientError, import.Code));
        Assert.Contains(message, import.Message, StringComparison.Ordinal);
        Assert.InRange(import.Message!.Length, 1, Limits.MessageCharacters);
        Assert.Equal(import.Message, Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(import.Message)));
        Assert.Equal((import.Code, import.Message), ((await engine.FindKeptAsync(import.Id)).Code, (await engine.FindKeptAsync(import.Id)).Message));
    }
}
