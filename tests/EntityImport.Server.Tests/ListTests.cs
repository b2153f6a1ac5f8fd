using System.Net;
using System.Text.Json;

namespace EntityImport.Server.Tests;

/// <summary>Mappings and uploads can be found again without their ids.</summary>
public sealed class ListTests(TestServer server)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Mappings_are_listed_newest_first_in_their_newest_revision_page_by_page()
    {
        var (entity, first) = await server.MapProductAsync();
        var second = await CreateAsync(entity);
        var third = await CreateAsync(entity);
        await server.SendAsync(HttpMethod.Patch, $"/v1/EntityImport/{first}", HttpStatusCode.OK, TestServer.Json("""{"definition":{"locale":"de-DE"}}"""));
        await server.MapProductAsync();

        var pages = await PagesAsync($"/v1/EntityImport/mappings?entity={entity.ToUpperInvariant()}&limit=2", "mappings");

        Assert.Equal([[third, second], [first]], pages.Select(page => page.Select(mapping => mapping.GetProperty("mappingId").GetGuid())));
        var oldest = pages[1][0];
        Assert.Equal(["mappingId", "revision", "entitySystemName", "definition", "createdDate"], TestServer.Members(oldest));
        Assert.Equal((2, entity, "de-DE"), (oldest.GetProperty("revision").GetInt32(), oldest.GetProperty("entitySystemName").GetString(), oldest.GetProperty("definition").GetProperty("locale").GetString()));
        Assert.Contains(third, (await PagesAsync("/v1/EntityImport/mappings", "mappings")).SelectMany(page => page).Select(mapping => mapping.GetProperty("mappingId").GetGuid()));
    }

    [Fact]
    public async Task Uploads_are_listed_newest_first_by_their_mapping_and_read_one_by_one()
    {
        var (_, mapping) = await server.MapProductAsync();
        var first = await server.UploadAsync(mapping, "Sku\n1\n");
        var second = await server.UploadAsync(mapping, "Sku\n2\n");
        var third = await server.UploadAsync(mapping, "Sku\n33\n");
        await server.UploadAsync((await server.MapProductAsync()).MappingId, "Sku\n4\n");

        var pages = await PagesAsync($"/v1/EntityImport/uploads?mapping={mapping}&limit=2", "uploads");

        Assert.Equal([[third, second], [first]], pages.Select(page => page.Select(upload => upload.GetProperty("uploadId").GetGuid())));
        var one = await server.SendAsync(HttpMethod.Get, $"/v1/EntityImport/uploads/{third}", HttpStatusCode.OK);
        Assert.Equal(["uploadId", "mappingId", "file", "createdDate", "expiredDate", "isComplete", "records", "imports", "expiresDate"], TestServer.Members(one));
        Assert.Equal((third, mapping, 7), (one.GetProperty("uploadId").GetGuid(), one.GetProperty("mappingId").GetGuid(), one.GetProperty("file").GetProperty("size").GetInt32()));
        Assert.Equal(JsonValueKind.Null, one.GetProperty("expiredDate").ValueKind);
        Assert.Equal(one.GetRawText(), pages[0][0].GetRawText());
        Assert.Equal((JsonValueKind.Null, 0, JsonValueKind.Null), (one.GetProperty("records").ValueKind, one.GetProperty("imports").GetArrayLength(), one.GetProperty("expiresDate").ValueKind));
    }

    [Fact]
    public async Task An_upload_tells_its_imports_and_when_its_time_is_over()
    {
        var (entity, mapping) = await server.MapProductAsync();
        var run = await server.ImportAsync(mapping, "Sku,Name\n1,a\n2,b\n");
        var import = run.Status.EntityImportId;
        var undo = await server.SendAsync(HttpMethod.Post, $"/v1/EntityImport/imports/{import}/undo", HttpStatusCode.Created);
        await server.Client.WaitAsync(undo.GetProperty("importId").GetGuid(), TestServer.Patience, Cancel);

        var upload = await server.Client.GetUploadAsync((await server.Client.GetImportAsync(import, Cancel)).UploadId, Cancel);
        var unbound = await server.Client.GetUploadAsync(await server.Client.UploadAsync(new MemoryStream("Sku\n1\n"u8.ToArray()), "unbound.csv", cancellationToken: Cancel), Cancel);

        Assert.Equal((2, null), (upload.Records, upload.ExpiresDate));
        Assert.Equal([new Api.UploadImport(import, entity, Api.ImportState.Succeeded)], upload.Imports);
        Assert.Equal(unbound.CreatedDate + TimeSpan.FromDays(7), unbound.ExpiresDate);
    }

    [Theory]
    [InlineData("mappings?limit=0")]
    [InlineData("mappings?cursor=x")]
    [InlineData("mappings?cursor=MTIz")]
    [InlineData("uploads?mapping=x")]
    [InlineData("uploads?cursor=%FF")]
    [InlineData("uploads?limit=201")]
    [InlineData("imports?entity=products%00")]
    [InlineData("imports?file=%00")]
    [InlineData("imports?invokedBy=a%00b")]
    [InlineData("events?entity=%00")]
    public async Task A_parameter_that_makes_no_sense_is_refused(string query) =>
        await server.RefusedAsync(HttpMethod.Get, $"/v1/EntityImport/{query}", HttpStatusCode.BadRequest, "invalid-parameter");

    [Fact]
    public async Task An_upload_that_is_not_there_is_not_found() => await server.RefusedAsync(
        HttpMethod.Get, "/v1/EntityImport/uploads/0b1c2d3e-4f50-4172-8394-a5b6c7d8e9f0", HttpStatusCode.NotFound, "upload-not-found");

    private async Task<Guid> CreateAsync(string entity) =>
        (await server.SendAsync(HttpMethod.Post, "/v1/EntityImport", HttpStatusCode.Created, TestServer.Json($$"""{"entitySystemName":"{{entity}}"}"""))).GetProperty("mappingId").GetGuid();

    /// <summary>All pages of a list, at most a hundred.</summary>
    private async Task<List<List<JsonElement>>> PagesAsync(string path, string member)
    {
        var pages = new List<List<JsonElement>>();
        string? cursor = null;
        do
        {
            var page = await server.SendAsync(HttpMethod.Get, cursor is null ? path : $"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}cursor={cursor}", HttpStatusCode.OK);
            pages.Add([.. page.GetProperty(member).EnumerateArray()]);
            cursor = page.GetProperty("nextCursor").GetString();
        }
        while (cursor is not null && pages.Count < 100);
        return pages;
    }
}
