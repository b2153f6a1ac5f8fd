namespace EntityImport.Testing;

/// <summary>The steps that <see cref="FaultPoints"/> tell, as they are spelled in traces.</summary>
public static class FaultStep
{
    /// <summary>A file begins to come in.</summary>
    public const string UploadBegun = "upload.begun";

    /// <summary>All of it is on disk.</summary>
    public const string UploadStored = "upload.stored";

    /// <summary>It and its index are where they stay.</summary>
    public const string UploadKept = "upload.kept";

    /// <summary>The catalog has the upload.</summary>
    public const string UploadAdded = "upload.added";

    /// <summary>The catalog has the import.</summary>
    public const string ImportAdded = "import.added";

    /// <summary>Its attempt is counted, and work begins.</summary>
    public const string ImportRunning = "import.running";

    /// <summary>Columns are bound to fields.</summary>
    public const string ImportPlanned = "import.planned";

    /// <summary>A part of the file has been read.</summary>
    public const string PartLoaded = "part.loaded";

    /// <summary>A row that the entity's key forbids has been found.</summary>
    public const string ConflictsFound = "conflicts.found";

    /// <summary>The rejected rows are on disk.</summary>
    public const string RejectedKept = "rejected.kept";

    /// <summary>What the records were is kept in the import's transaction, and none of them is changed yet.</summary>
    public const string BeforeKept = "before.kept";

    /// <summary>The transaction holds all changes.</summary>
    public const string ImportMerged = "import.merged";

    /// <summary>It is committed.</summary>
    public const string ImportCommitted = "import.committed";

    /// <summary>An import that commits nothing is about to end.</summary>
    public const string ImportEnding = "import.ending";

    /// <summary>The catalog has its end.</summary>
    public const string ImportEnded = "import.ended";

    /// <summary>The catalog has the plan.</summary>
    public const string PlanAdded = "plan.added";

    /// <summary>Its attempt is counted, and work begins.</summary>
    public const string PlanRunning = "plan.running";

    /// <summary>What the rows would do is found.</summary>
    public const string PlanFound = "plan.found";

    /// <summary>The transaction holds all that the plan keeps.</summary>
    public const string PlanKept = "plan.kept";

    /// <summary>It is committed with the plan's end.</summary>
    public const string PlanCommitted = "plan.committed";

    /// <summary>A plan that keeps nothing is about to end.</summary>
    public const string PlanEnding = "plan.ending";

    /// <summary>The catalog has its end.</summary>
    public const string PlanEnded = "plan.ended";

    /// <summary>What a plan is that an import applies is opened, and makes what it was counted.</summary>
    public const string ApplyFound = "apply.found";

    /// <summary>The transaction of an import that applies a plan holds all changes.</summary>
    public const string ApplyMerged = "apply.merged";

    /// <summary>It is committed.</summary>
    public const string ApplyCommitted = "apply.committed";

    /// <summary>What an undo can take back is counted.</summary>
    public const string UndoFound = "undo.found";

    /// <summary>Within its transaction an undo has taken records out, and not brought back those in whose place they were.</summary>
    public const string UndoTaken = "undo.taken";

    /// <summary>The transaction of an undo holds all changes.</summary>
    public const string UndoMerged = "undo.merged";

    /// <summary>It is committed.</summary>
    public const string UndoCommitted = "undo.committed";

    /// <summary>In PostgreSQL, the transaction of an import, an undo or a plan has made sure that it may write, as its last statement, and is not committed.</summary>
    public const string CommitFenced = "commit.fenced";

    /// <summary>So has a transaction of the catalog alone.</summary>
    public const string CatalogFenced = "catalog.fenced";

    /// <summary>What a plan kept of records is deleted, because somebody deletes the plan; its files and its document are there.</summary>
    public const string PlanEmptied = "plan.emptied";

    /// <summary>Its files are deleted as well.</summary>
    public const string PlanDropped = "plan.dropped";

    /// <summary>Its document is, and nothing is left of it.</summary>
    public const string PlanDeleted = "plan.deleted";

    /// <summary>What a plan kept of records is deleted, because its time is over; its files are there.</summary>
    public const string PlanExpired = "plan.expired";

    /// <summary>What records were before an import is deleted within a transaction, and that it was kept is still noted.</summary>
    public const string BeforeDropping = "before.dropping";

    /// <summary>That is committed.</summary>
    public const string BeforeDropped = "before.dropped";

    /// <summary><c>eis import</c> has noted what it is about to import.</summary>
    public const string CommandNoted = "command.noted";

    /// <summary><c>eis import</c> has told how it ended.</summary>
    public const string CommandReported = "command.reported";

    /// <summary>Those of the service, in the order in which a file, a plan, what applies or undoes, and what has had its time take them. The two of <c>eis import</c> are beside them.</summary>
    public static IReadOnlyList<string> OfService { get; } =
    [
        UploadBegun, UploadStored, UploadKept, UploadAdded,
        ImportAdded, ImportRunning, ImportPlanned, PartLoaded, ConflictsFound, RejectedKept, BeforeKept, ImportMerged, ImportCommitted, ImportEnding, ImportEnded,
        PlanAdded, PlanRunning, PlanFound, PlanKept, PlanCommitted, PlanEnding, PlanEnded,
        ApplyFound, ApplyMerged, ApplyCommitted, UndoFound, UndoTaken, UndoMerged, UndoCommitted,
        PlanEmptied, PlanDropped, PlanDeleted, PlanExpired, BeforeDropping, BeforeDropped,
    ];

    /// <summary>Those that there are besides where the store is in PostgreSQL.</summary>
    public static IReadOnlyList<string> OfPostgres { get; } = [CommitFenced, CatalogFenced];
}
