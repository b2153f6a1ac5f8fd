using EntityImport.DuckDb.Catalog;
using EntityImport.DuckDb.Connections;
using EntityImport.Storage;
using EntityImport.Testing;

namespace EntityImport.DuckDb.Merging;

/// <summary>The delta of undoing an import that changed some records, record by record.</summary>
internal sealed class RecordUndoDelta(Database database, UndoOrder order, bool isWhole, bool areLong, IDisposable memory, Action leave) : UndoDelta(database, order, areLong, memory, leave)
{
    /// <summary>The relation, a temporary table: a row for each change of the import, with the record's key, the version that it had and the one that it got, where it is as it was, and the record as it is.</summary>
    private const string Undo = "\"#undo\"";

    /// <summary>In <see cref="Undo"/>, the <see cref="Sql.RowId"/> of the record as it is; null where there is none.</summary>
    private const string Id = "\"#id\"";

    /// <summary>In <see cref="Undo"/>, the <see cref="Sql.RowId"/> of the record as it was, in <see cref="Source"/>; null where it was not there.</summary>
    private const string SourceId = "\"#source\"";

    /// <summary>In <see cref="Undo"/>, the version that the record has.</summary>
    private const string Now = "\"#now\"";

    private const string CanBe = $"{Now} = {BeforeTables.Became}";

    private string Before => Sql.Before(Entity);

    /// <summary>The table with the records as they were.</summary>
    private string Source => isWhole ? Was : Before;

    /// <summary>The records that it changed, and where they are as they were; those that an undo left as they were are not among them. In a table that was kept whole those are them that got its version, wherever that is found.</summary>
    private string Changed => isWhole
        ? $"""
        (SELECT {Undone} AS {BeforeTables.Became}, {Sql.Version} AS {BeforeTables.Was}, {Sql.Row}.{Sql.RowId} AS {SourceId}, {Key} FROM {Was} {Sql.Row} SEMI JOIN (
            SELECT {Key} FROM {Merge.Table} WHERE {Sql.Version} = {Undone} UNION ALL SELECT {Key} FROM {Versions} WHERE {BeforeTables.Was} = {Undone}
        ) {Sql.Target} ON {Sql.SameKey(Entity)})
        """
        : $"(SELECT {BeforeTables.Became}, {BeforeTables.Was}, CASE WHEN {BeforeTables.Was} <> {BeforeTables.Absent} THEN {Sql.RowId} END AS {SourceId}, {Key} FROM {Before} WHERE {Sql.Version} = {Undone} AND {BeforeTables.Was} <> {BeforeTables.Became})";

    private string Fields => Sql.Columns(Entity.Fields);

    private string Values => Sql.Columns(Entity.Fields, $"{Sql.Target}.");

    protected override DeltaCounts Compare(CancellationToken cancellationToken)
    {
        Merge.Execute($"CREATE TEMP TABLE {Undo} AS {string.Join(" UNION ALL ", HasKey ? ChangesByKey() : ChangesWithoutKey())}", cancellationToken);
        return Merge.Connection.Query(
            $"SELECT count(*) FILTER (WHERE {CanBe}), count(*) FILTER (WHERE NOT ({CanBe})) FROM {Undo}", null,
            row => new DeltaCounts { Reversed = row.GetInt64(0), Kept = row.GetInt64(1) }, cancellationToken)[0];
    }

    protected override void Apply(CancellationToken cancellationToken)
    {
        var there = Merge.Count($"SELECT count({Id}) FROM {Undo} WHERE {CanBe}", cancellationToken);
        if (Entity.KeepsBefore)
        {
            var columns = $"{Sql.Version}, {BeforeTables.Was}, {BeforeTables.Became}";
            var going = RecordsOf(Merge.Table, Id, cancellationToken);
            Do(
                there, "kept as they were",
                going.Select(records =>
                    $"INSERT INTO {Before} ({columns}, {Fields}) SELECT {Order.Sequence}, {Sql.Target}.{Sql.Version}, {Sql.Row}.{BeforeTables.Was}, {Values} FROM {records}"),
                cancellationToken);
            var key = HasKey ? $", {Key}" : "";
            // Records without a key that come back are told by their version alone, and need no row each.
            Merge.Execute($"INSERT INTO {Before} ({columns}{key}) SELECT DISTINCT {Order.Sequence}, {BeforeTables.Absent}, {BeforeTables.Was}{key} FROM {Undo} WHERE {CanBe} AND {Id} IS NULL", cancellationToken);
            BeforeTables.Note(Merge.Connection, Order.Sequence, Entity, isWhole: false, there);
            NoteWritten(going.Select(ValuesOf), cancellationToken);
        }

        Do(there, "taken out", [$"DELETE FROM {Merge.Table} WHERE {Sql.RowId} IN (SELECT {Id} FROM {Undo} WHERE {CanBe} AND {Id} IS NOT NULL)"], cancellationToken);
        FaultPoints.Reach(FaultStep.UndoTaken, Order.ImportId);
        var coming = RecordsOf(Source, SourceId, cancellationToken);
        NoteWritten(coming.Select(ValuesOf), cancellationToken);
        Do(
            Merge.Count($"SELECT count({SourceId}) FROM {Undo} WHERE {CanBe}", cancellationToken), "brought back",
            coming.Select(records => $"INSERT INTO {Merge.Table} ({Fields}, {Sql.Version}) SELECT {Values}, {Sql.Row}.{BeforeTables.Was} FROM {records}"), cancellationToken);
        Merge.Execute($"DROP TABLE {Undo}", cancellationToken);
    }

    /// <summary>The records of a table that changes which can be taken back are about, as relations that together are all of them: each is <see cref="Sql.Target"/>, its change <see cref="Sql.Row"/>.</summary>
    private List<string> RecordsOf(string table, string id, CancellationToken cancellationToken) =>
    [
        .. Merge.Portions(table, cancellationToken).Select(records =>
            $"{records} {Sql.Target} JOIN {Undo} {Sql.Row} ON {Sql.Target}.{Sql.RowId} = {Sql.Row}.{id} WHERE {Sql.Row}.{Now} = {Sql.Row}.{BeforeTables.Became}"),
    ];

    private string ValuesOf(string records) => $"(SELECT {Values} FROM {records})";

    private IEnumerable<string> ChangesByKey()
    {
        var same = Sql.SameKey(Entity);
        var key = Sql.Columns(Entity.Key, $"{Sql.Row}.");
        var now = $"coalesce({Sql.Target}.{Sql.Version}, {BeforeTables.Absent}) AS {Now}";
        yield return $"""
            SELECT {Sql.Row}.{BeforeTables.Was}, {Sql.Row}.{BeforeTables.Became}, {Sql.Target}.{Sql.RowId} AS {Id}, {Sql.Row}.{SourceId}, {now}, {key}
            FROM {Changed} {Sql.Row} LEFT JOIN {Merge.Table} {Sql.Target} ON {same}
            """;
        if (Order.Undone.Undoes is not null) yield break;
        var changed = $"(SELECT {Key} FROM {Changed})";
        // What it inserted, and is as it was inserted: all that has its version, and was not changed by it.
        yield return $"""
            SELECT {BeforeTables.Absent}, {Undone}, {Sql.Row}.{Sql.RowId}, NULL, {Undone}, {key}
            FROM (SELECT {Sql.RowId}, {Key} FROM {Merge.Table} WHERE {Sql.Version} = {Undone}) {Sql.Row} ANTI JOIN {changed} {Sql.Target} ON {same}
            """;
        // What it inserted, and was changed since: those who did have kept that version.
        yield return $"""
            SELECT {BeforeTables.Absent}, {Undone}, {Sql.Target}.{Sql.RowId}, NULL, {now}, {key}
            FROM (
                SELECT {Key} FROM (SELECT DISTINCT {Key} FROM {Versions} WHERE {BeforeTables.Was} = {Undone}) {Sql.Row} ANTI JOIN {changed} {Sql.Target} ON {same}
            ) {Sql.Row} LEFT JOIN {Merge.Table} {Sql.Target} ON {same} WHERE {Sql.Target}.{Sql.Version} IS DISTINCT FROM {Undone}
            """;
    }

    /// <summary>Without a key imports only add records, and undos take them out or bring them back, all that have a version at once.</summary>
    private IEnumerable<string> ChangesWithoutKey()
    {
        var there = $"SELECT {Sql.Version} FROM {Merge.Table}";
        var added = Order.Undone.Undoes is null ? $"{Undone}" : $"SELECT {BeforeTables.Became} FROM {Before} WHERE {Sql.Version} = {Undone} AND {BeforeTables.Was} = {BeforeTables.Absent}";
        // What it took out, which another undo may have brought back since.
        if (Order.Undone.Undoes is not null)
        {
            yield return $"""
                SELECT {BeforeTables.Was}, {BeforeTables.Became}, NULL AS {Id}, {Sql.RowId} AS {SourceId}, CASE WHEN {BeforeTables.Was} IN ({there}) THEN {BeforeTables.Was} ELSE {BeforeTables.Absent} END AS {Now}
                FROM {Before} WHERE {Sql.Version} = {Undone} AND {BeforeTables.Became} = {BeforeTables.Absent} AND {BeforeTables.Was} <> {BeforeTables.Absent}
                """;
        }

        yield return $"""
            SELECT {BeforeTables.Absent} AS {BeforeTables.Was}, {Sql.Version} AS {BeforeTables.Became}, {Sql.RowId} AS {Id}, NULL::BIGINT AS {SourceId}, {Sql.Version} AS {Now} FROM {Merge.Table} WHERE {Sql.Version} IN ({added})
            """;
        // What it added, and another undo has taken out since.
        yield return $"""
            SELECT {BeforeTables.Absent}, {BeforeTables.Was}, NULL, NULL, {BeforeTables.Absent} FROM {TakenOut} WHERE {BeforeTables.Was} IN ({added}) AND {BeforeTables.Was} NOT IN ({there})
            """;
    }
}
