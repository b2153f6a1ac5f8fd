using System.Net;
using System.Text.Json;

namespace EntityImport.Server.Tests;

public sealed class EntityTests(TestServer server)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_entity_is_declared_read_listed_and_deleted()
    {
        var name = "E_" + Guid.NewGuid().ToString("N");
        const string Fields = """
            [
              { "systemName": "Id", "dataType": "STRING", "required": true, "primaryKey": true, "length": 10 },
              { "systemName": "Amount", "displayName": "Betrag", "dataType": "CURRENCY", "required": false, "primaryKey": false, "precision": 20, "scale": 2 },
              { "systemName": "At", "dataType": "DATETIME", "required": true, "primaryKey": false }
            ]
            """;
        var document = $$"""{ "systemName": "{{name}}", "displayName": "Größen", "fields": {{Fields}} }""";

        var created = await server.SendAsync(HttpMethod.Put, $"/v1/LogicalEntity/{name}", HttpStatusCode.Created, TestServer.Json(document));

        Assert.True(JsonElement.DeepEquals(JsonElement.Parse(document), created), created.ToString());
        var read = await server.SendAsync(HttpMethod.Get, $"/v1/LogicalEntity/{name.ToUpperInvariant()}", HttpStatusCode.OK);
        Assert.True(JsonElement.DeepEquals(created, read));
        var again = await server.SendAsync(HttpMethod.Put, $"/v1/LogicalEntity/{name}", HttpStatusCode.OK, TestServer.Json(read.GetRawText()));
        Assert.True(JsonElement.DeepEquals(created, again));
        var listed = await server.SendAsync(HttpMethod.Get, "/v1/LogicalEntity", HttpStatusCode.OK);
        Assert.Single(listed.EnumerateArray(), entity => entity.GetProperty("systemName").GetString() == name);
        await server.SendAsync(HttpMethod.Delete, $"/v1/LogicalEntity/{name}", HttpStatusCode.NoContent);
        await server.RefusedAsync(HttpMethod.Get, $"/v1/LogicalEntity/{name}", HttpStatusCode.NotFound, "entity-not-found");
        await server.RefusedAsync(HttpMethod.Delete, $"/v1/LogicalEntity/{name}", HttpStatusCode.NotFound, "entity-not-found");
    }

    [Fact]
    public async Task All_faults_of_an_entity_are_listed_at_once()
    {
        var problem = await server.RefusedAsync(HttpMethod.Put, "/v1/LogicalEntity/Bad", HttpStatusCode.BadRequest, "validation", TestServer.Json("""
            {
              "fields": [
                { "systemName": "a b", "dataType": "STRING" },
                { "systemName": "N", "dataType": "NUMBER" },
                { "systemName": "D", "dataType": "DECIMAL", "precision": 39, "scal": 2 }
              ]
            }
            """));
        Assert.Equal(
            ["fields[0].systemName", "fields[1].dataType", "fields[2].precision", "fields[2].scal"],
            TestServer.Members(problem.GetProperty("errors")).Order());
    }

    [Fact]
    public async Task Optional_fields_and_wider_types_are_taken_but_nothing_that_could_lose_data()
    {
        var (entity, mapping) = await server.MapProductAsync();
        await server.ImportAsync(mapping, "Sku,Name\n1,a\n");
        var read = await server.Client.GetEntityAsync(entity, Cancel);
        var wider = read with
        {
            Fields = [.. read.Fields.Select(field => field.SystemName == "Name" ? field with { Length = 80 } : field), new Api.EntityField { SystemName = "Extra", DataType = "INTEGER" }],
        };
        Assert.Equal(80, (await server.Client.PutEntityAsync(wider, Cancel)).Fields[1].Length);
        var record = (await server.Client.ReadRecordsAsync(entity, cancellationToken: Cancel)).Records.Single();
        Assert.Equal(JsonValueKind.Null, record.GetProperty("Extra").ValueKind);

        var narrower = JsonSerializer.Serialize(new { fields = new[] { new { systemName = "Sku", dataType = "STRING", length = 5, primaryKey = true } } });
        await server.RefusedAsync(HttpMethod.Put, $"/v1/LogicalEntity/{entity}", HttpStatusCode.Conflict, "entity-change-loses-data", TestServer.Json(narrower));
        Assert.Equal(9, (await server.Client.GetEntityAsync(entity, Cancel)).Fields.Count);
    }

    [Fact]
    public async Task An_entity_that_holds_records_is_deleted_by_force_only()
    {
        var (entity, mapping) = await server.MapProductAsync();
        await server.ImportAsync(mapping, "Sku\n1\n");
        await server.RefusedAsync(HttpMethod.Delete, $"/v1/LogicalEntity/{entity}", HttpStatusCode.Conflict, "entity-holds-records");
        await server.RefusedAsync(HttpMethod.Delete, $"/v1/LogicalEntity/{entity}?force=yes", HttpStatusCode.BadRequest, "invalid-parameter");
        await server.Client.DeleteEntityAsync(entity, force: true, Cancel);
        await server.RefusedAsync(HttpMethod.Get, $"/v1/LogicalEntityData/{entity}", HttpStatusCode.NotFound, "entity-not-found");
    }
}
