using EntityImport.Rows;

namespace EntityImport.Csv;

/// <summary>
/// Where the records of a file are: enough to read parts of it independently of one another and still to know the number and line of
/// every record. Made by <see cref="RecordIndexBuilder"/> in one pass. Immutable.
/// </summary>
public sealed record RecordIndex
{
    /// <summary>The layout that the file was read by; with another one the index says nothing.</summary>
    public required FileLayout Layout { get; init; }

    /// <summary>Size of the file in bytes.</summary>
    public required long Size { get; init; }

    /// <summary>
    /// Offset at which the file's records end: its size, or less where footer lines, or a CP/M end of file (0x1A), follow. See <see cref="RecordsEnd"/>.
    /// </summary>
    public required long End { get; init; }

    /// <summary>Byte order marks where records begin.</summary>
    public required InnerByteOrderMarks InnerByteOrderMarks { get; init; }

    /// <summary>Bytes before the first line: 3 where the file begins with a byte order mark, else 0.</summary>
    public required int ByteOrderMarkLength { get; init; }

    /// <summary>The header record; null where the layout has none or the file ends before it.</summary>
    public required RecordPlace? Header { get; init; }

    /// <summary>Number of records, faulty ones included and the header not.</summary>
    public required long RecordCount { get; init; }

    /// <summary>The parts, in file order; together they hold all records.</summary>
    public required IReadOnlyList<FilePart> Parts { get; init; }

    /// <summary>
    /// XxHash3 (64 bits) of the bytes before the first part, and then of each part together with what follows it up to the next one, or up to the file's end. All
    /// bytes of the file are in one of these stretches.
    /// </summary>
    public required IReadOnlyList<ulong> Hashes { get; init; }

    /// <summary>The stretch before the first part; all of a file without records.</summary>
    internal HashedStretch Head => Stretch(0);

    /// <summary>The stretch in which an offset within a part is.</summary>
    internal HashedStretch StretchAt(long offset)
    {
        var (low, high) = (0, Parts.Count);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (Parts[middle - 1].Offset <= offset) low = middle;
            else high = middle - 1;
        }

        return Stretch(low);
    }

    private HashedStretch Stretch(int i) =>
        new(i == 0 ? 0 : Parts[i - 1].Offset, i < Parts.Count ? Parts[i].Offset : Size, Hashes[i]);
}

/// <summary>Bytes of a file whose hash is known.</summary>
/// <param name="Start">Offset of the first.</param>
/// <param name="End">Offset behind the last.</param>
/// <param name="Hash">Their XxHash3, 64 bits.</param>
internal readonly record struct HashedStretch(long Start, long End, ulong Hash);

/// <summary>Where one record is.</summary>
/// <param name="Offset">Offset of its first byte in the file.</param>
/// <param name="Length">Its length in bytes, line end not included.</param>
/// <param name="LineNumber">The physical line on which it begins, from 1.</param>
/// <param name="Fault">What is wrong with it.</param>
public sealed record RecordPlace(long Offset, int Length, long LineNumber, RecordFault Fault);

/// <summary>A stretch of a file that begins and ends at record boundaries.</summary>
/// <param name="Offset">Offset of its first record in the file.</param>
/// <param name="Length">
/// Bytes up to the next part, but no more than <see cref="CsvTokenizer.Lookahead"/> beyond the last record; so at most <see cref="Size"/>, one record
/// and that.
/// </param>
/// <param name="RecordsBefore">Records of the file before it.</param>
/// <param name="RecordCount">Records in it.</param>
/// <param name="LineNumber">The physical line on which it begins, from 1.</param>
public readonly record struct FilePart(long Offset, int Length, long RecordsBefore, long RecordCount, long LineNumber)
{
    /// <summary>A part ends with the first record that reaches this size in bytes: 4 MiB.</summary>
    public const int Size = 4 << 20;
}
