using EntityImport.Bench.Compare.Peers;
using Npgsql;

namespace EntityImport.Bench.Compare.Scenarios;

/// <summary>The PostgreSQL server that is measured on, for somebody who may make databases.</summary>
/// <param name="connection">How it is reached, as Npgsql reads it.</param>
internal sealed class PostgresServer(string connection)
{
    /// <summary>The variable that names the server, and by which processes hand it on.</summary>
    public const string Variable = "EIS_BENCH_POSTGRES";

    /// <summary>The server that the variable names.</summary>
    /// <exception cref="ArgumentException">It names none.</exception>
    public static PostgresServer Named => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } connection
        ? new PostgresServer(connection)
        : throw new ArgumentException($"No PostgreSQL server is named: --postgres CONNECTION, or {Variable}.");

    /// <summary>How one of its databases is reached.</summary>
    public NpgsqlConnectionStringBuilder ConnectionOf(string database) => new(connection) { Database = database, Pooling = false, CommandTimeout = 0 };

    /// <summary>Makes sure that it can be measured on, and says what cannot be told of it.</summary>
    /// <exception cref="ArgumentException">It cannot.</exception>
    public async Task CheckAsync(TextWriter output)
    {
        try
        {
            if (await ReadAsync<bool>("SELECT rolsuper OR rolcreatedb FROM pg_roles WHERE rolname = current_user") is false)
                throw new ArgumentException("The role may not make databases, which each scenario has one of.");
            if (!await CheckpointAsync()) await output.WriteLineAsync("The role may not CHECKPOINT: each scenario also pays for what those before have left, and there are no times until the database is on disk.");
            if (await FindProcessesAsync() is null) await output.WriteLineAsync("The server is not on this machine: its processor time is not known.");
        }
        catch (NpgsqlException exception)
        {
            throw new ArgumentException($"The PostgreSQL server cannot be used: {exception.Message}", exception);
        }
    }

    /// <summary>Version and settings, which are those of every scenario, and the programs beside it, a line each.</summary>
    public async Task<IReadOnlyList<string>> DescribeAsync()
    {
        await using var source = NpgsqlDataSource.Create(Connection());
        await using var command = source.CreateCommand(
            """
            SELECT name, current_setting(name) FROM pg_settings
            WHERE name IN ('shared_buffers', 'max_wal_size', 'checkpoint_timeout', 'wal_level', 'wal_compression', 'full_page_writes', 'fsync', 'synchronous_commit', 'synchronous_standby_names',
                'work_mem', 'maintenance_work_mem', 'effective_io_concurrency', 'io_method', 'autovacuum', 'jit', 'max_worker_processes') OR name LIKE 'max\_parallel\_%'
            ORDER BY name
            """);
        await using var reader = await command.ExecuteReaderAsync();
        var settings = new List<string>();
        while (await reader.ReadAsync()) settings.Add($"{reader.GetString(0)} = {(reader.GetString(1) is { Length: > 0 } value ? value : "''")}");
        var lines = new List<string> { await ReadAsync<string>("SELECT version()"), string.Join(", ", settings) };
        foreach (var program in (string[])[PsqlLoad.Program, PgLoader.Program])
        {
            if (Tool.FindObstacle(program) is null) lines.Add((await Tool.RunAsync(program, ["--version"])).ReplaceLineEndings(", "));
        }

        return lines;
    }

    /// <summary>Runs a statement, in no transaction.</summary>
    public async Task RunAsync(string sql)
    {
        await using var source = NpgsqlDataSource.Create(Connection());
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Makes a database as the copy of another one.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="template">The other one, and options.</param>
    public async Task CreateAsync(string name, string template)
    {
        await using var source = NpgsqlDataSource.Create(Connection());
        await using var connection = await source.OpenConnectionAsync();
        // Files are copied, as on 14, and not each page through the log.
        await using var command = new NpgsqlCommand($"CREATE DATABASE {name} TEMPLATE {template} {(connection.PostgreSqlVersion.Major >= 15 ? "STRATEGY FILE_COPY" : "")}", connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Has all changes be on disk, where the role may.</summary>
    public async Task<bool> CheckpointAsync()
    {
        try
        {
            await RunAsync("CHECKPOINT");
            return true;
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            return false;
        }
    }

    /// <summary>Its processes; null where it is on another machine.</summary>
    public async Task<ServerProcesses?> FindProcessesAsync()
    {
        await using var source = NpgsqlDataSource.Create(Connection());
        await using var session = await source.OpenConnectionAsync();
        await using var command = new NpgsqlCommand("SELECT pg_backend_pid() WHERE inet_server_addr() IS NOT DISTINCT FROM inet_client_addr()", session);
        // The session's process is there as long as the session.
        return await command.ExecuteScalarAsync() is int process ? ServerProcesses.Find(process, "postgres") : null;
    }

    /// <summary>Drops the databases whose names begin with a text.</summary>
    public async Task DropAsync(string prefix)
    {
        var names = await ReadAsync<string[]>($"SELECT coalesce(array_agg(datname::text), '{{}}') FROM pg_database WHERE starts_with(datname, '{prefix}')");
        foreach (var name in names) await RunAsync($"DROP DATABASE IF EXISTS {name} WITH (FORCE)");
    }

    private async Task<T> ReadAsync<T>(string sql)
    {
        await using var source = NpgsqlDataSource.Create(Connection());
        await using var command = source.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    private NpgsqlConnectionStringBuilder Connection() => new(connection) { Pooling = false, CommandTimeout = 0 };
}
