using System.Diagnostics;
using EntityImport.Bench.Torture;
using EntityImport.Storage.Tests;
using Npgsql;

namespace EntityImport.Bench.Cluster;

/// <summary>Lets several nodes import, has things go wrong with them and what they need, and looks whether what was promised holds.</summary>
internal sealed class ClusterRun(ClusterOptions options, string work, PostgresServer server, TextWriter output)
{
    private static readonly TimeSpan SettleLimit = TimeSpan.FromMinutes(5);

    private readonly Random _random = new(options.Seed);
    private readonly Dictionary<string, int> _counts = [];
    private readonly List<double> _handedOver = [];
    private readonly List<double> _takenOver = [];

    /// <summary>The faults, by what they are called.</summary>
    private Dictionary<string, Func<IReadOnlyList<ClusterNode>, ClusterNode, CancellationToken, Task>> Faults => new()
    {
        ["kill"] = KillAsync,
        ["pause"] = PauseAsync,
        ["stop"] = StopAsync,
        ["cut"] = (_, node, token) => CutAsync(node, requests: true, answers: true, token),
        ["cut-requests"] = (_, node, token) => CutAsync(node, requests: true, answers: false, token),
        ["cut-answers"] = (_, node, token) => CutAsync(node, requests: false, answers: true, token),
        ["database-crash"] = CrashDatabaseAsync,
        ["rolling-restart"] = RollAsync,
    };

    private TimeSpan BeyondLease => TimeSpan.FromSeconds(options.Lease * 1.5);

    /// <summary>Runs it.</summary>
    /// <exception cref="FindingException">A promise was broken.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var files = options.Files ?? Path.Combine(work, "files");
        if (options.Files is null) Directory.CreateDirectory(files);
        var nodes = new List<ClusterNode>();
        try
        {
            for (var number = 1; number <= options.Nodes; number++) nodes.Add(new ClusterNode(options, work, files, $"node-{number}", server.Port));
            foreach (var node in nodes) await node.ConnectAsync(cancellationToken);
            var lanes = Enumerable.Range(1, options.Entities).Select(number => new ClusterLane($"entity{number}", options, nodes, new Random(_random.Next()))).ToList();
            foreach (var lane in lanes) await lane.PrepareAsync(cancellationToken);
            using var ending = new CancellationTokenSource();
            using var failing = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var running = lanes.SelectMany(lane => (Task[])[lane.RunAsync(ending.Token, failing.Token), lane.ReadAsync(ending.Token, failing.Token)]).ToList();
            try
            {
                foreach (var fault in Draw())
                {
                    if (await Task.WhenAny([Task.Delay(TimeSpan.FromSeconds(1 + (2 * _random.NextDouble())), cancellationToken), .. running]) is { IsFaulted: true } found) await found;
                    await RestartEndedAsync(nodes, cancellationToken);
                    var node = nodes[_random.Next(nodes.Count)];
                    var begun = Stopwatch.GetTimestamp();
                    await Faults[fault](nodes, node, cancellationToken);
                    _counts[fault] = _counts.GetValueOrDefault(fault) + 1;
                    output.WriteLine($"{_counts.Values.Sum()} of {options.Faults}: {fault} of {node.Name}, {Stopwatch.GetElapsedTime(begun).TotalSeconds:F1} s; {lanes.Sum(lane => lane.Imports.Count)} imports");
                }

                await ending.CancelAsync();
                await Task.WhenAll(running).WaitAsync(SettleLimit, cancellationToken);
            }
            catch (Exception) when (running.Find(task => task.IsFaulted) is { } found)
            {
                // What was found first counts.
                await found;
            }
            finally
            {
                await failing.CancelAsync();
                await Task.WhenAll(running).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            }

            await JudgeAsync(lanes, cancellationToken);
            Tell(lanes);
        }
        finally
        {
            foreach (var node in nodes) await node.DisposeAsync();
        }
    }

    /// <summary>All kinds of faults, as often as each other, in any order.</summary>
    private List<string> Draw()
    {
        var names = Faults.Keys.ToList();
        return Enumerable.Range(0, options.Faults).Select(number => names[number % names.Count]).OrderBy(_ => _random.Next()).ToList();
    }

    private async Task KillAsync(IReadOnlyList<ClusterNode> nodes, ClusterNode node, CancellationToken cancellationToken)
    {
        var had = await RunningAsync(node.Name, cancellationToken);
        node.Leave();
        await node.Process.KillAsync();
        // Now and then it comes back only when others have its imports.
        if (had.Count > 0 && _random.Next(2) == 0) _takenOver.Add(await UntilElsewhereAsync(node.Name, had, cancellationToken));
        await node.RestartAsync(cancellationToken);
    }

    private async Task PauseAsync(IReadOnlyList<ClusterNode> nodes, ClusterNode node, CancellationToken cancellationToken)
    {
        node.Leave();
        await node.Process.SuspendAsync(cancellationToken);
        await Task.Delay(BeyondLease, cancellationToken);
        await node.Process.ResumeAsync(cancellationToken);
        // It finds out, and ends by itself.
        var until = DateTime.UtcNow + TimeSpan.FromSeconds(60);
        while (!node.Process.HasExited)
        {
            if (DateTime.UtcNow > until) throw new FindingException(FindingKind.Stuck, $"{node.Name} was held up for longer than its lease, and has not noticed.");
            await Task.Delay(50, cancellationToken);
        }

        await node.RestartAsync(cancellationToken);
    }

    private async Task StopAsync(IReadOnlyList<ClusterNode> nodes, ClusterNode node, CancellationToken cancellationToken)
    {
        await RestartEndedAsync(nodes, cancellationToken);
        var had = await RunningAsync(node.Name, cancellationToken);
        node.Leave();
        await node.Process.TerminateAsync(cancellationToken);
        if (had.Count > 0) _handedOver.Add(await UntilElsewhereAsync(node.Name, had, cancellationToken));
        await node.Process.WaitForExitAsync(TimeSpan.FromSeconds(60), cancellationToken);
        await node.RestartAsync(cancellationToken);
    }

    private async Task CutAsync(ClusterNode node, bool requests, bool answers, CancellationToken cancellationToken)
    {
        (node.Line.HoldsRequests, node.Line.HoldsAnswers) = (requests, answers);
        await Task.Delay(BeyondLease * (0.3 + _random.NextDouble()), cancellationToken);
        node.Line.Mend();
    }

    private async Task CrashDatabaseAsync(IReadOnlyList<ClusterNode> nodes, ClusterNode node, CancellationToken cancellationToken)
    {
        server.Stop();
        await Task.Delay(TimeSpan.FromSeconds(_random.NextDouble() * 2), cancellationToken);
        server.Start();
    }

    private async Task RollAsync(IReadOnlyList<ClusterNode> nodes, ClusterNode node, CancellationToken cancellationToken)
    {
        foreach (var next in nodes) await StopAsync(nodes, next, cancellationToken);
    }

    /// <summary>Starts nodes again that have lost their places, found out, and ended.</summary>
    private static async Task RestartEndedAsync(IReadOnlyList<ClusterNode> nodes, CancellationToken cancellationToken)
    {
        foreach (var node in nodes)
            if (node.Process.HasExited) await node.RestartAsync(cancellationToken);
    }

    private async Task JudgeAsync(List<ClusterLane> lanes, CancellationToken cancellationToken)
    {
        var kept = await QueryAsync("SELECT entity, id, state FROM eis.import ORDER BY sequence", row => (Entity: row.GetString(0), Id: row.GetGuid(1), State: row.GetString(2)), cancellationToken);
        foreach (var lane in lanes)
            await lane.JudgeAsync([.. kept.Where(import => import.Entity.Equals(lane.Entity, StringComparison.OrdinalIgnoreCase)).Select(import => (import.Id, import.State))], cancellationToken);
        await DatabaseJudge.JudgeAsync(server.ConnectionString, cancellationToken);
        var until = DateTime.UtcNow + TimeSpan.FromMinutes(1);
        while (true)
        {
            var held = await QueryAsync("SELECT name FROM eis.lease WHERE import IS NOT NULL OR head IS NOT NULL", row => row.GetString(0), cancellationToken);
            var left = held.Count > 0 ? $"The lease of {held[0]} is held, or says that something waits." : await DatabaseJudge.FindLeftAsync(server.ConnectionString, cancellationToken);
            if (left is null) return;
            if (DateTime.UtcNow > until) throw new FindingException(FindingKind.Leftover, left);
            await Task.Delay(500, cancellationToken);
        }
    }

    private void Tell(List<ClusterLane> lanes)
    {
        output.WriteLine($"{string.Join(", ", _counts.OrderBy(count => count.Key).Select(count => $"{count.Value} {count.Key}"))}.");
        var imports = lanes.SelectMany(lane => lane.Imports).ToList();
        output.WriteLine($"{imports.Count} imports over {lanes.Count} entities: {string.Join(", ", imports.GroupBy(import => import.State).Select(state => $"{state.Count()} {state.Key}"))}.");
        if (_handedOver.Count > 0) output.WriteLine($"An import of a node that was told to stop ran on another one after {_handedOver.Order().ElementAt(_handedOver.Count / 2):F2} s in the median, {_handedOver.Max():F2} s at most ({_handedOver.Count}).");
        if (_takenOver.Count > 0) output.WriteLine($"An import of a node that was killed ran on another one after {_takenOver.Order().ElementAt(_takenOver.Count / 2):F2} s in the median, {_takenOver.Max():F2} s at most ({_takenOver.Count}).");
    }

    /// <summary>What a node runs.</summary>
    private Task<IReadOnlyList<long>> RunningAsync(string name, CancellationToken cancellationToken) => QueryAsync(
        $"SELECT l.import FROM eis.lease l JOIN eis.node n ON n.id = l.node WHERE n.name = '{name}' AND l.import IS NOT NULL", row => row.GetInt64(0), cancellationToken);

    /// <summary>Waits until one of some imports is another node's, or has ended; answers after how many seconds.</summary>
    private async Task<double> UntilElsewhereAsync(string name, IReadOnlyList<long> imports, CancellationToken cancellationToken)
    {
        var begun = Stopwatch.GetTimestamp();
        while (true)
        {
            var elsewhere = await QueryAsync(
                $"""
                SELECT 1 FROM eis.lease l JOIN eis.node n ON n.id = l.node WHERE n.name <> '{name}' AND l.import IN ({string.Join(", ", imports)})
                UNION ALL SELECT 1 FROM eis.import WHERE sequence IN ({string.Join(", ", imports)}) AND state NOT IN ('Queued', 'Running')
                """,
                row => row.GetInt32(0), cancellationToken);
            if (elsewhere.Count > 0) return Stopwatch.GetElapsedTime(begun).TotalSeconds;
            if (Stopwatch.GetElapsedTime(begun) > SettleLimit) throw new FindingException(FindingKind.Stuck, $"No node takes what {name} was at.");
            await Task.Delay(10, cancellationToken);
        }
    }

    private async Task<IReadOnlyList<T>> QueryAsync<T>(string sql, Func<NpgsqlDataReader, T> map, CancellationToken cancellationToken)
    {
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(server.ConnectionString) { Pooling = false });
        await using var command = source.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken)) rows.Add(map(reader));
        return rows;
    }
}
