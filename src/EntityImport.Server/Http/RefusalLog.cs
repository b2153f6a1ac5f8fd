using EntityImport.Api;
using EntityImport.Server.Hosting;

namespace EntityImport.Server.Http;

/// <summary>
/// Notes refused requests in the log: a line for each, cut and encoded, and no more than <see cref="LinesPerMinute"/>, so that an attack leaves a trace but does
/// not fill the disk. Thread-safe.
/// </summary>
internal sealed class RefusalLog(ILogger<RefusalLog> log, TimeProvider time)
{
    /// <summary>The most lines in a minute; how many there would have been more, the next minute's first refusal tells.</summary>
    public const int LinesPerMinute = 100;

    private readonly Allowance _lines = new(LinesPerMinute, TimeSpan.FromMinutes(1), time);

    /// <summary>Notes a refusal.</summary>
    /// <param name="method">The request's method, as sent.</param>
    /// <param name="path">The request's path, percent-encoded.</param>
    /// <param name="problem">What it was answered with.</param>
    public void Note(string method, string path, Problem problem)
    {
        if (!_lines.TryTake(out var unsaid)) return;
        if (unsaid > 0) log.LogWarning("{Count} more requests were refused; at most {Lines} a minute are told", unsaid, LinesPerMinute);
        log.LogInformation("{Method} {Path} was refused: {Status} {Problem} ({Trace})", Refusal.Cut(method), Refusal.Cut(path), problem.Status, problem.Type, problem.Instance);
    }
}
