namespace EntityImport;

/// <summary>What is wrong with a request; each maps to one HTTP status.</summary>
public enum FaultKind
{
    /// <summary>The request is malformed or contradicts itself: 400.</summary>
    Invalid,

    /// <summary>It does not tell who its caller is, or not so that it can be believed: 401.</summary>
    Unauthenticated,

    /// <summary>Its caller may not do that: 403.</summary>
    Forbidden,

    /// <summary>What it names does not exist: 404.</summary>
    NotFound,

    /// <summary>It cannot be done in the present state: 409.</summary>
    Conflict,

    /// <summary>It was there, and its time is over: 410.</summary>
    Gone,

    /// <summary>What it is about is not what its caller has seen any more: 412.</summary>
    Outdated,

    /// <summary>The file is larger than allowed: 413.</summary>
    TooLarge,

    /// <summary>What was sent is not a CSV file: 415.</summary>
    NotAFile,

    /// <summary>It is not the request that its key stands for: 422.</summary>
    Mismatch,

    /// <summary>Its caller has asked for too much: 429.</summary>
    TooMany,

    /// <summary>What the service has kept for the caller is damaged: 500.</summary>
    Damaged,

    /// <summary>The service cannot take more at the moment: 503.</summary>
    Busy,

    /// <summary>The disk is full: 507.</summary>
    OutOfSpace,
}

/// <summary>One fault of a request.</summary>
/// <param name="Path">Where it is, as a JSON path from the body's root: <c>definition.fields[2].systemName</c>; empty for the body as a whole.</param>
/// <param name="Message">What is wrong and what was expected, as a sentence.</param>
public sealed record RequestFault(string Path, string Message);

/// <summary>A request that was refused, with its faults. Nothing has changed.</summary>
public sealed class RequestException : Exception
{
    /// <summary>Refuses a request.</summary>
    /// <param name="kind">What is wrong.</param>
    /// <param name="type">The stable name of the problem: <c>upload-already-imported</c>.</param>
    /// <param name="message">What is wrong, as a sentence for the caller.</param>
    /// <param name="faults">The single faults, for validation.</param>
    public RequestException(FaultKind kind, string type, string message, IReadOnlyList<RequestFault>? faults = null)
        : base(ShownText.Fit(message, Limits.MessageCharacters))
    {
        Kind = kind;
        Type = type;
        Faults = faults ?? [];
    }

    /// <summary>What is wrong.</summary>
    public FaultKind Kind { get; }

    /// <summary>The stable name of the problem.</summary>
    public string Type { get; }

    /// <summary>When to try again; null where that is not known, or of no use.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Where the next byte of a file that comes piece by piece belongs; null where the refusal is about something else.</summary>
    public long? UploadOffset { get; init; }

    /// <summary>The single faults, in the order in which they were found; empty unless the request was invalid. Where there are more, the message tells how many.</summary>
    public IReadOnlyList<RequestFault> Faults { get; }

    /// <summary>A request whose body is invalid, with every fault.</summary>
    public static RequestException Invalid(IReadOnlyList<RequestFault> faults)
    {
        ArgumentNullException.ThrowIfNull(faults);
        var message = faults.Count == 1 ? faults[0].Message : $"The request has {faults.Count} faults.";
        return new RequestException(FaultKind.Invalid, "validation", message, faults);
    }

    /// <summary>A request that is invalid, with the faults that are told and the number of all.</summary>
    /// <param name="faults">The faults, at least one.</param>
    /// <param name="type">The stable name of the problem.</param>
    public static RequestException Invalid(RequestFaults faults, string type = "validation")
    {
        ArgumentNullException.ThrowIfNull(faults);
        return new RequestException(FaultKind.Invalid, type, faults.Count == 1 ? faults.Told[0].Message : $"The request has {faults}.", faults.Told);
    }
}
