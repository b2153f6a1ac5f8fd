using System.Globalization;
using System.Text;
using EntityImport.Conversion;
using EntityImport.Csv;
using EntityImport.Inputs;
using EntityImport.Rows;

namespace EntityImport.Imports;

/// <summary>Finds out what may have been taken for the header of a file whose columns are not those of the mapping, so that the message says how to go on.</summary>
internal static class HeaderHint
{
    private const string OfSpreadsheets = "sep=";

    /// <summary>What is probably wrong, as a sentence; null where nothing speaks for anything.</summary>
    /// <param name="input">The input.</param>
    /// <param name="layout">How it is laid out, as the mapping says.</param>
    /// <param name="wanted">The names that columns should have.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public static string? Find(IInput input, FileLayout layout, IReadOnlyList<string> wanted, CancellationToken cancellationToken)
    {
        if (!layout.HasHeader) return null;
        var place = input.PlaceOfColumns;
        if (SeparatorOf(input.Columns, layout) is { } separator)
        {
            var delimiter = separator == layout.Delimiter ? "" : $" and fieldDelimiter '{separator}'";
            return string.Create(CultureInfo.InvariantCulture, $"{place} is 'sep={separator}', by which a spreadsheet is told the delimiter, and no header: expected skipLines {layout.SkipLines + 1}{delimiter}.");
        }

        if (FindLine(input, wanted, cancellationToken) is { } line)
            return string.Create(CultureInfo.InvariantCulture, $"{place} holds {Show(input.Columns[0])}; the names are in line {line}: expected skipLines {line - 1}?");
        if (input.Columns is not [{ Length: > 0 } only]) return null;
        if (only.Contains(layout.Delimiter, StringComparison.Ordinal))
            return $"{place} is one column, {Show(only)}: the whole line is in quotes, so the delimiters in it are text. Are all lines so? Then each has to lose its outer quotes.";
        foreach (var other in (ReadOnlySpan<string>)[";", ",", "\t", "|"])
            if (only.Contains(other, StringComparison.Ordinal))
                return $"{place} is one column, {Show(only)}: is the delimiter '{RejectionReasons.Show(other)}', and not '{RejectionReasons.Show(layout.Delimiter)}'?";
        return wanted.Count > 1 ? $"{place} is one column, {Show(only)}: is it a title, with the header below it? Then skipLines says how many lines are to be passed." : null;
    }

    private static string Show(string name) => $"'{RejectionReasons.Show(name)}'";

    /// <summary>What a line <c>sep=;</c> says, which some spreadsheets write, and none repeats as a column; null where the header is none.</summary>
    private static string? SeparatorOf(IReadOnlyList<string> columns, FileLayout layout) =>
        !columns[0].StartsWith(OfSpreadsheets, StringComparison.OrdinalIgnoreCase) ? null
        : columns is [{ Length: 5 } whole] ? whole[^1..]
        : columns is [{ Length: 4 }, ""] ? layout.Delimiter : null;

    /// <summary>The line, from 1, of the first record among the first ones that has more of the names than the header, and at least half of them; null where none has.</summary>
    private static long? FindLine(IInput input, IReadOnlyList<string> wanted, CancellationToken cancellationToken)
    {
        if (input.Parts.Count == 0) return null;
        var names = wanted.ToHashSet(StringComparer.OrdinalIgnoreCase);
        var best = Math.Max(names.Count(name => input.Columns.Contains(name, StringComparer.OrdinalIgnoreCase)), (names.Count - 1) / 2);
        var reader = input.CreateReader();
        reader.Open(0);
        if (!reader.Read()) return null;
        foreach (var record in reader.Batch)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (record.Fault != RecordFault.None || record.FieldCount <= best) continue;
            var found = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
            for (var column = 0; column < record.FieldCount; column++)
                if (record[column].Length <= Limits.ColumnNameCharacters * 4 && Encoding.UTF8.GetString(record[column]) is var text && names.Contains(text)) found.Add(text);
            if (found.Count > best) return record.LineNumber;
        }

        return null;
    }
}
