using EntityImport.DuckDb.Catalog;
using EntityImport.DuckDb.Connections;
using EntityImport.SqlStores;
using EntityImport.Storage;
using EntityImport.Testing;

namespace EntityImport.DuckDb.Merging;

/// <summary>The delta of undoing an import that made a new table of all records. The one that was is kept whole, and takes its place again; what was changed since is put into it.</summary>
internal sealed class WholeUndoDelta(Database database, UndoOrder order, bool areLong, IDisposable memory, Action leave) : UndoDelta(database, order, areLong, memory, leave)
{
    /// <summary>The relation of what an undo left, a temporary table: keys with versions; without a key, versions. What a REPLACE left has its version, whatever the order in which imports ran.</summary>
    private const string Left = "\"#left\"";

    private long _going;
    private long _coming;
    private bool _isAsLeft;

    /// <summary>The table that is, once another has its place.</summary>
    private string Is => $"{Sql.RecordSchema}.{Sql.Name(Sql.WholeName(Order.Sequence))}";

    private string Fields => $"{Sql.Columns(Entity.Fields)}, {Sql.Version}";

    private bool IsOfUndo => Order.Undone.Undoes is not null;

    /// <summary>Without a key, the versions that the import left.</summary>
    private string LeftVersions => IsOfUndo ? $"SELECT {BeforeTables.Was} FROM {Left}" : $"SELECT {Undone}";

    protected override DeltaCounts Compare(CancellationToken cancellationToken)
    {
        _isAsLeft = Order.IsLast && Merge.Count($"SELECT count(*) FROM {Merge.Table} WHERE {Sql.Version} {(IsOfUndo ? ">" : "<>")} {Undone}", cancellationToken) == 0;
        if (_isAsLeft)
        {
            _going = Merge.CountRecords(cancellationToken);
            _coming = Merge.Count($"SELECT count(*) FROM {Was}", cancellationToken);
            return new DeltaCounts { Reversed = _going + _coming - (2 * CountAlike(Merge.Table, cancellationToken)) };
        }

        if (IsOfUndo) FindLeft(cancellationToken);
        _going = Merge.Count($"SELECT count(*) FROM {AsLeft(Merge.Table)}", cancellationToken);
        _coming = Merge.Count($"SELECT count(*) FROM {Coming(Merge.Table, Was)}", cancellationToken);
        return new DeltaCounts { Reversed = _going + _coming - (2 * CountAlike(AsLeft(Merge.Table), cancellationToken)), Kept = HasKey ? CountKept(cancellationToken) : CountKeptVersions(cancellationToken) };
    }

    /// <summary>Finds what the undo left: the first version of each key that an import found since, or the one that is there where none has changed it.</summary>
    private void FindLeft(CancellationToken cancellationToken)
    {
        var (key, same) = HasKey ? (Key, Sql.SameKey(Entity)) : (BeforeTables.Became, $"{Sql.Target}.{BeforeTables.Became} = {Sql.Row}.{BeforeTables.Became}");
        var untouched = Order.Tables.First is not null ? "" : $"""
            UNION ALL SELECT {Sql.Row}.* FROM (SELECT {(HasKey ? Key : $"DISTINCT {Sql.Version} AS {BeforeTables.Became}")}, {Sql.Version} AS {BeforeTables.Was} FROM {Merge.Table} WHERE {Sql.Version} <= {Undone}) {Sql.Row} ANTI JOIN found {Sql.Target} ON {same}
            """;
        Merge.Execute(
            $"""
            CREATE TEMP TABLE {Left} AS
            WITH found AS (SELECT {key}, arg_min({BeforeTables.Was}, {Sql.Version}) AS {BeforeTables.Was} FROM {Versions} WHERE {VersionCondition.TellsOf(Undone, Order.Tables, Sql.Version)} GROUP BY {key})
            SELECT * FROM found WHERE {BeforeTables.Was} BETWEEN 0 AND {Undone} {untouched}
            """,
            cancellationToken);
    }

    /// <summary>How many of the changes, of records that went and of ones that came, are of records that were changed since.</summary>
    private long CountKept(CancellationToken cancellationToken)
    {
        var left = IsOfUndo ? Left : $"(SELECT DISTINCT {Key}, {BeforeTables.Was} FROM {Versions} WHERE {BeforeTables.Was} = {Undone})";
        var went = $"(FROM {Was} {Sql.Row} SEMI JOIN {Moved(Merge.Table)} {Sql.Target} ON {Sql.SameKey(Entity)})";
        var kept = Merge.Count($"SELECT count(*) FROM {went}", cancellationToken) + Merge.Count($"SELECT count(*) FROM {left} {Sql.Row} SEMI JOIN {Moved(Merge.Table)} {Sql.Target} ON {Sql.SameKey(Entity)}", cancellationToken);
        // An undo did nothing to what it left as it was.
        return kept - (2 * Merge.Count($"SELECT count(*) FROM {went} {Sql.Row} SEMI JOIN {left} {Sql.Target} ON {Sql.SameKey(Entity)} AND {Sql.Target}.{BeforeTables.Was} = {Sql.Row}.{Sql.Version}", cancellationToken));
    }

    /// <summary>The same without a key: what came and was taken out since, and what went and was brought back.</summary>
    private long CountKeptVersions(CancellationToken cancellationToken)
    {
        var (there, was) = ($"SELECT {Sql.Version} FROM {Merge.Table}", $"SELECT {Sql.Version} FROM {Was}");
        return Merge.Count($"SELECT count(*) FROM {TakenOut} WHERE {BeforeTables.Was} IN ({LeftVersions}) AND {BeforeTables.Was} NOT IN ({there}) AND {BeforeTables.Was} NOT IN ({was})", cancellationToken)
            + Merge.Count($"SELECT count(*) FROM {Was} WHERE {Sql.Version} NOT IN ({LeftVersions}) AND {Sql.Version} IN ({there})", cancellationToken);
    }

    /// <summary>How many records go and come as they are: those that an undo left, since they had been changed before it.</summary>
    private long CountAlike(string going, CancellationToken cancellationToken)
    {
        if (!IsOfUndo) return 0;
        return Merge.Count(
            HasKey
                ? $"SELECT count(*) FROM {Was} {Sql.Row} SEMI JOIN {going} {Sql.Target} ON {Sql.SameKey(Entity)} AND {Sql.Target}.{Sql.Version} = {Sql.Row}.{Sql.Version}"
                : $"SELECT count(*) FROM {Was} WHERE {Sql.Version} IN (SELECT {Sql.Version} FROM {going})",
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
            Merge.BeginNewTable(Sql.WholeName(Order.Sequence), cancellationToken);
            FaultPoints.Reach(FaultStep.UndoTaken, Order.ImportId);
            var was = Merge.Portions(Was, cancellationToken);
            var staying = Merge.Portions(Is, cancellationToken).Select(Changed).ToList();
            // Those that do not come back are few, and to find them for this costs as much as to bring the others back.
            NoteWritten([.. was, .. staying], cancellationToken);
            Do(_coming, "brought back", was.Select(records => PutIn(Coming(Is, records))), cancellationToken);
            Do(Merge.Count($"SELECT count(*) FROM {Is}", cancellationToken) - _going, "left as they are", staying.Select(PutIn), cancellationToken);
            if (HasKey && Entity.KeepsBefore) KeepWhatStaysAway(was, cancellationToken);
            Merge.Execute($"DROP TABLE {Was}", cancellationToken);
            if (IsOfUndo) Merge.Execute($"DROP TABLE {Left}", cancellationToken);
        }

        // What was is the entity's again, and can be brought back once. That nothing of the import was lost is known as long as its note is there, though nothing stayed away.
        Merge.Execute($"DELETE FROM eis.before_image WHERE import = {Undone}", cancellationToken);
        if (Entity.KeepsBefore)
        {
            BeforeTables.Note(Merge.Connection, Undone, Entity, isWhole: false, Merge.Count($"SELECT count(*) FROM {Sql.Before(Entity)} WHERE {Sql.Version} = {Undone}", cancellationToken));
            BeforeTables.Note(Merge.Connection, Order.Sequence, Entity, isWhole: true, _going);
        }
        else
        {
            Merge.Execute($"DROP TABLE {Is}", cancellationToken);
        }
    }

    /// <summary>Keeps records as they were that do not come back, since they were changed: imports before it made them, and have to know. Of an undo also that records were not there which it brought back: they have versions of before it.</summary>
    private void KeepWhatStaysAway(IReadOnlyList<string> was, CancellationToken cancellationToken)
    {
        Do(
            Merge.Count($"SELECT count(*) FROM {Was}", cancellationToken) - _coming,
            "kept as they were",
            was.Select(records =>
                $"""
                INSERT INTO {Sql.Before(Entity)} ({Sql.Version}, {BeforeTables.Was}, {BeforeTables.Became}, {Sql.Columns(Entity.Fields)})
                SELECT {Undone}, {Sql.Version}, {BeforeTables.Absent}, {Sql.Columns(Entity.Fields)} FROM {records} {Sql.Row} SEMI JOIN {Moved(Is)} {Sql.Target} ON {Sql.SameKey(Entity)}
                """),
            cancellationToken);
        if (!IsOfUndo) return;
        var stayed = $"(FROM {Left} {Sql.Row} SEMI JOIN {Moved(Is)} {Sql.Target} ON {Sql.SameKey(Entity)})";
        Merge.Execute(
            $"""
            INSERT INTO {Sql.Before(Entity)} ({Sql.Version}, {BeforeTables.Was}, {BeforeTables.Became}, {Key})
            SELECT {Undone}, {BeforeTables.Absent}, {BeforeTables.Was}, {Key} FROM {stayed} {Sql.Row} ANTI JOIN {Was} {Sql.Target} ON {Sql.SameKey(Entity)}
            """,
            cancellationToken);
    }

    private string PutIn(string records) => $"INSERT INTO {Merge.Table} ({Fields}) SELECT {Fields} FROM {records}";

    /// <summary>The records that are as the import left them.</summary>
    private string AsLeft(string table) => Compared(table, "=", "SEMI", "IN");

    /// <summary>The others, which were changed since, or came.</summary>
    private string Changed(string table) => Compared(table, "<>", "ANTI", "NOT IN");

    private string Compared(string table, string version, string join, string among) => !IsOfUndo ? $"(SELECT * FROM {table} WHERE {Sql.Version} {version} {Undone})"
        : HasKey ? $"(FROM {table} {Sql.Row} {join} JOIN {Left} {Sql.Target} ON {Sql.SameKey(Entity)} AND {Sql.Target}.{BeforeTables.Was} = {Sql.Row}.{Sql.Version})"
        : $"(SELECT * FROM {table} WHERE {Sql.Version} {among} ({LeftVersions}))";

    /// <summary>The keys of records that are not as the import left them; of a REPLACE nothing is taken out but by its undo.</summary>
    private string Moved(string table) => IsOfUndo
        ? $"(SELECT {Key} FROM {Changed(table)} UNION ALL SELECT {Key} FROM (FROM {Left} {Sql.Row} ANTI JOIN {table} {Sql.Target} ON {Sql.SameKey(Entity)}))"
        : $"(SELECT {Key} FROM {Changed(table)})";

    /// <summary>Of the records that were, those that come back. Without a key they are those of which is there what was left.</summary>
    private string Coming(string table, string was) => HasKey
        ? $"(FROM {was} {Sql.Row} ANTI JOIN {Moved(table)} {Sql.Target} ON {Sql.SameKey(Entity)})"
        : $"(SELECT * FROM {was} WHERE ({Sql.Version} IN (SELECT {Sql.Version} FROM {table})) = ({Sql.Version} IN ({LeftVersions})))";
}
