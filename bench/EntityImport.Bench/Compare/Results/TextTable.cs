using System.Text;

namespace EntityImport.Bench.Compare.Results;

/// <summary>A table that reads as well on a terminal as it does in Markdown.</summary>
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
        var widths = header.Select((_, column) => Math.Max(3, _rows.Max(row => row[column].Length))).ToList();
        var text = new StringBuilder();
        Write(_rows[0]);
        text.Append('|').AppendJoin('|', widths.Select((width, column) => new string('-', width + 1) + (right[column] ? ':' : '-'))).Append("|\n");
        foreach (var row in _rows.Skip(1)) Write(row);
        return text.ToString();

        void Write(IReadOnlyList<string> row) => text
            .Append("| ")
            .AppendJoin(" | ", row.Select((cell, column) => right[column] ? cell.PadLeft(widths[column]) : cell.PadRight(widths[column])))
            .Append(" |\n");
    }
}
