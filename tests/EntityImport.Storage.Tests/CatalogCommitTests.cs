using EntityImport.Catalog;
using EntityImport.Entities;
using EntityImport.Guards;
using EntityImport.Storage.Tests.Durability;
using Xunit;

namespace EntityImport.Storage.Tests;

/// <summary>What is committed together is there together, and every member that a commit can have is kept by the store.</summary>
public sealed class CatalogCommitTests
{
    private static readonly Guid MappingId = Guid.CreateVersion7();
    private static readonly Guid UploadId = Guid.CreateVersion7();
    private static readonly DateTimeOffset Noon = new(2026, 1, 2, 12, 0, 0, TimeSpan.Zero);

    private static readonly Upload Upload = new() { Id = UploadId, MappingId = MappingId, FileName = "a.csv", Size = 5, Sha256 = "ab", CreatedAt = Noon };

    private static readonly Import Import = new()
    {
        Id = Guid.CreateVersion7(),
        UploadId = UploadId,
        MappingId = MappingId,
        MappingRevision = 1,
        EntitySystemName = "Part",
        StartedAt = Noon,
    };

    private static readonly Plan Plan = new() { Run = Import with { Id = Guid.CreateVersion7() } };

    private static readonly ApiKey Key = new() { Id = Guid.CreateVersion7(), Name = "k", Start = "eis_0000", Hash = "ab", Scopes = ["read"], CreatedAt = Noon };

    /// <summary>Those whose time is over would be deleted with the next one.</summary>
    private static readonly UserSession Session = new() { Id = Guid.CreateVersion7(), Hash = "ab", Scheme = "link", Subject = "Anna", Name = "Anna", Scopes = ["read"], CreatedAt = Noon, ExpiresAt = Noon.AddMinutes(10) };

    private static readonly UserSession Opened = Session with { Hash = "cd", OpenedAt = Noon, ExpiresAt = Noon.AddHours(12) };

    private static readonly Webhook Webhook = new()
    {
        Id = Guid.CreateVersion7(),
        Url = "https://example.com/",
        Events = [NoticeEvent.ImportEnded],
        Secrets = [new WebhookSecret { Text = "whsec_", CreatedAt = Noon }],
        CreatedAt = Noon,
    };

    /// <summary>Those that are old would be swept.</summary>
    private static readonly Notice Notice = new() { Id = Guid.CreateVersion7(), Event = NoticeEvent.ImportEnded, At = DateTimeOffset.UtcNow, Body = "{}" };

    private static readonly Delivery Delivery = new() { NoticeId = Notice.Id, WebhookId = Webhook.Id, RequestedAt = Noon, NextAttemptAt = Noon };

    /// <summary>For each member a commit that has it, and what the catalog must know then.</summary>
    private static readonly Dictionary<string, (CatalogCommit Commit, Func<ICatalog, Task<bool>> IsKept)> Members = new()
    {
        [nameof(CatalogCommit.Entity)] = (new() { Entity = Part() }, async catalog => await catalog.FindEntityAsync("PART", Token) is { Fields.Count: 1 }),
        [nameof(CatalogCommit.DeletedEntity)] = (new() { DeletedEntity = "part" }, async catalog => await catalog.FindEntityAsync("Part", Token) is null),
        [nameof(CatalogCommit.Guards)] = (new() { Guards = new EntityGuards { EntitySystemName = "Part", SameHeader = true } }, async catalog => await catalog.FindGuardsAsync("PART", Token) is { SameHeader: true }),
        [nameof(CatalogCommit.DeletedGuards)] = (new() { DeletedGuards = "part" }, async catalog => await catalog.FindGuardsAsync("Part", Token) is null),
        [nameof(CatalogCommit.NewMapping)] = (new() { NewMapping = MappingOf(1) }, async catalog => await catalog.FindMappingAsync(MappingId, 1, Token) is not null),
        [nameof(CatalogCommit.NewUpload)] = (new() { NewUpload = Upload }, async catalog => await catalog.FindUploadAsync(UploadId, Token) == Upload),
        [nameof(CatalogCommit.ChangedUpload)] = (new() { ChangedUpload = Upload with { ExpiredAt = Noon } }, async catalog => await catalog.FindUploadAsync(UploadId, Token) is { ExpiredAt: not null }),
        [nameof(CatalogCommit.NewImport)] = (new() { NewImport = Import }, async catalog => await catalog.FindImportAsync(Import.Id, Token) is { Sequence: 1 }),
        [nameof(CatalogCommit.ChangedImport)] =
            (new() { ChangedImport = Import with { Sequence = 1, State = ImportState.Failed } }, async catalog => await catalog.FindImportAsync(Import.Id, Token) is { State: ImportState.Failed }),
        [nameof(CatalogCommit.UndoneImport)] =
            (new() { UndoneImport = Import with { Sequence = 1, State = ImportState.Succeeded, UndoneBy = UploadId } }, async catalog => await catalog.FindImportAsync(Import.Id, Token) is { UndoneBy: not null }),
        [nameof(CatalogCommit.NewPlan)] = (new() { NewPlan = Plan }, async catalog => await catalog.FindPlanAsync(Plan.Id, Token) is not null),
        [nameof(CatalogCommit.ChangedPlan)] = (new() { ChangedPlan = Plan with { ExpiredAt = Noon } }, async catalog => await catalog.FindPlanAsync(Plan.Id, Token) is { ExpiredAt: not null }),
        [nameof(CatalogCommit.DeletedPlan)] = (new() { DeletedPlan = Plan.Id }, async catalog => await catalog.FindPlanAsync(Plan.Id, Token) is null),
        [nameof(CatalogCommit.Repair)] = (new() { Repair = new RepairDraft { ImportId = Import.Id, Version = 3 } }, async catalog => await catalog.FindRepairAsync(Import.Id, Token) is { Version: 3 }),
        [nameof(CatalogCommit.RowEdits)] = (new() { RowEdits = [new RowEdit(Import.Id, 7) { Dropped = true }, new RowEdit(Import.Id, 8)] }, async catalog => (await catalog.ListRowEditsAsync(Import.Id, 0, 10, Token)) is [{ Row: 7, Dropped: true }]),
        [nameof(CatalogCommit.DeletedRepair)] =
            (new() { DeletedRepair = Import.Id }, async catalog => await catalog.FindRepairAsync(Import.Id, Token) is null && (await catalog.ListRowEditsAsync(Import.Id, 0, 10, Token)).Count == 0),
        [nameof(CatalogCommit.NewKey)] = (new() { NewKey = Key }, async catalog => (await catalog.ListKeysAsync(Token)).Any(kept => kept.Key.Name == "k")),
        [nameof(CatalogCommit.ChangedKey)] = (new() { ChangedKey = Key with { RevokedAt = Noon } }, async catalog => (await catalog.ListKeysAsync(Token)).Any(kept => kept.Key.RevokedAt == Noon)),
        [nameof(CatalogCommit.NewSession)] = (new() { NewSession = Session }, async catalog => await catalog.FindSessionAsync("ab", Token) is { OpenedAt: null } || await catalog.FindSessionAsync("cd", Token) is not null),
        [nameof(CatalogCommit.OpenedSession)] =
            (new() { OpenedSession = new OpenedSession(Opened, "ab") }, async catalog => await catalog.FindSessionAsync("cd", Token) is { OpenedAt: not null } && await catalog.FindSessionAsync("ab", Token) is null),
        [nameof(CatalogCommit.DeletedSession)] = (new() { DeletedSession = Session.Id }, async catalog => (await catalog.ListSessionsAsync(Token)).Count == 0),
        [nameof(CatalogCommit.NewProtectionKey)] =
            (new() { NewProtectionKey = new ProtectionKey { Id = Guid.CreateVersion7(), Name = "key-1", Xml = "<key />" } }, async catalog => (await catalog.ListProtectionKeysAsync(Token)).Any(kept => kept is { Name: "key-1", Xml: "<key />" })),
        [nameof(CatalogCommit.NewWebhook)] = (new() { NewWebhook = Webhook }, async catalog => (await catalog.ListWebhooksAsync(Token)).Any(kept => kept.Id == Webhook.Id)),
        [nameof(CatalogCommit.ChangedWebhook)] = (new() { ChangedWebhook = Webhook with { DisabledAt = Noon } }, async catalog => (await catalog.ListWebhooksAsync(Token)).Any(kept => kept.DisabledAt == Noon)),
        [nameof(CatalogCommit.DeletedWebhook)] = (new() { DeletedWebhook = Webhook.Id }, async catalog => (await catalog.ListWebhooksAsync(Token)).Count == 0 && await catalog.FindDeliveryAsync(Webhook.Id, Notice.Id, Token) is null),
        [nameof(CatalogCommit.NewNotices)] = (new() { NewNotices = [new NewNotice(Notice, [Delivery])] }, async catalog => (await catalog.ListNextDeliveriesAsync(Token)).Any(next => next == (Delivery, Notice))),
        [nameof(CatalogCommit.ChangedDelivery)] =
            (new() { ChangedDelivery = Delivery with { State = DeliveryState.Failed, NextAttemptAt = null } }, async catalog => (await catalog.ListDeliveriesAsync(new DeliveryQuery(Webhook.Id, null, 10) { State = DeliveryState.Failed }, Token)).Count == 1),
        [nameof(CatalogCommit.Audit)] =
            (new() { Audit = new AuditEntry { Id = Guid.CreateVersion7(), At = Noon, Subject = "anna", Result = "done" } }, async catalog => (await catalog.ListAuditAsync(new AuditQuery(null, 10) { Subject = "anna" }, Token)).Count == 1),
        [nameof(CatalogCommit.Receipt)] = (new() { Receipt = Receipt("a") }, async catalog => await catalog.FindReceiptAsync(null, "a", Token) is not null),
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_member_of_a_commit_is_kept()
    {
        await using var engine = await Engine.StartAsync();
        // That something ends is said of another member.
        Assert.Equal(typeof(CatalogCommit).GetProperties().Select(member => member.Name).Where(name => name != nameof(CatalogCommit.Ends)).Order(), Members.Keys.Order());

        foreach (var name in Members.Keys.OrderBy(name => name == nameof(CatalogCommit.DeletedEntity)).ThenBy(name => name.StartsWith("Deleted", StringComparison.Ordinal)))
        {
            Assert.False(await Members[name].IsKept(engine.Catalog), name);

            await engine.Catalog.CommitAsync(Members[name].Commit, Token);

            Assert.True(await Members[name].IsKept(engine.Catalog), name);
        }
    }

    [Fact]
    public async Task Every_member_of_a_commit_is_kept_with_the_rows_of_an_import_too()
    {
        var members = Members.Where(member => member.Key is not (
            nameof(CatalogCommit.ChangedImport) or nameof(CatalogCommit.UndoneImport) or nameof(CatalogCommit.ChangedUpload) or nameof(CatalogCommit.DeletedEntity) or nameof(CatalogCommit.ChangedDelivery) or nameof(CatalogCommit.DeletedWebhook) or nameof(CatalogCommit.DeletedGuards) or nameof(CatalogCommit.DeletedPlan) or nameof(CatalogCommit.DeletedRepair) or nameof(CatalogCommit.DeletedSession))).ToList();
        await using var engine = await Engine.StartAsync(new EngineSetup { Records = inner => new InterceptedRecords(inner) { Changing = All } });
        await engine.DeclareAsync("e", """[{ "systemName": "Sku", "dataType": "STRING", "length": 5 }]""");

        await engine.ImportAsync("e", "Sku\na\n");

        Assert.Equal(["a"], await engine.RecordsAsync("e"));
        foreach (var (name, (_, isKept)) in members.Where(member => member.Key != nameof(CatalogCommit.NewImport))) Assert.True(await isKept(engine.Catalog), name);
        Assert.Equal(2, (await engine.Catalog.FindImportAsync(Import.Id, Token))!.Sequence);

        CatalogCommit All(CatalogCommit commit) => members.Aggregate(commit, (all, member) =>
        {
            var property = typeof(CatalogCommit).GetProperty(member.Key)!;
            property.SetValue(all, property.GetValue(member.Value.Commit));
            return all;
        });
    }

    [Fact]
    public async Task A_commit_of_which_one_thing_cannot_be_kept_leaves_nothing()
    {
        await using var engine = await Engine.StartAsync();
        var commit = new CatalogCommit { Entity = Part(), NewMapping = MappingOf(1), NewUpload = Upload, NewImport = Import, Receipt = Receipt(null!) };

        await Assert.ThrowsAnyAsync<Exception>(() => engine.Catalog.CommitAsync(commit, Token));

        Assert.Null(await engine.Catalog.FindEntityAsync("Part", Token));
        Assert.Null(await engine.Catalog.FindMappingAsync(MappingId, null, Token));
        Assert.Null(await engine.Catalog.FindUploadAsync(UploadId, Token));
        Assert.Null(await engine.Catalog.FindImportAsync(Import.Id, Token));
        await engine.DeclareAsync("Part", """[{ "systemName": "Sku", "dataType": "STRING", "length": 5 }]""");
    }

    [Fact]
    public async Task Uploads_without_a_mapping_are_listed_for_their_sender_and_those_under_one_for_its_entity()
    {
        await using var engine = await Engine.StartAsync();
        // Those that are old would be swept.
        var unbound = Upload with { MappingId = null, CreatedAt = DateTimeOffset.UtcNow };
        var (annas, berts, bound) = (unbound with { Id = Guid.CreateVersion7(Noon), SentBy = "anna" }, unbound with { Id = Guid.CreateVersion7(Noon.AddHours(1)), SentBy = "bert" }, Upload with { SentBy = "anna" });
        await engine.Catalog.CommitAsync(new() { NewMapping = MappingOf(1), NewUpload = annas }, Token);
        await engine.Catalog.CommitAsync(new() { NewUpload = berts }, Token);
        await engine.Catalog.CommitAsync(new() { NewUpload = bound }, Token);

        Assert.Equal([bound, berts, annas], await ListAsync(new UploadQuery(null, null, 10)));
        Assert.Equal([bound, annas], await ListAsync(new UploadQuery(null, null, 10) { Sender = "anna" }));
        Assert.Equal([berts], await ListAsync(new UploadQuery(null, null, 10) { Sender = "bert", Entities = ["other"] }));
        Assert.Equal([bound], await ListAsync(new UploadQuery(null, null, 10) { Sender = "", Entities = ["PART"] }));
        Assert.Equal([bound], await ListAsync(new UploadQuery(MappingId, null, 10)));
        Assert.Equal([berts, annas], await ListAsync(new UploadQuery(null, null, 10) { Unbound = true }));
        Assert.Equal([annas], await ListAsync(new UploadQuery(null, berts.Id, 10) { Unbound = true }));

        // What is bound, or expires, is told to the lists, too.
        await engine.Catalog.CommitAsync(new() { ChangedUpload = annas with { MappingId = MappingId } }, Token);
        await engine.Catalog.CommitAsync(new() { ChangedUpload = berts with { ExpiredAt = Noon } }, Token);
        Assert.Empty(await ListAsync(new UploadQuery(null, null, 10) { Unbound = true }));
        Assert.Equal([bound.Id, annas.Id], (await ListAsync(new UploadQuery(MappingId, null, 10))).Select(upload => upload.Id));
        Assert.Equal([berts.Id], (await ListAsync(new UploadQuery(null, null, 10) { Entities = ["other"] })).Select(upload => upload.Id));

        Task<IReadOnlyList<Upload>> ListAsync(UploadQuery query) => engine.Catalog.ListUploadsAsync(query, Token);
    }

    [Fact]
    public async Task A_key_is_its_callers_own()
    {
        await using var engine = await Engine.StartAsync();
        await engine.Catalog.CommitAsync(new() { Receipt = Receipt("k") with { Caller = "anna", DoneAt = DateTimeOffset.UtcNow } }, Token);

        Assert.NotNull(await engine.Catalog.FindReceiptAsync("anna", "k", Token));
        Assert.Null(await engine.Catalog.FindReceiptAsync("bert", "k", Token));
        Assert.Null(await engine.Catalog.FindReceiptAsync(null, "k", Token));
    }

    private static EntityDefinition Part() => new() { SystemName = "Part", Fields = [new FieldDefinition { SystemName = "Sku", DataType = DataType.String, Length = 5 }] };

    private static Mapping MappingOf(int revision) => new() { Id = MappingId, Revision = revision, EntitySystemName = "Part", Document = "{}", CreatedAt = Noon };

    private static RequestReceipt Receipt(string key) => new() { Key = key, Fingerprint = "f", Subject = MappingId, DoneAt = Noon };
}
