namespace EntityImport.Catalog;

/// <summary>What somebody has made of an import's rejected rows so far, but for the edits of single rows, which are kept beside it. Immutable: each change makes a new one.</summary>
public sealed record RepairDraft
{
    /// <summary>The import whose rows are repaired.</summary>
    public required Guid ImportId { get; init; }

    /// <summary>How often it was changed.</summary>
    public long Version { get; init; }

    /// <summary>When it was changed last.</summary>
    public DateTimeOffset ChangedAt { get; init; }

    /// <summary>Who changed it last; null where callers are not known.</summary>
    public string? ChangedBy { get; init; }

    /// <summary>How many rows are edited or left out one by one.</summary>
    public int Edits { get; init; }

    /// <summary>The cures, in the order in which they are carried out.</summary>
    public IReadOnlyList<DraftCure> Cures { get; init => field = value ?? []; } = [];

    /// <summary>The plans that were made of it, oldest first.</summary>
    public IReadOnlyList<RepairRun> Runs { get; init => field = value ?? []; } = [];
}

/// <summary>A cure that was chosen for a cause.</summary>
/// <param name="Cause">The cause's id.</param>
/// <param name="Cure">The cure.</param>
public sealed record DraftCure(string Cause, Cure Cure);

/// <summary>A plan of a repair.</summary>
/// <param name="PlanId">The plan.</param>
/// <param name="UploadId">The corrected rows that it is of.</param>
/// <param name="Version">The draft's version that these were made of.</param>
public sealed record RepairRun(Guid PlanId, Guid UploadId, long Version)
{
    /// <summary>How many rows were planned; 0 in a plan from before this was kept.</summary>
    public long Rows { get; init; }

    /// <summary>How many more were ready, but are superseded by later rows of the file.</summary>
    public long Superseded { get; init; }

    /// <summary>How many more were ready, but other imports have changed their records since.</summary>
    public long Kept { get; init; }

    /// <summary>The first of these, by their numbers from 1; null in a plan from before this was kept.</summary>
    public IReadOnlyList<long>? KeptRows { get; init; }
}

/// <summary>What somebody has made of one rejected row.</summary>
/// <param name="ImportId">The import.</param>
/// <param name="Row">The row, from 1.</param>
public sealed record RowEdit(Guid ImportId, long Row)
{
    /// <summary>The texts that fields are given, by the index of their column; null where there are none.</summary>
    public IReadOnlyDictionary<int, string>? Values { get; init; }

    /// <summary>Whether the row is left out.</summary>
    public bool Dropped { get; init; }

    /// <summary>Whether nothing is made of it, so that nothing of it is kept.</summary>
    public bool IsNone => Values is null && !Dropped;
}
