using System.Text;

namespace EntityImport.Conversion.Numbers;

/// <summary>Guesses what the writer of a number meant that could not be read.</summary>
internal static class NumberHints
{
    private static readonly string[] OtherCurrencies = ["$", "€", "£", "¥", "₹", "USD", "EUR", "GBP", "CHF", "kr", "R$"];

    /// <summary>A hint, or null.</summary>
    public static string? Find(NumberSyntax syntax, ReadOnlySpan<byte> text, FaultCode code) => code switch
    {
        FaultCode.NumberFormat => FindForFormat(syntax, text),
        FaultCode.NumberScale or FaultCode.NumberRange => FindForSeparators(syntax, text),
        _ => null,
    };

    private static string? FindForFormat(NumberSyntax syntax, ReadOnlySpan<byte> text)
    {
        var value = Encoding.UTF8.GetString(text);
        var trimmed = value.Trim();
        if (trimmed.Length == 0) return "it is blank";
        if (trimmed.Length != value.Length && Reads(syntax, trimmed)) return "it has spaces around it";
        if (FindForSeparators(syntax, text) is { } separators) return separators;
        foreach (var symbol in OtherCurrencies)
        {
            if (symbol == syntax.CurrencySymbol || !value.Contains(symbol, StringComparison.Ordinal)) continue;
            if (Reads(new NumberSyntax(syntax.DecimalSeparator, syntax.GroupingSeparator, symbol, syntax.PercentSymbol), value))
                return $"the currency symbol here is '{syntax.CurrencySymbol}'; is it '{symbol}' in this file?";
        }

        if (value.Any(c => char.IsDigit(c) && !char.IsAsciiDigit(c))) return "only the digits 0 to 9 are read";
        if (value.EndsWith('-') && Reads(syntax, value[..^1])) return "a minus sign stands before the number";
        return null;
    }

    private static string? FindForSeparators(NumberSyntax syntax, ReadOnlySpan<byte> text)
    {
        foreach (var separator in (ReadOnlySpan<string>)[".", ","])
        {
            if (separator == syntax.DecimalSeparator || text.IndexOf(Encoding.UTF8.GetBytes(separator)) < 0) continue;
            var grouping = separator == "." ? "," : ".";
            if (!new NumberSyntax(separator, grouping, syntax.CurrencySymbol, syntax.PercentSymbol).TryScan(text, out _)) continue;
            return separator == syntax.GroupingSeparator
                ? $"'{separator}' groups thousands here; is the decimal separator '{separator}'?"
                : $"the decimal separator here is '{syntax.DecimalSeparator}'; is it '{separator}' in this file?";
        }

        return null;
    }

    private static bool Reads(NumberSyntax syntax, string text) => syntax.TryScan(Encoding.UTF8.GetBytes(text), out _);
}
