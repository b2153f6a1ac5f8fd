using EntityImport.DuckDb.Catalog;
using EntityImport.DuckDb.Connections;
using EntityImport.DuckDb.Rows;
using EntityImport.Entities;
using EntityImport.Storage;

namespace EntityImport.DuckDb.Merging;

/// <summary>A delta that is a relation of its own, with a row for each record that comes or changes: what it becomes, and which one it is.</summary>
internal abstract class ExplicitDelta(DuckDbMerge merge, LoadOrder order) : DuckDbDelta(merge, order)
{
    /// <summary>The relation, a temporary table. Joined with the entity's table by <see cref="TargetId"/> it tells old values and new ones, until it is applied.</summary>
    public const string Delta = "\"#delta\"";

    /// <summary>In <see cref="Delta"/>, the <see cref="Sql.RowId"/> of the record that changes; null where a record comes.</summary>
    public const string TargetId = "\"#id\"";

    /// <summary>How many records there were, where they are kept whole.</summary>
    private long? _whole;

    protected override bool KeepsWhole => base.KeepsWhole || _whole is not null;

    /// <summary>Whether records that change are taken out and put in anew.</summary>
    protected abstract bool MovesRecords { get; }

    /// <summary>The condition that a row differs from the record of its key.</summary>
    private string AnyChanged => string.Join(" OR ", Fields.Where(f => !f.PrimaryKey).Select(HasChanged).DefaultIfEmpty("false"));

    /// <summary>Reads the rows against the records once, keeps those that are new or change something, and counts the others on the way.</summary>
    /// <param name="values">What is kept of them.</param>
    /// <param name="rows">What is compared: rows.</param>
    /// <param name="records">What they are compared with.</param>
    /// <param name="recordId">The column there with a record's <see cref="Sql.RowId"/>.</param>
    /// <param name="feed">What counts.</param>
    /// <param name="cancellationToken">Interrupts the statements.</param>
    protected DeltaCounts Compare(string values, string rows, string records, string recordId, RowFunction.Feed feed, CancellationToken cancellationToken)
    {
        Merge.Execute(
            $"""
            CREATE TEMP TABLE {Delta} AS
            SELECT {values}, {Sql.Target}.{recordId} AS {TargetId} FROM {rows} {Sql.Row} LEFT JOIN {records} {Sql.Target} ON {Sql.SameKey(Order.Entity)}
            WHERE {ChangeFunction.Sql(feed, $"{Sql.Target}.{recordId} IS NULL", AnyChanged)}
            """,
            cancellationToken);
        return Merge.Connection.Query(
            $"SELECT count(*) FILTER (WHERE {TargetId} IS NULL), count({TargetId}) FROM {Delta}", null,
            row => new DeltaCounts { Inserted = row.GetInt64(0), Updated = row.GetInt64(1), Unchanged = feed.Unchanged }, cancellationToken)[0];
    }

    protected override long KeepBefore(CancellationToken cancellationToken)
    {
        // Where most records change, the table that was is their before-image as it is: others are copied, and nothing is taken out. So they are where most of a table's space is of records that were taken out before.
        if (MovesRecords && Merge.CountRecords(cancellationToken) is var all && 2 * (all - Counts.Updated) <= CountPlaces(all, cancellationToken))
        {
            _whole = all;
            return all;
        }

        var fields = Order.Entity.Fields;
        Do(
            Counts.Updated, "kept as they were",
            Merge.Portions(Merge.Table, cancellationToken).Select(records =>
                $"""
                INSERT INTO {Sql.Before(Order.Entity)} ({Sql.Version}, {BeforeTables.Was}, {BeforeTables.Became}, {Sql.Columns(fields)})
                SELECT {Order.Sequence}, {Sql.Version}, {Order.Sequence}, {Sql.Columns(fields)} FROM {records} WHERE {Sql.RowId} IN (SELECT {TargetId} FROM {Delta} WHERE {TargetId} IS NOT NULL)
                """),
            cancellationToken);
        return Counts.Updated;
    }

    /// <summary>Takes out the records that change.</summary>
    protected void TakeOut(CancellationToken cancellationToken)
    {
        if (_whole is not { } all)
        {
            Do(Counts.Updated, "taken out", [$"DELETE FROM {Merge.Table} WHERE {Sql.RowId} IN (SELECT {TargetId} FROM {Delta} WHERE {TargetId} IS NOT NULL)"], cancellationToken);
            return;
        }

        var whole = Sql.WholeName(Order.Sequence);
        Merge.BeginNewTable(whole, cancellationToken);
        if (all == Counts.Updated) return;
        var columns = $"{Sql.Columns(Order.Entity.Fields)}, {Sql.Version}";
        Do(
            all - Counts.Updated, "left as they are",
            Merge.Portions($"{Sql.RecordSchema}.{Sql.Name(whole)}", cancellationToken).Select(records =>
                $"INSERT INTO {Merge.Table} ({columns}) SELECT {columns} FROM {records} {Sql.Target} ANTI JOIN {Delta} {Sql.Row} ON {Sql.Target}.{Sql.RowId} = {Sql.Row}.{TargetId}"),
            cancellationToken);
    }

    /// <summary>Puts in records.</summary>
    /// <param name="expected">How many there are.</param>
    /// <param name="fields">The fields that they have values for.</param>
    /// <param name="rows">The records, and a condition on them.</param>
    /// <param name="cancellationToken">Interrupts the statement.</param>
    protected void PutIn(long expected, IEnumerable<FieldDefinition> fields, string rows, CancellationToken cancellationToken) =>
        Do(expected, "put in", [$"INSERT INTO {Merge.Table} ({Sql.Columns(fields)}, {Sql.Version}) SELECT {Sql.Columns(fields, $"{Sql.Row}.")}, {Order.Sequence} FROM {rows}"], cancellationToken);

    /// <summary>Runs statements that together do what was counted before.</summary>
    /// <param name="expected">How many records that is about.</param>
    /// <param name="done">What is done to them, as a participle.</param>
    /// <param name="statements">The statements.</param>
    /// <param name="cancellationToken">Interrupts them.</param>
    /// <exception cref="LedgerException">They were about another number of records.</exception>
    protected void Do(long expected, string done, IEnumerable<string> statements, CancellationToken cancellationToken) =>
        Merge.Execute(expected, $"{Counts.Updated} records change and {Counts.Inserted} are new, so", done, statements, cancellationToken);

    private long CountPlaces(long records, CancellationToken cancellationToken) => Merge.AreLong ? Merge.CountPlaces(cancellationToken) : records;

    private string HasChanged(FieldDefinition field)
    {
        var column = Sql.Column(field);
        var changed = $"{Sql.Target}.{column} IS DISTINCT FROM {Sql.Row}.{column}";
        return Order.KeepEmpty ? $"({Sql.Row}.{column} IS NOT NULL AND {changed})" : changed;
    }
}
