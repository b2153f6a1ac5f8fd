using System.Globalization;
using System.Text;

namespace EntityImport;

/// <summary>The characters that a reader does not see, or cannot tell from a space.</summary>
internal static class UnseenCharacters
{
    /// <summary>
    /// Whether nothing is seen of the character, and it is no white space: controls, what formats other characters, what selects or joins them, fillers. Marks of Arabic,
    /// Syriac and Kaithi numbers, and signs that arrange hieroglyphs, are formats by their category and seen all the same.
    /// </summary>
    public static bool IsInvisible(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.Control => !Rune.IsWhiteSpace(rune),
        UnicodeCategory.Format => rune.Value is not ((>= 0x0600 and <= 0x0605) or 0x06DD or 0x070F or 0x0890 or 0x0891 or 0x08E2 or 0x110BD or 0x110CD or (>= 0x13430 and <= 0x1343F)),
        UnicodeCategory.NonSpacingMark => rune.Value is 0x034F or 0x17B4 or 0x17B5 or (>= 0x180B and <= 0x180F) or (>= 0xFE00 and <= 0xFE0F) or (>= 0xE0100 and <= 0xE01EF),
        UnicodeCategory.OtherLetter => rune.Value is 0x115F or 0x1160 or 0x3164 or 0xFFA0,
        _ => false,
    };

    /// <summary>Whether the character has to be written in another way to be seen for what it is: an invisible one, or any white space but the space.</summary>
    public static bool MustBeNamed(Rune rune) => rune.Value != ' ' && (Rune.IsWhiteSpace(rune) || IsInvisible(rune));

    /// <summary>The character's name: <c>U+200B</c>.</summary>
    public static string Name(Rune rune) => string.Create(CultureInfo.InvariantCulture, $"U+{rune.Value:X4}");

    /// <summary>Writes a character so that it is seen: line ends and tabs as <c>\n</c>, <c>\r</c>, <c>\t</c>, others that are not seen by their names in brackets.</summary>
    public static void Append(StringBuilder text, Rune rune)
    {
        _ = rune.Value switch
        {
            '\n' => text.Append("\\n"),
            '\r' => text.Append("\\r"),
            '\t' => text.Append("\\t"),
            _ when MustBeNamed(rune) => text.Append('[').Append(Name(rune)).Append(']'),
            _ => text.Append(rune.ToString()),
        };
    }
}
