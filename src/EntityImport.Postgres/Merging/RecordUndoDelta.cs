using EntityImport.Postgres.Catalog;
using EntityImport.Postgres.Connections;
using EntityImport.Storage;
using EntityImport.Testing;

namespace EntityImport.Postgres.Merging;

/// <summary>The delta of undoing an import that changed some records, record by record.</summary>
internal sealed class RecordUndoDelta(PostgresMerge merge, UndoOrder order, IReadOnlyList<(long Import, string Table)> whole) : UndoDelta(merge, order, whole)
{
    /// <summary>In the relation, the version that the record has.</summary>
    private const string Now = "now";

    private const string CanBe = $"{Now} = {BeforeTables.Became}";

    private static readonly string Absent = Sql.Text(BeforeTables.Absent);

    /// <summary>The relation: a row for each change of the import, with the version that the record had and the one that it got, the record's fields as they were, and the record as it is.</summary>
    private readonly string _undo = $"{Sql.StageSchema}.u{Guid.CreateVersion7():N}";

    /// <summary>The records that it changed, as they were; those that an undo left as they were are not among them. In a table that was kept whole those are them that got its version, wherever that is found.</summary>
    private string Changed => WasTable is not null
        ? $"""
        (SELECT {Undone}::bigint AS {BeforeTables.Became}, {Sql.Row}.{Sql.Version} AS {BeforeTables.Was}, {Table.Columns(Entity.Fields, $"{Sql.Row}.")} FROM {Was} {Sql.Row} WHERE EXISTS (
            SELECT 1 FROM (SELECT {Key} FROM {Table.Table} WHERE {Sql.Version} = {Undone} UNION ALL SELECT {Key} FROM {Versions} WHERE {BeforeTables.Was} = {Undone}) {Sql.Target} WHERE {Table.SameKey}))
        """
        : $"(SELECT {BeforeTables.Became}, {BeforeTables.Was}, {Fields} FROM {Table.Before} WHERE {Sql.Version} = {Undone} AND {BeforeTables.Was} <> {BeforeTables.Became})";

    private string Fields => Table.Columns(Entity.Fields);

    protected override async Task<DeltaCounts> CompareAsync(CancellationToken cancellationToken)
    {
        var columns = $"{BeforeTables.Was}, {BeforeTables.Became}, {Sql.RecordId}, {Now}, {Fields}";
        // A preview is thrown away with its transaction, as the relation of an undo is where it fails.
        await Merge.MakeAsync(
            _undo, $"CREATE UNLOGGED TABLE {_undo} ({BeforeTables.Was} bigint, {BeforeTables.Became} bigint, {Sql.RecordId} tid, {Now} bigint, {Table.ColumnTypes(Entity.Fields)}) WITH (autovacuum_enabled = false)", cancellationToken).ConfigureAwait(false);
        foreach (var changes in HasKey ? ChangesByKey() : ChangesWithoutKey())
            await Merge.ExecuteAsync($"INSERT INTO {_undo} ({columns}) {changes}", cancellationToken).ConfigureAwait(false);
        return (await Merge.Session.QueryAsync(
            $"SELECT count(*) FILTER (WHERE {CanBe}), count(*) FILTER (WHERE NOT ({CanBe})) FROM {_undo}",
            row => new DeltaCounts { Reversed = row.GetInt64(0), Kept = row.GetInt64(1) }, cancellationToken).ConfigureAwait(false))[0];
    }

    protected override async Task DoAsync(CancellationToken cancellationToken)
    {
        var there = await Merge.CountAsync($"SELECT count({Sql.RecordId}) FROM {_undo} WHERE {CanBe}", cancellationToken).ConfigureAwait(false);
        if (Entity.KeepsBefore)
        {
            var columns = $"{Sql.Version}, {BeforeTables.Was}, {BeforeTables.Became}";
            await DoAsync(
                there, "kept as they were",
                $"""
                INSERT INTO {Table.Before} ({columns}, {Fields}) SELECT {Sequence}, {Sql.Target}.{Sql.Version}, {Sql.Row}.{BeforeTables.Was}, {Table.Columns(Entity.Fields, $"{Sql.Target}.")}
                FROM {Table.Table} {Sql.Target} JOIN {_undo} {Sql.Row} ON {Sql.Target}.{Sql.RowId} = {Sql.Row}.{Sql.RecordId} WHERE {CanBe}
                """,
                cancellationToken).ConfigureAwait(false);
            var key = HasKey ? $", {Key}" : "";
            // Records without a key that come back are told by their version alone, and need no row each.
            await Merge.ExecuteAsync($"INSERT INTO {Table.Before} ({columns}{key}) SELECT DISTINCT {Sequence}, {Absent}, {BeforeTables.Was}{key} FROM {_undo} WHERE {CanBe} AND {Sql.RecordId} IS NULL", cancellationToken).ConfigureAwait(false);
            await BeforeTables.NoteAsync(Merge.Session, Order.Sequence, Entity, wholeTable: null, there, cancellationToken).ConfigureAwait(false);
        }

        await DoAsync(there, "taken out", $"DELETE FROM {Table.Table} {Sql.Target} USING {_undo} {Sql.Row} WHERE {Sql.Target}.{Sql.RowId} = {Sql.Row}.{Sql.RecordId} AND {CanBe}", cancellationToken).ConfigureAwait(false);
        FaultPoints.Reach(FaultStep.UndoTaken, Order.ImportId);
        var back = $"{CanBe} AND {BeforeTables.Was} <> {Absent}";
        await DoAsync(
            await Merge.CountAsync($"SELECT count(*) FROM {_undo} WHERE {back}", cancellationToken).ConfigureAwait(false), "brought back",
            $"INSERT INTO {Table.Table} ({Fields}, {Sql.Version}) SELECT {Fields}, {BeforeTables.Was} FROM {_undo} WHERE {back}", cancellationToken).ConfigureAwait(false);
        await Merge.ExecuteAsync($"DROP TABLE {_undo}", cancellationToken).ConfigureAwait(false);
    }

    private IEnumerable<string> ChangesByKey()
    {
        var same = Table.SameKey;
        var now = $"coalesce({Sql.Target}.{Sql.Version}, {Absent})";
        yield return $"""
            SELECT {Sql.Row}.{BeforeTables.Was}, {Sql.Row}.{BeforeTables.Became}, {Sql.Target}.{Sql.RowId}, {now}, {Table.Columns(Entity.Fields, $"{Sql.Row}.")}
            FROM {Changed} {Sql.Row} LEFT JOIN {Table.Table} {Sql.Target} ON {same}
            """;
        if (Order.Undone.Undoes is not null) yield break;
        var notChanged = $"NOT EXISTS (SELECT 1 FROM {Changed} {Sql.Target} WHERE {same})";
        var keyAlone = string.Join(", ", Entity.Fields.Select(field => field.PrimaryKey ? $"{Sql.Row}.{Table.Column(field)}" : Sql.Null(field)));
        // What it inserted, and is as it was inserted: all that has its version, and was not changed by it.
        yield return $"SELECT {Absent}, {Undone}, {Sql.Row}.{Sql.RowId}, {Undone}, {keyAlone} FROM {Table.Table} {Sql.Row} WHERE {Sql.Row}.{Sql.Version} = {Undone} AND {notChanged}";
        // What it inserted, and was changed since: those who did have kept that version.
        yield return $"""
            SELECT {Absent}, {Undone}, {Sql.Target}.{Sql.RowId}, {now}, {keyAlone}
            FROM (
                SELECT {Key} FROM (SELECT DISTINCT {Key} FROM {Versions} WHERE {BeforeTables.Was} = {Undone}) {Sql.Row} WHERE {notChanged}
            ) {Sql.Row} LEFT JOIN {Table.Table} {Sql.Target} ON {same} WHERE {Sql.Target}.{Sql.Version} IS DISTINCT FROM {Undone}
            """;
    }

    /// <summary>Without a key imports only add records, and undos take them out or bring them back, all that have a version at once.</summary>
    private IEnumerable<string> ChangesWithoutKey()
    {
        var nothing = string.Join(", ", Entity.Fields.Select(Sql.Null));
        var there = $"SELECT {Sql.Version} FROM {Table.Table}";
        var added = Order.Undone.Undoes is null ? Undone : $"SELECT {BeforeTables.Became} FROM {Table.Before} WHERE {Sql.Version} = {Undone} AND {BeforeTables.Was} = {Absent}";
        // What it took out, which another undo may have brought back since.
        if (Order.Undone.Undoes is not null)
        {
            yield return $"""
                SELECT {BeforeTables.Was}, {BeforeTables.Became}, NULL::tid, CASE WHEN {BeforeTables.Was} IN ({there}) THEN {BeforeTables.Was} ELSE {Absent} END, {Fields}
                FROM {Table.Before} WHERE {Sql.Version} = {Undone} AND {BeforeTables.Became} = {Absent} AND {BeforeTables.Was} <> {Absent}
                """;
        }

        yield return $"SELECT {Absent}, {Sql.Version}, {Sql.RowId}, {Sql.Version}, {nothing} FROM {Table.Table} WHERE {Sql.Version} IN ({added})";
        // What it added, and another undo has taken out since.
        yield return $"SELECT {Absent}, {BeforeTables.Was}, NULL::tid, {Absent}, {nothing} FROM {TakenOut} gone WHERE {BeforeTables.Was} IN ({added}) AND {BeforeTables.Was} NOT IN ({there})";
    }
}
