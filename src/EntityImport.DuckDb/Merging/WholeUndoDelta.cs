using EntityImport.DuckDb.Catalog;
using EntityImport.DuckDb.Connections;
using EntityImport.Storage;
using EntityImport.Testing;

namespace EntityImport.DuckDb.Merging;

/// <summary>The delta of undoing an import that made a new table of all records. The one that was is kept whole, and takes its place again; what was changed since is put into it.</summary>
internal sealed class WholeUndoDelta(Database database, UndoOrder order, IDisposable memory) : UndoDelta(database, order, memory)
{
    private long _going;
    private long _coming;
    private bool _isAsLeft;

    /// <summary>The table that is, once another has its place.</summary>
    private string Is => $"{Sql.RecordSchema}.{Sql.Name(Sql.WholeName(Order.Sequence))}";

    /// <summary>The condition that a record was changed since: after a REPLACE, which gives all records its version, that it has another one, whatever the order in which imports ran.</summary>
    private string ChangedSince => Order.Undone.Undoes is null ? $"{Sql.Version} <> {Undone}" : $"{Sql.Version} > {Undone}";

    private string Fields => $"{Sql.Columns(Entity.Fields)}, {Sql.Version}";

    protected override DeltaCounts Compare(CancellationToken cancellationToken)
    {
        var alike = CountAlike(cancellationToken);
        _isAsLeft = Order.IsLast && Merge.Count($"SELECT count(*) FROM {Merge.Table} WHERE {ChangedSince}", cancellationToken) == 0;
        if (_isAsLeft)
        {
            _going = Merge.CountRecords(cancellationToken);
            _coming = Merge.Count($"SELECT count(*) FROM {Was}", cancellationToken);
            return new DeltaCounts { Reversed = _going + _coming - (2 * alike) };
        }

        _going = Merge.Count($"SELECT count(*) FROM {Merge.Table} WHERE NOT ({ChangedSince})", cancellationToken);
        _coming = Merge.Count($"SELECT count(*) FROM {Coming(Merge.Table)}", cancellationToken);
        return new DeltaCounts { Reversed = _going + _coming - (2 * alike), Kept = HasKey ? CountKept(cancellationToken) : 0 };
    }

    /// <summary>How many of the changes, of records that went and of ones that came, are of records that were changed since.</summary>
    private long CountKept(CancellationToken cancellationToken)
    {
        var went = $"SELECT {Sql.Row}.* FROM {Was} {Sql.Row} SEMI JOIN {Changed(Merge.Table)} {Sql.Target} ON {Sql.SameKey(Entity)}";
        var kept = Merge.Count($"SELECT count(*) FROM ({went})", cancellationToken) + Merge.Count($"SELECT count(*) FROM {Left} {Sql.Row} SEMI JOIN {Changed(Merge.Table)} {Sql.Target} ON {Sql.SameKey(Entity)}", cancellationToken);
        if (Order.Undone.Undoes is null) return kept;
        // An undo did nothing to what it left.
        return kept - (2 * Merge.Count($"SELECT count(*) FROM ({went}) {Sql.Row} SEMI JOIN {Left} {Sql.Target} ON {Sql.SameKey(Entity)} AND {Sql.Target}.{BeforeTables.Was} = {Sql.Row}.{Sql.Version}", cancellationToken));
    }

    /// <summary>How many records go and come as they are: those that an undo left, since they had been changed before it.</summary>
    private long CountAlike(CancellationToken cancellationToken)
    {
        if (Order.Undone.Undoes is null) return 0;
        return Merge.Count(
            HasKey
                ? $"SELECT count(*) FROM {Was} {Sql.Row} SEMI JOIN {Merge.Table} {Sql.Target} ON {Sql.SameKey(Entity)} AND {Sql.Target}.{Sql.Version} = {Sql.Row}.{Sql.Version}"
                : $"SELECT count(*) FROM {Was} WHERE {Sql.Version} IN (SELECT {Sql.Version} FROM {Merge.Table})",
            cancellationToken);
    }

    protected override void Apply(CancellationToken cancellationToken)
    {
        if (_isAsLeft)
        {
            Merge.Execute($"ALTER TABLE {Merge.Table} RENAME TO {Sql.Name(Sql.WholeName(Order.Sequence))}", cancellationToken);
            FaultPoints.Reach(FaultStep.UndoTaken, Order.ImportId);
            Merge.Execute($"ALTER TABLE {Was} RENAME TO {Sql.Name(Entity.SystemName)}", cancellationToken);
        }
        else
        {
            if (HasKey && Entity.KeepsBefore)
            {
                Merge.Execute(
                    $"""
                    INSERT INTO {Sql.Before(Entity)} ({Sql.Version}, {BeforeTables.Was}, {BeforeTables.Became}, {Key})
                    SELECT {Order.Sequence}, {Sql.Version}, {Sql.Version}, {Key} FROM {Changed(Merge.Table)} {Sql.Target}
                    SEMI JOIN (SELECT {Key} FROM {Was} UNION SELECT {Key} FROM {Left}) {Sql.Row} ON {Sql.SameKey(Entity)}
                    """,
                    cancellationToken);
            }

            Merge.BeginNewTable(Sql.WholeName(Order.Sequence), cancellationToken);
            FaultPoints.Reach(FaultStep.UndoTaken, Order.ImportId);
            Do(_coming, "brought back", $"INSERT INTO {Merge.Table} ({Fields}) SELECT {Fields} FROM {Coming(Is)}", cancellationToken);
            Merge.Execute($"INSERT INTO {Merge.Table} ({Fields}) SELECT {Fields} FROM {Is} WHERE {ChangedSince}", cancellationToken);
            NoteWritten(Merge.Table, cancellationToken);
            if (HasKey && Entity.KeepsBefore) KeepWhatStaysAway(cancellationToken);
            Merge.Execute($"DROP TABLE {Was}", cancellationToken);
        }

        // What was is the entity's again, and can be brought back once.
        Merge.Execute($"DELETE FROM eis.before_image WHERE import = {Undone}", cancellationToken);
        if (Merge.Count($"SELECT count(*) FROM {Sql.Before(Entity)} WHERE {Sql.Version} = {Undone}", cancellationToken) is > 0 and var left) BeforeTables.Note(Merge.Connection, Undone, Entity, isWhole: false, left);
        if (Entity.KeepsBefore) BeforeTables.Note(Merge.Connection, Order.Sequence, Entity, isWhole: true, _going);
        else Merge.Execute($"DROP TABLE {Is}", cancellationToken);
    }

    /// <summary>Keeps records as they were that do not come back, since others have their place: imports before it made them, and have to know.</summary>
    private void KeepWhatStaysAway(CancellationToken cancellationToken) => Merge.Execute(
        $"""
        INSERT INTO {Sql.Before(Entity)} ({Sql.Version}, {BeforeTables.Was}, {BeforeTables.Became}, {Sql.Columns(Entity.Fields)})
        SELECT {Undone}, {Sql.Version}, {BeforeTables.Absent}, {Sql.Columns(Entity.Fields)} FROM {Was} {Sql.Row} SEMI JOIN (SELECT {Key} FROM {Is} WHERE {ChangedSince}) {Sql.Target} ON {Sql.SameKey(Entity)}
        """,
        cancellationToken);

    /// <summary>Records as the import left them that were changed since, each by its key and version. Of an undo, which left records of many versions, it is what was first found there.</summary>
    private string Left => Order.Undone.Undoes is null
        ? $"(SELECT DISTINCT {Key}, {BeforeTables.Was} FROM {Versions} WHERE {BeforeTables.Was} = {Undone})"
        : $"""
        (FROM (
            SELECT {Key}, arg_min({BeforeTables.Was}, {Sql.Version}) AS {BeforeTables.Was} FROM {Versions} WHERE {Sql.Version} > {Undone} GROUP BY {Key}
        ) WHERE {BeforeTables.Was} BETWEEN 0 AND {Undone})
        """;

    private string Changed(string table) => $"(SELECT * FROM {table} WHERE {ChangedSince})";

    /// <summary>The records that come back.</summary>
    private string Coming(string table) => HasKey ? $"(FROM {Was} {Sql.Row} ANTI JOIN {Changed(table)} {Sql.Target} ON {Sql.SameKey(Entity)})" : Was;
}
