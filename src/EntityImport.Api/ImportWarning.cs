namespace EntityImport.Api;

/// <summary>What no row was rejected for, but somebody should look at: a column that another reading would have fitted, too.</summary>
public sealed record ImportWarning
{
    /// <summary>The stable code: <c>date.ambiguous</c> or <c>number.ambiguous</c>.</summary>
    public required string Code { get; init; }

    /// <summary>The entity's field.</summary>
    public required string Field { get; init; }

    /// <summary>The file's column.</summary>
    public required string Column { get; init; }

    /// <summary>How the column was read: a date pattern, or the separators of numbers in words.</summary>
    public required string Reading { get; init; }

    /// <summary>The reading that fits every value, too.</summary>
    public required string OtherReading { get; init; }

    /// <summary>Values of the column that were read; nulls and rejected rows do not count.</summary>
    public required long Values { get; init; }

    /// <summary>Those of them that the other reading gives another meaning; at least one.</summary>
    public required long Differing { get; init; }

    /// <summary>The first of these in the file.</summary>
    public required AmbiguousValue Example { get; init; }

    /// <summary>All that as a sentence.</summary>
    public required string Message { get; init; }
}

/// <summary>A value that can be read in two ways. Dates are in ISO 8601, numbers plain with a point.</summary>
/// <param name="Value">The text in the file; of one longer than 80 characters, the beginning.</param>
/// <param name="Reading">What was stored.</param>
/// <param name="OtherReading">What the other reading would have stored.</param>
public sealed record AmbiguousValue(string Value, string Reading, string OtherReading);
