using EntityImport.Entities;
using EntityImport.Postgres.Connections;
using EntityImport.SqlStores;

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
    public static async Task<EntityLease> TakeAsync(Database database, EntityDefinition entity, long import, CancellationToken cancellationToken)
    {
        var name = CatalogStatements.Key(entity.SystemName);
        var session = await database.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using (session.ConfigureAwait(false))
        {
            var epoch = (await session.QueryAsync(
                """
                INSERT INTO eis.lease AS l (name, epoch, node, import, expires_at) VALUES ($1, 1, $2, $3, 'infinity')
                ON CONFLICT (name) DO UPDATE SET epoch = l.epoch + 1, node = $2, import = $3, expires_at = 'infinity' RETURNING epoch
                """,
                [name, database.NodeId, import], row => row.GetInt64(0), cancellationToken).ConfigureAwait(false))[0];
            return new EntityLease(name, epoch);
        }
    }

    /// <summary>Ends what an import's attempt may write, in the transaction that ends the import without it.</summary>
    public static Task EndAsync(Session session, long import, CancellationToken cancellationToken) =>
        session.ExecuteAsync("UPDATE eis.lease SET epoch = epoch + 1, import = NULL WHERE import = $1", [import], cancellationToken);

    /// <summary>Locks the row, as the last but one statement of a transaction, and makes sure that the entity is still this attempt's.</summary>
    /// <exception cref="FencedException">It is not.</exception>
    public async Task HoldAsync(Session session, CancellationToken cancellationToken)
    {
        var held = await session.QueryAsync("SELECT epoch FROM eis.lease WHERE name = $1 AND epoch = $2 FOR UPDATE", [Entity, Epoch], row => row.GetInt64(0), cancellationToken).ConfigureAwait(false);
        if (held.Count == 0) throw new FencedException($"Another attempt has taken over the entity {Entity}, so nothing was written.");
    }
}
