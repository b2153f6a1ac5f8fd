using System.Reflection;
using EntityImport.Catalog;
using EntityImport.Changes;
using EntityImport.Records;
using EntityImport.Rows;

namespace EntityImport.Storage.Tests.Durability;

/// <summary>Comes between the engine and the real store: makes it wait or fail at a moment, as no real store does on demand.</summary>
public sealed class InterceptedRecords(IRecords inner) : IRecords
{
    /// <summary>Before rows are loaded.</summary>
    public Func<LoadOrder, CancellationToken, Task> Loading { get; set; } = (_, _) => Task.CompletedTask;

    /// <summary>What the store gets as the order of a load.</summary>
    public Func<LoadOrder, LoadOrder> Ordering { get; set; } = order => order;

    /// <summary>What the store gets as the order of an undo.</summary>
    public Func<UndoOrder, Task<UndoOrder>> Undoing { get; set; } = Task.FromResult;

    /// <summary>What the store gets as the rows.</summary>
    public Func<IRowFeed, IRowFeed> Feeding { get; set; } = rows => rows;

    /// <summary>When the rows are loaded.</summary>
    public Func<LoadOrder, Task> Loaded { get; set; } = _ => Task.CompletedTask;

    /// <summary>When a delta is found, before it is applied.</summary>
    public Func<LoadOrder, IDelta, Task> Found { get; set; } = (_, _) => Task.CompletedTask;

    /// <summary>What is committed in place of what was to be.</summary>
    public Func<CatalogCommit, CatalogCommit> Changing { get; set; } = commit => commit;

    /// <summary>Before the commit.</summary>
    public Func<Import, Task> Committing { get; set; } = _ => Task.CompletedTask;

    /// <summary>After the commit, before its answer.</summary>
    public Func<Import, Task> Committed { get; set; } = _ => Task.CompletedTask;

    public Task<long> CountRecordsAsync(Entities.EntityDefinition entity, CancellationToken cancellationToken) => inner.CountRecordsAsync(entity, cancellationToken);

    public Task<long?> ReadRecordsAsync(RecordQuery query, Action<string?[]> take, CancellationToken cancellationToken) => inner.ReadRecordsAsync(query, take, cancellationToken);

    public async Task<ILoad> BeginLoadAsync(LoadOrder order, CancellationToken cancellationToken)
    {
        await Loading(order, cancellationToken);
        return new InterceptedLoad(this, order, await inner.BeginLoadAsync(Ordering(order), cancellationToken));
    }

    public Task<IReadOnlyList<StoredBefore>> ListBeforeAsync(CancellationToken cancellationToken) => inner.ListBeforeAsync(cancellationToken);

    public Task DropBeforeAsync(StoredBefore before, CancellationToken cancellationToken) => inner.DropBeforeAsync(before, cancellationToken);

    public Task<StoredHistory> ReadHistoryAsync(Entities.EntityDefinition entity, Condition key, CancellationToken cancellationToken) => inner.ReadHistoryAsync(entity, key, cancellationToken);

    public async Task<IDelta?> FindUndoAsync(UndoOrder order, CancellationToken cancellationToken) =>
        await inner.FindUndoAsync(await Undoing(order), cancellationToken) is { } found ? new InterceptedDelta(this, found) : null;

    public async Task<IDelta> OpenKeptDeltaAsync(LoadOrder order, Plan plan, CancellationToken cancellationToken)
    {
        var delta = await inner.OpenKeptDeltaAsync(order, plan, cancellationToken);
        await Found(order, delta);
        return new InterceptedDelta(this, delta);
    }

    public Task<ChangePage> ReadChangesAsync(Plan plan, ChangeQuery query, CancellationToken cancellationToken) => inner.ReadChangesAsync(plan, query, cancellationToken);

    public Task<ChangePage?> ReadChangesAsync(ImportedChanges import, ChangeQuery query, CancellationToken cancellationToken) => inner.ReadChangesAsync(import, query, cancellationToken);

    private sealed class InterceptedLoad(InterceptedRecords data, LoadOrder order, ILoad load) : ILoad
    {
        public async Task LoadAsync(IRowFeed rows, CancellationToken cancellationToken)
        {
            await load.LoadAsync(data.Feeding(rows), cancellationToken);
            await data.Loaded(order);
        }

        public IAsyncEnumerable<KeyConflict> FindConflictsAsync(CancellationToken cancellationToken) => load.FindConflictsAsync(cancellationToken);

        public async Task<IDelta> FindDeltaAsync(CancellationToken cancellationToken)
        {
            var delta = await load.FindDeltaAsync(cancellationToken);
            try
            {
                await data.Found(order, delta);
                return new InterceptedDelta(data, delta);
            }
            catch
            {
                await delta.DisposeAsync();
                throw;
            }
        }

        public ValueTask DisposeAsync() => load.DisposeAsync();
    }

    private sealed class InterceptedDelta(InterceptedRecords data, IDelta delta) : IDelta
    {
        public DeltaCounts Counts => delta.Counts;

        public async Task<IMerge> ApplyAsync(CancellationToken cancellationToken) => new InterceptedMerge(data, await delta.ApplyAsync(cancellationToken));

        public Task ReadChangesAsync(ChangeBatch batch, bool withKeys, Action take, CancellationToken cancellationToken) => delta.ReadChangesAsync(batch, withKeys, take, cancellationToken);

        public async Task<IMerge> ApplyKeptAsync(CancellationToken cancellationToken) => new InterceptedMerge(data, await delta.ApplyKeptAsync(cancellationToken));

        public ValueTask DisposeAsync() => delta.DisposeAsync();
    }

    private sealed class InterceptedMerge(InterceptedRecords data, IMerge merge) : IMerge
    {
        public KeptChanges? Kept => merge.Kept;

        public async Task CommitAsync(CatalogCommit commit, CancellationToken cancellationToken)
        {
            var ended = commit.ChangedImport ?? commit.ChangedPlan!.Run;
            await data.Committing(ended);
            await merge.CommitAsync(data.Changing(commit), cancellationToken);
            await data.Committed(ended);
        }
    }
}

/// <summary>Comes between the engine and the real catalog: lets a test fail a call before it is made, or lose the answer to one.</summary>
public class InterceptedCatalog : DispatchProxy
{
    private ICatalog _inner = null!;
    private Func<string, object?[], Exception?> _before = null!;
    private Func<string, object?[], Exception?> _after = null!;

    /// <summary>Wraps a catalog.</summary>
    /// <param name="inner">The real one.</param>
    /// <param name="before">The fault of a call, by its name and arguments, that then does not reach the real one; null where it goes well.</param>
    /// <param name="after">The fault that a call ends with after the real one has done it; null where it goes well.</param>
    public static ICatalog Create(ICatalog inner, Func<string, object?[], Exception?>? before = null, Func<string, object?[], Exception?>? after = null)
    {
        var catalog = Create<ICatalog, InterceptedCatalog>();
        var self = (InterceptedCatalog)(object)catalog;
        (self._inner, self._before, self._after) = (inner, before ?? ((_, _) => null), after ?? ((_, _) => null));
        return catalog;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        if (_before(targetMethod!.Name, args!) is { } fault) throw fault;
        var task = (Task)targetMethod.Invoke(_inner, args)!;
        if (_after(targetMethod.Name, args!) is not { } lost) return task;
        task.GetAwaiter().GetResult();
        throw lost;
    }
}
