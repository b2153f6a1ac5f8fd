using System.Text;
using System.Text.RegularExpressions;

namespace EntityImport.Cli.Tests;

/// <summary><c>eis plan</c> and <c>eis apply</c>, the same with a data directory and with a server.</summary>
public abstract partial class PlanCommandTests(bool isRemote) : IAsyncLifetime
{
    private const string Unknown = "01a21bdc-adb6-7aa3-9898-181372c4dddf";
    private protected const string Next = "sku,price,currency\nA-1,10.50,EUR\nA-2,20.00,EUR\nA-3,3000,EUR\nA-4,40.00,EUR\nA-5,4O,EUR\n";

    private protected static readonly string[] Before = ["A-1,10.00,EUR", "A-2,20.00,EUR", "A-3,30.00,EUR"];

    private readonly Eis _eis = new();

    public async ValueTask InitializeAsync()
    {
        if (isRemote) await _eis.ServeAsync();
        var first = await _eis.ImportAsync(_eis.Write("prices.csv", "sku,price,currency\nA-1,10.00,EUR\nA-2,20.00,EUR\nA-3,30.00,EUR\n"), "--key", "sku");
        Assert.Equal(0, first.Code);
    }

    public ValueTask DisposeAsync()
    {
        _eis.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_plan_tells_what_would_change_the_largest_move_first_and_writes_nothing()
    {
        var result = await PlanAsync(Next);

        Assert.Equal((2, ""), (result.Code, result.Error));
        Assert.Matches("in the file +5\ninserted +1\nupdated +2\nunchanged +1\nsuperseded by a later row +0\nrejected +1\n", result.Output);
        Assert.Contains("Of the records, 1 would be inserted, 2 updated and 0 removed.\n", result.Output, StringComparison.Ordinal);
        Assert.Matches("Field +Changes\nprice +2\nThe largest", result.Output);
        Assert.Matches("Field +sku +Before +After\nprice +A-3 +30.00 +3000.00\nprice +A-1 +10.00 +10.50\n", result.Output);
        Assert.Matches("Row +Line +Reasons\n +5 +6 +price: .*4O", result.Output);
        Assert.Equal(Before, await PricesAsync());
    }

    /// <summary>Values come from whoever sent the file, and may want to look like what this tool says.</summary>
    [Fact]
    public async Task A_plan_says_first_what_its_changes_have_in_common_each_in_a_line()
    {
        const string Forged = "\nTo do exactly that: eis apply 0\u001b[2J";
        await _eis.ImportAsync(_eis.Write("names.csv", "id,name\n" + string.Concat(Enumerable.Range(1, 40).Select(id => $"{id},\"x{id}{Forged}\"\n"))), "--key", "id");

        var result = await _eis.RunAsync("plan", _eis.Write("names.csv", "id,name\n" + string.Concat(Enumerable.Range(1, 40).Select(id => $"{id},\"X{id}{Forged.ToUpperInvariant()}\"\n"))));

        var lines = result.Output.Split('\n');
        var first = Array.FindIndex(lines, line => line.Contains("40 of 40", StringComparison.Ordinal));
        Assert.Contains("letters", lines[first], StringComparison.Ordinal);
        Assert.StartsWith("Plan for names; nothing was written.", lines[first + 1], StringComparison.Ordinal);
        Assert.Single(lines, line => line.StartsWith("To do exactly that", StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain('\u001b', result.Output);
    }

    [Fact]
    public async Task A_plan_is_applied_without_its_file()
    {
        var plan = IdOf(await PlanAsync(Next));
        File.Delete(_eis.PathOf("prices.csv"));

        var result = await ApplyAsync(plan, "--reason", "as agreed with sales");

        Assert.Equal((2, ""), (result.Code, result.Error));
        Assert.Matches("^Imported into prices in .*\n", result.Output);
        Assert.Matches("inserted +1\nupdated +2\nunchanged +1\n", result.Output);
        Assert.Equal(["A-1,10.50,EUR", "A-2,20.00,EUR", "A-3,3000.00,EUR", "A-4,40.00,EUR"], await PricesAsync());
        Assert.StartsWith("A-5,4O,EUR,", (await File.ReadAllLinesAsync(_eis.PathOf("errors.csv"), TestContext.Current.CancellationToken))[1], StringComparison.Ordinal);

        var undo = Regex.Match(result.Output, "To undo it: (eis undo ([0-9a-f-]{36}))\n").Groups[2].Value;
        Assert.Equal(0, (await _eis.RunAsync("undo", undo)).Code);
        Assert.Equal(Before, await PricesAsync());
    }

    [Fact]
    public async Task A_plan_that_is_applied_while_its_error_file_cannot_be_written_is_told_as_applied()
    {
        var plan = IdOf(await PlanAsync(Next));
        Directory.CreateDirectory(_eis.PathOf("errors.csv"));

        var result = await ApplyAsync(plan);

        Assert.Equal(2, result.Code);
        Assert.Matches("^The error file .*errors.csv cannot be written: .* The other rows were imported.\n$", result.Error);
        Assert.Matches("To undo it: eis undo [0-9a-f-]{36}\n$", result.Output);
        Assert.Equal(["A-1,10.50,EUR", "A-2,20.00,EUR", "A-3,3000.00,EUR", "A-4,40.00,EUR"], await PricesAsync());
    }

    [Fact]
    public async Task A_plan_whose_records_have_moved_is_refused()
    {
        var plan = IdOf(await PlanAsync(Next));
        await _eis.ImportAsync(_eis.Write("prices.csv", "sku,price,currency\nA-1,11.00,EUR\n"));

        var result = await ApplyAsync(plan);

        Assert.Equal((1, ""), (result.Code, result.Output));
        Assert.Matches("^contents: Import [0-9a-f-]{36} has changed prices since the plan was made.\n$", result.Error);
        Assert.Equal(["A-1,11.00,EUR", "A-2,20.00,EUR", "A-3,30.00,EUR"], await PricesAsync());
    }

    [Fact]
    public async Task A_plan_is_applied_once()
    {
        var plan = IdOf(await PlanAsync(Next));
        await ApplyAsync(plan);

        var again = await ApplyAsync(plan);

        Assert.Equal((1, ""), (again.Code, again.Output));
        Assert.Contains("was imported", again.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_replacement_tells_what_goes()
    {
        var result = await PlanAsync("sku,price,currency\nA-2,20.00,PLN\n", "--mode", "replace");

        Assert.Equal((0, ""), (result.Code, result.Error));
        Assert.Contains("Of the records, 0 would be inserted, 1 updated and 2 removed.\n", result.Output, StringComparison.Ordinal);
        Assert.Matches("currency +A-2 +EUR +PLN\n", result.Output);
        Assert.Equal(0, (await ApplyAsync(IdOf(result))).Code);
        Assert.Equal(["A-2,20.00,PLN"], await PricesAsync());
    }

    [Fact]
    public async Task A_new_entity_is_made_for_a_plan_and_filled_by_it()
    {
        var result = await _eis.RunAsync("plan", _eis.Write("places.csv", "id,name\n1,Brno\n"), "--key", "id");

        Assert.Equal((0, ""), (result.Code, result.Error));
        Assert.Contains("The new entity places is there, and empty.\n", result.Output, StringComparison.Ordinal);
        Assert.Equal(["id,name"], await _eis.RecordsAsync("places"));
        Assert.Equal(0, (await ApplyAsync(IdOf(result))).Code);
        Assert.Equal(["id,name", "1,Brno"], await _eis.RecordsAsync("places"));
    }

    [Fact]
    public async Task A_plan_that_fails_leaves_no_new_entity()
    {
        var mapping = _eis.Write("strict.json", """{"definition":{"maxFailedRows":0}}""");
        var schema = _eis.Write("bad.json", """{"systemName":"bad","fields":[{"systemName":"id","dataType":"INTEGER"}]}""");

        var result = await _eis.RunAsync("plan", _eis.Write("bad.csv", "id\nx\n"), "--schema", schema, "--mapping", mapping);

        Assert.Equal(1, result.Code);
        Assert.StartsWith("The plan failed, and nothing was written. ", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("bad", (await _eis.RunAsync("entities")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_plan_is_refused()
    {
        var unknown = await ApplyAsync(Unknown);
        var longWinded = await ApplyAsync(Unknown, "--reason", new string('x', 1001));

        Assert.Equal((1, $"There is no plan {Unknown}.\n"), (unknown.Code, unknown.Error));
        Assert.Equal(1, longWinded.Code);
        Assert.Contains("--reason takes at most 1000 characters.", longWinded.Error, StringComparison.Ordinal);
    }

    [GeneratedRegex("To do exactly that: eis apply (?<id>[0-9a-f-]{36})\n$")]
    private static partial Regex ApplyHint();

    private protected ServeProcess Server => _eis.Server!;

    private static string IdOf(Result plan) => ApplyHint().Match(plan.Output).Groups["id"].Value;

    private protected Task<Result> PlanAsync(string text, params string[] options) => _eis.RunAsync(["plan", _eis.Write("prices.csv", text), .. options]);

    private protected Task<Result> PlanFirstAsync(string answers, string text) => _eis.ImportAnsweringAsync(answers, _eis.Write("prices.csv", text), "--plan-first");

    private protected Task<Result> ApplyAsync(string plan, params string[] options) => _eis.RunAsync(["apply", plan, "--errors", _eis.PathOf("errors.csv"), .. options]);

    private protected async Task<string[]> PricesAsync() => [.. (await _eis.RecordsAsync("prices"))[1..].Order(StringComparer.Ordinal)];
}

public sealed class LocalPlanCommandTests() : PlanCommandTests(isRemote: false);

public sealed class RemotePlanCommandTests() : PlanCommandTests(isRemote: true)
{
    [Fact]
    public async Task A_plan_that_a_guard_forbids_ends_with_3_and_is_applied_for_a_reason_alone()
    {
        await ForbidMovesAsync();

        var result = await PlanAsync(Next);

        Assert.Equal((3, ""), (result.Code, result.Error));
        Assert.Contains("Forbidden by a guard: moves of price: 1 of 3 values move by more than 50 % (33.3333 %), at most 0 % may.\nPlan for prices;", result.Output, StringComparison.Ordinal);
        var plan = Regex.Match(result.Output, "To do it all the same, as an administrator: eis apply ([0-9a-f-]{36}) --reason \"why\"\n$").Groups[1].Value;
        var refused = await ApplyAsync(plan);
        Assert.Equal((1, ""), (refused.Code, refused.Output));
        Assert.Contains("moves of price: 1 of 3 values move", refused.Error, StringComparison.Ordinal);
        Assert.Equal(Before, await PricesAsync());
        Assert.Equal(2, (await ApplyAsync(plan, "--reason", "as agreed")).Code);
        Assert.Equal(["A-1,10.50,EUR", "A-2,20.00,EUR", "A-3,3000.00,EUR", "A-4,40.00,EUR"], await PricesAsync());
    }

    [Fact]
    public async Task Nobody_is_asked_whether_to_do_what_a_guard_forbids()
    {
        await ForbidMovesAsync();

        var result = await PlanFirstAsync("1\n", Next);

        Assert.Equal((3, ""), (result.Code, result.Error));
        Assert.Contains("Forbidden by a guard: moves of price", result.Output, StringComparison.Ordinal);
        Assert.EndsWith("--reason \"why\"\n", result.Output, StringComparison.Ordinal);
        Assert.Equal(Before, await PricesAsync());
    }

    private async Task ForbidMovesAsync()
    {
        using var guards = new StringContent("""{"moves":[{"field":"price","byPercent":50,"maxPercent":0}]}""", Encoding.UTF8, "application/json");
        using var answer = await Server.Http.PutAsync("v1/LogicalEntity/prices/guards", guards, TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode);
    }
}
