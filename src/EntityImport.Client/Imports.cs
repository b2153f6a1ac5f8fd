using System.Text.Json;

namespace EntityImport.Client;

/// <summary>Where an import stands.</summary>
public enum ImportStatus
{
    /// <summary>It waits or is worked on.</summary>
    Running,

    /// <summary>It ended, and nothing was written.</summary>
    Failed,

    /// <summary>It ended, and its good rows were imported.</summary>
    Succeeded,
}

/// <summary>Where an import stands, in more detail.</summary>
public enum ImportState
{
    /// <summary>Waiting.</summary>
    Queued,

    /// <summary>Being worked on.</summary>
    Running,

    /// <summary>Ended; its good rows are in the entity.</summary>
    Succeeded,

    /// <summary>Ended; nothing was written.</summary>
    Failed,

    /// <summary>Ended because a client asked for it; nothing was written.</summary>
    Cancelled,
}

/// <summary>How an import ended.</summary>
public enum ReportStatus
{
    /// <summary>Nothing was imported.</summary>
    Failed,

    /// <summary>Every row was imported.</summary>
    Success,

    /// <summary>Some rows were imported and some rejected.</summary>
    PartialSuccess,
}

/// <summary>The status of an import.</summary>
/// <param name="Status">Where it stands.</param>
/// <param name="StartDate">When it was invoked.</param>
/// <param name="StopDate">When it ended; null while it runs.</param>
/// <param name="ClientErrorCallingService">Whether the client's file or mapping made it fail, and not the service.</param>
/// <param name="EntityImportId">The import's id.</param>
public sealed record StatusOfImport(
    ImportStatus Status, DateTimeOffset StartDate, DateTimeOffset? StopDate, bool ClientErrorCallingService, Guid EntityImportId);

/// <summary>How an import ended.</summary>
/// <param name="Status">How it ended.</param>
/// <param name="ProcessedRows">Rows imported; null where it failed.</param>
/// <param name="FailedRows">Rows rejected; null where all were imported.</param>
/// <param name="Message">How it ended, as a sentence.</param>
public sealed record ImportReport(ReportStatus Status, long? ProcessedRows, long? FailedRows, string Message);

/// <summary>A file that was uploaded and imported.</summary>
/// <param name="UploadId">The upload.</param>
/// <param name="Status">The import's last status.</param>
/// <param name="Report">The import's report.</param>
public sealed record ImportRun(Guid UploadId, StatusOfImport Status, ImportReport Report);

/// <summary>An import in a list.</summary>
public record ImportSummary
{
    /// <summary>The import's id.</summary>
    public required Guid ImportId { get; init; }

    /// <summary>The upload that it reads.</summary>
    public required Guid UploadId { get; init; }

    /// <summary>The mapping that it reads it by.</summary>
    public required Guid MappingId { get; init; }

    /// <summary>The mapping's revision when the import was invoked.</summary>
    public required int MappingRevision { get; init; }

    /// <summary>The entity that it goes into.</summary>
    public required string EntitySystemName { get; init; }

    /// <summary>Where it stands.</summary>
    public required ImportState State { get; init; }

    /// <summary>When it was invoked.</summary>
    public required DateTimeOffset StartDate { get; init; }

    /// <summary>When it ended; null before.</summary>
    public DateTimeOffset? StopDate { get; init; }

    /// <summary>How often work on it began.</summary>
    public required int Attempts { get; init; }

    /// <summary>Who invoked it; null where callers are not known.</summary>
    public string? InvokedBy { get; init; }

    /// <summary>Whether everything was done but the write.</summary>
    public required bool DryRun { get; init; }

    /// <summary>Whether the client's file or mapping made it fail, and not the service.</summary>
    public required bool ClientErrorCallingService { get; init; }

    /// <summary>Where the rows ended up.</summary>
    public required Ledger Ledger { get; init; }

    /// <summary>Why it ended without success, for programs: <c>too-many-rejected</c>; null before, and where it succeeded.</summary>
    public string? Code { get; init; }

    /// <summary>How it ended, as a sentence; null before.</summary>
    public string? Message { get; init; }

    /// <summary>Whether it has ended.</summary>
    public bool HasEnded => State is ImportState.Succeeded or ImportState.Failed or ImportState.Cancelled;
}

/// <summary>All that is known of an import.</summary>
public sealed record ImportDetails : ImportSummary
{
    /// <summary>How far it is.</summary>
    public required ImportProgress Progress { get; init; }

    /// <summary>The file that it reads.</summary>
    public required ImportedFile File { get; init; }

    /// <summary>The definition as it was when the import was invoked.</summary>
    public required JsonElement Definition { get; init; }

    /// <summary>
    /// The newest earlier import that brought the same bytes into the same entity under the same definition, and SUCCEEDED; null where there is none, for dry runs, and
    /// before work begins.
    /// </summary>
    public Guid? DuplicateOf { get; init; }

    /// <summary>Columns of dates and numbers that another reading would have fitted, too; empty before the end and where nothing was imported.</summary>
    public IReadOnlyList<ImportWarning> Warnings { get; init; } = [];

    /// <summary>Milliseconds that each stage took; empty before the end.</summary>
    public required IReadOnlyDictionary<string, long> StageMilliseconds { get; init; }
}

/// <summary>A column that another reading would have fitted, too.</summary>
/// <param name="Code">The stable code: <c>date.ambiguous</c> or <c>number.ambiguous</c>.</param>
/// <param name="Field">The entity's field.</param>
/// <param name="Column">The file's column.</param>
/// <param name="Reading">How the column was read: a date pattern, or the separators of numbers in words.</param>
/// <param name="OtherReading">The reading that fits every value, too.</param>
/// <param name="Values">Values that were read; nulls and rejected rows do not count.</param>
/// <param name="Differing">Those of them that the other reading gives another meaning.</param>
/// <param name="Example">The first of these.</param>
/// <param name="Message">All that as a sentence.</param>
public sealed record ImportWarning(
    string Code, string Field, string Column, string Reading, string OtherReading, long Values, long Differing, AmbiguousValue Example, string Message);

/// <summary>A value that can be read in two ways. Dates are in ISO 8601, numbers plain with a point.</summary>
/// <param name="Value">The text in the file.</param>
/// <param name="Reading">What was stored.</param>
/// <param name="OtherReading">What the other reading would have stored.</param>
public sealed record AmbiguousValue(string Value, string Reading, string OtherReading);

/// <summary>Where the rows of a file ended up; each is in exactly one of inserted, updated, unchanged, superseded and rejected.</summary>
/// <param name="Records">Rows in the file.</param>
/// <param name="Inserted">Rows that became new records.</param>
/// <param name="Updated">Rows that changed an existing record.</param>
/// <param name="Unchanged">Rows that equal what their record already was.</param>
/// <param name="Superseded">Rows whose key came again later in the file; the later one won.</param>
/// <param name="Rejected">Rows that were refused.</param>
/// <param name="Removed">Records that the entity held before and that a REPLACE took out; no rows of the file.</param>
/// <param name="Balanced">Whether the buckets add up to the rows of the file.</param>
public sealed record Ledger(long Records, long Inserted, long Updated, long Unchanged, long Superseded, long Rejected, long Removed, bool Balanced);

/// <summary>How far an import is.</summary>
/// <param name="Phase">What it is doing: QUEUED, PLANNING, LOADING, MERGING or ENDED.</param>
/// <param name="RecordsRead">Rows read so far.</param>
/// <param name="BytesRead">Bytes of the file read so far.</param>
/// <param name="BytesTotal">Bytes of the file.</param>
/// <param name="RecordsPerSecond">Rows read per second while they are, or were, read; 0 before.</param>
/// <param name="EstimatedSecondsLeft">
/// Seconds until the end, judged from the bytes that are left and from the entity's last import; null where that cannot be said, and at the end.
/// </param>
public sealed record ImportProgress(string Phase, long RecordsRead, long BytesRead, long BytesTotal, double RecordsPerSecond, double? EstimatedSecondsLeft);

/// <summary>The file that an import reads.</summary>
/// <param name="Name">The client's name for it; null where it gave none.</param>
/// <param name="Size">Its size in bytes, decompressed.</param>
/// <param name="Sha256">Its SHA-256 in lower-case hexadecimal.</param>
public sealed record ImportedFile(string? Name, long Size, string Sha256);

/// <summary>A page of imports.</summary>
/// <param name="Imports">The imports, newest first.</param>
/// <param name="NextCursor">The cursor of the next page; null where there is none.</param>
public sealed record ImportPage(IReadOnlyList<ImportSummary> Imports, string? NextCursor);

/// <summary>A page of rejected rows.</summary>
/// <param name="Errors">The rows, in file order.</param>
/// <param name="NextCursor">The cursor of the next page; null where there is none.</param>
public sealed record ErrorPage(IReadOnlyList<RejectedRow> Errors, string? NextCursor);

/// <summary>A row that was rejected.</summary>
/// <param name="Row">The row, 1 = the first after the header.</param>
/// <param name="Line">The physical line on which it begins, from 1.</param>
/// <param name="Reasons">Every reason found.</param>
/// <param name="Record">Its text as it stands in the file.</param>
public sealed record RejectedRow(long Row, long Line, IReadOnlyList<RejectionReason> Reasons, string Record);

/// <summary>One reason why a row was rejected.</summary>
/// <param name="Code">The stable code: <c>number.format</c>.</param>
/// <param name="Field">The entity's field; null where the record as a whole is at fault.</param>
/// <param name="Column">The file's column; null likewise.</param>
/// <param name="Value">The refused text, cut at 80 characters; null where there is none.</param>
/// <param name="Message">The reason as a sentence.</param>
public sealed record RejectionReason(string Code, string? Field, string? Column, string? Value, string Message);
