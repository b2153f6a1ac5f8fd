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
    public async Task Every_call_of_a_service_is_told_whose_it_is_and_refuses_who_has_no_scope()
    {
        await using var engine = await Engine.StartAsync();
        var services = typeof(ImportEngine).GetProperties().Where(property => property.PropertyType.Namespace == typeof(ImportEngine).Namespace).ToList();
        Assert.Equal(22, services.Count);

        foreach (var service in services)
        {
            var calls = service.PropertyType.GetMethods(BindingFlags.Instance | BindingFlags.Public | BindingFlags.DeclaredOnly)
                .Where(method => !method.IsSpecialName && method.Name is not (nameof(IDisposable.Dispose) or nameof(UploadService.CheckSize)));
            foreach (var call in calls)
            {
                Assert.True(call.GetParameters()[0].ParameterType == typeof(Request), $"{service.Name}.{call.Name} is not told whose it is.");
                var refusal = await Assert.ThrowsAsync<RequestException>(() => CallAsync(service.GetValue(engine.Import)!, call));
                Assert.Equal((call.Name, FaultKind.Forbidden, "scope-missing"), (call.Name, refusal.Kind, refusal.Type));
            }
        }
    }

    [Fact]
    public async Task Who_has_no_scope_changes_nothing()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("e", Fields);
        var mapping = await engine.MapAsync("e", "{}");
        var import = await engine.ImportAsync(mapping, "Sku\na\n"u8.ToArray());
        using var document = JsonDocument.Parse($$"""{ "entitySystemName": "e", "fields": {{Fields}} }""");
        var real = engine.Import;

        await RefusedAsync(() => real.Entities.PutAsync(Nobody, "f", document.RootElement, Token));
        await RefusedAsync(() => real.Entities.DeleteAsync(Nobody, "e", force: true, Token));
        await RefusedAsync(() => real.Mappings.CreateAsync(Nobody, document.RootElement, Token));
        await RefusedAsync(() => real.Mappings.PatchAsync(Nobody, mapping, document.RootElement, Token));
        await RefusedAsync(() => real.Uploads.ReceiveAsync(Nobody, mapping, new MemoryStream("Sku\nb\n"u8.ToArray()), "b.csv", charset: null, Token));
        await RefusedAsync(() => real.Imports.InvokeAsync(Nobody, import.UploadId, Token));

        Assert.Equal(["a"], await engine.RecordsAsync("e"));
        Assert.Single(await engine.Catalog.ListEntitiesAsync(Token));
        Assert.Single(await engine.Catalog.ListUploadIdsAsync(Token));
        Assert.Equal(1, Assert.Single(await engine.Catalog.ListMappingsAsync(new MappingQuery(null, null, 10), Token)).Mapping.Revision);
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
        var upload = await real.Uploads.ReceiveAsync(Importer, made.Id, new MemoryStream(Encoding.UTF8.GetBytes("Sku\nx\n")), "x.csv", charset: null, Token);
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

    /// <summary>Makes a call with a request of nobody and nothing else: it is to be refused before it looks at anything.</summary>
    private static async Task CallAsync(object service, MethodInfo call)
    {
        object?[] arguments = [Nobody, .. call.GetParameters().Skip(1).Select(parameter => parameter.ParameterType.IsValueType ? Activator.CreateInstance(parameter.ParameterType) : null)];
        object? result;
        try
        {
            result = call.Invoke(service, arguments);
        }
        catch (TargetInvocationException exception) when (exception.InnerException is RequestException refusal)
        {
            throw refusal;
        }

        if (result?.GetType() is { IsGenericType: true } type && type.GetGenericTypeDefinition() == typeof(ValueTask<>)) result = type.GetMethod(nameof(ValueTask<int>.AsTask))!.Invoke(result, null);
        if (result is Task task) await task;
        if (result is IAsyncEnumerable<object> snapshots) await foreach (var _ in snapshots) { }
    }

    private static async Task RefusedAsync(Func<Task> call) => Assert.Equal("scope-missing", (await Assert.ThrowsAsync<RequestException>(call)).Type);
}
