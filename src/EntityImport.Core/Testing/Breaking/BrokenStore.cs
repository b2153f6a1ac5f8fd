using EntityImport.Catalog;
using EntityImport.Changes;
using EntityImport.Entities;
using EntityImport.Records;
using EntityImport.Rows;
using EntityImport.Storage;
using Microsoft.Extensions.Logging;

namespace EntityImport.Testing.Breaking;

/// <summary>
/// A store that breaks one of its promises on purpose, so that tests can see that it is noticed. No operator wants it; a process that has it says so loudly.
/// </summary>
/// <remarks>
/// It is put before the real one by <c>EIS_TEST_BREAK</c>. <c>drop-row</c>: one row of each import is lost on its way. <c>double-row</c>: one comes twice. <c>alter-count</c>: a figure of the delta is one too high.
/// <c>split-commit</c>: rows and the import's last state are committed one after the other, which is what a crash must find; <c>split-undo</c>: those of an undo are; <c>split-plan</c>: what a plan keeps and the plan's end are. <c>keep-log</c>: somebody reads the entity during each commit, so that large ones leave a log
/// that a crash has to be survived with. <c>no-fence</c>: a store in PostgreSQL commits without looking whether it still may, and finds out late that it may not, which is what a pause must find.
/// </remarks>
public sealed class BrokenStore : IStore
{
    private const string Variable = "EIS_TEST_BREAK";

    private readonly IStore _inner;

    /// <summary>The ways in which a store can be broken.</summary>
    public static IReadOnlyList<string> Ways { get; } = ["drop-row", "double-row", "alter-count", "split-commit", "split-undo", "split-plan", "keep-log", "no-fence"];

    /// <summary>Whether a store in PostgreSQL leaves out to look whether it may write, as <c>no-fence</c> says.</summary>
    public static bool LeavesOutFence { get; } = Environment.GetEnvironmentVariable(Variable) == "no-fence";

    /// <summary>Breaks a store.</summary>
    /// <param name="inner">The real one, which the new one disposes.</param>
    /// <param name="how">How; see the remarks.</param>
    /// <exception cref="ArgumentException">There is no such way.</exception>
    public BrokenStore(IStore inner, string how)
    {
        ArgumentNullException.ThrowIfNull(inner);
        _inner = inner;
        Records = Ways.Contains(how) ? new BrokenRecords(inner, how) : throw new ArgumentException($"EIS_TEST_BREAK is one of {string.Join(", ", Ways)}, not {how}.", nameof(how));
    }

    /// <inheritdoc/>
    public ICatalog Catalog => _inner.Catalog;

    /// <inheritdoc/>
    public IRecords Records { get; }

    /// <inheritdoc/>
    public ICluster? Cluster => _inner.Cluster;

    /// <inheritdoc/>
    public long Bytes => _inner.Bytes;

    /// <inheritdoc/>
    public bool IsLost => _inner.IsLost;

    /// <summary>Breaks a store as the process's environment says; where it says nothing, the store stays as it is.</summary>
    public static IStore BreakWhereAsked(IStore store, ILogger log)
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } how) return store;
        log.LogCritical("EIS_TEST_BREAK is set to {Broken}: this process is broken on purpose and must not hold data that matter", how);
        return new BrokenStore(store, how);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _inner.DisposeAsync();

    private sealed class BrokenRecords(IStore store, string how) : IRecords
    {
        public Task<long> CountRecordsAsync(EntityDefinition entity, CancellationToken cancellationToken) => store.Records.CountRecordsAsync(entity, cancellationToken);

        public Task<long?> ReadRecordsAsync(RecordQuery query, Action<string?[]> take, CancellationToken cancellationToken) => store.Records.ReadRecordsAsync(query, take, cancellationToken);

        public async Task<ILoad> BeginLoadAsync(LoadOrder order, CancellationToken cancellationToken) =>
            new BrokenLoad(store, how, order, await store.Records.BeginLoadAsync(order, cancellationToken).ConfigureAwait(false));

        public Task<IReadOnlyList<StoredBefore>> ListBeforeAsync(CancellationToken cancellationToken) => store.Records.ListBeforeAsync(cancellationToken);

        public Task DropBeforeAsync(StoredBefore before, CancellationToken cancellationToken) => store.Records.DropBeforeAsync(before, cancellationToken);

        public Task<StoredHistory> ReadHistoryAsync(EntityDefinition entity, Condition key, CancellationToken cancellationToken) => store.Records.ReadHistoryAsync(entity, key, cancellationToken);

        public async Task<IDelta?> FindUndoAsync(UndoOrder order, CancellationToken cancellationToken) =>
            await store.Records.FindUndoAsync(order, cancellationToken).ConfigureAwait(false) is { } found ? new BrokenDelta(store, how, order.Entity, found) : null;

        public async Task<IDelta> OpenKeptDeltaAsync(LoadOrder order, Plan plan, CancellationToken cancellationToken) =>
            new BrokenDelta(store, how, order.Entity, await store.Records.OpenKeptDeltaAsync(order, plan, cancellationToken).ConfigureAwait(false));

        public Task<ChangePage> ReadChangesAsync(Plan plan, ChangeQuery query, CancellationToken cancellationToken) => store.Records.ReadChangesAsync(plan, query, cancellationToken);

        public Task<ChangePage?> ReadChangesAsync(ImportedChanges import, ChangeQuery query, CancellationToken cancellationToken) => store.Records.ReadChangesAsync(import, query, cancellationToken);
    }

    private sealed class BrokenLoad(IStore store, string how, LoadOrder order, ILoad inner) : ILoad
    {
        public Task LoadAsync(IRowFeed rows, CancellationToken cancellationToken) => inner.LoadAsync(how is "drop-row" or "double-row" ? new BrokenFeed(rows, how == "double-row") : rows, cancellationToken);

        public IAsyncEnumerable<KeyConflict> FindConflictsAsync(CancellationToken cancellationToken) => inner.FindConflictsAsync(cancellationToken);

        public async Task<IDelta> FindDeltaAsync(CancellationToken cancellationToken) => new BrokenDelta(store, how, order.Entity, await inner.FindDeltaAsync(cancellationToken).ConfigureAwait(false));

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }

    private sealed class BrokenDelta(IStore store, string how, EntityDefinition entity, IDelta inner) : IDelta
    {
        public DeltaCounts Counts => how == "alter-count" ? inner.Counts with { Updated = inner.Counts.Updated + 1, Reversed = inner.Counts.Reversed + 1 } : inner.Counts;

        public async Task<IMerge> ApplyAsync(CancellationToken cancellationToken) => new BrokenMerge(store, how, entity, await inner.ApplyAsync(cancellationToken).ConfigureAwait(false));

        public Task ReadChangesAsync(ChangeBatch batch, bool withKeys, Action take, CancellationToken cancellationToken) => inner.ReadChangesAsync(batch, withKeys, take, cancellationToken);

        public async Task<IMerge> ApplyKeptAsync(CancellationToken cancellationToken) => new BrokenMerge(store, how, entity, await inner.ApplyKeptAsync(cancellationToken).ConfigureAwait(false));

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }

    private sealed class BrokenMerge(IStore store, string how, EntityDefinition entity, IMerge inner) : IMerge
    {
        public KeptChanges? Kept => inner.Kept;

        public Task CommitAsync(CatalogCommit commit, CancellationToken cancellationToken) => how switch
        {
            "split-commit" when commit.ChangedImport is { Undoes: null } => CommitApartAsync(commit, cancellationToken),
            "split-undo" when commit.ChangedImport is { Undoes: not null } => CommitApartAsync(commit, cancellationToken),
            "split-plan" when commit is { ChangedPlan: not null, ChangedImport: null } => CommitApartAsync(commit, cancellationToken),
            "keep-log" => CommitBesideReaderAsync(commit, cancellationToken),
            _ => inner.CommitAsync(commit, cancellationToken),
        };

        private async Task CommitApartAsync(CatalogCommit commit, CancellationToken cancellationToken)
        {
            await inner.CommitAsync(
                new CatalogCommit
                {
                    ChangedImport = commit.ChangedImport is { } import ? import with { State = ImportState.Running, StoppedAt = null } : null,
                    ChangedPlan = commit.ChangedPlan is { } plan ? plan with { Run = plan.Run with { State = ImportState.Running, StoppedAt = null }, Changes = null, ExpiresAt = null } : null,
                },
                cancellationToken).ConfigureAwait(false);
            await store.Catalog.CommitAsync(commit, cancellationToken).ConfigureAwait(false);
        }

        private async Task CommitBesideReaderAsync(CatalogCommit commit, CancellationToken cancellationToken)
        {
            using var isCommitted = new ManualResetEventSlim();
            var isReading = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var query = new RecordQuery { Entity = entity, Select = [entity.Fields[0]], Top = 1 };
            var reading = store.Records.ReadRecordsAsync(
                query,
                _ =>
                {
                    isReading.TrySetResult();
                    isCommitted.Wait(CancellationToken.None);
                },
                CancellationToken.None);
            try
            {
                await Task.WhenAny(isReading.Task, reading).ConfigureAwait(false);
                await inner.CommitAsync(commit, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                isCommitted.Set();
                await reading.ConfigureAwait(false);
            }
        }
    }
}
