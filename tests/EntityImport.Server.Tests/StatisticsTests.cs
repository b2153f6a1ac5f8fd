using System.Globalization;
using System.Net;
using System.Text;
using EntityImport.Api;

namespace EntityImport.Server.Tests;

public sealed class StatisticsTests(TestServer server)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Figures_over_imports_say_what_they_come_to_and_which_import_stands_out()
    {
        var (entity, mapping) = await server.MapProductAsync();
        var none = await server.Client.GetStatisticsAsync(entity, cancellationToken: Cancel);
        Assert.Equal((entity, null, 0, new Ledger(0, 0, 0, 0, 0, 0, 0, Balanced: true)), (none.EntitySystemName, none.Figures, none.Imports.Count, none.Ledger));

        for (var i = 0; i < 5; i++) Assert.Equal(ImportStatus.Succeeded, (await server.ImportAsync(mapping, Rows(10))).Status.Status);
        // Neither an undo nor a dry run is one of those that are compared.
        var undone = await server.ImportAsync(mapping, Rows(11));
        await server.Client.WaitAsync(await server.Client.UndoAsync(undone.Status.EntityImportId, Cancel), TimeSpan.FromMinutes(1), Cancel);
        var dry = await server.Client.PatchMappingAsync(mapping, System.Text.Json.JsonElement.Parse("""{ "definition": { "dryRun": true } }"""), Cancel);
        await server.ImportAsync(dry.MappingId, Rows(500));
        await server.Client.PatchMappingAsync(mapping, System.Text.Json.JsonElement.Parse("""{ "definition": { "dryRun": null } }"""), Cancel);
        var large = await server.ImportAsync(mapping, Rows(100, rejected: 50));

        var statistics = await server.Client.GetStatisticsAsync(entity.ToUpperInvariant(), cancellationToken: Cancel);

        Assert.Equal([10, 10, 10, 10, 10, 11, 100], statistics.Imports.Select(import => import.Records));
        Assert.Equal((161, 50), (statistics.Ledger.Records, statistics.Ledger.Rejected));
        Assert.True(statistics.Ledger.Balanced);
        Assert.Equal(new ImportFigure(10, 10, 100), statistics.Figures!.Records);
        Assert.Equal(new ImportFigure(0, 0, 50), statistics.Figures.RejectedPercent);
        Assert.Equal((large.Status.EntityImportId, ImportState.Succeeded, 50.0, (long?)Encoding.UTF8.GetByteCount(Rows(100, rejected: 50))), (statistics.Imports[^1].ImportId, statistics.Imports[^1].State, statistics.Imports[^1].RejectedPercent, statistics.Imports[^1].Bytes));
        Assert.Equal(["bytes", "records", "rejectedPercent"], statistics.Imports[^1].StandsOut.Where(name => name != "seconds").Order(StringComparer.Ordinal));
        Assert.All(statistics.Imports.SkipLast(1), import => Assert.DoesNotContain(import.StandsOut, name => name != "seconds"));
        Assert.True(statistics.Figures.Seconds.Least > 0 && statistics.Figures.Seconds.Median <= statistics.Figures.Seconds.Greatest);

        var last = await server.Client.GetStatisticsAsync(entity, limit: 2, Cancel);
        Assert.Equal([11, 100], last.Imports.Select(import => import.Records));
        Assert.Equal((55.5, 11.0), (last.Figures!.Records.Median, last.Figures.Records.Least));
    }

    [Fact]
    public async Task Figures_are_told_of_an_entity_that_is_there_and_of_a_number_of_imports_that_makes_sense()
    {
        await server.RefusedAsync(HttpMethod.Get, "/v1/LogicalEntity/absent/statistics", HttpStatusCode.NotFound, "entity-not-found");
        var (entity, _) = await server.MapProductAsync();
        await server.RefusedAsync(HttpMethod.Get, $"/v1/LogicalEntity/{entity}/statistics?limit=201", HttpStatusCode.BadRequest, "invalid-parameter");
    }

    private static string Rows(int rows, int rejected = 0) =>
        "Sku,Name,Price\n" + string.Concat(Enumerable.Range(0, rows).Select(row => string.Create(CultureInfo.InvariantCulture, $"{row},a,{(row < rejected ? "x" : "1")}\n")));
}
