namespace EntityImport.Bench.RandomEntities;

/// <summary>The service did otherwise than the model.</summary>
internal sealed class DifferenceException(string message) : Exception(message)
{
    private const int MostCharacters = 600;

    /// <summary>Compares what is told with what must be; null is nothing.</summary>
    /// <exception cref="DifferenceException">It is something else.</exception>
    public static void ThrowUnlessSame(string what, string? expected, string? actual)
    {
        if (expected != actual) throw new DifferenceException($"{what}: {actual ?? "nothing"}, expected is {expected ?? "nothing"}");
    }

    /// <summary>Compares all that is told, in any order, with all that must be.</summary>
    /// <exception cref="DifferenceException">Something is missing, or too much.</exception>
    public static void ThrowUnlessSame(string what, IReadOnlyList<string> expected, IReadOnlyList<string> actual)
    {
        if (!actual.Order(StringComparer.Ordinal).SequenceEqual(expected.Order(StringComparer.Ordinal))) throw new DifferenceException($"{what}: {actual.Count}, expected are {expected.Count}; {Describe(actual, expected)}");
    }

    /// <summary>Something that is there more often than it must, and something that is missing.</summary>
    public static string Describe(IReadOnlyList<string> actual, IReadOnlyList<string> expected)
    {
        var surplus = Without(actual, expected);
        var missing = Without(expected, actual);
        return $"{(surplus is null ? "nothing is too much" : $"too much is {Cut(surplus)}")}, {(missing is null ? "nothing is missing" : $"missing is {Cut(missing)}")}";

        static string? Without(IReadOnlyList<string> these, IReadOnlyList<string> those)
        {
            var left = those.GroupBy(text => text, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.Count());
            return these.FirstOrDefault(text => (left[text] = left.GetValueOrDefault(text) - 1) < 0);
        }
    }

    /// <summary>A text as one line that is not too long.</summary>
    public static string Cut(string text) => $"[{(text.Length > MostCharacters ? text[..MostCharacters] + "…" : text).Replace('\u001f', '|').ReplaceLineEndings("⏎")}]";
}
