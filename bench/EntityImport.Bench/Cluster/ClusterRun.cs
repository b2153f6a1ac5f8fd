using System.Diagnostics;
using EntityImport.Access;
using EntityImport.Bench.Torture;
using EntityImport.Testing;
using Npgsql;

namespace EntityImport.Bench.Cluster;

/// <summary>Lets several nodes import, has things go wrong with them and what they need, and looks whether what was promised holds.</summary>
internal sealed class ClusterRun(ClusterOptions options, string work, string data, TextWriter output)
{
    private static readonly TimeSpan SettleLimit = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan StepLimit = TimeSpan.FromSeconds(15);

    private readonly Random _random = new(options.Seed);
    private readonly Dictionary<string, int> _counts = [];
    private readonly List<double> _handedOver = [];
    private readonly List<double> _takenOver = [];
    private readonly List<ClusterNode> _nodes = [];
    private ClusterDatabase _database = null!;
    private ClusterPlace? _filesPlace;

    private TimeSpan BeyondLease => TimeSpan.FromSeconds(options.Lease * 1.5);

    /// <summary>The faults that there can be here, by what they are called.</summary>
    private Dictionary<string, Func<ClusterNode, CancellationToken, Task>> Faults()
    {
        var faults = new Dictionary<string, Func<ClusterNode, CancellationToken, Task>>
        {
            ["kill"] = KillAsync,
            ["pause"] = PauseAsync,
            ["pause-planned"] = (node, token) => PauseAtAsync(FaultStep.ImportPlanned, node, token),
            ["pause-copying"] = (node, token) => PauseAtAsync(FaultStep.PartLoaded, node, token),
            ["pause-fenced"] = (node, token) => PauseAtAsync(FaultStep.CommitFenced, node, token),
            ["stop"] = StopAsync,
            ["rolling-restart"] = RollAsync,
            ["database-crash"] = CrashDatabaseAsync,
            ["promotion"] = PromoteAsync,
            ["disk-full"] = FillDiskAsync,
        };
        AddCuts("database", () => _database.Places);
        if (_filesPlace is { } files) AddCuts("files", () => [files]);
        if (ClusterNode.HasClocks) faults["clock"] = SkewAsync;
        return faults;

        void AddCuts(string what, Func<IReadOnlyList<ClusterPlace>> places)
        {
            faults[$"cut-{what}"] = (node, token) => CutAsync(node, places(), requests: true, answers: true, token);
            faults[$"cut-{what}-requests"] = (node, token) => CutAsync(node, places(), requests: true, answers: false, token);
            faults[$"cut-{what}-answers"] = (node, token) => CutAsync(node, places(), requests: false, answers: true, token);
        }
    }

    /// <summary>Runs it.</summary>
    /// <exception cref="FindingException">A promise was broken.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var network = await ClusterNetwork.MakeAsync();
        if (!ClusterNode.HasClocks) output.WriteLine("All clocks are right: libfaketime is not installed.");
        _database = new ClusterDatabase(options.PostgresBinaries, data, [await network.AddAsync("db1"), await network.AddAsync("db2")]);
        ClusterFiles? files = null;
        try
        {
            var environment = new Dictionary<string, string>
            {
                ["EIS__STORE__POSTGRES"] = _database.ConnectionString,
                ["EIS__STORE__FILES"] = Directory.CreateDirectory(Path.Combine(work, "files")).FullName,
                ["EIS__ACCESS__ADMINKEY"] = ApiKeyText.Create(),
            };
            if (options.Files is { } store)
            {
                _filesPlace = await network.AddAsync("files");
                files = await ClusterFiles.StartAsync(store, _filesPlace, cancellationToken);
                environment["EIS__STORE__FILES"] = files.Location;
                foreach (var (name, value) in files.Credentials) environment[name] = value;
            }

            for (var number = 1; number <= options.Nodes; number++) _nodes.Add(await ClusterNode.StartAsync(options, work, await network.AddAsync($"node{number}"), $"node-{number}", environment));
            foreach (var node in _nodes) await node.ConnectAsync(cancellationToken);
            using var over = new CancellationTokenSource();
            var supervising = _nodes.Select(node => node.SuperviseAsync(over.Token)).ToList();
            try
            {
                await ImportAsync(cancellationToken);
            }
            finally
            {
                await over.CancelAsync();
                await Task.WhenAll(supervising);
            }
        }
        finally
        {
            foreach (var node in _nodes) await node.DisposeAsync();
            if (files is not null) await files.DisposeAsync();
            _database.Stop();
        }
    }

    private async Task ImportAsync(CancellationToken cancellationToken)
    {
        var lanes = Enumerable.Range(1, options.Entities).Select(number => new ClusterLane($"entity{number}", options, _nodes, new Random(_random.Next()))).ToList();
        foreach (var lane in lanes) await lane.PrepareAsync(cancellationToken);
        using var ending = new CancellationTokenSource();
        using var failing = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = lanes.SelectMany(lane => (Task[])[lane.RunAsync(ending.Token, failing.Token), lane.ReadAsync(ending.Token, failing.Token)]).Append(WatchPlacesAsync(ending.Token, failing.Token)).ToList();
        try
        {
            var faults = Faults();
            foreach (var fault in Draw([.. faults.Keys.Where(kind => options.Kinds.Count == 0 || options.Kinds.Contains(kind))]))
            {
                if (await Task.WhenAny([Task.Delay(TimeSpan.FromSeconds(1 + (2 * _random.NextDouble())), cancellationToken), .. running]) is { IsFaulted: true } found) await found;
                var node = _nodes[_random.Next(_nodes.Count)];
                using var hold = await node.HoldAsync(cancellationToken);
                var begun = Stopwatch.GetTimestamp();
                await faults[fault](node, cancellationToken);
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

    /// <summary>All kinds of faults, as often as each other, in any order.</summary>
    private List<string> Draw(List<string> names)
    {
        var first = _random.Next(names.Count);
        return Enumerable.Range(first, options.Faults).Select(number => names[number % names.Count]).OrderBy(_ => _random.Next()).ToList();
    }

    private async Task KillAsync(ClusterNode node, CancellationToken cancellationToken)
    {
        var had = await RunningAsync(node.Name, cancellationToken);
        node.Leave();
        await node.Process.KillWhereRunningAsync();
        // Now and then it comes back only when others have its imports.
        if (had.Count > 0 && _random.Next(2) == 0) _takenOver.Add(await UntilElsewhereAsync(node.Name, had, cancellationToken));
        await node.RestartAsync(cancellationToken);
    }

    /// <summary>Holds a node up for longer than its lease.</summary>
    private async Task PauseAsync(ClusterNode node, CancellationToken cancellationToken)
    {
        node.Leave();
        var place = $"SELECT l.epoch FROM eis.lease l JOIN eis.node n ON l.name = 'node:' || n.id WHERE n.name = '{node.Name}'";
        var epoch = (await QueryAsync(place, row => row.GetInt64(0), cancellationToken))[0];
        await node.Process.SuspendAsync(cancellationToken);
        await Task.Delay(BeyondLease, cancellationToken);
        node.Steps.Release();
        await node.Process.ResumeAsync(cancellationToken);
        // It finds out, and ends by itself, unless all others were too busy to take its place before it had it again.
        var until = DateTime.UtcNow + TimeSpan.FromSeconds(60);
        while (!node.Process.HasExited)
        {
            if (DateTime.UtcNow > until) throw new FindingException(FindingKind.Stuck, $"{node.Name} was held up for longer than its lease, its place was taken, and it has not noticed.");
            if ((await QueryAsync($"{place} AND l.epoch = {epoch} AND l.expires_at > clock_timestamp()", row => row.GetInt64(0), cancellationToken)).Count > 0)
            {
                output.WriteLine($"{node.Name} was held up, and nobody took its place.");
                await node.Process.TerminateAsync(cancellationToken);
                await node.Process.WaitForExitAsync(TimeSpan.FromSeconds(60), cancellationToken);
                break;
            }

            await Task.Delay(50, cancellationToken);
        }

        await node.RestartAsync(cancellationToken);
    }

    /// <summary>Does so at a step, where a node comes to it: any does.</summary>
    private async Task PauseAtAsync(string step, ClusterNode node, CancellationToken cancellationToken)
    {
        node.Steps.PauseAt(step, 1);
        var begun = Stopwatch.GetTimestamp();
        while (!node.Steps.IsPaused && Stopwatch.GetElapsedTime(begun) < StepLimit) await Task.Delay(10, cancellationToken);
        if (!node.Steps.IsPaused) output.WriteLine($"{node.Name} did not come to {step} within {StepLimit.TotalSeconds} s, and is held up where it is.");
        await PauseAsync(node, cancellationToken);
    }

    private async Task StopAsync(ClusterNode node, CancellationToken cancellationToken)
    {
        var had = await RunningAsync(node.Name, cancellationToken);
        node.Leave();
        await node.Process.TerminateAsync(cancellationToken);
        if (had.Count > 0)
        {
            _handedOver.Add(await UntilElsewhereAsync(node.Name, had, cancellationToken));
            output.WriteLine($"{node.Name} was told to stop, and an import of it ran elsewhere after {_handedOver[^1]:F2} s.");
        }

        await node.Process.WaitForExitAsync(TimeSpan.FromSeconds(60), cancellationToken);
        await node.RestartAsync(cancellationToken);
    }

    /// <summary>Restarts one node after the other, as the other build where there is one.</summary>
    private async Task RollAsync(ClusterNode node, CancellationToken cancellationToken)
    {
        foreach (var next in _nodes)
        {
            if (options.OtherBuild is { } other) next.Program = next.Program == ServerProcess.Built ? Path.Combine(other, "eis.dll") : ServerProcess.Built;
            using var hold = next == node ? null : await next.HoldAsync(cancellationToken);
            await StopAsync(next, cancellationToken);
        }
    }

    /// <summary>Restarts a node with a clock that is ten minutes ahead, or behind, or right again.</summary>
    private async Task SkewAsync(ClusterNode node, CancellationToken cancellationToken)
    {
        node.Skew = node.Skew != TimeSpan.Zero && _random.Next(3) == 0 ? TimeSpan.Zero : TimeSpan.FromMinutes(_random.Next(2) == 0 ? 10 : -10);
        await StopAsync(node, cancellationToken);
    }

    private async Task CutAsync(ClusterNode node, IReadOnlyList<ClusterPlace> places, bool requests, bool answers, CancellationToken cancellationToken)
    {
        foreach (var place in places)
        {
            if (requests) await ClusterNetwork.CutAsync(node.Place, place);
            if (answers) await ClusterNetwork.CutAsync(place, node.Place);
        }

        await Task.Delay(BeyondLease * (0.3 + _random.NextDouble()), cancellationToken);
        foreach (var place in places)
        {
            if (requests) await ClusterNetwork.MendAsync(node.Place, place);
            if (answers) await ClusterNetwork.MendAsync(place, node.Place);
        }
    }

    private async Task FillDiskAsync(ClusterNode node, CancellationToken cancellationToken)
    {
        var filler = Path.Combine(node.Disk, "filler");
        var file = new FileStream(filler, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        try
        {
            while (true) file.Write(new byte[4096]);
        }
        catch (IOException)
        {
            // It is full.
        }

        await Task.Delay(BeyondLease * (0.3 + _random.NextDouble()), cancellationToken);
        await file.DisposeAsync();
        File.Delete(filler);
    }

    private async Task CrashDatabaseAsync(ClusterNode node, CancellationToken cancellationToken)
    {
        _database.Crash();
        await Task.Delay(TimeSpan.FromSeconds(_random.NextDouble() * 2), cancellationToken);
        _database.Restart();
    }

    /// <summary>Has the standby take the place of a server that has crashed, and that one follow it some time later.</summary>
    private async Task PromoteAsync(ClusterNode node, CancellationToken cancellationToken)
    {
        _database.Crash();
        await Task.Delay(TimeSpan.FromSeconds(_random.NextDouble()), cancellationToken);
        _database.Promote();
        await Task.Delay(BeyondLease * _random.NextDouble(), cancellationToken);
        _database.Refollow();
    }

    /// <summary>Looks again and again whether more imports run than may.</summary>
    private async Task WatchPlacesAsync(CancellationToken ending, CancellationToken cancellationToken)
    {
        while (!ending.IsCancellationRequested)
        {
            await Task.Delay(100, cancellationToken);
            try
            {
                var running = (await QueryAsync("SELECT count(*) FROM eis.lease WHERE import IS NOT NULL", row => row.GetInt64(0), cancellationToken))[0];
                if (running > ClusterNode.Most) throw new FindingException(FindingKind.Wrong, $"{running} imports run, though {ClusterNode.Most} may.");
            }
            catch (NpgsqlException)
            {
                // The server is down: it is asked again.
            }
        }
    }

    private async Task JudgeAsync(List<ClusterLane> lanes, CancellationToken cancellationToken)
    {
        var kept = await QueryAsync("SELECT entity, id, state FROM eis.import ORDER BY sequence", row => (Entity: row.GetString(0), Id: row.GetGuid(1), State: row.GetString(2)), cancellationToken);
        foreach (var lane in lanes)
            await lane.JudgeAsync([.. kept.Where(import => import.Entity.Equals(lane.Entity, StringComparison.OrdinalIgnoreCase)).Select(import => (import.Id, import.State))], cancellationToken);
        await DatabaseJudge.JudgeAsync(_database.PrimaryConnectionString, cancellationToken);
        var until = DateTime.UtcNow + TimeSpan.FromMinutes(1);
        while (true)
        {
            var held = await QueryAsync("SELECT name FROM eis.lease WHERE import IS NOT NULL OR head IS NOT NULL", row => row.GetString(0), cancellationToken);
            var left = held.Count > 0 ? $"The lease of {held[0]} is held, or says that something waits." : await DatabaseJudge.FindLeftAsync(_database.PrimaryConnectionString, cancellationToken);
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
        await using var source = NpgsqlDataSource.Create(_database.PrimaryConnectionString);
        await using var command = source.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken)) rows.Add(map(reader));
        return rows;
    }
}
