using System.Text;

namespace EntityImport.Bench.Compare.Results;

/// <summary>A table that reads as well on a terminal as it does in Markdown. A column that has a name and nothing else is left out.</summary>
/// <param name="header">The columns' names.</param>
/// <param name="right">For each column whether it stands on the right.</param>
internal sealed class TextTable(IReadOnlyList<string> header, IReadOnlyList<bool> right)
{
    private readonly List<IReadOnlyList<string>> _rows = [header];

    /// <summary>Adds a row.</summary>
    public void Add(params string[] cells) => _rows.Add([.. cells.Select(cell => cell.Replace("|", "\\|", StringComparison.Ordinal))]);

    /// <inheritdoc/>
    public override string ToString()
    {
        var columns = Enumerable.Range(0, header.Count).Where(column => _rows.Count == 1 || header[column].Length == 0 || _rows.Skip(1).Any(row => row[column].Length > 0)).ToList();
        var widths = header.Select((_, column) => Math.Max(3, _rows.Max(row => row[column].Length))).ToList();
        var text = new StringBuilder();
        Write(_rows[0]);
        text.Append('|').AppendJoin('|', columns.Select(column => new string('-', widths[column] + 1) + (right[column] ? ':' : '-'))).Append("|\n");
        foreach (var row in _rows.Skip(1)) Write(row);
        return text.ToString();

        void Write(IReadOnlyList<string> row) => text
            .Append("| ")
            .AppendJoin(" | ", columns.Select(column => right[column] ? row[column].PadLeft(widths[column]) : row[column].PadRight(widths[column])))
            .Append(" |\n");
    }
}
