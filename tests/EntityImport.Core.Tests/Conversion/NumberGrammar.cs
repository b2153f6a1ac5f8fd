using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;

namespace EntityImport.Core.Tests.Conversion;

/// <summary>The grammar of numbers once more, as regular expressions: slow and plain, to compare the scanner with.</summary>
internal sealed class NumberGrammar
{
    private const string Space = "[ \u00A0\u202F]?";
    private const string Sign = "(?<sign>[+\\-\u2212])";

    private readonly Regex[] _forms;

    public NumberGrammar(
        string decimalSeparator, string groupingSeparator, string currencySymbol, string percentSymbol, string[]? otherCurrencySymbols = null, bool trailingMinus = false)
    {
        var groups = groupingSeparator switch
        {
            "" => "(?!)",
            " " or "\u00A0" or "\u202F" => "[ \u00A0\u202F]",
            "'" or "\u2019" => "['\u2019]",
            _ => Regex.Escape(groupingSeparator),
        };
        var point = Regex.Escape(decimalSeparator);
        var whole = $"(?:(?<whole>[0-9]+)|(?<whole>[0-9]{{1,3}}(?:{groups}[0-9]{{3}})+)|(?<whole>[0-9]{{1,3}}(?:{groups}[0-9]{{2}})+{groups}[0-9]{{3}}))";
        var number = $"(?:{whole}(?:{point}(?<decimals>[0-9]*))?|{point}(?<decimals>[0-9]+))(?:[eE](?<exponent>[+\\-\u2212]?[0-9]{{1,3}}))?";
        var forms = new List<string> { $"{Sign}?{number}", $"\\((?<bracket>){number}\\)" };
        var minus = $"{Space}(?<sign>[\\-\u2212])";
        if (trailingMinus) forms.Add(number + minus);
        foreach (var (symbol, mark) in ((string, string)[])[(currencySymbol, ""), (percentSymbol, "(?<percent>)"), .. (otherCurrencySymbols ?? []).Select(other => (other, ""))])
        {
            if (symbol.Length == 0) continue;
            var text = mark + Regex.Escape(symbol);
            forms.Add($"{Sign}?{number}{Space}{text}");
            forms.Add($"{Sign}?{text}{Space}{number}");
            forms.Add($"\\((?<bracket>)(?:{number}{Space}{text}|{text}{Space}{number})\\)");
            if (trailingMinus) forms.Add($"(?:{number}{Space}{text}{minus}|{text}{Space}{number}{minus}|{number}{minus}{Space}{text})");
            if (mark.Length == 0) forms.Add($"{text}{Space}{Sign}{number}");
        }

        _forms = [.. forms.Select(form => new Regex($"\\A{form}\\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture))];
    }

    /// <summary>The digits as one integer, the power of ten that they are multiplied by, and the sign; null where the text is no number.</summary>
    public (BigInteger Mantissa, int Exponent, bool IsNegative)? Read(string text)
    {
        foreach (var number in ReadAll(text)) return number;
        return null;
    }

    /// <summary>What the text is by each form that it has; several of them may say the same.</summary>
    public IEnumerable<(BigInteger Mantissa, int Exponent, bool IsNegative)> ReadAll(string text)
    {
        foreach (var match in _forms.Select(form => form.Match(text)).Where(match => match.Success))
        {
            var exponent = match.Groups["exponent"].Success ? int.Parse(match.Groups["exponent"].Value.Replace('\u2212', '-'), CultureInfo.InvariantCulture) : 0;
            if (Math.Abs(exponent) > 308) continue;
            var decimals = match.Groups["decimals"].Value;
            var digits = string.Concat((match.Groups["whole"].Value + decimals).Where(char.IsAsciiDigit));
            yield return (
                BigInteger.Parse("0" + digits, CultureInfo.InvariantCulture),
                exponent - decimals.Length - (match.Groups["percent"].Success ? 2 : 0),
                match.Groups["bracket"].Success || match.Groups["sign"].Value is "-" or "\u2212");
        }
    }
}
