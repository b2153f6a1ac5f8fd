using DuckDB.NET.Data;
using EntityImport.DuckDb.Catalog;
using EntityImport.DuckDb.Connections;
using EntityImport.Entities;
using EntityImport.Records;
using EntityImport.Storage;

namespace EntityImport.DuckDb.Records;

/// <summary>What a record is, and was before imports, put together from the entity's table and what was kept.</summary>
internal static class RecordHistory
{
    /// <summary>Reads it, in the connection's transaction.</summary>
    public static StoredHistory Read(DuckDBConnection connection, EntityDefinition entity, Condition key, CancellationToken cancellationToken)
    {
        var sql = new RecordSql(new RecordQuery { Entity = entity, Select = entity.Fields, Filter = key });
        var now = FindIn(Sql.Table(entity));
        var before = connection.Query(
            sql.Of($"(FROM {Sql.Before(entity)} WHERE {BeforeTables.Was} <> {BeforeTables.Became})", entity.Fields, Sql.Version, BeforeTables.Was), sql.FilterParameters,
            row => (Import: row.GetInt64(0), Record: row.GetInt64(1) == BeforeTables.Absent ? null : new RecordVersion(row.GetInt64(1), RecordPages.Values(row, entity.Fields, first: 2))), cancellationToken).ToList();
        foreach (var import in BeforeTables.ListWhole(connection, entity.SystemName))
            before.Add((import, FindIn($"{Sql.RecordSchema}.{Sql.Name(Sql.WholeName(import))}")));
        return new StoredHistory(now, [.. before.OrderByDescending(change => change.Import)], BeforeTables.FindFirst(connection, entity.SystemName));

        RecordVersion? FindIn(string table) =>
            connection.Query(sql.Of(table, entity.Fields, Sql.Version), sql.FilterParameters, row => new RecordVersion(row.GetInt64(0), RecordPages.Values(row, entity.Fields)), cancellationToken).SingleOrDefault();
    }
}
