namespace EntityImport;

/// <summary>The beginning of a text from outside, as messages repeat it.</summary>
internal static class Excerpt
{
    /// <summary>The text, or its beginning and <c>…</c> where it is longer; no surrogate pair is cut in two.</summary>
    /// <param name="text">The text.</param>
    /// <param name="characters">The most characters of it.</param>
    public static string Of(string text, int characters = Limits.NameCharacters)
    {
        if (text.Length <= characters) return text;
        if (char.IsHighSurrogate(text[characters - 1])) characters--;
        return string.Concat(text.AsSpan(0, characters), "…");
    }
}
