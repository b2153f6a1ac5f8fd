using System.Text.Json.Serialization;

namespace EntityImport.Api;

/// <summary>What no row was rejected for, but somebody should look at: such as a column that another reading would have fitted, too.</summary>
public sealed record ImportWarning
{
    /// <summary>The stable code, such as <c>date.ambiguous</c>, <c>number.ambiguous</c>, <c>year.century</c>, <c>values.changed</c>, <c>key.similar</c>, <c>quote.swallowed</c>, <c>rows.changed</c> or <c>bom.inside</c>.</summary>
    public required string Code { get; init; }

    /// <summary>The entity's field; null where the warning is about no single one.</summary>
    public string? Field { get; init; }

    /// <summary>The file's column; null where the warning is about no single one.</summary>
    public string? Column { get; init; }

    /// <summary>How the column was read: a date pattern, or the separators of numbers in words; null where the warning is about something else.</summary>
    public string? Reading { get; init; }

    /// <summary>The reading that fits every value, too; null likewise.</summary>
    public string? OtherReading { get; init; }

    /// <summary>Values of the column that were read; nulls and rejected rows do not count; null where they were not counted.</summary>
    public long? Values { get; init; }

    /// <summary>How often it was found, at least once: for another reading, the values that it gives another meaning.</summary>
    public required long Differing { get; init; }

    /// <summary>The first value of another meaning in the file; null where the warning is about something else.</summary>
    public AmbiguousValue? Example { get; init; }

    /// <summary>The row in which it was first found, 1 for the first data row; null where it was found in none, or in all.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Row { get; init; }

    /// <summary>The line, counted from 1, on which that row begins; null likewise.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Line { get; init; }

    /// <summary>All that as a sentence.</summary>
    public required string Message { get; init; }
}

/// <summary>A value that can be read in two ways. Dates are in ISO 8601, numbers plain with a point.</summary>
/// <param name="Value">The text in the file; of one longer than 80 characters, the beginning.</param>
/// <param name="Reading">What was stored.</param>
/// <param name="OtherReading">What the other reading would have stored.</param>
public sealed record AmbiguousValue(string Value, string Reading, string OtherReading);
