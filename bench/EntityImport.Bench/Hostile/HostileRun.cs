using System.Diagnostics;
using System.Globalization;
using EntityImport.Bench.Torture;

namespace EntityImport.Bench.Hostile;

/// <summary>Attacks a service with a managed heap of 300 MB, each time a new one, and measures what that does to it.</summary>
internal static class HostileRun
{
    /// <summary>The most bytes that its process may have: the store's memory, and 500 MB.</summary>
    public const long MostMemory = (1L << 30) + (500L << 20);

    /// <summary>How long it may take to say that it lives, whatever runs.</summary>
    public static readonly TimeSpan LongestAnswer = TimeSpan.FromMilliseconds(100);

    private const long ManagedHeap = 300L << 20;

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan AttackLimit = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan ReadyLimit = TimeSpan.FromSeconds(30);

    /// <summary>Runs one attack.</summary>
    public static async Task<Verdict> RunAsync(Attack attack, double scale, string work, CancellationToken cancellationToken)
    {
        var data = Path.Combine(work, attack.Name);
        Directory.CreateDirectory(data);
        var heap = ManagedHeap.ToString("X", CultureInfo.InvariantCulture);
        try
        {
            await using var server = ServerProcess.Start(data, Path.Combine(work, attack.Name + ".log"), new Dictionary<string, string> { ["DOTNET_GCHeapHardLimit"] = heap });
            var address = await server.WaitForAddressAsync(StartLimit, cancellationToken);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(AttackLimit);
            using var target = new Target(address, scale, limit.Token);
            await WarmAsync(target);
            using var prober = new Prober(address);
            server.Memory.ForgetPeak();
            var begun = Stopwatch.GetTimestamp();
            try
            {
                await attack.RunAsync(target);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                target.Expect(false, $"it does not end within {AttackLimit.TotalMinutes} minutes");
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                // What an attack cannot go on with is the service's answer, or that none came.
                target.Expect(server.HasExited, $"it went wrong: {exception.GetType().Name}, {exception.Message}");
            }

            var elapsed = Stopwatch.GetElapsedTime(begun);
            var (peak, slowest) = (server.Memory.Peak, prober.Stop());
            // A process that is about to end is given the time to.
            for (var wait = 0; wait < 50 && server.Memory.Now == 0 && OperatingSystem.IsLinux() && !server.HasExited; wait++) await Task.Delay(100, cancellationToken);
            if (server.HasExited) target.Expect(false, $"the process ended with {server.ExitCode}");
            else await ExpectReadyAsync(target, cancellationToken);
            return new Verdict(attack.Name, target.Outcome, elapsed, peak, slowest, [.. target.Failures]);
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    /// <summary>Lets the service do once what it will do, so that what is measured is not its first time.</summary>
    private static async Task WarmAsync(Target target)
    {
        await target.DeclareAsync("warm", "id:INTEGER!", "a:STRING");
        var mapping = (await target.MapAsync("warm"))!;
        for (var i = 0; i < 3; i++)
        {
            await target.ImportAsync(mapping, new RepeatedStream("id,a\n1,x\n", "y,x\n", 10), isCounted: false);
            await target.SendAsync(HttpMethod.Get, "/v1/LogicalEntityData/warm", content: null, isCounted: false);
            await target.SendAsync(HttpMethod.Get, "/health/live", content: null, isCounted: false);
        }
    }

    private static async Task ExpectReadyAsync(Target target, CancellationToken cancellationToken)
    {
        using var client = new HttpClient { BaseAddress = target.Address, Timeout = ReadyLimit };
        try
        {
            using var response = await client.GetAsync(new Uri("/health/ready", UriKind.Relative), cancellationToken);
            target.Expect(response.IsSuccessStatusCode, $"it is not ready afterwards ({(int)response.StatusCode})");
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            target.Expect(false, "it does not answer afterwards");
        }
    }
}
