using EntityImport.Changes;
using EntityImport.DuckDb.Catalog;
using EntityImport.DuckDb.Connections;
using EntityImport.DuckDb.Rows;
using EntityImport.Entities;
using EntityImport.Rows;
using EntityImport.Storage;
using EntityImport.Testing;

namespace EntityImport.DuckDb.Merging;

/// <summary>What an import would do to the records of an entity, found and applied in one transaction.</summary>
/// <remarks>
/// There are five kinds. A <see cref="PlanDelta"/> is written down, and a <see cref="KeptDelta"/> is one that was. Of those that are found and applied at once, an <see cref="ImplicitDelta"/> has nothing to compare: all rows are new. Else what changes is a relation, <see cref="ExplicitDelta.Delta"/>: with the rows' values (<see cref="ValueDelta"/>), or, where
/// these are long, with their numbers (<see cref="DigestDelta"/>).
/// </remarks>
internal abstract class DuckDbDelta(DuckDbMerge merge, LoadOrder order) : IDelta, IDisposable
{
    public DeltaCounts Counts { get; protected set; } = new();

    protected DuckDbMerge Merge => merge;

    protected LoadOrder Order => order;

    /// <summary>Whether what the records are is kept.</summary>
    protected virtual bool KeepsBefore => order.KeepsBefore;

    /// <summary>Whether the table that was is kept whole, and another one made; known once <see cref="KeepBefore"/> was asked for.</summary>
    protected virtual bool KeepsWhole => order.ReplacesAll;

    /// <summary>How many records the transaction writes.</summary>
    protected virtual long Written => Counts.Inserted + Counts.Updated;

    protected IEnumerable<FieldDefinition> Fields => order.Fields.Select(f => f.Field);

    /// <summary>Begins a transaction for the delta of some rows, which is of the kind that they and the entity's records ask for.</summary>
    /// <param name="database">The database.</param>
    /// <param name="order">What is wanted of the rows.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="areLong">Whether they, or the records that they are compared with, are long.</param>
    /// <param name="cancellationToken">Interrupts the statements.</param>
    public static DuckDbDelta Begin(Database database, LoadOrder order, IRowFeed rows, bool areLong, CancellationToken cancellationToken)
    {
        var merge = new DuckDbMerge(database, order.Entity, rows, areLong);
        try
        {
            if (order.PlanId is not null) return new PlanDelta(merge, order);
            if (!order.ChangesRecords || merge.CountRecords(cancellationToken) == 0) return new ImplicitDelta(merge, order);
            return areLong && Digests.Suit(order) ? new DigestDelta(merge, order, rows) : new ValueDelta(merge, order, rows);
        }
        catch
        {
            merge.Dispose();
            throw;
        }
    }

    /// <summary>Whether the entity has no records yet.</summary>
    public bool IsOfEmptyEntity(CancellationToken cancellationToken) => merge.CountRecords(cancellationToken) == 0;

    /// <summary>Finds the delta of rows, and counts it.</summary>
    public void Find(LoadedRows rows, CancellationToken cancellationToken) =>
        Counts = Compare(rows, cancellationToken) with { Received = rows.Received, Superseded = rows.Superseded };

    /// <summary>Whether two of the rows that it was found of have the same key, so that it is none.</summary>
    public virtual bool HasRepeatedKeys(IRowFeed rows, CancellationToken cancellationToken) => rows.KeysMayRepeat;

    public async Task<IMerge> ApplyAsync(CancellationToken cancellationToken)
    {
        await OwnThread.RunAsync(() => ApplyAndKeep(cancellationToken), cancellationToken).ConfigureAwait(false);
        return merge;
    }

    public Task ReadChangesAsync(ChangeBatch batch, bool withKeys, Action take, CancellationToken cancellationToken) => OwnThread.RunAsync(
        () => ChangeReader.Read(merge.Connection, order, CountKinds(cancellationToken), batch, withKeys, take, cancellationToken), cancellationToken);

    public virtual Task<IMerge> ApplyKeptAsync(CancellationToken cancellationToken) => throw new InvalidOperationException("Nothing of it was kept.");

    public virtual void Dispose() => merge.Dispose();

    /// <summary>How many rows of each kind the plan's table has.</summary>
    protected Dictionary<int, long> CountKinds(CancellationToken cancellationToken) => merge.Connection.Query(
        $"SELECT {PlanTable.Kind}::INTEGER, count(*) FROM {PlanTable.Name(order.PlanId!.Value)} GROUP BY 1", null, row => (Kind: row.GetInt32(0), Rows: row.GetInt64(1)), cancellationToken)
        .ToDictionary(counted => counted.Kind, counted => counted.Rows);

    /// <summary>Keeps what the records are, where that is wanted, and does what the delta says.</summary>
    public void ApplyAndKeep(CancellationToken cancellationToken)
    {
        if (KeepsBefore)
        {
            var kept = KeepBefore(cancellationToken);
            BeforeTables.Note(merge.Connection, order.Sequence, order.Entity, KeepsWhole, kept);
            FaultPoints.Reach(FaultStep.BeforeKept, order.ImportId);
        }

        Apply(cancellationToken);
        merge.Written = Written;
    }

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Compares the rows with the records, reading them once; answers what they would insert, update, leave and remove.</summary>
    protected abstract DeltaCounts Compare(LoadedRows rows, CancellationToken cancellationToken);

    /// <summary>Keeps what the records are that the delta changes or takes out; answers how many.</summary>
    /// <exception cref="LedgerException">They are not as many as <see cref="Counts"/> says.</exception>
    protected abstract long KeepBefore(CancellationToken cancellationToken);

    /// <summary>Does what the delta says.</summary>
    /// <exception cref="LedgerException">That was another number of records than <see cref="Counts"/> says.</exception>
    protected abstract void Apply(CancellationToken cancellationToken);
}
