using EntityImport.Changes;
using EntityImport.Entities;
using EntityImport.Guards;

namespace EntityImport.Catalog;

/// <summary>What an import of an upload would do, found and kept without doing it. Immutable: each change of state makes a new one.</summary>
public sealed record Plan
{
    /// <summary>
    /// How it was made, told as an import is: id, state, who, when, what became of the rows, why it failed. SUCCEEDED means that it can be read and applied. It has no place in the order of imports.
    /// </summary>
    public required Import Run { get; init; }

    /// <summary>The plan's id.</summary>
    public Guid Id => Run.Id;

    /// <summary>The dry run that it was made by; null where a plan was asked for.</summary>
    public Guid? DryRunId { get; init; }

    /// <summary>The import that it was made by, and that guards have forbidden; null where a plan was asked for, or a dry run.</summary>
    public Guid? GuardedId { get; init; }

    /// <summary>SHA-256 of the file in lower-case hexadecimal; null before work began.</summary>
    public string? Sha256 { get; init; }

    /// <summary>The entity as it was; null before work began.</summary>
    public EntityDefinition? Entity { get; init; }

    /// <summary>The sequence number of the last import into the entity that had succeeded; 0 where none had.</summary>
    public long LastSequence { get; init; }

    /// <summary>How many records the entity held.</summary>
    public long EntityRecords { get; init; }

    /// <summary>What is kept of the records that come, change or go; null before the end, and where it did not succeed.</summary>
    public KeptChanges? Changes { get; init; }

    /// <summary>What its changes have in common; empty before the end, and once its time is over.</summary>
    public IReadOnlyList<ChangeFinding> Signatures { get; init => field = value ?? []; } = [];

    /// <summary>The guards that forbade it when it was made; empty where none did. Where guards are others by now, they judge it when it is applied.</summary>
    public IReadOnlyList<GuardBreach> Breaches { get; init => field = value ?? []; } = [];

    /// <summary>When its time is over; null before the end.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>When what it kept was deleted because its time was over, or because the plan is being deleted; null before. Nothing but this record is left of it then.</summary>
    public DateTimeOffset? ExpiredAt { get; init; }

    /// <summary>The import that it was applied by last, whatever came of that; null where there is none.</summary>
    public Guid? AppliedBy { get; init; }

    /// <summary>Why it was applied, in the words of who did; null where nothing was said.</summary>
    public string? Reason { get; init; }

    /// <summary>Whether it is applied in spite of guards, because an administrator has given <see cref="Reason"/>.</summary>
    public bool? PassesGuards { get; init; }

    /// <summary>The id that its rejected rows are kept under: those of an import that it was made by are the import's.</summary>
    public Guid RejectedId => DryRunId ?? GuardedId ?? Id;
}

/// <summary>How much a plan keeps, as the store counted it. Beside the ledger, which counts rows, these are records: with REPLACE a record of which only values change is one that changes.</summary>
public sealed record KeptChanges
{
    /// <summary>Records that come.</summary>
    public long Inserted { get; init; }

    /// <summary>Records that change.</summary>
    public long Updated { get; init; }

    /// <summary>Records that go.</summary>
    public long Removed { get; init; }

    /// <summary>The fields that rows have values for, in their order, each with the number of records that it changes in.</summary>
    public IReadOnlyList<ChangedField> Fields { get; init => field = value ?? []; } = [];

    /// <summary>About how many bytes it takes: its values before they are compressed.</summary>
    public long Bytes { get; init; }
}

/// <summary>A field of a plan.</summary>
/// <param name="SystemName">The field.</param>
/// <param name="Updated">In how many of the records that change it changes.</param>
/// <param name="IsMapped">Whether rows have values for it. Others only lose theirs, where a REPLACE takes the place of records.</param>
public sealed record ChangedField(string SystemName, long Updated, bool IsMapped);
