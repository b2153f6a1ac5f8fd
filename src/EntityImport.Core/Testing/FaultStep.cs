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

    /// <summary>The transaction holds all changes.</summary>
    public const string ImportMerged = "import.merged";

    /// <summary>It is committed.</summary>
    public const string ImportCommitted = "import.committed";

    /// <summary>An import that commits nothing is about to end.</summary>
    public const string ImportEnding = "import.ending";

    /// <summary>The catalog has its end.</summary>
    public const string ImportEnded = "import.ended";

    /// <summary><c>eis import</c> has noted what it is about to import.</summary>
    public const string CommandNoted = "command.noted";

    /// <summary><c>eis import</c> has told how it ended.</summary>
    public const string CommandReported = "command.reported";

    /// <summary>Those of the service, in the order in which a file takes them. The two of <c>eis import</c> are beside them.</summary>
    public static IReadOnlyList<string> OfService { get; } =
    [
        UploadBegun, UploadStored, UploadKept, UploadAdded, ImportAdded, ImportRunning, ImportPlanned, PartLoaded, ConflictsFound, RejectedKept, ImportMerged, ImportCommitted, ImportEnding, ImportEnded,
    ];
}
