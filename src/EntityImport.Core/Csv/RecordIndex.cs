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

    /// <summary>Bytes before the first line: 3 where the file begins with a byte order mark, else 0.</summary>
    public required int ByteOrderMarkLength { get; init; }

    /// <summary>The header record; null where the layout has none or the file ends before it.</summary>
    public required RecordPlace? Header { get; init; }

    /// <summary>Number of records, faulty ones included and the header not.</summary>
    public required long RecordCount { get; init; }

    /// <summary>The parts, in file order; together they hold all records.</summary>
    public required IReadOnlyList<FilePart> Parts { get; init; }
}

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
