using EntityImport.Bench.Compare.Results;
using Npgsql;

namespace EntityImport.Bench.Compare.Scenarios;

/// <summary>A database that is made for a measurement, and dropped after it.</summary>
/// <param name="server">The server.</param>
/// <param name="name">The database's name, which needs no quotes.</param>
internal sealed class PostgresDatabase(PostgresServer server, string name)
{
    /// <summary>The most bytes that PostgreSQL keeps of a name.</summary>
    private const int LongestName = 63;

    /// <summary>How it is reached.</summary>
    public NpgsqlConnectionStringBuilder Connection => server.ConnectionOf(name);

    /// <summary>How a service reaches it, which keeps connections.</summary>
    public string PooledConnection
    {
        get
        {
            var connection = Connection;
            connection.Remove("Pooling");
            return connection.ConnectionString;
        }
    }

    /// <summary>The database of a folder.</summary>
    public static PostgresDatabase Of(string directory)
    {
        var name = PrefixOf(Path.GetDirectoryName(directory)!) + Plain(Path.GetFileName(directory));
        return name.Length <= LongestName ? new PostgresDatabase(PostgresServer.Named, name) : throw new ArgumentException($"The name {name} is too long for a database.", nameof(directory));
    }

    /// <summary>What the names of the databases of all folders in one begin with.</summary>
    public static string PrefixOf(string directory) => $"eis_bench_{Plain(Path.GetFileName(directory))}_";

    /// <summary>Makes it, empty. Texts are ordered by their bytes, which costs least, whatever the server's order is.</summary>
    public Task CreateAsync() => CreateAsync("template0 ENCODING 'UTF8' LOCALE 'C'");

    /// <summary>Makes it as the copy of another one, to which nobody is connected.</summary>
    public Task CopyAsync(PostgresDatabase other) => CreateAsync(other.Connection.Database!);

    /// <summary>Drops it.</summary>
    public Task DropAsync() => server.RunAsync($"DROP DATABASE IF EXISTS {name} WITH (FORCE)");

    /// <summary>Runs a statement.</summary>
    public async Task RunAsync(string sql)
    {
        await using var source = NpgsqlDataSource.Create(Connection);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Starts the clocks, once what was written before is on disk.</summary>
    public async Task<Meter> StartAsync()
    {
        await server.CheckpointAsync();
        return Meter.Start(await server.FindProcessesAsync());
    }

    /// <summary>Has what was written be on disk, and stops the clock that goes on until then.</summary>
    public async Task CloseAsync(Meter meter)
    {
        if (await server.CheckpointAsync()) meter.StopClosed();
    }

    /// <summary>Completes a measurement with what the database holds.</summary>
    /// <param name="meter">The clocks, which have stopped.</param>
    /// <param name="products">The table of products, or a query in parentheses.</param>
    public async Task<Measurement> MeasuredAsync(Meter meter, string products)
    {
        await using var source = NpgsqlDataSource.Create(Connection);
        await using var connection = await source.OpenConnectionAsync();
        var summary = ProductTable.QueryText(connection, ProductTable.PostgresSummary(products));
        var hash = ProductTable.QueryText(connection, ProductTable.PostgresHash(products));
        await using var size = new NpgsqlCommand("SELECT pg_database_size(current_database())", connection);
        return meter.Measured(ProductTable.RowsOf(summary)) with { Summary = summary, Hash = hash, DatabaseBytes = (long)(await size.ExecuteScalarAsync())! };
    }

    private static string Plain(string text) => string.Concat(text.Select(letter => char.IsAsciiLetterOrDigit(letter) ? char.ToLowerInvariant(letter) : '_'));

    private async Task CreateAsync(string template)
    {
        await DropAsync();
        await server.CreateAsync(name, template);
    }
}
