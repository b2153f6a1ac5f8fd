using System.Globalization;
using EntityImport.Catalog;
using EntityImport.Changes;
using EntityImport.Postgres.Catalog;
using EntityImport.Postgres.Connections;
using EntityImport.Postgres.Rows;
using EntityImport.Storage;

namespace EntityImport.Postgres.Merging;

/// <summary>The delta that a plan keeps, to be applied to the entity as it was when the plan was made: without the file, and without comparing anything again.</summary>
internal sealed class KeptDelta : ValueDelta
{
    private readonly string _table;
    private bool _compares;

    // What a record gets was found already, also where it keeps what it has, and in a new one a default.
    private KeptDelta(PostgresMerge merge, LoadOrder order, string relation) : base(merge, order with { KeepEmpty = false, Fields = [.. order.Fields.Select(f => f with { Default = null })] }, relation) =>
        _table = PlanTable.Name(order.PlanId!.Value);

    /// <summary>Opens it, and makes sure that what is there is what the plan counted.</summary>
    /// <param name="merge">The transaction, which is the delta's from then on.</param>
    /// <param name="order">What was loaded for the plan.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="relation">The name of a relation for the transaction's own use.</param>
    /// <param name="cancellationToken">Interrupts the statements.</param>
    /// <exception cref="LedgerException">It is not.</exception>
    public static async Task<KeptDelta> OpenAsync(PostgresMerge merge, LoadOrder order, Plan plan, string relation, CancellationToken cancellationToken)
    {
        var delta = new KeptDelta(merge, order, relation);
        await delta.CheckAsync(plan, cancellationToken).ConfigureAwait(false);
        return delta;
    }

    /// <summary>The one that a transaction has kept and not committed.</summary>
    public static KeptDelta Of(PlanDelta plan, PostgresMerge merge, LoadOrder order, string relation) => new(merge, order, relation) { Counts = plan.Counts };

    /// <summary>Finds the records that change again, before that.</summary>
    public override async Task ApplyAndKeepAsync(CancellationToken cancellationToken)
    {
        _compares = Order.ChangesRecords && await Merge.HasRecordsAsync(cancellationToken).ConfigureAwait(false);
        if (_compares)
        {
            var found = await CompareAsync(new LoadedRows(_table, Counts.Received) { Left = Counts.Inserted + Counts.Updated }, cancellationToken).ConfigureAwait(false);
            ThrowUnlessEqual("to be updated", Counts.Updated, found.Updated);
            ThrowUnlessEqual("to be inserted", Counts.Inserted, found.Inserted);
        }

        await base.ApplyAndKeepAsync(cancellationToken).ConfigureAwait(false);
    }

    protected override Task<(long Changing, long Finding)> EstimateAsync(LoadedRows rows, CancellationToken cancellationToken) => Task.FromResult((Counts.Updated, Counts.Updated + Counts.Unchanged));

    protected override async Task DoAsync(CancellationToken cancellationToken)
    {
        var values = Fields.Select(f => $"{Sql.Row}.{Table.Column(f)}");
        if (Order.ReplacesAll)
        {
            ThrowUnlessEqual("to be removed", Counts.Removed, await Merge.CountRecordsAsync(cancellationToken).ConfigureAwait(false));
            var next = await Merge.BeginNewTableAsync(cancellationToken).ConfigureAwait(false);
            await PutInAsync(Counts.Inserted, next, values, $"{_table} {Sql.Row} WHERE {Sql.Row}.{PlanTable.Kind} <> {(int)ChangeKind.Removed}", cancellationToken).ConfigureAwait(false);
            await RecordTables.AddKeyAsync(Merge.Session, next, cancellationToken).ConfigureAwait(false);
            await Merge.ReplaceAsync(next, KeepsBefore ? Order.Sequence : null, Counts.Removed, cancellationToken).ConfigureAwait(false);
        }
        else if (_compares)
        {
            await base.DoAsync(cancellationToken).ConfigureAwait(false);
        }
        else
        {
            await PutInAsync(Counts.Inserted, Table, values, $"{_table} {Sql.Row} WHERE {Sql.Row}.{PlanTable.Kind} = {(int)ChangeKind.Inserted}", cancellationToken).ConfigureAwait(false);
        }
    }

    protected override Task<long> KeepBeforeAsync(CancellationToken cancellationToken) => _compares ? base.KeepBeforeAsync(cancellationToken) : Task.FromResult(0L);

    private async Task CheckAsync(Plan plan, CancellationToken cancellationToken)
    {
        var columns = await EntityTable.OfPlanAsync(Merge.Session, plan.Id, plan.Entity!, cancellationToken).ConfigureAwait(false);
        if (Order.Entity.Fields.FirstOrDefault(field => columns.Column(field) != Table.Column(field)) is { } moved)
            throw new LedgerException($"What the plan keeps was made for another table of {Order.Entity.SystemName}, so nothing was written: its column {columns.Column(moved)} is {moved.SystemName}, which is {Table.Column(moved)} now.");
        var (ledger, changes) = (plan.Run.Ledger, plan.Changes!);
        var kinds = await CountKindsAsync(_table, cancellationToken).ConfigureAwait(false);
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
