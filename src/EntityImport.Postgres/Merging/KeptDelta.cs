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
    private bool _isPrepared;

    private KeptDelta(PostgresMerge merge, LoadOrder order, string relation) : base(merge, order, relation) => _table = PlanTable.Name(order.PlanId!.Value);

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
    public static KeptDelta Of(PlanDelta plan, PostgresMerge merge, LoadOrder order, string relation) =>
        // What a record gets was found already, also where it keeps what it has.
        new(merge, order with { KeepEmpty = false }, relation) { Counts = plan.Counts };

    protected override Task<DeltaCounts> CompareAsync(LoadedRows rows, CancellationToken cancellationToken) => throw new InvalidOperationException("It was compared when the plan was made.");

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
        else if (!await ComparesAsync(cancellationToken).ConfigureAwait(false))
        {
            await PutInAsync(Counts.Inserted, Table, values, $"{_table} {Sql.Row} WHERE {Sql.Row}.{PlanTable.Kind} = {(int)ChangeKind.Inserted}", cancellationToken).ConfigureAwait(false);
        }
        else
        {
            await PrepareAsync(cancellationToken).ConfigureAwait(false);
            await base.DoAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    protected override async Task<long> KeepBeforeAsync(CancellationToken cancellationToken)
    {
        if (!await ComparesAsync(cancellationToken).ConfigureAwait(false)) return 0;
        await PrepareAsync(cancellationToken).ConfigureAwait(false);
        return await base.KeepBeforeAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task<bool> ComparesAsync(CancellationToken cancellationToken) => _isPrepared || (Order.ChangesRecords && await Merge.HasRecordsAsync(cancellationToken).ConfigureAwait(false));

    /// <summary>Finds the records that change again. Once.</summary>
    private async Task PrepareAsync(CancellationToken cancellationToken)
    {
        if (_isPrepared) return;
        await Merge.MakeAsync(
            Relation,
            $"""
            CREATE UNLOGGED TABLE {Relation} WITH (autovacuum_enabled = false) AS
            SELECT (CASE WHEN {Table.IsNew} THEN {(int)ChangeKind.Inserted} ELSE {(int)ChangeKind.Updated} END)::smallint AS {PlanTable.Kind}, {Table.Columns(Fields, $"{Sql.Row}.")}
            FROM {_table} {Sql.Row} LEFT JOIN {Table.Table} {Sql.Target} ON {Table.SameKey}
            """,
            cancellationToken).ConfigureAwait(false);
        ThrowUnlessEqual("to be updated", Counts.Updated, (await CountKindsAsync(Relation, cancellationToken).ConfigureAwait(false)).GetValueOrDefault((int)ChangeKind.Updated));
        _isPrepared = true;
    }

    private async Task CheckAsync(Plan plan, CancellationToken cancellationToken)
    {
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
