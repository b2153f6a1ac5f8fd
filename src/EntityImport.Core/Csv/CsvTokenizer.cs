using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using EntityImport.Rows;

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
/// surrounding spaces, where these are ignored), anywhere else it is text; a blank line is no record, but for files of one column; a byte order mark where a
/// record begins, as where files were put together, is no part of it.
/// </para>
/// <para>
/// A record with text after a closing quote, or with a quote that does not close within the file or <see cref="CsvDialect.MaxRecordBytes"/>, or
/// within its line where <see cref="CsvDialect.MultilineFields"/> is false, is faulty: it ends with its first line, and reading goes on at the next. The time that this takes is linear in the size of the
/// file whatever it contains, see <see cref="QuoteTrail"/>.
/// </para>
/// <para>
/// How it works: there is one exact state machine, here, which steps from one byte that matters to the next and knows every rule. Most records
/// never meet it: <see cref="RegularRecords"/> reads those whose every quote it can prove to be what it seems, a block of 64 bytes at a time, and
/// leaves to the machine what is not so.
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

    /// <summary>U+FEFF in UTF-8.</summary>
    internal static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    private readonly CsvDialect _dialect;
    private readonly BlockScan _scan;
    private readonly StopBytes _stops;
    private readonly bool _marksAreBytes;
    private readonly bool _passesByteOrderMarks;
    private readonly QuoteTrail _trail;
    private readonly int _maxRecordBytes;
    private ReadOnlyMemory<byte> _buffer;
    private long _bufferOffset;
    private int _end;
    private bool _final;
    private bool _skippingLine;

    /// <summary>Makes a tokenizer.</summary>
    /// <param name="dialect">How records are written.</param>
    /// <param name="scan">Which instructions to use.</param>
    public CsvTokenizer(CsvDialect dialect, BlockScan scan = BlockScan.Best) : this(dialect, scan, CsvLimits.Standard)
    {
    }

    internal CsvTokenizer(CsvDialect dialect, BlockScan scan, CsvLimits limits)
    {
        ArgumentNullException.ThrowIfNull(dialect);
        _dialect = dialect;
        _maxRecordBytes = limits.RecordBytes;
        // Without the instruction that writes out the places of a mask's bits, vectors of 512 bits were no gain over those of 256.
        _scan = scan != BlockScan.Best ? scan
            : Vector512.IsHardwareAccelerated && Avx512Vbmi2.IsSupported ? BlockScan.Vector512
            : Vector256.IsHardwareAccelerated ? BlockScan.Vector256
            : Vector128.IsHardwareAccelerated ? BlockScan.Vector128
            : BlockScan.Scalar;
        _stops = new StopBytes(dialect.DelimiterBytes[0], dialect.QuoteBytes[0], dialect.EscapeBytes[0]);
        _marksAreBytes = dialect.DelimiterBytes.Length == 1 && dialect.QuoteBytes.Length == 1 && dialect.EscapeBytes.Length == 1;
        _passesByteOrderMarks = !dialect.DelimiterBytes.StartsWith(ByteOrderMark) && !dialect.QuoteBytes.StartsWith(ByteOrderMark);
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

    /// <summary>The byte order marks that were passed where records begin, since the tokenizer was made.</summary>
    internal InnerByteOrderMarks InnerByteOrderMarks { get; private set; }

    /// <summary>Bytes looked at so far, those looked at again counted again: the work done, which is to be linear in the size of the file.</summary>
    internal long BytesExamined { get; private set; }

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
        batch.Clear(_buffer, RecordsRead, Position, LineNumber);
        if (_skippingLine && !SkipLine()) return AfterSkipping();
        var stop = _scan switch
        {
            BlockScan.Vector512 => Read<Vector512Block>(batch),
            BlockScan.Vector256 => Read<Vector256Block>(batch),
            BlockScan.Vector128 => Read<Vector128Block>(batch),
            _ => Read<ScalarBlock>(batch),
        };
        RecordsRead += batch.Count;
        return stop;
    }

    private TokenizerStop Read<TBlock>(RecordBatch batch) where TBlock : struct, IByteBlock<TBlock>
    {
        while (true)
        {
            var until = _marksAreBytes ? ReadRegular<TBlock>(batch) : _end;
            if (ReadExactly<TBlock>(batch, Math.Min(until, _end)) is { } stop) return stop;
        }
    }

    /// <summary>Reads as many regular records as there are.</summary>
    /// <returns>The offset up to which records are now to be read exactly; at least one is.</returns>
    private int ReadRegular<TBlock>(RecordBatch batch) where TBlock : struct, IByteBlock<TBlock>
    {
        var regular = new RegularRecords(batch, _buffer.Span, _stops, _dialect, BlankLinesAreRecords, _maxRecordBytes);
        regular.Read<TBlock>(Position, LineNumber, _end);
        Position = regular.Position;
        LineNumber = regular.LineNumber;
        BytesExamined += regular.Examined;
        return Math.Max(regular.IrregularUntil, Position + 1);
    }

    /// <summary>Reads records one by one, whatever they are, as long as they begin before <paramref name="until"/>.</summary>
    /// <returns>Why the tokenizer is to stop; null where it is not.</returns>
    private TokenizerStop? ReadExactly<TBlock>(RecordBatch batch, int until) where TBlock : struct, IByteBlock<TBlock>
    {
        var data = _buffer.Span;
        var stops = new StopCursor<TBlock>(data, Position, _stops);
        var scannedFrom = Position;
        var bounds = batch.BoundStore(0);
        var delimiter = _stops.Delimiter;
        var delimiterLength = _dialect.DelimiterBytes.Length;
        var quote = _stops.Quote;
        while (Position < until)
        {
            if (batch.IsFull) return Stopped(TokenizerStop.BatchFull, stops.Block - scannedFrom);
            if (data[Position] == ByteOrderMark[0] && _passesByteOrderMarks)
            {
                var start = data[Position..];
                if (start.StartsWith(ByteOrderMark))
                {
                    InnerByteOrderMarks = InnerByteOrderMarks.AndOne(RecordsRead + batch.Count + 1, LineNumber);
                    Position += ByteOrderMark.Length;
                    continue;
                }

                if (!_final && ByteOrderMark.StartsWith(start)) return Stopped(TokenizerStop.MoreInputNeeded, data.Length - scannedFrom);
            }

            var record = new RecordInProgress { Start = Position, FirstBound = batch.BoundCount };
            var limit = record.Start + _maxRecordBytes;
            var bound = record.FirstBound;
            AddBound(batch, ref bounds, bound, record.Start - delimiterLength);
            var fieldStart = record.Start;
            // Where the last field began that is known to be unquoted, so that each quote in its text is not judged anew.
            var textStart = -1;
            while (true)
            {
                var at = stops.Next();
                if (at >= data.Length)
                {
                    if (!_final)
                    {
                        if (!Decides(data, record.Start)) return Stopped(TokenizerStop.MoreInputNeeded, data.Length - scannedFrom);
                        record.Fault = RecordFault.TooLong;
                        break;
                    }

                    AddBound(batch, ref bounds, ++bound, at);
                    record.End = record.Next = at;
                    break;
                }

                var value = data[at];
                if (value == delimiter && (delimiterLength == 1 || IsDelimiter(data, at, fieldStart)))
                {
                    AddBound(batch, ref bounds, ++bound, at);
                    fieldStart = at + delimiterLength;
                    continue;
                }

                if (value is (byte)'\n' or (byte)'\r')
                {
                    record.End = at;
                    record.Next = at + 1;
                    if (value == '\r')
                    {
                        if (at + 1 == data.Length && !_final) return Stopped(TokenizerStop.MoreInputNeeded, data.Length - scannedFrom);
                        if (at + 1 < data.Length && data[at + 1] == '\n')
                        {
                            stops.Next();
                            record.Next++;
                        }
                    }

                    AddBound(batch, ref bounds, ++bound, at);
                    break;
                }

                if (value != quote || at < fieldStart || fieldStart == textStart) continue;
                if (!OpensField(data, fieldStart, at))
                {
                    textStart = fieldStart;
                    continue;
                }

                var close = stops.Next();
                var behind = stops;
                var end = ReadQuoted(ref behind, data, ref record, at, close);
                stops = behind;
                if (end == QuoteEnd.Undecided) return Stopped(TokenizerStop.MoreInputNeeded, data.Length - scannedFrom);
                if (end == QuoteEnd.Fault) break;
                AddBound(batch, ref bounds, ++bound, record.FieldEnd);
                if (end == QuoteEnd.Record) break;
                fieldStart = record.Next;
            }

            if (record.End > limit) record.Fault = RecordFault.TooLong;
            if (record.Fault == RecordFault.None)
            {
                AddRecord(batch, data, record, bound);
                continue;
            }

            BytesExamined += stops.Block - scannedFrom;
            scannedFrom = stops.Block;
            if (!Reject(batch, data, record)) return TokenizerStop.MoreInputNeeded;
            if (_skippingLine) return AfterSkipping();
            scannedFrom = Position;
            stops = new StopCursor<TBlock>(data, Position, _stops);
        }

        BytesExamined += stops.Block - scannedFrom;
        return Position < _end ? null : TokenizerStop.End;
    }

    private TokenizerStop Stopped(TokenizerStop stop, int examined)
    {
        BytesExamined += examined;
        return stop;
    }

    private TokenizerStop AfterSkipping() => Position >= _end ? TokenizerStop.End : TokenizerStop.MoreInputNeeded;

    /// <summary>Whether the buffer reaches so far beyond the record limit that nothing behind it changes how the record ends.</summary>
    private bool Decides(ReadOnlySpan<byte> data, int recordStart) => _final || data.Length - recordStart > _maxRecordBytes + LongestMark;

    /// <summary>What is known of the record being read.</summary>
    private struct RecordInProgress
    {
        public int Start;
        public int FirstBound;

        /// <summary>Where the record ends, and where what comes after it, or after its last quoted field, begins.</summary>
        public int End;
        public int Next;

        /// <summary>Offset of what is behind the quoted field that ended last, and the spaces behind it.</summary>
        public int FieldEnd;

        /// <summary>Line ends inside quotes: how many, and the offset behind the first one.</summary>
        public int LinesCrossed;
        public int FirstLineEnd;

        /// <summary>What is wrong, and where the quote that was last opened stands.</summary>
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

    /// <summary>Reads a quoted field, whatever is in it, and what follows its closing quote.</summary>
    /// <param name="stops">The cursor, behind <paramref name="at"/>.</param>
    /// <param name="data">The buffer.</param>
    /// <param name="record">The record, which is told how the field ended.</param>
    /// <param name="open">Offset of the opening quote.</param>
    /// <param name="at">Offset of the first stop behind it.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private QuoteEnd ReadQuoted<TBlock>(
        ref StopCursor<TBlock> stops, ReadOnlySpan<byte> data, ref RecordInProgress record, int open, int at)
        where TBlock : struct, IByteBlock<TBlock>
    {
        var limit = record.Start + _maxRecordBytes;
        if (open > limit) return Fail(ref record, RecordFault.TooLong);
        var quote = _dialect.QuoteBytes;
        var escape = _dialect.EscapeBytes;
        var doubled = _dialect.Quote == _dialect.Escape;
        record.QuoteOpen = open;
        for (; ; at = stops.Next())
        {
            if (at >= data.Length) return Decides(data, record.Start) ? Fail(ref record, RecordFault.UnclosedQuote) : QuoteEnd.Undecided;
            if (at > limit) return Fail(ref record, RecordFault.UnclosedQuote);
            var value = data[at];
            if (!doubled && value == escape[0] && data[at..].StartsWith(escape))
            {
                var after = data[(at + escape.Length)..];
                var length = after.StartsWith(quote) ? quote.Length : after.StartsWith(escape) ? escape.Length : 0;
                stops.Seek(at + escape.Length + length);
            }
            else if (value == quote[0] && data[at..].StartsWith(quote))
            {
                var after = at + quote.Length;
                if (!doubled || !data[after..].StartsWith(quote)) return EndQuoted(ref stops, data, ref record, after);
                stops.Seek(after + quote.Length);
            }
            else if (value == '\n' || (value == '\r' && !data[(at + 1)..].StartsWith((byte)'\n')))
            {
                if (!_dialect.MultilineFields) return Fail(ref record, RecordFault.UnclosedQuote);
                record.LinesCrossed++;
                if (record.LinesCrossed > 1) continue;
                record.FirstLineEnd = at + 1;
                if (!_trail.Covers(_bufferOffset + at + 1)) continue;
                var verdict = FollowTrail(data, record);
                if (verdict == QuoteTrail.Verdict.Whole) continue;
                if (verdict == QuoteTrail.Verdict.Undecided) return QuoteEnd.Undecided;
                if (_trail.LastOpened is { } opened) record.QuoteOpen = (int)(opened - _bufferOffset);
                return Fail(ref record, verdict switch
                {
                    QuoteTrail.Verdict.TextAfterQuote => RecordFault.TextAfterQuote,
                    QuoteTrail.Verdict.Unclosed => RecordFault.UnclosedQuote,
                    _ => RecordFault.TooLong,
                });
            }
        }
    }

    /// <summary>Decides what follows a closing quote: spaces, then a delimiter or a line end, or text that must not be there.</summary>
    private QuoteEnd EndQuoted<TBlock>(
        ref StopCursor<TBlock> stops, ReadOnlySpan<byte> data, ref RecordInProgress record, int after)
        where TBlock : struct, IByteBlock<TBlock>
    {
        var limit = record.Start + _maxRecordBytes;
        var next = after;
        while (true)
        {
            if (!_final && data.Length - next < LongestMark) return QuoteEnd.Undecided;
            if (next > limit) return Fail(ref record, RecordFault.TooLong);
            if (next < data.Length && data[next..].StartsWith(_dialect.DelimiterBytes))
            {
                record.FieldEnd = next;
                record.Next = next + _dialect.DelimiterBytes.Length;
                stops.Seek(record.Next);
                return QuoteEnd.Delimiter;
            }

            if (next == data.Length || data[next] is (byte)'\n' or (byte)'\r') break;
            if (!_dialect.TrimSpaces || data[next] is not ((byte)' ' or (byte)'\t')) return Fail(ref record, RecordFault.TextAfterQuote);
            next++;
        }

        record.End = record.FieldEnd = next;
        record.Next = next == data.Length ? next : next + (data[next..].StartsWith("\r\n"u8) ? 2 : 1);
        stops.Seek(record.Next);
        return QuoteEnd.Record;
    }

    private static QuoteEnd Fail(ref RecordInProgress record, RecordFault fault)
    {
        record.Fault = fault;
        return QuoteEnd.Fault;
    }

    private QuoteTrail.Verdict FollowTrail(ReadOnlySpan<byte> data, in RecordInProgress record)
    {
        var verdict = _trail.Follow(data, _bufferOffset, _bufferOffset + record.Start + _maxRecordBytes, _final, out var examined);
        BytesExamined += examined;
        return verdict;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddBound(RecordBatch batch, ref int[] bounds, int index, int bound)
    {
        if ((uint)index >= (uint)bounds.Length) bounds = batch.BoundStore(index + 1);
        bounds[index] = bound;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void AddRecord(RecordBatch batch, ReadOnlySpan<byte> data, in RecordInProgress record, int lastBound)
    {
        if (lastBound - record.FirstBound > 1 || BlankLinesAreRecords || !FieldSpan.IsBlank(data[record.Start..record.End], _dialect.TrimSpaces))
            batch.AddRecord(record.FirstBound, lastBound);
        LineNumber += 1 + record.LinesCrossed;
        Position = record.Next;
    }

    /// <summary>Adds a faulty record, as long as its first line, and goes on behind that; false where the buffer ends before the line does.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool Reject(RecordBatch batch, ReadOnlySpan<byte> data, in RecordInProgress record)
    {
        var length = data[record.Start..].IndexOfAny((byte)'\n', (byte)'\r');
        var lineEnds = length >= 0;
        if (!lineEnds) length = data.Length - record.Start;
        BytesExamined += length;
        if (!lineEnds && !Decides(data, record.Start)) return false;
        if (record.LinesCrossed > 0 && !_trail.Covers(_bufferOffset + record.FirstLineEnd))
        {
            _trail.Begin(_bufferOffset + record.FirstLineEnd);
            FollowTrail(data, record);
        }

        var end = record.Start + Math.Min(length, _maxRecordBytes);
        var faultOffset = record.Fault == RecordFault.TooLong ? record.Start : record.QuoteOpen;
        batch.AddFaulty(record.FirstBound, end, record.Fault, faultOffset);
        Position = record.Start + length;
        _skippingLine = true;
        SkipLine();
        return true;
    }

    /// <summary>Passes the rest of the line; false where the buffer ends first.</summary>
    private bool SkipLine()
    {
        var data = _buffer.Span;
        var length = data[Position..].IndexOfAny((byte)'\n', (byte)'\r');
        BytesExamined += length < 0 ? data.Length - Position : length;
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
    private bool OpensField(ReadOnlySpan<byte> data, int fieldStart, int at) =>
        (at == fieldStart || IsIgnored(data[fieldStart..at])) && (_dialect.QuoteBytes.Length == 1 || data[at..].StartsWith(_dialect.QuoteBytes));

    /// <summary>Whether a quoted field may begin behind this text.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool IsIgnored(ReadOnlySpan<byte> text)
    {
        BytesExamined += text.Length;
        return _dialect.TrimSpaces && !text.ContainsAnyExcept((byte)' ', (byte)'\t');
    }
}
