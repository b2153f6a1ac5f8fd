using System.Globalization;
using EntityImport.Postgres.Connections;
using EntityImport.Storage;

namespace EntityImport.Postgres.Migrations;

/// <summary>
/// How a store of an earlier program becomes one of this program: numbered SQL files, each carried out once, in one transaction with the number that it leads to, and by one process at a time. A file is never changed after a release;
/// what it changes a program of the release before can still work with, or it raises <c>eis.store.lowest</c>.
/// </summary>
internal static class Migrations
{
    /// <summary>The advisory lock of whoever migrates: it is held by the transaction, so that it also works where sessions are shared.</summary>
    private const long Lock = 0x45_49_53_00;

    private static readonly string[] Files =
        [.. typeof(Migrations).Assembly.GetManifestResourceNames().Where(name => name.EndsWith(".sql", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    /// <summary>The version of stores that this program makes, and the highest that it understands.</summary>
    public static int Newest => Files.Length;

    /// <summary>Takes the steps that a store lacks. A store of a newer program is left as it is.</summary>
    /// <exception cref="StoreNotOpenedException">The store is of a newer program, and this one cannot work with it.</exception>
    public static async Task RunAsync(Database database, CancellationToken cancellationToken)
    {
        var session = await database.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using (session.ConfigureAwait(false))
        {
            await session.BeginAsync(isSnapshot: false, cancellationToken).ConfigureAwait(false);
            await session.ExecuteAsync($"SELECT pg_advisory_xact_lock({Sql.Text(Lock)})", cancellationToken).ConfigureAwait(false);
            var version = await ReadVersionAsync(session, cancellationToken).ConfigureAwait(false);
            if (version > Newest)
            {
                if (await session.CountAsync("SELECT lowest::bigint FROM eis.store", cancellationToken).ConfigureAwait(false) <= Newest) return;
                throw new StoreNotOpenedException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"The store has version {version}, and this program understands stores up to version {Newest}. It was left as it is. Run the program that wrote it, or a newer one."));
            }

            if (version == Newest) return;
            if (version == 0)
            {
                // A role without the right to make schemas can be given them.
                foreach (var schema in new[] { "eis", Sql.DataSchema, Sql.StageSchema, Sql.ViewSchema })
                {
                    if (await session.CountAsync($"SELECT count(*) FROM pg_catalog.pg_namespace WHERE nspname = '{schema}'", cancellationToken).ConfigureAwait(false) == 0)
                        await session.ExecuteAsync($"CREATE SCHEMA {schema}", cancellationToken).ConfigureAwait(false);
                }

                await session.ExecuteAsync("CREATE TABLE eis.store (version integer NOT NULL)", cancellationToken).ConfigureAwait(false);
                await session.ExecuteAsync("INSERT INTO eis.store (version) VALUES (0)", cancellationToken).ConfigureAwait(false);
            }

            for (var step = version; step < Newest; step++) await session.ExecuteAsync(Read(Files[step]), cancellationToken).ConfigureAwait(false);
            await session.ExecuteAsync("UPDATE eis.store SET version = $1", [Newest], cancellationToken).ConfigureAwait(false);
            await session.CommitAsync().ConfigureAwait(false);
        }
    }

    private static async Task<int> ReadVersionAsync(Session session, CancellationToken cancellationToken)
    {
        var isThere = await session.CountAsync(
            "SELECT count(*) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'eis' AND c.relname = 'store'", cancellationToken).ConfigureAwait(false) > 0;
        return isThere ? (await session.QueryAsync("SELECT version FROM eis.store", row => row.GetInt32(0), cancellationToken).ConfigureAwait(false))[0] : 0;
    }

    private static string Read(string file)
    {
        using var reader = new StreamReader(typeof(Migrations).Assembly.GetManifestResourceStream(file)!);
        return reader.ReadToEnd();
    }
}
