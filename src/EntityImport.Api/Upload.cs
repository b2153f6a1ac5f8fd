namespace EntityImport.Api;

/// <summary>A file was stored.</summary>
/// <param name="UploadId">The upload's id.</param>
public sealed record UploadCreated(Guid UploadId);

/// <summary>A page of the list of uploads.</summary>
/// <param name="Uploads">The uploads, newest first.</param>
/// <param name="NextCursor">The cursor of the next page; null where there is none.</param>
public sealed record UploadPage(IReadOnlyList<UploadDetails> Uploads, string? NextCursor);

/// <summary>All that is known of an uploaded file.</summary>
/// <param name="UploadId">The upload's id.</param>
/// <param name="MappingId">The mapping that it is read by; null as long as it is bound to none.</param>
/// <param name="File">The file.</param>
/// <param name="CreatedDate">When it was stored; as long as it is not complete, when it was begun.</param>
/// <param name="ExpiredDate">When the file was deleted because its time was over; null while it is there.</param>
public sealed record UploadDetails(Guid UploadId, Guid? MappingId, UploadedFile File, DateTimeOffset CreatedDate, DateTimeOffset? ExpiredDate)
{
    /// <summary>Whether all of the file has arrived.</summary>
    public bool IsComplete { get; init; } = true;

    /// <summary>How many records the last import of it that has ended found; null where none has.</summary>
    public long? Records { get; init; }

    /// <summary>The imports of it, newest first; no undos.</summary>
    public IReadOnlyList<UploadImport> Imports { get; init; } = [];

    /// <summary>When the file's time is over, if nothing more becomes of it; null where it is kept without end, an import of it has not ended, or it was deleted.</summary>
    public DateTimeOffset? ExpiresDate { get; init; }
}

/// <summary>An import of an upload.</summary>
/// <param name="ImportId">The import's id.</param>
/// <param name="EntitySystemName">The entity that it went into.</param>
/// <param name="State">Where it stands.</param>
public sealed record UploadImport(Guid ImportId, string EntitySystemName, ImportState State);

/// <summary>The mapping that an upload is to be read by.</summary>
/// <param name="MappingId">The mapping.</param>
public sealed record UploadBinding(Guid MappingId);

/// <summary>A file as it was uploaded.</summary>
/// <param name="Name">The client's name for it; null where it gave none.</param>
/// <param name="Size">Its size in bytes, decompressed; as long as it is not complete, how many of them have arrived.</param>
/// <param name="Sha256">Its SHA-256 in lower-case hexadecimal; null as long as it is not complete.</param>
public sealed record UploadedFile(string? Name, long Size, string? Sha256);
