using EntityImport.Catalog;
using EntityImport.Entities;
using EntityImport.Postgres.Catalog;
using EntityImport.Postgres.Connections;
using EntityImport.Postgres.Leases;
using EntityImport.Postgres.Loading;
using EntityImport.Postgres.Merging;
using EntityImport.Records;
using EntityImport.Storage;
using EntityImport.Testing;

namespace EntityImport.Postgres.Records;

/// <summary>The records of entities in PostgreSQL: one table for each entity, one column for each field.</summary>
/// <param name="database">The database.</param>
/// <param name="gate">What queries wait at.</param>
/// <param name="connections">The most connections that the rows of an import are sent over.</param>
internal sealed class PostgresRecords(Database database, QueryGate gate, int connections) : IRecords
{
    public Task<long> CountRecordsAsync(EntityDefinition entity, CancellationToken cancellationToken) => QueryAsync(
        async session =>
        {
            var table = await EntityTable.ReadAsync(session, entity, cancellationToken).ConfigureAwait(false);
            return await session.CountAsync($"SELECT count(*) FROM {table.Table}", cancellationToken).ConfigureAwait(false);
        },
        cancellationToken);

    public Task<long?> ReadRecordsAsync(RecordQuery query, Action<string?[]> take, CancellationToken cancellationToken) => QueryAsync(
        async session =>
        {
            var table = await EntityTable.ReadAsync(session, query.Entity, cancellationToken).ConfigureAwait(false);
            var sql = new RecordSql(table, query);
            long? total = query.Count ? (await session.QueryAsync(sql.Count, sql.FilterParameters, row => row.GetInt64(0), cancellationToken).ConfigureAwait(false))[0] : null;
            if (query.Top > 0) await session.ReadAsync(sql.Page, sql.Parameters, row => take(RecordValues.Of(row, query.Select)), cancellationToken).ConfigureAwait(false);
            return total;
        },
        cancellationToken);

    public async Task<ILoad> BeginLoadAsync(LoadOrder order, CancellationToken cancellationToken) => await PostgresLoad.BeginAsync(database, order, connections, cancellationToken).ConfigureAwait(false);

    public async Task<IDelta?> FindUndoAsync(UndoOrder order, CancellationToken cancellationToken) => await UndoDelta.FindAsync(database, order, cancellationToken).ConfigureAwait(false);

    public Task<IReadOnlyList<StoredBefore>> ListBeforeAsync(CancellationToken cancellationToken) => database.ReadAsync(session => BeforeTables.ListAsync(session, cancellationToken), cancellationToken);

    public async Task DropBeforeAsync(StoredBefore before, CancellationToken cancellationToken)
    {
        var session = await database.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using (session.ConfigureAwait(false))
        {
            await session.BeginAsync(isSnapshot: false, cancellationToken).ConfigureAwait(false);
            var table = await BeforeTables.DropAsync(session, before, cancellationToken).ConfigureAwait(false);
            await StoreLease.HoldAsync(database, session, cancellationToken).ConfigureAwait(false);
            await session.CommitAsync().ConfigureAwait(false);
            FaultPoints.Reach(FaultStep.BeforeDropped, Guid.Empty);
            if (table is not null) await database.TryDropAsync(table).ConfigureAwait(false);
        }
    }

    public Task<StoredHistory> ReadHistoryAsync(EntityDefinition entity, Condition key, CancellationToken cancellationToken) =>
        QueryAsync(session => RecordHistory.ReadAsync(session, entity, key, cancellationToken), cancellationToken);

    public async Task<IDelta> OpenKeptDeltaAsync(LoadOrder order, Plan plan, CancellationToken cancellationToken)
    {
        var lease = await EntityLease.TakeAsync(database, order.Entity, order.Sequence, cancellationToken).ConfigureAwait(false);
        var merge = await PostgresMerge.BeginAsync(database, order.Entity, lease, isSnapshot: false, cancellationToken).ConfigureAwait(false);
        try
        {
            return await KeptDelta.OpenAsync(merge, order, plan, $"{Sql.StageSchema}.k{order.ImportId:N}_{Sql.Text(lease.Epoch)}", cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await merge.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public Task<ChangePage> ReadChangesAsync(Plan plan, ChangeQuery query, CancellationToken cancellationToken) =>
        QueryAsync(session => PlanChangePages.ReadAsync(session, plan, query, cancellationToken), cancellationToken);

    public Task<ChangePage?> ReadChangesAsync(ImportedChanges import, ChangeQuery query, CancellationToken cancellationToken) =>
        QueryAsync(session => ImportChangePages.ReadAsync(session, import, query, cancellationToken), cancellationToken);

    private Task<T> QueryAsync<T>(Func<Session, Task<T>> read, CancellationToken cancellationToken) => gate.RunAsync(() => database.ReadAsync(read, cancellationToken), cancellationToken);
}
