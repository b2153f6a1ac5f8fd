using EntityImport.Catalog;
using EntityImport.Entities;
using EntityImport.Guards;
using EntityImport.Postgres.Connections;
using EntityImport.Postgres.Leases;
using EntityImport.SqlStores;
using Npgsql;

namespace EntityImport.Postgres.Catalog;

/// <summary>The catalog in PostgreSQL: each thing is a JSON document, beside the columns that it is looked up by.</summary>
internal sealed class PostgresCatalog(Database database) : ICatalog
{
    public async Task<CatalogCommit> CommitAsync(CatalogCommit commit, CancellationToken cancellationToken)
    {
        try
        {
            return await CatalogWriter.CommitAsync(database, commit, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            // What failed may have been committed.
            database.Entities.NoteCommit(commit);
        }
    }

    public Task<IReadOnlyList<EntityDefinition>> ListEntitiesAsync(CancellationToken cancellationToken) =>
        ListAsync<EntityDefinition>("SELECT document FROM eis.entity ORDER BY name COLLATE \"C\"", cancellationToken);

    public async Task<EntityDefinition?> FindEntityAsync(string systemName, CancellationToken cancellationToken)
    {
        if (database.Entities.Find(systemName) is { } known) return known;
        var version = database.Entities.Version;
        var entity = await FindAsync<EntityDefinition>("SELECT document FROM eis.entity WHERE name = $1", cancellationToken, CatalogStatements.Key(systemName)).ConfigureAwait(false);
        if (entity is not null) database.Entities.Add(version, entity);
        return entity;
    }

    public Task<EntityGuards?> FindGuardsAsync(string systemName, CancellationToken cancellationToken) =>
        FindAsync<EntityGuards>("SELECT document FROM eis.guards WHERE entity = $1", cancellationToken, CatalogStatements.Key(systemName));

    public Task<Mapping?> FindMappingAsync(Guid mappingId, int? revision, CancellationToken cancellationToken) => FindAsync<Mapping>(
        "SELECT document FROM eis.mapping WHERE id = $1 AND revision = coalesce($2::integer, revision) ORDER BY revision DESC LIMIT 1", cancellationToken, mappingId, revision);

    public Task<IReadOnlyList<(Mapping Mapping, MappingUse? LastUse)>> ListMappingsAsync(MappingQuery query, CancellationToken cancellationToken) => ReadAsync(
        $"""
        SELECT document, {CatalogStatements.MappingUse} FROM eis.mapping m
        LEFT JOIN eis.mapping_use ON mapping = id AND used_for = entity WHERE id < $1 AND entity = coalesce($2::text, entity) AND ($4::text[] IS NULL OR entity = ANY ($4::text[]))
        AND ($5::text IS NULL OR header = $5::text) AND NOT EXISTS (SELECT 1 FROM eis.mapping later WHERE later.id = m.id AND later.revision > m.revision)
        ORDER BY CASE WHEN $5::text IS NULL THEN 0 ELSE used END DESC, id DESC LIMIT $3
        """,
        [query.Before ?? Guid.AllBitsSet, query.EntitySystemName is { } entity ? CatalogStatements.Key(entity) : null, query.Limit, CatalogStatements.Keys(query.Entities), query.HeaderSha256],
        row => (CatalogJson.Parse<Mapping>(row.GetString(0)), CatalogStatements.ReadMappingUse(row, 1)), cancellationToken);

    public Task<IReadOnlyList<Mapping>> ListMappingRevisionsAsync(MappingRevisionQuery query, CancellationToken cancellationToken) => ListAsync<Mapping>(
        "SELECT document FROM eis.mapping WHERE id = $1 AND revision < $2 AND ($4::text[] IS NULL OR entity = ANY ($4::text[])) ORDER BY revision DESC LIMIT $3",
        cancellationToken, query.MappingId, query.Before ?? int.MaxValue, query.Limit, CatalogStatements.Keys(query.Entities));

    public Task<IReadOnlyList<Upload>> ListUploadsAsync(UploadQuery query, CancellationToken cancellationToken) => ListAsync<Upload>(
        """
        SELECT document FROM eis.upload WHERE id < $1 AND ($2::uuid IS NULL OR mapping = $2::uuid)
        AND CASE WHEN mapping IS NULL THEN $5::text IS NULL OR sender = $5::text
            ELSE $4::text[] IS NULL OR (SELECT m.entity FROM eis.mapping m WHERE m.id = upload.mapping ORDER BY m.revision DESC LIMIT 1) = ANY ($4::text[]) END
        AND (NOT $6 OR (mapping IS NULL AND NOT expired)) ORDER BY id DESC LIMIT $3
        """,
        cancellationToken, query.Before ?? Guid.AllBitsSet, query.MappingId, query.Limit, CatalogStatements.Keys(query.Entities), query.Sender, query.Unbound);

    public async Task<(long Count, long Bytes, DateTimeOffset? Oldest)> SumUploadsAsync(CancellationToken cancellationToken)
    {
        var (count, bytes, oldest) = (0L, 0L, (DateTimeOffset?)null);
        var session = await database.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using (session.ConfigureAwait(false))
        {
            await session.ReadAsync(
                "SELECT document FROM eis.upload WHERE NOT expired", [],
                row =>
                {
                    var upload = CatalogJson.Parse<Upload>(row.GetString(0));
                    count++;
                    bytes += upload.Size;
                    if (oldest is null || upload.CreatedAt < oldest) oldest = upload.CreatedAt;
                },
                cancellationToken).ConfigureAwait(false);
        }

        return (count, bytes, oldest);
    }

    public Task<IReadOnlyCollection<Guid>> ListUploadIdsAsync(CancellationToken cancellationToken) => ListIdsAsync("SELECT id FROM eis.upload", cancellationToken);

    public Task<IReadOnlyList<Upload>> ListUploadsOfUnfinishedImportsAsync(CancellationToken cancellationToken) => ListAsync<Upload>(
        "SELECT document FROM eis.upload WHERE id IN (SELECT upload FROM eis.import WHERE state IN ($1, $2))", cancellationToken, nameof(ImportState.Queued), nameof(ImportState.Running));

    public Task<IReadOnlyCollection<Guid>> ListImportIdsAsync(CancellationToken cancellationToken) => ListIdsAsync("SELECT id FROM eis.import", cancellationToken);

    public Task<Upload?> FindUploadAsync(Guid uploadId, CancellationToken cancellationToken) => FindAsync<Upload>("SELECT document FROM eis.upload WHERE id = $1", cancellationToken, uploadId);

    public Task<IReadOnlyList<Upload>> FindUploadsAsync(IReadOnlyCollection<Guid> uploadIds, CancellationToken cancellationToken) => ListAsync<Upload>(
        "SELECT document FROM eis.upload WHERE id = ANY ($1::text[]::uuid[])", cancellationToken, uploadIds.Select(id => id.ToString()).ToList());

    public Task<Import?> FindImportAsync(Guid importId, CancellationToken cancellationToken) => FindAsync<Import>("SELECT document FROM eis.import WHERE id = $1", cancellationToken, importId);

    public Task<Import?> FindLastImportAsync(Guid uploadId, CancellationToken cancellationToken) =>
        FindAsync<Import>("SELECT document FROM eis.import WHERE upload = $1 ORDER BY sequence DESC LIMIT 1", cancellationToken, uploadId);

    public Task<IReadOnlyList<Import>> ListImportsOfUploadsAsync(IReadOnlyCollection<Guid> uploadIds, CancellationToken cancellationToken) => ListAsync<Import>(
        "SELECT document FROM eis.import WHERE upload = ANY ($1::text[]::uuid[]) ORDER BY sequence DESC", cancellationToken, uploadIds.Select(id => id.ToString()).ToList());

    public Task<IReadOnlyList<Import>> ListImportsOfFileAsync(string entitySystemName, string sha256, CancellationToken cancellationToken) => ListAsync<Import>(
        """
        SELECT i.document FROM eis.import i JOIN eis.upload u ON u.id = i.upload
        WHERE i.entity = $1 AND u.sha256 = $2 AND i.state = $3 ORDER BY i.sequence DESC
        """,
        cancellationToken, CatalogStatements.Key(entitySystemName), sha256, nameof(ImportState.Succeeded));

    public Task<RequestReceipt?> FindReceiptAsync(string? caller, string key, CancellationToken cancellationToken) => FindAsync<RequestReceipt>(
        "SELECT document FROM eis.receipt WHERE key = $1 AND caller IS NOT DISTINCT FROM $2::text ORDER BY done DESC LIMIT 1", cancellationToken, key, caller);

    public Task DeleteReceiptsAsync(DateTimeOffset before, CancellationToken cancellationToken) => WriteAsync(
        session => session.ExecuteAsync("DELETE FROM eis.receipt WHERE done < $1", [before.ToUnixTimeMilliseconds()], cancellationToken), cancellationToken);

    public Task<IReadOnlyList<Import>> ListImportsAsync(ImportQuery query, CancellationToken cancellationToken) => ListAsync<Import>(
        """
        SELECT document FROM eis.import WHERE sequence < $1 AND ($2::text IS NULL OR entity = $2::text) AND ($3::text[] IS NULL OR state = ANY ($3::text[]))
        AND ($4::text[] IS NULL OR entity = ANY ($4::text[])) AND id >= $5 AND id < $6 ORDER BY sequence DESC LIMIT $7
        """,
        cancellationToken, query.Before ?? long.MaxValue, query.EntitySystemName is { } entity ? CatalogStatements.Key(entity) : null, States(query.States), CatalogStatements.Keys(query.Entities),
        query.Since is { } since ? ImportQuery.FirstId(since) : Guid.Empty, query.Until is { } until ? ImportQuery.FirstId(until) : Guid.AllBitsSet, query.Limit);

    public Task<Plan?> FindPlanAsync(Guid planId, CancellationToken cancellationToken) => FindAsync<Plan>("SELECT document FROM eis.plan WHERE id = $1", cancellationToken, planId);

    public Task<RepairDraft?> FindRepairAsync(Guid importId, CancellationToken cancellationToken) => FindAsync<RepairDraft>("SELECT document FROM eis.repair WHERE import = $1", cancellationToken, importId);

    public Task<IReadOnlyList<RowEdit>> ListRowEditsAsync(Guid importId, long after, int limit, CancellationToken cancellationToken) => ListAsync<RowEdit>(
        "SELECT document FROM eis.repair_edit WHERE import = $1 AND number > $2 ORDER BY number LIMIT $3", cancellationToken, importId, after, limit);

    public Task<IReadOnlyList<Plan>> ListPlansAsync(PlanQuery query, CancellationToken cancellationToken) => ListAsync<Plan>(
        """
        SELECT document FROM eis.plan WHERE id < $1 AND ($2::text IS NULL OR entity = $2::text) AND ($3::text[] IS NULL OR entity = ANY ($3::text[]))
        AND ($4::text[] IS NULL OR state = ANY ($4::text[])) AND NOT (expired AND $5) ORDER BY id DESC LIMIT $6
        """,
        cancellationToken, query.Before ?? Guid.AllBitsSet, query.EntitySystemName is { } entity ? CatalogStatements.Key(entity) : null, CatalogStatements.Keys(query.Entities), States(query.States), query.Kept, query.Limit);

    public async Task<long> SumPlanBytesAsync(CancellationToken cancellationToken) =>
        (await ReadAsync("SELECT coalesce(sum(bytes), 0)::bigint FROM eis.plan", [], row => row.GetInt64(0), cancellationToken).ConfigureAwait(false))[0];

    public Task<IReadOnlyList<(ApiKey Key, DateTimeOffset? LastUsedAt)>> ListKeysAsync(CancellationToken cancellationToken) => ReadAsync(
        "SELECT document, used FROM eis.key ORDER BY id", [],
        row => (CatalogJson.Parse<ApiKey>(row.GetString(0)), row.IsDBNull(1) ? (DateTimeOffset?)null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(1))), cancellationToken);

    public Task NoteKeyUsesAsync(IReadOnlyDictionary<Guid, DateTimeOffset> uses, CancellationToken cancellationToken) => WriteAsync(
        async session =>
        {
            foreach (var (id, at) in uses) await session.ExecuteAsync("UPDATE eis.key SET used = $2 WHERE id = $1", [id, at.ToUnixTimeMilliseconds()], cancellationToken).ConfigureAwait(false);
        },
        cancellationToken);

    public Task<IReadOnlyList<UserSession>> ListSessionsAsync(CancellationToken cancellationToken) => ListAsync<UserSession>("SELECT document FROM eis.session ORDER BY id", cancellationToken);

    public Task<UserSession?> FindSessionAsync(string hash, CancellationToken cancellationToken) => FindAsync<UserSession>("SELECT document FROM eis.session WHERE hash = $1", cancellationToken, hash);

    public Task<IReadOnlyList<ProtectionKey>> ListProtectionKeysAsync(CancellationToken cancellationToken) => ListAsync<ProtectionKey>("SELECT document FROM eis.protection_key ORDER BY id", cancellationToken);

    public Task<IReadOnlyList<AuditEntry>> ListAuditAsync(AuditQuery query, CancellationToken cancellationToken) => ListAsync<AuditEntry>(
        """
        SELECT document FROM eis.audit WHERE id < $1 AND ($2::text IS NULL OR entity = $2::text) AND ($3::text IS NULL OR subject = $3::text) AND ($4::boolean IS NULL OR refused = $4::boolean)
        AND noted >= $5 AND noted < $6 ORDER BY id DESC LIMIT $7
        """,
        cancellationToken, query.Before ?? Guid.AllBitsSet, query.Entity is { } entity ? CatalogStatements.Key(entity) : null, query.Subject, query.Refused,
        query.Since?.ToUnixTimeMilliseconds() ?? long.MinValue, query.Until?.ToUnixTimeMilliseconds() ?? long.MaxValue, query.Limit);

    public Task DeleteAuditAsync(DateTimeOffset? before, int mostRefused, CancellationToken cancellationToken) => WriteAsync(
        async session =>
        {
            if (before is { } time) await session.ExecuteAsync("DELETE FROM eis.audit WHERE noted < $1", [time.ToUnixTimeMilliseconds()], cancellationToken).ConfigureAwait(false);
            await session.ExecuteAsync("DELETE FROM eis.audit WHERE refused AND id <= (SELECT id FROM eis.audit WHERE refused ORDER BY id DESC OFFSET $1 LIMIT 1)", [mostRefused], cancellationToken).ConfigureAwait(false);
        },
        cancellationToken);

    public Task<IReadOnlyList<Webhook>> ListWebhooksAsync(CancellationToken cancellationToken) => ListAsync<Webhook>("SELECT document FROM eis.webhook ORDER BY id", cancellationToken);

    public Task<IReadOnlyList<(Delivery Delivery, Notice Notice)>> ListDeliveriesAsync(DeliveryQuery query, CancellationToken cancellationToken) => ReadDeliveriesAsync(
        """
        SELECT d.document, n.document FROM eis.delivery d JOIN eis.notice n ON n.id = d.notice
        WHERE d.webhook = $1 AND d.notice < $2 AND ($3::text IS NULL OR d.state = $3::text) ORDER BY d.notice DESC LIMIT $4
        """,
        cancellationToken, query.WebhookId, query.Before ?? Guid.AllBitsSet, query.State?.ToString(), query.Limit);

    public Task<IReadOnlyList<(Delivery Delivery, Notice Notice)>> ListNextDeliveriesAsync(CancellationToken cancellationToken) => ReadDeliveriesAsync(
        """
        SELECT d.document, n.document FROM eis.notice n JOIN (
            SELECT DISTINCT ON (webhook) notice, document FROM eis.delivery WHERE due IS NOT NULL ORDER BY webhook, due, notice
        ) d ON n.id = d.notice
        """,
        cancellationToken);

    public async Task<(Delivery Delivery, Notice Notice)?> FindDeliveryAsync(Guid webhookId, Guid noticeId, CancellationToken cancellationToken) => await ReadDeliveriesAsync(
        "SELECT d.document, n.document FROM eis.delivery d JOIN eis.notice n ON n.id = d.notice WHERE d.webhook = $1 AND d.notice = $2", cancellationToken, webhookId, noticeId).ConfigureAwait(false) is [var found] ? found : null;

    public Task DeleteNoticesAsync(DateTimeOffset before, int mostDeliveries, CancellationToken cancellationToken) => WriteAsync(
        async session =>
        {
            await session.ExecuteAsync("DELETE FROM eis.notice WHERE noted < $1", [before.ToUnixTimeMilliseconds()], cancellationToken).ConfigureAwait(false);
            await session.ExecuteAsync("DELETE FROM eis.notice WHERE id <= (SELECT notice FROM eis.delivery ORDER BY notice DESC OFFSET $1 LIMIT 1)", [mostDeliveries], cancellationToken).ConfigureAwait(false);
            await session.ExecuteAsync("DELETE FROM eis.delivery WHERE notice NOT IN (SELECT id FROM eis.notice) OR webhook NOT IN (SELECT id FROM eis.webhook)", cancellationToken).ConfigureAwait(false);
            await session.ExecuteAsync("DELETE FROM eis.notice WHERE id NOT IN (SELECT notice FROM eis.delivery)", cancellationToken).ConfigureAwait(false);
        },
        cancellationToken);

    private static List<string>? States(IReadOnlyCollection<ImportState> states) => states.Count == 0 ? null : [.. states.Select(state => state.ToString())];

    private Task<IReadOnlyList<(Delivery Delivery, Notice Notice)>> ReadDeliveriesAsync(string sql, CancellationToken cancellationToken, params object?[] parameters) =>
        ReadAsync(sql, parameters, row => (CatalogJson.Parse<Delivery>(row.GetString(0)), CatalogJson.Parse<Notice>(row.GetString(1))), cancellationToken);

    private async Task<T?> FindAsync<T>(string sql, CancellationToken cancellationToken, params object?[] parameters) where T : class =>
        (await ListAsync<T>(sql, cancellationToken, parameters).ConfigureAwait(false)).SingleOrDefault();

    private Task<IReadOnlyList<T>> ListAsync<T>(string sql, CancellationToken cancellationToken, params object?[] parameters) =>
        ReadAsync(sql, parameters, row => CatalogJson.Parse<T>(row.GetString(0)), cancellationToken);

    private async Task<IReadOnlyCollection<Guid>> ListIdsAsync(string sql, CancellationToken cancellationToken) => (IReadOnlyCollection<Guid>)await ReadAsync(sql, [], row => row.GetGuid(0), cancellationToken).ConfigureAwait(false);

    private async Task<IReadOnlyList<T>> ReadAsync<T>(string sql, IEnumerable<object?> parameters, Func<NpgsqlDataReader, T> map, CancellationToken cancellationToken)
    {
        var session = await database.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using (session.ConfigureAwait(false)) return await session.QueryAsync(sql, parameters, map, cancellationToken).ConfigureAwait(false);
    }

    private async Task WriteAsync(Func<Session, Task> write, CancellationToken cancellationToken)
    {
        var session = await database.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using (session.ConfigureAwait(false))
        {
            await session.BeginAsync(isSnapshot: false, cancellationToken).ConfigureAwait(false);
            await write(session).ConfigureAwait(false);
            await StoreLease.HoldAsync(database, session, cancellationToken).ConfigureAwait(false);
            await session.CommitAsync().ConfigureAwait(false);
        }
    }
}
