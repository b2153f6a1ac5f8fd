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

    private static readonly string[] IdEndings = ["id", "key", "code", "sku", "no", "nr", "number"];

    /// <summary>The word by which the name says that digits are no number here, as in phone numbers; null where it says nothing.</summary>
    public static string? FindTextWord(string name) =>
        Words().Matches(name).Select(match => match.Value).FirstOrDefault(TextWords.Contains);

    /// <summary>Whether the name says that the values identify something.</summary>
    public static bool IsIdentifier(string name) =>
        Array.Exists(IdEndings, ending => name.AsSpan().TrimEnd(". #").EndsWith(ending, StringComparison.OrdinalIgnoreCase));

    /// <summary>Words as people write them together: <c>homePhone</c>, <c>PHONE_NO</c>, <c>Zip code</c>, <c>PLZOrt</c>.</summary>
    [GeneratedRegex(@"\p{Lu}+(?!\p{Ll})|\p{Lu}?\p{Ll}+", RegexOptions.CultureInvariant)]
    private static partial Regex Words();
}
