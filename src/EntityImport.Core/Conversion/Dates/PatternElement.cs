namespace EntityImport.Conversion.Dates;

/// <summary>One element of a date pattern: a run of one letter, or literal text.</summary>
/// <param name="Letter">The letter; NUL where this is literal text.</param>
/// <param name="Count">How often the letter stands there.</param>
/// <param name="Position">Position of its first character in the pattern, from 1.</param>
/// <param name="Literal">The text, quotes resolved; empty where this is a run of a letter.</param>
internal readonly record struct PatternElement(char Letter, int Count, int Position, string Literal)
{
    /// <summary>Whether this is literal text.</summary>
    public bool IsLiteral => Letter == '\0';

    /// <summary>Whether the element is read as a name; months are names from three letters on.</summary>
    public bool IsName => Letter is 'E' or 'a' or 'G' || (Letter is 'M' or 'L' && Count > 2);

    /// <summary>Whether the element is read as a time zone.</summary>
    public bool IsZone => Letter is 'z' or 'Z' or 'X';

    /// <summary>Whether the element is read as a number.</summary>
    public bool IsNumber => !IsLiteral && !IsName && !IsZone;
}
