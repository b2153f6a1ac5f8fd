namespace EntityImport.Cli.Services;

/// <summary>A server refuses the caller, is away or answers nonsense.</summary>
/// <param name="message">Why, and what to do.</param>
/// <param name="cause">The cause.</param>
internal sealed class ServiceFailure(string message, Exception cause) : CommandFailure(message, cause)
{
    /// <summary>Whether the service itself has refused the request, so that it has done nothing. Else it may have done what it was asked.</summary>
    public bool IsRefusal { get; init; }

    /// <summary>Whether the same request may succeed a moment later.</summary>
    public bool IsPassing { get; init; }

    /// <summary>How long the service asks to wait; null where it does not say.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
