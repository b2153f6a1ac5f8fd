using System.Globalization;

namespace EntityImport.Bench.Hostile;

/// <summary>What an attack did to the service.</summary>
/// <param name="Name">The attack.</param>
/// <param name="Outcome">What was answered.</param>
/// <param name="Elapsed">How long it took.</param>
/// <param name="Peak">The most bytes that the process had; 0 where that is not known.</param>
/// <param name="Slowest">The longest time that it took to say that it lives.</param>
/// <param name="Failures">What else did not hold.</param>
internal sealed record Verdict(string Name, string Outcome, TimeSpan Elapsed, long Peak, TimeSpan Slowest, IReadOnlyList<string> Failures)
{
    /// <summary>The heading of <see cref="ToString"/>.</summary>
    public static string Heading => $"{"attack",-24}{"s",7}{"peak, MB",10}{"live, ms",10}  outcome";

    /// <summary>All that did not hold.</summary>
    public IReadOnlyList<string> Faults =>
    [
        .. Failures,
        .. Peak > HostileRun.MostMemory ? [string.Create(CultureInfo.InvariantCulture, $"more than {HostileRun.MostMemory >> 20:N0} MB")] : Array.Empty<string>(),
        .. Slowest > HostileRun.LongestAnswer ? [string.Create(CultureInfo.InvariantCulture, $"not live within {HostileRun.LongestAnswer.TotalMilliseconds:F0} ms")] : Array.Empty<string>(),
    ];

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Name,-24}{Elapsed.TotalSeconds,7:F1}{Peak >> 20,10:N0}{Slowest.TotalMilliseconds,10:N0}  {Outcome}{(Faults.Count == 0 ? "" : $" - FAULT: {string.Join("; ", Faults)}")}");
}
