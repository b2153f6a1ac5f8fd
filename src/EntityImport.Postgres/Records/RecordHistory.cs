using EntityImport.Entities;
using EntityImport.Postgres.Catalog;
using EntityImport.Postgres.Connections;
using EntityImport.Records;
using EntityImport.Storage;

namespace EntityImport.Postgres.Records;

/// <summary>What a record is, and was before imports, put together from the entity's table and what was kept.</summary>
internal static class RecordHistory
{
    /// <summary>Reads it, in the session's transaction.</summary>
    public static async Task<StoredHistory> ReadAsync(Session session, EntityDefinition entity, Condition key, CancellationToken cancellationToken)
    {
        var table = await EntityTable.ReadAsync(session, entity, cancellationToken).ConfigureAwait(false);
        var sql = new RecordSql(table, new RecordQuery { Entity = entity, Select = entity.Fields, Filter = key });
        var now = await FindInAsync(table.Table).ConfigureAwait(false);
        var before = (await session.QueryAsync(
            sql.Of($"(SELECT * FROM {table.Before} WHERE {BeforeTables.Was} <> {BeforeTables.Became})", entity.Fields, Sql.Version, BeforeTables.Was), sql.FilterParameters,
            row => (Import: row.GetInt64(0), Record: row.GetInt64(1) == BeforeTables.Absent ? null : new RecordVersion(row.GetInt64(1), RecordValues.Of(row, entity.Fields, first: 2))), cancellationToken).ConfigureAwait(false)).ToList();
        foreach (var (import, whole) in await BeforeTables.ListWholeAsync(session, entity.SystemName, cancellationToken).ConfigureAwait(false))
            before.Add((import, await FindInAsync(EntityTable.InData(whole)).ConfigureAwait(false)));
        return new StoredHistory(now, [.. before.OrderByDescending(change => change.Import)], await BeforeTables.FindFirstAsync(session, entity.SystemName, cancellationToken).ConfigureAwait(false));

        async Task<RecordVersion?> FindInAsync(string records) => (await session.QueryAsync(
            sql.Of(records, entity.Fields, Sql.Version), sql.FilterParameters, row => new RecordVersion(row.GetInt64(0), RecordValues.Of(row, entity.Fields, first: 1)), cancellationToken).ConfigureAwait(false)).SingleOrDefault();
    }
}
