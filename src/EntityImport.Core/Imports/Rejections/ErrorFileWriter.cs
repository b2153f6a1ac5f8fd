using System.Globalization;
using System.Text;
using EntityImport.Csv;
using EntityImport.Inputs;

namespace EntityImport.Imports.Rejections;

/// <summary>
/// Writes an error file from a rejected-rows file: the input's header and rows verbatim, in its dialect and encoding, with the reasons behind them, so that it can be
/// corrected and uploaded again under the same mapping.
/// </summary>
internal static class ErrorFileWriter
{
    /// <summary>Writes the file.</summary>
    /// <param name="rejected">The rejected rows. They are read twice.</param>
    /// <param name="target">Where the error file goes.</param>
    /// <param name="forSpreadsheets">Whether a safe copy is written instead, see <see cref="SafeCopyWriter"/>.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="InvalidDataException">The rejected rows are damaged; where that can be told before, nothing is written.</exception>
    public static async Task WriteAsync(RejectedRowsReader rejected, Stream target, bool forSpreadsheets, CancellationToken cancellationToken)
    {
        var format = rejected.Format;
        var hasRecordColumn = false;
        while (!hasRecordColumn && rejected.Read() is { } row)
        {
            cancellationToken.ThrowIfCancellationRequested();
            hasRecordColumn = !row.HasColumns;
        }

        while (rejected.Skip()) cancellationToken.ThrowIfCancellationRequested();
        rejected.Rewind();

        var dialect = new CsvDialect(format.Delimiter, format.Quote, format.Escape, format.TrimSpaces);
        var encoding = FileEncoding.Find(Encoding.GetEncoding(format.CodePage).WebName)!;
        // Excel knows Unicode by the mark alone.
        if (format.HasByteOrderMark || forSpreadsheets) await target.WriteAsync(Encoding.GetEncoding(encoding.CodePage).GetPreamble(), cancellationToken).ConfigureAwait(false);
        using var buffer = new MemoryStream();
        var writer = new CsvFieldWriter(buffer, dialect);
        using var safeCopy = forSpreadsheets ? new SafeCopyWriter(buffer, format) : null;
        if (safeCopy is null) WriteHead(buffer, writer, format, hasRecordColumn);
        else safeCopy.WriteHead();
        while (true)
        {
            if (buffer.Length >= 64 << 10) await FlushAsync().ConfigureAwait(false);
            if (rejected.Read() is not { } row) break;
            if (safeCopy is null) WriteRow(buffer, writer, format, row, hasRecordColumn);
            else safeCopy.WriteRow(row);
        }

        await FlushAsync().ConfigureAwait(false);

        async Task FlushAsync()
        {
            var utf8 = buffer.GetBuffer().AsMemory(0, (int)buffer.Length);
            var bytes = encoding == FileEncoding.Utf8 ? utf8 : encoding.GetBytes(Encoding.UTF8.GetString(utf8.Span));
            await target.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
            buffer.SetLength(0);
        }
    }

    /// <summary>Writes rows that were corrected, as an error file without reasons, in UTF-8 with a byte order mark, which wins over what the mapping and the upload say: a correction may have characters that the input's encoding has not.</summary>
    /// <param name="format">What the rows are written in.</param>
    /// <param name="rows">The rows: their numbers, their lines, and their fields.</param>
    /// <param name="target">Where the file goes.</param>
    public static void WriteCorrected(ErrorFileFormat format, IEnumerable<(long Row, long Line, IReadOnlyList<string> Fields)> rows, Stream target)
    {
        target.Write(Encoding.UTF8.Preamble);
        using var buffer = new MemoryStream();
        var writer = new CsvFieldWriter(buffer, new CsvDialect(format.Delimiter, format.Quote, format.Escape, format.TrimSpaces));
        WriteHead(buffer, writer, format, hasRecordColumn: false);
        foreach (var (row, line, fields) in rows)
        {
            writer.WriteRecord([.. fields, row.ToString(CultureInfo.InvariantCulture), line.ToString(CultureInfo.InvariantCulture), ""]);
            writer.WriteLineEnd(format.LineEnd);
            if (buffer.Length >= 64 << 10) Flush();
        }

        Flush();

        void Flush()
        {
            target.Write(buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
            buffer.SetLength(0);
        }
    }

    private static void WriteHead(MemoryStream buffer, CsvFieldWriter writer, ErrorFileFormat format, bool hasRecordColumn)
    {
        buffer.Write(format.Preamble);
        var added = ErrorFileColumns.Names.SkipLast(hasRecordColumn ? 0 : 1);
        if (format.Header.Length > 0)
        {
            buffer.Write(format.Header);
            writer.WriteDelimiter();
            writer.WriteRecord(added);
        }
        else
        {
            writer.WriteRecord(format.Columns.Concat(added));
        }

        writer.WriteLineEnd(format.LineEnd);
    }

    private static void WriteRow(
        MemoryStream buffer, CsvFieldWriter writer, ErrorFileFormat format, StoredRejectedRow row, bool hasRecordColumn)
    {
        if (row.HasColumns) buffer.Write(row.Text);
        else for (var column = 1; column < format.Columns.Count; column++) writer.WriteDelimiter();
        writer.WriteDelimiter();
        writer.WriteField(Encoding.UTF8.GetBytes(row.Row.ToString(CultureInfo.InvariantCulture)));
        writer.WriteDelimiter();
        writer.WriteField(Encoding.UTF8.GetBytes(row.Line.ToString(CultureInfo.InvariantCulture)));
        writer.WriteDelimiter();
        writer.WriteField(Encoding.UTF8.GetBytes(RowRejections.Join(row.Reasons)));
        if (hasRecordColumn)
        {
            writer.WriteDelimiter();
            if (!row.HasColumns) writer.WriteField(row.Text);
        }

        writer.WriteLineEnd(format.LineEnd);
    }
}
