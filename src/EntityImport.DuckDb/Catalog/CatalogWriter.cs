using DuckDB.NET.Data;
using EntityImport.Catalog;
using EntityImport.DuckDb.Connections;
using EntityImport.Entities;
using EntityImport.SqlStores;

namespace EntityImport.DuckDb.Catalog;

/// <summary>Writes what is committed within a transaction: the catalog's own, or that of an import's rows.</summary>
internal static class CatalogWriter
{
    /// <summary>Writes each member that is there.</summary>
    /// <returns>The commit as it is kept: a new import has its number.</returns>
    public static CatalogCommit Write(DuckDBConnection connection, CatalogCommit commit)
    {
        if (commit.Entity is { } entity)
        {
            var name = CatalogStatements.Key(entity.SystemName);
            RecordTables.Save(connection, entity, connection.ReadDocuments<EntityDefinition>("SELECT document FROM eis.entity WHERE name = $1", name).SingleOrDefault());
            connection.Execute("DELETE FROM eis.entity WHERE name = $1", [name]);
            connection.Execute("INSERT INTO eis.entity VALUES ($1, $2)", [name, CatalogJson.Write(entity)]);
        }

        if (commit.DeletedEntity is { } deleted)
        {
            RecordTables.Drop(connection, deleted);
            connection.Execute("DELETE FROM eis.entity WHERE name = $1", [CatalogStatements.Key(deleted)]);
        }

        if (commit.NewImport is { } import) commit = commit with { NewImport = Add(connection, import) };
        foreach (var statement in CatalogStatements.Of(commit))
            if (connection.Execute(statement.Sql, statement.Parameters) == 0 && statement.Unchanged is { } fault) throw fault();
        foreach (var plan in new[] { commit.ChangedPlan is { ExpiredAt: not null } expired ? expired.Id : (Guid?)null, commit.DeletedPlan }.OfType<Guid>())
            connection.Execute($"DROP TABLE IF EXISTS {PlanTable.Name(plan)}");
        return commit;
    }

    private static Import Add(DuckDBConnection connection, Import import)
    {
        var last = connection.Query("SELECT coalesce(max(sequence), 0)::BIGINT FROM eis.import", null, row => row.GetInt64(0))[0];
        var added = import with { Sequence = last + 1 };
        connection.Execute(
            "INSERT INTO eis.import VALUES ($1, $2, $3, $4, $5, $6)",
            [added.Sequence, added.Id, added.UploadId, CatalogStatements.Key(added.EntitySystemName), added.State.ToString(), CatalogJson.Write(added)]);
        return added;
    }
}
