using System.Diagnostics;
using System.Globalization;
using EntityImport.Bench.Load;
using EntityImport.Bench.Torture;

namespace EntityImport.Bench.Cluster;

/// <summary>The measurements of <c>bench nodes</c>.</summary>
internal static class NodesMeasure
{
    private const string Unfinished = "SELECT count(*) FROM eis.import WHERE state IN ('Queued', 'Running')";

    // It takes longer than a node that is told to stop.
    private const int LongFileRows = 3_000_000;

    private static readonly TimeSpan PollTime = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan OwnerLimit = TimeSpan.FromMinutes(1);

    /// <summary>How many imports a minute one node, two and more bring in, each with its share of a processor.</summary>
    public static async Task ThroughputAsync(NodesOptions options, TextWriter output, CancellationToken cancellationToken)
    {
        output.WriteLine($"{options.Files} files of {options.Rows:N0} rows into {options.Entities} entities:");
        double? first = null;
        foreach (var count in options.Nodes) await MeasuredNodes.UseAsync(options.PostgresBinaries, count, output, nodes => MeasureAsync(nodes, count), cancellationToken);

        async Task MeasureAsync(MeasuredNodes nodes, int count)
        {
            await nodes.DrainAsync(cancellationToken);
            await nodes.QueueAsync(options.Entities, options.Files, options.Rows, cancellationToken);
            var server = await nodes.FindServerAsync();
            await nodes.RunAsync("CHECKPOINT", cancellationToken);
            nodes.HoldToShares();
            var (begun, cpu) = (Stopwatch.GetTimestamp(), server.CpuSeconds());
            await nodes.ResumeAsync(cancellationToken);
            while (await nodes.ReadAsync<long>(Unfinished, cancellationToken) > 0) await Task.Delay(200, cancellationToken);
            var seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;
            var perMinute = options.Files / seconds * 60;
            first ??= perMinute;
            var failed = await nodes.ReadAsync<long>("SELECT count(*) FROM eis.import WHERE state <> 'Succeeded'", cancellationToken);
            if (failed > 0) throw new InvalidOperationException($"{failed} imports did not succeed.");
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {count} nodes: {perMinute:F1} imports a minute, {perMinute / first:F2} × the first; the server took {(server.CpuSeconds() - cpu) / seconds:F2} of its one processor"));
        }
    }

    /// <summary>What a claim costs where many wait, and whether order and turns hold.</summary>
    public static Task QueueAsync(NodesOptions options, TextWriter output, CancellationToken cancellationToken) =>
        MeasuredNodes.UseAsync(options.PostgresBinaries, 3, output, nodes => QueueAsync(nodes, options, output, cancellationToken), cancellationToken);

    private static async Task QueueAsync(MeasuredNodes nodes, NodesOptions options, TextWriter output, CancellationToken cancellationToken)
    {
        output.WriteLine($"{options.Queued:N0} imports of 10 rows into {options.Queues:N0} entities, 3 nodes:");
        await nodes.DrainAsync(cancellationToken);
        await nodes.QueueAsync(options.Queues, options.Queued, 10, cancellationToken);
        var begun = Stopwatch.GetTimestamp();
        await nodes.RunAsync("SELECT pg_stat_statements_reset()", cancellationToken);
        await nodes.ResumeAsync(cancellationToken);
        var left = (long)options.Queued;
        var told = left;
        while (left > 0)
        {
            await Task.Delay(200, cancellationToken);
            left = await nodes.ReadAsync<long>(Unfinished, cancellationToken);
            if (told - left < options.Queued / 5 && left > 0) continue;
            var claim = await nodes.ReadAsync<string>(
                "SELECT round(mean_exec_time::numeric, 3) || ' ms in the mean, ' || round(max_exec_time::numeric, 1) || ' at most, ' || calls || ' times' FROM pg_stat_statements WHERE query LIKE 'WITH me AS%' ORDER BY calls DESC LIMIT 1", cancellationToken);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  while {told:N0} to {left:N0} waited, a claim took {claim}; {Stopwatch.GetElapsedTime(begun).TotalSeconds:F0} s"));
            await nodes.RunAsync("SELECT pg_stat_statements_reset()", cancellationToken);
            told = left;
        }

        // Those of an entity end as they were invoked, and nobody's second before everybody's first but for those that ran side by side.
        var disordered = await nodes.ReadAsync<long>(
            "SELECT count(*) FROM (SELECT (document::json->>'stoppedAt')::timestamptz < lag((document::json->>'stoppedAt')::timestamptz) OVER (PARTITION BY entity ORDER BY sequence) AS early FROM eis.import) i WHERE early", cancellationToken);
        var away = await nodes.ReadAsync<long>(
            "SELECT max(away) FROM (SELECT abs(rank() OVER (ORDER BY (document::json->>'stoppedAt')::timestamptz) - rank() OVER (ORDER BY sequence)) AS away FROM eis.import) i", cancellationToken);
        output.WriteLine($"  {disordered} imports ended before the one ahead of them of their entity had; none ended more than {away:N0} places from its own in the order in which all were invoked.");
    }

    /// <summary>How soon an import runs on another node where its own is killed, and where it is told to stop; with the usual lease.</summary>
    public static Task FailoverAsync(NodesOptions options, TextWriter output, CancellationToken cancellationToken) =>
        MeasuredNodes.UseAsync(options.PostgresBinaries, 3, output, nodes => FailoverAsync(nodes, options.Ends, output, cancellationToken), cancellationToken);

    private static async Task FailoverAsync(MeasuredNodes nodes, int ends, TextWriter output, CancellationToken cancellationToken)
    {
        foreach (var (ended, end) in (IEnumerable<(string, Func<ServerProcess, Task>)>)[("was killed", node => node.KillAsync()), ("was told to stop", node => node.TerminateAsync(cancellationToken))])
        {
            var seconds = new List<double>();
            for (var round = 0; round < ends; round++) seconds.Add(await EndAsync(end));
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"The import of a node that {ended} ran on another one after {seconds.Order().ElementAt(ends / 2):F2} s in the median, {seconds.Max():F2} at most ({ends})."));
        }

        async Task<double> EndAsync(Func<ServerProcess, Task> end)
        {
            await nodes.QueueAsync(1, 1, LongFileRows, cancellationToken);
            var number = await OwnerAsync(owner => owner > 0);
            // Amid its work, at another moment each time.
            await Task.Delay(Random.Shared.Next(100, 2_000), cancellationToken);
            var begun = Stopwatch.GetTimestamp();
            await end(nodes.ProcessOf(number));
            await OwnerAsync(owner => owner > 0 && owner != number);
            var taken = Stopwatch.GetElapsedTime(begun).TotalSeconds;
            await nodes.ProcessOf(number).WaitForExitAsync(TimeSpan.FromSeconds(60), cancellationToken);
            await nodes.RestartAsync(number, cancellationToken);
            var import = await nodes.ReadAsync<Guid>("SELECT id FROM eis.import ORDER BY sequence DESC LIMIT 1", cancellationToken);
            await nodes.Clients[0].CancelAsync(import, cancellationToken);
            while (await nodes.ReadAsync<long>(Unfinished, cancellationToken) > 0) await Task.Delay(50, cancellationToken);
            return taken;
        }

        async Task<int> OwnerAsync(Predicate<int> isAwaited)
        {
            var until = DateTime.UtcNow + OwnerLimit;
            while (true)
            {
                var owner = await nodes.ReadAsync<int>("SELECT coalesce(max(substr(n.name, 6)::int), 0) FROM eis.lease l JOIN eis.node n ON n.id = l.node WHERE l.import IS NOT NULL", cancellationToken);
                if (isAwaited(owner)) return owner;
                if (DateTime.UtcNow > until) throw new InvalidOperationException("No node takes the import.");
                await Task.Delay(5, cancellationToken);
            }
        }
    }

    /// <summary>What asking for the status of imports costs the database's server.</summary>
    public static Task PollsAsync(NodesOptions options, TextWriter output, CancellationToken cancellationToken) =>
        MeasuredNodes.UseAsync(options.PostgresBinaries, 3, output, nodes => PollAsync(nodes, output, cancellationToken), cancellationToken);

    private static async Task PollAsync(MeasuredNodes nodes, TextWriter output, CancellationToken cancellationToken)
    {
        await nodes.QueueAsync(20, 40, 100, cancellationToken);
        while (await nodes.ReadAsync<long>(Unfinished, cancellationToken) > 0) await Task.Delay(200, cancellationToken);
        await nodes.DrainAsync(cancellationToken);
        await nodes.QueueAsync(20, 40, 100, cancellationToken);
        var ids = (await nodes.ReadAsync<Guid[]>("SELECT array_agg(id ORDER BY sequence) FROM eis.import", cancellationToken)).ToList();
        var server = await nodes.FindServerAsync();
        var idle = await CpuShareAsync(() => Task.Delay(PollTime, cancellationToken));
        long answers = 0, failures = 0;
        var asked = await CpuShareAsync(() => Task.WhenAll(nodes.Addresses.Select(address => Task.Run(() =>
        {
            using var load = new HttpLoad(address, 8, []);
            var result = load.Run(PollTime, [.. ids.Select(id => load.Get($"/v1/EntityImport/{id}/status", "{"))]);
            Interlocked.Add(ref answers, result.Answers);
            Interlocked.Add(ref failures, result.Failed);
        }, cancellationToken))));
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"Status of 40 imports that wait and 40 that have ended, of 3 nodes: {answers / PollTime.TotalSeconds:N0} answers a second, {failures} failures; the server took {asked:P2} of a processor, {idle:P2} where nobody asked."));

        async Task<double> CpuShareAsync(Func<Task> run)
        {
            var (begun, cpu) = (Stopwatch.GetTimestamp(), server.CpuSeconds());
            await run();
            return (server.CpuSeconds() - cpu) / Stopwatch.GetElapsedTime(begun).TotalSeconds;
        }
    }
}
