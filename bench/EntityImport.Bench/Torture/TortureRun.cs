using System.Diagnostics;
using System.Net;
using EntityImport.Client;
using EntityImport.Storage.Tests;
using EntityImport.Testing;
using Npgsql;

namespace EntityImport.Bench.Torture;

/// <summary>Lets a service import, hits it, has it go on and compares it with the model, again and again.</summary>
internal sealed class TortureRun
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan BatchLimit = TimeSpan.FromSeconds(120);

    /// <summary>How long a service may take to answer again once its database does, and to notice that another one has its place.</summary>
    private static readonly TimeSpan NoticeLimit = TimeSpan.FromSeconds(60);

    /// <summary>After how many blows the embedded store is looked into.</summary>
    private const int BlowsToJudge = 10;

    /// <summary>The steps that an import takes again after a restart.</summary>
    private static readonly string[] StepsOfRecovery = [.. FaultStep.OfService.SkipWhile(step => step != FaultStep.ImportRunning)];

    /// <summary>The steps of what has had its time, which the service takes as soon as it starts.</summary>
    private static readonly string[] StepsOfExpiry = [FaultStep.PlanExpired, FaultStep.BeforeDropping, FaultStep.BeforeDropped];

    private readonly TortureOptions _options;
    private readonly IReadOnlyList<string> _at;
    private readonly string _work;
    private readonly string _data;
    private readonly string _copy;
    private readonly string _log;
    private readonly StepTrace _steps;
    private readonly Tally _tally;
    private readonly Settlement _settlement;
    private readonly Workload _workload;
    private readonly TextWriter _output;
    private readonly PostgresServer? _server;
    private readonly string? _database;
    private readonly IReadOnlyList<Lane> _lanes =
    [
        new("bulk", hasKey: true, isLarge: true),
        new("prices", hasKey: true, isLarge: false),
        new("stock", hasKey: true, isLarge: false),
        new("events", hasKey: false, isLarge: false),
    ];

    /// <summary>About how long a batch and a start take, in milliseconds; learnt on the way.</summary>
    private double _batch = 1500;
    private double _start = 1500;

    /// <summary>Whether the last kill came before what the one before it had interrupted was compared. Two of them in a row would be as many as one import may fail at.</summary>
    private bool _isUnchecked = true;

    /// <param name="options">What is asked for.</param>
    /// <param name="work">The folder for data, log and steps.</param>
    /// <param name="tally">Where it is counted.</param>
    /// <param name="output">Where it is told how far it is.</param>
    /// <param name="server">The server with the database of the service's store, which is stopped; null where nothing is.</param>
    public TortureRun(TortureOptions options, string work, Tally tally, TextWriter output, PostgresServer? server)
    {
        _options = options;
        _tally = tally;
        _output = output;
        _server = server;
        _database = server?.ConnectionString ?? options.Postgres;
        _at = options.At.Count > 0 ? options.At : _database is null ? FaultStep.OfService : [.. FaultStep.OfService, .. FaultStep.OfPostgres];
        _work = work;
        _data = Path.Combine(work, "data");
        _copy = Path.Combine(work, "copy.duckdb");
        _log = Path.Combine(work, "server.log");
        _steps = new StepTrace(Path.Combine(work, "steps"));
        _workload = new Workload(options);
        _settlement = new Settlement(_lanes, tally) { Data = _data, Database = _database };
    }

    private bool IsByStep => _options.Steps || _options.At.Count > 0;

    /// <summary>Hits it as often as asked.</summary>
    /// <exception cref="FindingException">The service broke a promise.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using (var server = Start(letsExpire: false))
        {
            var client = await server.ConnectAsync(cancellationToken);
            foreach (var lane in _lanes) await lane.DeclareAsync(client, cancellationToken);
        }

        var blows = Enumerable.Repeat(Blow.Kill, _options.Kills).Concat(Enumerable.Repeat(Blow.Stop, _options.Stops)).Concat(Enumerable.Repeat(Blow.Pause, _options.Pauses)).ToArray();
        new Random(_options.Seed).Shuffle(blows);
        while (_tally.Blows < blows.Length)
        {
            // What is drawn depends on nothing that depends on time.
            var random = new Random(unchecked((_options.Seed * 397) ^ _tally.Blows));
            await (blows[_tally.Blows] switch
            {
                Blow.Stop => StopAsync(random, cancellationToken),
                Blow.Pause => PauseAsync(random, cancellationToken),
                _ when IsByStep => KillAtStepAsync(random, cancellationToken),
                _ => KillAtMomentAsync(random, cancellationToken),
            });
            if (_tally.Blows % BlowsToJudge == 0) JudgeStore();
            if (_tally.Blows % 10 == 0 || _tally.Blows == blows.Length)
                _output.WriteLine($"{_tally.Blows} of {blows.Length} blows, {_tally.Imports} imports checked, {_tally.Resumed} of them ran again.");
        }

        await using var last = Start(letsExpire: false);
        var connected = await last.ConnectAsync(cancellationToken);
        await _settlement.CheckAsync(connected, retry: false, letsExpire: false, isStarted: true, cancellationToken);
        await _settlement.CheckAllAsync(connected, cancellationToken);
        await last.KillAsync();
        JudgeStore();
    }

    /// <summary>Starts the service.</summary>
    /// <param name="letsExpire">Whether plans, and what is kept for undos, hardly have any time.</param>
    private ServerProcess Start(bool letsExpire)
    {
        if (letsExpire) LetExpire();
        return ServerProcess.Start(_data, _log, _steps, _options.Break, _database, letsExpire ? ["keepPlansDays=0.00000001", "keepBeforeDays=0.00000001"] : []);
    }

    private void LetExpire()
    {
        foreach (var lane in _lanes) lane.LetExpire();
    }

    private async Task KillAsync(ServerProcess server, bool letsExpire)
    {
        await server.KillAsync();
        if (letsExpire) LetExpire();
        _tally.Add(Blow.Kill, _steps.Phases(server.IsReady));
    }

    private void JudgeStore()
    {
        // A database is looked into with each check: nobody has it alone before the service has swept it.
        if (_database is not null) return;
        StoreJudge.Judge(Path.Combine(_data, "store.duckdb"), _copy);
        _tally.StoresJudged++;
    }

    private async Task KillAtMomentAsync(Random random, CancellationToken cancellationToken)
    {
        var letsExpire = random.Next(8) == 0;
        await using var server = Start(letsExpire);
        var begun = Stopwatch.GetTimestamp();
        if (random.Next(4) == 0 && !_isUnchecked)
        {
            _isUnchecked = true;
            // While it starts, and while what was unfinished runs again: nothing is compared before the next start.
            await Task.Delay(TimeSpan.FromMilliseconds(random.NextDouble() * (_start + 1000)), cancellationToken);
            await KillAsync(server, letsExpire);
            return;
        }

        var client = await server.ConnectAsync(cancellationToken);
        _start = (_start * 0.8) + (Stopwatch.GetElapsedTime(begun).TotalMilliseconds * 0.2);
        var retry = random.Next(2) == 0;
        await _settlement.CheckAsync(client, retry, letsExpire, isStarted: true, cancellationToken);
        _isUnchecked = false;
        var running = await RunToMomentAsync(server, client, random, withUndos: !letsExpire, cancellationToken);
        await KillAsync(server, letsExpire);
        await running;
    }

    /// <summary>Begins a batch, and waits for a moment in it.</summary>
    private async Task<Task> RunToMomentAsync(ServerProcess server, EntityImportClient client, Random random, bool withUndos, CancellationToken cancellationToken)
    {
        var batch = _workload.DrawBatch(random, _lanes, withUndos);
        var begun = Stopwatch.GetTimestamp();
        var running = RunBatchAsync(server, client, batch, cancellationToken);
        if (random.Next(2) == 0)
        {
            await Task.WhenAny(running, Task.Delay(TimeSpan.FromMilliseconds(random.NextDouble() * _batch * 1.1), cancellationToken));
        }
        else
        {
            // Shortly after a step, so that short phases are hit as often as long ones.
            var step = FaultStep.OfService[random.Next(FaultStep.OfService.Count)];
            while (!running.IsCompleted && !_steps.HasReached(step)) await Task.Delay(Poll, cancellationToken);
            await Task.WhenAny(running, Task.Delay(TimeSpan.FromMilliseconds(random.NextDouble() * 20), cancellationToken));
        }

        if (running.IsCompleted) _batch = (_batch * 0.8) + (Stopwatch.GetElapsedTime(begun).TotalMilliseconds * 0.2);
        return running;
    }

    private async Task KillAtStepAsync(Random random, CancellationToken cancellationToken)
    {
        var step = _at[_tally.Blows % _at.Count];
        var letsExpire = StepsOfExpiry.Contains(step);
        if (letsExpire) await PrepareExpiryAsync(random, cancellationToken);
        var mayRecover = letsExpire || (random.Next(4) == 0 && !_isUnchecked && StepsOfRecovery.Contains(step));
        await using var server = Start(letsExpire);
        if (mayRecover) _steps.PauseAt(step, 1);
        using var watching = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var paused = WaitForPauseAsync(watching.Token);
        var client = await server.ConnectAsync(cancellationToken);
        try
        {
            using var checking = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var check = _settlement.CheckAsync(client, retry: true, letsExpire, isStarted: true, checking.Token);
            if (await Task.WhenAny(check, paused) == paused)
            {
                await checking.CancelAsync();
                await check.ContinueWith(_ => { }, TaskScheduler.Default);
                _isUnchecked = true;
                await KillAsync(server, letsExpire);
                return;
            }

            await check;
            _isUnchecked = false;
            if (!mayRecover) _steps.PauseAt(step, random.Next(1, 3));
            var running = await RunToStepAsync(server, client, random, step, paused, withUndos: !letsExpire, cancellationToken);
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(50)), cancellationToken);
            await KillAsync(server, letsExpire);
            await running;
        }
        finally
        {
            await watching.CancelAsync();
        }
    }

    /// <summary>Begins batches until the service stays at a step that it was asked to stay at.</summary>
    private async Task<Task> RunToStepAsync(ServerProcess server, EntityImportClient client, Random random, string step, Task paused, bool withUndos, CancellationToken cancellationToken)
    {
        for (var batches = 0; batches < 4; batches++)
        {
            var running = RunBatchAsync(server, client, _workload.DrawEveryKind(random, _lanes, withUndos), cancellationToken);
            if (await Task.WhenAny(running, paused) == paused) return running;
            await running;
        }

        throw new InvalidOperationException($"No import came to the step {step}.");
    }

    /// <summary>Begins a batch, and waits for a moment in it, or for a step at which the service stays then.</summary>
    private async Task<Task> RunToBlowAsync(ServerProcess server, EntityImportClient client, Random random, int fenced, CancellationToken cancellationToken)
    {
        var steps = _at.Except(StepsOfExpiry).ToList();
        // The most delicate moment of all is so short that it is hardly ever hit.
        var step = IsByStep ? steps[_tally.Blows % steps.Count] : random.Next(fenced) == 0 ? FaultStep.OfPostgres[random.Next(FaultStep.OfPostgres.Count)] : null;
        if (step is null) return await RunToMomentAsync(server, client, random, withUndos: true, cancellationToken);
        _steps.PauseAt(step, random.Next(1, 3));
        using var watching = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            return await RunToStepAsync(server, client, random, step, WaitForPauseAsync(watching.Token), withUndos: true, cancellationToken);
        }
        finally
        {
            await watching.CancelAsync();
        }
    }

    /// <summary>Stops the database's server as by a crash, and starts it again; the service has to go on by itself.</summary>
    private async Task StopAsync(Random random, CancellationToken cancellationToken)
    {
        await using var server = ServerProcess.Start(_data, _log, _steps, _options.Break, _database, "retryPauseSeconds=1");
        var client = await server.ConnectAsync(cancellationToken);
        await _settlement.CheckAsync(client, retry: random.Next(2) == 0, letsExpire: false, isStarted: true, cancellationToken);
        _isUnchecked = false;
        var running = await RunToBlowAsync(server, client, random, fenced: 3, cancellationToken);
        server.WasWithoutStore = true;
        foreach (var plan in _lanes.SelectMany(lane => lane.Plans).Where(plan => !plan.IsSettled)) plan.MayHaveFailed = true;
        _server!.Stop();
        _tally.Add(Blow.Stop, _steps.Phases(server.IsReady));
        _steps.Release();
        await Task.Delay(random.Next(3) * random.Next(1000), cancellationToken);
        _server.Start();
        await WaitForAsync(server, "/health/ready", HttpStatusCode.OK, "The service does not answer again, though its database does", cancellationToken);
        await running;
        // It is the same process that has all imports end, and leaves nothing; but for files of uploads of which it could not find out whether the catalog has them.
        await _settlement.CheckAsync(client, retry: random.Next(2) == 0, letsExpire: false, isStarted: false, cancellationToken);
        await server.KillAsync();
    }

    /// <summary>Holds the service up until another one has its place, on a copy of its files; then it goes on, and must not write anything.</summary>
    private async Task PauseAsync(Random random, CancellationToken cancellationToken)
    {
        await using var held = Start(letsExpire: false);
        var client = await held.ConnectAsync(cancellationToken);
        await _settlement.CheckAsync(client, retry: random.Next(2) == 0, letsExpire: false, isStarted: true, cancellationToken);
        _isUnchecked = false;
        var running = await RunToBlowAsync(held, client, random, fenced: 6, cancellationToken);
        await held.SuspendAsync(cancellationToken);
        _tally.Add(Blow.Pause, _steps.Phases(held.IsReady));
        await running;
        var data = Path.Combine(_work, "data-next");
        await CopyFilesAsync(_data, data, cancellationToken);
        if (!_options.WaitsForLease) await EndLeaseAsync(cancellationToken);

        await using (var next = ServerProcess.Start(data, _log, new StepTrace(Path.Combine(_work, "steps-next")), _options.Break, _database))
        {
            _settlement.Data = data;
            var connected = await next.ConnectAsync(cancellationToken);
            // While the other one does what was unfinished, or when that, and more, is done.
            var wakesEarly = random.Next(2) == 0;
            if (wakesEarly) await WakeAsync(held, cancellationToken);
            await _settlement.CheckAsync(connected, retry: random.Next(2) == 0, letsExpire: false, isStarted: true, cancellationToken);
            await RunBatchAsync(next, connected, _workload.DrawBatch(random, _lanes, withUndos: true), cancellationToken);
            await _settlement.CheckAsync(connected, retry: false, letsExpire: false, isStarted: true, cancellationToken);
            if (!wakesEarly) await WakeAsync(held, cancellationToken);
            await WaitForAsync(held, "/health/live", HttpStatusCode.ServiceUnavailable, "The service that was held up does not notice that another one has its place", cancellationToken);
            await _settlement.CheckAsync(connected, retry: false, letsExpire: false, isStarted: true, cancellationToken);
            await _settlement.CheckAllAsync(connected, cancellationToken);
            await RefuseAsync(client, cancellationToken);
            await next.KillAsync();
        }

        await held.DisposeAsync();
        Directory.Delete(_data, recursive: true);
        Directory.Move(data, _data);
        _settlement.Data = _data;
    }

    private async Task WakeAsync(ServerProcess held, CancellationToken cancellationToken)
    {
        _steps.Release();
        await held.ResumeAsync(cancellationToken);
    }

    /// <summary>A service that has lost its place takes nothing.</summary>
    private async Task RefuseAsync(EntityImportClient held, CancellationToken cancellationToken)
    {
        try
        {
            await held.CreateMappingAsync(_lanes[0].Entity, cancellationToken: cancellationToken);
        }
        catch (EntityImportProblemException problem) when (problem.StatusCode == HttpStatusCode.ServiceUnavailable)
        {
            return;
        }

        throw new FindingException(FindingKind.Wrong, "The service that was held up has made a mapping, though another one has its place.");
    }

    /// <summary>Copies a data directory as it would be found on a disk that is given to another machine.</summary>
    private static async Task CopyFilesAsync(string from, string to, CancellationToken cancellationToken)
    {
        // .NET would respect the locks of the process that has it. With the same name it would be the same process to the database.
        using var copying = Process.Start("/bin/sh", ["-c", "cp -R \"$0\" \"$1\" && rm \"$1/lock\" \"$1/node\"", from, to]);
        await copying.WaitForExitAsync(cancellationToken);
        if (copying.ExitCode != 0) throw new InvalidOperationException($"{from} cannot be copied.");
    }

    private async Task EndLeaseAsync(CancellationToken cancellationToken)
    {
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(_database) { Pooling = false });
        await using var command = source.CreateCommand("UPDATE eis.lease SET expires_at = '-infinity' WHERE name = 'service'");
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task WaitForAsync(ServerProcess server, string path, HttpStatusCode wanted, string finding, CancellationToken cancellationToken)
    {
        var begun = Stopwatch.GetTimestamp();
        while (await server.GetAsync(path, cancellationToken) != wanted)
        {
            if (Stopwatch.GetElapsedTime(begun) > NoticeLimit) throw new FindingException(FindingKind.Stuck, $"{finding}: {path} was not {(int)wanted} within {NoticeLimit}.");
            await Task.Delay(50, cancellationToken);
        }
    }

    private async Task WaitForPauseAsync(CancellationToken cancellationToken)
    {
        while (!_steps.IsPaused) await Task.Delay(Poll, cancellationToken);
    }

    /// <summary>Has a service make plans and change records whose time is over when the next one starts.</summary>
    private async Task PrepareExpiryAsync(Random random, CancellationToken cancellationToken)
    {
        await using var server = Start(letsExpire: true);
        var client = await server.ConnectAsync(cancellationToken);
        await _settlement.CheckAsync(client, retry: true, letsExpire: true, isStarted: true, cancellationToken);
        _isUnchecked = false;
        await RunBatchAsync(server, client, _workload.DrawEveryKind(random, _lanes, withUndos: false), cancellationToken);
        LetExpire();
    }

    /// <summary>Does what was drawn; ends when all imports and plans have ended, or the service was hit.</summary>
    private async Task RunBatchAsync(ServerProcess server, EntityImportClient client, IReadOnlyList<(Lane Lane, LaneAct Act)> batch, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, server.Left);
        limit.CancelAfter(BatchLimit);
        await Task.WhenAll(batch.GroupBy(drawn => drawn.Lane).Select(lane => Task.Run(
            async () =>
            {
                try
                {
                    await new LaneWork(client, _settlement, lane.Key).DoAsync(lane.Select(drawn => drawn.Act), limit.Token);
                }
                catch (Exception exception) when (exception is HttpRequestException && server.IsKilled || exception is OperationCanceledException && server.Left.IsCancellationRequested
                    || exception is EntityImportProblemException { StatusCode: HttpStatusCode.ServiceUnavailable } && server.WasWithoutStore)
                {
                    // The answer is lost; what has happened is found out later.
                }
                catch (Exception exception) when (exception is TimeoutException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
                {
                    throw new FindingException(FindingKind.Stuck, $"{lane.Key.Entity}: not all of {string.Join("; ", lane.Key.Unsettled)} and {string.Join("; ", lane.Key.Plans)} have ended within {BatchLimit}.");
                }
                catch (Exception exception) when (exception is HttpRequestException or EntityImportProblemException)
                {
                    throw new FindingException(FindingKind.Wrong, $"{lane.Key.Entity}: {exception.Message}");
                }
            },
            cancellationToken)));
    }
}
