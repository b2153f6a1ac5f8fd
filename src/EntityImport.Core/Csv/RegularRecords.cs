using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using EntityImport.Rows;

namespace EntityImport.Csv;

/// <summary>
/// Reads records that are regular, which nearly all are, many fields at a time; what is not it leaves to the exact state machine of
/// <see cref="CsvTokenizer"/>. Whatever it reads, that machine would read alike.
/// </summary>
/// <remarks>
/// <para>
/// The plan: 64 bytes become one bit mask for each byte that matters (<see cref="IByteBlock{TSelf}"/>), and everything is decided by arithmetic on
/// masks, for all fields of the block at once. Bit i stands for byte i; <c>mask &lt;&lt; 1</c> is "the byte behind", and each mask that is shifted
/// so needs its highest bit carried into the next block. At the end, the places where fields end are written out in bulk. Nothing more is noted of a
/// field: what its bytes mean is a matter of the bytes alone, see <see cref="FieldSpan"/>, and is only asked for those fields that somebody reads.
/// </para>
/// <para>
/// Quotes: if all quotes are regular, then a byte is inside quotes exactly where the number of quotes up to it is odd, and that is a prefix sum of bits.
/// Parity is a guess as long as a quote may also be text. So it is proved, quote by quote: one that opens must stand at the start of a field, or
/// directly behind one that closes (a doubled quote); one that closes must be followed by the field's end or by another quote. As long as both hold,
/// the state machine takes the same steps, by induction from the start of the first record. Where either fails, the block is not regular and
/// nothing of it counts.
/// </para>
/// <para>
/// Irregular are also: spaces around quotes, an escape inside quotes that is not the quote, a line end inside quotes where fields have none, a blank line, a line that begins with a byte order mark, and a record over the limit. The last
/// 64 bytes of a buffer or part are left to the state machine, too, so that no decision here depends on bytes that are not there.
/// </para>
/// <para>
/// Speed: a block without quotes, which most are, needs no state at all, so the loop keeps what it needs in registers; one with quotes is settled out of
/// line. Hardly any branch depends on how many fields or records a block has. Blocks begin where lines of the cache do.
/// </para>
/// <para>
/// The traps: of CR LF, both are bounds, the CR that of the record before and the LF that of the next, and the LF may be the first byte of the next block; a
/// line end inside quotes is no record's end, but counts as a line; bits of the first block may stand for bytes before the first record; and
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

    /// <summary>All bits where no quotes enclose a line end, else none.</summary>
    private readonly ulong _unquotable;
    private readonly bool _blankLinesAreRecords;
    private readonly int _maxRecordBytes;

    /// <summary>The block that was settled last.</summary>
    private BlockMarks _settled;

    // What the blocks before have left for the one that is settled next: in the lowest bit, or in all bits.
    private ulong _insideBefore;
    private ulong _closeBefore;
    private int _quotedLines;

    /// <summary>The first record's offset, and the bytes of the first block that do not come before it.</summary>
    private int _position;
    private ulong _counted;

    /// <summary>Prepares to read from a buffer into a batch.</summary>
    public RegularRecords(RecordBatch batch, ReadOnlySpan<byte> data, StopBytes marks, CsvDialect dialect, bool blankLinesAreRecords, int maxRecordBytes)
    {
        _batch = batch;
        _data = data;
        _marks = marks;
        _trim = dialect.TrimSpaces;
        _unquotable = dialect.MultilineFields ? 0 : ulong.MaxValue;
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
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Read<TBlock>(int position, long lineNumber, int end) where TBlock : struct, IByteBlock<TBlock>
    {
        ref var origin = ref MemoryMarshal.GetReference(_data);
        var (delimiter, quote, escape) = _marks;
        var firstRecord = _batch.Count;
        var recordCount = firstRecord;
        var boundCount = _batch.BoundCount;
        var boundStore = _batch.BoundStore(boundCount + 1);
        boundStore[boundCount] = position - 1;
        _batch.FirstStore[recordCount] = boundCount++;
        ref var firsts = ref MemoryMarshal.GetArrayDataReference(_batch.FirstStore);
        ref var lasts = ref MemoryMarshal.GetArrayDataReference(_batch.LastStore);
        ref var bounds = ref MemoryMarshal.GetArrayDataReference(boundStore);
        var block = Begin(position);
        // One byte behind the block is looked at, too. Every record that begins in a block begins before the end, or ends behind the last block.
        var blocksEnd = Math.Min(_data.Length - 64, end - 63);
        var uncheckedUntil = 0;
        var unsettled = 1ul;
        var crBefore = 0ul;
        var irregular = block < blocksEnd && BeginsIrregularly(position);
        while (recordCount < RecordBatch.Capacity && !irregular)
        {
            if (block >= uncheckedUntil)
            {
                if (block >= blocksEnd) break;
                irregular = true;
                // Even if the record ends within the block and the limit, that is for the state machine to see.
                var measured = Unsafe.Add(ref bounds, (nint)(uint)Unsafe.Add(ref firsts, (nint)(uint)recordCount)) + _maxRecordBytes - 62;
                if (block >= measured) break;
                boundStore = _batch.BoundStore(boundCount + 64 + RecordBatch.Spare);
                bounds = ref MemoryMarshal.GetArrayDataReference(boundStore);
                uncheckedUntil = Math.Min(Math.Min(blocksEnd, measured), block + boundStore.Length - RecordBatch.Spare - boundCount);
            }

            irregular = true;
            var bytes = TBlock.Load(ref Unsafe.Add(ref origin, (nint)(uint)block));
            var delimiters = bytes.Where(delimiter);
            var lfs = bytes.Where((byte)'\n');
            var crs = bytes.Where((byte)'\r');
            var quotes = bytes.Where(quote);
            // Of lines in ASCII, hardly any begins with a byte that is not above the space, but for blank ones.
            var low = bytes.WhereAtMostOrNoAscii((byte)' ');
            var marks = new BlockMarks(delimiters | lfs, lfs, lfs);
            if ((crs | crBefore) != 0)
            {
                marks = BlockMarks.Of(delimiters, lfs, crs, crBefore);
                crBefore = crs >> 63;
            }

            if ((quotes | unsettled) != 0)
            {
                _settled = marks;
                if (!Settle(block, quotes, quote == escape ? 0 : bytes.Where(escape), low)) break;
                marks = _settled;
                unsettled = _insideBefore | _closeBefore;
            }
            else if ((low & (marks.LineEnds << 1)) != 0 && HasIrregularLine(low & (marks.LineEnds << 1), block))
            {
                break;
            }

            irregular = false;
            TBlock.WriteEnds(marks.Ends, block, ref Unsafe.Add(ref bounds, (nint)(uint)boundCount));
            ref var nextFirst = ref Unsafe.Add(ref firsts, (nint)(uint)recordCount + 1);
            ref var nextLast = ref Unsafe.Add(ref lasts, (nint)(uint)recordCount);
            if (marks.LineEnds == marks.RecordEnds) BlockMarks.WriteRecords(marks.Ends, marks.RecordEnds, boundCount, ref nextFirst, ref nextLast);
            else marks.WriteRecords(boundCount, ref nextFirst, ref nextLast);
            boundCount += BitOperations.PopCount(marks.Ends);
            recordCount += BitOperations.PopCount(marks.RecordEnds);
            block += 64;
            if ((long)marks.LineEnds >= 0) continue;
            if (Unsafe.Add(ref origin, (nint)(uint)block - 1) == '\r' && Unsafe.Add(ref origin, (nint)(uint)block) == '\n')
            {
                // The next block notes this LF there, too.
                Unsafe.Add(ref bounds, (nint)(uint)boundCount) = block;
                Unsafe.Add(ref firsts, (nint)(uint)recordCount) = boundCount;
            }

            irregular = BeginsIrregularly(Unsafe.Add(ref bounds, (nint)(uint)Unsafe.Add(ref firsts, (nint)(uint)recordCount)) + 1);
        }

        _batch.SetCount(Math.Min(recordCount, RecordBatch.Capacity));
        Position = Unsafe.Add(ref bounds, (nint)(uint)Unsafe.Add(ref firsts, _batch.Count)) + 1;
        LineNumber = lineNumber + (recordCount - firstRecord) + _quotedLines - (Position < block ? LineEnds.Count(_data[Position..block]) : 0);
        IrregularUntil = irregular ? block + 64 : 0;
        Examined = Math.Max(Math.Max(block, IrregularUntil), position) - position;
    }

    /// <summary>Where the first block begins: at the position, or before it, where blocks are then all in one line of the cache.</summary>
    private unsafe int Begin(int position)
    {
        var before = (int)((nuint)Unsafe.AsPointer(ref Unsafe.Add(ref MemoryMarshal.GetReference(_data), position)) % 64);
        if (before > position) before = 0;
        _position = position;
        _counted = ulong.MaxValue << before;
        return position - before;
    }

    /// <summary>Takes the marks in quotes from <see cref="_settled"/>.</summary>
    /// <param name="block">Offset of the block.</param>
    /// <param name="quotes">Its quotes.</param>
    /// <param name="escapes">Its escapes, if they are not the quotes.</param>
    /// <param name="low">Its bytes with which irregular lines may begin.</param>
    /// <returns>False where the block is not regular.</returns>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private bool Settle(int block, ulong quotes, ulong escapes, ulong low)
    {
        quotes &= _counted;
        var inside = PrefixXor(quotes) ^ _insideBefore;
        var outside = ~inside & _counted;
        var ends = _settled.Ends & outside;
        var lineEnds = _settled.LineEnds & outside;
        var opening = quotes & inside;
        var closing = quotes & outside;
        var behindClosing = (closing << 1) | _closeBefore;
        var doubled = _marks.Quote == _marks.Escape ? opening & behindClosing : 0;
        var fieldStarts = (ends << 1) | FirstFieldStart(block);
        if (((opening & ~(fieldStarts | doubled)) | (behindClosing & ~(ends | doubled)) | ((escapes | (_settled.RecordEnds & _unquotable)) & inside)) != 0) return false;
        if ((low & (lineEnds << 1)) != 0 && HasIrregularLine(low & (lineEnds << 1), block)) return false;

        _quotedLines += BitOperations.PopCount(_settled.RecordEnds & inside);
        _settled = new BlockMarks(ends, _settled.RecordEnds & outside, lineEnds);
        _insideBefore = (ulong)((long)inside >> 63);
        _closeBefore = closing >> 63;
        _counted = ulong.MaxValue;
        return true;
    }

    /// <summary>The block's first byte, if a quote that stands there and does not close one begins a field; in the first block the position.</summary>
    private readonly ulong FirstFieldStart(int block)
    {
        if (block <= _position) return 1ul << (_position - block);
        var before = _data[block - 1];
        return before == _marks.Delimiter || before is (byte)'\n' or (byte)'\r' ? 1ul : 0;
    }

    /// <summary>Whether one of some lines begins irregularly.</summary>
    /// <param name="starts">Where they start.</param>
    /// <param name="block">Offset of the block.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private readonly bool HasIrregularLine(ulong starts, int block)
    {
        for (; starts != 0; starts &= starts - 1)
            if (BeginsIrregularly(block + BitOperations.TrailingZeroCount(starts))) return true;
        return false;
    }

    /// <summary>Whether a line is blank where such lines are no records, or begins with a byte order mark, or may do so in bytes that are not there.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private readonly bool BeginsIrregularly(int start)
    {
        var line = _data[start..];
        if (!line.IsEmpty && line[0] == CsvTokenizer.ByteOrderMark[0])
            return line.Length < CsvTokenizer.ByteOrderMark.Length ? CsvTokenizer.ByteOrderMark.StartsWith(line) : line.StartsWith(CsvTokenizer.ByteOrderMark);
        if (_blankLinesAreRecords) return false;
        var text = _trim ? line.TrimStart(" \t"u8) : line;
        return text.IsEmpty || (text[0] is (byte)'\n' or (byte)'\r' && !line[..^text.Length].Contains(_marks.Delimiter));
    }

    /// <summary>Bit i of the result is the parity of the bits 0 to i.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong PrefixXor(ulong bits)
    {
        // A multiplication without carries by a number of ones only.
        if (Pclmulqdq.IsSupported)
            return Pclmulqdq.CarrylessMultiply(Vector128.CreateScalar(bits), Vector128<ulong>.AllBitsSet, 0).ToScalar();
        bits ^= bits << 1;
        bits ^= bits << 2;
        bits ^= bits << 4;
        bits ^= bits << 8;
        bits ^= bits << 16;
        return bits ^ (bits << 32);
    }
}
