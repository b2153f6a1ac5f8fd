using System.Text.RegularExpressions;

namespace EntityImport.Cli.Tests;

/// <summary><c>eis history</c> and <c>eis undo</c>, the same with a data directory and with a server.</summary>
public abstract partial class UndoCommandTests(bool isRemote) : IAsyncLifetime
{
    private const string Unknown = "01a21bdc-adb6-7aa3-9898-181372c4dddf";

    private readonly Eis _eis = new();

    public async ValueTask InitializeAsync()
    {
        if (isRemote) await _eis.ServeAsync();
        await ImportAsync("sku,price,currency\nA-1,10.00,EUR\nA-2,20.00,EUR\n", "--key", "sku");
        await ImportAsync("sku,price,currency\nA-1,10.50,PLN\nA-2,20.00,EUR\nA-3,30.00,EUR\n");
    }

    public ValueTask DisposeAsync()
    {
        _eis.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task History_tells_what_each_import_did_to_a_record_newest_first()
    {
        var result = await _eis.RunAsync("history", "PRICES", "--key", "A-1");

        Assert.Equal((0, ""), (result.Code, result.Error));
        var lines = result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["When (UTC)", "Import", "What", "Field", "Before", "After"], Cells(lines[0]));
        Assert.Equal(["updated", "price", "10.00", "10.50"], Cells(lines[1])[2..]);
        Assert.Equal(["", "currency", "EUR", "PLN"], Cells(lines[2]));
        Assert.Equal(["inserted", "price", "10.00"], Cells(lines[3])[2..]);
        Assert.Equal(["", "currency", "EUR"], Cells(lines[4]));
        Assert.Equal(5, lines.Length);
        Assert.NotEqual(Id(lines[1]), Id(lines[3]));
    }

    [Fact]
    public async Task History_finds_the_rows_where_that_is_asked_for()
    {
        await ImportAsync("sku,price,currency\nA-9,1.00,EUR\nA-1,12.00,PLN\n");

        var result = await _eis.RunAsync("history", "prices", "--key", "A-1", "--rows");

        Assert.Equal((0, ""), (result.Code, result.Error));
        var lines = result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["When (UTC)", "Import", "What", "Row", "Line", "Field", "Before", "After"], Cells(lines[0]));
        Assert.Matches("updated +2 +3 +price +10.50 +12.00$", lines[1]);
        Assert.Matches("updated +1 +2 +price +10.00 +10.50$", lines[2]);
        Assert.Matches("^ +currency +EUR +PLN$", lines[3]);
    }

    [Fact]
    public async Task History_names_records_by_all_fields_of_their_key()
    {
        await _eis.ImportAsync(_eis.Write("rates.csv", "place,day,rate\nA,2026-01-01,-1\nA,2026-01-02,2\n"), "--key", "place,day");

        var result = await _eis.RunAsync("history", "rates", "--key", "A", "--key", "2026-01-02");
        var tooFew = await _eis.RunAsync("history", "rates", "--key", "A");

        Assert.Matches("inserted +rate +2\n", result.Output);
        Assert.DoesNotContain("-1\n", result.Output, StringComparison.Ordinal);
        Assert.Equal((1, "key: The key of rates is place, day: 2 values are expected in this order, and 1 are given.\n"), (tooFew.Code, tooFew.Error));
    }

    [Fact]
    public async Task History_of_what_is_not_there_is_refused()
    {
        var record = await _eis.RunAsync("history", "prices", "--key", "B-1");
        var entity = await _eis.RunAsync("history", "nothing", "--key", "B-1");

        Assert.Equal((1, "prices has no record of this key, and nothing is known of one that it had.\n"), (record.Code, record.Error));
        Assert.Equal((1, "There is no entity 'nothing'. There are: prices.\n"), (entity.Code, entity.Error));
    }

    [Fact]
    public async Task A_preview_counts_and_writes_nothing()
    {
        var before = await _eis.RecordsAsync("prices");
        var import = await LastImportOfAsync("A-1");

        var result = await _eis.RunAsync("undo", import, "--preview");

        Assert.Equal((0, $"Nothing was written. Undoing import {import} would take back 2 changes.\n", ""), (result.Code, result.Output, result.Error));
        Assert.Equal(before, await _eis.RecordsAsync("prices"));
    }

    [Fact]
    public async Task An_undo_brings_records_back_and_can_be_undone()
    {
        var after = await _eis.RecordsAsync("prices");
        var import = await LastImportOfAsync("A-1");

        var result = await _eis.RunAsync("undo", import);

        Assert.Equal((0, ""), (result.Code, result.Error));
        var undo = UndoHint().Match(result.Output).Groups["id"].Value;
        Assert.Equal($"Import {import} into prices was undone: 2 changes taken back.\nTo undo that: eis undo {undo}\n", result.Output);
        Assert.Equal(["sku,price,currency", "A-1,10.00,EUR", "A-2,20.00,EUR"], (await _eis.RecordsAsync("prices")).Order(StringComparer.Ordinal).OrderBy(line => line.StartsWith('A')));
        Assert.Matches("updated by an undo +price +10.50 +10.00\n", (await _eis.RunAsync("history", "prices", "--key", "A-1")).Output);
        Assert.Matches("There is no such record now.\n$", (await _eis.RunAsync("history", "prices", "--key", "A-3")).Output);

        var redone = await _eis.RunAsync("undo", undo);

        Assert.Equal((0, ""), (redone.Code, redone.Error));
        Assert.Equal(after.Order(), (await _eis.RecordsAsync("prices")).Order());
    }

    [Fact]
    public async Task Records_that_a_later_import_changed_are_left_and_counted()
    {
        var import = await LastImportOfAsync("A-1");
        await ImportAsync("sku,price,currency\nA-1,11.00,PLN\n");

        var preview = await _eis.RunAsync("undo", import, "--preview");
        var result = await _eis.RunAsync("undo", import);

        Assert.Contains("would take back 1 change; 1 record that later imports changed again is left as it is.", preview.Output, StringComparison.Ordinal);
        Assert.Contains("was undone: 1 change taken back; 1 record that later imports changed again is left as it is.", result.Output, StringComparison.Ordinal);
        Assert.Contains("A-1,11.00,PLN", await _eis.RecordsAsync("prices"));
        // A field that stays as it was is no change.
        Assert.DoesNotMatch("currency +PLN +PLN", (await _eis.RunAsync("history", "prices", "--key", "A-1")).Output);
    }

    [Fact]
    public async Task What_cannot_be_undone_is_refused()
    {
        var import = await LastImportOfAsync("A-1");
        await _eis.RunAsync("undo", import);

        var again = await _eis.RunAsync("undo", import);
        var unknown = await _eis.RunAsync("undo", Unknown);
        var unseen = await _eis.RunAsync("undo", Unknown, "--preview");
        var malformed = await _eis.RunAsync("undo", "yesterday");

        Assert.Equal((1, ""), (again.Code, again.Output));
        Assert.Matches("undone", again.Error);
        Assert.Equal((1, $"There is no import {Unknown}.\n"), (unknown.Code, unknown.Error));
        Assert.Equal((1, $"There is no import {Unknown}.\n"), (unseen.Code, unseen.Error));
        Assert.Equal(1, malformed.Code);
    }

    [GeneratedRegex("To undo that: eis undo (?<id>[0-9a-f-]{36})\n")]
    private static partial Regex UndoHint();

    [GeneratedRegex("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")]
    private static partial Regex AnyId();

    private static string[] Cells(string line) => Regex.Split(line, " {2,}");

    private static string Id(string line) => AnyId().Match(line).Value;

    private async Task ImportAsync(string text, params string[] options) =>
        Assert.Equal(0, (await _eis.ImportAsync(_eis.Write("prices.csv", text), options)).Code);

    /// <summary>The import that changed a record last, as history shows it.</summary>
    private async Task<string> LastImportOfAsync(string sku) => Id((await _eis.RunAsync("history", "prices", "--key", sku)).Output);
}

public sealed class LocalUndoCommandTests() : UndoCommandTests(isRemote: false);

public sealed class RemoteUndoCommandTests() : UndoCommandTests(isRemote: true);
