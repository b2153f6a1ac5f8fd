using DuckDB.NET.Data;
using EntityImport.DuckDb.Connections;
using EntityImport.Entities;

namespace EntityImport.DuckDb.Catalog;

/// <summary>The tables that hold entities' records, and what these were before imports: a column for each field.</summary>
internal static class RecordTables
{
    /// <summary>Makes an entity's tables, or brings them to a new definition: further columns, wider types.</summary>
    /// <param name="connection">The connection, in a transaction.</param>
    /// <param name="entity">The entity as it is to be.</param>
    /// <param name="existing">The entity as it is; null where it is new.</param>
    public static void Save(DuckDBConnection connection, EntityDefinition entity, EntityDefinition? existing)
    {
        if (existing is null)
        {
            connection.Execute($"CREATE TABLE {Sql.Table(entity)} ({Sql.RecordColumns(entity)})");
            BeforeTables.Create(connection, entity);
            return;
        }

        foreach (var table in BeforeTables.ListOf(connection, entity.SystemName).Append(Sql.Table(entity))) Widen(connection, table, entity, existing);
    }

    /// <summary>Drops an entity's tables with its records; nothing happens where there are none.</summary>
    public static void Drop(DuckDBConnection connection, string systemName)
    {
        BeforeTables.Drop(connection, systemName);
        connection.Execute($"DROP TABLE IF EXISTS {Sql.RecordSchema}.{Sql.Name(systemName)}");
    }

    private static void Widen(DuckDBConnection connection, string table, EntityDefinition entity, EntityDefinition existing)
    {
        foreach (var field in entity.Fields)
        {
            var old = existing.FindField(field.SystemName);
            if (old is null) connection.Execute($"ALTER TABLE {table} ADD COLUMN {Sql.Column(field)} {Sql.Type(field)}");
            else if (Sql.Type(old) != Sql.Type(field)) connection.Execute($"ALTER TABLE {table} ALTER COLUMN {Sql.Column(field)} SET DATA TYPE {Sql.Type(field)}");
        }
    }
}
