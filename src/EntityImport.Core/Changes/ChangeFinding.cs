namespace EntityImport.Changes;

/// <summary>What a finding is taken for.</summary>
public enum ChangeGrade
{
    /// <summary>Something that happens to data and that nobody wants.</summary>
    Mistake,

    /// <summary>What changes have in common, as they have when somebody wanted it.</summary>
    Pattern,
}

/// <summary>What changes of an import have in common, so that a person can be told of them in a sentence.</summary>
public sealed record ChangeFinding
{
    /// <summary>Numbers were multiplied or divided by one factor.</summary>
    public const string Scaled = "scaled";

    /// <summary>Numbers or dates were moved by one amount.</summary>
    public const string Shifted = "shifted";

    /// <summary>Numbers have the other sign, or flags are the other way round.</summary>
    public const string SignTurned = "sign.turned";

    /// <summary>Decimals are gone.</summary>
    public const string DecimalsLost = "decimals.lost";

    /// <summary>Day and month of dates are exchanged.</summary>
    public const string DayMonthSwapped = "day.month.swapped";

    /// <summary>Dates are in another century.</summary>
    public const string CenturyChanged = "century.changed";

    /// <summary>The time of day is gone.</summary>
    public const string TimeLost = "time.lost";

    /// <summary>Texts differ in the case of letters alone.</summary>
    public const string CaseOnly = "case.only";

    /// <summary>Texts differ in spaces alone.</summary>
    public const string SpacesOnly = "spaces.only";

    /// <summary>UTF-8 was read as windows-1252; as a pattern, that was put right.</summary>
    public const string Mojibake = "mojibake";

    /// <summary>Characters outside of ASCII are gone, or became question marks.</summary>
    public const string CharactersLost = "characters.lost";

    /// <summary>Digits lost the zeros that they began with; as a pattern, they got them back.</summary>
    public const string LeadingZerosLost = "leading.zeros.lost";

    /// <summary>Digits were taken for a number: <c>4711.0</c>, <c>4.7E+11</c>.</summary>
    public const string NumberRewritten = "number.rewritten";

    /// <summary>Texts end where one length is reached.</summary>
    public const string TextsCut = "texts.cut";

    /// <summary>Characters became those of markup, as <c>&amp;amp;</c>, or quotes came around texts.</summary>
    public const string Escaped = "escaped";

    /// <summary>What was filled is empty.</summary>
    public const string Emptied = "emptied";

    /// <summary>Different values became one.</summary>
    public const string OneValue = "one.value";

    /// <summary>The values are the same ones, but of other records.</summary>
    public const string ValuesPermuted = "values.permuted";

    /// <summary>Two fields have each other's values.</summary>
    public const string FieldsExchanged = "fields.exchanged";

    /// <summary>Records vanish and come again under keys that look alike.</summary>
    public const string KeysRenamed = "keys.renamed";

    /// <summary>What was found: one of the codes above, which never change their meaning.</summary>
    public required string Code { get; init; }

    /// <summary>What it is taken for.</summary>
    public required ChangeGrade Grade { get; init; }

    /// <summary>The field; null where it is about keys.</summary>
    public string? Field { get; init; }

    /// <summary>How many records show it.</summary>
    public required long Count { get; init; }

    /// <summary>Of how many that could have shown it.</summary>
    public required long Of { get; init; }

    /// <summary>Whether <see cref="Count"/> was estimated from a sample.</summary>
    public bool IsEstimated { get; init; }

    /// <summary>All that as a sentence.</summary>
    public required string Message { get; init; }

    /// <summary>Some of the records, at most <see cref="Sighting.MaxExamples"/>.</summary>
    public IReadOnlyList<ChangeExample> Examples { get; init; } = [];
}

/// <summary>One record that shows a finding. Texts are cut after 80 characters.</summary>
/// <param name="Key">Its key, values joined by <c>/</c>; for keys that look renamed, the old one.</param>
/// <param name="Before">The value before; null for null.</param>
/// <param name="After">The value after; null for null.</param>
public sealed record ChangeExample(string Key, string? Before, string? After);
