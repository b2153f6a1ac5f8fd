using EntityImport.Catalog;

namespace EntityImport.Imports.Repairs;

/// <summary>Changes texts as a cure says.</summary>
internal static class TextChanges
{
    /// <summary>The most characters that a text is brought to.</summary>
    public const int MaxPadding = 4_000;

    /// <summary>The text as it is then.</summary>
    public static string Apply(TextChange change, string text)
    {
        if (change.Trim) text = text.Trim();
        if (change.Strip is { Length: > 0 } symbol)
        {
            if (text.StartsWith(symbol, StringComparison.Ordinal)) text = text[symbol.Length..].TrimStart();
            if (text.EndsWith(symbol, StringComparison.Ordinal)) text = text[..^symbol.Length].TrimEnd();
        }

        if (change is { PadTo: { } length, PadWith: { Length: 1 } pad } && text.Length > 0) text = text.PadLeft(length, pad[0]);
        return text;
    }
}
