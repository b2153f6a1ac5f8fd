using System.Globalization;
using EntityImport.Catalog;
using EntityImport.Changes;
using EntityImport.DuckDb.Connections;
using EntityImport.DuckDb.Rows;
using EntityImport.Rows;
using EntityImport.Storage;

namespace EntityImport.DuckDb.Merging;

/// <summary>The delta that a plan keeps, to be applied to the entity as it was when the plan was made: without the file, and without comparing anything again.</summary>
internal sealed class KeptDelta : ValueDelta
{
    private readonly IDisposable? _memory;
    private readonly Action? _leave;
    private readonly string _table;
    private bool _isPrepared;

    private KeptDelta(DuckDbMerge merge, LoadOrder order, IRowAmount rows, IDisposable? memory, Action? leave)
        : base(merge, order, rows)
    {
        _memory = memory;
        _leave = leave;
        _table = PlanTable.Name(order.PlanId!.Value);
    }

    /// <summary>Opens it, and makes sure that what is there is what the plan counted.</summary>
    /// <param name="database">The database.</param>
    /// <param name="order">What was loaded for the plan.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="leave">What ends with the delta.</param>
    /// <param name="cancellationToken">Interrupts the statements.</param>
    /// <exception cref="LedgerException">It is not.</exception>
    public static KeptDelta Open(Database database, LoadOrder order, Plan plan, Action leave, CancellationToken cancellationToken)
    {
        var rows = new KeptRows(plan.Changes!);
        var areLong = database.AreLong(order, rows, cancellationToken);
        var memory = order.ChangesRecords ? database.ReserveForJoin(rows, areLong) : database.ReserveForLoad(rows);
        try
        {
            var delta = new KeptDelta(new DuckDbMerge(database, order.Entity, rows, areLong), order, rows, memory, leave);
            try
            {
                delta.Check(plan, cancellationToken);
                return delta;
            }
            catch
            {
                // What it holds is given back by whoever could not open it.
                delta.Merge.Dispose();
                throw;
            }
        }
        catch
        {
            memory.Dispose();
            throw;
        }
    }

    /// <summary>The one that a transaction has kept and not committed; what that holds, it holds for this one.</summary>
    public static KeptDelta Of(PlanDelta plan, DuckDbMerge merge, LoadOrder order)
    {
        // What a record gets was found already, also where it keeps what it has.
        return new KeptDelta(merge, order with { KeepEmpty = false }, new KeptRows(merge.Kept!), memory: null, leave: null) { Counts = plan.Counts };
    }

    public override void Dispose()
    {
        base.Dispose();
        _memory?.Dispose();
        _leave?.Invoke();
    }

    protected override DeltaCounts Compare(LoadedRows loaded, CancellationToken cancellationToken) => throw new InvalidOperationException("It was compared when the plan was made.");

    protected override void Apply(CancellationToken cancellationToken)
    {
        if (Order.ReplacesAll)
        {
            ThrowUnlessEqual("to be removed", Counts.Removed, Merge.CountRecords(cancellationToken));
            Merge.BeginNewTable(Order.KeepsBefore ? Sql.WholeName(Order.Sequence) : null, cancellationToken);
            PutIn(Counts.Inserted, Fields, $"{_table} {Sql.Row} WHERE {Sql.Row}.{PlanTable.Kind} <> {(int)ChangeKind.Removed}", cancellationToken);
        }
        else if (!Compares(cancellationToken))
        {
            PutIn(Counts.Inserted, Fields, $"{_table} {Sql.Row} WHERE {Sql.Row}.{PlanTable.Kind} = {(int)ChangeKind.Inserted}", cancellationToken);
        }
        else
        {
            Prepare(cancellationToken);
            base.Apply(cancellationToken);
        }
    }

    protected override long KeepBefore(CancellationToken cancellationToken)
    {
        if (Order.ReplacesAll) return Counts.Removed;
        if (!Compares(cancellationToken)) return 0;
        Prepare(cancellationToken);
        return base.KeepBefore(cancellationToken);
    }

    private bool Compares(CancellationToken cancellationToken) => _isPrepared || (Order.ChangesRecords && Merge.CountRecords(cancellationToken) > 0);

    /// <summary>Finds the records that change again; they have other places than when the plan was made. Once.</summary>
    private void Prepare(CancellationToken cancellationToken)
    {
        if (_isPrepared) return;
        Merge.Execute(
            $"""
            CREATE TEMP TABLE {Delta} AS
            SELECT {Sql.Columns(Fields, $"{Sql.Row}.")}, {Sql.Target}.{Sql.RowId} AS {TargetId} FROM {_table} {Sql.Row} LEFT JOIN {Merge.Table} {Sql.Target} ON {Sql.SameKey(Order.Entity)}
            """,
            cancellationToken);
        ThrowUnlessEqual("to be updated", Counts.Updated, Merge.Count($"SELECT count({TargetId}) FROM {Delta}", cancellationToken));
        _isPrepared = true;
    }

    private void Check(Plan plan, CancellationToken cancellationToken)
    {
        var (ledger, changes) = (plan.Run.Ledger, plan.Changes!);
        var kinds = CountKinds(cancellationToken);
        ThrowUnlessEqual("to be updated", changes.Updated, kinds.GetValueOrDefault((int)ChangeKind.Updated));
        ThrowUnlessEqual("to be removed", changes.Removed, kinds.GetValueOrDefault((int)ChangeKind.Removed));
        ThrowUnlessEqual(
            "to be inserted", ledger.Inserted,
            kinds.GetValueOrDefault((int)ChangeKind.Inserted) + (Order.ReplacesAll ? kinds.GetValueOrDefault((int)ChangeKind.Updated) + kinds.GetValueOrDefault(PlanTable.Same) : 0));
        Counts = new DeltaCounts
        {
            Received = ledger.Processed,
            Inserted = ledger.Inserted,
            Updated = ledger.Updated,
            Unchanged = ledger.Unchanged,
            Superseded = ledger.Superseded,
            Removed = ledger.Removed,
        };
    }

    private static void ThrowUnlessEqual(string done, long counted, long found)
    {
        if (counted != found)
            throw new LedgerException(string.Create(CultureInfo.InvariantCulture, $"What the plan keeps is not what it counted, so nothing was written: {counted} records were {done}, and {found} were found."));
    }
}
