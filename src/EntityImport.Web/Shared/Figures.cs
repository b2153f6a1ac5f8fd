using System.Globalization;
using System.Text;
using System.Text.Json;

namespace EntityImport.Web.Shared;

/// <summary>How figures and texts are shown. Values of records are never formatted: they stand as they are stored.</summary>
public static class Figures
{
    /// <summary>Characters of a text that a table shows.</summary>
    private const int ShownCharacters = 200;

    private static readonly CultureInfo Plain = CultureInfo.InvariantCulture;

    public static string Count(long count) => count.ToString("N0", Plain);

    /// <summary>A number of things with its noun: 1 row, 2 rows.</summary>
    public static string Count(long count, string one, string? many = null) => $"{Count(count)} {(count == 1 ? one : many ?? one + "s")}";

    public static string Bytes(long bytes)
    {
        if (bytes < 1000) return string.Create(Plain, $"{bytes} B");
        var (size, unit) = ((double)bytes, -1);
        while (size >= 999.95 && unit < 4) (size, unit) = (size / 1000, unit + 1);
        return string.Create(Plain, $"{size:0.0} {"kMGTP"[unit]}B");
    }

    /// <summary>A share in percent: 100 only where it is all, 0 only where it is none.</summary>
    public static string Percent(long part, long whole)
    {
        if (whole == 0) return "–";
        if (part == 0) return "0 %";
        if (part == whole) return "100 %";
        return string.Create(Plain, $"{Math.Clamp(100.0 * part / whole, 0.1, 99.9):0.0} %");
    }

    public static string Duration(double seconds) => seconds switch
    {
        < 1 => string.Create(Plain, $"{seconds * 1000:0} ms"),
        < 60 => string.Create(Plain, $"{seconds:0.0} s"),
        < 3600 => string.Create(Plain, $"{Math.Floor(seconds / 60):0} min {Math.Floor(seconds % 60):0} s"),
        _ => string.Create(Plain, $"{Math.Floor(seconds / 3600):0} h {Math.Floor(seconds % 3600 / 60):0} min"),
    };

    public static string Iso(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", Plain);

    /// <summary>A time for where no script makes a local one of it.</summary>
    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm' UTC'", Plain);

    /// <summary>A number in an SVG.</summary>
    public static string Number(double number) => Math.Round(number, 2).ToString(Plain);

    /// <summary>
    /// A text as it stands: what nobody could see, or what would turn the line around, as an escape; spaces at the ends as dots. It is encoded for HTML where it is shown.
    /// </summary>
    public static string Verbatim(string text)
    {
        var isCut = text.Length > ShownCharacters;
        var shown = isCut ? text[..(char.IsHighSurrogate(text[ShownCharacters - 1]) ? ShownCharacters - 1 : ShownCharacters)] : text;
        var first = shown.Length - shown.TrimStart(' ').Length;
        var last = isCut ? shown.Length : shown.TrimEnd(' ').Length;
        var result = new StringBuilder(shown.Length);
        for (var i = 0; i < shown.Length; i++)
        {
            var c = shown[i];
            if (c == ' ' && (i < first || i >= last)) result.Append('·');
            else if (c == '\t') result.Append("\\t");
            else if (c == '\n') result.Append("\\n");
            else if (c == '\r') result.Append("\\r");
            else if (IsHidden(c)) result.Append(Plain, $"\\u{(int)c:x4}");
            else result.Append(c);
        }

        if (isCut) result.Append('…');
        return result.ToString();
    }

    /// <summary>A value as JSON has it: a number digit for digit, a text verbatim; null is told apart by who shows it.</summary>
    public static string Value(JsonElement value) => value.ValueKind == JsonValueKind.String ? Verbatim(value.GetString()!) : value.GetRawText();

    private static bool IsHidden(char c) => CharUnicodeInfo.GetUnicodeCategory(c) switch
    {
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse => true,
        UnicodeCategory.SpaceSeparator => c != ' ',
        _ => c is '\uFFFD' or '\uFFFE' or '\uFFFF',
    };
}
