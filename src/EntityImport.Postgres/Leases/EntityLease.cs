using EntityImport.Catalog;
using EntityImport.Entities;
using EntityImport.Postgres.Connections;
using EntityImport.SqlStores;
using EntityImport.Storage;
using EntityImport.Testing.Breaking;

namespace EntityImport.Postgres.Leases;

/// <summary>That one attempt alone may write into an entity: its epoch, in a row for each entity. Who begins an attempt, or ends an import otherwise, raises it; the commit of the rows locks it last and looks at it.</summary>
/// <param name="Entity">The entity's name in upper case.</param>
/// <param name="Epoch">The attempt's epoch.</param>
internal sealed record EntityLease(string Entity, long Epoch)
{
    /// <summary>Takes an entity for an attempt, from whoever had it.</summary>
    /// <param name="database">The database.</param>
    /// <param name="entity">The entity.</param>
    /// <param name="import">The number of the import that the attempt is at.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="StoreUnavailableException">Another process works on the store by now; it keeps the entity.</exception>
    public static async Task<EntityLease> TakeAsync(Database database, EntityDefinition entity, long import, CancellationToken cancellationToken)
    {
        var name = CatalogStatements.Key(entity.SystemName);
        var session = await database.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using (session.ConfigureAwait(false))
        {
            await session.BeginAsync(isSnapshot: false, cancellationToken).ConfigureAwait(false);
            // A node has claimed the import before; whoever works alone takes the entity from whoever had it.
            var taken = await session.QueryAsync(
                """
                INSERT INTO eis.lease AS l (name, epoch, node, import, expires_at) VALUES ($1, 1, $2, $3, 'infinity')
                ON CONFLICT (name) DO UPDATE SET epoch = l.epoch + 1, node = $2, import = $3 WHERE NOT $4 OR (l.node = $2 AND l.import = $3) RETURNING epoch
                """,
                [name, database.NodeId, import, database.IsShared], row => row.GetInt64(0), cancellationToken).ConfigureAwait(false);
            if (taken.Count == 0) throw new FencedException($"The entity {name} is no longer this node's to import into.");
            await StoreLease.HoldAsync(database, session, cancellationToken).ConfigureAwait(false);
            await session.CommitAsync().ConfigureAwait(false);
            return new EntityLease(name, taken[0]);
        }
    }

    /// <summary>Has an import wait for its turn, in the transaction that adds it.</summary>
    public static async Task WaitAsync(Database database, Session session, Import import, CancellationToken cancellationToken)
    {
        await session.ExecuteAsync(
            """
            INSERT INTO eis.lease AS l (name, epoch, expires_at, head, ready_at) VALUES ($1, 0, 'infinity', $2, clock_timestamp())
            ON CONFLICT (name) DO UPDATE SET head = coalesce(l.head, excluded.head), ready_at = CASE WHEN l.head IS NULL THEN excluded.ready_at ELSE l.ready_at END
            """,
            [CatalogStatements.Key(import.EntitySystemName), import.Sequence], cancellationToken).ConfigureAwait(false);
        await PostgresCluster.TellAsync(database, session, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Has all imports that have not ended wait for their turns, in the transaction that brings a whole store here.</summary>
    public static Task WaitAllAsync(Session session, CancellationToken cancellationToken) => session.ExecuteAsync(
        """
        INSERT INTO eis.lease (name, epoch, expires_at, head, ready_at)
            SELECT entity, 0, 'infinity', min(sequence), clock_timestamp() FROM eis.import WHERE state IN ('Queued', 'Running') GROUP BY entity
            ON CONFLICT (name) DO UPDATE SET head = excluded.head, ready_at = excluded.ready_at
        """,
        cancellationToken);

    /// <summary>Ends what an import's attempt may write, in the transaction that ends the import, and has the entity wait for the turn of its next one, behind entities that wait already.</summary>
    public static async Task EndAsync(Database database, Session session, Import import, CancellationToken cancellationToken)
    {
        var name = CatalogStatements.Key(import.EntitySystemName);
        // First the row, so that what is read after that includes what was added until then.
        await session.QueryAsync("SELECT epoch FROM eis.lease WHERE name = $1 FOR UPDATE", [name], row => row.GetInt64(0), cancellationToken).ConfigureAwait(false);
        var freed = await session.ExecuteAsync(
            "UPDATE eis.lease SET epoch = epoch + 1, node = NULL, import = NULL, ready_at = clock_timestamp() WHERE name = $1 AND import = $2", [name, import.Sequence], cancellationToken).ConfigureAwait(false);
        if (freed > 0) await session.ExecuteAsync("UPDATE eis.place SET entity = NULL WHERE entity = $1", [name], cancellationToken).ConfigureAwait(false);
        await session.ExecuteAsync(
            "UPDATE eis.lease SET head = (SELECT min(sequence) FROM eis.import WHERE entity = $1 AND state IN ('Queued', 'Running')) WHERE name = $1", [name], cancellationToken).ConfigureAwait(false);
        if (database.IsShared) await session.ExecuteAsync("DELETE FROM eis.progress WHERE import = $1", [import.Id], cancellationToken).ConfigureAwait(false);
        if (freed > 0) await PostgresCluster.TellAsync(database, session, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Locks the row, at the end of a transaction, and makes sure that the entity is still this attempt's.</summary>
    /// <exception cref="FencedException">It is not.</exception>
    public async Task HoldAsync(Session session, CancellationToken cancellationToken)
    {
        if (BrokenStore.LeavesOutFence) return;
        var held = await session.QueryAsync("SELECT epoch FROM eis.lease WHERE name = $1 AND epoch = $2 FOR UPDATE", [Entity, Epoch], row => row.GetInt64(0), cancellationToken).ConfigureAwait(false);
        if (held.Count == 0) throw new FencedException($"Another attempt has taken over the entity {Entity}, so nothing was written.");
    }
}
