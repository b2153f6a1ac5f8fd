using System.Globalization;
using System.Text;

namespace EntityImport.Files;

/// <summary>A client's name for a file.</summary>
internal static class FileName
{
    private const int MaxLength = 255;

    /// <summary>
    /// The name as it is safe to show and to send in a header: without folders, without characters that control, break lines or turn the direction of text, and not too long; null
    /// where nothing is left.
    /// </summary>
    public static string? Clean(string? fileName)
    {
        if (fileName is null) return null;
        var name = new StringBuilder();
        foreach (var rune in fileName.AsSpan(fileName.LastIndexOfAny(['/', '\\']) + 1).EnumerateRunes())
        {
            if (IsUnseen(rune)) continue;
            if (name.Length + rune.Utf16SequenceLength > MaxLength) break;
            name.Append(rune.ToString());
        }

        return name.Length == 0 ? null : name.ToString();
    }

    /// <summary>Joiners shape letters and symbols of some scripts, and do nothing else.</summary>
    private static bool IsUnseen(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => true,
        UnicodeCategory.Format => rune.Value is not (0x200C or 0x200D),
        _ => false,
    };
}
