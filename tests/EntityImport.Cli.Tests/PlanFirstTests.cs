namespace EntityImport.Cli.Tests;

/// <summary><c>eis import --plan-first</c>, for somebody who sits at a terminal, and where nobody does.</summary>
public sealed class PlanFirstTests : IDisposable
{
    private readonly Eis _eis = new();

    public void Dispose() => _eis.Dispose();

    [Fact]
    public async Task What_is_agreed_to_is_done()
    {
        var result = await _eis.ImportAnsweringAsync("1\n", _eis.Write("t.csv", "id,name\n1,a\n"), "--key", "id", "--plan-first");

        Assert.Equal((0, ""), (result.Code, result.Error));
        Assert.Matches("(?s)Plan for t; nothing was written.*Import that into t\\?.*Imported into t in ", result.Output);
        Assert.Equal(["id,name", "1,a"], await _eis.RecordsAsync("t"));
    }

    [Theory]
    [InlineData("2\n")]
    [InlineData("")]
    public async Task What_is_not_agreed_to_is_left_but_can_be_applied_later(string answers)
    {
        var result = await _eis.ImportAnsweringAsync(answers, _eis.Write("t.csv", "id,name\n1,a\n"), "--key", "id", "--plan-first");

        Assert.Equal((1, "Nothing was imported. The plan is kept.\n"), (result.Code, result.Error));
        Assert.Equal(["id,name"], await _eis.RecordsAsync("t"));
        var plan = result.Output.Split("eis apply ")[1][..36];
        Assert.Equal(0, (await _eis.RunAsync("apply", plan)).Code);
        Assert.Equal(["id,name", "1,a"], await _eis.RecordsAsync("t"));
    }

    [Fact]
    public async Task Where_nobody_can_be_asked_nothing_is_written()
    {
        var result = await _eis.ImportAsync(_eis.Write("t.csv", "id,name\n1,a\n"), "--key", "id", "--plan-first");

        Assert.Equal((1, "Nothing was imported. The plan is kept.\n"), (result.Code, result.Error));
        Assert.Equal(["id,name"], await _eis.RecordsAsync("t"));
    }

    [Fact]
    public async Task A_dry_run_is_not_planned_first()
    {
        var result = await _eis.ImportAsync(_eis.Write("t.csv", "id\n1\n"), "--dry-run", "--plan-first");

        Assert.Equal((1, "--dry-run writes nothing, and --plan-first asks before it writes; give one of them.\n"), (result.Code, result.Error));
    }
}
