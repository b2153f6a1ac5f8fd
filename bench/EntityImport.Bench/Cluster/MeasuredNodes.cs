using System.Globalization;
using System.Text;
using EntityImport.Api;
using EntityImport.Bench.Compare.Scenarios;
using EntityImport.Bench.Torture;
using EntityImport.Client;
using Npgsql;

namespace EntityImport.Bench.Cluster;

/// <summary>Nodes with a share of a processor each, on a PostgreSQL server with one, which are there for one measurement.</summary>
internal sealed class MeasuredNodes : IAsyncDisposable
{
    private const double NodeProcessors = 0.25;
    private const double DatabaseProcessors = 1;

    private readonly string _folder = Directory.CreateTempSubdirectory("eis-nodes-").FullName;
    private readonly ProcessorQuota _databaseQuota = new("database");
    private readonly List<ProcessorQuota> _quotas = [];
    private readonly List<ServerProcess> _processes = [];
    private readonly List<EntityImportClient> _clients = [];
    private readonly Storage.Tests.PostgresServer _server;
    private bool _isDone;

    private MeasuredNodes(string programs)
    {
        var data = Directory.CreateTempSubdirectory("eis-nodes-postgres-").FullName;
        DatabaseFolder = data;
        // A server as it comes, but for what is on disk after a crash of the machine.
        _server = Storage.Tests.PostgresServer.Make(programs, data, "127.0.0.1", _databaseQuota.Launcher, "shared_preload_libraries = 'pg_stat_statements'", "max_wal_size = '4GB'");
    }

    /// <summary>Clients of the nodes.</summary>
    public IReadOnlyList<EntityImportClient> Clients => _clients;

    /// <summary>Where the nodes listen.</summary>
    public List<Uri> Addresses { get; } = [];

    private string DatabaseFolder { get; }

    /// <summary>Has them for one measurement, at whose beginning nobody is held to a share yet. Where that fails, what they have left stays, and it is said where.</summary>
    public static async Task UseAsync(string programs, int count, TextWriter output, Func<MeasuredNodes, Task> measure, CancellationToken cancellationToken)
    {
        await using var nodes = new MeasuredNodes(programs);
        try
        {
            await nodes.StartAsync(count, cancellationToken);
            await measure(nodes);
            nodes._isDone = true;
        }
        catch
        {
            output.WriteLine($"Data and logs of the nodes are in {nodes._folder}, those of the database's server, which is stopped, in {nodes.DatabaseFolder}.");
            throw;
        }
    }

    private async Task StartAsync(int nodes, CancellationToken cancellationToken)
    {
        await RunAsync("CREATE EXTENSION pg_stat_statements", cancellationToken);
        for (var number = 1; number <= nodes; number++)
        {
            _quotas.Add(new ProcessorQuota(NameOf(number)));
            _processes.Add(StartNode(number));
            _clients.Add(await _processes[^1].ConnectAsync(cancellationToken));
            Addresses.Add(await _processes[^1].WaitForAddressAsync(TimeSpan.FromSeconds(60), cancellationToken));
        }
    }

    /// <summary>What a node is called.</summary>
    /// <param name="number">Its number, from 1.</param>
    public static string NameOf(int number) => string.Create(CultureInfo.InvariantCulture, $"node-{number}");

    /// <summary>The process of a node.</summary>
    /// <param name="number">Its number, from 1.</param>
    public ServerProcess ProcessOf(int number) => _processes[number - 1];

    /// <summary>Starts a node again that has ended, and waits until it takes requests.</summary>
    /// <param name="number">Its number, from 1.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task RestartAsync(int number, CancellationToken cancellationToken)
    {
        await ProcessOf(number).DisposeAsync();
        _processes[number - 1] = StartNode(number);
        _clients[number - 1] = await ProcessOf(number).ConnectAsync(cancellationToken);
        Addresses[number - 1] = await ProcessOf(number).WaitForAddressAsync(TimeSpan.FromSeconds(60), cancellationToken);
    }

    /// <summary>Has no node begin an import.</summary>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        foreach (var node in await _clients[0].ListNodesAsync(cancellationToken)) await _clients[0].DrainNodeAsync(node.NodeId, cancellationToken);
    }

    /// <summary>Has all begin what waits.</summary>
    public async Task ResumeAsync(CancellationToken cancellationToken)
    {
        foreach (var node in await _clients[0].ListNodesAsync(cancellationToken)) await _clients[0].ResumeNodeAsync(node.NodeId, cancellationToken);
    }

    /// <summary>Holds everybody to his share.</summary>
    public void HoldToShares()
    {
        foreach (var quota in _quotas) quota.Set(NodeProcessors);
        _databaseQuota.Set(DatabaseProcessors);
    }

    /// <summary>Makes entities and has imports into them wait, one file of each entity after the other.</summary>
    /// <param name="entities">How many entities.</param>
    /// <param name="imports">How many imports.</param>
    /// <param name="rows">Rows of a file.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task QueueAsync(int entities, int imports, int rows, CancellationToken cancellationToken)
    {
        var fields = (EntityField[])[new() { SystemName = "Id", DataType = "INTEGER", PrimaryKey = true, Required = true }, new() { SystemName = "Name", DataType = "STRING", Length = 40 }, new() { SystemName = "Price", DataType = "DECIMAL", Precision = 18, Scale = 2 }];
        var mappings = new Guid[entities];
        await Parallel.ForAsync(0, entities, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = cancellationToken }, async (number, token) =>
        {
            var client = _clients[number % _clients.Count];
            var name = string.Create(CultureInfo.InvariantCulture, $"entity{number}");
            await client.PutEntityAsync(new Entity { SystemName = name, Fields = fields }, token);
            mappings[number] = await client.CreateMappingAsync(name, new ImportDefinition { ImportMode = ImportMode.Upsert }, token);
        });
        for (var round = 0; round * entities < imports; round++)
        {
            var bytes = WriteFile(rows, round);
            await Parallel.ForAsync(0, Math.Min(entities, imports - (round * entities)), new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = cancellationToken }, async (number, token) =>
            {
                var client = _clients[number % _clients.Count];
                await client.ImportAsync(await client.UploadAsync(mappings[number], new MemoryStream(bytes), "measured.csv", token), token);
            });
        }
    }

    /// <summary>What a query of one row and column answers.</summary>
    public async Task<T> ReadAsync<T>(string sql, CancellationToken cancellationToken)
    {
        await using var source = Connect();
        await using var command = source.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>Runs a statement.</summary>
    public async Task RunAsync(string sql, CancellationToken cancellationToken)
    {
        await using var source = Connect();
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>The processes of the database's server.</summary>
    public async Task<ServerProcesses> FindServerAsync() => (await new PostgresServer(_server.ConnectionString).FindProcessesAsync())!;

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes) await process.DisposeAsync();
        _server.StopWhereRunning();
        foreach (var quota in _quotas) quota.Dispose();
        _databaseQuota.Dispose();
        if (!_isDone) return;
        Directory.Delete(_folder, recursive: true);
        Directory.Delete(DatabaseFolder, recursive: true);
    }

    private ServerProcess StartNode(int number)
    {
        var environment = new Dictionary<string, string>
        {
            ["EIS__STORE__POSTGRES"] = _server.ConnectionString,
            ["EIS__STORE__FILES"] = Directory.CreateDirectory(Path.Combine(_folder, "files")).FullName,
            ["EIS__STORE__NODE"] = NameOf(number),
        };
        return ServerProcess.Start(
            _quotas[number - 1].Launcher, ServerProcess.Built, "127.0.0.1", Path.Combine(_folder, NameOf(number)), Path.Combine(_folder, $"{NameOf(number)}.log"), environment, ["--set", "maxUnfinishedImports=20000"]);
    }

    private static byte[] WriteFile(int rows, int round)
    {
        var csv = new StringBuilder("Id,Name,Price\n");
        for (var row = 0; row < rows; row++) csv.Append(CultureInfo.InvariantCulture, $"{row},Article number {row},{(row % 1000) + round}.{row % 90 + 10}\n");
        return Encoding.UTF8.GetBytes(csv.ToString());
    }

    private NpgsqlDataSource Connect() => NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(_server.ConnectionString) { Pooling = false });
}
