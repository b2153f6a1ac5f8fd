using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using EntityImport.Access;
using EntityImport.Catalog;
using EntityImport.Imports;
using Xunit;

namespace EntityImport.Storage.Tests;

/// <summary>How rejected rows are kept: what files of every version give, how much space they take, how many there may be, and what happens to damaged ones.</summary>
public sealed class RejectedRowsTests
{
    private const string Order = """
        [{"systemName": "id", "dataType": "INTEGER", "primaryKey": true}, {"systemName": "price", "dataType": "DECIMAL", "precision": 10, "scale": 2},
         {"systemName": "day", "dataType": "DATE", "required": true}, {"systemName": "paid", "dataType": "BOOLEAN"}, {"systemName": "note", "dataType": "STRING", "length": 10}]
        """;

    /// <summary>The input of the golden files: a line before the header, faults of values, records and keys, and characters that are no ASCII.</summary>
    private const string GoldenInput =
        "exported by hand\r\nid;price;day;paid;note\r\n1;1.50;2024-01-31;yes;caf\u00e9\r\n;12,34;31.01.2024;perhaps;far too long a note\r\n2;1;2024-02-30;no\r\n" +
        "3;2;2024-03-01;no;\"a\"b\r\n1;3;2024-03-02;on;key again\r\n4;4;;y;\"tab\there\r\nand line\"\r\n5;5;2024-03-03;n;\"never closed\r\n6;6;2024-03-04;n;na\u00efve \u20ac x\r\n";

    private const string GoldenDefinition = """{"importMode": "INSERT", "encoding": "windows-1252", "fieldDelimiter": ";", "skipLines": 1}""";

    private const string Numbers = """[{"systemName": "n", "dataType": "INTEGER", "primaryKey": true}]""";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_rows_that_the_first_version_kept_are_read_and_are_the_same_that_are_kept_now()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("order", Order);
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        var import = await engine.ImportAsync("order", Encoding.GetEncoding(1252).GetBytes(GoldenInput), GoldenDefinition);
        Assert.Equal((ImportState.Succeeded, 6L), (import.State, import.Ledger.Rejected));

        await AssertGoldenAsync(engine, import, keptByFirstVersion: false);
        File.Copy(Golden("rejected-1"), PathOf(engine, import), overwrite: true);
        await AssertGoldenAsync(engine, import, keptByFirstVersion: true);
    }

    [Theory]
    [InlineData("n\n", "\"a\n", 15)]
    [InlineData("n\n", "x\n", 15)]
    [InlineData("n,m\n", "\"\",y\n", 15)]
    public async Task Many_bad_rows_take_only_some_times_the_space_of_the_file(string header, string row, int times)
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("n", Numbers);
        var csv = header + string.Concat(Enumerable.Repeat(row, 20_000));
        var import = await engine.ImportAsync("n", csv);

        Assert.Equal((ImportState.Failed, EndCode.NoGoodRows, 20_000L), (import.State, import.Code, import.Ledger.Rejected));
        Assert.InRange(new FileInfo(PathOf(engine, import)).Length, 1, times * csv.Length);
    }

    [Fact]
    public async Task What_was_expected_is_kept_once_and_is_short_however_long_the_mapping_makes_it()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("b", """[{"systemName": "b", "dataType": "BOOLEAN"}]""");
        var words = string.Join(", ", Enumerable.Range(0, 1_000).Select(i => $"\"word{i:D6}\""));
        var csv = "b\nword000007\n" + string.Concat(Enumerable.Repeat("x\n", 1_500));
        var import = await engine.ImportAsync("b", csv, $$"""{"trueValues": [{{words}}]}""");

        Assert.Equal(new Ledger { Records = 1_501, Inserted = 1, Rejected = 1_500 }, import.Ledger);
        Assert.InRange(new FileInfo(PathOf(engine, import)).Length, 1, 15 * csv.Length);
        var (rows, _) = await engine.Import.RejectedRows.ReadAsync(Request.Anonymous, import, null, 1, Token);
        Assert.InRange(rows[0].Reasons[0].Message.Length, 100, Limits.ReasonCharacters);
    }

    [Theory]
    [InlineData(10, true)]
    [InlineData(11, false)]
    public async Task An_import_that_rejects_more_rows_than_are_kept_fails_and_writes_nothing(int bad, bool succeeds)
    {
        await using var engine = await StartAsync(limits => limits with { RejectedRows = 10 });
        await engine.DeclareAsync("n", Numbers);
        var import = await engine.ImportAsync("n", "n\n1\n" + string.Concat(Enumerable.Repeat("x\n", bad)));

        if (succeeds)
        {
            Assert.Equal((ImportState.Succeeded, null, 10L), (import.State, import.Code, import.Ledger.Rejected));
            return;
        }

        await AssertTooManyAsync(engine, import, "More than 10 rows were rejected");
    }

    [Theory]
    [InlineData("INSERT", 5, 5, true)]
    [InlineData("INSERT", 5, 6, false)]
    [InlineData("REPLACE", 0, 11, false)]
    public async Task Rows_that_the_key_forbids_count_as_well(string mode, int bad, int repeated, bool succeeds)
    {
        await using var engine = await StartAsync(limits => limits with { RejectedRows = 10 });
        await engine.DeclareAsync("n", Numbers);
        var csv = "n\n1\n" + string.Concat(Enumerable.Repeat("x\n", bad)) + string.Concat(Enumerable.Repeat("1\n", repeated));
        var import = await engine.ImportAsync("n", csv, $$"""{"importMode": "{{mode}}"}""");

        if (succeeds)
        {
            Assert.Equal((ImportState.Succeeded, 10L, 1L), (import.State, import.Ledger.Rejected, import.Ledger.Inserted));
            Assert.Equal(11, (await engine.ErrorFileAsync(import)).Count(c => c == '\n'));
            return;
        }

        await AssertTooManyAsync(engine, import, "More than 10 rows were rejected");
    }

    [Theory]
    [InlineData("x")]
    [InlineData("1")]
    public async Task An_import_whose_rejected_rows_take_more_bytes_than_are_kept_fails_and_writes_nothing(string key)
    {
        await using var engine = await StartAsync(limits => limits with { RejectedBytes = 1 << 20 });
        await engine.DeclareAsync("n", """[{"systemName": "n", "dataType": "INTEGER", "primaryKey": true}, {"systemName": "text", "dataType": "STRING"}]""");
        var csv = "n,text\n1,good\n" + string.Concat(Enumerable.Repeat($"{key},{new string('y', 1_000)}\n", 4_000));
        var import = await engine.ImportAsync("n", csv, """{"importMode": "INSERT"}""");

        await AssertTooManyAsync(engine, import, "more than 1048576 bytes");
        Assert.InRange(new FileInfo(PathOf(engine, import)).Length, 1, 8 << 20);
    }

    [Fact]
    public async Task A_page_of_rejected_rows_ends_by_bytes_and_a_longer_row_is_a_page_of_its_own()
    {
        await using var engine = await StartAsync(limits => limits with { PageBytes = 4 << 10 });
        await engine.DeclareAsync("n", """[{"systemName": "n", "dataType": "INTEGER"}, {"systemName": "text", "dataType": "STRING"}]""");
        // Every tenth row is longer than a page.
        var csv = new StringBuilder("n,text\n1,good\n");
        for (var row = 2; row <= 100; row++) csv.Append("x,").Append('y', row % 10 == 0 ? 10_000 : 1_000).Append('\n');
        var import = await engine.ImportAsync("n", csv.ToString());

        var seen = new List<long>();
        string? cursor = null;
        do
        {
            var (rows, next) = await engine.Import.RejectedRows.ReadAsync(Request.Anonymous, import, cursor, 1_000, Token);
            Assert.InRange(rows.Count, 1, 4);
            Assert.True(rows.Count == 1 || rows.Sum(row => row.Record.Length) <= 4 << 10);
            seen.AddRange(rows.Select(row => row.Row));
            cursor = next;
        }
        while (cursor is not null);
        Assert.Equal(Enumerable.Range(2, 99).Select(row => (long)row), seen);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Damaged_rows_are_told_as_that_wherever_the_damage_is(int version)
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("order", Order);
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        var import = await engine.ImportAsync("order", Encoding.GetEncoding(1252).GetBytes(GoldenInput), GoldenDefinition);
        var good = await File.ReadAllBytesAsync(version == 1 ? Golden("rejected-1") : PathOf(engine, import), Token);
        // The first row follows the description, which version 2 has a head of 24 bytes before.
        var firstRow = version == 1 ? 4 + BinaryPrimitives.ReadInt32LittleEndian(good) : 28 + BinaryPrimitives.ReadInt32LittleEndian(good.AsSpan(24));

        for (var length = 1; length < good.Length; length += length < 40 ? 1 : 37) await AssertDamagedAsync(good[..length]);
        foreach (var length in (int[])[-1, int.MinValue, int.MaxValue, good.Length, 1])
        {
            var bad = good.ToArray();
            BinaryPrimitives.WriteInt32LittleEndian(bad.AsSpan(firstRow), length);
            await AssertDamagedAsync(bad);
        }

        await File.WriteAllBytesAsync(PathOf(engine, import), good, Token);
        await AssertGoldenAsync(engine, import, keptByFirstVersion: version == 1);

        async Task AssertDamagedAsync(byte[] bytes)
        {
            await File.WriteAllBytesAsync(PathOf(engine, import), bytes, Token);
            // A file of version 1 that ends between two rows looks like a shorter one.
            if (version == 1 && EndsBetweenRows(bytes)) return;
            var listing = await Assert.ThrowsAsync<RequestException>(() => engine.Import.RejectedRows.ReadAsync(Request.Anonymous, import, null, 100, Token));
            var file = await Assert.ThrowsAsync<RequestException>(() => engine.ErrorFileBytesAsync(import));
            Assert.Equal((FaultKind.Damaged, "rejected-rows-damaged"), (listing.Kind, listing.Type));
            Assert.Equal((FaultKind.Damaged, "rejected-rows-damaged"), (file.Kind, file.Type));
        }
    }

    /// <summary>What a hint shows of a value is another text for each row.</summary>
    [Fact]
    public async Task Hints_that_differ_from_row_to_row_are_told_as_long_as_they_are_few()
    {
        const int Rows = 100_000;
        await using var engine = await Engine.StartAsync(threads: 1);
        await engine.DeclareAsync("e", """[{"systemName": "id", "dataType": "INTEGER", "primaryKey": true}, {"systemName": "day", "dataType": "DATE"}]""");
        var csv = new StringBuilder("id,day\n0,\n");
        for (var row = 1; row <= Rows; row++) csv.Append(CultureInfo.InvariantCulture, $"{row},{1_700_000_000_000 + ((row - 1) * 1_000_000L)}\n");
        var import = await engine.ImportAsync("e", csv.ToString());
        Assert.Equal((ImportState.Succeeded, new Ledger { Records = Rows + 1, Inserted = 1, Rejected = Rows }), (import.State, import.Ledger));

        var reasons = (await engine.ErrorFileAsync(import)).Split('\n')[1..^1].Select(line => line[line.IndexOf("day: ", StringComparison.Ordinal)..line.LastIndexOf(" (", StringComparison.Ordinal)]).ToList();
        Assert.Equal(Rows, reasons.Count);
        Assert.EndsWith("; it looks like 2023-11-14T22:13:20Z in milliseconds since 1970; the format UNIX_MILLIS reads those", reasons[0], StringComparison.Ordinal);
        Assert.All(reasons, reason => Assert.StartsWith("day: not a date of this format; expected a date like ", reason, StringComparison.Ordinal));
        Assert.InRange(reasons.Distinct().Count(), 2, 65);
        var causes = (await engine.Import.RejectedRows.CountCausesAsync(Request.Anonymous, import, TestContext.Current.CancellationToken)).Causes;
        Assert.Equal(Rows, causes.Sum(cause => cause.Rows));
    }

    [Fact]
    public async Task A_file_that_was_never_completed_is_none()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("n", Numbers);
        var import = await engine.ImportAsync("n", "n\n1\nx\n");
        var bytes = await File.ReadAllBytesAsync(PathOf(engine, import), Token);
        bytes.AsSpan(8, 16).Clear();
        await File.WriteAllBytesAsync(PathOf(engine, import), bytes, Token);

        Assert.False(await engine.Import.RejectedRows.HasErrorFileAsync(Request.Anonymous, import, Token));
        Assert.Empty((await engine.Import.RejectedRows.ReadAsync(Request.Anonymous, import, null, 10, Token)).Rows);
    }

    private static Task<Engine> StartAsync(Func<Limits, Limits> change) =>
        Engine.StartAsync(new EngineSetup { Options = options => options with { Limits = change(options.Limits) } });

    private static async Task AssertTooManyAsync(Engine engine, Import import, string message)
    {
        Assert.Equal((ImportState.Failed, true, EndCode.TooManyRejected), (import.State, import.ClientError, import.Code));
        Assert.Contains(message, import.Message, StringComparison.Ordinal);
        Assert.Equal("too-many-rejected", (await engine.FindKeptAsync(import.Id)).Code);
        Assert.Empty(await engine.RecordsAsync("n"));
        Assert.True(await engine.Import.RejectedRows.HasErrorFileAsync(Request.Anonymous, import, Token));
    }

    private static async Task AssertGoldenAsync(Engine engine, Import import, bool keptByFirstVersion)
    {
        // The first version said of an empty date that it is blank, too.
        string Worded(string text) => keptByFirstVersion ? text : text.Replace("; it is blank", "", StringComparison.Ordinal);
        Assert.Equal(Encoding.Latin1.GetBytes(Worded(Encoding.Latin1.GetString(await File.ReadAllBytesAsync(Golden("rejected-1.csv"), Token)))), await engine.ErrorFileBytesAsync(import));
        var rows = new List<RejectedRow>();
        string? cursor = null;
        do
        {
            var (page, next) = await engine.Import.RejectedRows.ReadAsync(Request.Anonymous, import, cursor, 2, Token);
            rows.AddRange(page);
            cursor = next;
        }
        while (cursor is not null);
        Assert.Equal(Worded(await File.ReadAllTextAsync(Golden("rejected-1.json"), Token)).TrimEnd(), JsonSerializer.Serialize(rows.Select(row => new { row.Row, row.Line, row.Reasons, row.Record }), Json));
    }

    private static bool EndsBetweenRows(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length >= 4 && BinaryPrimitives.ReadInt32LittleEndian(bytes) is >= 0 and var length && length <= bytes.Length - 4) bytes = bytes[(4 + length)..];
        return bytes.IsEmpty;
    }

    private static string PathOf(Engine engine, Import import) => Path.Combine(engine.DataDirectory, "imports", import.Id.ToString("D", CultureInfo.InvariantCulture), "rejected");

    private static string Golden(string name, [CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "Golden", name);
}
