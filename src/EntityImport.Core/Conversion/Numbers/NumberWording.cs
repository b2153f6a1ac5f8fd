using System.Globalization;

namespace EntityImport.Conversion.Numbers;

/// <summary>Says what a number field accepts, with an example in the file's own symbols.</summary>
internal static class NumberWording
{
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
