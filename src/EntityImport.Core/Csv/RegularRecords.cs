using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace EntityImport.Csv;

/// <summary>
/// Reads records that are regular, which nearly all are, many fields at a time; what is not it leaves to the exact state machine of
/// <see cref="CsvTokenizer"/>. Whatever it reads, that machine would read alike.
/// </summary>
/// <remarks>
/// <para>
/// The plan: 64 bytes become one bit mask for each byte that matters (<see cref="IByteBlock{TSelf}"/>), and everything is decided by arithmetic on
/// masks, for all fields of the block at once. Bit i stands for byte i; <c>mask &lt;&lt; 1</c> is "the byte behind", and each mask that is shifted
/// so needs its highest bit carried into the next block. At the end, the places where fields end are written out in bulk, and then the few
/// fields are set right that stand in quotes, have spaces around them or end with CR LF.
/// </para>
/// <para>
/// Quotes: if all quotes are regular, then a byte is inside quotes exactly where the number of quotes up to it is odd, and that is a prefix sum of bits.
/// Parity is a guess as long as a quote may also be text. So it is proved, quote by quote: one that opens must stand at the start of a field, or
/// directly behind one that closes (a doubled quote); one that closes must be followed by the field's end or by another quote. As long as both hold,
/// the state machine takes the same steps, by induction from the start of the first record. Where either fails, the block is not regular and
/// nothing of it counts.
/// </para>
/// <para>
/// Irregular are also: spaces around quotes, an escape inside quotes that is not the quote, a blank line, and a record over the limit. The last
/// 64 bytes of a buffer or part are left to the state machine, too, so that no decision here depends on bytes that are not there.
/// </para>
/// <para>
/// The traps: a CR ends a line only where no LF follows, which may be the first byte of the next block; a line end inside quotes is no record's
/// end, but counts as a line; a field that ends in this block may have begun, been quoted or have had a doubled quote several blocks before; and
/// what is read again by the state machine must stay in proportion to what is read. For that, records are given up at their beginning,
/// and the state machine goes on until it is behind the irregular block. Parity bounds the rest: a record of several lines is followed only to
/// the next line with an odd number of quotes, so no two records that are given up cross the same lines inside quotes.
/// </para>
/// </remarks>
internal ref struct RegularRecords
{
    private readonly RecordBatch _batch;
    private readonly ReadOnlySpan<byte> _data;
    private readonly StopBytes _marks;
    private readonly bool _trim;
    private readonly bool _blankLinesAreRecords;
    private readonly int _maxRecordBytes;

    /// <summary>Prepares to read from a buffer into a batch.</summary>
    public RegularRecords(RecordBatch batch, ReadOnlySpan<byte> data, StopBytes marks, bool trim, bool blankLinesAreRecords, int maxRecordBytes)
    {
        _batch = batch;
        _data = data;
        _marks = marks;
        _trim = trim;
        _blankLinesAreRecords = blankLinesAreRecords;
        _maxRecordBytes = maxRecordBytes;
    }

    /// <summary>Offset in the buffer of the first record that was not read.</summary>
    public int Position { get; private set; }

    /// <summary>The physical line on which it begins.</summary>
    public long LineNumber { get; private set; }

    /// <summary>Offset behind the block that is not regular, which the state machine is to read as a whole; 0 where all were.</summary>
    public int IrregularUntil { get; private set; }

    /// <summary>How many bytes were looked at.</summary>
    public int Examined { get; private set; }

    /// <summary>Reads records until the batch is full, something is irregular or fewer than 65 bytes are left.</summary>
    /// <param name="position">Offset of the first record.</param>
    /// <param name="lineNumber">Its line.</param>
    /// <param name="end">Records that begin here or later are not read.</param>
    public void Read<TBlock>(int position, long lineNumber, int end) where TBlock : struct, IByteBlock<TBlock>
    {
        ref var origin = ref MemoryMarshal.GetReference(_data);
        var (delimiter, quote, escape) = _marks;
        var doubles = quote == escape;
        // One byte behind the block is looked at, too. Every record that begins in a block begins before the end, or ends behind the last block.
        var lastBlock = Math.Min(_data.Length - 65, end - 64);
        var records = _batch.RecordStore;
        var recordCount = _batch.Count;
        var firstField = _batch.FieldCount;
        var fields = _batch.FieldStore;
        var fieldCount = firstField;
        var recordStart = position;
        var recordLine = lineNumber;
        var fieldStart = position;
        var block = position;

        // What the blocks before have left, in the lowest bit, or in all bits.
        ulong insideBefore = 0;
        ulong endBefore = 1;
        ulong closeBefore = 0;
        ulong spaceBefore = 0;
        ulong crBefore = 0;
        ulong quotedCrBefore = 0;
        var mayBeSpaced = false;
        var mayBeEscaped = false;

        for (; block <= lastBlock && recordCount < RecordBatch.Capacity; block += 64)
        {
            if (fields.Length - fieldCount < RecordBatch.BlockSize) fields = _batch.GrowFieldStore();
            var bytes = TBlock.Load(ref Unsafe.Add(ref origin, (nint)(uint)block));
            var delimiters = bytes.Where(delimiter);
            var lineEnds = bytes.Where((byte)'\n');
            var crs = bytes.Where((byte)'\r');
            var quotes = bytes.Where(quote);
            var spaces = _trim ? (bytes.Where((byte)' ') | bytes.Where((byte)'\t')) & ~delimiters : 0;

            // A CR before an LF belongs to that: the line ends with the LF, and its text one byte before.
            ulong crsOfLfs = 0;
            if (crs != 0)
            {
                var beforeLf = (lineEnds >> 1) | (Unsafe.Add(ref origin, (nint)(uint)block + 64) == '\n' ? 1ul << 63 : 0);
                crsOfLfs = crs & beforeLf;
                lineEnds |= crs ^ crsOfLfs;
            }

            var behindCrs = (crsOfLfs << 1) | crBefore;
            crBefore = crsOfLfs >> 63;
            var ends = delimiters | lineEnds;
            ulong quotedEnds = 0;
            ulong doubled = 0;
            if ((quotes | insideBefore | closeBefore | quotedCrBefore) != 0)
            {
                var inside = PrefixXor(quotes) ^ insideBefore;
                if (!doubles && (bytes.Where(escape) & inside) != 0) break;
                ends &= ~inside;
                crsOfLfs &= ~inside;
                var opening = quotes & inside;
                var behindClosing = ((quotes & ~inside) << 1) | closeBefore;
                doubled = doubles ? opening & behindClosing : 0;
                if ((opening & ~((ends << 1) | endBefore | doubled)) != 0 || (behindClosing & ~(ends | crsOfLfs | doubled)) != 0) break;
                var quotedCrs = behindClosing & crsOfLfs;
                quotedEnds = (behindClosing & ends) | (quotedCrs << 1) | quotedCrBefore;
                quotedCrBefore = quotedCrs >> 63;
                closeBefore = (quotes & ~inside) >> 63;
                insideBefore = (ulong)((long)inside >> 63);
            }

            var spacedStarts = spaces & ((ends << 1) | endBefore);
            var spacedEnds = ((spaces << 1) | spaceBefore) & (ends | crsOfLfs);
            spaceBefore = spaces >> 63;
            endBefore = ends >> 63;

            var written = WriteFields(ref fields[fieldCount], ends, block, fieldStart);
            if (quotedEnds != 0) SetQuoted(ref fields[fieldCount], ends, quotedEnds);
            if ((behindCrs & ends) != 0) CutCrs(ref fields[fieldCount], ends, behindCrs & ends);
            if ((spacedStarts | spacedEnds) != 0 || mayBeSpaced)
            {
                Trim(_data, fields.AsSpan(fieldCount, written));
                mayBeSpaced = spacedStarts != 0 || (mayBeSpaced && ends == 0);
            }

            if (doubled != 0 || mayBeEscaped)
            {
                SetEscaped(_data, fields.AsSpan(fieldCount, written), quote);
                mayBeEscaped = doubled != 0 || ends == 0;
            }

            if (ends != 0) fieldStart = block + 64 - BitOperations.LeadingZeroCount(ends);
            var recordEnds = ends & lineEnds;
            while (recordEnds != 0)
            {
                var upTo = recordEnds ^ (recordEnds - 1);
                var nextField = fieldCount + BitOperations.PopCount(ends & upTo);
                var bit = BitOperations.TrailingZeroCount(recordEnds);
                var recordEnd = block + bit - (int)((behindCrs >> bit) & 1);
                var count = nextField - firstField;
                if (recordEnd - recordStart > _maxRecordBytes || (count == 1 && !_blankLinesAreRecords && fields[firstField].IsBlank)) goto Irregular;
                records[recordCount++] = new RecordSpan(recordStart, recordEnd, recordLine, firstField, count, RecordFault.None, 0);
                recordLine = lineNumber + BitOperations.PopCount(lineEnds & upTo);
                recordStart = block + bit + 1;
                firstField = nextField;
                recordEnds &= recordEnds - 1;
            }

            fieldCount += written;
            lineNumber += BitOperations.PopCount(lineEnds);
        }

    Irregular:
        Position = recordStart;
        LineNumber = recordLine;
        IrregularUntil = block <= lastBlock && recordCount < RecordBatch.Capacity ? block + 64 : 0;
        Examined = Math.Max(block, IrregularUntil) - position;
        if (recordCount > RecordBatch.Capacity)
        {
            ref readonly var next = ref records[RecordBatch.Capacity];
            recordCount = RecordBatch.Capacity;
            Position = next.Start;
            LineNumber = next.LineNumber;
            firstField = next.FirstField;
        }

        _batch.SetCounts(recordCount, firstField);
    }

    /// <summary>Bit i of the result is the parity of the bits 0 to i.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong PrefixXor(ulong bits)
    {
        bits ^= bits << 1;
        bits ^= bits << 2;
        bits ^= bits << 4;
        bits ^= bits << 8;
        bits ^= bits << 16;
        return bits ^ (bits << 32);
    }

    /// <summary>Writes the fields that end in a block, and beyond them up to the next multiple of four; there is room for a block of ends.</summary>
    /// <param name="target">Where they go.</param>
    /// <param name="ends">Where they end.</param>
    /// <param name="block">Offset of the block.</param>
    /// <param name="start">Where the first one starts.</param>
    /// <returns>How many they are.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int WriteFields(ref FieldSpan target, ulong ends, int block, int start)
    {
        var count = BitOperations.PopCount(ends);
        for (nint i = 0; i < count; i += 4)
        {
            // Four at a time make hardly any branch that is not foreseen.
            WriteField(ref Unsafe.Add(ref target, i), ref ends, block, ref start);
            WriteField(ref Unsafe.Add(ref target, i + 1), ref ends, block, ref start);
            WriteField(ref Unsafe.Add(ref target, i + 2), ref ends, block, ref start);
            WriteField(ref Unsafe.Add(ref target, i + 3), ref ends, block, ref start);
        }

        return count;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void WriteField(ref FieldSpan target, ref ulong ends, int block, ref int start)
    {
        var end = block + BitOperations.TrailingZeroCount(ends);
        target = new FieldSpan(start, end - start);
        start = end + 1;
        ends &= ends - 1;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SetQuoted(ref FieldSpan target, ulong ends, ulong quotedEnds)
    {
        for (; quotedEnds != 0; quotedEnds &= quotedEnds - 1)
        {
            ref var field = ref Unsafe.Add(ref target, IndexOf(quotedEnds, ends));
            field = field.InsideQuotes();
        }
    }

    /// <summary>Takes the CR of CR LF from the texts of fields.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CutCrs(ref FieldSpan target, ulong ends, ulong endsBehindCr)
    {
        for (; endsBehindCr != 0; endsBehindCr &= endsBehindCr - 1)
        {
            ref var field = ref Unsafe.Add(ref target, IndexOf(endsBehindCr, ends));
            field = field.WithoutLastByte();
        }
    }

    /// <summary>Which of the block's fields ends with the lowest bit of <paramref name="some"/>, from 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static nint IndexOf(ulong some, ulong ends) => BitOperations.PopCount(ends & (some - 1) & ~some);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Trim(ReadOnlySpan<byte> data, Span<FieldSpan> fields)
    {
        foreach (ref var field in fields)
            if (!field.IsQuoted) field = field.Trimmed(data);
    }

    /// <summary>Marks the quoted fields that have quotes inside. They have been proved to be doubled.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void SetEscaped(ReadOnlySpan<byte> data, Span<FieldSpan> fields, byte quote)
    {
        foreach (ref var field in fields)
        {
            if (field.IsQuoted && data.Slice(field.Start, field.Length).Contains(quote))
                field = new FieldSpan(field.Start, field.Length, quoted: true, escaped: true);
        }
    }
}
