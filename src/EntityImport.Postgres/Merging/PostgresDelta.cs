using EntityImport.Changes;
using EntityImport.Entities;
using EntityImport.Postgres.Catalog;
using EntityImport.Postgres.Connections;
using EntityImport.Postgres.Rows;
using EntityImport.Storage;
using EntityImport.Testing;

namespace EntityImport.Postgres.Merging;

/// <summary>What an import would do to the records of an entity, found and applied in one transaction.</summary>
/// <remarks>
/// There are five kinds. A <see cref="PlanDelta"/> is written down, and a <see cref="KeptDelta"/> is one that was. Of those that are found and applied at once, a <see cref="TableDelta"/> is a new table that is full already, and an
/// <see cref="AddedDelta"/> has nothing to compare: all rows are new. Else what changes is a relation, or a new table where most does (<see cref="ValueDelta"/>).
/// </remarks>
internal abstract class PostgresDelta(PostgresMerge merge, LoadOrder order) : IDelta
{
    public DeltaCounts Counts { get; protected set; } = new();

    protected PostgresMerge Merge => merge;

    protected LoadOrder Order => order;

    protected EntityTable Table => merge.Table;

    protected IEnumerable<FieldDefinition> Fields => order.Fields.Select(f => f.Field);

    /// <summary>Whether what the records are is kept.</summary>
    protected virtual bool KeepsBefore => order.KeepsBefore;

    /// <summary>Whether a new table takes the place of the entity's.</summary>
    protected virtual bool MakesNewTable => order.ReplacesAll;

    /// <summary>Finds the delta of rows, and counts it.</summary>
    public async Task FindAsync(LoadedRows rows, CancellationToken cancellationToken) =>
        Counts = await CompareAsync(rows, cancellationToken).ConfigureAwait(false) with { Received = rows.Received, Superseded = rows.Superseded };

    public async Task<IMerge> ApplyAsync(CancellationToken cancellationToken)
    {
        await ApplyAndKeepAsync(cancellationToken).ConfigureAwait(false);
        return merge;
    }

    public async Task ReadChangesAsync(ChangeBatch batch, bool withKeys, Action take, CancellationToken cancellationToken) =>
        await ChangeReader.ReadAsync(merge, order, await CountKindsAsync(PlanTable.Name(order.PlanId!.Value), cancellationToken).ConfigureAwait(false), batch, withKeys, take, cancellationToken).ConfigureAwait(false);

    public virtual Task<IMerge> ApplyKeptAsync(CancellationToken cancellationToken) => throw new InvalidOperationException("Nothing of it was kept.");

    public virtual ValueTask DisposeAsync() => merge.DisposeAsync();

    /// <summary>Keeps what the records are, where that is wanted, and does what the delta says.</summary>
    public virtual async Task ApplyAndKeepAsync(CancellationToken cancellationToken)
    {
        if (KeepsBefore)
        {
            // Where a new table is made, the one that was is kept as it is.
            if (!MakesNewTable)
                await BeforeTables.NoteAsync(merge.Session, order.Sequence, order.Entity, wholeTable: null, await KeepBeforeAsync(cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
            FaultPoints.Reach(FaultStep.BeforeKept, order.ImportId);
        }

        await DoAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>How many rows of each kind a table has.</summary>
    protected async Task<Dictionary<int, long>> CountKindsAsync(string table, CancellationToken cancellationToken) => (await merge.Session.QueryAsync(
        $"SELECT {PlanTable.Kind}::integer, count(*) FROM {table} GROUP BY 1", row => (Kind: row.GetInt32(0), Rows: row.GetInt64(1)), cancellationToken).ConfigureAwait(false))
        .ToDictionary(counted => counted.Kind, counted => counted.Rows);

    /// <summary>Compares the rows with the records; answers what they would insert, update, leave and remove.</summary>
    protected abstract Task<DeltaCounts> CompareAsync(LoadedRows rows, CancellationToken cancellationToken);

    /// <summary>Keeps what the records are that the delta changes; answers how many.</summary>
    /// <exception cref="LedgerException">They are not as many as <see cref="Counts"/> says.</exception>
    protected abstract Task<long> KeepBeforeAsync(CancellationToken cancellationToken);

    /// <summary>Does what the delta says.</summary>
    /// <exception cref="LedgerException">That was another number of records than <see cref="Counts"/> says.</exception>
    protected abstract Task DoAsync(CancellationToken cancellationToken);

    /// <summary>Puts in records.</summary>
    /// <param name="expected">How many there are.</param>
    /// <param name="target">The table that they go into.</param>
    /// <param name="values">Expressions for their values, in the order of the fields that rows have.</param>
    /// <param name="rows">The records, and a condition on them.</param>
    /// <param name="cancellationToken">Interrupts the statement.</param>
    protected Task PutInAsync(long expected, EntityTable target, IEnumerable<string> values, string rows, CancellationToken cancellationToken) => DoAsync(
        expected, "put in",
        $"INSERT INTO {target.Table} ({string.Join(", ", Fields.Select(target.Column).Append(Sql.Version))}) SELECT {string.Join(", ", values.Append(Sql.Text(order.Sequence)))} FROM {rows}", cancellationToken);

    /// <summary>Runs a statement that does what was counted before.</summary>
    /// <param name="expected">How many records that is about.</param>
    /// <param name="done">What is done to them, as a participle.</param>
    /// <param name="sql">The statement.</param>
    /// <param name="cancellationToken">Interrupts it.</param>
    /// <exception cref="LedgerException">It was about another number of records.</exception>
    protected Task DoAsync(long expected, string done, string sql, CancellationToken cancellationToken) =>
        merge.ExecuteAsync(expected, $"{Counts.Updated} records change and {Counts.Inserted} are new, so", done, sql, cancellationToken);
}
