using System.Text.Json;
using System.Text.Json.Serialization;
using DuckDB.NET.Data;
using EntityImport.Entities;
using EntityImport.Imports;
using EntityImport.Mappings;
using EntityImport.Requests;
using EntityImport.Storage;
using EntityImport.Uploads;

namespace EntityImport.DuckDb;

/// <summary>The catalog in DuckDB: each thing is a JSON document, beside the columns that it is looked up by.</summary>
internal sealed class DuckDbCatalog(Database database) : ICatalog
{
    /// <summary>The catalog's tables, as far as they are not there. They have no constraints: ids are random, and one writer at a time assigns the rest.</summary>
    public const string Schema = $"""
        CREATE SCHEMA IF NOT EXISTS eis;
        CREATE SCHEMA IF NOT EXISTS {Sql.RecordSchema};
        CREATE TABLE IF NOT EXISTS eis.entity (name VARCHAR NOT NULL, document VARCHAR NOT NULL);
        CREATE TABLE IF NOT EXISTS eis.mapping (id UUID NOT NULL, revision INTEGER NOT NULL, document VARCHAR NOT NULL);
        CREATE TABLE IF NOT EXISTS eis.upload (id UUID NOT NULL, document VARCHAR NOT NULL);
        ALTER TABLE eis.upload ADD COLUMN IF NOT EXISTS sha256 VARCHAR;
        CREATE TABLE IF NOT EXISTS eis.receipt (key VARCHAR NOT NULL, done BIGINT NOT NULL, document VARCHAR NOT NULL);
        CREATE TABLE IF NOT EXISTS eis.import (
            sequence BIGINT NOT NULL, id UUID NOT NULL, upload UUID NOT NULL, entity VARCHAR NOT NULL, state VARCHAR NOT NULL, document VARCHAR NOT NULL);
        """;

    public Task<IReadOnlyList<EntityDefinition>> ListEntitiesAsync(CancellationToken cancellationToken) =>
        Task.FromResult(Query<EntityDefinition>("SELECT document FROM eis.entity ORDER BY name"));

    public Task<EntityDefinition?> FindEntityAsync(string systemName, CancellationToken cancellationToken) =>
        Find<EntityDefinition>("SELECT document FROM eis.entity WHERE name = $1", Key(systemName));

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
            connection.Execute("INSERT INTO eis.mapping VALUES ($1, $2, $3)", [mapping.Id, mapping.Revision, Serialize(mapping)]);
            Add(connection, receipt);
        },
        cancellationToken);

    public Task<Mapping?> FindMappingAsync(Guid mappingId, int? revision, CancellationToken cancellationToken) => Find<Mapping>(
        "SELECT document FROM eis.mapping WHERE id = $1 AND revision = coalesce($2, revision) ORDER BY revision DESC LIMIT 1", mappingId, revision);

    public Task AddUploadAsync(Upload upload, RequestReceipt? receipt, CancellationToken cancellationToken) => WriteAsync(
        connection =>
        {
            connection.Execute("INSERT INTO eis.upload (id, document, sha256) VALUES ($1, $2, $3)", [upload.Id, Serialize(upload), upload.Sha256]);
            Add(connection, receipt);
        },
        cancellationToken);

    public Task UpdateUploadAsync(Upload upload, CancellationToken cancellationToken) => WriteAsync(
        connection => connection.Execute("UPDATE eis.upload SET document = $2 WHERE id = $1", [upload.Id, Serialize(upload)]), cancellationToken);

    public Task<IReadOnlyCollection<Guid>> ListUploadIdsAsync(CancellationToken cancellationToken) => ListIds("SELECT id FROM eis.upload", cancellationToken);

    public Task<IReadOnlyList<Upload>> ListUploadsOfUnfinishedImportsAsync(CancellationToken cancellationToken) => Task.FromResult(Query<Upload>(
        "SELECT document FROM eis.upload WHERE id IN (SELECT upload FROM eis.import WHERE state IN ($1, $2))", nameof(ImportState.Queued), nameof(ImportState.Running)));

    public Task<IReadOnlyCollection<Guid>> ListImportIdsAsync(CancellationToken cancellationToken) => ListIds("SELECT id FROM eis.import", cancellationToken);

    public Task<Upload?> FindUploadAsync(Guid uploadId, CancellationToken cancellationToken) =>
        Find<Upload>("SELECT document FROM eis.upload WHERE id = $1", uploadId);

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
        Find<Import>("SELECT document FROM eis.import WHERE id = $1", importId);

    public Task<Import?> FindLastImportAsync(Guid uploadId, CancellationToken cancellationToken) =>
        Find<Import>("SELECT document FROM eis.import WHERE upload = $1 ORDER BY sequence DESC LIMIT 1", uploadId);

    public Task<IReadOnlyList<Import>> ListImportsOfFileAsync(string entitySystemName, string sha256, CancellationToken cancellationToken) => Task.FromResult(Query<Import>(
        """
        SELECT i.document FROM eis.import i JOIN eis.upload u ON u.id = i.upload
        WHERE i.entity = $1 AND u.sha256 = $2 AND i.state = $3 ORDER BY i.sequence DESC
        """,
        Key(entitySystemName), sha256, nameof(ImportState.Succeeded)));

    public Task<RequestReceipt?> FindReceiptAsync(string key, CancellationToken cancellationToken) =>
        Find<RequestReceipt>("SELECT document FROM eis.receipt WHERE key = $1 ORDER BY done DESC LIMIT 1", key);

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

        return Task.FromResult(Query<Import>(sql + " ORDER BY sequence DESC LIMIT $2", [.. parameters]));
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

    private Task<T?> Find<T>(string sql, params object?[] parameters) where T : class =>
        Task.FromResult(Query<T>(sql, parameters).SingleOrDefault());

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

    private Task<IReadOnlyCollection<Guid>> ListIds(string sql, CancellationToken cancellationToken)
    {
        using var connection = database.Connect();
        return Task.FromResult<IReadOnlyCollection<Guid>>(connection.Query(sql, null, row => row.GetGuid(0), cancellationToken));
    }

    private static IReadOnlyList<T> Read<T>(DuckDBConnection connection, string sql, params object?[] parameters) =>
        connection.Query(sql, parameters, row => JsonSerializer.Deserialize<T>(row.GetString(0), CatalogJson.Default.Options)!);

    private async Task WriteAsync(Action<DuckDBConnection> write, CancellationToken cancellationToken)
    {
        await database.Writer.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            using var connection = database.Connect();
            using var transaction = connection.BeginTransaction();
            write(connection);
            transaction.Commit();
        }
        catch (DuckDBException exception)
        {
            var translated = database.Translate(exception);
            if (translated == exception) throw;
            throw translated;
        }
        finally
        {
            database.Writer.Release();
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
