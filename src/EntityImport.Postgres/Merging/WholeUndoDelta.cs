using EntityImport.Postgres.Catalog;
using EntityImport.Postgres.Connections;
using EntityImport.SqlStores;
using EntityImport.Storage;
using EntityImport.Testing;

namespace EntityImport.Postgres.Merging;

/// <summary>The delta of undoing an import that made a new table of all records. The one that was is kept whole, and takes its place again; what was changed since is put into it.</summary>
internal sealed class WholeUndoDelta(PostgresMerge merge, UndoOrder order, IReadOnlyList<(long Import, string Table)> whole) : UndoDelta(merge, order, whole)
{
    /// <summary>The relation of what an undo left: keys with versions; without a key, versions. What a REPLACE left has its version, whatever the order in which imports ran.</summary>
    private readonly string _left = $"{Sql.StageSchema}.l{Guid.CreateVersion7():N}";

    private long _going;
    private long _coming;
    private bool _isAsLeft;

    private string Fields => $"{Table.Columns(Entity.Fields)}, {Sql.Version}";

    private bool IsOfUndo => Order.Undone.Undoes is not null;

    /// <summary>Without a key, the versions that the import left.</summary>
    private string LeftVersions => IsOfUndo ? $"SELECT {BeforeTables.Was} FROM {_left}" : Undone;

    /// <summary>The records that are as the import left them.</summary>
    private string AsLeft => Compared("=", "EXISTS", "IN");

    /// <summary>The others, which were changed since, or came.</summary>
    private string Changed => Compared("<>", "NOT EXISTS", "NOT IN");

    /// <summary>The keys of records that are not as the import left them; of a REPLACE nothing is taken out but by its undo.</summary>
    private string Moved => IsOfUndo
        ? $"(SELECT {Key} FROM {Changed} changed UNION ALL SELECT {Key} FROM {_left} {Sql.Row} WHERE NOT {Has(Table.Table)})"
        : $"(SELECT {Key} FROM {Changed} changed)";

    /// <summary>The records that come back. Without a key they are those of which is there what was left.</summary>
    private string Coming => HasKey
        ? $"(SELECT * FROM {Was} {Sql.Row} WHERE NOT {Has(Moved)})"
        : $"(SELECT * FROM {Was} WHERE ({Sql.Version} IN (SELECT {Sql.Version} FROM {Table.Table})) = ({Sql.Version} IN ({LeftVersions})))";

    protected override async Task<DeltaCounts> CompareAsync(CancellationToken cancellationToken)
    {
        _isAsLeft = Order.IsLast && await Merge.CountAsync($"SELECT count(*) FROM {Table.Table} WHERE {Sql.Version} {(IsOfUndo ? ">" : "<>")} {Undone}", cancellationToken).ConfigureAwait(false) == 0;
        if (_isAsLeft)
        {
            _going = await Merge.CountRecordsAsync(cancellationToken).ConfigureAwait(false);
            _coming = await Merge.CountAsync($"SELECT count(*) FROM {Was}", cancellationToken).ConfigureAwait(false);
            return new DeltaCounts { Reversed = _going + _coming - (2 * await CountAlikeAsync(Table.Table, cancellationToken).ConfigureAwait(false)) };
        }

        if (IsOfUndo) await FindLeftAsync(cancellationToken).ConfigureAwait(false);
        _going = await Merge.CountAsync($"SELECT count(*) FROM {AsLeft} going", cancellationToken).ConfigureAwait(false);
        _coming = await Merge.CountAsync($"SELECT count(*) FROM {Coming} coming", cancellationToken).ConfigureAwait(false);
        return new DeltaCounts
        {
            Reversed = _going + _coming - (2 * await CountAlikeAsync(AsLeft, cancellationToken).ConfigureAwait(false)),
            Kept = await (HasKey ? CountKeptAsync(cancellationToken) : CountKeptVersionsAsync(cancellationToken)).ConfigureAwait(false),
        };
    }

    protected override async Task DoAsync(CancellationToken cancellationToken)
    {
        var next = Table.With(WasTable!);
        if (_isAsLeft)
        {
            FaultPoints.Reach(FaultStep.UndoTaken, Order.ImportId);
        }
        else
        {
            next = await Merge.BeginNewTableAsync(cancellationToken).ConfigureAwait(false);
            FaultPoints.Reach(FaultStep.UndoTaken, Order.ImportId);
            await DoAsync(_coming, "brought back", $"INSERT INTO {next.Table} ({Fields}) SELECT {Fields} FROM {Coming} coming", cancellationToken).ConfigureAwait(false);
            var staying = await Merge.CountRecordsAsync(cancellationToken).ConfigureAwait(false) - _going;
            await DoAsync(staying, "left as they are", $"INSERT INTO {next.Table} ({Fields}) SELECT {Fields} FROM {Changed} changed", cancellationToken).ConfigureAwait(false);
            await RecordTables.AddKeyAsync(Merge.Session, next, cancellationToken).ConfigureAwait(false);
            if (HasKey && Entity.KeepsBefore) await KeepWhatStaysAwayAsync(cancellationToken).ConfigureAwait(false);
            Merge.Leave(Was);
            if (IsOfUndo) await Merge.ExecuteAsync($"DROP TABLE {_left}", cancellationToken).ConfigureAwait(false);
        }

        // What was is the entity's again, and can be brought back once. That nothing of the import was lost is known as long as its note is there, though nothing stayed away.
        await Merge.ExecuteAsync($"DELETE FROM eis.before_image WHERE import = {Undone}", cancellationToken).ConfigureAwait(false);
        if (Entity.KeepsBefore)
        {
            var left = await Merge.CountAsync($"SELECT count(*) FROM {Table.Before} WHERE {Sql.Version} = {Undone}", cancellationToken).ConfigureAwait(false);
            await BeforeTables.NoteAsync(Merge.Session, Order.Undone.Sequence, Entity, wholeTable: null, left, cancellationToken).ConfigureAwait(false);
        }

        await Merge.ReplaceAsync(next, Entity.KeepsBefore ? Order.Sequence : null, _going, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Finds what the undo left: the first version of each key that an import found since, or the one that is there where none has changed it.</summary>
    private async Task FindLeftAsync(CancellationToken cancellationToken)
    {
        var (key, same) = HasKey ? (Key, Table.SameKey) : (BeforeTables.Became, $"{Sql.Target}.{BeforeTables.Became} = {Sql.Row}.{BeforeTables.Became}");
        var untouched = Order.Tables.First is not null ? "" : $"""
            UNION ALL SELECT {Sql.Row}.* FROM (SELECT {(HasKey ? Key : $"DISTINCT {Sql.Version} AS {BeforeTables.Became}")}, {Sql.Version} AS {BeforeTables.Was} FROM {Table.Table} WHERE {Sql.Version} <= {Undone}) {Sql.Row}
            WHERE NOT EXISTS (SELECT 1 FROM found {Sql.Target} WHERE {same})
            """;
        // A preview is thrown away with its transaction, as the relation of an undo is where it fails.
        await Merge.MakeAsync(
            _left,
            $"""
            CREATE UNLOGGED TABLE {_left} WITH (autovacuum_enabled = false) AS
            WITH found AS (SELECT DISTINCT ON ({key}) {key}, {BeforeTables.Was} FROM {Versions} WHERE {VersionCondition.TellsOf(Order.Undone.Sequence, Order.Tables, Sql.Version)} ORDER BY {key}, {Sql.Version})
            SELECT * FROM found WHERE {BeforeTables.Was} BETWEEN 0 AND {Undone} {untouched}
            """,
            cancellationToken).ConfigureAwait(false);
        await Merge.ExecuteAsync($"ANALYZE {_left}", cancellationToken).ConfigureAwait(false);
    }

    /// <summary>How many of the changes, of records that went and of ones that came, are of records that were changed since.</summary>
    private async Task<long> CountKeptAsync(CancellationToken cancellationToken)
    {
        var left = IsOfUndo ? _left : $"(SELECT DISTINCT {Key}, {BeforeTables.Was} FROM {Versions} WHERE {BeforeTables.Was} = {Undone})";
        var went = $"(SELECT * FROM {Was} {Sql.Row} WHERE {Has(Moved)})";
        var kept = await Merge.CountAsync($"SELECT count(*) FROM {went} went", cancellationToken).ConfigureAwait(false)
            + await Merge.CountAsync($"SELECT count(*) FROM {left} {Sql.Row} WHERE {Has(Moved)}", cancellationToken).ConfigureAwait(false);
        // An undo did nothing to what it left as it was.
        var same = $"EXISTS (SELECT 1 FROM {left} {Sql.Target} WHERE {Table.SameKey} AND {Sql.Target}.{BeforeTables.Was} = {Sql.Row}.{Sql.Version})";
        return kept - (2 * await Merge.CountAsync($"SELECT count(*) FROM {went} {Sql.Row} WHERE {same}", cancellationToken).ConfigureAwait(false));
    }

    /// <summary>The same without a key: what came and was taken out since, and what went and was brought back.</summary>
    private async Task<long> CountKeptVersionsAsync(CancellationToken cancellationToken)
    {
        var (there, was) = ($"SELECT {Sql.Version} FROM {Table.Table}", $"SELECT {Sql.Version} FROM {Was}");
        return await Merge.CountAsync(
                $"SELECT count(*) FROM {TakenOut} gone WHERE {BeforeTables.Was} IN ({LeftVersions}) AND {BeforeTables.Was} NOT IN ({there}) AND {BeforeTables.Was} NOT IN ({was})", cancellationToken).ConfigureAwait(false)
            + await Merge.CountAsync($"SELECT count(*) FROM {Was} WHERE {Sql.Version} NOT IN ({LeftVersions}) AND {Sql.Version} IN ({there})", cancellationToken).ConfigureAwait(false);
    }

    /// <summary>How many records go and come as they are: those that an undo left, since they had been changed before it.</summary>
    private Task<long> CountAlikeAsync(string going, CancellationToken cancellationToken)
    {
        if (!IsOfUndo) return Task.FromResult(0L);
        return Merge.CountAsync(
            HasKey
                ? $"SELECT count(*) FROM {Was} {Sql.Row} WHERE EXISTS (SELECT 1 FROM {going} {Sql.Target} WHERE {Table.SameKey} AND {Sql.Target}.{Sql.Version} = {Sql.Row}.{Sql.Version})"
                : $"SELECT count(*) FROM {Was} WHERE {Sql.Version} IN (SELECT {Sql.Version} FROM {going} going)",
            cancellationToken);
    }

    /// <summary>Keeps records as they were that do not come back, since they were changed: imports before it made them, and have to know. Of an undo also that records were not there which it brought back: they have versions of before it.</summary>
    private async Task KeepWhatStaysAwayAsync(CancellationToken cancellationToken)
    {
        await DoAsync(
            await Merge.CountAsync($"SELECT count(*) FROM {Was}", cancellationToken).ConfigureAwait(false) - _coming,
            "kept as they were",
            $"""
            INSERT INTO {Table.Before} ({Sql.Version}, {BeforeTables.Was}, {BeforeTables.Became}, {Table.Columns(Entity.Fields)})
            SELECT {Undone}, {Sql.Version}, {Sql.Text(BeforeTables.Absent)}, {Table.Columns(Entity.Fields)} FROM {Was} {Sql.Row} WHERE {Has(Moved)}
            """,
            cancellationToken).ConfigureAwait(false);
        if (!IsOfUndo) return;
        await Merge.ExecuteAsync(
            $"""
            INSERT INTO {Table.Before} ({Sql.Version}, {BeforeTables.Was}, {BeforeTables.Became}, {Key})
            SELECT {Undone}, {Sql.Text(BeforeTables.Absent)}, {BeforeTables.Was}, {Key} FROM {_left} {Sql.Row} WHERE {Has(Moved)} AND NOT {Has(Was)}
            """,
            cancellationToken).ConfigureAwait(false);
    }

    private string Compared(string version, string exists, string among) => !IsOfUndo ? $"(SELECT * FROM {Table.Table} WHERE {Sql.Version} {version} {Undone})"
        : HasKey ? $"(SELECT * FROM {Table.Table} {Sql.Row} WHERE {exists} (SELECT 1 FROM {_left} {Sql.Target} WHERE {Table.SameKey} AND {Sql.Target}.{BeforeTables.Was} = {Sql.Row}.{Sql.Version}))"
        : $"(SELECT * FROM {Table.Table} WHERE {Sql.Version} {among} ({LeftVersions}))";

    /// <summary>The condition that a relation has the key of <see cref="Sql.Row"/>.</summary>
    private string Has(string relation) => $"EXISTS (SELECT 1 FROM {relation} {Sql.Target} WHERE {Table.SameKey})";
}
