using System.Diagnostics;
using EntityImport.Access;
using EntityImport.Catalog;
using EntityImport.Postgres.Connections;
using EntityImport.Postgres.Leases;
using EntityImport.SqlStores;
using EntityImport.Testing;
using EntityImport.Testing.Breaking;

namespace EntityImport.Postgres.Catalog;

/// <summary>Writes what is committed within a transaction: the catalog's own, or that of an import's rows.</summary>
internal static class CatalogWriter
{
    /// <summary>How long an entity's tables are tried to be changed.</summary>
    private static readonly TimeSpan ChangeLimit = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan ChangePause = TimeSpan.FromMilliseconds(50);

    /// <summary>Writes each member that is there.</summary>
    /// <param name="database">The database.</param>
    /// <param name="session">The session with the transaction.</param>
    /// <param name="commit">What is written.</param>
    /// <param name="lease">The attempt's lease on the entity whose rows the transaction has written; null where it has written none.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The commit as it is kept: a new import has its number.</returns>
    /// <exception cref="FencedException">What it changes has ended otherwise meanwhile, or the lease is another attempt's.</exception>
    public static async Task<CatalogCommit> WriteAsync(Database database, Session session, CatalogCommit commit, EntityLease? lease, CancellationToken cancellationToken)
    {
        await LockUnfinishedAsync(session, commit, cancellationToken).ConfigureAwait(false);
        if (lease is not null) await lease.HoldAsync(session, cancellationToken).ConfigureAwait(false);
        await ChangeTablesAsync(session, commit, cancellationToken).ConfigureAwait(false);
        if (commit is { Receipt: { } receipt, Ends: false }) await HoldKeyAsync(session, receipt, cancellationToken).ConfigureAwait(false);
        if (commit.NewImport is { } import) commit = commit with { NewImport = await AddAsync(database, session, import, cancellationToken).ConfigureAwait(false) };
        foreach (var statement in CatalogStatements.Of(commit))
            if (await session.ExecuteAsync(statement.Sql, statement.Parameters, cancellationToken).ConfigureAwait(false) == 0 && statement.Unchanged is { } fault) throw fault();
        if (commit.NewPlan is { } made) await session.ExecuteAsync("UPDATE eis.plan SET node = $2 WHERE id = $1", [made.Id, database.NodeId], cancellationToken).ConfigureAwait(false);
        if (commit is { Ends: true, ChangedPlan: { } done }) await session.ExecuteAsync("DELETE FROM eis.progress WHERE import = $1", [done.Id], cancellationToken).ConfigureAwait(false);
        if (commit is { Ends: true, ChangedImport: { } ended }) await EntityLease.EndAsync(database, session, ended, cancellationToken).ConfigureAwait(false);
        return commit;
    }

    /// <summary>The same in a transaction of its own, which ends what an attempt may write whose import ends by it.</summary>
    public static async Task<CatalogCommit> CommitAsync(Database database, CatalogCommit commit, CancellationToken cancellationToken)
    {
        var session = await database.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using (session.ConfigureAwait(false))
        {
            await session.BeginAsync(isSnapshot: false, cancellationToken).ConfigureAwait(false);
            var kept = await WriteAsync(database, session, commit, lease: null, cancellationToken).ConfigureAwait(false);
            await StoreLease.HoldAsync(database, session, cancellationToken).ConfigureAwait(false);
            FaultPoints.Reach(FaultStep.CatalogFenced, Guid.Empty);
            await session.CommitAsync().ConfigureAwait(false);
            foreach (var plan in new[] { commit.ChangedPlan is { ExpiredAt: not null } expired ? expired.Id : (Guid?)null, commit.DeletedPlan }.OfType<Guid>())
                await database.TryDropAsync(PlanTable.Name(plan)).ConfigureAwait(false);
            return kept;
        }
    }

    /// <summary>Changes an entity's tables between those who read them (<see cref="Session.TryAsync"/>). Who reads for long, such as a backup, is not waited for.</summary>
    private static async Task ChangeTablesAsync(Session session, CatalogCommit commit, CancellationToken cancellationToken)
    {
        if (commit.Entity is null && commit.DeletedEntity is null) return;
        var begun = Stopwatch.GetTimestamp();
        while (true)
        {
            if (await session.TryAsync(ChangeAsync, cancellationToken).ConfigureAwait(false)) return;
            if (Stopwatch.GetElapsedTime(begun) > ChangeLimit)
                throw new RequestException(FaultKind.Conflict, "entity-busy", $"Somebody reads the tables of {commit.Entity?.SystemName ?? commit.DeletedEntity} in the database, as a backup or a long query does. Try again when that is over.");
            await Task.Delay(ChangePause, cancellationToken).ConfigureAwait(false);
        }

        async Task ChangeAsync()
        {
            if (commit.Entity is { } entity) await RecordTables.SaveAsync(session, entity, cancellationToken).ConfigureAwait(false);
            if (commit.DeletedEntity is { } deleted) await RecordTables.DropAsync(session, deleted, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Makes sure, but for ends of imports and plans, which nobody begins twice, that no request with the same key was carried out since this one began, at another node. Its caller is told to send it again, and then gets that one's answer.</summary>
    private static async Task HoldKeyAsync(Session session, RequestReceipt receipt, CancellationToken cancellationToken)
    {
        await session.ExecuteAsync("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [$"{receipt.Caller}\n{receipt.Key}"], cancellationToken).ConfigureAwait(false);
        var receipts = await session.QueryAsync("SELECT 1 FROM eis.receipt WHERE key = $1 AND caller IS NOT DISTINCT FROM $2::text LIMIT 1", [receipt.Key, receipt.Caller], row => row.GetInt32(0), cancellationToken).ConfigureAwait(false);
        if (receipts.Count > 0) throw Admission.KeyInUse();
    }

    private static async Task<Import> AddAsync(Database database, Session session, Import import, CancellationToken cancellationToken)
    {
        var added = import with { Sequence = await RecordTables.NextNumberAsync(session, "import", cancellationToken).ConfigureAwait(false) };
        await session.ExecuteAsync(
            "INSERT INTO eis.import (sequence, id, upload, entity, state, document) VALUES ($1, $2, $3, $4, $5, $6)",
            [added.Sequence, added.Id, added.UploadId, CatalogStatements.Key(added.EntitySystemName), added.State.ToString(), CatalogJson.Write(added)], cancellationToken).ConfigureAwait(false);
        await EntityLease.WaitAsync(database, session, added, cancellationToken).ConfigureAwait(false);
        return added;
    }

    /// <summary>Locks an import, or a plan, that has not ended as it is changed, and makes sure that it has not: another node may have cancelled it, or run it after this one was held up.</summary>
    private static async Task LockUnfinishedAsync(Session session, CatalogCommit commit, CancellationToken cancellationToken)
    {
        if (BrokenStore.LeavesOutFence) return;
        if (commit.ChangedImport is { } import && (commit.Ends || !import.HasEnded)) await LockAsync("import", import.Id).ConfigureAwait(false);
        if (commit.ChangedPlan is { } plan && (commit.Ends || !plan.Run.HasEnded)) await LockAsync("plan", plan.Id).ConfigureAwait(false);

        async Task LockAsync(string table, Guid id)
        {
            var states = await session.QueryAsync($"SELECT state FROM eis.{table} WHERE id = $1 FOR UPDATE", [id], row => row.GetString(0), cancellationToken).ConfigureAwait(false);
            if (states.Count > 0 && states[0] is not (nameof(ImportState.Queued) or nameof(ImportState.Running))) throw new FencedException($"The {table} {id:D} has ended otherwise meanwhile.");
        }
    }
}
