using EntityImport.Csv;
using EntityImport.Rows;

namespace EntityImport.Core.Tests.Csv;

/// <summary>
/// The rules for records as the contract words them, byte by byte over a whole file, with no thought of speed. It shares no code and
/// no structure with <see cref="CsvTokenizer"/>, which is tested against it.
/// </summary>
internal sealed class ReferenceTokenizer(byte[] file, CsvDialect dialect, int maxRecordBytes)
{
    private readonly byte[] _delimiter = dialect.DelimiterBytes.ToArray();
    private readonly byte[] _quote = dialect.QuoteBytes.ToArray();
    private readonly byte[] _escape = dialect.EscapeBytes.ToArray();

    /// <summary>Offset of the next line that is to be read.</summary>
    public int Position { get; private set; }

    /// <summary>Its number, from 1.</summary>
    public long LineNumber { get; private set; } = 1;

    /// <summary>Offset of the first byte of the record that was read last.</summary>
    public int RecordStart { get; private set; }

    /// <summary>Whether a blank line is a record of one empty field.</summary>
    public bool BlankLinesAreRecords { get; set; }

    /// <summary>Number of the fields of the record that was read last.</summary>
    public int FieldCount { get; private set; }

    /// <summary>Byte order marks that stood where records begin, and the line of the first one; 0 where there is none.</summary>
    public long ByteOrderMarks { get; private set; }

    public long FirstByteOrderMarkLine { get; private set; }

    /// <summary>Passes bytes that belong to no line.</summary>
    public void SkipBytes(int count) => Position += count;

    /// <summary>Passes a physical line, whatever is in it.</summary>
    public void SkipLine() => MoveBehindLineEnd(FirstLineEnd(Position));

    /// <summary>All records from here on.</summary>
    public List<Row> ReadAll()
    {
        var rows = new List<Row>();
        while (ReadNext() is { } row) rows.Add(row);
        return rows;
    }

    /// <summary>The next record; null at the end of the file.</summary>
    public Row? ReadNext()
    {
        while (Position < file.Length)
        {
            if (Is([0xEF, 0xBB, 0xBF], Position) && !dialect.Delimiter.StartsWith('\uFEFF') && dialect.Quote != '\uFEFF')
            {
                if (ByteOrderMarks++ == 0) FirstByteOrderMarkLine = LineNumber;
                Position += 3;
                continue;
            }

            RecordStart = Position;
            var line = LineNumber;
            var fields = new List<(byte[] Text, bool Quoted)>();
            var (end, fault, quoteAt) = TryRecord(RecordStart, fields);
            if (fault != RecordFault.None)
            {
                var lineEnd = FirstLineEnd(RecordStart);
                MoveBehindLineEnd(lineEnd);
                FieldCount = 0;
                return new Row(line, Raw(RecordStart, Math.Min(lineEnd, RecordStart + maxRecordBytes)), "", fault, quoteAt - RecordStart);
            }

            MoveBehindLineEnd(end);
            if (fields is [{ Text.Length: 0, Quoted: false }] && !BlankLinesAreRecords) continue;
            FieldCount = fields.Count;
            return new Row(line, Raw(RecordStart, end), string.Concat(fields.Select(f => Row.Field(f.Text, f.Quoted))), RecordFault.None, 0);
        }

        return null;
    }

    private (int End, RecordFault Fault, int QuoteAt) TryRecord(int start, List<(byte[] Text, bool Quoted)> fields)
    {
        var last = start + maxRecordBytes;
        var at = start;
        while (true)
        {
            var open = at;
            while (dialect.TrimSpaces && IsSpace(open) && !Is(_delimiter, open)) open++;
            if (Is(_quote, open))
            {
                if (open > last) return (0, RecordFault.TooLong, start);
                var text = new List<byte>();
                var inside = open + _quote.Length;
                while (true)
                {
                    if (inside >= file.Length || inside > last || (!dialect.MultilineFields && IsLineEndOrFileEnd(inside))) return (0, RecordFault.UnclosedQuote, open);
                    if (Is(_escape, inside) && Is(_quote, inside + _escape.Length))
                    {
                        text.AddRange(_quote);
                        inside += _escape.Length + _quote.Length;
                    }
                    else if (Is(_escape, inside) && dialect.Escape != dialect.Quote && Is(_escape, inside + _escape.Length))
                    {
                        text.AddRange(_escape);
                        inside += 2 * _escape.Length;
                    }
                    else if (Is(_escape, inside) && dialect.Escape != dialect.Quote && dialect.MultilineFields && inside + _escape.Length < file.Length && file[inside + _escape.Length] is (byte)'\n' or (byte)'\r')
                    {
                        text.Add(file[inside + _escape.Length]);
                        inside += _escape.Length + 1;
                    }
                    else if (Is(_quote, inside))
                    {
                        break;
                    }
                    else
                    {
                        text.Add(file[inside++]);
                    }
                }

                fields.Add((text.ToArray(), true));
                at = inside + _quote.Length;
                while (at <= last && dialect.TrimSpaces && IsSpace(at) && !Is(_delimiter, at)) at++;
                if (at > last) return (0, RecordFault.TooLong, start);
                if (!Is(_delimiter, at) && !IsLineEndOrFileEnd(at)) return (0, RecordFault.TextAfterQuote, open);
            }
            else
            {
                var from = at;
                while (!Is(_delimiter, at) && !IsLineEndOrFileEnd(at)) at++;
                var to = at;
                while (dialect.TrimSpaces && from < to && IsSpace(from)) from++;
                while (dialect.TrimSpaces && from < to && IsSpace(to - 1)) to--;
                fields.Add((file[from..to], false));
                if (at > last) return (0, RecordFault.TooLong, start);
            }

            if (IsLineEndOrFileEnd(at)) return (at, RecordFault.None, 0);
            at += _delimiter.Length;
        }
    }

    private int FirstLineEnd(int from)
    {
        while (!IsLineEndOrFileEnd(from)) from++;
        return from;
    }

    /// <summary>Goes behind the line end at <paramref name="end"/>, counting the line ends that are passed.</summary>
    private void MoveBehindLineEnd(int end)
    {
        while (Position < file.Length && Position <= end)
        {
            if (file[Position] == '\n' || (file[Position] == '\r' && !Is([(byte)'\n'], Position + 1))) LineNumber++;
            Position++;
        }

        if (end < file.Length && file[end] == '\r' && Is([(byte)'\n'], end + 1))
        {
            Position = end + 2;
            LineNumber++;
        }
    }

    private bool Is(byte[] mark, int at)
    {
        if (at + mark.Length > file.Length) return false;
        for (var i = 0; i < mark.Length; i++)
            if (file[at + i] != mark[i]) return false;
        return true;
    }

    private bool IsSpace(int at) => at < file.Length && file[at] is (byte)' ' or (byte)'\t';

    private bool IsLineEndOrFileEnd(int at) => at >= file.Length || file[at] is (byte)'\n' or (byte)'\r';

    private string Raw(int from, int to) => System.Text.Encoding.Latin1.GetString(file, from, to - from);
}
