using System.Text.RegularExpressions;

namespace EntityImport.Inference;

/// <summary>What a column's name tells of its values.</summary>
internal static partial class ColumnNames
{
    private static readonly HashSet<string> TextWords = new(StringComparer.OrdinalIgnoreCase)
    {
        "phone", "telephone", "tel", "telefon", "fax", "mobile", "mobil", "cell", "zip", "zipcode", "postal", "postcode", "postalcode", "plz",
        "iban", "bic", "ean", "gtin", "upc", "isbn", "vat",
    };

    private static readonly HashSet<string> DateWords = new(StringComparer.OrdinalIgnoreCase)
    {
        "dates", "dt", "day", "tag", "jour", "dia", "time", "timestamp", "ts", "fecha", "birth", "birthday", "born", "dob", "geboren", "geburtstag", "created", "updated", "modified",
        "changed", "ordered", "shipped", "delivered", "received", "paid", "due", "deadline", "expires", "expiry", "expiration", "since", "until", "started", "ended", "closed", "hired", "joined",
    };

    private static readonly string[] IdEndings = ["id", "key", "code", "sku", "no", "nr", "number"];

    /// <summary>The word by which the name says that digits are no number here, as in phone numbers; null where it says nothing.</summary>
    public static string? FindTextWord(string name) =>
        Words().Matches(name).Select(match => match.Value).FirstOrDefault(TextWords.Contains);

    /// <summary>Whether the name says that the values identify something.</summary>
    public static bool IsIdentifier(string name) =>
        Array.Exists(IdEndings, ending => name.AsSpan().TrimEnd(". #").EndsWith(ending, StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether the name says that the values are dates or times.</summary>
    public static bool SaysDate(string name)
    {
        var words = Words().Matches(name).Select(match => match.Value).ToList();
        return words.Exists(word => DateWords.Contains(word) || word.EndsWith("date", StringComparison.OrdinalIgnoreCase) || word.EndsWith("datum", StringComparison.OrdinalIgnoreCase))
            || (words.Count > 1 && words[^1].ToUpperInvariant() is "AT" or "ON");
    }

    /// <summary>Words as people write them together: <c>homePhone</c>, <c>PHONE_NO</c>, <c>Zip code</c>, <c>PLZOrt</c>.</summary>
    [GeneratedRegex(@"\p{Lu}+(?!\p{Ll})|\p{Lu}?\p{Ll}+", RegexOptions.CultureInvariant)]
    private static partial Regex Words();
}
