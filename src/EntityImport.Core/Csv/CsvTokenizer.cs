using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace EntityImport.Csv;

/// <summary>Why <see cref="CsvTokenizer.Read"/> stopped.</summary>
public enum TokenizerStop
{
    /// <summary>The batch is full; call again.</summary>
    BatchFull,

    /// <summary>Every record that begins before the end has been read.</summary>
    End,

    /// <summary>The record at <see cref="CsvTokenizer.Position"/> may go on beyond the buffer, which must be made longer to decide it.</summary>
    MoreInputNeeded,
}

/// <summary>
/// Splits CSV bytes in UTF-8 into records and fields, as offsets into the buffer: no copies, no allocation, no exceptions.
/// Not thread-safe; each thread has its own.
/// </summary>
/// <remarks>
/// <para>
/// The rules are RFC 4180's with what real files need: lines end with LF, CR LF or CR; a quote opens a quoted field only at its beginning (after
/// surrounding spaces, where these are ignored), anywhere else it is text; a blank line is no record, but for files of one column.
/// </para>
/// <para>
/// A record with text after a closing quote, or with a quote that does not close within the file or <see cref="CsvDialect.MaxRecordBytes"/>, is
/// faulty: it ends with its first line, and reading goes on at the next. The time that this takes is linear in the size of the
/// file whatever it contains, see <see cref="QuoteTrail"/>.
/// </para>
/// <para>
/// How it works: 64 bytes at a time become a bit mask of the bytes that matter (<see cref="IBlockScanner{TSelf}"/>), and an exact state machine
/// steps from one to the next. Nothing is guessed from the parity of quotes, so a stray quote is text where it is text.
/// </para>
/// </remarks>
public sealed class CsvTokenizer
{
    /// <summary>
    /// Bytes that a buffer must hold beyond the end of a part so that the part's last record is decided, unless a quote is open there.
    /// </summary>
    public const int Lookahead = 64;

    /// <summary>No mark is longer: 4 characters of a delimiter, at most 3 bytes each, or two surrogate pairs.</summary>
    internal const int LongestMark = 12;

    private readonly CsvDialect _dialect;
    private readonly BlockScan _scan;
    private readonly StopBytes _stops;
    private readonly QuoteTrail _trail;
    private ReadOnlyMemory<byte> _buffer;
    private long _bufferOffset;
    private int _end;
    private bool _final;
    private bool _skippingLine;

    /// <summary>Makes a tokenizer.</summary>
    /// <param name="dialect">How records are written.</param>
    /// <param name="scan">Which instructions to use.</param>
    public CsvTokenizer(CsvDialect dialect, BlockScan scan = BlockScan.Best)
    {
        ArgumentNullException.ThrowIfNull(dialect);
        _dialect = dialect;
        _scan = scan != BlockScan.Best ? scan
            : Vector512.IsHardwareAccelerated ? BlockScan.Vector512
            : Vector256.IsHardwareAccelerated ? BlockScan.Vector256
            : Vector128.IsHardwareAccelerated ? BlockScan.Vector128
            : BlockScan.Scalar;
        _stops = new StopBytes(dialect.DelimiterBytes[0], dialect.QuoteBytes[0], dialect.EscapeBytes[0]);
        _trail = new QuoteTrail(dialect);
    }

    /// <summary>Whether a blank line is a record of one empty field, as it is in files of one column.</summary>
    public bool BlankLinesAreRecords { get; set; }

    /// <summary>Offset in the buffer at which the next record begins.</summary>
    public int Position { get; private set; }

    /// <summary>Physical line on which the next record begins, from 1 for the file's first line.</summary>
    public long LineNumber { get; private set; } = 1;

    /// <summary>Records read since the tokenizer was made, faulty ones included, or since <see cref="StartAt"/> named a number.</summary>
    public long RecordsRead { get; private set; }

    /// <summary>Forgets everything and says where in the file the next buffer begins.</summary>
    /// <param name="recordsRead">Records of the file before it.</param>
    /// <param name="lineNumber">Its first physical line, from 1.</param>
    public void StartAt(long recordsRead, long lineNumber)
    {
        RecordsRead = recordsRead;
        LineNumber = lineNumber;
        _skippingLine = false;
        _trail.Forget();
    }

    /// <summary>Gives the tokenizer a buffer. It begins where the last one's <see cref="Position"/> was.</summary>
    /// <param name="buffer">The bytes.</param>
    /// <param name="bufferOffset">Offset of the buffer's first byte in the file.</param>
    /// <param name="end">Only records that begin before this offset in the buffer are read; what follows decides where they end.</param>
    /// <param name="final">Whether the file ends with the buffer.</param>
    public void SetBuffer(ReadOnlyMemory<byte> buffer, long bufferOffset, int end, bool final)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(end, buffer.Length);
        _buffer = buffer;
        _bufferOffset = bufferOffset;
        _end = end;
        _final = final;
        Position = 0;
    }

    /// <summary>Reads the next records into a batch, which is emptied first.</summary>
    public TokenizerStop Read(RecordBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        batch.Clear(_buffer, RecordsRead);
        if (_skippingLine && !SkipLine()) return Position >= _end ? TokenizerStop.End : TokenizerStop.MoreInputNeeded;
        var stop = _scan switch
        {
            BlockScan.Vector512 => Read(batch, Vector512Scanner.Create(_stops)),
            BlockScan.Vector256 => Read(batch, Vector256Scanner.Create(_stops)),
            BlockScan.Vector128 => Read(batch, Vector128Scanner.Create(_stops)),
            _ => Read(batch, ScalarScanner.Create(_stops)),
        };
        RecordsRead += batch.Count;
        return stop;
    }

    private TokenizerStop Read<TScanner>(RecordBatch batch, TScanner scanner) where TScanner : struct, IBlockScanner<TScanner>
    {
        var data = _buffer.Span;
        var stops = new StopCursor<TScanner>(data, Position, scanner);
        var delimiter = _stops.Delimiter;
        var delimiterLength = _dialect.DelimiterBytes.Length;
        while (Position < _end)
        {
            if (batch.IsFull) return TokenizerStop.BatchFull;
            var record = new RecordInProgress { Start = Position, FirstField = batch.FieldCount };
            var fieldStart = Position;
            while (true)
            {
                var at = stops.Next();
                if (at >= data.Length)
                {
                    if (_final)
                    {
                        AddField(batch, data, fieldStart, data.Length);
                        EndRecord(batch, ref record, data.Length, data.Length);
                        break;
                    }

                    if (data.Length - record.Start <= CsvDialect.MaxRecordBytes) return NeedMore(batch, record);
                    record.Fault = RecordFault.TooLong;
                }
                else
                {
                    var value = data[at];
                    if (value == delimiter && (delimiterLength == 1 || IsDelimiter(data, at, fieldStart)))
                    {
                        AddField(batch, data, fieldStart, at);
                        fieldStart = at + delimiterLength;
                        continue;
                    }

                    if (value is (byte)'\n' or (byte)'\r')
                    {
                        var next = at + 1;
                        if (value == '\r')
                        {
                            if (next == data.Length && !_final) return NeedMore(batch, record);
                            if (next < data.Length && data[next] == '\n') next++;
                            stops.Seek(next);
                        }

                        AddField(batch, data, fieldStart, at);
                        EndRecord(batch, ref record, at, next);
                    }
                    else if (value != _stops.Quote || !OpensField(data, fieldStart, at))
                    {
                        continue;
                    }
                    else
                    {
                        switch (ReadQuoted(ref stops, batch, data, ref record, at))
                        {
                            case QuoteEnd.Delimiter:
                                fieldStart = record.Next;
                                continue;
                            case QuoteEnd.Record:
                                EndRecord(batch, ref record, record.End, record.Next);
                                break;
                            case QuoteEnd.Undecided:
                                return NeedMore(batch, record);
                        }
                    }
                }

                if (record.Fault == RecordFault.None) break;
                if (!Reject(batch, data, record)) return NeedMore(batch, record);
                if (_skippingLine) return Position >= _end ? TokenizerStop.End : TokenizerStop.MoreInputNeeded;
                stops = new StopCursor<TScanner>(data, Position, scanner);
                break;
            }
        }

        return TokenizerStop.End;
    }

    /// <summary>What is known of the record being read.</summary>
    private struct RecordInProgress
    {
        public int Start;
        public int FirstField;

        /// <summary>Where the record ends, and where the field or record after it begins; set when a quoted field ended.</summary>
        public int End;
        public int Next;

        /// <summary>Line ends inside quotes: how many, and the offset behind the first one.</summary>
        public int LinesCrossed;
        public int FirstLineEnd;

        /// <summary>What is wrong, and where the quote opened.</summary>
        public RecordFault Fault;
        public int QuoteOpen;
    }

    private enum QuoteEnd
    {
        Delimiter,
        Record,
        Fault,
        Undecided,
    }

    private QuoteEnd ReadQuoted<TScanner>(
        ref StopCursor<TScanner> stops, RecordBatch batch, ReadOnlySpan<byte> data, ref RecordInProgress record, int open)
        where TScanner : struct, IBlockScanner<TScanner>
    {
        var quote = _dialect.QuoteBytes;
        var escape = _dialect.EscapeBytes;
        var doubled = _dialect.Quote == _dialect.Escape;
        var start = open + quote.Length;
        var escaped = false;
        record.QuoteOpen = open;
        stops.Seek(start);
        while (true)
        {
            var at = stops.Next();
            if (at - record.Start > CsvDialect.MaxRecordBytes || (at >= data.Length && _final))
            {
                record.Fault = RecordFault.UnclosedQuote;
                return QuoteEnd.Fault;
            }

            if (at >= data.Length) return QuoteEnd.Undecided;
            var value = data[at];
            if (!doubled && value == escape[0] && data[at..].StartsWith(escape))
            {
                var after = data[(at + escape.Length)..];
                var length = after.StartsWith(quote) ? quote.Length : after.StartsWith(escape) ? escape.Length : 0;
                escaped |= length > 0;
                stops.Seek(at + escape.Length + length);
            }
            else if (value == quote[0] && data[at..].StartsWith(quote))
            {
                var after = at + quote.Length;
                if (!doubled || !data[after..].StartsWith(quote))
                {
                    batch.AddField(new FieldSpan(start, at - start, quoted: true, escaped));
                    return EndQuoted(ref stops, data, ref record, after);
                }

                escaped = true;
                stops.Seek(after + quote.Length);
            }
            else if (value == '\n' || (value == '\r' && !data[(at + 1)..].StartsWith((byte)'\n')))
            {
                record.LinesCrossed++;
                if (record.LinesCrossed > 1) continue;
                record.FirstLineEnd = at + 1;
                if (!_trail.Covers(_bufferOffset + at + 1)) continue;
                switch (FollowTrail(data, record))
                {
                    case QuoteTrail.Verdict.Whole: continue;
                    case QuoteTrail.Verdict.Undecided: return QuoteEnd.Undecided;
                    case QuoteTrail.Verdict.TextAfterQuote: record.Fault = RecordFault.TextAfterQuote; break;
                    case QuoteTrail.Verdict.Unclosed: record.Fault = RecordFault.UnclosedQuote; break;
                    case QuoteTrail.Verdict.TooLong: record.Fault = RecordFault.TooLong; break;
                }

                return QuoteEnd.Fault;
            }
        }
    }

    /// <summary>Decides what follows a closing quote: spaces, then a delimiter or a line end, or text that must not be there.</summary>
    private QuoteEnd EndQuoted<TScanner>(ref StopCursor<TScanner> stops, ReadOnlySpan<byte> data, ref RecordInProgress record, int after)
        where TScanner : struct, IBlockScanner<TScanner>
    {
        var next = after;
        while (true)
        {
            if (next - record.Start > CsvDialect.MaxRecordBytes)
            {
                record.Fault = RecordFault.TooLong;
                return QuoteEnd.Fault;
            }

            if (!_final && data.Length - next < LongestMark) return QuoteEnd.Undecided;
            if (next < data.Length && data[next..].StartsWith(_dialect.DelimiterBytes))
            {
                record.Next = next + _dialect.DelimiterBytes.Length;
                stops.Seek(record.Next);
                return QuoteEnd.Delimiter;
            }

            if (next == data.Length || data[next] is (byte)'\n' or (byte)'\r') break;
            if (!_dialect.TrimSpaces || data[next] is not ((byte)' ' or (byte)'\t'))
            {
                record.Fault = RecordFault.TextAfterQuote;
                return QuoteEnd.Fault;
            }

            next++;
        }

        record.End = next;
        record.Next = next == data.Length ? next : next + (data[next..].StartsWith("\r\n"u8) ? 2 : 1);
        stops.Seek(record.Next);
        return QuoteEnd.Record;
    }

    private QuoteTrail.Verdict FollowTrail(ReadOnlySpan<byte> data, in RecordInProgress record) =>
        _trail.Follow(data, _bufferOffset, _bufferOffset + record.Start + CsvDialect.MaxRecordBytes, _final);

    private static TokenizerStop NeedMore(RecordBatch batch, in RecordInProgress record)
    {
        batch.TruncateFields(record.FirstField);
        return TokenizerStop.MoreInputNeeded;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void AddField(RecordBatch batch, ReadOnlySpan<byte> data, int start, int end)
    {
        if (_dialect.TrimSpaces)
        {
            while (start < end && data[start] is (byte)' ' or (byte)'\t') start++;
            while (start < end && data[end - 1] is (byte)' ' or (byte)'\t') end--;
        }

        batch.AddField(new FieldSpan(start, end - start));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void EndRecord(RecordBatch batch, ref RecordInProgress record, int end, int next)
    {
        if (end - record.Start > CsvDialect.MaxRecordBytes)
        {
            record.Fault = RecordFault.TooLong;
            return;
        }

        var fieldCount = batch.FieldCount - record.FirstField;
        if (fieldCount == 1 && !BlankLinesAreRecords && batch.Fields[record.FirstField] is { Length: 0, IsQuoted: false })
            batch.TruncateFields(record.FirstField);
        else
            batch.AddRecord(new RecordSpan(record.Start, end, LineNumber, record.FirstField, fieldCount, RecordFault.None, 0));
        LineNumber += 1 + record.LinesCrossed;
        Position = next;
    }

    /// <summary>Adds a faulty record, as long as its first line, and goes on behind that; false where the buffer ends before the line does.</summary>
    private bool Reject(RecordBatch batch, ReadOnlySpan<byte> data, in RecordInProgress record)
    {
        batch.TruncateFields(record.FirstField);
        var end = record.Start + Math.Max(0, data[record.Start..].IndexOfAny((byte)'\n', (byte)'\r'));
        var lineEnds = end > record.Start;
        if (!lineEnds) end = data.Length;
        if (!_final && (!lineEnds || end + 1 == data.Length) && data.Length - record.Start <= CsvDialect.MaxRecordBytes) return false;
        if (record.LinesCrossed > 0 && !_trail.Covers(_bufferOffset + record.FirstLineEnd))
        {
            _trail.Begin(_bufferOffset + record.FirstLineEnd);
            FollowTrail(data, record);
        }

        var shownEnd = Math.Min(end, record.Start + CsvDialect.MaxRecordBytes);
        var faultOffset = record.Fault == RecordFault.TooLong ? record.Start : record.QuoteOpen;
        batch.AddRecord(new RecordSpan(record.Start, shownEnd, LineNumber, record.FirstField, 0, record.Fault, faultOffset));
        Position = end;
        _skippingLine = true;
        SkipLine();
        return true;
    }

    /// <summary>Passes the rest of the line; false where the buffer ends first.</summary>
    private bool SkipLine()
    {
        var data = _buffer.Span;
        var length = data[Position..].IndexOfAny((byte)'\n', (byte)'\r');
        if (length < 0 || (data[Position + length] == '\r' && Position + length + 1 == data.Length && !_final))
        {
            Position = length < 0 ? data.Length : Position + length;
            _skippingLine = !_final;
            return false;
        }

        Position += length;
        Position += data[Position..].StartsWith("\r\n"u8) ? 2 : 1;
        LineNumber++;
        _skippingLine = false;
        return true;
    }

    private bool IsDelimiter(ReadOnlySpan<byte> data, int at, int fieldStart) =>
        at >= fieldStart && data[at..].StartsWith(_dialect.DelimiterBytes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool OpensField(ReadOnlySpan<byte> data, int fieldStart, int at)
    {
        if (at != fieldStart && (at < fieldStart || !_dialect.TrimSpaces || data[fieldStart..at].ContainsAnyExcept((byte)' ', (byte)'\t')))
            return false;
        return _dialect.QuoteBytes.Length == 1 || data[at..].StartsWith(_dialect.QuoteBytes);
    }
}
