using System.Globalization;
using System.Text;
using EntityImport.Access;
using EntityImport.Catalog;
using EntityImport.Csv;
using EntityImport.Mappings;
using Xunit;

namespace EntityImport.Storage.Tests;

/// <summary>A safe copy of an error file: nothing in it is a formula, wherever a spreadsheet has cells begin, and it comes back as what it stands for.</summary>
public sealed class SafeCopyTests
{
    /// <summary>Texts that are formulas, or are after a cut, or would be changed by a spreadsheet, or look like those that are protected.</summary>
    internal static IReadOnlyList<string> HostileTexts { get; } =
    [
        "=1+1", "+1+1", "-1+1", "-5", "@SUM(1)", "=HYPERLINK(\"http://127.0.0.1/\";\"x\")", "=cmd|' /C calc'!A0", "=1+1\"", "\t=1+1", "\tx", "\n=1+1", "\r=1+1", "a\r\n=1+1", " =1+1", "\"=1+1\"", "'=1+1", "' =1+1",
        "a;=1+1", "a,=1+1", "a\t=1+1", "a|=1+1", "a:=1+1", "a =1+1", "a;\"=1+1\"", "a;' =1+1", "a,\"\"=1+1", ";=1+1", "a\n=1+1", "a\n\"=1+1", "a\"\n=1+1,b", "sep=;\n=1+1", "\u00A0=1+1", "a§=1+1",
        "`", "``", "`x", "``x", "`=1+1", "``=1+1", "a`=1+1", "a``-b", "`a`=b`", "`x003D", "a-`x0041 `", "=``x", "-`x`\r`x", "=`", "=1`", "`\n`=1", "a ` = b",
        "00123", "1E5", "12345678901234567", "1.50", "1,5", "1/2", "2024-01-31", "31.12.2024", "12:30", "5 March 2024", "5 %", "true", "FALSE", "007", "+49 170 123", "'s-Hertogenbosch",
        " x ", "it's", "3/4\" bolt", "a\\", "\\=1", "\\\"", "a;b", "a,b", "x\ny", "foo@example.com", "a-b", "bolt", "42", "0", "Ünïcödé – =1",
    ];

    private static IReadOnlyList<string> WideTexts { get; } = ["＝1+1", "＋1", "－1", "＠SUM(1)", "a;＝1+1", "﹦1", "１２", "`＝1", "日本＝1", "😀=1"];

    private const string Note = """
        [{"systemName": "id", "dataType": "INTEGER", "primaryKey": true}, {"systemName": "text", "dataType": "STRING"}, {"systemName": "number", "dataType": "INTEGER"}]
        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{"fieldDelimiter": ";"}""")]
    [InlineData("""{"fieldDelimiter": "\\t"}""")]
    [InlineData("""{"fieldDelimiter": "|"}""")]
    [InlineData("""{"fieldDelimiter": "||"}""")]
    [InlineData("""{"fieldDelimiter": "="}""")]
    [InlineData("""{"fieldDelimiter": "-", "quoteCharacter": "+"}""")]
    [InlineData("""{"fieldDelimiter": "`"}""")]
    [InlineData("""{"quoteCharacter": "`"}""")]
    [InlineData("""{"quoteCharacter": "="}""")]
    [InlineData("""{"quoteCharacter": "'"}""")]
    [InlineData("""{"quoteCharacter": "'", "fieldDelimiter": "\""}""")]
    [InlineData("""{"escapeCharacter": "\\"}""")]
    [InlineData("""{"quoteCharacter": "'", "escapeCharacter": "="}""")]
    [InlineData("""{"ignoreSurroundingSpaces": false}""")]
    [InlineData("""{"skipLines": 3}""")]
    [InlineData("""{"encoding": "UTF-16LE"}""")]
    [InlineData("""{"encoding": "windows-1252", "fieldDelimiter": ";"}""")]
    [InlineData("""{"header": false, "fields": [{"systemName": "id", "csvColumnName": "1"}, {"systemName": "text", "csvColumnName": "2"}, {"systemName": "number", "csvColumnName": "3"}]}""")]
    [InlineData("""{"fields": [{"systemName": "id", "csvColumnName": "=id"}, {"systemName": "text", "csvColumnName": "`te,xt;=1"}, {"systemName": "number", "csvColumnName": "number"}]}""")]
    public async Task Every_text_comes_back_as_it_was_and_no_cell_of_it_is_a_formula(string definition)
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("note", Note);
        var mapping = await engine.MapAsync("note", definition);
        var file = await FileAsync(engine, mapping);
        var first = await engine.ImportAsync(mapping, file.Bytes);
        Assert.Equal(new Ledger { Records = file.Texts.Count, Rejected = file.Texts.Count }, first.Ledger);

        var copy = await engine.ErrorFileBytesAsync(first, forSpreadsheets: true);
        AssertHasNoFormula(file.Encoding.GetString(copy));
        var again = await engine.ImportAsync(mapping, file.Encoding.GetBytes(Corrected(file.Encoding.GetString(copy))));

        Assert.Equal(new Ledger { Records = file.Texts.Count, Inserted = file.Texts.Count }, again.Ledger);
        Assert.Equal(file.Texts.Select((text, i) => string.Create(CultureInfo.InvariantCulture, $"{i + 1}|{text}|7")), await engine.RecordsAsync("note"));
    }

    [Theory]
    [InlineData("""{"quoteCharacter": "'", "fieldDelimiter": "||"}""")]
    [InlineData("""{"encoding": "windows-1252"}""")]
    [InlineData("""{"header": false, "fields": [{"systemName": "id", "csvColumnName": "1"}, {"systemName": "text", "csvColumnName": "2"}, {"systemName": "number", "csvColumnName": "3"}]}""")]
    public async Task The_error_file_of_a_safe_copy_is_that_of_the_file_itself(string definition)
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("note", Note);
        var mapping = await engine.MapAsync("note", definition);
        var file = await FileAsync(engine, mapping);
        var first = await engine.ImportAsync(mapping, file.Bytes);
        var again = await engine.ImportAsync(mapping, await engine.ErrorFileBytesAsync(first, forSpreadsheets: true));
        Assert.Equal(await RowsAsync(engine, first), await RowsAsync(engine, again));
    }

    [Fact]
    public async Task A_text_typed_in_place_of_a_protected_one_is_taken_as_it_was_typed()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("note", Note);
        var mapping = await engine.MapAsync("note", "{}");
        var copy = await SafeCopyAsync(engine, mapping, "id,text,number\n1,=a,bad\n2,=b,bad\n3,c,bad\n4,=d,bad\n");
        var corrected = Corrected(copy)
            .Replace("\n1,`=a,", "\n1,=typed,", StringComparison.Ordinal)
            .Replace("\n2,`=b,", "\n2,`typed,", StringComparison.Ordinal)
            .Replace("\n3,c,", "\n3,a`-b,", StringComparison.Ordinal);
        Assert.Equal(ImportState.Succeeded, (await engine.ImportAsync(mapping, Encoding.UTF8.GetBytes(corrected))).State);
        Assert.Equal(["1|=typed|7", "2|typed|7", "3|a`-b|7", "4|=d|7"], await engine.RecordsAsync("note"));
    }

    [Theory]
    [InlineData(";")]
    [InlineData("\t")]
    public async Task A_copy_that_a_spreadsheet_saved_with_its_own_delimiter_comes_back(string delimiter)
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("note", Note);
        var mapping = await engine.MapAsync("note", "{}");
        var copy = await SafeCopyAsync(engine, mapping, "id,text,number\n1,-5,bad\n2,00123,bad\n");
        var saved = Corrected(copy).Replace(",", delimiter, StringComparison.Ordinal).Replace("\n", "\r\n", StringComparison.Ordinal);
        Assert.Equal(new Ledger { Records = 2, Inserted = 2 }, (await engine.ImportAsync(mapping, Encoding.UTF8.GetBytes(saved))).Ledger);
        Assert.Equal(["1|-5|7", "2|00123|7"], await engine.RecordsAsync("note"));
    }

    [Fact]
    public async Task A_copy_without_its_mark_is_refused_instead_of_taken_for_values()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("note", Note);
        var mapping = await engine.MapAsync("note", "{}");
        var copy = Corrected(await SafeCopyAsync(engine, mapping, "id,text,number\n1,-5,bad\n"));
        var columns = string.Join('\n', copy.Split('\n').Select(line => string.Join(',', line.Split(',').Take(3))));
        foreach (var changed in new[] { columns, copy.Replace(",errorSafe", "", StringComparison.Ordinal), copy.Replace("errorReasons", "reasons", StringComparison.Ordinal) })
        {
            var again = await engine.ImportAsync(mapping, Encoding.UTF8.GetBytes(changed));
            Assert.Equal((ImportState.Failed, EndCode.ColumnsMismatch), (again.State, again.Code));
        }

        Assert.Empty(await engine.RecordsAsync("note"));
    }

    [Theory]
    [InlineData("id,text,number,errorSafe\n1,`=a,7,spreadsheet\n")]
    [InlineData("id,text,number,errorRow,errorLine,errorReasons,errorRecord,errorSafe\n1,`=a,7,1,2,,,spreadsheet\n")]
    [InlineData("id,text,number,errorRow,errorLine,errorReasons,errorRecord\n1,`=a,7,1,2,,\n")]
    [InlineData("`id,id,text,number,errorRow,errorLine,errorReasons,errorRecord,errorSafe\n,1,`=a,7,1,2,,,spreadsheet\n")]
    public async Task A_file_that_only_has_columns_of_these_names_is_read_as_it_is(string csv)
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("note", Note);
        Assert.Equal(new Ledger { Records = 1, Inserted = 1 }, (await engine.ImportAsync("note", csv)).Ledger);
        Assert.Equal(["1|`=a|7"], await engine.RecordsAsync("note"));
    }

    [Theory]
    [InlineData("{}", "\"=x\"y,00123")]
    [InlineData("""{"quoteCharacter": "'"}""", "'=x'y,00123")]
    public async Task A_row_that_has_no_columns_is_rejected_again_with_its_text(string definition, string row)
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("note", Note);
        var mapping = await engine.MapAsync("note", definition);
        var first = await engine.ImportAsync(mapping, Encoding.UTF8.GetBytes($"id,text,number\n{row}\n"));
        var copy = await engine.ErrorFileBytesAsync(first, forSpreadsheets: true);
        AssertHasNoFormula(Encoding.UTF8.GetString(copy));
        var again = await engine.ImportAsync(mapping, copy);
        var rejected = Assert.Single((await engine.Import.RejectedRows.ReadAsync(Request.Anonymous, again, null, 10, Token)).Rows);
        Assert.Equal(("record.uncorrected", row), (rejected.Reasons[0].Code, rejected.Record));
    }

    [Fact]
    public async Task A_broken_quote_in_a_safe_copy_rejects_its_row_in_any_dialect()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("note", Note);
        var mapping = await engine.MapAsync("note", """{"quoteCharacter": "'"}""");
        var copy = Corrected(await SafeCopyAsync(engine, mapping, "id,text,number\n1,a,bad\n2,-5,bad\n3,c,bad\n"));
        var broken = copy.Replace("2,`-5,7", "2,\"`-5\"x,7", StringComparison.Ordinal);
        var again = await engine.ImportAsync(mapping, Encoding.UTF8.GetBytes(broken));
        Assert.Equal(new Ledger { Records = 3, Inserted = 2, Rejected = 1 }, again.Ledger);
        Assert.Equal(["1|a|7", "3|c|7"], await engine.RecordsAsync("note"));
        var rejected = Assert.Single((await engine.Import.RejectedRows.ReadAsync(Request.Anonymous, again, null, 10, Token)).Rows);
        Assert.Equal((2, 3), (rejected.Row, rejected.Line));
        Assert.StartsWith("2,\"`-5\"x,7", rejected.Record, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Error_columns_that_were_emptied_and_rows_that_were_added_are_read()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("note", Note);
        var mapping = await engine.MapAsync("note", "{}");
        var lines = Corrected(await SafeCopyAsync(engine, mapping, "id,text,number\n1,-5,bad\n")).Split('\n');
        var again = await engine.ImportAsync(mapping, Encoding.UTF8.GetBytes($"{lines[0]}\n1,`-5,7\n2,`-6,7,,,,,\n\n3,`-7,7,,,,\n4,x\n\"\"\n"));
        Assert.Equal(new Ledger { Records = 5, Inserted = 3, Rejected = 2 }, again.Ledger);
        Assert.Equal(["1|-5|7", "2|-6|7", "3|-7|7"], await engine.RecordsAsync("note"));
        Assert.Equal([6L, 7L], (await engine.Import.RejectedRows.ReadAsync(Request.Anonymous, again, null, 10, Token)).Rows.Select(row => row.Line));
    }

    [Fact]
    public async Task A_long_copy_comes_back_row_by_row()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("note", Note);
        var mapping = await engine.MapAsync("note", "{}");
        var csv = new StringBuilder("id,text,number\n");
        for (var row = 1; row <= 20_000; row++) csv.Append(row).Append(",\"").Append(row % 1_000 == 0 ? new string('-', 100_000) : "-\n").Append("\",bad\n");
        var first = await engine.ImportAsync(mapping, Encoding.UTF8.GetBytes(csv.ToString()));
        var copy = await engine.ErrorFileBytesAsync(first, forSpreadsheets: true);
        var again = await engine.ImportAsync(mapping, Encoding.UTF8.GetBytes(Corrected(Encoding.UTF8.GetString(copy))));
        Assert.Equal(new Ledger { Records = 20_000, Inserted = 20_000 }, again.Ledger);
        Assert.Equal(["1000|" + new string('-', 100_000) + "|7"], await engine.RecordsAsync("note", "id", "1000"));
        Assert.Equal(["19999|-\n|7"], await engine.RecordsAsync("note", "id", "19999"));
    }

    /// <remarks>Excel goes on in the next row with what is too long for a cell, and begins with whatever stands there.</remarks>
    [Fact]
    public async Task A_text_that_is_too_long_for_a_cell_has_nothing_that_begins_a_formula_at_all()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("note", Note);
        var mapping = await engine.MapAsync("note", "{}");
        IReadOnlyList<string> texts = [new string('a', 32_767) + "=1+1@-", string.Concat(Enumerable.Repeat("`=x", 11_000)), new string('=', 20_000), new string('a', 32_760) + "-b"];
        var copy = await SafeCopyAsync(engine, mapping, "id,text,number\n" + string.Concat(texts.Select((text, i) => string.Create(CultureInfo.InvariantCulture, $"{i + 1},{text},bad\n"))));
        var cells = copy.Split('\n').Skip(1).SkipLast(1).Select(line => line.Split(',')[1]).ToList();
        Assert.All(cells.Take(3), cell => Assert.Equal(-1, cell.AsSpan().IndexOfAny("=+-@")));
        Assert.Equal(texts[3], cells[3]);

        Assert.Equal(ImportState.Succeeded, (await engine.ImportAsync(mapping, Encoding.UTF8.GetBytes(Corrected(copy)))).State);
        Assert.Equal(texts.Select((text, i) => string.Create(CultureInfo.InvariantCulture, $"{i + 1}|{text}|7")), await engine.RecordsAsync("note"));
    }

    /// <summary>Has every row's number right, whatever the dialect.</summary>
    internal static string Corrected(string copy) => copy.Replace("bad", "7", StringComparison.Ordinal);

    /// <summary>A file of the mapping's dialect and encoding with all texts, each in a row that is rejected for its number alone.</summary>
    private static async Task<(byte[] Bytes, IReadOnlyList<string> Texts, Encoding Encoding)> FileAsync(Engine engine, Guid mapping)
    {
        var kept = (await engine.Catalog.FindMappingAsync(mapping, null, Token))!;
        var definition = ImportDefinitionReader.Read(kept.Document, (await engine.Import.Entities.FindAsync(Request.Anonymous, kept.EntitySystemName, Token))!);
        var encoding = FileEncoding.Find(definition.Encoding)!;
        IReadOnlyList<string> texts = [.. HostileTexts.Concat(WideTexts).Where(text => encoding.GetString(encoding.GetBytes(text)) == text)];
        using var csv = new MemoryStream();
        var writer = new CsvFieldWriter(csv, definition.Layout.CreateDialect());
        if (definition.Layout.SkipLines > 0) csv.Write("sep=,\r\n=1+1,\"@SUM(1)\r\na \"=1;=1+1\"\n"u8);
        if (definition.Layout.HasHeader) Write(definition.Fields is { Count: > 0 } fields ? [.. fields.Select(field => field.CsvColumnName!)] : ["id", "text", "number"]);
        for (var i = 0; i < texts.Count; i++) Write([(i + 1).ToString(CultureInfo.InvariantCulture), texts[i], "bad"]);
        return (encoding.GetBytes(Encoding.UTF8.GetString(csv.ToArray())), texts, encoding);

        void Write(IEnumerable<string> fields)
        {
            writer.WriteRecord(fields);
            writer.WriteLineEnd("\n");
        }
    }

    private static async Task<string> SafeCopyAsync(Engine engine, Guid mapping, string csv) =>
        Encoding.UTF8.GetString(await engine.ErrorFileBytesAsync(await engine.ImportAsync(mapping, Encoding.UTF8.GetBytes(csv)), forSpreadsheets: true));

    /// <summary>Each row's number, text and reasons; its line is another one where the file itself has no header.</summary>
    private static async Task<IReadOnlyList<string>> RowsAsync(Engine engine, Import import)
    {
        var rows = (await engine.Import.RejectedRows.ReadAsync(Request.Anonymous, import, null, 1_000, Token)).Rows;
        return [.. rows.Select(row => $"{row.Row}: {row.Record} {string.Join("; ", row.Reasons.Select(reason => $"{reason.Code} {reason.Field} {reason.Value}"))}")];
    }

    /// <summary>Cuts a file wherever any spreadsheet might, and passes over whatever it might pass over before a formula.</summary>
    private static void AssertHasNoFormula(string copy)
    {
        foreach (var cell in copy.Split([',', ';', '\t', '|', ':', ' ', '\u00A0', '\n', '\r', '"', '\'', '(', '§', '\uFEFF', '/', '\\', '^', '~', '_', '#']))
            Assert.False(cell.Length > 0 && "=+-@＝＋－＠﹦".Contains(cell[0], StringComparison.Ordinal), $"A cell may be {cell}.");
    }
}
