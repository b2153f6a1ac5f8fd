using System.Text.Json;
using System.Text.Json.Serialization;
using DuckDB.NET.Data;
using EntityImport.Access;
using EntityImport.Catalog;
using EntityImport.DuckDb.Connections;
using EntityImport.Entities;
using EntityImport.Storage;

namespace EntityImport.DuckDb.Catalog;

/// <summary>The catalog in DuckDB: each thing is a JSON document, beside the columns that it is looked up by.</summary>
internal sealed class DuckDbCatalog(Database database, StoreThreads threads) : ICatalog
{
    public Task<IReadOnlyList<EntityDefinition>> ListEntitiesAsync(CancellationToken cancellationToken) =>
        QueryAsync<EntityDefinition>("SELECT document FROM eis.entity ORDER BY name", cancellationToken);

    public Task<EntityDefinition?> FindEntityAsync(string systemName, CancellationToken cancellationToken) =>
        FindAsync<EntityDefinition>("SELECT document FROM eis.entity WHERE name = $1", cancellationToken, Key(systemName));

    public Task SaveEntityAsync(EntityDefinition entity, CancellationToken cancellationToken) => WriteAsync(
        connection =>
        {
            var name = Key(entity.SystemName);
            var existing = Read<EntityDefinition>(connection, "SELECT document FROM eis.entity WHERE name = $1", name).SingleOrDefault();
            if (existing is null)
            {
                connection.Execute($"CREATE TABLE {Sql.Table(entity)} ({Sql.ColumnTypes(entity.Fields)})");
                connection.Execute("INSERT INTO eis.entity VALUES ($1, $2)", [name, Serialize(entity)]);
                return;
            }

            foreach (var field in entity.Fields)
            {
                var old = existing.FindField(field.SystemName);
                if (old is null) connection.Execute($"ALTER TABLE {Sql.Table(entity)} ADD COLUMN {Sql.Column(field)} {Sql.Type(field)}");
                else if (Sql.Type(old) != Sql.Type(field))
                    connection.Execute($"ALTER TABLE {Sql.Table(entity)} ALTER COLUMN {Sql.Column(field)} SET DATA TYPE {Sql.Type(field)}");
            }

            connection.Execute("UPDATE eis.entity SET document = $2 WHERE name = $1", [name, Serialize(entity)]);
        },
        cancellationToken);

    public Task DeleteEntityAsync(string systemName, CancellationToken cancellationToken) => WriteAsync(
        connection =>
        {
            connection.Execute($"DROP TABLE IF EXISTS {Sql.RecordSchema}.{Sql.Name(systemName)}");
            connection.Execute("DELETE FROM eis.entity WHERE name = $1", [Key(systemName)]);
        },
        cancellationToken);

    public Task AddMappingAsync(Mapping mapping, RequestReceipt? receipt, CancellationToken cancellationToken) => WriteAsync(
        connection =>
        {
            connection.Execute("INSERT INTO eis.mapping (id, revision, entity, document) VALUES ($1, $2, $3, $4)", [mapping.Id, mapping.Revision, Key(mapping.EntitySystemName), Serialize(mapping)]);
            Add(connection, receipt);
        },
        cancellationToken);

    public Task<Mapping?> FindMappingAsync(Guid mappingId, int? revision, CancellationToken cancellationToken) => FindAsync<Mapping>(
        "SELECT document FROM eis.mapping WHERE id = $1 AND revision = coalesce($2, revision) ORDER BY revision DESC LIMIT 1", cancellationToken, mappingId, revision);

    public Task<IReadOnlyList<Mapping>> ListMappingsAsync(MappingQuery query, CancellationToken cancellationToken) => QueryAsync<Mapping>(
        """
        SELECT document FROM eis.mapping WHERE id < $1 AND entity = coalesce($2, entity)
        AND (id, revision) IN (SELECT id, max(revision) FROM eis.mapping GROUP BY id) ORDER BY id DESC LIMIT $3
        """,
        cancellationToken, query.Before ?? Guid.AllBitsSet, query.EntitySystemName is { } entity ? Key(entity) : null, query.Limit);

    public Task AddUploadAsync(Upload upload, RequestReceipt? receipt, CancellationToken cancellationToken) => WriteAsync(
        connection =>
        {
            connection.Execute("INSERT INTO eis.upload (id, document, sha256, mapping) VALUES ($1, $2, $3, $4)", [upload.Id, Serialize(upload), upload.Sha256, upload.MappingId]);
            Add(connection, receipt);
        },
        cancellationToken);

    public Task UpdateUploadAsync(Upload upload, CancellationToken cancellationToken) => WriteAsync(
        connection => connection.Execute("UPDATE eis.upload SET document = $2 WHERE id = $1", [upload.Id, Serialize(upload)]), cancellationToken);

    public Task<IReadOnlyList<Upload>> ListUploadsAsync(UploadQuery query, CancellationToken cancellationToken) => QueryAsync<Upload>(
        "SELECT document FROM eis.upload WHERE id < $1 AND mapping = coalesce($2, mapping) ORDER BY id DESC LIMIT $3",
        cancellationToken, query.Before ?? Guid.AllBitsSet, query.MappingId, query.Limit);

    public Task<IReadOnlyCollection<Guid>> ListUploadIdsAsync(CancellationToken cancellationToken) => ListIdsAsync("SELECT id FROM eis.upload", cancellationToken);

    public Task<IReadOnlyList<Upload>> ListUploadsOfUnfinishedImportsAsync(CancellationToken cancellationToken) => QueryAsync<Upload>(
        "SELECT document FROM eis.upload WHERE id IN (SELECT upload FROM eis.import WHERE state IN ($1, $2))",
        cancellationToken, nameof(ImportState.Queued), nameof(ImportState.Running));

    public Task<IReadOnlyCollection<Guid>> ListImportIdsAsync(CancellationToken cancellationToken) => ListIdsAsync("SELECT id FROM eis.import", cancellationToken);

    public Task<Upload?> FindUploadAsync(Guid uploadId, CancellationToken cancellationToken) =>
        FindAsync<Upload>("SELECT document FROM eis.upload WHERE id = $1", cancellationToken, uploadId);

    public async Task<Import> AddImportAsync(Import import, RequestReceipt? receipt, CancellationToken cancellationToken)
    {
        var added = import;
        await WriteAsync(
            connection =>
            {
                var last = connection.Query("SELECT coalesce(max(sequence), 0)::BIGINT FROM eis.import", null, row => row.GetInt64(0))[0];
                added = import with { Sequence = last + 1 };
                connection.Execute(
                    "INSERT INTO eis.import VALUES ($1, $2, $3, $4, $5, $6)",
                    [added.Sequence, added.Id, added.UploadId, Key(added.EntitySystemName), added.State.ToString(), Serialize(added)]);
                Add(connection, receipt);
            },
            cancellationToken).ConfigureAwait(false);
        return added;
    }

    public Task UpdateImportAsync(Import import, RequestReceipt? receipt, CancellationToken cancellationToken) => WriteAsync(
        connection =>
        {
            Update(connection, import);
            Add(connection, receipt);
        },
        cancellationToken);

    public Task<Import?> FindImportAsync(Guid importId, CancellationToken cancellationToken) =>
        FindAsync<Import>("SELECT document FROM eis.import WHERE id = $1", cancellationToken, importId);

    public Task<Import?> FindLastImportAsync(Guid uploadId, CancellationToken cancellationToken) =>
        FindAsync<Import>("SELECT document FROM eis.import WHERE upload = $1 ORDER BY sequence DESC LIMIT 1", cancellationToken, uploadId);

    public Task<IReadOnlyList<Import>> ListImportsOfFileAsync(string entitySystemName, string sha256, CancellationToken cancellationToken) => QueryAsync<Import>(
        """
        SELECT i.document FROM eis.import i JOIN eis.upload u ON u.id = i.upload
        WHERE i.entity = $1 AND u.sha256 = $2 AND i.state = $3 ORDER BY i.sequence DESC
        """,
        cancellationToken, Key(entitySystemName), sha256, nameof(ImportState.Succeeded));

    public Task<RequestReceipt?> FindReceiptAsync(string key, CancellationToken cancellationToken) =>
        FindAsync<RequestReceipt>("SELECT document FROM eis.receipt WHERE key = $1 ORDER BY done DESC LIMIT 1", cancellationToken, key);

    public Task AddReceiptAsync(RequestReceipt receipt, CancellationToken cancellationToken) => WriteAsync(connection => Add(connection, receipt), cancellationToken);

    public Task DeleteReceiptsAsync(DateTimeOffset before, CancellationToken cancellationToken) => WriteAsync(
        connection => connection.Execute("DELETE FROM eis.receipt WHERE done < $1", [before.ToUnixTimeMilliseconds()]), cancellationToken);

    public Task<IReadOnlyList<Import>> ListImportsAsync(ImportQuery query, CancellationToken cancellationToken)
    {
        var parameters = new List<object?> { query.Before ?? long.MaxValue, query.Limit };
        var sql = "SELECT document FROM eis.import WHERE sequence < $1";
        if (query.EntitySystemName is { } entity)
        {
            parameters.Add(Key(entity));
            sql += $" AND entity = ${parameters.Count}";
        }

        if (query.States.Count > 0)
        {
            var first = parameters.Count + 1;
            parameters.AddRange(query.States.Select(state => state.ToString()));
            sql += $" AND state IN ({string.Join(", ", Enumerable.Range(first, query.States.Count).Select(i => $"${i}"))})";
        }

        return QueryAsync<Import>(sql + " ORDER BY sequence DESC LIMIT $2", cancellationToken, [.. parameters]);
    }

    /// <summary>Changes an import within the connection's transaction.</summary>
    public static void Update(DuckDBConnection connection, Import import) => connection.Execute(
        "UPDATE eis.import SET state = $2, document = $3 WHERE id = $1", [import.Id, import.State.ToString(), Serialize(import)]);

    private static void Add(DuckDBConnection connection, RequestReceipt? receipt)
    {
        if (receipt is null) return;
        connection.Execute("INSERT INTO eis.receipt VALUES ($1, $2, $3)", [receipt.Key, receipt.DoneAt.ToUnixTimeMilliseconds(), Serialize(receipt)]);
    }

    private static string Key(string systemName) => systemName.ToUpperInvariant();

    private static string Serialize<T>(T value) => JsonSerializer.Serialize(value, CatalogJson.Default.Options);

    private async Task<T?> FindAsync<T>(string sql, CancellationToken cancellationToken, params object?[] parameters) where T : class =>
        (await QueryAsync<T>(sql, cancellationToken, parameters).ConfigureAwait(false)).SingleOrDefault();

    private Task<IReadOnlyList<T>> QueryAsync<T>(string sql, CancellationToken cancellationToken, params object?[] parameters) =>
        threads.RunAsync(() => Query<T>(sql, parameters), cancellationToken);

    private IReadOnlyList<T> Query<T>(string sql, params object?[] parameters)
    {
        try
        {
            using var connection = database.Connect();
            return Read<T>(connection, sql, parameters);
        }
        catch (StoreUnavailableException exception) when (exception.MustReopen)
        {
            // Connecting anew opens the database again, unless somebody still works with the old one. A reader need not learn of it.
            using var connection = database.Connect();
            return Read<T>(connection, sql, parameters);
        }
    }

    private Task<IReadOnlyCollection<Guid>> ListIdsAsync(string sql, CancellationToken cancellationToken) => threads.RunAsync<IReadOnlyCollection<Guid>>(
        () =>
        {
            using var connection = database.Connect();
            return connection.Query(sql, null, row => row.GetGuid(0), cancellationToken);
        },
        cancellationToken);

    private static IReadOnlyList<T> Read<T>(DuckDBConnection connection, string sql, params object?[] parameters) =>
        connection.Query(sql, parameters, row => JsonSerializer.Deserialize<T>(row.GetString(0), CatalogJson.Default.Options)!);

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

/// <summary>How the catalog's documents are written. Compiled, because what reflection would find out takes a good part of a small import's time after a start.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web, IgnoreReadOnlyProperties = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true)]
[JsonSerializable(typeof(EntityDefinition))]
[JsonSerializable(typeof(Mapping))]
[JsonSerializable(typeof(Upload))]
[JsonSerializable(typeof(RequestReceipt))]
[JsonSerializable(typeof(Import))]
internal sealed partial class CatalogJson : JsonSerializerContext;
