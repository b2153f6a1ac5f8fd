using System.Text.Json;
using System.Text.Json.Serialization;

namespace EntityImport.Api;

/// <summary>An import in a list.</summary>
/// <param name="ImportId">The import's id.</param>
/// <param name="UploadId">The upload that it reads.</param>
/// <param name="MappingId">The mapping that it reads it by.</param>
/// <param name="MappingRevision">The mapping's revision when the import was invoked.</param>
/// <param name="EntitySystemName">The entity that it goes into.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Status">Where it stands in the words of the documented API.</param>
/// <param name="StartDate">When it was invoked.</param>
/// <param name="StopDate">When it ended; null before.</param>
/// <param name="Attempts">How often work on it began; more than once only where the service had failed.</param>
/// <param name="InvokedBy">Who invoked it; null where callers are not known.</param>
/// <param name="DryRun">Whether everything was done but the write.</param>
/// <param name="ClientErrorCallingService">Whether the client's file or mapping made it fail, and not the service.</param>
/// <param name="Ledger">Where the rows ended up; all zero before the end.</param>
/// <param name="Code">Why it ended without success, for programs; null before, and where it succeeded.</param>
/// <param name="Message">How it ended, as a sentence; null before.</param>
/// <param name="File">The file that it reads, as it was uploaded; null where that is not known any more.</param>
/// <param name="DuplicateOf">An earlier import of the same bytes, with the same mapping, into the same entity; null where there is none.</param>
public sealed record ImportSummary(
    Guid ImportId,
    Guid UploadId,
    Guid MappingId,
    int MappingRevision,
    string EntitySystemName,
    ImportState State,
    ImportStatus Status,
    DateTimeOffset StartDate,
    DateTimeOffset? StopDate,
    int Attempts,
    string? InvokedBy,
    bool DryRun,
    bool ClientErrorCallingService,
    Ledger Ledger,
    string? Code,
    string? Message,
    UploadedFile? File,
    Guid? DuplicateOf);

/// <summary>A page of imports.</summary>
/// <param name="Imports">The imports, newest first.</param>
/// <param name="NextCursor">The cursor of the next page; null where there is none.</param>
public sealed record ImportPage(IReadOnlyList<ImportSummary> Imports, string? NextCursor);

/// <summary>All that is known of an import.</summary>
public sealed record ImportDetails
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

    /// <summary>What it is doing.</summary>
    public required ImportPhase Phase { get; init; }

    /// <summary>Where it stands in the words of the documented API.</summary>
    public required ImportStatus Status { get; init; }

    /// <summary>When it was invoked.</summary>
    public required DateTimeOffset StartDate { get; init; }

    /// <summary>When it ended; null before.</summary>
    public required DateTimeOffset? StopDate { get; init; }

    /// <summary>How often work on it began; more than once only where the service had failed.</summary>
    public required int Attempts { get; init; }

    /// <summary>Who invoked it; null where callers are not known.</summary>
    public required string? InvokedBy { get; init; }

    /// <summary>Whether everything was done but the write.</summary>
    public required bool DryRun { get; init; }

    /// <summary>The import that this one undoes, of which it has upload and mapping; null where it is no undo.</summary>
    public Guid? Undoes { get; init; }

    /// <summary>The import by which this one was undone last; null where it was not.</summary>
    public Guid? UndoneBy { get; init; }

    /// <summary>The import of whose rejected rows this one has brought some in, corrected; null where it is no repair.</summary>
    public Guid? Repairs { get; init; }

    /// <summary>The imports that have brought in some of the rows that this one rejected, and stand; oldest first.</summary>
    public IReadOnlyList<Guid> RepairedBy { get; init; } = [];

    /// <summary>Whether what it changed was kept as it was before, so that it could be undone.</summary>
    public bool KeptBefore { get; init; }

    /// <summary>Whether the client's file or mapping made it fail, and not the service.</summary>
    public required bool ClientErrorCallingService { get; init; }

    /// <summary>Where the rows ended up; before the end, the records read and rejected so far.</summary>
    public required Ledger Ledger { get; init; }

    /// <summary>How far it is.</summary>
    public required ImportProgress Progress { get; init; }

    /// <summary>The file that it reads.</summary>
    public required UploadedFile File { get; init; }

    /// <summary>The definition as it was when the import was invoked.</summary>
    public required JsonElement Definition { get; init; }

    /// <summary>
    /// The newest earlier import that brought the same bytes into the same entity under the same definition, and SUCCEEDED; null where there is none, for dry runs, and
    /// before work begins.
    /// </summary>
    public required Guid? DuplicateOf { get; init; }

    /// <summary>The plan that it applies or, where it is a dry run that SUCCEEDED, the one that it has made; null where there is none.</summary>
    public Guid? PlanId { get; init; }

    /// <summary>Why it ended without success, for programs: <c>too-many-rejected</c>; null before, and where it succeeded.</summary>
    public required string? Code { get; init; }

    /// <summary>How it ended, as a sentence; null before.</summary>
    public required string? Message { get; init; }

    /// <summary>Columns of dates and numbers that another reading would have fitted, too; empty before the end and where nothing was imported.</summary>
    public required IReadOnlyList<ImportWarning> Warnings { get; init; }

    /// <summary>Milliseconds that each stage took; empty before the end.</summary>
    public required IReadOnlyDictionary<string, long> StageMilliseconds { get; init; }

    /// <summary>Where to read on, by what is there.</summary>
    public required IReadOnlyDictionary<string, string> Links { get; init; }
}

/// <summary>Where the rows of a file ended up; each is in exactly one of inserted, updated, unchanged, superseded, skipped and rejected.</summary>
/// <param name="Records">Rows in the file.</param>
/// <param name="Inserted">Rows that became new records.</param>
/// <param name="Updated">Rows that changed an existing record.</param>
/// <param name="Unchanged">Rows that equal what their record already was.</param>
/// <param name="Superseded">Rows whose key came again later in the file; the later one won.</param>
/// <param name="Rejected">Rows that were refused.</param>
/// <param name="Removed">Records that the entity held before and that a REPLACE took out; no rows of the file.</param>
/// <param name="Balanced">Whether the buckets add up to the rows of the file.</param>
/// <param name="Skipped">Rows of delimiters alone that were passed over, as the definition's <c>emptyRows</c> says.</param>
/// <param name="Reversed">Of an undo, changes of the import that it is of which it took back; absent where there are none.</param>
/// <param name="Kept">Of an undo, changes that it left, since other imports changed the same records later; absent where there are none.</param>
public sealed record Ledger(
    long Records,
    long Inserted,
    long Updated,
    long Unchanged,
    long Superseded,
    long Rejected,
    long Removed,
    bool Balanced,
    long Skipped = 0,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] long Reversed = 0,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] long Kept = 0);

/// <summary>What undoing an import would do now.</summary>
/// <param name="ImportId">The import.</param>
/// <param name="Reversed">Changes that would be taken back.</param>
/// <param name="Kept">Changes that would be left, since other imports changed the same records later.</param>
public sealed record UndoPreview(Guid ImportId, long Reversed, long Kept);

/// <summary>How far an import is.</summary>
/// <param name="Phase">What it is doing.</param>
/// <param name="RecordsRead">Rows read so far.</param>
/// <param name="BytesRead">Bytes of the file read so far.</param>
/// <param name="BytesTotal">Bytes of the file.</param>
/// <param name="RecordsPerSecond">Rows read per second while they are, or were, read; 0 before.</param>
/// <param name="EstimatedSecondsLeft">
/// Seconds until the end, judged from the bytes that are left and from the entity's last import; null where that cannot be said, and at the end.
/// </param>
public sealed record ImportProgress(
    ImportPhase Phase, long RecordsRead, long BytesRead, long BytesTotal, double RecordsPerSecond, double? EstimatedSecondsLeft);
