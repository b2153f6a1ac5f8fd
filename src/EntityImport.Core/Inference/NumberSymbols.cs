using System.Globalization;

namespace EntityImport.Inference;

/// <summary>The percent symbol of a file, and what may be its currency symbol.</summary>
/// <param name="percent">The percent symbol.</param>
/// <param name="currency">The currency symbol of the definition or its locale.</param>
internal sealed class NumberSymbols(string percent, string currency)
{
    /// <summary>Symbols that consist of letters. Other letters beside digits are a code, not money.</summary>
    private static readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> Lettered = new HashSet<string>(StringComparer.Ordinal)
    {
        "USD", "EUR", "GBP", "CHF", "JPY", "CNY", "AUD", "CAD", "NZD", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "RON", "BGN", "TRY", "RUB", "UAH",
        "INR", "BRL", "MXN", "ZAR", "KRW", "SGD", "HKD", "THB", "IDR", "MYR", "PHP", "ILS", "AED", "SAR",
        "kr", "kr.", "zł", "Kč", "Ft", "lei", "SFr.", "Fr.", "RM", "Rp", "руб.",
        "R$", "US$", "A$", "AU$", "C$", "CA$", "HK$", "NZ$", "NT$", "S$", "MX$",
    }.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>The percent symbol.</summary>
    public string Percent { get; } = percent;

    /// <summary>The currency symbol of the definition or its locale.</summary>
    public string Currency { get; } = currency;

    /// <summary>Whether the text is a currency symbol.</summary>
    public bool IsCurrency(ReadOnlySpan<char> text) =>
        text.SequenceEqual(Currency)
        || (text.Length == 1 && char.GetUnicodeCategory(text[0]) == UnicodeCategory.CurrencySymbol)
        || Lettered.Contains(text);
}
