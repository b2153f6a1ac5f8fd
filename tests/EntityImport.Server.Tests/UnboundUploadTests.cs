using System.Net;
using System.Text;
using System.Text.Json;
using EntityImport.Access;
using EntityImport.Api;
using EntityImport.Client;
using EntityImport.Server.Options;

namespace EntityImport.Server.Tests;

/// <summary>A file before there is a mapping: it is stored, looked at, bound, and then imported.</summary>
public sealed class UnboundUploadTests(TestServer server)
{
    private const string Csv = "Sku;Name;Price\nA1;Größe;1,5\nB2;Bolt;x\n";

    private static readonly ImportDefinition German = new() { FieldDelimiter = ";", Locale = "de-DE" };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_file_comes_first_is_bound_to_a_mapping_and_imported()
    {
        var upload = await UploadAsync(server.Client, Csv);
        var before = await server.Client.GetUploadAsync(upload, Cancel);
        Assert.Equal((null, "products.csv", (long)Encoding.UTF8.GetByteCount(Csv), true), (before.MappingId, before.File.Name, before.File.Size, before.IsComplete));
        using (var copy = new MemoryStream())
        {
            await server.Client.CopyFileAsync(upload, copy, Cancel);
            Assert.Equal(Csv, Encoding.UTF8.GetString(copy.ToArray()));
        }

        await server.RefusedAsync(HttpMethod.Post, $"/v1/EntityImport/{upload}/import", HttpStatusCode.Conflict, "upload-unbound");
        // Under the first mapping its rows would have one column: it is bound again, and read as the second says.
        var (_, wrong) = await server.MapProductAsync();
        var (entity, right) = await server.MapProductAsync(German);
        Assert.Equal(wrong, (await server.Client.BindUploadAsync(upload, wrong, Cancel)).MappingId);
        Assert.Equal(right, (await server.Client.BindUploadAsync(upload, right, Cancel)).MappingId);
        Assert.Equal([upload], (await ListAsync($"?mapping={right}")).Select(item => item.UploadId));
        var import = await server.Client.ImportAsync(upload, Cancel);
        var report = await EndOfAsync(import);

        Assert.Equal((1L, 1L), (report.ProcessedRows, report.FailedRows));
        var record = Assert.Single((await server.Client.ReadRecordsAsync(entity, cancellationToken: Cancel)).Records);
        Assert.Equal(("A1", "Größe", 1.5m), (record.GetProperty("Sku").GetString(), record.GetProperty("Name").GetString(), record.GetProperty("Price").GetDecimal()));
        var refused = await Assert.ThrowsAsync<EntityImportProblemException>(() => server.Client.BindUploadAsync(upload, wrong, Cancel));
        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
    }

    [Fact]
    public async Task An_upload_is_bound_anew_after_its_import_failed()
    {
        var (_, wrong) = await server.MapProductAsync();
        var (entity, right) = await server.MapProductAsync(German);
        // What was sent for a mapping can be bound to another one as well.
        var upload = await server.UploadAsync(wrong, Csv);
        var failed = await EndOfAsync(await server.Client.ImportAsync(upload, Cancel));
        Assert.Equal(ReportStatus.Failed, failed.Status);

        await server.Client.BindUploadAsync(upload, right, Cancel);
        var report = await EndOfAsync(await server.Client.ImportAsync(upload, Cancel));

        Assert.Equal(ReportStatus.PartialSuccess, report.Status);
        Assert.Single((await server.Client.ReadRecordsAsync(entity, cancellationToken: Cancel)).Records);
    }

    [Fact]
    public async Task Files_in_other_encodings_are_read_as_the_mapping_says_that_they_are_bound_to()
    {
        var upload = await server.Client.UploadAsync(new MemoryStream(Encoding.Latin1.GetBytes(Csv)), "products.csv", cancellationToken: Cancel);
        var (entity, mapping) = await server.MapProductAsync(German with { Encoding = "windows-1252" });
        await server.Client.BindUploadAsync(upload, mapping, Cancel);

        await EndOfAsync(await server.Client.ImportAsync(upload, Cancel));

        Assert.Equal("Größe", Assert.Single((await server.Client.ReadRecordsAsync(entity, cancellationToken: Cancel)).Records).GetProperty("Name").GetString());
    }

    [Fact]
    public async Task What_cannot_be_bound_is_told()
    {
        var upload = await UploadAsync(server.Client, Csv);
        var path = $"/v1/EntityImport/uploads/{upload}/mapping";
        await server.RefusedAsync(HttpMethod.Put, path, HttpStatusCode.BadRequest, "validation", TestServer.Json("{}"));
        await server.RefusedAsync(HttpMethod.Put, path, HttpStatusCode.BadRequest, "validation", TestServer.Json("""{ "mappingId": "x" }"""));
        await server.RefusedAsync(HttpMethod.Put, path, HttpStatusCode.BadRequest, "validation", TestServer.Json($$"""{ "mappingId": "{{upload}}", "more": 1 }"""));
        await server.RefusedAsync(HttpMethod.Put, path, HttpStatusCode.NotFound, "mapping-not-found", TestServer.Json($$"""{ "mappingId": "{{upload}}" }"""));
        await server.RefusedAsync(HttpMethod.Put, "/v1/EntityImport/uploads/x/mapping", HttpStatusCode.NotFound, "upload-not-found", TestServer.Json($$"""{ "mappingId": "{{upload}}" }"""));
        await server.RefusedAsync(HttpMethod.Post, "/v1/EntityImport/uploads", HttpStatusCode.UnsupportedMediaType, "not-a-csv-file", new StringContent("%PDF-1.7", Encoding.UTF8, "text/csv"));
    }

    [Fact]
    public async Task The_same_request_stores_one_file()
    {
        var first = await server.Client.UploadAsync(new MemoryStream("a\n1\n"u8.ToArray()), "a.csv", "unbound-1", Cancel);

        Assert.Equal(first, await server.Client.UploadAsync(new MemoryStream("a\n1\n"u8.ToArray()), "a.csv", "unbound-1", Cancel));
        var refused = await Assert.ThrowsAsync<EntityImportProblemException>(() => server.Client.UploadAsync(new MemoryStream("a\n2\n"u8.ToArray()), "a.csv", "unbound-1", Cancel));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
    }

    [Fact]
    public async Task Before_it_is_bound_a_file_exists_for_its_sender_and_administrators_alone()
    {
        await using var own = new TestServer { Access = new AccessOptions { ApiKeys = true, AdminKey = ApiKeyText.Create() } };
        await own.InitializeAsync();
        using var anna = await ClientAsync(own, "anna", "import");
        using var bert = await ClientAsync(own, "bert", "import", "read");
        using var local = await ClientAsync(own, "local", "admin:other");
        var entity = await own.DeclareProductAsync();
        var upload = await UploadAsync(anna.Client, Csv);

        Assert.Equal(upload, (await anna.Client.GetUploadAsync(upload, Cancel)).UploadId);
        Assert.Equal([upload], (await anna.ListAsync()).Select(item => item.UploadId));
        Assert.Equal(upload, (await own.Client.GetUploadAsync(upload, Cancel)).UploadId);
        foreach (var stranger in (Caller[])[bert, local])
        {
            Assert.Empty(await stranger.ListAsync());
            foreach (var call in (Func<EntityImportClient, Task>[])
                [
                    client => client.GetUploadAsync(upload, Cancel), client => client.GetUploadProgressAsync(upload, Cancel), client => client.CopyFileAsync(upload, Stream.Null, Cancel),
                    client => client.PreviewAsync(upload, cancellationToken: Cancel), client => client.InferAsync(upload, cancellationToken: Cancel), client => client.ImportAsync(upload, Cancel),
                    client => client.BindUploadAsync(upload, upload, Cancel), client => client.AppendAsync(upload, 0, Stream.Null, isLast: true, Cancel),
                ])
                Assert.Equal(HttpStatusCode.NotFound, (await Assert.ThrowsAsync<EntityImportProblemException>(() => call(stranger.Client))).StatusCode);
        }

        // Once it is bound, it is its entity's.
        await anna.Client.BindUploadAsync(upload, await anna.Client.CreateMappingAsync(entity, German, Cancel), Cancel);
        Assert.Equal([upload], (await bert.ListAsync()).Select(item => item.UploadId));
        Assert.Empty(await local.ListAsync());
        var audit = await own.SendAsync(HttpMethod.Get, "/v1/audit?limit=50", HttpStatusCode.OK);
        Assert.Contains(
            audit.GetProperty("entries").EnumerateArray(),
            entry => entry.GetProperty("call").GetString() == "PUT /v1/EntityImport/uploads/{uploadId}/mapping" && entry.GetProperty("uploadId").GetGuid() == upload && entry.GetProperty("entity").GetString() == entity);
    }

    [Fact]
    public async Task An_entity_is_inferred_from_a_file_as_if_it_were_sent()
    {
        var upload = await UploadAsync(server.Client, Csv);

        var stored = await server.Client.InferAsync(upload, new UploadInference { EntitySystemName = "parts" }, Cancel);
        using var form = new MultipartFormDataContent { { new ByteArrayContent(Encoding.UTF8.GetBytes(Csv)), "file", "products.csv" } };
        var sent = await server.SendAsync(HttpMethod.Post, "/v1/LogicalEntity/infer?entitySystemName=parts", HttpStatusCode.OK, form);

        Assert.Equal(sent.GetProperty("mapping").GetRawText(), stored.Mapping.GetRawText());
        Assert.Equal(JsonSerializer.Serialize(sent.GetProperty("columns"), ApiJson.Options), JsonSerializer.Serialize(stored.Columns, ApiJson.Options));
        var named = await server.Client.InferAsync(upload, cancellationToken: Cancel);
        Assert.Equal("products", named.Entity.SystemName);
        await server.RefusedAsync(HttpMethod.Post, $"/v1/LogicalEntity/infer?upload={upload}", HttpStatusCode.BadRequest, "validation", TestServer.Json("""{ "definitions": {} }"""));
        await server.RefusedAsync(HttpMethod.Post, $"/v1/LogicalEntity/infer?upload={Guid.NewGuid()}", HttpStatusCode.NotFound, "upload-not-found", TestServer.Json("{}"));
    }

    private static Task<Guid> UploadAsync(EntityImportClient client, string csv) => client.UploadAsync(new MemoryStream(Encoding.UTF8.GetBytes(csv)), "products.csv", cancellationToken: Cancel);

    private async Task<ImportReport> EndOfAsync(Guid import)
    {
        await server.Client.WaitAsync(import, TestServer.Patience, Cancel);
        return await server.Client.GetReportAsync(import, Cancel);
    }

    private async Task<IReadOnlyList<UploadDetails>> ListAsync(string query)
    {
        var page = await server.SendAsync(HttpMethod.Get, $"/v1/EntityImport/uploads{query}", HttpStatusCode.OK);
        return page.Deserialize<UploadPage>(ApiJson.Options)!.Uploads;
    }

    private static async Task<Caller> ClientAsync(TestServer own, string name, params string[] scopes)
    {
        var (_, key) = await own.Engine.Keys.CreateAsync(Request.Anonymous, name, scopes, expiresAt: null, Cancel);
        return new Caller(EntityImportClient.Connect(own.Http.BaseAddress!, key));
    }

    /// <summary>A caller with a key.</summary>
    private sealed class Caller(HttpClient http) : IDisposable
    {
        public EntityImportClient Client { get; } = new(http);

        public async Task<IReadOnlyList<UploadDetails>> ListAsync() =>
            JsonSerializer.Deserialize<UploadPage>(await http.GetStringAsync(new Uri("v1/EntityImport/uploads", UriKind.Relative), Cancel), ApiJson.Options)!.Uploads;

        public void Dispose() => http.Dispose();
    }
}
