using System.Text;
using EntityImport.Conversion.Texts;
using EntityImport.Rows;

namespace EntityImport.Conversion.Numbers;

/// <summary>Guesses what the writer of a number meant that a syntax does not read. Thread-safe.</summary>
internal sealed class NumberHints(NumberSyntax syntax)
{
    private static readonly string[] Currencies = ["$", "€", "£", "¥", "₹", "R$", "kr", "zł", "CHF", "USD", "EUR", "GBP"];

    // Compiled at the first refused value, as most columns have none.
    private readonly Lazy<NumberSyntax[]> _otherCurrencies = new(() =>
        [.. Currencies.Where(symbol => symbol != syntax.CurrencySymbol && !syntax.OtherCurrencySymbols.Contains(symbol)).Select(symbol =>
            new NumberSyntax(syntax.DecimalSeparator, syntax.GroupingSeparator, symbol, syntax.PercentSymbol, [], syntax.TrailingMinus))]);

    private readonly Lazy<NumberSyntax[]> _otherSeparators = new(() =>
        [.. new[] { (".", ","), (",", ".") }.Where(pair => pair.Item1 != syntax.DecimalSeparator).Select(pair =>
            new NumberSyntax(pair.Item1, pair.Item2, syntax.CurrencySymbol, syntax.PercentSymbol, syntax.OtherCurrencySymbols, syntax.TrailingMinus))]);

    private readonly Lazy<NumberSyntax> _withTrailingMinus = new(() =>
        new NumberSyntax(syntax.DecimalSeparator, syntax.GroupingSeparator, syntax.CurrencySymbol, syntax.PercentSymbol, syntax.OtherCurrencySymbols, trailingMinus: true));

    private readonly Lazy<ZeroWords> _dashes = new(() => new ZeroWords(["-", "--", "\u2010", "\u2012", "\u2013", "\u2014", "\u2212"], [syntax.CurrencySymbol, .. syntax.OtherCurrencySymbols]));

    /// <summary>A hint, or null.</summary>
    public string? Find(ReadOnlySpan<byte> text, FaultCode code) => code switch
    {
        FaultCode.NumberFormat => FindForFormat(text),
        FaultCode.NumberScale => FindForScale(text),
        FaultCode.NumberRange when text.ContainsAny((byte)'e', (byte)'E') => NumberWording.Exponent,
        _ => null,
    };

    private string? FindForFormat(ReadOnlySpan<byte> text)
    {
        var trimmed = text.Trim(" \t"u8);
        if (trimmed.IsEmpty) return NumberWording.Blank;
        if (trimmed.Length != text.Length && Reads(syntax, trimmed)) return NumberWording.SpacesAround;
        if (_dashes.Value.Contains(text)) return NumberWording.DashAlone;
        if (!syntax.TrailingMinus && Reads(_withTrailingMinus.Value, text)) return NumberWording.MinusBehind;
        foreach (var other in _otherSeparators.Value)
        {
            if (!Reads(other, text)) continue;
            return other.DecimalSeparator == syntax.GroupingSeparator
                ? NumberWording.GroupsThousands(other.DecimalSeparator)
                : NumberWording.OtherSeparator(syntax.DecimalSeparator, other.DecimalSeparator);
        }

        foreach (var other in _otherCurrencies.Value)
            if (Reads(other, text)) return NumberWording.OtherCurrency(syntax.CurrencySymbol, other.CurrencySymbol);

        var written = Encoding.UTF8.GetString(text);
        if (HasSymbolOutside(written)) return NumberWording.SymbolOutside;
        if (written.Any(c => char.IsDigit(c) && !char.IsAsciiDigit(c))) return NumberWording.OtherDigits;
        return TextHints.FindInside(written, rune => rune.Value == ' ' || UnseenCharacters.MustBeNamed(rune), other => Reads(syntax, other)) ?? FindLetter(written);
    }

    /// <summary>Whether the text would be a number if what stands before or behind its parentheses stood in them.</summary>
    private bool HasSymbolOutside(string text)
    {
        var (open, close) = (text.IndexOf('(', StringComparison.Ordinal), text.LastIndexOf(')'));
        if (open < 0 || close <= open || (open == 0 && close == text.Length - 1)) return false;
        return Reads(syntax, Encoding.UTF8.GetBytes($"({text[..open]}{text[(open + 1)..close]}{text[(close + 1)..]})"));
    }

    /// <summary>Letters that look like digits, where digits stand beside them.</summary>
    private string? FindLetter(string text)
    {
        var letter = text.FirstOrDefault(c => c is 'O' or 'o' or 'l' or 'I');
        if (letter == default || !text.Any(char.IsAsciiDigit)) return null;
        var digits = text.Replace('O', '0').Replace('o', '0').Replace('l', '1').Replace('I', '1');
        return Reads(syntax, Encoding.UTF8.GetBytes(digits)) ? NumberWording.LetterInside(letter) : null;
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
