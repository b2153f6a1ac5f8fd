using System.Text.Json;
using EntityImport.Catalog;
using EntityImport.Core.Tests;
using Xunit;

namespace EntityImport.Storage.Tests;

/// <summary>Files as people have sent them, each with the mapping that states what is in it, and with mappings that do not know: these are told what is wrong.</summary>
public sealed class FieldFileTests
{
    public static TheoryData<string, string, string, string[], string[]> Stated => new()
    {
        {
            "04-concatenated-bom-headers", "input.csv", "{}",
            ["A-1|Anchor|10.50|2024-01-05", "A-2|Bolt|2.00|2024-01-06", "A-3|Clamp|7.25|2024-01-07", "A-4|Drill|99.00|2024-02-01", "A-5|Eyelet|0.10|2024-02-02", "A-6|File|4.40|2024-03-01"],
            ["4 record.header", "7 record.header"]
        },
        {
            "04-concatenated-bom-headers", "input-bom-only.csv", "{}",
            ["A-1|Anchor|10.50|2024-01-05", "A-2|Bolt|2.00|2024-01-06", "A-3|Clamp|7.25|2024-01-07", "A-4|Drill|99.00|2024-02-01", "A-5|Eyelet|0.10|2024-02-02"], []
        },
        { "06-excel-sep-line", "input.csv", """{"fieldDelimiter": ";", "locale": "de-DE", "skipLines": 1}""", ["00123|1234.50|3", "00124|0.99|10", "00125|12.00|0"], [] },
        { "06-excel-sep-line", "input-bom.csv", """{"fieldDelimiter": ";", "locale": "de-DE", "skipLines": 1}""", ["00123|1234.50|3", "00124|0.99|10", "00125|12.00|0"], [] },
        {
            "23-inches-and-quotes", "input.csv", """{"multilineFields": false}""", ["M-1|3/4\" bolt|1.20", "M-5|fine \"quoted\", ok|6.00", "M-7|Plain|8.00", "M-8|20\"|9.00"],
            ["2 record.textAfterQuote", "3 record.textAfterQuote", "4 record.textAfterQuote", "6 record.unclosedQuote"]
        },
        { "29-trailing-delimiter", "input.csv", """{"fieldDelimiter": ";", "raggedRows": "FIT"}""", ["2018-09-13T00:00:00Z|1|418|0.00", "2018-09-13T00:01:00Z|0|395|1.50", "2018-09-13T00:02:00Z|1|401|2.25"], [] },
        { "29-trailing-delimiter", "input-header.csv", """{"fieldDelimiter": ";", "raggedRows": "FIT"}""", ["2018-09-13T00:00:00Z|1|418|0.00", "2018-09-13T00:01:00Z|0|395|1.50", "2018-09-13T00:02:00Z|1|401|2.25"], [] },
        { "29-trailing-delimiter", "input-both.csv", """{"fieldDelimiter": ";"}""", ["2018-09-13T00:00:00Z|1|418|0.00", "2018-09-13T00:01:00Z|0|395|1.50", "2018-09-13T00:02:00Z|1|401|2.25"], [] },
        {
            "30-title-lines-and-footer", "input.csv", """{"fieldDelimiter": ";", "dateFormat": "yyyy.MM.dd", "skipLines": 4, "skipFooterLines": 2}""",
            ["HU10-1|Transfer|40000|HUF|2018-03-29", "HU10-1|Card|-1250|HUF|2018-03-30", "HU10-1|Fee|-300|HUF|2018-03-31"], []
        },
        {
            "32-duplicate-headers", "input.csv",
            """{"fields": [{"systemName": "sku", "csvColumnName": "sku"}, {"systemName": "name", "columnIndex": 2}, {"systemName": "price", "columnIndex": 4}]}""",
            ["A|Alpha|2.00", "B|Beta|4.00"], []
        },
        { "34-comma-only-rows", "input.csv", """{"emptyRows": "SKIP"}""", ["Anchor|3|1.50", "Bolt|4|2.50"], [] },
        { "34-comma-only-rows", "input.csv", "{}", ["Anchor|3|1.50", "Bolt|4|2.50"], [.. Enumerable.Range(3, 20).Select(row => $"{row} record.empty")] },
    };

    public static TheoryData<string, string, string, string> Untold => new()
    {
        { "06-excel-sep-line", "input.csv", """{"fieldDelimiter": ";", "locale": "de-DE"}""", "Line 1 is 'sep=;', by which a spreadsheet is told the delimiter, and no header: expected skipLines 1." },
        { "06-excel-sep-line", "input-bom.csv", "{}", "Line 1 is 'sep=;', by which a spreadsheet is told the delimiter, and no header: expected skipLines 1 and fieldDelimiter ';'." },
        { "26-whole-row-quoted", "input.csv", "{}", "Line 1 is one column, 'Name,Family Name,Age': the whole line is in quotes, so the delimiters in it are text. Are all lines so? Then each has to lose its outer quotes." },
        { "30-title-lines-and-footer", "input.csv", """{"fieldDelimiter": ";", "dateFormat": "yyyy.MM.dd"}""", "Line 1 holds 'Account statement'; the names are in line 5: expected skipLines 4?" },
        { "29-trailing-delimiter", "input.csv", "{}", "Line 1 is one column, 'Timestamp;Event1;PM;F': is the delimiter ';', and not ','?" },
        { "32-duplicate-headers", "input.csv", "{}", "columns 3 and 4 have the same name 'price'; with fields that name columnIndex in place of csvColumnName, the mapping tells which of them is meant." },
        {
            "32-duplicate-headers", "input.csv", """{"fields": [{"systemName": "sku", "csvColumnName": "sku"}, {"systemName": "price", "csvColumnName": "price"}]}""",
            "Line 1: columns 3 and 4 have the same name 'price'; columnIndex in place of csvColumnName tells which of them is meant."
        },
        { "32-duplicate-headers", "input.csv", """{"fields": [{"systemName": "sku", "columnIndex": 5}]}""", "Line 1: the mapped column 5 is missing: there are 4 columns." },
    };

    [Theory]
    [MemberData(nameof(Stated))]
    public async Task What_is_good_goes_in_and_the_rest_is_rejected_alone(string folder, string file, string definition, string[] records, string[] rejected)
    {
        var (entity, fields, csv) = Read(folder, file);
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync(entity, fields);

        var import = await engine.ImportAsync(entity, csv, definition);

        Assert.True(import.State == ImportState.Succeeded, import.Message);
        Assert.Equal(records.Order(StringComparer.Ordinal), (await engine.RecordsAsync(entity)).Order(StringComparer.Ordinal));
        var rows = await engine.Import.RejectedRows.ReadAsync(Access.Request.Anonymous, import, null, 100, TestContext.Current.CancellationToken);
        Assert.Equal(rejected, rows.Rows.Select(row => $"{row.Row} {string.Join(' ', row.Reasons.Select(reason => reason.Code))}"));
    }

    [Theory]
    [MemberData(nameof(Untold))]
    public async Task A_mapping_that_does_not_fit_is_told_what_the_file_holds(string folder, string file, string definition, string message)
    {
        var (entity, fields, csv) = Read(folder, file);
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync(entity, fields);

        var import = await engine.ImportAsync(entity, csv, definition);

        Assert.Equal((ImportState.Failed, EndCode.ColumnsMismatch, true), (import.State, import.Code, import.ClientError));
        Assert.EndsWith(message, import.Message, StringComparison.Ordinal);
        Assert.Empty(await engine.RecordsAsync(entity));
    }

    [Fact]
    public async Task A_delimiter_at_the_end_of_each_row_is_told_as_such()
    {
        var (entity, fields, csv) = Read("29-trailing-delimiter", "input.csv");
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync(entity, fields);

        var import = await engine.ImportAsync(entity, csv, """{"fieldDelimiter": ";"}""");

        Assert.Equal(EndCode.NoGoodRows, import.Code);
        var rows = await engine.Import.RejectedRows.ReadAsync(Access.Request.Anonymous, import, null, 100, TestContext.Current.CancellationToken);
        Assert.Equal(3, rows.Rows.Count);
        Assert.All(rows.Rows, row => Assert.Equal(
            "the row has 5 fields, the header 4 columns; the last field is empty: a delimiter ends the row, which raggedRows FIT allows", Assert.Single(row.Reasons).Message));
    }

    [Fact]
    public async Task Broken_quotes_are_told_with_line_and_column_and_their_rows_go_in_once_corrected()
    {
        var (entity, fields, csv) = Read("23-inches-and-quotes", "input.csv");
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync(entity, fields);

        // By the rules of CSV alone the last broken row has a field of three lines; that these read like rows is all that can be told.
        var import = await engine.ImportAsync(entity, csv, "{}");
        Assert.Contains("M-6|never closed,7.00\r\nM-7,Plain,8.00\r\nM-8,20|9.00", await engine.RecordsAsync(entity));
        var warning = Assert.Single(import.Warnings);
        Assert.Equal(("quote.swallowed", 6L, 7L), (warning.Code, warning.Row, warning.Line));
        Assert.EndsWith("or state multilineFields false if no field of it has several lines, and import it again.", warning.Message, StringComparison.Ordinal);

        const string definition = """{"multilineFields": false}""";
        import = await engine.ImportAsync(entity, csv, definition);
        Assert.Empty(import.Warnings);
        var rows = await engine.Import.RejectedRows.ReadAsync(Access.Request.Anonymous, import, null, 100, TestContext.Current.CancellationToken);
        Assert.Equal(
            [
                "text follows the closing quote of the field that opened in line 3, column 5",
                "text follows the closing quote of the field that opened in line 4, column 5",
                "text follows the closing quote of the field that opened in line 5, column 5",
                "the quote that opened in line 7, column 5 does not close within its line, and multilineFields is false",
            ],
            rows.Rows.Select(row => Assert.Single(row.Reasons).Message));

        var corrected = (await engine.ErrorFileAsync(import)).Replace(",,,6,", "M-6,never closed,7.00,6,", StringComparison.Ordinal);
        Assert.Equal((1, 3), await BucketsAsync(corrected));
        Assert.Equal(
            ["M-1|3/4\" bolt|1.20", "M-5|fine \"quoted\", ok|6.00", "M-6|never closed|7.00", "M-7|Plain|8.00", "M-8|20\"|9.00"],
            (await engine.RecordsAsync(entity)).Order(StringComparer.Ordinal));

        async Task<(long Updated, long Rejected)> BucketsAsync(string file)
        {
            var ledger = (await engine.ImportAsync(entity, file, definition)).Ledger;
            return (ledger.Updated, ledger.Rejected);
        }
    }

    private static (string Entity, string Fields, byte[] Csv) Read(string folder, string file)
    {
        var path = SharedFiles.Find(Path.Combine("data", "field", folder, file));
        if (path is null) Assert.Skip($"The file data/field/{folder}/{file} is not beside the repository.");
        using var entity = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Path.GetDirectoryName(path)!, "entity.json")));
        return (entity.RootElement.GetProperty("systemName").GetString()!, entity.RootElement.GetProperty("fields").GetRawText(), File.ReadAllBytes(path));
    }
}
