using EntityImport.Conversion.Ambiguity;
using EntityImport.Guards;

namespace EntityImport.Catalog;

/// <summary>Where an import stands.</summary>
public enum ImportState
{
    /// <summary>Waiting for earlier imports of its entity, or for a free place.</summary>
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

/// <summary>What a running import is doing.</summary>
public enum ImportPhase
{
    /// <summary>Waiting.</summary>
    Queued,

    /// <summary>Reading the header and binding columns to fields.</summary>
    Planning,

    /// <summary>Reading, converting and staging records.</summary>
    Loading,

    /// <summary>Bringing the staged rows into the entity.</summary>
    Merging,

    /// <summary>Nothing more.</summary>
    Ended,
}

/// <summary>One run of one upload into its entity, as the catalog keeps it. Immutable: each change of state makes a new one.</summary>
public sealed record Import
{
    /// <summary>The import's id.</summary>
    public required Guid Id { get; init; }

    /// <summary>Its place in the order of invocation over all entities, from 1; given by the catalog.</summary>
    public long Sequence { get; init; }

    /// <summary>The upload that it reads.</summary>
    public required Guid UploadId { get; init; }

    /// <summary>The mapping that it reads it by.</summary>
    public required Guid MappingId { get; init; }

    /// <summary>The revision of the mapping at the time of invocation.</summary>
    public required int MappingRevision { get; init; }

    /// <summary>The entity that it goes into.</summary>
    public required string EntitySystemName { get; init; }

    /// <summary>Where it stands.</summary>
    public ImportState State { get; init; } = ImportState.Queued;

    /// <summary>When it was invoked.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>When it ended; null before.</summary>
    public DateTimeOffset? StoppedAt { get; init; }

    /// <summary>How often work on it began, the times not counted in which the service was stopped cleanly.</summary>
    public int Attempts { get; init; }

    /// <summary>Who invoked it; null where callers are not known.</summary>
    public string? InvokedBy { get; init; }

    /// <summary>Whether everything was done but the write.</summary>
    public bool DryRun { get; init; }

    /// <summary>Where the rows ended up; all zero before the end.</summary>
    public Ledger Ledger { get; init => field = value ?? new(); } = new();

    /// <summary>Whether what it changed is kept as it was before; false before the end, where nothing was written, and where it ended before that was done.</summary>
    public bool KeptBefore { get; init; }

    /// <summary>Whether it has put its rows in the place of all records that there were.</summary>
    public bool Replaced { get; init; }

    /// <summary>The import that this one undoes, of which it has upload and mapping; null where it is no undo.</summary>
    public Guid? Undoes { get; init; }

    /// <summary>The import that has undone this one last; null where none has, or where that was undone in turn.</summary>
    public Guid? UndoneBy { get; init; }

    /// <summary>The import of whose rejected rows this one brings some in, corrected; null where it is no repair.</summary>
    public Guid? Repairs { get; init; }

    /// <summary>Of a repair, the number of the last import into the entity that had succeeded when its rows were chosen; null else.</summary>
    public long? RepairsAfter { get; init; }

    /// <summary>Whether the client's file or mapping, or its wish to cancel, ended it without success.</summary>
    public bool ClientError { get; init; }

    /// <summary>Why it ended without success, one of <see cref="EndCode"/>; null before, where it succeeded, and where it ended before there were codes.</summary>
    public string? Code { get; init; }

    /// <summary>How it ended, as a sentence of at most <see cref="Limits.MessageCharacters"/> characters; null before.</summary>
    public string? Message { get; init; }

    /// <summary>What somebody should look at: first what is about the file, then what is about columns, in file order; empty before the end and where nothing was imported.</summary>
    public IReadOnlyList<ImportWarning> Warnings { get; init => field = value ?? []; } = [];

    /// <summary>
    /// By field, the values that the entity's last imports had where they were few: those of this import, and of the fields that it did not fill those of before. Null before the end, for
    /// dry runs, where there are none, and where it ended before lists were kept.
    /// </summary>
    public IReadOnlyDictionary<string, ValueList>? ValueLists { get; init; }

    /// <summary>The file's columns, with which those of later files are compared; null before the end, where nothing was written, and where it ended before they were kept.</summary>
    public FileHeader? Header { get; init; }

    /// <summary>Milliseconds that each stage took, by the stage's name; empty before the end.</summary>
    public IReadOnlyDictionary<string, long> StageMilliseconds { get; init => field = value ?? new Dictionary<string, long>(); } = new Dictionary<string, long>();

    /// <summary>How far its last attempt was over time, oldest first; null before the end, of a plan's run, and where it ended before that was kept.</summary>
    public IReadOnlyList<TimelinePoint>? Timeline { get; init; }

    /// <summary>
    /// The newest earlier import that brought the same bytes into the same entity under the same definition; null where there is none, and before work began.
    /// </summary>
    public Guid? DuplicateOf { get; init; }

    /// <summary>The plan that it applies or, where it is a dry run or guards have forbidden it, the one that it has made; null where there is none.</summary>
    public Guid? PlanId { get; init; }

    /// <summary>When its rejected rows were deleted because their time was over; null while they are there.</summary>
    public DateTimeOffset? RejectedExpiredAt { get; init; }

    /// <summary>The name of the file of its rejected rows where other attempts may have written some, too; null where there are no others.</summary>
    public string? RejectedName { get; init; }

    /// <summary>Whether its rejected rows are shown. Where the work was broken off, those found so far are not all: better none than some that look like all.</summary>
    public bool HasRejectedRows => State == ImportState.Succeeded || this is { State: ImportState.Failed, ClientError: true };

    /// <summary>Whether the import has ended.</summary>
    public bool HasEnded => State is ImportState.Succeeded or ImportState.Failed or ImportState.Cancelled;
}
