using System.Globalization;
using System.Text;

namespace EntityImport;

/// <summary>Cuts what messages repeat from outside, and messages themselves, so that nobody but the service decides how long they are. A cut never parts the two halves of a character.</summary>
public static class ShownText
{
    /// <summary>A name or value from outside: its first <see cref="Limits.NameCharacters"/> characters, and <c>…</c> where there are more. What nobody can see is written as <c>[U+200B]</c>.</summary>
    public static string Cut(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Visible(text.Length <= Limits.NameCharacters ? text : Begin(text, Limits.NameCharacters));
    }

    /// <summary>A text in at most so many characters, the last of which is <c>…</c> where it has more.</summary>
    /// <param name="text">The text.</param>
    /// <param name="most">The most characters: at least 2.</param>
    public static string Fit(string text, int most)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Length <= most ? text : Begin(text, most - 1);
    }

    /// <summary>Joins as many texts as there is room for, at least one, and says how many more there are.</summary>
    /// <param name="texts">The texts, each bounded by itself.</param>
    /// <param name="separator">What joins them.</param>
    /// <param name="most">The most characters, those that say how many more there are not counted.</param>
    public static string Join(IEnumerable<string> texts, string separator, int most)
    {
        ArgumentNullException.ThrowIfNull(texts);
        ArgumentNullException.ThrowIfNull(separator);
        var joined = new StringBuilder();
        var left = 0;
        foreach (var text in texts)
        {
            if (left > 0 || (joined.Length > 0 && joined.Length + separator.Length + text.Length > most)) left++;
            else joined.Append(joined.Length > 0 ? separator : "").Append(text);
        }

        return left == 0 ? joined.ToString() : joined.Append(CultureInfo.InvariantCulture, $"{separator}and {left} more").ToString();
    }

    /// <summary>A number of bytes in the largest unit that tells it exactly: <c>1 MiB</c>, <c>1500 bytes</c>.</summary>
    internal static string Size(int bytes) => bytes % (1 << 20) == 0 ? string.Create(CultureInfo.InvariantCulture, $"{bytes >> 20} MiB")
        : bytes % (1 << 10) == 0 ? string.Create(CultureInfo.InvariantCulture, $"{bytes >> 10} KiB")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes} bytes");

    private static string Visible(string text)
    {
        if (!text.AsSpan().ContainsAnyExceptInRange(' ', '~')) return text;
        var visible = new StringBuilder();
        foreach (var rune in text.EnumerateRunes()) UnseenCharacters.Append(visible, rune);
        return visible.ToString();
    }

    private static string Begin(string text, int length) =>
        string.Concat(text.AsSpan(0, char.IsHighSurrogate(text[length - 1]) ? length - 1 : length), "…");
}
