using System.Globalization;
using EntityImport.Conversion.Ambiguity;
using EntityImport.Entities;
using EntityImport.Rows;

namespace EntityImport.Imports.Running.Warnings;

/// <summary>
/// Finds records of which a field holds other records: a quote was opened that nobody meant to, and the next quote of the file closed it. Such a record may have as many fields as any other, and is imported then. Thread-safe.
/// </summary>
/// <remarks>
/// Texts of several lines are ordinary. A line of one reads like a row where it has as many delimiters as a row, no blank behind any of them, and values that the columns take.
/// </remarks>
internal sealed class SwallowedRows
{
    private readonly ImportBinding _binding;
    private readonly byte[] _delimiter;
    private readonly byte _quote;
    private readonly int _columns;

    /// <summary>How many lines of a record must read like rows.</summary>
    private readonly int _leastLines;
    private readonly Lock _found = new();
    private long _rows;
    private long _lines;
    private Place _first = new(long.MaxValue, 0, 0, 0);

    /// <summary>Prepares for the rows of an import.</summary>
    public SwallowedRows(ImportBinding binding)
    {
        _binding = binding;
        var dialect = binding.Definition.Layout.CreateDialect();
        _delimiter = dialect.DelimiterBytes.ToArray();
        _quote = dialect.QuoteBytes[0];
        _columns = binding.Shape.Columns;
        // One line of few columns, all of them texts, can be prose.
        var hasTypes = binding.Fields.Any(field => field.Column >= 0 && field.Field.DataType != DataType.String);
        _leastLines = _columns >= (hasTypes ? 3 : 4) ? 1 : 2;
    }

    /// <summary>Looks at the records of a batch; where none has several lines, that is all that is found out.</summary>
    public void Look(RecordBatch batch)
    {
        if (_columns < 2 || batch.Count == 0) return;
        var last = batch[batch.Count - 1];
        if (!HasMoreLines(batch.Buffer.Span[batch.StartOf(0)..last.End], batch.Count - 1)) return;
        for (var record = 0; record < batch.Count; record++)
        {
            var found = batch[record];
            if (found.FieldCount == 0 || found.Raw.IndexOfAny((byte)'\n', (byte)'\r') < 0) continue;
            if (Judge(found.Raw, out var lines) is var swallowed && swallowed < _leastLines) continue;
            var place = new Place(batch.RecordsBefore + record + 1, _binding.Input.LineOf(batch, record), lines, swallowed);
            lock (_found)
            {
                _rows++;
                _lines += swallowed;
                if (place.Row < _first.Row) _first = place;
            }
        }
    }

    /// <summary>What is to be said after the last batch; null where nothing was found.</summary>
    public ImportWarning? Describe()
    {
        lock (_found)
        {
            if (_rows == 0) return null;
            var others = _rows == 1 ? "" : string.Create(
                CultureInfo.InvariantCulture, $" So {(_rows == 2 ? "does 1 more row" : $"do {_rows - 1:N0} more rows")}: {_lines:N0} lines in all.");
            return new ImportWarning
            {
                Code = ImportWarning.QuoteSwallowed,
                Differing = _rows,
                Row = _first.Row,
                Line = _first.Line,
                Message = string.Create(
                    CultureInfo.InvariantCulture,
                    $"Row {_first.Row} begins in line {_first.Line} and goes on over {_first.Lines - 1:N0} more {(_first.Lines == 2 ? "line" : "lines")}, of which {_first.Swallowed:N0} {(_first.Swallowed == 1 ? "reads like a row of its own, but is" : "read like rows of their own, but are")} text now: a quote in line {_first.Line} was probably not meant to open a field, and a later one closed it.{others} Correct the quotes in the file, or state multilineFields false if no field of it has several lines, and import it again."),
            };
        }
    }

    /// <summary>Whether a text has more line ends than those between its records. Blank lines between records are taken for such, too.</summary>
    private static bool HasMoreLines(ReadOnlySpan<byte> text, int between)
    {
        var feeds = text.Count((byte)'\n');
        // Where LF does not end the records, CR does.
        return feeds > between || ((feeds < between || between == 0) && text.Count((byte)'\r') > between);
    }

    /// <summary>How many lines of a record read like rows, the first one not counted.</summary>
    private int Judge(ReadOnlySpan<byte> record, out int lines)
    {
        var swallowed = 0;
        for (lines = 0; !record.IsEmpty; lines++)
        {
            var end = record.IndexOfAny((byte)'\n', (byte)'\r');
            var line = end < 0 ? record : record[..end];
            record = end < 0 ? [] : record[(end + (record[end..].StartsWith("\r\n"u8) ? 2 : 1))..];
            // The row whose quote it is had all of its delimiters, too.
            if (lines == 0 && line.Count(_delimiter) < _columns - 1) return 0;
            if (lines > 0 && ReadsLikeRow(line)) swallowed++;
        }

        return swallowed;
    }

    private bool ReadsLikeRow(ReadOnlySpan<byte> line)
    {
        if (line.Count(_delimiter) != _columns - 1) return false;
        Span<Range> fields = _columns <= 256 ? stackalloc Range[_columns] : new Range[_columns];
        var start = 0;
        for (var column = 0; column < _columns; column++)
        {
            var length = line[start..].IndexOf(_delimiter);
            var end = length < 0 ? line.Length : start + length;
            if (column > 0 && end > start && line[start] == ' ') return false;
            fields[column] = start..end;
            start = end + _delimiter.Length;
        }

        foreach (var bound in _binding.Fields)
            if (bound.Column >= 0 && bound.Converter.Check(line[fields[bound.Column]].Trim(_quote)) != FaultCode.None) return false;
        return true;
    }

    /// <summary>A record that was found.</summary>
    /// <param name="Row">Its number, from 1.</param>
    /// <param name="Line">Where it begins.</param>
    /// <param name="Lines">How many lines it has.</param>
    /// <param name="Swallowed">How many of them read like rows.</param>
    private readonly record struct Place(long Row, long Line, int Lines, int Swallowed);
}
