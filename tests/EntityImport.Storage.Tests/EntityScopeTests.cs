using System.Text;
using System.Text.Json;
using EntityImport.Access;
using EntityImport.Catalog;
using EntityImport.Inference;
using EntityImport.Records;
using Xunit;

namespace EntityImport.Storage.Tests;

/// <summary>What belongs to an entity that a caller may do nothing with does not exist for it; what it may do with others is as far as its scopes go.</summary>
public sealed class EntityScopeTests : IAsyncLifetime
{
    private const string Fields = """[{ "systemName": "Sku", "dataType": "STRING", "length": 5, "primaryKey": true }]""";

    private static readonly Request Own = Of("import:Own");
    private static readonly Request OwnReader = Of("read:OWN");
    private static readonly Request OwnAdmin = Of("admin:Own");

    private Engine _engine = null!;
    private Import _own = null!;
    private Import _secret = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _engine = await Engine.StartAsync();
        await _engine.DeclareAsync("Own", Fields);
        await _engine.DeclareAsync("Secret", Fields);
        _own = await _engine.ImportAsync(await _engine.MapAsync("Own", "{}"), "Sku\na\ntoolong\n"u8.ToArray());
        _secret = await _engine.ImportAsync(await _engine.MapAsync("Secret", "{}"), "Sku\na\ntoolong\n"u8.ToArray());
    }

    public ValueTask DisposeAsync() => _engine.DisposeAsync();

    [Fact]
    public async Task A_file_is_bound_to_entities_that_the_caller_sees_and_may_read_or_import_into()
    {
        var real = _engine.Import;

        Assert.Equal("Own", (await InferAsync(Own, "own")).Entity.SystemName);
        Assert.Equal("Own", (await InferAsync(OwnReader, "Own")).Entity.SystemName);
        Assert.Equal("There is no entity Secret.", (await Assert.ThrowsAsync<RequestException>(() => InferAsync(Own, "Secret"))).Faults[0].Message);
        Assert.Equal("There is no entity Absent.", (await Assert.ThrowsAsync<RequestException>(() => InferAsync(Own, "Absent"))).Faults[0].Message);

        Task<InferredSchema> InferAsync(Request request, string entity) => real.Mappings.InferAsync(
            request, new InferenceRequest { Sample = "SKU\na\n"u8.ToArray(), EntitySystemName = "x", Today = new DateOnly(2026, 11, 27) }, default, entity, Token);
    }

    [Fact]
    public async Task Lists_have_what_the_caller_sees_and_pages_are_full()
    {
        for (var i = 0; i < 3; i++)
        {
            await _engine.ImportAsync(await _engine.MapAsync("Secret", "{}"), "Sku\nb\n"u8.ToArray());
            await _engine.ImportAsync(await _engine.MapAsync("Own", "{}"), "Sku\nb\n"u8.ToArray());
        }

        var real = _engine.Import;
        foreach (var request in (Request[])[Own, OwnReader, OwnAdmin])
        {
            Assert.Equal(["Own"], (await real.Entities.ListAsync(request, Token)).Select(entity => entity.SystemName));
            var mappings = await real.Mappings.ListAsync(request, new MappingQuery(null, null, 3), Token);
            Assert.Equal(["Own", "Own", "Own"], mappings.Select(found => found.Mapping.EntitySystemName));
            Assert.Empty(await real.Mappings.ListAsync(request, new MappingQuery("Secret", null, 10), Token));
            var imports = await real.ImportViews.ListAsync(request, new ImportQuery(null, [], null, 10), Token);
            Assert.Equal(4, imports.Count);
            Assert.All(imports, import => Assert.Equal("Own", import.EntitySystemName));
            Assert.Empty(await real.ImportViews.ListAsync(request, new ImportQuery("Secret", [], null, 10), Token));
            Assert.Equal(imports.Select(import => import.UploadId).Order(), (await real.Uploads.ListAsync(request, new UploadQuery(null, null, 10), Token)).Select(upload => upload.Id).Order());
            Assert.Empty(await real.Uploads.ListAsync(request, new UploadQuery(_secret.MappingId, null, 10), Token));
        }

        Assert.Equal(8, (await real.ImportViews.ListAsync(Of("import:own", "read:SECRET"), new ImportQuery(null, [], null, 10), Token)).Count);
    }

    [Fact]
    public async Task Nothing_of_another_entity_is_found_by_its_id_or_name()
    {
        var real = _engine.Import;
        foreach (var request in (Request[])[Own, OwnReader, OwnAdmin])
        {
            Assert.Null(await real.Entities.FindAsync(request, "Secret", Token));
            await HiddenAsync(request);
            Assert.Null(await real.Mappings.FindAsync(request, _secret.MappingId, Token));
            Assert.Null(await real.Uploads.FindAsync(request, _secret.UploadId, Token));
            Assert.Null(await real.Uploads.OpenFileAsync(request, (await real.Uploads.FindAsync(Request.Anonymous, _secret.UploadId, Token))!, Token));
            Assert.Null(await real.ImportViews.FindAsync(request, _secret.Id, Token));
            Assert.Null(await real.ImportViews.FindSnapshotAsync(request, _secret.Id, Token));
            Assert.Null(await real.ImportViews.FindLastAsync(request, _secret.UploadId, Token));
            Assert.Empty(await real.ImportViews.WatchAsync(request, _secret.Id, TimeSpan.FromMilliseconds(1), Token).ToListAsync(Token));
            await Assert.ThrowsAsync<ArgumentException>(() => real.ImportViews.WaitAsync(request, _secret.Id, Token));

            Assert.NotNull(await real.Entities.FindAsync(request, "own", Token));
            Assert.NotNull(await real.Mappings.FindAsync(request, _own.MappingId, Token));
            Assert.NotNull(await real.Uploads.FindAsync(request, _own.UploadId, Token));
            Assert.NotNull(await real.ImportViews.FindAsync(request, _own.Id, Token));
            Assert.Single((await real.RejectedRows.ReadAsync(request, _own, null, 10, Token)).Rows);
            await RefusedAsync(() => real.RejectedRows.ReadAsync(request, _secret, null, 10, Token));
            await RefusedAsync(() => real.RejectedRows.WriteErrorFileAsync(request, _secret, Stream.Null, forSpreadsheets: false, Token));
        }
    }

    /// <summary>Whether there are guards is told to nobody who may not see their entity, and who sees it and may not read is told that.</summary>
    private async Task HiddenAsync(Request request)
    {
        using var guards = JsonDocument.Parse("{}");
        await _engine.Import.Guards.PutAsync(Request.Anonymous, "Secret", guards.RootElement, Token);
        if (request != Own) Assert.Null(await _engine.Import.Guards.FindAsync(request, "Secret", Token));
        else await RefusedAsync(() => _engine.Import.Guards.FindAsync(request, "Own", Token));
        if (request != OwnAdmin) return;
        Assert.Null(await _engine.Import.Guards.PutAsync(request, "Secret", guards.RootElement, Token));
        Assert.False(await _engine.Import.Guards.DeleteAsync(request, "Secret", Token));
        Assert.NotNull(await _engine.Import.Guards.PutAsync(request, "own", guards.RootElement, Token));
    }

    [Fact]
    public async Task Nothing_is_done_to_another_entity_as_if_it_were_not_there()
    {
        var real = _engine.Import;
        using var foreign = JsonDocument.Parse("""{ "entitySystemName": "Secret" }""");
        using var absent = JsonDocument.Parse("""{ "entitySystemName": "Absent" }""");
        var (told, toldOfNone) = (await Assert.ThrowsAsync<RequestException>(() => real.Mappings.CreateAsync(Own, foreign.RootElement, Token)), await Assert.ThrowsAsync<RequestException>(() => real.Mappings.CreateAsync(Own, absent.RootElement, Token)));
        Assert.Equal(toldOfNone.Message.Replace("Absent", "Secret", StringComparison.Ordinal), told.Message);
        using var patch = JsonDocument.Parse("""{ "entitySystemName": "Secret" }""");
        Assert.Equal("validation", (await Assert.ThrowsAsync<RequestException>(() => real.Mappings.PatchAsync(Own, _own.MappingId, patch.RootElement, Token))).Type);
        Assert.Null(await real.Mappings.PatchAsync(Own, _secret.MappingId, patch.RootElement, Token));
        Assert.Null(await real.Uploads.ReceiveAsync(Own, _secret.MappingId, new MemoryStream("Sku\nz\n"u8.ToArray()), "z.csv", charset: null, Token));
        var waiting = (await real.Uploads.ReceiveAsync(Request.Anonymous, _secret.MappingId, new MemoryStream("Sku\nz\n"u8.ToArray()), "z.csv", charset: null, Token))!;
        Assert.Null(await real.Imports.InvokeAsync(Own, waiting.Id, Token));
        Assert.False(await real.Imports.CancelAsync(Own, _secret.Id, Token));
        Assert.False(await real.Entities.DeleteAsync(OwnAdmin, "Secret", force: true, Token));
        using var fields = JsonDocument.Parse($$"""{ "fields": {{Fields}} }""");
        await RefusedAsync(() => real.Entities.PutAsync(OwnAdmin, "Secret", fields.RootElement, Token));
        await RefusedAsync(() => real.Entities.PutAsync(OwnAdmin, "Absent", fields.RootElement, Token));

        Assert.Equal(["a"], await _engine.RecordsAsync("Secret"));
    }

    [Fact]
    public async Task With_its_own_entity_a_caller_does_what_its_scope_says_and_no_more()
    {
        var real = _engine.Import;
        using var mapping = JsonDocument.Parse("""{ "entitySystemName": "own" }""");
        var made = await real.Mappings.CreateAsync(Own, mapping.RootElement, Token);
        var upload = (await real.Uploads.ReceiveAsync(Own, made.Id, new MemoryStream(Encoding.UTF8.GetBytes("Sku\nx\n")), "x.csv", charset: null, Token))!;
        var import = (await real.Imports.InvokeAsync(Own, upload.Id, Token))!;
        Assert.Equal(ImportState.Succeeded, (await real.ImportViews.WaitAsync(Own, import.Id, Token)).State);
        var definition = (await real.Entities.FindAsync(Own, "Own", Token))!;
        var query = new RecordQuery { Entity = definition, Select = definition.Fields };

        Assert.Equal(2, (await real.Records.ReadAsync(OwnReader, query, Token)).Records.Count);
        await RefusedAsync(() => real.Records.ReadAsync(Own, query, Token));
        await RefusedAsync(() => real.Mappings.CreateAsync(OwnReader, mapping.RootElement, Token));
        await RefusedAsync(() => real.Imports.InvokeAsync(Of("read:Own", "import:Other"), upload.Id, Token));
        await RefusedAsync(() => real.Entities.DeleteAsync(Own, "Own", force: true, Token));
        await RefusedAsync(() => real.Keys.ListAsync(OwnAdmin, Token));
        await RefusedAsync(() => real.Audit.ListAsync(OwnAdmin, new AuditQuery(null, 1), Token));
        Assert.True(await real.Entities.DeleteAsync(OwnAdmin, "Own", force: true, Token));
    }

    [Fact]
    public async Task A_repeated_request_of_a_caller_who_has_lost_its_scope_is_answered_with_nothing()
    {
        using var mapping = JsonDocument.Parse("""{ "entitySystemName": "Secret" }""");
        var key = new RequestKey("k", "POST /v1/EntityImport");
        var before = new Request(new Caller { Id = "anna", Scopes = Scope.Import }, key);
        var made = await _engine.Import.Mappings.CreateAsync(before, mapping.RootElement, Token);

        await RefusedAsync(() => _engine.Import.Mappings.CreateAsync(Of("import:Own") with { Key = key }, mapping.RootElement, Token));
        Assert.Equal(made.Id, (await _engine.Import.Mappings.CreateAsync(before, mapping.RootElement, Token)).Id);
    }

    [Theory]
    [InlineData("read", "read")]
    [InlineData("read import", "read", "import")]
    [InlineData("admin read:A import:B", "read:A", "admin", "import:B")]
    [InlineData("read", "read", "read:A")]
    [InlineData("read:A import:A", "import:A", "read:a")]
    public void Scopes_are_read_and_told_the_same(string told, params string[] texts)
    {
        Assert.True(ScopeSet.TryParse(texts, out var scopes, out _));
        Assert.Equal(told, scopes.ToString());
        Assert.True(ScopeSet.TryParse(scopes.ToTexts(), out var again, out _));
        Assert.Equal(told, again.ToString());
    }

    [Theory]
    [InlineData("write")]
    [InlineData("")]
    [InlineData("READ")]
    [InlineData("read:")]
    [InlineData("read:a b")]
    [InlineData("read:*")]
    [InlineData(":A")]
    public void What_is_no_scope_is_refused(string text)
    {
        Assert.False(ScopeSet.TryParse(["read", text], out _, out var fault));
        Assert.Contains($"'{text}'", fault, StringComparison.Ordinal);
    }

    /// <summary>Who may import sees what a plan would do, and not what records are.</summary>
    [Fact]
    public async Task Examples_of_what_changes_have_in_common_are_for_who_may_read_records()
    {
        var real = _engine.Import;
        await _engine.DeclareAsync("Price", """[{ "systemName": "Sku", "dataType": "INTEGER", "primaryKey": true }, { "systemName": "Price", "dataType": "INTEGER" }]""");
        var mapping = await _engine.MapAsync("Price", "{}");
        await _engine.ImportAsync(mapping, Rows(1));
        var upload = (await real.Uploads.ReceiveAsync(Request.Anonymous, mapping, new MemoryStream(Rows(100)), "test.csv", charset: null, Token))!;
        var plan = (await real.Plans.InvokeAsync(Request.Anonymous, upload.Id, Token))!;
        await real.Plans.WaitAsync(Request.Anonymous, plan.Id, Token);

        var (importer, reader) = (await SignatureAsync(Of("import:Price")), await SignatureAsync(Of("read:price")));

        Assert.NotEmpty(reader.Examples);
        Assert.Empty(importer.Examples);
        Assert.Equal((reader.Code, reader.Count, reader.Message), (importer.Code, importer.Count, importer.Message));

        static byte[] Rows(int factor) => Encoding.UTF8.GetBytes("Sku,Price\n" + string.Concat(Enumerable.Range(1, 50).Select(sku => $"{sku},{(1000 + (sku * 7)) * factor}\n")));

        async Task<Changes.ChangeFinding> SignatureAsync(Request request)
        {
            var snapshot = (await real.Plans.FindSnapshotAsync(request, plan.Id, Token))!;
            var last = (await real.Plans.WatchAsync(request, plan.Id, TimeSpan.FromMilliseconds(1), Token).ToListAsync(Token))[^1];
            Assert.Equal(snapshot.Plan.Signatures[0].Examples, last.Plan.Signatures[0].Examples);
            return Assert.Single(snapshot.Plan.Signatures);
        }
    }

    private static Request Of(params string[] scopes)
    {
        Assert.True(ScopeSet.TryParse(scopes, out var parsed, out _));
        return new Request(new Caller { Id = "anna", Scopes = parsed });
    }

    private static async Task RefusedAsync(Func<Task> call) => Assert.Equal("scope-missing", (await Assert.ThrowsAsync<RequestException>(call)).Type);
}
