using EntityImport.Conversion.Ambiguity;
using EntityImport.Entities;

namespace EntityImport.Inference;

/// <summary>A column, the field that it goes into and what it was found to be.</summary>
/// <param name="Index">The column's index in the file.</param>
/// <param name="Profile">What its values have in common.</param>
/// <param name="Stated">The field that the caller stated for it; null where none was.</param>
/// <param name="Field">The field; null where the column is not imported.</param>
/// <param name="Pattern">The date pattern that it needs; null where it needs none.</param>
/// <param name="Why">Why, as sentences.</param>
internal sealed record ProposedColumn(int Index, ColumnProfile Profile, StatedField? Stated, FieldDefinition? Field, GuessedPattern? Pattern, string Why)
{
    /// <summary>Whether the field is one of an entity that exists, so that its type is not for the values to decide.</summary>
    public bool IsGiven { get; init; }

    /// <summary>That another reading fits it, too; null where none does.</summary>
    public ImportWarning? Warning { get; init; }

    /// <summary>The first different values that the other reading gives another meaning, at most three; empty where there is none.</summary>
    public IReadOnlyList<AmbiguousValue> TwoReadings { get; init; } = [];

    /// <inheritdoc cref="ColumnVerdict.Mostly"/>
    public DataType? Mostly { get; init; }

    /// <summary>Why the column goes into a field of an entity that exists; null where it does not.</summary>
    public ColumnMatch? Match { get; init; }
}
