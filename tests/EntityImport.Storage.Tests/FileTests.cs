using System.Text;
using EntityImport.Access;
using EntityImport.Catalog;
using EntityImport.Conversion;
using Xunit;

namespace EntityImport.Storage.Tests;

/// <summary>What files look like: line ends, encodings, headers, broken records.</summary>
public sealed class FileTests
{
    private const string Note = """
        [{"systemName": "id", "dataType": "INTEGER", "primaryKey": true}, {"systemName": "text", "dataType": "STRING"}]
        """;

    [Theory]
    [InlineData("id,text\n1,a\n2,b\n")]
    [InlineData("id,text\r\n1,a\r\n2,b\r\n")]
    [InlineData("id,text\r1,a\r2,b")]
    [InlineData("\uFEFFid,text\n1,a\n\n2,b")]
    [InlineData(" id , text \n 1 , a \n\t2\t,\tb\t\n")]
    [InlineData("ID,Text\n1,a\n2,b\n")]
    [InlineData("\"id\",\"text\"\n\"1\",\"a\"\n\"2\" , \"b\"\n")]
    public async Task Line_ends_marks_spaces_and_quotes_around_values_do_not_matter(string csv)
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("note", Note);
        var import = await engine.ImportAsync("note", csv);
        Assert.Equal(new Ledger { Records = 2, Inserted = 2 }, import.Ledger);
        Assert.Equal(["1|a", "2|b"], await engine.RecordsAsync("note"));
    }

    [Fact]
    public async Task Quoted_text_keeps_delimiters_quotes_line_ends_and_spaces()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("note", Note);
        await engine.ImportAsync("note", "id,text\n1,\"a,\"\"b\"\"\r\nc\"\n2,\" spaced \"\n3,3/4\" bolt\n4,ä€😀 long enough to leave the vector\n");
        Assert.Equal(
            ["1|a,\"b\"\r\nc", "2| spaced ", "3|3/4\" bolt", "4|ä€😀 long enough to leave the vector"], await engine.RecordsAsync("note"));
    }

    [Theory]
    [InlineData("", "no header")]
    [InlineData("\n\n", "no header")]
    [InlineData("id,id\n1,2\n", "columns 1 and 2 have the same name 'id'")]
    [InlineData("key,text\n1,a\n", "no column is mapped to id")]
    [InlineData("a,b\n1,2\n", "no column has the name of a field")]
    [InlineData("i\0d\0,\0t\0\n\0", "NUL bytes")]
    [InlineData("id,\"text\n1,a\n", "header cannot be read")]
    public async Task A_file_that_cannot_be_read_as_described_fails_by_the_clients_fault(string csv, string message)
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("note", Note);
        var import = await engine.ImportAsync("note", csv);
        Assert.Equal(ImportState.Failed, import.State);
        Assert.True(import.ClientError);
        Assert.Contains(message, import.Message, StringComparison.Ordinal);
        Assert.Empty(await engine.RecordsAsync("note"));
        Assert.EndsWith("errorRow,errorLine,errorReasons\n", await engine.ErrorFileAsync(import), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_mapped_column_is_named_with_those_that_are_there()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("note", Note);
        var import = await engine.ImportAsync("note", "id,body\n1,a\n", """
            {"fields": [{"systemName": "id", "csvColumnName": "id"}, {"systemName": "text", "csvColumnName": "content"}]}
            """);
        Assert.Equal(ImportState.Failed, import.State);
        Assert.Contains("Line 1: the mapped column 'content' is missing. The columns are 'id', 'body'", import.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broken_quote_costs_one_row()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("note", Note);
        var import = await engine.ImportAsync("note", "id,text\n1,a\n2,\"open\n3,c\n4,\"x\"y\n5,e\n");
        Assert.Equal(new Ledger { Records = 5, Inserted = 3, Rejected = 2 }, import.Ledger);
        Assert.Equal(["1|a", "3|c", "5|e"], await engine.RecordsAsync("note"));
        Assert.Equal(
            $"""
            id,text,errorRow,errorLine,errorReasons,errorRecord
            ,,2,3,"{RejectionReasons.RecordTextAfterQuote(3, 3)}","2,""open"
            ,,4,5,"{RejectionReasons.RecordTextAfterQuote(5, 3)}","4,""x""y"

            """,
            await engine.ErrorFileAsync(import));
    }

    [Theory]
    [InlineData("REJECT", "2|b")]
    [InlineData("PAD", "1|∅;2|b")]
    [InlineData("FIT", "1|∅;2|b;3|c")]
    public async Task Ragged_rows_are_rejected_padded_or_fitted(string ragged, string expected)
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("note", Note);
        var import = await engine.ImportAsync("note", "id,text\n1\n2,b\n3,c,,\n4,d,x\n", $$"""{"raggedRows": "{{ragged}}"}""");
        Assert.Equal(expected.Split(';'), await engine.RecordsAsync("note"));
        Assert.True(import.Ledger.IsBalanced);
        Assert.Contains("\n,,4,5,\"the row has 3 fields, the header 2 columns\",\"4,d,x\"\n", await engine.ErrorFileAsync(import), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("UTF-16LE")]
    [InlineData("UTF-16BE")]
    [InlineData("windows-1252")]
    [InlineData("ISO-8859-15")]
    public async Task Other_encodings_are_read_and_the_error_file_is_written_in_them(string name)
    {
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        var encoding = Encoding.GetEncoding(name);
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("note", Note);
        var import = await engine.ImportAsync("note", encoding.GetBytes("id;text\r\n1;Größe €\r\nx;ü\r\n"), $$"""{"fieldDelimiter": ";", "encoding": "{{name}}"}""");
        Assert.Equal(["1|Größe €"], await engine.RecordsAsync("note"));
        Assert.StartsWith("id;text;errorRow;errorLine;errorReasons\r\nx;ü;2;3;", encoding.GetString(await engine.ErrorFileBytesAsync(import)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_byte_order_mark_wins_over_the_definition()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("note", Note);
        byte[] csv = [.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes("id,text\n1,ä\nx,y\n")];
        var import = await engine.ImportAsync("note", csv, """{"encoding": "windows-1252"}""");
        Assert.Equal(["1|ä"], await engine.RecordsAsync("note"));
        Assert.StartsWith("\uFEFFid,text,errorRow", Encoding.Unicode.GetString(await engine.ErrorFileBytesAsync(import)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bytes_that_are_no_text_reject_their_row_and_come_back_as_they_were()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("note", Note);
        byte[] csv = [.. "id,text\n1,a\n2,b"u8, 0xE4, 0xFF, .. "\n"u8];
        var import = await engine.ImportAsync("note", csv);
        Assert.Equal(["1|a"], await engine.RecordsAsync("note"));
        var errors = await engine.ErrorFileBytesAsync(import);
        byte[] row = [.. "\n2,b"u8, 0xE4, 0xFF, .. ",2,3,"u8];
        Assert.True(errors.AsSpan().IndexOf(row) > 0);
    }

    [Fact]
    public async Task Lines_before_the_header_are_skipped_and_repeated_in_the_error_file()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("note", Note);
        var mapping = await engine.MapAsync("note", """{"skipLines": 2}""");
        var import = await engine.ImportAsync(mapping, "Report, \"2024\nall rights reserved\nid,text\nx,a\n2,b\n"u8.ToArray());
        Assert.Equal(["2|b"], await engine.RecordsAsync("note"));
        var errors = await engine.ErrorFileAsync(import);
        Assert.StartsWith("Report, \"2024\nall rights reserved\nid,text,errorRow,errorLine,errorReasons\nx,a,1,4,", errors, StringComparison.Ordinal);

        var again = await engine.ImportAsync(mapping, Encoding.UTF8.GetBytes(errors.Replace("\nx,", "\n7,", StringComparison.Ordinal)));
        Assert.Equal(new Ledger { Records = 1, Inserted = 1 }, again.Ledger);
        Assert.Equal(["2|b", "7|a"], await engine.RecordsAsync("note"));
    }

    [Fact]
    public async Task A_corrected_error_file_goes_in_under_the_same_mapping()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("note", Note);
        var mapping = await engine.MapAsync("note", "{}");
        var import = await engine.ImportAsync(mapping, "id,text\none,a\n2,b\ntwo,\"c,\nd\"\n"u8.ToArray());
        var errors = await engine.ErrorFileAsync(import);
        var corrected = errors.Replace("\none,", "\n1,", StringComparison.Ordinal).Replace("\ntwo,", "\nzwei,", StringComparison.Ordinal);
        var second = await engine.ImportAsync(mapping, Encoding.UTF8.GetBytes(corrected));
        Assert.Equal(new Ledger { Records = 2, Inserted = 1, Rejected = 1 }, second.Ledger);
        // The error columns of the error file are not those of its own error file.
        var rest = await engine.ErrorFileAsync(second);
        Assert.StartsWith("id,text,errorRow,errorLine,errorReasons\nzwei,\"c,\nd\",2,3,", rest, StringComparison.Ordinal);
        await engine.ImportAsync(mapping, Encoding.UTF8.GetBytes(rest.Replace("\nzwei,", "\n3,", StringComparison.Ordinal)));
        Assert.Equal(["1|a", "2|b", "3|c,\nd"], await engine.RecordsAsync("note"));
    }

    [Fact]
    public async Task A_corrected_error_file_of_a_file_without_header_goes_in_under_the_same_mapping()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("note", Note);
        var mapping = await engine.MapAsync("note", """
            {"header": false, "columnCount": 3, "fields": [{"systemName": "id", "csvColumnName": "1"}, {"systemName": "text", "csvColumnName": "3"}]}
            """);
        var import = await engine.ImportAsync(mapping, "one,-,a\n2,-,b\n"u8.ToArray());
        Assert.Equal(["2|b"], await engine.RecordsAsync("note"));
        var errors = await engine.ErrorFileAsync(import);
        Assert.StartsWith("1,2,3,errorRow,errorLine,errorReasons\none,-,a,1,1,", errors, StringComparison.Ordinal);
        var again = await engine.ImportAsync(mapping, Encoding.UTF8.GetBytes(errors.Replace("\none,", "\n1,", StringComparison.Ordinal)));
        Assert.Equal(new Ledger { Records = 1, Inserted = 1 }, again.Ledger);
        Assert.Equal(["1|a", "2|b"], await engine.RecordsAsync("note"));
    }

    [Theory]
    [InlineData("||", "id||text\n1||a|b\n")]
    [InlineData(", ", "id, text\n1, a,b\n")]
    [InlineData("§", "id§text\n1§a,b\n")]
    [InlineData("\\\\t", "id\ttext\n1\ta,b\n")]
    public async Task Delimiters_have_up_to_four_characters(string delimiter, string csv)
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("note", Note);
        await engine.ImportAsync("note", csv, $$"""{"fieldDelimiter": "{{delimiter}}"}""");
        Assert.Equal([csv.Contains("a|b", StringComparison.Ordinal) ? "1|a|b" : "1|a,b"], await engine.RecordsAsync("note"));
    }

    [Fact]
    public async Task Every_reason_of_a_row_is_told()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("all", """
            [{"systemName": "id", "dataType": "INTEGER", "primaryKey": true}, {"systemName": "d", "dataType": "DATE"},
             {"systemName": "b", "dataType": "BOOLEAN", "required": true}, {"systemName": "s", "dataType": "STRING", "length": 3}]
            """);
        var import = await engine.ImportAsync("all", "id,d,b,s\n,2024-02-31,,long\n1,2024-02-29,yes,abc\n");
        var (rows, next) = await engine.Import.RejectedRows.ReadAsync(Request.Anonymous, import, null, 10, TestContext.Current.CancellationToken);
        Assert.Null(next);
        var row = Assert.Single(rows);
        Assert.Equal((1, 2), (row.Row, row.Line));
        Assert.Equal(["key.null", "date.format", "required.null", "string.length"], row.Reasons.Select(reason => reason.Code));
        Assert.Equal(["id", "d", "b", "s"], row.Reasons.Select(reason => reason.Field));
        Assert.Equal(["1|2024-02-29|true|abc"], await engine.RecordsAsync("all"));
    }
}
