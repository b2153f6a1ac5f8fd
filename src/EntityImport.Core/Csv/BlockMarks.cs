using System.Numerics;
using System.Runtime.CompilerServices;

namespace EntityImport.Csv;

/// <summary>What matters of a block of 64 bytes: one bit for each byte, the lowest for the first.</summary>
/// <param name="Ends">The delimiters and the bytes of line ends, but for those in quotes: the bounds of the fields.</param>
/// <param name="RecordEnds">The line ends at which records end: of CR LF the CR.</param>
/// <param name="LineEnds">The same line ends, but of CR LF the LF, unless it is no more in the block: the next record starts behind it.</param>
internal readonly record struct BlockMarks(ulong Ends, ulong RecordEnds, ulong LineEnds)
{
    /// <summary>The marks of a block that has CRs, or follows one that ends with a CR, as if nothing were quoted.</summary>
    /// <remarks>A CR ends a record's text; an LF does where it does not belong to a CR. The line behind CR LF starts behind the LF.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BlockMarks Of(ulong delimiters, ulong lfs, ulong crs, ulong crBefore) =>
        new(delimiters | lfs | crs, crs | (lfs & ~((crs << 1) | crBefore)), (lfs & ~crBefore) | (crs & ~(lfs >> 1)));

    /// <summary>Writes the ends as offsets in the buffer, one by one.</summary>
    /// <inheritdoc cref="IByteBlock{TSelf}.WriteEnds"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WriteEnds(ulong ends, int block, ref int target)
    {
        while (true)
        {
            // Mostly there are up to eight, and no branch depends on how many exactly.
            target = Next(ref ends, block);
            Unsafe.Add(ref target, 1) = Next(ref ends, block);
            Unsafe.Add(ref target, 2) = Next(ref ends, block);
            Unsafe.Add(ref target, 3) = Next(ref ends, block);
            Unsafe.Add(ref target, 4) = Next(ref ends, block);
            Unsafe.Add(ref target, 5) = Next(ref ends, block);
            Unsafe.Add(ref target, 6) = Next(ref ends, block);
            Unsafe.Add(ref target, 7) = Next(ref ends, block);
            if (ends == 0) return;
            target = ref Unsafe.Add(ref target, 8);
        }
    }

    /// <summary>Writes which of the ends are those of records, and behind them some that do not matter.</summary>
    /// <param name="boundCount">Ends of the blocks before.</param>
    /// <param name="firsts">Gets the index of the bound in front of each next record.</param>
    /// <param name="lasts">Gets the index of the bound at the end of each record.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteRecords(int boundCount, ref int firsts, ref int lasts)
    {
        var (recordEnds, lineEnds) = (RecordEnds, LineEnds);
        while (true)
        {
            lasts = NextRank(ref recordEnds, boundCount);
            firsts = NextRank(ref lineEnds, boundCount);
            Unsafe.Add(ref lasts, 1) = NextRank(ref recordEnds, boundCount);
            Unsafe.Add(ref firsts, 1) = NextRank(ref lineEnds, boundCount);
            if (recordEnds == 0) return;
            lasts = ref Unsafe.Add(ref lasts, 2);
            firsts = ref Unsafe.Add(ref firsts, 2);
        }
    }

    /// <summary>Writes the same where LF ends all lines.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WriteRecords(ulong ends, ulong recordEnds, int boundCount, ref int firsts, ref int lasts)
    {
        while (true)
        {
            lasts = firsts = NextRank(ends, ref recordEnds, boundCount);
            Unsafe.Add(ref lasts, 1) = Unsafe.Add(ref firsts, 1) = NextRank(ends, ref recordEnds, boundCount);
            if (recordEnds == 0) return;
            lasts = ref Unsafe.Add(ref lasts, 2);
            firsts = ref Unsafe.Add(ref firsts, 2);
        }
    }

    /// <summary>Takes the lowest bit, as a number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Next(ref ulong bits, int offset)
    {
        var place = BitOperations.TrailingZeroCount(bits);
        bits &= bits - 1;
        return offset + place;
    }

    /// <summary>Takes the lowest bit, as the number of ends before it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int NextRank(ref ulong bits, int offset) => NextRank(Ends, ref bits, offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int NextRank(ulong ends, ref ulong bits, int offset)
    {
        var others = bits & (bits - 1);
        var rank = BitOperations.PopCount(ends & ((bits ^ others) - 1));
        bits = others;
        return offset + rank;
    }
}
