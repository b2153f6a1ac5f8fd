using System.Text;
using EntityImport.Access;
using EntityImport.Catalog;
using EntityImport.Conversion.Ambiguity;
using Xunit;

namespace EntityImport.Storage.Tests;

/// <summary>Records that are no rows: of delimiters alone, the header once more; and what is no record: byte order marks, footers, a CP/M end of file.</summary>
public sealed class NoRowsTests
{
    private const string Keyed = """[{"systemName": "id", "dataType": "INTEGER", "primaryKey": true}, {"systemName": "name", "dataType": "STRING"}]""";
    private const string Keyless = """[{"systemName": "id", "dataType": "INTEGER"}, {"systemName": "name", "dataType": "STRING"}]""";
    private const string Empty = "the row has no value, only delimiters; with emptyRows SKIP such rows are passed over";
    private const string Header = "the row is the header once more, as where files were put together";

    [Theory]
    [InlineData("\0")]
    [InlineData("\n")]
    [InlineData("x")]
    [InlineData("\"")]
    public async Task A_file_of_one_byte_is_the_fault_of_who_sent_it(string csv)
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("e", Keyed);

        var import = await engine.EndOfAsync(await engine.InvokeAsync(await engine.MapAsync("e", "{}"), csv));

        Assert.Equal((ImportState.Failed, true, 1), (import.State, import.ClientError, import.Attempts));
    }

    [Theory]
    [InlineData(Keyed)]
    [InlineData(Keyless)]
    public async Task Rows_of_delimiters_alone_are_rejected_for_that_alone_whatever_the_key(string fields)
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("e", fields);

        var import = await engine.ImportAsync("e", "id,name\n1,a\n,\n \t,\"\"\n\"  \",\" \"\n,,,\n2,\n,b\n");

        Assert.Equal(["1|a", "2|∅", .. fields == Keyless ? ["∅|b"] : Array.Empty<string>()], (await engine.RecordsAsync("e")).Order(StringComparer.Ordinal));
        var expected = "id,name,errorRow,errorLine,errorReasons\n"
            + $",,2,3,{Quoted(Empty)}\n \t,\"\",3,4,{Quoted(Empty)}\n\"  \",\" \",4,5,{Quoted(Empty)}\n,,5,6,{Quoted(Empty)}\n";
        Assert.StartsWith(expected, await engine.ErrorFileAsync(import), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Skipped_rows_have_a_bucket_of_the_ledger_and_are_in_no_error_file()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("e", Keyed);

        var import = await engine.ImportAsync("e", "id,name\n1,a\n,\nx,b\n,\n1,c\n", """{"emptyRows": "SKIP"}""");

        Assert.Equal(new Ledger { Records = 5, Inserted = 1, Superseded = 1, Skipped = 2, Rejected = 1 }, import.Ledger);
        Assert.Equal((true, 2L), (import.Ledger.IsBalanced, import.Ledger.Processed));
        Assert.Equal(["1|c"], await engine.RecordsAsync("e"));
        Assert.Equal(2, (await engine.ErrorFileAsync(import)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Equal(import.Ledger, (await engine.FindKeptAsync(import.Id)).Ledger);
    }

    [Fact]
    public async Task A_file_of_skipped_rows_alone_fails_so_that_it_does_not_empty_an_entity()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("e", Keyed);
        await engine.ImportAsync("e", "id,name\n1,a\n");

        var import = await engine.ImportAsync("e", "id,name\n,\n,\n", """{"emptyRows": "SKIP", "importMode": "REPLACE"}""");

        Assert.Equal((ImportState.Failed, EndCode.NoGoodRows, true), (import.State, import.Code, import.ClientError));
        Assert.EndsWith("All of its rows are empty.", import.Message, StringComparison.Ordinal);
        Assert.Equal(["1|a"], await engine.RecordsAsync("e"));
    }

    [Fact]
    public async Task In_a_file_of_one_column_an_empty_field_is_a_value_as_ever()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("e", """[{"systemName": "name", "dataType": "STRING"}]""");

        var import = await engine.ImportAsync("e", "name\na\n\n\"\"\n", """{"emptyRows": "SKIP"}""");

        Assert.Equal(new Ledger { Records = 3, Inserted = 3 }, import.Ledger);
    }

    [Fact]
    public async Task The_header_inside_the_file_is_a_rejected_row_and_byte_order_marks_are_dropped_and_told()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("e", Keyless);
        var first = new string('x', 5_000_000);

        var import = await engine.ImportAsync("e", $"\uFEFFid,name\n1,{first}\n\uFEFFid,name\n2,b\nid,\"name\"\n\uFEFF\"3\",\"c\"\n\uFEFF", """{"maxRecordBytes": 6000000}""");

        Assert.Equal(new Ledger { Records = 5, Inserted = 3, Rejected = 2 }, import.Ledger);
        Assert.Equal([$"1|{first}", "2|b", "3|c"], (await engine.RecordsAsync("e")).Order(StringComparer.Ordinal));
        Assert.Equal(
            $"\uFEFFid,name,errorRow,errorLine,errorReasons\nid,name,2,3,{Quoted(Header)}\nid,\"name\",4,5,{Quoted(Header)}\n", await engine.ErrorFileAsync(import));
        var warning = Assert.Single(import.Warnings);
        Assert.Equal((ImportWarning.ByteOrderMarkInside, 3L, 2L, 3L), (warning.Code, warning.Differing, warning.Row, warning.Line));
        Assert.Equal("3 byte order marks stand inside the file, the first before row 2, in line 3: files were probably put together. They are no data, and were left out.", warning.Message);
    }

    [Theory]
    [InlineData("Total,,2", 1)]
    [InlineData("Total,,2\n", 1)]
    [InlineData("\r\nTotal,\"open\r\n", 2)]
    [InlineData("\rTotal\r\u001A\u001A\n", 2)]
    public async Task Footer_lines_are_no_records(string footer, int lines)
    {
        foreach (var encoding in new[] { Encoding.UTF8, Encoding.Unicode })
        {
            await using var engine = await Engine.StartAsync();
            await engine.DeclareAsync("e", Keyed);

            var import = await engine.ImportAsync(
                "e", encoding.GetBytes($"id,name\n1,a\n2,b\nx,c\n{footer}"), $$"""{"skipFooterLines": {{lines}}, "encoding": "{{encoding.WebName}}"}""");

            Assert.Equal(new Ledger { Records = 3, Inserted = 2, Rejected = 1 }, import.Ledger);
            Assert.Equal(["1|a", "2|b"], await engine.RecordsAsync("e"));
        }
    }

    [Fact]
    public async Task The_error_file_of_a_file_with_a_footer_has_none_and_loses_no_row_when_it_comes_back()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("e", Keyed);
        var mapping = await engine.MapAsync("e", """{"skipFooterLines": 2}""");
        var import = await engine.ImportAsync(mapping, Encoding.UTF8.GetBytes("id,name\nx,a\ny,b\n1,c\n\nTotal,3\n"));

        var errors = await engine.ErrorFileAsync(import);
        Assert.Equal(["x,a,1,2,", "y,b,2,3,"], errors.Split('\n', StringSplitOptions.RemoveEmptyEntries)[1..].Select(line => line[..8]));
        var again = await engine.ImportAsync(mapping, Encoding.UTF8.GetBytes(errors.Replace("\nx,", "\n2,", StringComparison.Ordinal).Replace("\ny,", "\n3,", StringComparison.Ordinal)));

        Assert.Equal(new Ledger { Records = 2, Inserted = 2 }, again.Ledger);
        Assert.Equal(["1|c", "2|a", "3|b"], await engine.RecordsAsync("e"));
    }

    [Fact]
    public async Task More_footer_lines_than_the_file_has_leave_no_header()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("e", Keyed);

        var import = await engine.ImportAsync("e", "id,name\n1,a\n", """{"skipFooterLines": 2}""");

        Assert.Equal((ImportState.Failed, EndCode.BadHeader), (import.State, import.Code));
    }

    [Fact]
    public async Task A_record_may_be_as_long_as_the_definition_says_and_is_told_that_limit_where_it_is_longer()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("e", Keyed);
        var text = new string('y', 6_000_000);
        var csv = $"id,name\n1,{text}\n2,\"{text}\n{text}\"\n3,{text}{text}\n4,\"{text}\n";

        var small = await engine.ImportAsync("e", csv + "5,b\n");
        Assert.Equal(["5|b"], await engine.RecordsAsync("e"));
        Assert.All(await ReasonsAsync(engine, small), reason => Assert.Contains(" 1 MiB", reason, StringComparison.Ordinal));

        var large = await engine.ImportAsync("e", csv, """{"maxRecordBytes": 12000005}""");

        Assert.Equal(new Ledger { Records = 4, Inserted = 3, Rejected = 1 }, large.Ledger);
        Assert.Equal([$"1|{text}", $"2|{text}\n{text}", $"3|{text}{text}", "5|b"], await engine.RecordsAsync("e"));
        Assert.Equal(["the quote that opened in line 6, column 3 does not close within the file or 12000005 bytes"], await ReasonsAsync(engine, large));
    }

    private static async Task<List<string>> ReasonsAsync(Engine engine, Import import) =>
        [.. (await engine.Import.RejectedRows.ReadAsync(Request.Anonymous, import, null, 100, TestContext.Current.CancellationToken)).Rows.SelectMany(row => row.Reasons).Select(reason => reason.Message)];

    private static string Quoted(string reason) => reason.Contains(',', StringComparison.Ordinal) ? $"\"{reason}\"" : reason;
}
