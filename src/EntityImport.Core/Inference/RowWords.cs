using System.Text;
using System.Text.RegularExpressions;

namespace EntityImport.Inference;

/// <summary>Words by which a row is told to be none of the data: totals below a table, units below a header.</summary>
internal static partial class RowWords
{
    private const int LongestWord = 120;

    private static readonly HashSet<string> Units = new(StringComparer.OrdinalIgnoreCase)
    {
        "kg", "g", "mg", "t", "lb", "lbs", "oz", "mm", "cm", "m", "km", "in", "inch", "ft", "l", "ml", "m2", "m3", "m²", "m³", "%", "°c", "°f", "k",
        "s", "sec", "min", "h", "hours", "days", "w", "kw", "kwh", "v", "a", "hz", "bar", "pa", "pcs", "pc", "stk", "stück", "ea", "each", "unit", "units",
        "eur", "usd", "gbp", "chf", "jpy", "€", "$", "£", "¥",
        "string", "text", "varchar", "char", "int", "integer", "bigint", "number", "numeric", "decimal", "float", "double", "date", "datetime", "timestamp", "bool", "boolean",
    };

    private static readonly HashSet<string> Nothings = new(StringComparer.OrdinalIgnoreCase) { "null", "\\n", "n/a", "na", "nan", "none", "-", "--", "?", "tbd", "k.a.", "#n/a", "." };

    /// <summary>Whether a text stands for a value that is missing.</summary>
    public static bool IsNothing(ReadOnlySpan<byte> text) => text.Length <= LongestWord && Nothings.Contains(Encoding.UTF8.GetString(text));

    /// <summary>Whether a text is a unit of measure, a currency, or the name of a type.</summary>
    public static bool IsUnit(ReadOnlySpan<byte> text) =>
        text.Length <= LongestWord && Encoding.UTF8.GetString(text) is var word && (Units.Contains(word.Trim('[', ']', '(', ')', ' ')) || word is ['[', .., ']'] or ['(', .., ')']);

    /// <summary>Whether a text begins as totals do.</summary>
    public static bool IsTotal(ReadOnlySpan<byte> text) => text.Length <= LongestWord && Total().IsMatch(Encoding.UTF8.GetString(text));

    /// <summary>Whether a line by itself is a note about the file, such as the number of its rows.</summary>
    public static bool IsNote(ReadOnlySpan<byte> text) => text.Length <= LongestWord && (Note().IsMatch(Encoding.UTF8.GetString(text)) || IsTotal(text));

    [GeneratedRegex(
        @"\A\W*((grand|sub|net|closing|opening|ending|end|final)[- ]?)?(totals?|sum|summe|zwischensumme|gesamt\w*|endsumme|insgesamt|(end|schluss)?saldo|balance|subtotal|somme|solde|suma|totale|totaal|soma|łącznie|razem|celkem|összesen|итого|всего|合計|总计)\b",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Total();

    [GeneratedRegex(
        @"\A\W*(\d+ (rows?|records?|lines?|zeilen|datensätze|lignes|filas)\b|(rows?|records?|count|anzahl|number of|end of|ende|eof|exported|generated|printed|created|report|page|seite|source|quelle|erstellt|gedruckt|exportiert|trailer)\b)",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Note();
}
