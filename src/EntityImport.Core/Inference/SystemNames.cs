using System.Globalization;
using System.Text;

namespace EntityImport.Inference;

/// <summary>Makes system names, <c>[A-Za-z_][A-Za-z0-9_]{0,62}</c>, from names that people wrote.</summary>
public static class SystemNames
{
    private const int MaxLength = 63;

    /// <summary>The nearest system name: accents dropped, anything else that is not allowed an underscore.</summary>
    /// <param name="text">The name that people wrote.</param>
    /// <param name="fallback">The system name where nothing of the text can stay.</param>
    public static string From(string text, string fallback)
    {
        ArgumentNullException.ThrowIfNull(text);
        var name = new StringBuilder();
        var gap = false;
        foreach (var c in Valid(text).Normalize(NormalizationForm.FormKD))
        {
            if (CharUnicodeInfo.GetUnicodeCategory(c) == UnicodeCategory.NonSpacingMark) continue;
            var replacement = c switch
            {
                'ß' => "ss",
                'æ' => "ae",
                'Æ' => "Ae",
                'ø' => "o",
                'Ø' => "O",
                'ł' => "l",
                'Ł' => "L",
                _ when char.IsAsciiLetterOrDigit(c) || c == '_' => c.ToString(),
                _ => null,
            };
            if (replacement is null)
            {
                gap = name.Length > 0;
                continue;
            }

            if (gap) name.Append('_');
            gap = false;
            name.Append(replacement);
        }

        if (name.Length == 0) return fallback;
        if (char.IsAsciiDigit(name[0])) name.Insert(0, '_');
        return name.ToString(0, Math.Min(name.Length, MaxLength));
    }

    /// <summary>Without what is no text, which <see cref="string.Normalize()"/> refuses: halves of surrogate pairs, and U+FFFE.</summary>
    private static string Valid(string text) => string.Concat(text.EnumerateRunes().Select(rune => rune.Value == 0xFFFE ? Rune.ReplacementChar : rune));

    /// <summary>The name itself, or with a number behind it where it is taken, ignoring case; it is taken from then on.</summary>
    internal static string Unique(string name, HashSet<string> taken)
    {
        var unique = name;
        for (var number = 2; !taken.Add(unique); number++)
        {
            var suffix = string.Create(CultureInfo.InvariantCulture, $"_{number}");
            unique = string.Concat(name.AsSpan(0, Math.Min(name.Length, MaxLength - suffix.Length)), suffix);
        }

        return unique;
    }
}
