namespace EntityImport.Catalog;

/// <summary>The different values that a field had in an import, where they were few: what later imports are compared with.</summary>
/// <param name="Count">How many values the import had for the field, nulls and rejected rows not counted.</param>
/// <param name="Values">The different ones, 1 to <see cref="MaxValues"/>, each of at most <see cref="MaxCharacters"/> characters, in ordinal order.</param>
public sealed record ValueList(long Count, IReadOnlyList<string> Values)
{
    /// <summary>The most values of a list.</summary>
    public const int MaxValues = 50;

    /// <summary>The most characters of a value.</summary>
    public const int MaxCharacters = 80;

    /// <summary>
    /// Whether the values repeat so often that another value is news. From many possible values, about as many rows as the square of the different ones show few of them twice: then the next rows bring new ones, which says nothing.
    /// </summary>
    internal bool IsEstablished => Count > Values.Count && Count * 2 >= (long)Values.Count * Values.Count;
}
