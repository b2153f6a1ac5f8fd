using System.Diagnostics;
using EntityImport.Client;
using EntityImport.Testing;

namespace EntityImport.Bench.Torture;

/// <summary>Lets a service import, kills it, starts it again and compares it with the model, again and again.</summary>
internal sealed class TortureRun
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan BatchLimit = TimeSpan.FromSeconds(120);

    /// <summary>The steps that an import takes again after a restart.</summary>
    private static readonly string[] StepsOfRecovery = [.. FaultStep.OfService.SkipWhile(step => step != FaultStep.ImportRunning)];

    private readonly TortureOptions _options;
    private readonly string _data;
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
        _data = Path.Combine(work, "data");
        _log = Path.Combine(work, "server.log");
        _steps = new StepTrace(Path.Combine(work, "steps"));
        _workload = new Workload(options);
        _settlement = new Settlement(_data, _lanes, tally);
    }

    /// <summary>Kills as often as asked.</summary>
    /// <exception cref="FindingException">The service broke a promise.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using (var server = Start())
        {
            var client = await server.ConnectAsync(cancellationToken);
            foreach (var lane in _lanes) await lane.DeclareAsync(client, cancellationToken);
        }

        while (_tally.Kills < _options.Kills)
        {
            // What is drawn depends on nothing that depends on time.
            var random = new Random(unchecked((_options.Seed * 397) ^ _tally.Kills));
            await using var server = Start();
            if (_options.Steps) await KillAtStepAsync(server, random, cancellationToken);
            else await KillAtMomentAsync(server, random, cancellationToken);
            _tally.AddKill(_steps.Phases(server.IsReady));
            if (_tally.Kills % 10 == 0 || _tally.Kills == _options.Kills)
                _output.WriteLine($"{_tally.Kills} of {_options.Kills} kills, {_tally.Imports} imports checked, {_tally.Resumed} of them ran again.");
        }

        await using var last = Start();
        var connected = await last.ConnectAsync(cancellationToken);
        await _settlement.CheckAsync(connected, _ => false, cancellationToken);
        await _settlement.CheckAllAsync(connected, cancellationToken);
    }

    private ServerProcess Start() => ServerProcess.Start(_data, _log, _steps, _options.Break);

    private async Task KillAtMomentAsync(ServerProcess server, Random random, CancellationToken cancellationToken)
    {
        var begun = Stopwatch.GetTimestamp();
        if (random.Next(4) == 0 && !_isUnchecked)
        {
            _isUnchecked = true;
            // While it starts, and while what was unfinished runs again: nothing is compared before the next start.
            await Task.Delay(TimeSpan.FromMilliseconds(random.NextDouble() * (_start + 1000)), cancellationToken);
            await server.KillAsync();
            return;
        }

        var client = await server.ConnectAsync(cancellationToken);
        _start = (_start * 0.8) + (Stopwatch.GetElapsedTime(begun).TotalMilliseconds * 0.2);
        var retry = random.Next(2) == 0;
        await _settlement.CheckAsync(client, _ => retry, cancellationToken);
        _isUnchecked = false;
        var batch = _workload.DrawBatch(random, _lanes);
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
        await server.KillAsync();
        await running;
    }

    private async Task KillAtStepAsync(ServerProcess server, Random random, CancellationToken cancellationToken)
    {
        var step = FaultStep.OfService[_tally.Kills % FaultStep.OfService.Count];
        var mayRecover = random.Next(4) == 0 && !_isUnchecked && StepsOfRecovery.Contains(step);
        if (mayRecover) _steps.PauseAt(step, 1);
        using var watching = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var paused = WaitForPauseAsync(watching.Token);
        var client = await server.ConnectAsync(cancellationToken);
        try
        {
            using var checking = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var check = _settlement.CheckAsync(client, _ => true, checking.Token);
            if (await Task.WhenAny(check, paused) == paused)
            {
                await checking.CancelAsync();
                await check.ContinueWith(_ => { }, TaskScheduler.Default);
                _isUnchecked = true;
                await server.KillAsync();
                return;
            }

            await check;
            _isUnchecked = false;
            if (!mayRecover) _steps.PauseAt(step, random.Next(1, 3));
            for (var batches = 0; batches < 4; batches++)
            {
                var running = RunBatchAsync(server, client, _workload.DrawEveryKind(random, _lanes), cancellationToken);
                if (await Task.WhenAny(running, paused) != paused)
                {
                    await running;
                    continue;
                }

                await Task.Delay(TimeSpan.FromMilliseconds(random.Next(50)), cancellationToken);
                await server.KillAsync();
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

    /// <summary>Uploads and imports; ends when all imports have ended, or the service was killed.</summary>
    private async Task RunBatchAsync(
        ServerProcess server, EntityImportClient client, IReadOnlyList<(Lane Lane, PlannedImport Import)> batch, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(BatchLimit);
        await Task.WhenAll(batch.GroupBy(drawn => drawn.Lane).Select(lane => Task.Run(
            async () =>
            {
                try
                {
                    foreach (var (_, planned) in lane) await InvokeAsync(client, lane.Key, planned, limit.Token);
                    foreach (var (_, planned) in lane) await client.WaitAsync(planned.ImportId!.Value, BatchLimit, limit.Token);
                }
                catch (HttpRequestException) when (server.IsKilled)
                {
                    // The answer is lost; what has happened is found out after the restart.
                }
                catch (Exception exception) when (exception is TimeoutException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
                {
                    throw new FindingException(FindingKind.Stuck, $"{lane.Key.Entity}: not all of {string.Join("; ", lane.Select(drawn => drawn.Import))} have ended within {BatchLimit}.");
                }
                catch (Exception exception) when (exception is HttpRequestException or EntityImportProblemException)
                {
                    throw new FindingException(FindingKind.Wrong, $"{lane.Key.Entity}: {exception.Message}");
                }
            },
            cancellationToken)));
    }

    private async Task InvokeAsync(EntityImportClient client, Lane lane, PlannedImport planned, CancellationToken cancellationToken)
    {
        try
        {
            using var content = new MemoryStream(planned.File.Bytes);
            planned.UploadId = await client.UploadAsync(lane.Mappings[planned.Kind], content, $"{lane.Entity}.csv", cancellationToken);
        }
        catch (HttpRequestException)
        {
            _settlement.AddLostUpload(planned.File);
            throw;
        }

        _settlement.AddUpload(planned.UploadId.Value, planned.File);
        lane.Unsettled.Add(planned);
        planned.ImportId = await client.ImportAsync(planned.UploadId.Value, cancellationToken);
    }
}
