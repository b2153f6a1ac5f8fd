namespace EntityImport.Guards;

/// <summary>What is known of an import or a plan that guards judge. What is null is not known, and not judged.</summary>
public sealed record GuardFigures
{
    /// <summary>Records of the file.</summary>
    public long? Records { get; init; }

    /// <summary>Those of them that are rejected.</summary>
    public long? Rejected { get; init; }

    /// <summary>Records of the entity that are gone after a REPLACE; where it has no key, by how many there are fewer. Null in other modes.</summary>
    public long? Removed { get; init; }

    /// <summary>Records of the entity before a REPLACE.</summary>
    public long? RecordsBefore { get; init; }

    /// <summary>Records of the file of the last import that succeeded; null where there is none.</summary>
    public long? RecordsOfLast { get; init; }

    /// <summary>The file's columns.</summary>
    public FileHeader? Header { get; init; }

    /// <summary>Those of the last import that succeeded; null where there is none, or they were not kept yet.</summary>
    public FileHeader? HeaderOfLast { get; init; }

    /// <summary>For each field and distance that a guard asks for, how many values move further.</summary>
    public IReadOnlyDictionary<(string Field, decimal ByPercent), PartOfValues>? Moves { get; init; }

    /// <summary>For each field that a guard asks for, how many values become empty.</summary>
    public IReadOnlyDictionary<string, PartOfValues>? Emptied { get; init; }
}

/// <summary>Some of the values that a field had.</summary>
/// <param name="Count">How many.</param>
/// <param name="Of">Of how many.</param>
public readonly record struct PartOfValues(long Count, long Of);
