using EntityImport.Catalog;
using EntityImport.Entities;
using EntityImport.Files;
using EntityImport.Options;
using EntityImport.Postgres.Catalog;
using EntityImport.Postgres.Connections;
using EntityImport.Postgres.Leases;
using EntityImport.Postgres.Records;
using EntityImport.SqlStores;
using EntityImport.Storage;
using Npgsql;

namespace EntityImport.Postgres;

/// <summary>The store in a PostgreSQL database, version 14 or later: catalog and records. Files stay in the data directory. Thread-safe.</summary>
/// <remarks>
/// Entities are views in the schema <c>records</c>, over tables that are the store's own. A process works on a database alone, or as one of several nodes; leases there say which.
/// </remarks>
public sealed class PostgresStore : IStore
{
    /// <summary>The oldest server whose SQL suffices.</summary>
    private const int OldestServer = 14;

    /// <summary>After how many seconds without a word the server's machine is asked whether it is there.</summary>
    private const int KeepAliveTime = 10;

    /// <summary>After how many it is asked again, as often as the operating system does that (on Linux nine times): after a minute nothing waits any longer.</summary>
    private const int KeepAliveInterval = 5;

    private const string NodeFile = "node";

    private readonly Database _database;
    private readonly FileStream? _lock;
    private readonly StoreLease _lease;
    private readonly QueryGate _gate;
    private readonly NpgsqlDataSource _source;
    private readonly PostgresCluster? _cluster;

    private PostgresStore(Database database, NpgsqlDataSource source, FileStream? held, StoreLease lease, EngineOptions options)
    {
        _database = database;
        _source = source;
        _lock = held;
        _lease = lease;
        _gate = new QueryGate(options.Limits.ConcurrentQueries, options.Limits.WaitingQueries);
        Catalog = new PostgresCatalog(database);
        Records = new PostgresRecords(database, _gate, options.ThreadsPerImport);
        Cluster = options.NodeName is null ? null : _cluster = new PostgresCluster(database, options.ClusterImports, options.NodeLease);
    }

    /// <inheritdoc/>
    public ICatalog Catalog { get; }

    /// <inheritdoc/>
    public IRecords Records { get; }

    /// <inheritdoc/>
    public ICluster? Cluster { get; }

    /// <inheritdoc/>
    /// <remarks>All of the database, whoever else keeps things in it.</remarks>
    public long Bytes
    {
        get
        {
            try
            {
                using var command = _source.CreateCommand("SELECT pg_catalog.pg_database_size(pg_catalog.current_database())");
                return (long)command.ExecuteScalar()!;
            }
            catch (NpgsqlException exception)
            {
                throw Session.Translate(exception);
            }
        }
    }

    /// <inheritdoc/>
    /// <remarks>Another process has taken its place.</remarks>
    public bool IsLost => _lease.IsLost;

    /// <summary>Opens the store, and makes it where there is none.</summary>
    /// <param name="connectionString">How the database is reached, as Npgsql reads it.</param>
    /// <param name="options">The engine's options; files are in their data directory.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="DataDirectoryInUseException">Another process works on the database, or has the data directory.</exception>
    /// <exception cref="StoreNotOpenedException">The database cannot be reached, is of a newer program, or of a server that is too old; or the connection string is wrong.</exception>
    public static async Task<PostgresStore> OpenAsync(string connectionString, EngineOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var directory = Path.GetFullPath(options.DataDirectory);
        DurableFolder.Create(directory);
        var held = DirectoryLock.Take(directory);
        try
        {
            return await OpenAsync(connectionString, options, held, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await held.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Takes what another store in the data directory holds into a database that knows of nothing: all of it, or nothing. Whoever has the other store open has the data directory.</summary>
    /// <returns>Each table with the number of its rows.</returns>
    /// <exception cref="DataDirectoryInUseException">Another process works on the database.</exception>
    /// <exception cref="StoreNotOpenedException">The database cannot be used, has a store already, or does not hold what was sent.</exception>
    internal static async Task<IReadOnlyList<(StoredTable Table, long Rows)>> TakeInAsync(
        string connectionString, EngineOptions options, IReadOnlyList<EntityDefinition> entities, IReadOnlyList<StoredBeforeImage> before, IReadOnlyList<StoredTable> tables, CancellationToken cancellationToken)
    {
        var store = await OpenAsync(connectionString, options, held: null, cancellationToken).ConfigureAwait(false);
        await using (store.ConfigureAwait(false))
        {
            try
            {
                var session = await store._database.OpenAsync(cancellationToken).ConfigureAwait(false);
                await using (session.ConfigureAwait(false))
                {
                    await session.BeginAsync(isSnapshot: false, cancellationToken).ConfigureAwait(false);
                    var known = string.Join(" UNION ALL ", StoredTable.Catalog.Select(table => table.Name).Append("entity").Select(name => $"(SELECT 1 FROM eis.{name} LIMIT 1)"));
                    if (await session.CountAsync($"SELECT count(*) FROM ({known}) known", cancellationToken).ConfigureAwait(false) > 0)
                        throw new StoreNotOpenedException("The database has a store already. Nothing was taken in.");
                    var taken = await Intake.RunAsync(session, entities, before, tables, cancellationToken).ConfigureAwait(false);
                    await EntityLease.WaitAllAsync(session, cancellationToken).ConfigureAwait(false);
                    await StoreLease.HoldAsync(store._database, session, cancellationToken).ConfigureAwait(false);
                    await session.CommitAsync().ConfigureAwait(false);
                    return taken;
                }
            }
            catch (Exception exception) when (exception is StoreUnavailableException or PostgresFault)
            {
                throw NotUsable(exception);
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null) await _cluster.DisposeAsync().ConfigureAwait(false);
        await _lease.DisposeAsync().ConfigureAwait(false);
        await _database.DisposeAsync().ConfigureAwait(false);
        _gate.Dispose();
        if (_lock is not null) await _lock.DisposeAsync().ConfigureAwait(false);
    }

    private static async Task<PostgresStore> OpenAsync(string connectionString, EngineOptions options, FileStream? held, CancellationToken cancellationToken)
    {
        var node = ReadNode(Path.GetFullPath(options.DataDirectory));
        var source = Connect(connectionString, node, options);
        try
        {
            var database = new Database(source, node, options.NodeName is not null);
            await CheckServerAsync(database, cancellationToken).ConfigureAwait(false);
            await Migrations.Migrations.RunAsync(database, cancellationToken).ConfigureAwait(false);
            var lease = await StoreLease.TakeAsync(database, options.NodeLease, cancellationToken).ConfigureAwait(false);
            if (options.NodeName is { } name) await PostgresCluster.EnterAsync(database, name, cancellationToken).ConfigureAwait(false);
            await Sweep.RunAsync(database, cancellationToken).ConfigureAwait(false);
            return new PostgresStore(database, source, held, lease, options);
        }
        catch (Exception exception)
        {
            await source.DisposeAsync().ConfigureAwait(false);
            if (exception is StoreUnavailableException or PostgresFault) throw NotUsable(exception);
            throw;
        }
    }

    private static StoreNotOpenedException NotUsable(Exception exception) => new($"The store's database cannot be used: {(exception.InnerException ?? exception).Message.TrimEnd('.')}.", exception);

    private static NpgsqlDataSource Connect(string connectionString, Guid node, EngineOptions options)
    {
        NpgsqlConnectionStringBuilder settings;
        try
        {
            settings = new NpgsqlConnectionStringBuilder(connectionString);
        }
        catch (ArgumentException exception)
        {
            // The text may hold a password.
            throw new StoreNotOpenedException("The connection string of the store's database is not one.", exception);
        }

        // Statements take as long as there is to do; whoever wants to end one cancels it.
        settings.CommandTimeout = 0;
        // Of a server that is gone without a word nothing else would ever tell a statement that waits for it; and what keeps connections on the way forgets those on which nothing is said.
        // A Unix socket knows nothing of that, and setting it fails.
        var isOverTcp = (settings.Host ?? "").Split(',').All(host => host.Trim() is not ['/' or '@', ..]);
        if (isOverTcp && !settings.ShouldSerialize("TCP Keepalive") && !settings.ShouldSerialize("TCP Keepalive Time"))
        {
            settings.TcpKeepAliveTime = KeepAliveTime;
            if (!settings.ShouldSerialize("TCP Keepalive Interval")) settings.TcpKeepAliveInterval = KeepAliveInterval;
        }

        // By its end others find the transactions of a process that has lost its place; the server cuts it at 63 bytes, and writes what is not ASCII otherwise.
        var name = settings.ApplicationName is { Length: > 0 } given ? new string([.. given.Where(char.IsAscii).Take(30)]) : "eis";
        settings.ApplicationName = $"{name} {node:N}";
        // Behind a pooler that hands out a session for a transaction nothing may be left in one, and nothing is: there is nothing to reset.
        settings.NoResetOnClose = true;
        settings.MaxPoolSize = Math.Max(settings.MaxPoolSize, options.Limits.ConcurrentQueries + ((options.ConcurrentImports + options.ConcurrentPlans) * (options.ThreadsPerImport + 2)) + 16);
        // Of several hosts it is the one that can be written to, whatever is said.
        settings.TargetSessionAttributes = null;
        // Which one that is changes; what was seen of a host is looked at again soon.
        if (!settings.ShouldSerialize("Host Recheck Seconds")) settings.HostRecheckSeconds = 1;
        var source = new NpgsqlDataSourceBuilder(settings.ConnectionString);
        return settings.Host?.Contains(',', StringComparison.Ordinal) == true ? source.BuildMultiHost().WithTargetSession(TargetSessionAttributes.Primary) : source.Build();
    }

    private static async Task CheckServerAsync(Database database, CancellationToken cancellationToken)
    {
        var session = await database.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using (session.ConfigureAwait(false))
        {
            var version = (await session.QueryAsync(
                "SELECT current_setting('server_version_num')::integer, current_setting('server_encoding'), EXISTS (SELECT 1 FROM pg_catalog.pg_extension WHERE extname = 'citus')",
                row => (Number: row.GetInt32(0), Encoding: row.GetString(1), IsSpread: row.GetBoolean(2)), cancellationToken).ConfigureAwait(false))[0];
            if (version.Number < OldestServer * 10_000) throw new StoreNotOpenedException($"The store needs PostgreSQL {OldestServer} or later, and the server is version {version.Number / 10_000}.");
            if (version.Encoding != "UTF8") throw new StoreNotOpenedException($"The store needs a database with the encoding UTF8, and this one has {version.Encoding}.");
            database.IsSpread = version.IsSpread;
        }
    }

    /// <summary>Who works with this data directory, whichever process that is: after a crash it need not wait for its own lease to run out.</summary>
    private static Guid ReadNode(string directory)
    {
        var file = Path.Combine(directory, NodeFile);
        if (File.Exists(file) && Guid.TryParse(File.ReadAllText(file), out var known)) return known;
        var node = Guid.NewGuid();
        File.WriteAllText(file, $"{node:D}\n");
        DurableFolder.Sync(directory);
        return node;
    }
}
