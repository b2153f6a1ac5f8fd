using EntityImport.Catalog;
using EntityImport.Core.Tests;
using Xunit;

namespace EntityImport.Storage.Tests;

/// <summary>What a mapping has done to texts before they are converted, in whole imports: files as people sent them, keys, other readings, and what rejected rows say.</summary>
public sealed class TextRuleTests
{
    private static async Task<byte[]> ReadFieldCaseAsync(string name)
    {
        var file = SharedFiles.Find(Path.Combine("data", "field", name, "input.csv"));
        if (file is null) Assert.Skip($"The file data/field/{name}/input.csv is not beside the repository.");
        return await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
    }

    private static async Task<(string[] Records, string ErrorFile, Import Import)> ImportAsync(string fields, byte[] csv, string definition)
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("t", fields);
        var import = await engine.ImportAsync("t", csv, definition);
        return (await engine.RecordsAsync("t"), await engine.ErrorFileAsync(import), import);
    }

    private static Task<(string[] Records, string ErrorFile, Import Import)> ImportAsync(string fields, string csv, string definition) =>
        ImportAsync(fields, System.Text.Encoding.UTF8.GetBytes(csv), definition);

    [Fact]
    public async Task A_list_of_SAP_goes_in_with_its_minus_signs_behind()
    {
        var (records, _, import) = await ImportAsync(
            """
            [{"systemName": "material", "dataType": "STRING", "primaryKey": true}, {"systemName": "datum", "dataType": "DATE"},
             {"systemName": "betrag", "dataType": "CURRENCY", "precision": 14, "scale": 2}, {"systemName": "menge", "dataType": "DECIMAL", "precision": 14, "scale": 3}]
            """,
            await ReadFieldCaseAsync("09-sap-trailing-minus"),
            """
            {"fieldDelimiter": "\\t", "locale": "de-DE", "dateFormat": "dd.MM.yyyy", "nullValues": ["00.00.0000"], "trailingMinus": true,
             "fields": [{"systemName": "material", "csvColumnName": "Material"}, {"systemName": "datum", "csvColumnName": "Buch.Datum"},
                        {"systemName": "betrag", "csvColumnName": "Betrag Hauswähr"}, {"systemName": "menge", "csvColumnName": "Menge"}]}
            """);
        Assert.Equal(
            ["000000000000100012|2023-12-31|-1234.56|-10.000", "000000000000100013|2024-01-01|1234.56|5.000", "000000000000100014|∅|0.00|1.000", "000000000000100015|2024-01-15|-12.10|-0.500"],
            records);
        Assert.Empty(import.Warnings);
    }

    [Fact]
    public async Task Accounting_cells_go_in_and_what_is_no_number_says_why()
    {
        const string Fields = """
            [{"systemName": "account", "dataType": "STRING", "primaryKey": true}, {"systemName": "amount", "dataType": "CURRENCY", "precision": 14, "scale": 2},
             {"systemName": "margin", "dataType": "PERCENT", "precision": 9, "scale": 5}, {"systemName": "variance", "dataType": "DECIMAL", "precision": 14, "scale": 2}]
            """;
        var csv = await ReadFieldCaseAsync("10-accounting-formats");
        var (records, errors, _) = await ImportAsync(Fields, csv, """{"zeroValues": ["-"]}""");
        Assert.Equal(["COGS|-987.65|-0.03250|-987.65", "Revenue|1234.56|0.12500|1234.56", "Rounding|0.00|0.00000|0.00"], records);
        // The row stands as it is in the file, and the reason shows what was read.
        Assert.EndsWith("Other,\" $(1,000.00)\",(1.5%),\" $ 5.00 \",4,5,\"amount: not a number of this format; the symbol stands outside of the parentheses ($(1,000.00))\"\r\n", errors, StringComparison.Ordinal);

        (records, errors, _) = await ImportAsync(Fields, csv, "{}");
        Assert.Equal(2, records.Length);
        Assert.Contains("amount: not a number of this format; if a dash stands for zero in this file, zeroValues says so ($ -); variance: not a number of this format; if a dash stands for zero in this file, zeroValues says so (-)", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_are_compared_once_they_are_normalized()
    {
        const string Fields = """
            [{"systemName": "sku", "dataType": "STRING", "primaryKey": true}, {"systemName": "name", "dataType": "STRING"}, {"systemName": "stock", "dataType": "INTEGER"}]
            """;
        var csv = await ReadFieldCaseAsync("39-keys-invisible-characters");
        const string Columns = """{"systemName": "name", "csvColumnName": "name"}, {"systemName": "stock", "csvColumnName": "stock"}""";
        var (records, _, import) = await ImportAsync(Fields, csv, $$"""{"fields": [{"systemName": "sku", "csvColumnName": "sku", "normalize": ["TRIM", "INVISIBLE"]}, {{Columns}}]}""");
        Assert.Equal(["SKU-1|zero width space|5", "sku-1|lower case|6"], records);
        Assert.Equal(4, import.Ledger.Superseded);

        (records, _, import) = await ImportAsync(Fields, csv, $$"""{"fields": [{"systemName": "sku", "csvColumnName": "sku", "normalize": ["TRIM", "INVISIBLE", "UPPER"]}, {{Columns}}]}""");
        Assert.Equal(["SKU-1|lower case|6"], records);

        (records, var errors, _) = await ImportAsync(Fields, csv, $$"""{"importMode": "INSERT", "fields": [{"systemName": "sku", "csvColumnName": "sku", "normalize": ["TRIM"]}, {{Columns}}]}""");
        Assert.Equal(["SKU-1|plain|1", "SKU-1\u200B|zero width space|5", "sku-1|lower case|6"], records);
        Assert.Contains("\"SKU-1 \",quoted trailing space,2,2,3,sku: the key came already in row 1 (SKU-1)", errors, StringComparison.Ordinal);
        Assert.Contains("SKU-1\u00A0,no-break space,4,4,5,sku: the key came already in row 1 (SKU-1)", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_that_meet_records_are_normalized_too_however_long_their_rows_are()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("t", """
            [{"systemName": "sku", "dataType": "STRING", "primaryKey": true}, {"systemName": "name", "dataType": "STRING"}, {"systemName": "note", "dataType": "STRING"}]
            """);
        const string Definition = """
            {"fields": [{"systemName": "sku", "csvColumnName": "sku", "normalize": ["TRIM", "NFC"]}, {"systemName": "name", "csvColumnName": "name", "valueMap": {"-": null, "x": "the letter x"}},
                        {"systemName": "note", "csvColumnName": "note"}]}
            """;
        var note = new string('n', 20_000);
        await engine.ImportAsync("t", $"sku,name,note\ncaf\u00E9,-,{note}\nb,x,1\n", Definition);
        var import = await engine.ImportAsync("t", $"sku,name,note\n\" cafe\u0301 \",second,{note}\nb ,x,1\nc,-,2\n", Definition);
        Assert.Equal((1, 1, 1), (import.Ledger.Inserted, import.Ledger.Updated, import.Ledger.Unchanged));
        Assert.Equal(["b|the letter x|1", "c|∅|2", $"caf\u00E9|second|{note}"], await engine.RecordsAsync("t"));
    }

    [Fact]
    public async Task Namibia_stays_in_one_column_while_NA_is_null_in_another()
    {
        var (records, _, import) = await ImportAsync(
            """
            [{"systemName": "id", "dataType": "INTEGER", "primaryKey": true}, {"systemName": "country", "dataType": "STRING", "length": 2}, {"systemName": "flag", "dataType": "BOOLEAN"},
             {"systemName": "speed", "dataType": "INTEGER"}, {"systemName": "share", "dataType": "DECIMAL", "precision": 6, "scale": 2}, {"systemName": "origin", "dataType": "STRING"}]
            """,
            await ReadFieldCaseAsync("46-na-values"),
            """
            {"nullValues": ["NA", "N/A", "#N/A", "NULL", "-"],
             "fields": [{"systemName": "id", "csvColumnName": "id"}, {"systemName": "country", "csvColumnName": "country", "nullValues": []}, {"systemName": "flag", "csvColumnName": "flag"},
                        {"systemName": "speed", "csvColumnName": "speed"}, {"systemName": "share", "csvColumnName": "share"}, {"systemName": "origin", "csvColumnName": "origin", "valueMap": {"NO": "Norway"}}]}
            """);
        Assert.Equal(0, import.Ledger.Rejected);
        Assert.Equal(
            [
                "1|NA|true|10|1.50|Norway", "2|NO|false|∅|∅|Norway", "3|DE|true|30|∅|Norway", "4|ON|false|∅|2.50|Norway", "5|NL|true|50|∅|Norway", "6|∅|false|60|3.50|Norway",
            ],
            records);
    }

    [Fact]
    public async Task Rejected_rows_keep_what_stands_in_the_file_and_reasons_show_what_was_read()
    {
        var (records, errors, _) = await ImportAsync(
            """
            [{"systemName": "id", "dataType": "STRING", "primaryKey": true}, {"systemName": "code", "dataType": "STRING", "length": 3}, {"systemName": "n", "dataType": "INTEGER"}, {"systemName": "on", "dataType": "BOOLEAN", "required": true}]
            """,
            "id,code,n,on\n=\"001\",'123,'-4,ja\n'2,\"=\"\"12345\"\"\",'x,maybe\n3,a,1,weiß nicht\n",
            """
            {"spreadsheetText": "UNWRAP",
             "fields": [{"systemName": "id", "csvColumnName": "id"}, {"systemName": "code", "csvColumnName": "code"}, {"systemName": "n", "csvColumnName": "n"},
                        {"systemName": "on", "csvColumnName": "on", "valueMap": {"ja": "true", "weiß nicht": null}}]}
            """);
        Assert.Equal(["001|123|-4|true"], records);
        Assert.Equal(
            """"
            id,code,n,on,errorRow,errorLine,errorReasons
            '2,"=""12345""",'x,maybe,2,3,"code: longer than 3 characters; it has 5 (12345); n: not a number of this format; expected a whole number like 12,345 ('x); on: neither true nor false; expected one of true, yes, y, t, 1, on for true, false, no, n, f, 0, off for false (maybe)"
            3,a,1,weiß nicht,3,4,"on: is empty, but it is required (weiß nicht)"

            """".ReplaceLineEndings("\n"),
            errors);
    }

    [Fact]
    public async Task Another_reading_is_compared_with_what_was_read()
    {
        const string Fields = """[{"systemName": "id", "dataType": "INTEGER", "primaryKey": true}, {"systemName": "n", "dataType": "DECIMAL", "precision": 18, "scale": 4}]""";
        const string Csv = "id|n\n1|1,234-\n2|few\n3|-\n4|€ 2,345\n5|$ 7\n";
        const string Definition = """
            {"fieldDelimiter": "|", "trailingMinus": true, "zeroValues": ["-"], "currencySymbol": ["$", "€"],
             "fields": [{"systemName": "id", "csvColumnName": "id"}, {"systemName": "n", "csvColumnName": "n", "valueMap": {"few": "3"}}]}
            """;
        var (records, _, import) = await ImportAsync(Fields, Csv, Definition);
        Assert.Equal(["1|-1234.0000", "2|3.0000", "3|0.0000", "4|2345.0000", "5|7.0000"], records);
        var warning = Assert.Single(import.Warnings);
        Assert.Equal((5, 2, "1,234-", "-1234", "-1.234"), (warning.Values, warning.Differing, warning.Example!.Value, warning.Example.Reading, warning.Example.OtherReading));

        // A value that the other reading refuses refutes it, also where it is one that another stands for.
        (_, _, import) = await ImportAsync(Fields, Csv, Definition.Replace("\"3\"", "\"1,234.5\"", StringComparison.Ordinal));
        Assert.Empty(import.Warnings);
    }
}
