using EntityImport.Server.Hosting;

namespace EntityImport.Server.Access;

/// <summary>
/// Tells in the log why credentials were not believed, which their senders are not told: a line for each, with a stable word and nothing of the credential, and no more than
/// <see cref="LinesPerMinute"/>. Thread-safe.
/// </summary>
internal sealed class CredentialLog(ILogger<CredentialLog> log, TimeProvider time)
{
    /// <summary>The most lines in a minute.</summary>
    public const int LinesPerMinute = 100;

    private readonly Allowance _lines = new(LinesPerMinute, TimeSpan.FromMinutes(1), time);

    /// <summary>Tells of a credential that is bad.</summary>
    /// <param name="vouching">The configured environment or issuer that it is of; null where it is of none.</param>
    /// <param name="reason">Why, as a stable word.</param>
    public void Refused(string? vouching, string reason) => Tell("refused", vouching, reason);

    /// <summary>Tells of a credential of which nobody can tell at the moment whether it is good.</summary>
    /// <inheritdoc cref="Refused"/>
    public void Unchecked(string? vouching, string reason) => Tell("not checked", vouching, reason);

    private void Tell(string what, string? vouching, string reason)
    {
        if (!_lines.TryTake(out var unsaid)) return;
        if (unsaid > 0) log.LogWarning("{Count} more credentials were refused; at most {Lines} a minute are told", unsaid, LinesPerMinute);
        log.LogInformation("A credential for {Vouching} was {What}: {Reason}", vouching ?? "nobody known", what, reason);
    }
}
