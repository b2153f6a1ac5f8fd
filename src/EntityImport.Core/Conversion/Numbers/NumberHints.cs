using System.Text;
using EntityImport.Rows;

namespace EntityImport.Conversion.Numbers;

/// <summary>Guesses what the writer of a number meant that a syntax does not read. Thread-safe.</summary>
internal sealed class NumberHints(NumberSyntax syntax)
{
    private static readonly string[] Currencies = ["$", "€", "£", "¥", "₹", "R$", "kr", "zł", "CHF", "USD", "EUR", "GBP"];

    // Compiled at the first refused value, as most columns have none.
    private readonly Lazy<NumberSyntax[]> _otherCurrencies = new(() =>
        [.. Currencies.Where(symbol => symbol != syntax.CurrencySymbol).Select(symbol =>
            new NumberSyntax(syntax.DecimalSeparator, syntax.GroupingSeparator, symbol, syntax.PercentSymbol))]);

    private readonly Lazy<NumberSyntax[]> _otherSeparators = new(() =>
        [.. new[] { (".", ","), (",", ".") }.Where(pair => pair.Item1 != syntax.DecimalSeparator).Select(pair =>
            new NumberSyntax(pair.Item1, pair.Item2, syntax.CurrencySymbol, syntax.PercentSymbol))]);

    /// <summary>A hint, or null.</summary>
    public string? Find(ReadOnlySpan<byte> text, FaultCode code) => code switch
    {
        FaultCode.NumberFormat => FindForFormat(text),
        FaultCode.NumberScale => FindForScale(text),
        _ => null,
    };

    private string? FindForFormat(ReadOnlySpan<byte> text)
    {
        var trimmed = text.Trim(" \t"u8);
        if (trimmed.IsEmpty) return NumberWording.Blank;
        if (trimmed.Length != text.Length && Reads(syntax, trimmed)) return NumberWording.SpacesAround;
        foreach (var other in _otherSeparators.Value)
        {
            if (!Reads(other, text)) continue;
            return other.DecimalSeparator == syntax.GroupingSeparator
                ? NumberWording.GroupsThousands(other.DecimalSeparator)
                : NumberWording.OtherSeparator(syntax.DecimalSeparator, other.DecimalSeparator);
        }

        foreach (var other in _otherCurrencies.Value)
            if (Reads(other, text)) return NumberWording.OtherCurrency(syntax.CurrencySymbol, other.CurrencySymbol);

        if (Encoding.UTF8.GetString(text).Any(c => char.IsDigit(c) && !char.IsAsciiDigit(c))) return NumberWording.OtherDigits;
        return text[^1] == '-' && Reads(syntax, text[..^1]) ? NumberWording.MinusBehind : null;
    }

    // 1.234 has three decimals, or it is a thousand and more; 0.125 is no thousand.
    private string? FindForScale(ReadOnlySpan<byte> text)
    {
        var firstDigit = text.IndexOfAnyInRange((byte)'0', (byte)'9');
        if (firstDigit < 0 || text[firstDigit] == '0') return null;
        foreach (var other in _otherSeparators.Value)
        {
            if (other.GroupingSeparator == syntax.DecimalSeparator && Reads(other, text))
                return NumberWording.SeparatesDecimals(syntax.DecimalSeparator);
        }

        return null;
    }

    private static bool Reads(NumberSyntax syntax, ReadOnlySpan<byte> text) => syntax.TryScan(text, out _);
}
