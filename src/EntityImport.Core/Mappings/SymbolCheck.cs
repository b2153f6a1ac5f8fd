using EntityImport.Conversion;
using EntityImport.Conversion.Numbers;

namespace EntityImport.Mappings;

/// <summary>
/// Refuses symbols by which one text could be read as two different numbers: none of the four may be, or hold, what numbers consist of anyway (see
/// <see cref="NumberSyntax"/>) or what another one is.
/// </summary>
internal static class SymbolCheck
{
    private const string Decimal = "decimalSeparator";
    private const string Grouping = "groupingSeparator";
    private const string Currency = "currencySymbol";
    private const string Percent = "percentSymbol";

    /// <summary>Notes the symbols that are refused.</summary>
    /// <param name="definition">What was stated.</param>
    /// <param name="format">The same with the locale's symbols in place of those that were not stated.</param>
    /// <param name="faults">Where faults are noted.</param>
    public static void FindFaults(ImportDefinition definition, ValueFormat format, RequestFaults faults)
    {
        var groups = NumberSyntax.SameAs(format.GroupingSeparator);
        var separators = (ReadOnlySpan<string>)[format.DecimalSeparator, .. groups];
        if (definition.DecimalSeparator is { } point)
        {
            if (IsPartOfNumbers(point[0]) || char.IsWhiteSpace(point[0])) Add(Decimal, "A decimal separator is no sign, digit, 'e', parenthesis or space.");
        }

        if (definition.GroupingSeparator is [var grouping] && IsPartOfNumbers(grouping)) Add(Grouping, "A grouping separator is no sign, digit, 'e' or parenthesis.");
        // Apostrophes are the same for a grouping separator, as spaces are. That both separators are equal is told elsewhere.
        if (format.DecimalSeparator != format.GroupingSeparator && groups.Contains(format.DecimalSeparator))
            Add(definition.GroupingSeparator is null ? Decimal : Grouping, "The grouping separator means the decimal separator, too: both apostrophes are the same for it.");
        CheckAffix(Currency, definition.CurrencySymbol, separators, faults);
        foreach (var other in definition.OtherCurrencySymbols) CheckAffix(Currency, other, separators, faults);
        CheckAffix(Percent, definition.PercentSymbol, separators, faults);
        var percent = format.PercentSymbol;
        if (((IEnumerable<string>)[format.CurrencySymbol, .. format.OtherCurrencySymbols]).Any(currency =>
                currency != percent && (currency.Contains(percent, StringComparison.Ordinal) || percent.Contains(currency, StringComparison.Ordinal))))
            Add(definition.PercentSymbol is null ? Currency : Percent, "One of currency and percent symbol is part of the other.");

        void Add(string member, string message) => faults.Add($"definition.{member}", message);
    }

    /// <summary>Checks a symbol that stands before or behind a number.</summary>
    private static void CheckAffix(string member, string? symbol, ReadOnlySpan<string> separators, RequestFaults faults)
    {
        if (symbol is null) return;
        if (symbol.AsSpan().ContainsAny('(', ')') || symbol.Any(char.IsDigit))
            Add("A symbol has no parenthesis, which is a minus sign, and no digit.");
        else if (symbol.Any(IsSign) && !IsDash(symbol, separators))
            Add("A symbol has no sign, but for dashes in place of decimals, as in ',-'.");
        else if (Remove(symbol, separators).Length == 0)
            Add("A symbol is more than separators and spaces.");

        void Add(string message) => faults.Add($"definition.{member}", message);
    }

    /// <summary>Whether the symbol is a separator and signs, as prices without decimals have it: <c>5,-</c>.</summary>
    private static bool IsDash(string symbol, ReadOnlySpan<string> separators) =>
        separators.Contains(symbol[..1]) && symbol.AsSpan(1).ContainsAny('-', '\u2212') && symbol[1..].All(c => c is '-' or '\u2212');

    private static string Remove(string symbol, ReadOnlySpan<string> separators)
    {
        foreach (var separator in separators)
            if (separator.Length > 0) symbol = symbol.Replace(separator, "", StringComparison.Ordinal);
        return symbol.Trim();
    }

    private static bool IsPartOfNumbers(char c) => IsSign(c) || c is 'e' or 'E' or '(' or ')' || char.IsDigit(c);

    private static bool IsSign(char c) => c is '+' or '-' or '\u2212';
}
