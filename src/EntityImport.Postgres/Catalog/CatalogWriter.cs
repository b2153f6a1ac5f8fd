using EntityImport.Catalog;
using EntityImport.Postgres.Connections;
using EntityImport.Postgres.Leases;
using EntityImport.SqlStores;

namespace EntityImport.Postgres.Catalog;

/// <summary>Writes what is committed within a transaction: the catalog's own, or that of an import's rows.</summary>
internal static class CatalogWriter
{
    /// <summary>Writes each member that is there.</summary>
    /// <returns>The commit as it is kept: a new import has its number.</returns>
    public static async Task<CatalogCommit> WriteAsync(Session session, CatalogCommit commit, CancellationToken cancellationToken)
    {
        if (commit.Entity is { } entity) await RecordTables.SaveAsync(session, entity, cancellationToken).ConfigureAwait(false);
        if (commit.DeletedEntity is { } deleted) await RecordTables.DropAsync(session, deleted, cancellationToken).ConfigureAwait(false);
        if (commit.NewImport is { } import) commit = commit with { NewImport = await AddAsync(session, import, cancellationToken).ConfigureAwait(false) };
        foreach (var statement in CatalogStatements.Of(commit)) await session.ExecuteAsync(statement.Sql, statement.Parameters, cancellationToken).ConfigureAwait(false);
        foreach (var plan in new[] { commit.ChangedPlan is { ExpiredAt: not null } expired ? expired.Id : (Guid?)null, commit.DeletedPlan }.OfType<Guid>())
            await session.ExecuteAsync($"DROP TABLE IF EXISTS {PlanTable.Name(plan)}", cancellationToken).ConfigureAwait(false);
        return commit;
    }

    /// <summary>The same in a transaction of its own, which ends what an attempt may write whose import ends by it.</summary>
    public static async Task<CatalogCommit> CommitAsync(Database database, CatalogCommit commit, CancellationToken cancellationToken)
    {
        var session = await database.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using (session.ConfigureAwait(false))
        {
            await session.BeginAsync(isSnapshot: false, cancellationToken).ConfigureAwait(false);
            var kept = await WriteAsync(session, commit, cancellationToken).ConfigureAwait(false);
            if (commit.ChangedImport is { HasEnded: true } ended) await EntityLease.EndAsync(session, ended.Sequence, cancellationToken).ConfigureAwait(false);
            await StoreLease.HoldAsync(database, session, cancellationToken).ConfigureAwait(false);
            await session.CommitAsync().ConfigureAwait(false);
            return kept;
        }
    }

    private static async Task<Import> AddAsync(Session session, Import import, CancellationToken cancellationToken)
    {
        var added = import with { Sequence = await RecordTables.NextNumberAsync(session, "import", cancellationToken).ConfigureAwait(false) };
        await session.ExecuteAsync(
            "INSERT INTO eis.import (sequence, id, upload, entity, state, document) VALUES ($1, $2, $3, $4, $5, $6)",
            [added.Sequence, added.Id, added.UploadId, CatalogStatements.Key(added.EntitySystemName), added.State.ToString(), CatalogJson.Write(added)], cancellationToken).ConfigureAwait(false);
        return added;
    }
}
