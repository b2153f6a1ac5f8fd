namespace EntityImport.Catalog;

/// <summary>One stored CSV file, bound to one mapping. Immutable.</summary>
public sealed record Upload
{
    /// <summary>The upload's id.</summary>
    public required Guid Id { get; init; }

    /// <summary>The mapping that it is read by.</summary>
    public required Guid MappingId { get; init; }

    /// <summary>The name that the client gave the file, without folders; null where it gave none.</summary>
    public string? FileName { get; init; }

    /// <summary>The IANA name of the charset that the request stated for the file, which counts where the mapping states no encoding; null where it stated none.</summary>
    public string? Charset { get; init; }

    /// <summary>Size in bytes, after decompression.</summary>
    public required long Size { get; init; }

    /// <summary>SHA-256 of the bytes, in lower-case hexadecimal.</summary>
    public required string Sha256 { get; init; }

    /// <summary>Who sent it, as <see cref="Access.Caller.Id"/> has it; null where callers are not told apart.</summary>
    public string? SentBy { get; init; }

    /// <summary>When it was complete.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the file was deleted because its time was over; null while it is there.</summary>
    public DateTimeOffset? ExpiredAt { get; init; }
}
