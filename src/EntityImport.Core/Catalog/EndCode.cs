namespace EntityImport.Catalog;

/// <summary>Why an import ended without success, for programs. A code never changes its meaning.</summary>
public static class EndCode
{
    /// <summary>Nobody can read the header, or there is none.</summary>
    public const string BadHeader = "bad-header";

    /// <summary>The columns do not fit the mapping: one is missing, ambiguous, or named twice.</summary>
    public const string ColumnsMismatch = "columns-mismatch";

    /// <summary>The mapping no longer fits the entity, or the entity is gone.</summary>
    public const string MappingOutdated = "mapping-outdated";

    /// <summary>There are rows, and all are rejected.</summary>
    public const string NoGoodRows = "no-good-rows";

    /// <summary>More rows were rejected than the mapping's maxFailedRows allows.</summary>
    public const string MaxFailedRows = "max-failed-rows";

    /// <summary>Guards of the entity forbid what it would do.</summary>
    public const string Guarded = "guarded";

    /// <summary>More rows were rejected than the service keeps: <see cref="Limits.RejectedRows"/> or <see cref="Limits.RejectedBytes"/>.</summary>
    public const string TooManyRejected = "too-many-rejected";

    /// <summary>It was to apply a plan, and something moved since that was made.</summary>
    public const string PlanStale = "plan-stale";

    /// <summary>It was to become a plan, and plans take as much as they may already.</summary>
    public const string PlansFull = "plans-full";

    /// <summary>A client cancelled it.</summary>
    public const string Cancelled = "cancelled";

    /// <summary>The uploaded file is not there any more.</summary>
    public const string FileLost = "file-lost";

    /// <summary>The stored file is not what was uploaded.</summary>
    public const string FileChanged = "file-changed";

    /// <summary>The rows that were read, that reached the store and that it merged are not the same number: a fault of the service, which wrote nothing.</summary>
    public const string LedgerUnbalanced = "ledger-unbalanced";

    /// <summary>Whoever runs the database demands something of records that these do not fulfil.</summary>
    public const string RecordsRefused = "records-refused";

    /// <summary>What was to be undone changed nothing, or is no import that can be undone.</summary>
    public const string NotUndoable = "import-not-undoable";

    /// <summary>What was to be undone has been undone already.</summary>
    public const string AlreadyUndone = "import-already-undone";

    /// <summary>Another import has replaced all records since, so that nothing of what was to be undone is left.</summary>
    public const string ReplacedSince = "entity-replaced-since";

    /// <summary>What the records were before is no longer kept, or never was.</summary>
    public const string BeforeExpired = "before-images-expired";

    /// <summary>The service failed.</summary>
    public const string ServiceFailed = "service-failed";

    /// <summary>The disk was full.</summary>
    public const string DiskFull = "disk-full";
}
