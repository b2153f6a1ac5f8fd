using Spectre.Console;

namespace EntityImport.Cli.Output;

/// <summary>A table of texts.</summary>
/// <param name="columns">The headings; a heading that ends in <c>#</c> is of a column of numbers, and shown without it.</param>
internal sealed class TextTable(params string[] columns)
{
    private const string NumberMark = "#";
    private const string Gap = "  ";

    private readonly List<string[]> _rows = [];

    /// <summary>The rows so far.</summary>
    public IReadOnlyList<string[]> Rows => _rows;

    /// <summary>Adds a row with one text for each column.</summary>
    public void Add(params string[] row) => _rows.Add(row);

    /// <summary>The table with lines around its cells.</summary>
    public Table ForTerminal()
    {
        var table = new Table().RoundedBorder();
        foreach (var column in columns)
            table.AddColumn(new TableColumn(Markup.Escape(Heading(column))) { Alignment = IsNumber(column) ? Justify.Right : Justify.Left });
        foreach (var row in _rows) table.AddRow([.. row.Select(text => new Text(OneLine(text)))]);
        return table;
    }

    /// <summary>Writes the table as lines, columns padded with spaces.</summary>
    public void WritePlain(TextWriter writer)
    {
        var lines = _rows.Prepend([.. columns.Select(Heading)]).Select(row => row.Select(OneLine).ToArray()).ToList();
        var widths = Enumerable.Range(0, columns.Length).Select(i => lines.Max(line => line[i].Length)).ToArray();
        foreach (var line in lines)
        {
            var cells = line.Select((text, i) => IsNumber(columns[i]) ? text.PadLeft(widths[i]) : text.PadRight(widths[i]));
            writer.WriteLine(string.Join(Gap, cells).TrimEnd());
        }
    }

    private static string Heading(string column) => IsNumber(column) ? column[..^NumberMark.Length] : column;

    private static bool IsNumber(string column) => column.EndsWith(NumberMark, StringComparison.Ordinal);

    /// <summary>The text without what would break its line, or move the cursor.</summary>
    internal static string OneLine(string text) => text.Any(char.IsControl) ? string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c)) : text;
}
