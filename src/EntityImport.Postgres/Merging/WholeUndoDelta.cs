using EntityImport.Postgres.Catalog;
using EntityImport.Postgres.Connections;
using EntityImport.Storage;

namespace EntityImport.Postgres.Merging;

/// <summary>The delta of undoing an import that made a new table of all records. The one that was is kept whole, and takes its place again; what was changed since is put into it.</summary>
internal sealed class WholeUndoDelta(PostgresMerge merge, UndoOrder order, string wasTable) : UndoDelta(merge, order)
{
    private long _going;
    private long _coming;
    private bool _isAsLeft;

    /// <summary>The table that was.</summary>
    private string Was => EntityTable.InData(wasTable);

    /// <summary>The condition that a record was changed since: after a REPLACE, which gives all records its version, that it has another one, whatever the order in which imports ran.</summary>
    private string ChangedSince => Order.Undone.Undoes is null ? $"{Sql.Version} <> {Undone}" : $"{Sql.Version} > {Undone}";

    private string Fields => $"{Table.Columns(Entity.Fields)}, {Sql.Version}";

    private string Changed => $"(SELECT * FROM {Table.Table} WHERE {ChangedSince})";

    /// <summary>The records that come back, and a condition on them.</summary>
    private string Coming => HasKey ? $"{Was} {Sql.Row} WHERE NOT {Has(Changed)}" : $"{Was} {Sql.Row}";

    /// <summary>Keys of records as the import left them that were changed since.</summary>
    private string Left => $"(SELECT DISTINCT {Key} FROM {Table.Before} WHERE {WasLeft} AND {BeforeTables.Was} <> {BeforeTables.Became})";

    /// <summary>The condition that somebody found a record as the import had left it.</summary>
    private string WasLeft => Order.Undone.Undoes is null ? $"{BeforeTables.Was} = {Undone}" : $"{Sql.Version} > {Undone} AND {BeforeTables.Was} BETWEEN 0 AND {Undone}";

    protected override async Task<DeltaCounts> CompareAsync(CancellationToken cancellationToken)
    {
        var alike = await CountAlikeAsync(cancellationToken).ConfigureAwait(false);
        _isAsLeft = Order.IsLast && await Merge.CountAsync($"SELECT count(*) FROM {Table.Table} WHERE {ChangedSince}", cancellationToken).ConfigureAwait(false) == 0;
        if (_isAsLeft)
        {
            _going = await Merge.CountRecordsAsync(cancellationToken).ConfigureAwait(false);
            _coming = await Merge.CountAsync($"SELECT count(*) FROM {Was}", cancellationToken).ConfigureAwait(false);
            return new DeltaCounts { Reversed = _going + _coming - (2 * alike) };
        }

        _going = await Merge.CountAsync($"SELECT count(*) FROM {Table.Table} WHERE NOT ({ChangedSince})", cancellationToken).ConfigureAwait(false);
        _coming = await Merge.CountAsync($"SELECT count(*) FROM {Coming}", cancellationToken).ConfigureAwait(false);
        var kept = HasKey
            ? await Merge.CountAsync($"SELECT count(*) FROM {Was} {Sql.Row} WHERE {Has(Changed)}", cancellationToken).ConfigureAwait(false)
                + await Merge.CountAsync($"SELECT count(*) FROM {Left} {Sql.Row} WHERE {Has(Changed)}", cancellationToken).ConfigureAwait(false)
            : 0;
        return new DeltaCounts { Reversed = _going + _coming - (2 * alike), Kept = kept };
    }

    protected override async Task DoAsync(CancellationToken cancellationToken)
    {
        var next = Table.With(wasTable);
        if (!_isAsLeft)
        {
            if (HasKey && Entity.KeepsBefore)
            {
                await Merge.ExecuteAsync(
                    $"""
                    INSERT INTO {Table.Before} ({Sql.Version}, {BeforeTables.Was}, {BeforeTables.Became}, {Key})
                    SELECT {Sequence}, {Sql.Version}, {Sql.Version}, {Key} FROM {Changed} {Sql.Row} WHERE {Has($"(SELECT {Key} FROM {Was} UNION SELECT {Key} FROM {Left} gone)")}
                    """,
                    cancellationToken).ConfigureAwait(false);
            }

            next = await Merge.BeginNewTableAsync(cancellationToken).ConfigureAwait(false);
            await DoAsync(_coming, "brought back", $"INSERT INTO {next.Table} ({Fields}) SELECT {Fields} FROM {Coming}", cancellationToken).ConfigureAwait(false);
            await Merge.ExecuteAsync($"INSERT INTO {next.Table} ({Fields}) SELECT {Fields} FROM {Table.Table} WHERE {ChangedSince}", cancellationToken).ConfigureAwait(false);
            await RecordTables.AddKeyAsync(Merge.Session, next, cancellationToken).ConfigureAwait(false);
            Merge.Leave(Was);
        }

        // What was is the entity's again, and can be brought back once.
        await Merge.ExecuteAsync($"DELETE FROM eis.before_image WHERE import = {Undone}", cancellationToken).ConfigureAwait(false);
        await Merge.ReplaceAsync(next, Entity.KeepsBefore ? Order.Sequence : null, _going, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>How many records go and come as they are: those that an undo left, since they had been changed before it.</summary>
    private Task<long> CountAlikeAsync(CancellationToken cancellationToken)
    {
        if (Order.Undone.Undoes is null) return Task.FromResult(0L);
        return Merge.CountAsync(
            HasKey
                ? $"SELECT count(*) FROM {Was} {Sql.Row} JOIN {Table.Table} {Sql.Target} ON {Table.SameKey} AND {Sql.Target}.{Sql.Version} = {Sql.Row}.{Sql.Version}"
                : $"SELECT count(*) FROM {Was} WHERE {Sql.Version} IN (SELECT {Sql.Version} FROM {Table.Table})",
            cancellationToken);
    }

    /// <summary>The condition that a relation has the key of <see cref="Sql.Row"/>.</summary>
    private string Has(string relation) => $"EXISTS (SELECT 1 FROM {relation} {Sql.Target} WHERE {Table.SameKey})";
}
