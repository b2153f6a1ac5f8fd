using System.Reflection;
using System.Text;
using System.Text.Json;
using EntityImport.Access;
using EntityImport.Catalog;
using EntityImport.Engine;
using EntityImport.Records;
using Xunit;

namespace EntityImport.Storage.Tests;

/// <summary>What a caller may do, and whose a key is, is decided in the engine, whoever its caller is.</summary>
public sealed class AccessTests
{
    private const string Fields = """[{ "systemName": "Sku", "dataType": "STRING", "length": 5, "primaryKey": true }]""";

    private static readonly Request Nobody = new(new Caller { Id = "nobody", Scopes = Scope.None });
    private static readonly Request Reader = new(new Caller { Id = "reader", Scopes = Scope.Read });
    private static readonly Request Importer = new(new Caller { Id = "importer", Name = "Ida", Scopes = Scope.Import });

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Every_call_of_a_service_is_told_whose_it_is()
    {
        var services = typeof(ImportEngine).GetProperties().Select(property => property.PropertyType).Where(type => type.Namespace == typeof(ImportEngine).Namespace).ToList();
        Assert.Equal(7, services.Count);

        var strangers = services.SelectMany(service => service.GetMethods(BindingFlags.Instance | BindingFlags.Public | BindingFlags.DeclaredOnly))
            .Where(method => !method.IsSpecialName && method.Name is not (nameof(IDisposable.Dispose) or nameof(UploadService.CheckSize)))
            .Where(method => method.GetParameters().FirstOrDefault()?.ParameterType != typeof(Request))
            .Select(method => $"{method.DeclaringType!.Name}.{method.Name}");

        Assert.Empty(strangers);
    }

    [Fact]
    public async Task Who_has_no_scope_is_refused_everything_and_changes_nothing()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("e", Fields);
        var mapping = await engine.MapAsync("e", "{}");
        var import = await engine.ImportAsync(mapping, "Sku\na\n"u8.ToArray());
        using var document = JsonDocument.Parse($$"""{ "entitySystemName": "e", "fields": {{Fields}} }""");
        var entity = (await engine.Catalog.FindEntityAsync("e", Token))!;
        var upload = (await engine.Catalog.FindUploadAsync(import.UploadId, Token))!;
        var real = engine.Import;
        Func<Task>[] calls =
        [
            () => real.Entities.ListAsync(Nobody, Token),
            () => real.Entities.FindAsync(Nobody, "e", Token),
            () => real.Entities.PutAsync(Nobody, "f", document.RootElement, Token),
            () => real.Entities.DeleteAsync(Nobody, "e", force: true, Token),
            () => real.Records.ReadAsync(Nobody, new RecordQuery { Entity = entity, Select = entity.Fields }, Token),
            () => real.Mappings.ListAsync(Nobody, new MappingQuery(null, null, 10), Token),
            () => real.Mappings.FindAsync(Nobody, mapping, Token),
            () => real.Mappings.CreateAsync(Nobody, document.RootElement, Token),
            () => real.Mappings.PatchAsync(Nobody, mapping, document.RootElement, Token),
            () => real.Uploads.ListAsync(Nobody, new UploadQuery(null, null, 10), Token),
            () => real.Uploads.FindAsync(Nobody, upload.Id, Token),
            () => real.Uploads.ReceiveAsync(Nobody, mapping, new MemoryStream("Sku\nb\n"u8.ToArray()), "b.csv", Token),
            () => Task.FromResult(real.Uploads.OpenFile(Nobody, upload)),
            () => Task.FromResult(real.Uploads.TakePlace(Nobody)),
            () => real.Imports.InvokeAsync(Nobody, upload.Id, Token),
            () => real.Imports.CancelAsync(Nobody, import.Id, Token),
            () => real.ImportViews.FindAsync(Nobody, import.Id, Token),
            () => real.ImportViews.FindLastAsync(Nobody, upload.Id, Token),
            () => real.ImportViews.FindSnapshotAsync(Nobody, import.Id, Token),
            () => real.ImportViews.ListAsync(Nobody, new ImportQuery(null, [], null, 10), Token),
            () => real.ImportViews.WaitAsync(Nobody, import.Id, Token),
            async () => { await foreach (var _ in real.ImportViews.WatchAsync(Nobody, import.Id, TimeSpan.Zero, Token)) { } },
            () => real.RejectedRows.ReadAsync(Nobody, import, null, 10, Token),
            () => real.RejectedRows.HasErrorFileAsync(Nobody, import, Token),
            () => real.RejectedRows.WriteErrorFileAsync(Nobody, import, Stream.Null, Token),
        ];

        foreach (var call in calls)
        {
            var refusal = await Assert.ThrowsAsync<RequestException>(call);
            Assert.Equal((FaultKind.Forbidden, "scope-missing"), (refusal.Kind, refusal.Type));
        }

        Assert.Equal(["a"], await engine.RecordsAsync("e"));
        Assert.Single(await engine.Catalog.ListEntitiesAsync(Token));
        Assert.Single(await engine.Catalog.ListUploadIdsAsync(Token));
        Assert.Single(await engine.Catalog.ListMappingsAsync(new MappingQuery(null, null, 10), Token));
    }

    [Fact]
    public async Task Readers_read_importers_import_and_only_administrators_declare()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("e", Fields);
        using var mapping = JsonDocument.Parse("""{ "entitySystemName": "e" }""");
        using var entity = JsonDocument.Parse($$"""{ "fields": {{Fields}} }""");
        var real = engine.Import;

        var made = await real.Mappings.CreateAsync(Importer, mapping.RootElement, Token);
        var upload = await real.Uploads.ReceiveAsync(Importer, made.Id, new MemoryStream(Encoding.UTF8.GetBytes("Sku\nx\n")), "x.csv", Token);
        var import = await real.Imports.InvokeAsync(Importer, upload!.Id, Token);
        var ended = await real.ImportViews.WaitAsync(Reader, import!.Id, Token);

        Assert.Equal((ImportState.Succeeded, "Ida"), (ended.State, ended.InvokedBy));
        var definition = (await real.Entities.FindAsync(Reader, "e", Token))!;
        var page = await real.Records.ReadAsync(Reader, new RecordQuery { Entity = definition, Select = definition.Fields }, Token);
        Assert.Equal("x", Assert.Single(page.Records)[0]);
        await RefusedAsync(() => real.Mappings.CreateAsync(Reader, mapping.RootElement, Token));
        await RefusedAsync(() => real.Records.ReadAsync(Importer, new RecordQuery { Entity = definition, Select = definition.Fields }, Token));
        await RefusedAsync(() => real.Entities.PutAsync(Importer, "f", entity.RootElement, Token));
        await RefusedAsync(() => real.Entities.DeleteAsync(Reader, "e", force: true, Token));
    }

    [Fact]
    public async Task The_same_key_of_two_callers_stands_for_two_requests()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("e", Fields);
        using var mapping = JsonDocument.Parse("""{ "entitySystemName": "e" }""");
        var key = new RequestKey("k", "POST /v1/EntityImport");
        var anna = new Request(new Caller { Id = "anna" }, key);
        var bert = new Request(new Caller { Id = "bert" }, key);

        var annas = await engine.Import.Mappings.CreateAsync(anna, mapping.RootElement, Token);
        var berts = await engine.Import.Mappings.CreateAsync(bert, mapping.RootElement, Token);
        var again = await engine.Import.Mappings.CreateAsync(anna, mapping.RootElement, Token);

        Assert.NotEqual(annas.Id, berts.Id);
        Assert.Equal(annas.Id, again.Id);
        await engine.RestartAsync();
        Assert.Equal(berts.Id, (await engine.Import.Mappings.CreateAsync(bert, mapping.RootElement, Token)).Id);
    }

    private static async Task RefusedAsync(Func<Task> call) => Assert.Equal("scope-missing", (await Assert.ThrowsAsync<RequestException>(call)).Type);
}
