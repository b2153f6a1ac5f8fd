using System.Globalization;
using System.Text;

namespace EntityImport.Bench.Tables.Writers;

/// <summary>Tables as SQL, in the words of one database.</summary>
/// <param name="Types">The type of each kind's column.</param>
/// <param name="Quote">What encloses names.</param>
/// <param name="Escape">What texts are when they stand between single quotes.</param>
internal sealed record SqlText(Func<Kind, string> Types, char Quote, Func<string, string> Escape)
{
    /// <summary>The statements that make the table and put its rows in.</summary>
    public string Create(Table table)
    {
        var sql = new StringBuilder($"CREATE TABLE {table.Name} ({string.Join(", ", table.Columns.Select(column => $"{Name(column)} {Types(column.Kind)}"))});\n");
        // MariaDB takes no longer lines in bootstrap mode.
        foreach (var rows in table.Rows.Chunk(40)) sql.Append(CultureInfo.InvariantCulture, $"INSERT INTO {table.Name} VALUES {string.Join(",\n", rows.Select(row => $"({string.Join(", ", row.Select(Literal))})"))};\n");
        return sql.ToString();
    }

    /// <summary>A column's name.</summary>
    public string Name(Column column) => $"{Quote}{column.Name}{Quote}";

    /// <summary>A text as a literal.</summary>
    public string Text(string text) => $"'{Escape(text)}'";

    private string Literal(object? value) => value switch
    {
        null => "NULL",
        bool flag => flag ? "TRUE" : "FALSE",
        DateOnly day => $"'{day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}'",
        DateTime time => $"'{time.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)}'",
        string text => Text(text),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };
}
