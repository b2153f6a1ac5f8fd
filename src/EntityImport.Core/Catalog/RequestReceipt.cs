namespace EntityImport.Catalog;

/// <summary>That a request was carried out: kept in the same commit as what it did, so that it is never carried out twice.</summary>
public sealed record RequestReceipt
{
    /// <summary>What tells the caller from others, whose keys may be the same; null where callers are not told apart.</summary>
    public string? Caller { get; init; }

    /// <summary>The caller's key.</summary>
    public required string Key { get; init; }

    /// <summary>SHA-256 of what was asked for and of the request's content, in lower-case hexadecimal.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>The mapping, upload or import that the answer names; all zero where it names none.</summary>
    public required Guid Subject { get; init; }

    /// <summary>When it was carried out.</summary>
    public required DateTimeOffset DoneAt { get; init; }
}
