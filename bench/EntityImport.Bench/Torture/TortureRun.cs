using System.Diagnostics;
using EntityImport.Client;
using EntityImport.Testing;

namespace EntityImport.Bench.Torture;

/// <summary>Lets a service import, kills it, starts it again and compares it with the model, again and again.</summary>
internal sealed class TortureRun
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan BatchLimit = TimeSpan.FromSeconds(120);

    /// <summary>After how many kills the store is looked into.</summary>
    private const int KillsToJudge = 10;

    /// <summary>The steps that an import takes again after a restart.</summary>
    private static readonly string[] StepsOfRecovery = [.. FaultStep.OfService.SkipWhile(step => step != FaultStep.ImportRunning)];

    /// <summary>The steps of what has had its time, which the service takes as soon as it starts.</summary>
    private static readonly string[] StepsOfExpiry = [FaultStep.PlanExpired, FaultStep.BeforeDropping, FaultStep.BeforeDropped];

    private readonly TortureOptions _options;
    private readonly IReadOnlyList<string> _at;
    private readonly string _data;
    private readonly string _copy;
    private readonly string _log;
    private readonly StepTrace _steps;
    private readonly Tally _tally;
    private readonly Settlement _settlement;
    private readonly Workload _workload;
    private readonly TextWriter _output;
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

    public TortureRun(TortureOptions options, string work, Tally tally, TextWriter output)
    {
        _options = options;
        _tally = tally;
        _output = output;
        _at = options.At.Count > 0 ? options.At : FaultStep.OfService;
        _data = Path.Combine(work, "data");
        _copy = Path.Combine(work, "copy.duckdb");
        _log = Path.Combine(work, "server.log");
        _steps = new StepTrace(Path.Combine(work, "steps"));
        _workload = new Workload(options);
        _settlement = new Settlement(_data, _lanes, tally);
    }

    /// <summary>Kills as often as asked.</summary>
    /// <exception cref="FindingException">The service broke a promise.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using (var server = Start(letsExpire: false))
        {
            var client = await server.ConnectAsync(cancellationToken);
            foreach (var lane in _lanes) await lane.DeclareAsync(client, cancellationToken);
        }

        while (_tally.Kills < _options.Kills)
        {
            // What is drawn depends on nothing that depends on time.
            var random = new Random(unchecked((_options.Seed * 397) ^ _tally.Kills));
            if (_options.Steps || _options.At.Count > 0) await KillAtStepAsync(random, cancellationToken);
            else await KillAtMomentAsync(random, cancellationToken);
            if (_tally.Kills % KillsToJudge == 0) JudgeStore();
            if (_tally.Kills % 10 == 0 || _tally.Kills == _options.Kills)
                _output.WriteLine($"{_tally.Kills} of {_options.Kills} kills, {_tally.Imports} imports checked, {_tally.Resumed} of them ran again.");
        }

        await using var last = Start(letsExpire: false);
        var connected = await last.ConnectAsync(cancellationToken);
        await _settlement.CheckAsync(connected, retry: false, letsExpire: false, cancellationToken);
        await _settlement.CheckAllAsync(connected, cancellationToken);
        await last.KillAsync();
        JudgeStore();
    }

    /// <summary>Starts the service.</summary>
    /// <param name="letsExpire">Whether plans, and what is kept for undos, hardly have any time.</param>
    private ServerProcess Start(bool letsExpire)
    {
        if (letsExpire) LetExpire();
        return ServerProcess.Start(_data, _log, _steps, _options, letsExpire);
    }

    private void LetExpire()
    {
        foreach (var lane in _lanes) lane.LetExpire();
    }

    private async Task KillAsync(ServerProcess server, bool letsExpire)
    {
        await server.KillAsync();
        if (letsExpire) LetExpire();
        _tally.AddKill(_steps.Phases(server.IsReady));
    }

    private void JudgeStore()
    {
        // What is in a database is swept when the service starts, and nobody has it alone before.
        if (_options.Postgres is not null) return;
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
        await _settlement.CheckAsync(client, retry, letsExpire, cancellationToken);
        _isUnchecked = false;
        var batch = _workload.DrawBatch(random, _lanes, withUndos: !letsExpire);
        begun = Stopwatch.GetTimestamp();
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
        await KillAsync(server, letsExpire);
        await running;
    }

    private async Task KillAtStepAsync(Random random, CancellationToken cancellationToken)
    {
        var step = _at[_tally.Kills % _at.Count];
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
            var check = _settlement.CheckAsync(client, retry: true, letsExpire, checking.Token);
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
            for (var batches = 0; batches < 4; batches++)
            {
                var running = RunBatchAsync(server, client, _workload.DrawEveryKind(random, _lanes, withUndos: !letsExpire), cancellationToken);
                if (await Task.WhenAny(running, paused) != paused)
                {
                    await running;
                    continue;
                }

                await Task.Delay(TimeSpan.FromMilliseconds(random.Next(50)), cancellationToken);
                await KillAsync(server, letsExpire);
                await running;
                return;
            }

            throw new InvalidOperationException($"No import came to the step {step}.");
        }
        finally
        {
            await watching.CancelAsync();
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
        await _settlement.CheckAsync(client, retry: true, letsExpire: true, cancellationToken);
        _isUnchecked = false;
        await RunBatchAsync(server, client, _workload.DrawEveryKind(random, _lanes, withUndos: false), cancellationToken);
        LetExpire();
    }

    /// <summary>Does what was drawn; ends when all imports and plans have ended, or the service was killed.</summary>
    private async Task RunBatchAsync(ServerProcess server, EntityImportClient client, IReadOnlyList<(Lane Lane, LaneAct Act)> batch, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(BatchLimit);
        await Task.WhenAll(batch.GroupBy(drawn => drawn.Lane).Select(lane => Task.Run(
            async () =>
            {
                try
                {
                    await new LaneWork(client, _settlement, lane.Key).DoAsync(lane.Select(drawn => drawn.Act), limit.Token);
                }
                catch (HttpRequestException) when (server.IsKilled)
                {
                    // The answer is lost; what has happened is found out after the restart.
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
