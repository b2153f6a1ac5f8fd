using EntityImport.Bench.Compare.Data;
using EntityImport.Bench.Compare.Scenarios;

namespace EntityImport.Bench.Compare.Peers;

/// <summary>How DuckDB reads a file of products.</summary>
internal static class DuckDbSource
{
    private const string Format = """header = true, auto_detect = false, delim = ',', quote = '"', escape = '"' """;

    /// <summary>What each column's text becomes; <c>TRY_CAST</c> and <c>try_strptime</c> are null where the text is no value, the others fail.</summary>
    private static readonly (string Column, string Strict)[] Conversions =
    [
        ("price", "CAST(replace(replace(price, '$', ''), ',', '') AS DECIMAL(18,2))"),
        ("discount", "CAST(CAST(replace(discount, '%', '') AS DECIMAL(9,2)) * 0.01 AS DECIMAL(9,4))"),
        ("stock", "CAST(stock AS BIGINT)"),
        ("weight", "CAST(weight AS DECIMAL(12,3))"),
        ("addedOn", "CAST(strptime(addedOn, '%d-%m-%Y') AS DATE)"),
        ("updatedAt", "strptime(updatedAt, '%d-%m-%Y %H:%M:%S')"),
    ];

    /// <summary>A plain file with its types, which <c>read_csv</c> converts itself.</summary>
    public static string Typed(string path) => Csv(path, ProductTable.Columns);

    /// <summary>Any file with all columns as text.</summary>
    public static string Texts(string path) => Csv(path, ProductTable.Columns.Select(column => (column.Name, "VARCHAR")));

    /// <summary>The products of a file: typed where it is plain, else converted in SQL, which fails at the first text that is no value.</summary>
    public static string Products(DataSet data, DataVariant variant) => ProductWriter.IsIso(variant)
        ? $"SELECT * FROM {Typed(data.PathOf(variant))}"
        : $"SELECT sku, name, category, {string.Join(", ", Conversions.Select(c => $"{c.Strict} AS {c.Column}"))} FROM {Texts(data.PathOf(variant))}";

    /// <summary>The converted products of a file with what is wrong with each as <c>reason</c>, null where nothing is.</summary>
    public static string JudgedProducts(string path) =>
        $"""
        SELECT sku, name, category, {string.Join(", ", Conversions.Select(c => $"c_{c.Column} AS {c.Column}"))},
            nullif(concat_ws('; ', CASE WHEN sku IS NULL THEN 'sku: missing' END, {string.Join(", ", Conversions.Select(c =>
                $"CASE WHEN c_{c.Column} IS NULL AND {c.Column} IS NOT NULL THEN '{c.Column}: no value (' || {c.Column} || ')' END"))}), '') AS reason
        FROM (SELECT *, {string.Join(", ", Conversions.Select(c => $"{Lenient(c.Strict)} AS c_{c.Column}"))} FROM {Texts(path)})
        """;

    private static string Lenient(string strict) =>
        strict.Replace("CAST(", "TRY_CAST(", StringComparison.Ordinal).Replace("strptime(", "try_strptime(", StringComparison.Ordinal);

    private static string Csv(string path, IEnumerable<(string Name, string Type)> columns) =>
        $"read_csv({DuckDbFile.Text(path)}, {Format}, columns = {{{string.Join(", ", columns.Select(column => $"'{column.Name}': '{column.Type}'"))}}})";
}
