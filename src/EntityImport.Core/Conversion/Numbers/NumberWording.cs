using System.Globalization;

namespace EntityImport.Conversion.Numbers;

/// <summary>The wording of what number fields accept and refuse, with examples in the file's own symbols.</summary>
internal static class NumberWording
{
    public const string Blank = "it is blank";

    public const string SpacesAround = "it has spaces around it";

    public const string OtherDigits = "only the digits 0 to 9 are read";

    public const string MinusBehind = "the minus sign stands behind the number, which trailingMinus reads";

    public const string DashAlone = "if a dash stands for zero in this file, zeroValues says so";

    public const string SymbolOutside = "the symbol stands outside of the parentheses";

    public const string Exponent = "it has an exponent, as spreadsheets write long codes, whose last digits are lost then";

    public static string LetterInside(char letter) => $"the letter '{letter}' stands among the digits";

    public static string GroupsThousands(string separator) => $"'{separator}' groups thousands here; is the decimal separator '{separator}'?";

    public static string OtherSeparator(string separator, string other) => $"the decimal separator here is '{separator}'; is it '{other}' in this file?";

    public static string SeparatesDecimals(string separator) => $"'{separator}' is the decimal separator here; does it group thousands in this file?";

    public static string OtherCurrency(string symbol, string other) => $"the currency symbol here is '{symbol}'; is it '{other}' in this file?";

    /// <summary>"a number like 1,234.50, with at most 2 decimals and 10 digits".</summary>
    public static string Expected(NumberSyntax syntax, DecimalSize size)
    {
        // An example that fits the field: 1234.5, or less where there is less room.
        var whole = Math.Min(size.Precision - size.Scale, 4);
        var value = new decimal[] { 0, 1, 12, 123, 1234 }[whole] + (size.Scale == 0 ? 0 : 0.5m);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Expected(syntax, "a number", value, size.Scale)}, with at most {size.Scale} decimals and {size.Precision} digits in all");
    }

    /// <summary>What is accepted, with an example: "a number like 1,234.5".</summary>
    public static string Expected(NumberSyntax syntax, string kind, decimal example, int decimals = 1) =>
        $"{kind} like {Write(syntax, example, decimals)}";

    private static string Write(NumberSyntax syntax, decimal value, int decimals)
    {
        var shown = value == decimal.Truncate(value) ? 0 : Math.Clamp(decimals, 1, 2);
        var format = new NumberFormatInfo
        {
            NumberDecimalSeparator = syntax.DecimalSeparator,
            NumberGroupSeparator = syntax.GroupingSeparator,
            NumberDecimalDigits = shown,
        };
        return value.ToString("N", format);
    }
}
