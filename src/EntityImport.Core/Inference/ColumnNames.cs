using System.Text.RegularExpressions;

namespace EntityImport.Inference;

/// <summary>What a column's name tells of its values.</summary>
internal static partial class ColumnNames
{
    /// <summary>Words of names under which digits are no numbers to count with, in several languages.</summary>
    private static readonly HashSet<string> TextWords = new(StringComparer.OrdinalIgnoreCase)
    {
        "phone", "telephone", "tel", "telefon", "telefono", "teléfono", "téléphone", "telefone", "fax", "mobile", "mobil", "cell", "handy", "móvil", "msisdn",
        "zip", "zipcode", "postal", "postcode", "postalcode", "plz", "postleitzahl", "postnummer", "postnr", "pincode",
        "code", "kod", "kode", "codigo", "código", "codice", "country", "pays", "país",
        "iban", "bic", "swift", "blz", "ean", "gtin", "upc", "isbn", "issn", "asin", "barcode", "strichcode", "vat", "taxid", "ssn", "imei", "iccid", "siret", "siren",
        "serial", "seriennummer",
    };

    private static readonly HashSet<string> DateWords = new(StringComparer.OrdinalIgnoreCase)
    {
        "dates", "dt", "day", "tag", "jour", "dia", "time", "timestamp", "ts", "fecha", "birth", "birthday", "born", "dob", "geboren", "geburtstag", "created", "updated", "modified",
        "changed", "ordered", "shipped", "delivered", "received", "paid", "due", "deadline", "expires", "expiry", "expiration", "since", "until", "started", "ended", "closed", "hired", "joined",
    };

    /// <summary>Words of names whose values are counted part by part: 1.10 comes after 1.9.</summary>
    private static readonly HashSet<string> VersionWords = new(StringComparer.OrdinalIgnoreCase)
    {
        "version", "versión", "versione", "versao", "versão", "wersja", "release", "firmware", "revision", "版", "版本", "バージョン", "версия", "verzió", "verze",
    };

    /// <summary>Words of names that say how much of something there is: 1.5 and 1.50 are one value under them.</summary>
    private static readonly HashSet<string> AmountWords = new(StringComparer.OrdinalIgnoreCase)
    {
        "price", "preis", "prix", "precio", "prezzo", "preço", "amount", "betrag", "montant", "importe", "importo", "cost", "kosten", "total", "summe", "sum",
        "value", "wert", "valeur", "valor", "weight", "gewicht", "poids", "peso", "qty", "quantity", "menge", "rate", "kurs", "share", "percent", "margin", "discount", "rabatt",
    };

    private static readonly string[] IdEndings = ["id", "key", "code", "sku", "no", "nr", "number", "nummer", "ean", "gtin", "isbn", "uuid", "guid"];

    /// <summary>The word by which the name says that digits are no number here, as in phone numbers; null where it says nothing.</summary>
    public static string? FindTextWord(string name) =>
        Words().Matches(name).Select(match => match.Value).FirstOrDefault(TextWords.Contains);

    /// <summary>The word by which the name says that the values are versions; null where it says nothing.</summary>
    public static string? FindVersionWord(string name) =>
        Words().Matches(name).Select(match => match.Value).FirstOrDefault(VersionWords.Contains);

    /// <summary>Whether the name says that the values are amounts of something.</summary>
    public static bool IsAmount(string name) => Words().Matches(name).Any(match => AmountWords.Contains(match.Value));

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
    [GeneratedRegex(@"\p{Lu}+(?!\p{Ll})|\p{Lu}?\p{Ll}+|\p{Lo}+", RegexOptions.CultureInvariant)]
    private static partial Regex Words();
}
