using System.Globalization;
using DuckDB.NET.Data;
using EntityImport.Catalog;
using EntityImport.DuckDb.Connections;
using EntityImport.Entities;
using EntityImport.SqlStores;
using EntityImport.Storage;

namespace EntityImport.DuckDb.Catalog;

/// <summary>
/// How a store of an earlier program becomes one of this program: numbered steps, each done once, in one transaction with the number that it leads to. A step is never changed after a release.
/// </summary>
internal static class Migrations
{
    /// <summary>The steps in their order; the first leads to version 1. A store without a version is one of before there were any, or a new one.</summary>
    private static readonly Action<DuckDBConnection>[] Steps = [CreateCatalog, RenameRowIdColumns, AddColumnsOfLists, AddCallersOfReceipts, AddKeysAndAudit, AddSendersOfUploads, AddVersionsOfRecords, AddWebhooks, AddGuards, AddPlans, AddRepairs, AddSessions, AddUsesOfMappings];

    /// <summary>The version of stores that this program makes, and the highest that it understands.</summary>
    public static int Newest => Steps.Length;

    /// <summary>Takes the steps that a store lacks.</summary>
    /// <exception cref="StoreNotOpenedException">The store is of a newer program. It is left as it is.</exception>
    public static void Run(DuckDBConnection connection)
    {
        var version = ReadVersion(connection);
        if (version > Newest)
        {
            throw new StoreNotOpenedException(string.Create(
                CultureInfo.InvariantCulture,
                $"The store has version {version}, and this program understands stores up to version {Newest}. It was left as it is. Run the program that wrote it, or a newer one."));
        }

        for (var step = version; step < Newest; step++)
        {
            using var transaction = connection.BeginTransaction();
            Steps[step](connection);
            connection.Execute("CREATE OR REPLACE TABLE eis.store (version INTEGER NOT NULL)");
            connection.Execute("INSERT INTO eis.store VALUES ($1)", [step + 1]);
            transaction.Commit();
        }
    }

    private static int ReadVersion(DuckDBConnection connection)
    {
        var isThere = connection.Query(
            "SELECT count(*) FROM duckdb_tables() WHERE database_name = current_database() AND schema_name = 'eis' AND table_name = 'store'", null, row => row.GetInt64(0))[0] > 0;
        return isThere ? connection.Query("SELECT version FROM eis.store", null, row => row.GetInt32(0))[0] : 0;
    }

    /// <summary>The catalog's tables have no constraints: ids are random, and one writer at a time assigns the rest. Stores without a version have them already.</summary>
    private static void CreateCatalog(DuckDBConnection connection) => connection.Execute(
        """
        CREATE SCHEMA IF NOT EXISTS eis;
        CREATE SCHEMA IF NOT EXISTS records;
        CREATE TABLE IF NOT EXISTS eis.entity (name VARCHAR NOT NULL, document VARCHAR NOT NULL);
        CREATE TABLE IF NOT EXISTS eis.mapping (id UUID NOT NULL, revision INTEGER NOT NULL, document VARCHAR NOT NULL);
        CREATE TABLE IF NOT EXISTS eis.upload (id UUID NOT NULL, document VARCHAR NOT NULL);
        ALTER TABLE eis.upload ADD COLUMN IF NOT EXISTS sha256 VARCHAR;
        CREATE TABLE IF NOT EXISTS eis.receipt (key VARCHAR NOT NULL, done BIGINT NOT NULL, document VARCHAR NOT NULL);
        CREATE TABLE IF NOT EXISTS eis.import (
            sequence BIGINT NOT NULL, id UUID NOT NULL, upload UUID NOT NULL, entity VARCHAR NOT NULL, state VARCHAR NOT NULL, document VARCHAR NOT NULL);
        """);

    /// <summary>A column named rowid hides DuckDB's own, by which records are found again.</summary>
    private static void RenameRowIdColumns(DuckDBConnection connection)
    {
        foreach (var entity in connection.ReadDocuments<EntityDefinition>("SELECT document FROM eis.entity"))
            foreach (var field in entity.Fields.Where(field => Sql.ColumnName(field) != field.SystemName))
                connection.Execute($"ALTER TABLE {Sql.Table(entity)} RENAME COLUMN {Sql.Name(field.SystemName)} TO {Sql.Column(field)}");
    }

    /// <summary>Mappings are listed by their entity, and uploads by their mapping.</summary>
    private static void AddColumnsOfLists(DuckDBConnection connection)
    {
        connection.Execute("ALTER TABLE eis.mapping ADD COLUMN entity VARCHAR; ALTER TABLE eis.upload ADD COLUMN mapping UUID");
        foreach (var mapping in connection.ReadDocuments<Mapping>("SELECT document FROM eis.mapping"))
            connection.Execute("UPDATE eis.mapping SET entity = $3 WHERE id = $1 AND revision = $2", [mapping.Id, mapping.Revision, mapping.EntitySystemName.ToUpperInvariant()]);
        foreach (var upload in connection.ReadDocuments<Upload>("SELECT document FROM eis.upload"))
            connection.Execute("UPDATE eis.upload SET mapping = $2 WHERE id = $1", [upload.Id, upload.MappingId]);
    }

    /// <summary>Keys are per caller. Those of before are of callers that were not told apart.</summary>
    private static void AddCallersOfReceipts(DuckDBConnection connection) => connection.Execute("ALTER TABLE eis.receipt ADD COLUMN caller VARCHAR");

    /// <summary>Keys that let callers in, and who did what.</summary>
    private static void AddKeysAndAudit(DuckDBConnection connection) => connection.Execute(
        """
        CREATE TABLE eis.key (id UUID NOT NULL, used BIGINT, document VARCHAR NOT NULL);
        CREATE TABLE eis.audit (id UUID NOT NULL, noted BIGINT NOT NULL, entity VARCHAR, subject VARCHAR, refused BOOLEAN NOT NULL, document VARCHAR NOT NULL);
        """);

    /// <summary>Uploads need no mapping any longer: those without one are found by who sent them, until they expire.</summary>
    private static void AddSendersOfUploads(DuckDBConnection connection)
    {
        connection.Execute("ALTER TABLE eis.upload ADD COLUMN sender VARCHAR; ALTER TABLE eis.upload ADD COLUMN expired BOOLEAN DEFAULT false");
        foreach (var upload in connection.ReadDocuments<Upload>("SELECT document FROM eis.upload"))
            connection.Execute("UPDATE eis.upload SET sender = $2, expired = $3 WHERE id = $1", [upload.Id, upload.SentBy, upload.ExpiredAt is not null]);
    }

    /// <summary>Each record says which import made it what it is, and what it was before is kept.</summary>
    private static void AddVersionsOfRecords(DuckDBConnection connection)
    {
        connection.Execute("CREATE SCHEMA before; CREATE TABLE eis.before_image (import BIGINT NOT NULL, entity VARCHAR NOT NULL, is_whole BOOLEAN NOT NULL, records BIGINT NOT NULL)");
        foreach (var entity in connection.ReadDocuments<EntityDefinition>("SELECT document FROM eis.entity"))
        {
            connection.Execute($"ALTER TABLE {Sql.Table(entity)} ADD COLUMN {Sql.Version} BIGINT DEFAULT 0");
            BeforeTables.Create(connection, entity);
        }
    }

    /// <summary>Who is told of what, and what became of it. A delivery has a time at which it is due as long as it is pending.</summary>
    private static void AddWebhooks(DuckDBConnection connection) => connection.Execute(
        """
        CREATE TABLE eis.webhook (id UUID NOT NULL, document VARCHAR NOT NULL);
        CREATE TABLE eis.notice (id UUID NOT NULL, noted BIGINT NOT NULL, document VARCHAR NOT NULL);
        CREATE TABLE eis.delivery (notice UUID NOT NULL, webhook UUID NOT NULL, state VARCHAR NOT NULL, due BIGINT, document VARCHAR NOT NULL);
        """);

    /// <summary>What imports into entities may not do.</summary>
    private static void AddGuards(DuckDBConnection connection) => connection.Execute("CREATE TABLE eis.guards (entity VARCHAR NOT NULL, document VARCHAR NOT NULL)");

    /// <summary>What is made of rejected rows.</summary>
    private static void AddRepairs(DuckDBConnection connection) => connection.Execute(
        """
        CREATE TABLE eis.repair (import UUID NOT NULL, document VARCHAR NOT NULL);
        CREATE TABLE eis.repair_edit (import UUID NOT NULL, number BIGINT NOT NULL, document VARCHAR NOT NULL);
        """);

    /// <summary>Who is signed in with a browser, and what cookies are encrypted with.</summary>
    private static void AddSessions(DuckDBConnection connection) => connection.Execute(
        """
        CREATE TABLE eis.session (id UUID NOT NULL, hash VARCHAR NOT NULL, expires BIGINT NOT NULL, document VARCHAR NOT NULL);
        CREATE TABLE eis.protection_key (id UUID NOT NULL, document VARCHAR NOT NULL);
        """);

    /// <summary>The last import that brought rows in by each mapping into an entity.</summary>
    private static void AddUsesOfMappings(DuckDBConnection connection)
    {
        const int AtOnce = 500;
        connection.Execute("CREATE TABLE eis.mapping_use (mapping UUID NOT NULL, used_for VARCHAR NOT NULL, import UUID NOT NULL, used_revision INTEGER NOT NULL, used BIGINT NOT NULL, header VARCHAR NOT NULL)");
        var noted = new HashSet<(Guid, string)>();
        IReadOnlyList<Import> imports = [];
        do
        {
            var before = imports.Count > 0 ? imports[^1].Sequence : long.MaxValue;
            imports = connection.ReadDocuments<Import>("SELECT document FROM eis.import WHERE sequence < $1 ORDER BY sequence DESC LIMIT $2", before, AtOnce);
            foreach (var import in imports)
            {
                var entity = CatalogStatements.Key(import.EntitySystemName);
                if (import is not { State: ImportState.Succeeded, UndoneBy: null, Header: { } header, StoppedAt: { } stopped } || !noted.Add((import.MappingId, entity))) continue;
                connection.Execute("INSERT INTO eis.mapping_use VALUES ($1, $2, $3, $4, $5, $6)", [import.MappingId, entity, import.Id, import.MappingRevision, stopped.ToUnixTimeMilliseconds(), header.Sha256]);
            }
        }
        while (imports.Count == AtOnce);
    }

    /// <summary>Plans, each with a table of its own for what it keeps.</summary>
    private static void AddPlans(DuckDBConnection connection) => connection.Execute(
        $"""
        CREATE SCHEMA {PlanTable.Schema};
        CREATE TABLE eis.plan (id UUID NOT NULL, entity VARCHAR NOT NULL, state VARCHAR NOT NULL, expired BOOLEAN NOT NULL, bytes BIGINT NOT NULL, document VARCHAR NOT NULL);
        """);
}
