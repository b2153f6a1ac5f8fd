using EntityImport.DuckDb.Catalog;
using EntityImport.DuckDb.Connections;
using EntityImport.Storage;
using EntityImport.Testing;

namespace EntityImport.DuckDb.Merging;

/// <summary>The delta of undoing an import that changed some records, record by record.</summary>
internal sealed class RecordUndoDelta(Database database, UndoOrder order, bool isWhole, IDisposable memory) : UndoDelta(database, order, memory)
{
    /// <summary>The relation, a temporary table: a row for each change of the import, with the version that the record had and the one that it got, the record's fields as they were, and the record as it is.</summary>
    private const string Undo = "\"#undo\"";

    /// <summary>In <see cref="Undo"/>, the <see cref="Sql.RowId"/> of the record as it is; null where there is none.</summary>
    private const string Id = "\"#id\"";

    /// <summary>In <see cref="Undo"/>, the version that the record has.</summary>
    private const string Now = "\"#now\"";

    private const string CanBe = $"{Now} = {BeforeTables.Became}";

    private string Before => Sql.Before(Entity);

    /// <summary>The records that it changed, as they were; those that an undo left as they were are not among them. In a table that was kept whole those are them that got its version, wherever that is found.</summary>
    private string Changed => isWhole
        ? $"""
        (SELECT {Undone} AS {BeforeTables.Became}, {Sql.Version} AS {BeforeTables.Was}, {Fields} FROM {Was} {Sql.Row} SEMI JOIN (
            SELECT {Key} FROM {Merge.Table} WHERE {Sql.Version} = {Undone} UNION ALL SELECT {Key} FROM {Versions} WHERE {BeforeTables.Was} = {Undone}
        ) {Sql.Target} ON {Sql.SameKey(Entity)})
        """
        : $"(SELECT {BeforeTables.Became}, {BeforeTables.Was}, {Fields} FROM {Before} WHERE {Sql.Version} = {Undone} AND {BeforeTables.Was} <> {BeforeTables.Became})";

    private string Fields => Sql.Columns(Entity.Fields);

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
            Do(
                there, "kept as they were",
                $"""
                INSERT INTO {Before} ({columns}, {Fields}) SELECT {Order.Sequence}, {Sql.Target}.{Sql.Version}, {Sql.Row}.{BeforeTables.Was}, {Sql.Columns(Entity.Fields, $"{Sql.Target}.")}
                FROM {Merge.Table} {Sql.Target} JOIN {Undo} {Sql.Row} ON {Sql.Target}.{Sql.RowId} = {Sql.Row}.{Id} WHERE {CanBe}
                """,
                cancellationToken);
            var key = HasKey ? $", {Key}" : "";
            // Records without a key that come back are told by their version alone, and need no row each.
            Merge.Execute($"INSERT INTO {Before} ({columns}{key}) SELECT DISTINCT {Order.Sequence}, {BeforeTables.Absent}, {BeforeTables.Was}{key} FROM {Undo} WHERE {CanBe} AND {Id} IS NULL", cancellationToken);
            BeforeTables.Note(Merge.Connection, Order.Sequence, Entity, isWhole: false, there);
            NoteWritten($"{Undo} WHERE {CanBe}", cancellationToken);
        }

        Do(there, "taken out", $"DELETE FROM {Merge.Table} WHERE {Sql.RowId} IN (SELECT {Id} FROM {Undo} WHERE {CanBe} AND {Id} IS NOT NULL)", cancellationToken);
        FaultPoints.Reach(FaultStep.UndoTaken, Order.ImportId);
        var back = $"{CanBe} AND {BeforeTables.Was} <> {BeforeTables.Absent}";
        NoteWritten($"{Undo} WHERE {back}", cancellationToken);
        Do(
            Merge.Count($"SELECT count(*) FROM {Undo} WHERE {back}", cancellationToken), "brought back",
            $"INSERT INTO {Merge.Table} ({Fields}, {Sql.Version}) SELECT {Fields}, {BeforeTables.Was} FROM {Undo} WHERE {back}", cancellationToken);
        Merge.Execute($"DROP TABLE {Undo}", cancellationToken);
    }

    private IEnumerable<string> ChangesByKey()
    {
        var same = Sql.SameKey(Entity);
        var now = $"coalesce({Sql.Target}.{Sql.Version}, {BeforeTables.Absent}) AS {Now}";
        yield return $"""
            SELECT {Sql.Row}.{BeforeTables.Was}, {Sql.Row}.{BeforeTables.Became}, {Sql.Target}.{Sql.RowId} AS {Id}, {now}, {Sql.Columns(Entity.Fields, $"{Sql.Row}.")}
            FROM {Changed} {Sql.Row} LEFT JOIN {Merge.Table} {Sql.Target} ON {same}
            """;
        if (Order.Undone.Undoes is not null) yield break;
        var changed = $"(SELECT {Key} FROM {Changed})";
        var keyAlone = string.Join(", ", Entity.Fields.Select(field => field.PrimaryKey ? $"{Sql.Row}.{Sql.Column(field)}" : $"NULL AS {Sql.Column(field)}"));
        // What it inserted, and is as it was inserted: all that has its version, and was not changed by it.
        yield return $"""
            SELECT {BeforeTables.Absent}, {Undone}, {Sql.Row}.{Sql.RowId}, {Undone}, {keyAlone}
            FROM (SELECT {Sql.RowId}, {Key} FROM {Merge.Table} WHERE {Sql.Version} = {Undone}) {Sql.Row} ANTI JOIN {changed} {Sql.Target} ON {same}
            """;
        // What it inserted, and was changed since: those who did have kept that version.
        yield return $"""
            SELECT {BeforeTables.Absent}, {Undone}, {Sql.Target}.{Sql.RowId}, {now}, {keyAlone}
            FROM (
                SELECT {Key} FROM (SELECT DISTINCT {Key} FROM {Versions} WHERE {BeforeTables.Was} = {Undone}) {Sql.Row} ANTI JOIN {changed} {Sql.Target} ON {same}
            ) {Sql.Row} LEFT JOIN {Merge.Table} {Sql.Target} ON {same} WHERE {Sql.Target}.{Sql.Version} IS DISTINCT FROM {Undone}
            """;
    }

    /// <summary>Without a key imports only add records, and undos take them out or bring them back, all that have a version at once.</summary>
    private IEnumerable<string> ChangesWithoutKey()
    {
        var nothing = string.Join(", ", Entity.Fields.Select(field => $"NULL::{Sql.Type(field)} AS {Sql.Column(field)}"));
        var there = $"SELECT {Sql.Version} FROM {Merge.Table}";
        var added = Order.Undone.Undoes is null ? $"{Undone}" : $"SELECT {BeforeTables.Became} FROM {Before} WHERE {Sql.Version} = {Undone} AND {BeforeTables.Was} = {BeforeTables.Absent}";
        // What it took out, which another undo may have brought back since.
        if (Order.Undone.Undoes is not null)
        {
            yield return $"""
                SELECT {BeforeTables.Was}, {BeforeTables.Became}, NULL AS {Id}, CASE WHEN {BeforeTables.Was} IN ({there}) THEN {BeforeTables.Was} ELSE {BeforeTables.Absent} END AS {Now}, {Fields}
                FROM {Before} WHERE {Sql.Version} = {Undone} AND {BeforeTables.Became} = {BeforeTables.Absent} AND {BeforeTables.Was} <> {BeforeTables.Absent}
                """;
        }

        yield return $"""
            SELECT {BeforeTables.Absent} AS {BeforeTables.Was}, {Sql.Version} AS {BeforeTables.Became}, {Sql.RowId} AS {Id}, {Sql.Version} AS {Now}, {nothing} FROM {Merge.Table} WHERE {Sql.Version} IN ({added})
            """;
        // What it added, and another undo has taken out since.
        yield return $"""
            SELECT {BeforeTables.Absent}, {BeforeTables.Was}, NULL, {BeforeTables.Absent}, {nothing} FROM {TakenOut} WHERE {BeforeTables.Was} IN ({added}) AND {BeforeTables.Was} NOT IN ({there})
            """;
    }
}
