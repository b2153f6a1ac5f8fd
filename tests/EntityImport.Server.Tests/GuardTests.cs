using System.Net;
using System.Text.Json;

namespace EntityImport.Server.Tests;

public sealed class GuardTests(TestServer server)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Guards_are_put_read_audited_and_deleted()
    {
        var (entity, _) = await server.MapProductAsync();
        var path = $"/v1/LogicalEntity/{entity}/guards";
        const string Document = """{ "maxRemovedRecords": 10, "minRowsPercent": 80, "sameHeader": true, "moves": [{ "field": "Price", "byPercent": 20, "maxPercent": 5 }], "emptied": [{ "field": "Name", "maxPercent": 1 }] }""";
        await server.RefusedAsync(HttpMethod.Get, path, HttpStatusCode.NotFound, "guards-not-found");

        var put = await server.SendAsync(HttpMethod.Put, path, HttpStatusCode.OK, TestServer.Json(Document));

        Assert.True(JsonElement.DeepEquals(JsonElement.Parse(Document), put), put.ToString());
        Assert.True(JsonElement.DeepEquals(put, await server.SendAsync(HttpMethod.Get, path.Replace(entity, entity.ToUpperInvariant(), StringComparison.Ordinal), HttpStatusCode.OK)));
        var again = await server.Client.PutGuardsAsync(entity, await server.Client.GetGuardsAsync(entity, Cancel) with { MaxRemovedRecords = null }, Cancel);
        Assert.Equal((null, 80m, "Price"), (again.MaxRemovedRecords, again.MinRowsPercent, again.Moves[0].Field));
        await server.Client.DeleteGuardsAsync(entity, Cancel);
        await server.RefusedAsync(HttpMethod.Delete, path, HttpStatusCode.NotFound, "guards-not-found");
        var audit = await server.SendAsync(HttpMethod.Get, $"/v1/audit?entity={entity}", HttpStatusCode.OK);
        Assert.Equal(
            ["DELETE /v1/LogicalEntity/{systemName}/guards", "PUT /v1/LogicalEntity/{systemName}/guards", "PUT /v1/LogicalEntity/{systemName}/guards"],
            audit.GetProperty("entries").EnumerateArray().Select(entry => entry.GetProperty("call").GetString()).Take(3));
    }

    [Fact]
    public async Task Guards_that_do_not_fit_the_entity_are_refused_with_all_faults()
    {
        var (entity, _) = await server.MapProductAsync();

        var problem = await server.RefusedAsync(
            HttpMethod.Put, $"/v1/LogicalEntity/{entity}/guards", HttpStatusCode.BadRequest, "validation",
            TestServer.Json("""{ "maxRemoved": 1, "minRowsPercent": -1, "moves": [{ "field": "Name", "byPercent": 1, "maxPercent": 1 }], "emptied": [{ "field": "Nope", "maxPercent": 1 }] }"""));

        Assert.Equal(["emptied[0].field", "maxRemoved", "minRowsPercent", "moves[0].field"], TestServer.Members(problem.GetProperty("errors")).Order(StringComparer.Ordinal));
        await server.RefusedAsync(HttpMethod.Put, "/v1/LogicalEntity/absent/guards", HttpStatusCode.NotFound, "entity-not-found", TestServer.Json("{}"));
    }

    [Fact]
    public async Task An_import_that_a_guard_forbids_is_told_as_the_clients_with_guard_and_figures()
    {
        var (entity, mapping) = await server.MapProductAsync();
        await server.ImportAsync(mapping, "Sku,Name\n1,a\n2,b\n3,c\n");
        await server.Client.PutGuardsAsync(entity, new Api.EntityGuards { MinRowsPercent = 50 }, Cancel);

        var import = await server.ImportAsync(mapping, "Sku,Name\n1,x\n");

        var status = await server.SendAsync(HttpMethod.Get, $"/v1/EntityImport/{import.Status.EntityImportId}/status", HttpStatusCode.OK);
        Assert.Equal(("FAILED", true), (status.GetProperty("status").GetString(), status.GetProperty("clientErrorCallingService").GetBoolean()));
        var report = await server.SendAsync(HttpMethod.Get, $"/v1/EntityImport/{import.Status.EntityImportId}/report", HttpStatusCode.OK);
        Assert.Contains("minRowsPercent: the file has 1 row, 33.3333 % of the 3 of the last import; it must have 50 %.", report.GetProperty("message").GetString(), StringComparison.Ordinal);
        var records = await server.Client.ReadRecordsAsync(entity, cancellationToken: Cancel);
        Assert.Equal(["a", "b", "c"], records.Records.Select(record => record.GetProperty("Name").GetString()).Order(StringComparer.Ordinal));
    }
}
