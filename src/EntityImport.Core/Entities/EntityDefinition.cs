using System.Runtime.CompilerServices;

namespace EntityImport.Entities;

/// <summary>A typed table of records ("logical entity"). Immutable.</summary>
public sealed record EntityDefinition
{
    /// <summary>Fields are looked up one by one, so that in wide entities looking through all of them each time would be quadratic work.</summary>
    private static readonly ConditionalWeakTable<IReadOnlyList<FieldDefinition>, Dictionary<string, FieldDefinition>> Wide = [];

    private const int WideFields = 32;

    /// <summary>The entity's name: <c>[A-Za-z_][A-Za-z0-9_]{0,62}</c>, unique ignoring case.</summary>
    public required string SystemName { get; init; }

    /// <summary>The name for people; null where there is none.</summary>
    public string? DisplayName { get; init; }

    /// <summary>The fields, at least one, in the order in which they were declared.</summary>
    public required IReadOnlyList<FieldDefinition> Fields { get; init; }

    /// <summary>Whether it is stated that what records were before an import is kept; null where nothing is stated, which means that it is.</summary>
    public bool? KeepBefore { get; init; }

    /// <summary>Whether what records were before an import is kept, so that imports can be undone; it takes space.</summary>
    public bool KeepsBefore => KeepBefore != false;

    /// <summary>The fields that identify a record; empty where records have no identity, so that each row is a new record.</summary>
    public IEnumerable<FieldDefinition> Key => Fields.Where(f => f.PrimaryKey);

    /// <summary>The field of this name, ignoring case, or null.</summary>
    public FieldDefinition? FindField(string systemName) => Fields.Count < WideFields
        ? Fields.FirstOrDefault(f => f.SystemName.Equals(systemName, StringComparison.OrdinalIgnoreCase))
        : Wide.GetValue(Fields, Index).GetValueOrDefault(systemName);

    private static Dictionary<string, FieldDefinition> Index(IReadOnlyList<FieldDefinition> fields)
    {
        var index = new Dictionary<string, FieldDefinition>(fields.Count, StringComparer.OrdinalIgnoreCase);
        foreach (var field in fields) index.TryAdd(field.SystemName, field);
        return index;
    }
}
