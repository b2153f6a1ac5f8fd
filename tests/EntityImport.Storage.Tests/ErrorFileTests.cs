using System.Text;
using EntityImport.Access;
using EntityImport.Catalog;
using Xunit;

namespace EntityImport.Storage.Tests;

/// <summary>An error file that comes back, corrected or not: nothing in it may turn into something else.</summary>
public sealed class ErrorFileTests
{
    private const string Note = """
        [{"systemName": "id", "dataType": "INTEGER", "primaryKey": true}, {"systemName": "text", "dataType": "STRING"}]
        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("||", "||end|")]
    [InlineData("||", "||end")]
    [InlineData("::", "::a:")]
    [InlineData("aba", "abax|ab")]
    public async Task A_value_that_ends_like_the_delimiter_begins_comes_back_whole(string delimiter, string row)
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("note", Note);
        var mapping = await engine.MapAsync("note", $$"""{"fieldDelimiter": "{{delimiter}}"}""");
        var first = await engine.ImportAsync(mapping, Encoding.UTF8.GetBytes($"id{delimiter}text\n{row}\n7{delimiter}x\n"));
        Assert.Equal(1, first.Ledger.Rejected);
        var errors = await engine.ErrorFileAsync(first);
        var corrected = errors.Replace($"\n{delimiter}", $"\n5{delimiter}", StringComparison.Ordinal);
        Assert.Equal(new Ledger { Records = 1, Inserted = 1 }, (await engine.ImportAsync(mapping, Encoding.UTF8.GetBytes(corrected))).Ledger);
        Assert.Equal([$"5|{row[delimiter.Length..]}", "7|x"], await engine.RecordsAsync("note"));
    }

    [Fact]
    public async Task A_row_left_in_errorRecord_is_rejected_again_with_its_text()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("pair", """[{"systemName": "a", "dataType": "STRING"}, {"systemName": "b", "dataType": "STRING"}]""");
        var mapping = await engine.MapAsync("pair", "{}");
        var first = await engine.ImportAsync(mapping, "a,b\n1,2\n\"x\"y,precious\n3,4\n"u8.ToArray());
        var errors = await engine.ErrorFileAsync(first);
        Assert.Contains("\"\"\"x\"\"y,precious\"", errors, StringComparison.Ordinal);

        var again = await engine.ImportAsync(mapping, Encoding.UTF8.GetBytes(errors));
        Assert.Equal(ImportState.Failed, again.State);
        Assert.Equal(["record.uncorrected"], (await engine.Import.RejectedRows.ReadAsync(Request.Anonymous, again, null, 10, Token)).Rows[0].Reasons.Select(reason => reason.Code));
        Assert.Contains("\"\"\"x\"\"y,precious\"", await engine.ErrorFileAsync(again), StringComparison.Ordinal);

        var corrected = errors.Replace("\n,,", "\nx,precious,", StringComparison.Ordinal);
        Assert.Equal(new Ledger { Records = 1, Inserted = 1 }, (await engine.ImportAsync(mapping, Encoding.UTF8.GetBytes(corrected))).Ledger);
        Assert.Contains("x|precious", await engine.RecordsAsync("pair"));
    }

    [Theory]
    [InlineData("Shift_JIS", new byte[] { 0x81, 0x01 })]
    [InlineData("UTF-16LE", new byte[] { 0x00, 0xD8 })]
    public async Task Bytes_that_are_no_text_never_come_back_as_text(string name, byte[] invalid)
    {
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        var encoding = Encoding.GetEncoding(name);
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("note", Note);
        var mapping = await engine.MapAsync("note", $$"""{"encoding": "{{name}}"}""");
        byte[] csv = [.. encoding.GetBytes("id,text\n1,good\n2,a"), .. invalid, .. encoding.GetBytes("b\n")];
        var first = await engine.ImportAsync(mapping, csv);
        Assert.Equal(new Ledger { Records = 2, Inserted = 1, Rejected = 1 }, first.Ledger);
        var again = await engine.ImportAsync(mapping, await engine.ErrorFileBytesAsync(first));
        Assert.Equal(ImportState.Failed, again.State);
        Assert.Equal(["1|good"], await engine.RecordsAsync("note"));
    }

    [Fact]
    public async Task A_very_long_line_before_the_header_stays_one_line()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("note", Note);
        var mapping = await engine.MapAsync("note", """{"skipLines": 2}""");
        var csv = new string('#', (1 << 20) + 10) + "\n-\nid,text\nx,a\n2,b\n";
        var first = await engine.ImportAsync(mapping, Encoding.UTF8.GetBytes(csv));
        var corrected = (await engine.ErrorFileAsync(first)).Replace("\nx,", "\n1,", StringComparison.Ordinal);
        Assert.Equal(new Ledger { Records = 1, Inserted = 1 }, (await engine.ImportAsync(mapping, Encoding.UTF8.GetBytes(corrected))).Ledger);
        Assert.Equal(["1|a", "2|b"], await engine.RecordsAsync("note"));
    }

    [Fact]
    public async Task A_blank_line_in_the_error_file_of_one_column_without_header_is_accounted_for()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("n", """[{"systemName": "n", "dataType": "INTEGER"}]""");
        var mapping = await engine.MapAsync("n", """{"header": false, "fields": [{"systemName": "n", "csvColumnName": "1"}]}""");
        var first = await engine.ImportAsync(mapping, "1\nx\n3\ny\n"u8.ToArray());
        var corrected = (await engine.ErrorFileAsync(first)).Replace("\nx,", "\n2,", StringComparison.Ordinal).Replace("\ny,", "\n\n4,", StringComparison.Ordinal);
        var again = await engine.ImportAsync(mapping, Encoding.UTF8.GetBytes(corrected));
        Assert.Equal(new Ledger { Records = 3, Inserted = 2, Rejected = 1 }, again.Ledger);
        Assert.Equal(["1", "2", "3", "4"], (await engine.RecordsAsync("n")).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Many_rejected_rows_of_many_parts_are_written_in_file_order()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("note", Note);
        var csv = new StringBuilder("id,text\n1,good\n");
        for (var row = 2; row <= 120_000; row++) csv.Append("x,").Append('y', 80).Append('\n');
        var import = await engine.ImportAsync("note", csv.ToString());
        Assert.Equal(new Ledger { Records = 120_000, Inserted = 1, Rejected = 119_999 }, import.Ledger);
        var numbers = (await engine.ErrorFileAsync(import)).Split('\n').Skip(1).SkipLast(1).Select(line => int.Parse(line.Split(',')[2], System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(Enumerable.Range(2, 119_999), numbers);
    }

    [Fact]
    public async Task Decimals_without_digits_before_the_point_are_read_with_a_zero()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("share", """
            [{"systemName": "a", "dataType": "DECIMAL", "precision": 4, "scale": 4}, {"systemName": "b", "dataType": "DECIMAL", "precision": 38, "scale": 38}]
            """);
        await engine.ImportAsync("share", "a,b\n0.5,-0.5\n");
        Assert.Equal(["0.5000|-0.50000000000000000000000000000000000000"], await engine.RecordsAsync("share"));
    }
}
