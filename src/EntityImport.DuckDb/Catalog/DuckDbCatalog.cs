using DuckDB.NET.Data;
using EntityImport.Catalog;
using EntityImport.DuckDb.Connections;
using EntityImport.Entities;
using EntityImport.Guards;
using EntityImport.SqlStores;
using EntityImport.Storage;

namespace EntityImport.DuckDb.Catalog;

/// <summary>The catalog in DuckDB: each thing is a JSON document, beside the columns that it is looked up by.</summary>
internal sealed class DuckDbCatalog(Database database, StoreThreads threads) : ICatalog
{
    public async Task<CatalogCommit> CommitAsync(CatalogCommit commit, CancellationToken cancellationToken)
    {
        var kept = commit;
        try
        {
            await WriteAsync(connection => kept = CatalogWriter.Write(connection, commit), cancellationToken).ConfigureAwait(false);
            return kept;
        }
        finally
        {
            // What failed may have been committed.
            database.Entities.NoteCommit(commit);
        }
    }

    public Task<IReadOnlyList<EntityDefinition>> ListEntitiesAsync(CancellationToken cancellationToken) =>
        QueryAsync<EntityDefinition>("SELECT document FROM eis.entity ORDER BY name", cancellationToken);

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
        "SELECT document FROM eis.mapping WHERE id = $1 AND revision = coalesce($2, revision) ORDER BY revision DESC LIMIT 1", cancellationToken, mappingId, revision);

    public Task<IReadOnlyList<(Mapping Mapping, MappingUse? LastUse)>> ListMappingsAsync(MappingQuery query, CancellationToken cancellationToken) => QueryAsync(
        $"""
        SELECT document, {CatalogStatements.MappingUse} FROM eis.mapping LEFT JOIN eis.mapping_use ON mapping = id AND used_for = entity WHERE id < $1 AND entity = coalesce($2, entity) AND coalesce(list_contains($4::VARCHAR[], entity), true)
        AND ($5::VARCHAR IS NULL OR header = $5) AND (id, revision) IN (SELECT id, max(revision) FROM eis.mapping GROUP BY id) ORDER BY CASE WHEN $5::VARCHAR IS NULL THEN 0 ELSE used END DESC, id DESC LIMIT $3
        """,
        row => (CatalogJson.Parse<Mapping>(row.GetString(0)), CatalogStatements.ReadMappingUse(row, 1)),
        cancellationToken, query.Before ?? Guid.AllBitsSet, query.EntitySystemName is { } entity ? CatalogStatements.Key(entity) : null, query.Limit, CatalogStatements.Keys(query.Entities), query.HeaderSha256);

    public Task<IReadOnlyList<Mapping>> ListMappingRevisionsAsync(MappingRevisionQuery query, CancellationToken cancellationToken) => QueryAsync<Mapping>(
        "SELECT document FROM eis.mapping WHERE id = $1 AND revision < $2 AND coalesce(list_contains($4::VARCHAR[], entity), true) ORDER BY revision DESC LIMIT $3",
        cancellationToken, query.MappingId, query.Before ?? int.MaxValue, query.Limit, CatalogStatements.Keys(query.Entities));

    public Task<IReadOnlyList<Upload>> ListUploadsAsync(UploadQuery query, CancellationToken cancellationToken) => QueryAsync<Upload>(
        """
        SELECT document FROM eis.upload WHERE id < $1 AND ($2::UUID IS NULL OR mapping = $2)
        AND CASE WHEN mapping IS NULL THEN $5::VARCHAR IS NULL OR sender = $5
            ELSE $4::VARCHAR[] IS NULL OR mapping IN (SELECT id FROM eis.mapping GROUP BY id HAVING list_contains($4::VARCHAR[], arg_max(entity, revision))) END
        AND (NOT $6 OR (mapping IS NULL AND NOT expired)) ORDER BY id DESC LIMIT $3
        """,
        cancellationToken, query.Before ?? Guid.AllBitsSet, query.MappingId, query.Limit, CatalogStatements.Keys(query.Entities), query.Sender, query.Unbound);

    public Task<(long Count, long Bytes, DateTimeOffset? Oldest)> SumUploadsAsync(CancellationToken cancellationToken) => threads.RunAsync(
        () =>
        {
            using var connection = database.Connect();
            var (bytes, oldest) = (0L, (DateTimeOffset?)null);
            var found = connection.Query(
                "SELECT document FROM eis.upload WHERE NOT expired", null,
                row =>
                {
                    var upload = CatalogJson.Parse<Upload>(row.GetString(0));
                    bytes += upload.Size;
                    if (oldest is null || upload.CreatedAt < oldest) oldest = upload.CreatedAt;
                    return true;
                },
                cancellationToken);
            return ((long)found.Count, bytes, oldest);
        },
        cancellationToken);

    public Task<IReadOnlyCollection<Guid>> ListUploadIdsAsync(CancellationToken cancellationToken) => ListIdsAsync("SELECT id FROM eis.upload", cancellationToken);

    public Task<IReadOnlyList<Upload>> ListUploadsOfUnfinishedImportsAsync(CancellationToken cancellationToken) => QueryAsync<Upload>(
        "SELECT document FROM eis.upload WHERE id IN (SELECT upload FROM eis.import WHERE state IN ($1, $2))",
        cancellationToken, nameof(ImportState.Queued), nameof(ImportState.Running));

    public Task<IReadOnlyCollection<Guid>> ListImportIdsAsync(CancellationToken cancellationToken) => ListIdsAsync("SELECT id FROM eis.import", cancellationToken);

    public Task<Upload?> FindUploadAsync(Guid uploadId, CancellationToken cancellationToken) =>
        FindAsync<Upload>("SELECT document FROM eis.upload WHERE id = $1", cancellationToken, uploadId);

    public Task<IReadOnlyList<Upload>> FindUploadsAsync(IReadOnlyCollection<Guid> uploadIds, CancellationToken cancellationToken) => QueryAsync<Upload>(
        "SELECT document FROM eis.upload WHERE id IN (SELECT unnest($1::VARCHAR[])::UUID)", cancellationToken, uploadIds.Select(id => id.ToString()).ToList());

    public Task<Import?> FindImportAsync(Guid importId, CancellationToken cancellationToken) =>
        FindAsync<Import>("SELECT document FROM eis.import WHERE id = $1", cancellationToken, importId);

    public Task<Import?> FindLastImportAsync(Guid uploadId, CancellationToken cancellationToken) =>
        FindAsync<Import>("SELECT document FROM eis.import WHERE upload = $1 ORDER BY sequence DESC LIMIT 1", cancellationToken, uploadId);

    public Task<IReadOnlyList<Import>> ListImportsOfUploadsAsync(IReadOnlyCollection<Guid> uploadIds, CancellationToken cancellationToken) => QueryAsync<Import>(
        "SELECT document FROM eis.import WHERE upload IN (SELECT unnest($1::VARCHAR[])::UUID) ORDER BY sequence DESC", cancellationToken, uploadIds.Select(id => id.ToString()).ToList());

    public Task<IReadOnlyList<Import>> ListImportsOfFileAsync(string entitySystemName, string sha256, CancellationToken cancellationToken) => QueryAsync<Import>(
        """
        SELECT i.document FROM eis.import i JOIN eis.upload u ON u.id = i.upload
        WHERE i.entity = $1 AND u.sha256 = $2 AND i.state = $3 ORDER BY i.sequence DESC
        """,
        cancellationToken, CatalogStatements.Key(entitySystemName), sha256, nameof(ImportState.Succeeded));

    public Task<RequestReceipt?> FindReceiptAsync(string? caller, string key, CancellationToken cancellationToken) => FindAsync<RequestReceipt>(
        "SELECT document FROM eis.receipt WHERE key = $1 AND caller IS NOT DISTINCT FROM $2 ORDER BY done DESC LIMIT 1", cancellationToken, key, caller);

    public Task DeleteReceiptsAsync(DateTimeOffset before, CancellationToken cancellationToken) => WriteAsync(
        connection => connection.Execute("DELETE FROM eis.receipt WHERE done < $1", [before.ToUnixTimeMilliseconds()]), cancellationToken);

    public Task<IReadOnlyList<Import>> ListImportsAsync(ImportQuery query, CancellationToken cancellationToken)
    {
        var parameters = new List<object?> { query.Before ?? long.MaxValue, query.Limit };
        var sql = "SELECT document FROM eis.import WHERE sequence < $1";
        if (query.EntitySystemName is { } entity)
        {
            parameters.Add(CatalogStatements.Key(entity));
            sql += $" AND entity = ${parameters.Count}";
        }

        if (query.States.Count > 0)
        {
            var first = parameters.Count + 1;
            parameters.AddRange(query.States.Select(state => state.ToString()));
            sql += $" AND state IN ({string.Join(", ", Enumerable.Range(first, query.States.Count).Select(i => $"${i}"))})";
        }

        if (query.Entities is { } entities)
        {
            parameters.Add(CatalogStatements.Keys(entities));
            sql += $" AND list_contains(${parameters.Count}::VARCHAR[], entity)";
        }

        if (query.Since is { } since)
        {
            parameters.Add(ImportQuery.FirstId(since));
            sql += $" AND id >= ${parameters.Count}";
        }

        if (query.Until is { } until)
        {
            parameters.Add(ImportQuery.FirstId(until));
            sql += $" AND id < ${parameters.Count}";
        }

        return QueryAsync<Import>(sql + " ORDER BY sequence DESC LIMIT $2", cancellationToken, [.. parameters]);
    }

    public Task<Plan?> FindPlanAsync(Guid planId, CancellationToken cancellationToken) => FindAsync<Plan>("SELECT document FROM eis.plan WHERE id = $1", cancellationToken, planId);

    public Task<RepairDraft?> FindRepairAsync(Guid importId, CancellationToken cancellationToken) => FindAsync<RepairDraft>("SELECT document FROM eis.repair WHERE import = $1", cancellationToken, importId);

    public Task<IReadOnlyList<RowEdit>> ListRowEditsAsync(Guid importId, long after, int limit, CancellationToken cancellationToken) => QueryAsync<RowEdit>(
        "SELECT document FROM eis.repair_edit WHERE import = $1 AND number > $2 ORDER BY number LIMIT $3", cancellationToken, importId, after, limit);

    public Task<IReadOnlyList<Plan>> ListPlansAsync(PlanQuery query, CancellationToken cancellationToken) => QueryAsync<Plan>(
        """
        SELECT document FROM eis.plan WHERE id < $1 AND entity = coalesce($2, entity) AND coalesce(list_contains($3::VARCHAR[], entity), true)
        AND coalesce(list_contains($4::VARCHAR[], state), true) AND NOT (expired AND $5) ORDER BY id DESC LIMIT $6
        """,
        cancellationToken, query.Before ?? Guid.AllBitsSet, query.EntitySystemName is { } entity ? CatalogStatements.Key(entity) : null, CatalogStatements.Keys(query.Entities),
        query.States.Count == 0 ? null : query.States.Select(state => state.ToString()).ToList(), query.Kept, query.Limit);

    public Task<long> SumPlanBytesAsync(CancellationToken cancellationToken) => threads.RunAsync(
        () =>
        {
            using var connection = database.Connect();
            return connection.Query("SELECT coalesce(sum(bytes), 0)::BIGINT FROM eis.plan", null, row => row.GetInt64(0), cancellationToken)[0];
        },
        cancellationToken);

    public Task<IReadOnlyList<(ApiKey Key, DateTimeOffset? LastUsedAt)>> ListKeysAsync(CancellationToken cancellationToken) => threads.RunAsync<IReadOnlyList<(ApiKey, DateTimeOffset?)>>(
        () =>
        {
            using var connection = database.Connect();
            return connection.Query(
                "SELECT document, used FROM eis.key ORDER BY id", null,
                row => (CatalogJson.Parse<ApiKey>(row.GetString(0)), row.IsDBNull(1) ? (DateTimeOffset?)null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(1))), cancellationToken);
        },
        cancellationToken);

    public Task NoteKeyUsesAsync(IReadOnlyDictionary<Guid, DateTimeOffset> uses, CancellationToken cancellationToken) => WriteAsync(
        connection =>
        {
            foreach (var (id, at) in uses) connection.Execute("UPDATE eis.key SET used = $2 WHERE id = $1", [id, at.ToUnixTimeMilliseconds()]);
        },
        cancellationToken);

    public Task<IReadOnlyList<UserSession>> ListSessionsAsync(CancellationToken cancellationToken) => QueryAsync<UserSession>("SELECT document FROM eis.session ORDER BY id", cancellationToken);

    public Task<UserSession?> FindSessionAsync(string hash, CancellationToken cancellationToken) => FindAsync<UserSession>("SELECT document FROM eis.session WHERE hash = $1", cancellationToken, hash);

    public Task<IReadOnlyList<ProtectionKey>> ListProtectionKeysAsync(CancellationToken cancellationToken) => QueryAsync<ProtectionKey>("SELECT document FROM eis.protection_key ORDER BY id", cancellationToken);

    public Task<IReadOnlyList<AuditEntry>> ListAuditAsync(AuditQuery query, CancellationToken cancellationToken) => QueryAsync<AuditEntry>(
        """
        SELECT document FROM eis.audit WHERE id < $1 AND ($2 IS NULL OR entity = $2) AND ($3 IS NULL OR subject = $3) AND ($4 IS NULL OR refused = $4)
        AND noted >= $5 AND noted < $6 ORDER BY id DESC LIMIT $7
        """,
        cancellationToken, query.Before ?? Guid.AllBitsSet, query.Entity is { } entity ? CatalogStatements.Key(entity) : null, query.Subject, query.Refused,
        query.Since?.ToUnixTimeMilliseconds() ?? long.MinValue, query.Until?.ToUnixTimeMilliseconds() ?? long.MaxValue, query.Limit);

    public Task DeleteAuditAsync(DateTimeOffset? before, int mostRefused, CancellationToken cancellationToken) => WriteAsync(
        connection =>
        {
            if (before is { } time) connection.Execute("DELETE FROM eis.audit WHERE noted < $1", [time.ToUnixTimeMilliseconds()]);
            connection.Execute("DELETE FROM eis.audit WHERE refused AND id <= (SELECT id FROM eis.audit WHERE refused ORDER BY id DESC OFFSET $1 LIMIT 1)", [mostRefused]);
        },
        cancellationToken);

    public Task<IReadOnlyList<Webhook>> ListWebhooksAsync(CancellationToken cancellationToken) => QueryAsync<Webhook>("SELECT document FROM eis.webhook ORDER BY id", cancellationToken);

    public Task<IReadOnlyList<(Delivery Delivery, Notice Notice)>> ListDeliveriesAsync(DeliveryQuery query, CancellationToken cancellationToken) => QueryDeliveriesAsync(
        """
        SELECT d.document, n.document FROM eis.delivery d JOIN eis.notice n ON n.id = d.notice
        WHERE d.webhook = $1 AND d.notice < $2 AND ($3 IS NULL OR d.state = $3) ORDER BY d.notice DESC LIMIT $4
        """,
        cancellationToken, query.WebhookId, query.Before ?? Guid.AllBitsSet, query.State?.ToString(), query.Limit);

    public Task<IReadOnlyList<(Delivery Delivery, Notice Notice)>> ListNextDeliveriesAsync(CancellationToken cancellationToken) => QueryDeliveriesAsync(
        """
        SELECT d.document, n.document FROM eis.notice n JOIN (
            SELECT notice, document FROM eis.delivery WHERE due IS NOT NULL QUALIFY row_number() OVER (PARTITION BY webhook ORDER BY due, notice) = 1
        ) d ON n.id = d.notice
        """,
        cancellationToken);

    public async Task<(Delivery Delivery, Notice Notice)?> FindDeliveryAsync(Guid webhookId, Guid noticeId, CancellationToken cancellationToken) => await QueryDeliveriesAsync(
        "SELECT d.document, n.document FROM eis.delivery d JOIN eis.notice n ON n.id = d.notice WHERE d.webhook = $1 AND d.notice = $2", cancellationToken, webhookId, noticeId).ConfigureAwait(false) is [var found] ? found : null;

    public Task DeleteNoticesAsync(DateTimeOffset before, int mostDeliveries, CancellationToken cancellationToken) => WriteAsync(
        connection =>
        {
            connection.Execute("DELETE FROM eis.notice WHERE noted < $1", [before.ToUnixTimeMilliseconds()]);
            connection.Execute("DELETE FROM eis.notice WHERE id <= (SELECT notice FROM eis.delivery ORDER BY notice DESC OFFSET $1 LIMIT 1)", [mostDeliveries]);
            connection.Execute("DELETE FROM eis.delivery WHERE notice NOT IN (SELECT id FROM eis.notice) OR webhook NOT IN (SELECT id FROM eis.webhook)");
            connection.Execute("DELETE FROM eis.notice WHERE id NOT IN (SELECT notice FROM eis.delivery)");
        },
        cancellationToken);

    private Task<IReadOnlyList<(Delivery Delivery, Notice Notice)>> QueryDeliveriesAsync(string sql, CancellationToken cancellationToken, params object?[] parameters) =>
        threads.RunAsync<IReadOnlyList<(Delivery, Notice)>>(
            () =>
            {
                using var connection = database.Connect();
                return connection.Query(sql, parameters, row => (CatalogJson.Parse<Delivery>(row.GetString(0)), CatalogJson.Parse<Notice>(row.GetString(1))), cancellationToken);
            },
            cancellationToken);

    private static List<string>? Keys(IReadOnlyCollection<string>? entities) => entities is null ? null : [.. entities.Select(CatalogStatements.Key)];

    private async Task<T?> FindAsync<T>(string sql, CancellationToken cancellationToken, params object?[] parameters) where T : class =>
        (await QueryAsync<T>(sql, cancellationToken, parameters).ConfigureAwait(false)).SingleOrDefault();

    private Task<IReadOnlyList<T>> QueryAsync<T>(string sql, CancellationToken cancellationToken, params object?[] parameters) =>
        QueryAsync(sql, row => CatalogJson.Parse<T>(row.GetString(0)), cancellationToken, parameters);

    private Task<IReadOnlyList<T>> QueryAsync<T>(string sql, Func<DuckDBDataReader, T> map, CancellationToken cancellationToken, params object?[] parameters) =>
        threads.RunAsync(() => Query(sql, map, parameters), cancellationToken);

    private IReadOnlyList<T> Query<T>(string sql, Func<DuckDBDataReader, T> map, params object?[] parameters)
    {
        try
        {
            using var connection = database.Connect();
            return connection.Query(sql, parameters, map);
        }
        catch (StoreUnavailableException exception) when (exception.MustReopen)
        {
            // Connecting anew opens the database again, unless somebody still works with the old one. A reader need not learn of it.
            using var connection = database.Connect();
            return connection.Query(sql, parameters, map);
        }
    }

    private Task<IReadOnlyCollection<Guid>> ListIdsAsync(string sql, CancellationToken cancellationToken) => threads.RunAsync<IReadOnlyCollection<Guid>>(
        () =>
        {
            using var connection = database.Connect();
            return connection.Query(sql, null, row => row.GetGuid(0), cancellationToken);
        },
        cancellationToken);

    private async Task WriteAsync(Action<DuckDBConnection> write, CancellationToken cancellationToken)
    {
        await database.Writer.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await threads.RunAsync(() => Write(write), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            database.Writer.Release();
        }
    }

    private bool Write(Action<DuckDBConnection> write)
    {
        try
        {
            using (var connection = database.Connect())
            {
                using var transaction = connection.BeginTransaction();
                write(connection);
                transaction.Commit();
            }

            database.ShortenLog();
            return true;
        }
        catch (DuckDBException exception)
        {
            throw database.Translate(exception);
        }
    }
}
