using System.Globalization;
using System.Text;

namespace EntityImport.Imports;

/// <summary>What texts look like, by which those that were refused for one cause are told from others: <c>1.234,50</c> and <c>17.000,00</c> are both <c>9.9,9</c>.</summary>
internal static class ValueShape
{
    /// <summary>The most characters of a shape; of a longer one the beginning and <c>…</c>.</summary>
    private const int MaxCharacters = 40;

    /// <summary>The shape of a text as reasons show it: runs of digits are <c>9</c>, runs of letters <c>A</c>, runs of spaces one space, and all else is as it is.</summary>
    public static string Of(string text)
    {
        var shape = new StringBuilder();
        var last = '\0';
        foreach (var rune in text.EnumerateRunes())
        {
            var category = Rune.GetUnicodeCategory(rune);
            var kind = category switch
            {
                UnicodeCategory.DecimalDigitNumber => '9',
                UnicodeCategory.SpaceSeparator => ' ',
                _ when Rune.IsLetter(rune) || category is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark => 'A',
                _ => '\0',
            };
            if (kind != '\0' && kind == last) continue;
            last = kind;
            if (shape.Length >= MaxCharacters) return shape.Append('…').ToString();
            if (kind == '\0') shape.Append(rune);
            else shape.Append(kind);
        }

        return shape.ToString();
    }
}
