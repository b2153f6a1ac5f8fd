namespace EntityImport.Csv;

/// <summary>The sizes that bound the memory of reading. Tests make them small, so that ordinary texts meet every boundary.</summary>
/// <param name="RecordBytes">The largest number of bytes of a record, line end not counted.</param>
/// <param name="PartBytes">A part ends with the first record that reaches this size.</param>
/// <param name="BufferBytes">What files are read by at first; at least 4. It grows as records need it, and until it holds a batch of them.</param>
internal sealed record CsvLimits(int RecordBytes, int PartBytes, int BufferBytes)
{
    /// <summary>The limits that hold for files whose layout says nothing else.</summary>
    public static CsvLimits Standard { get; } = new(CsvDialect.MaxRecordBytes, FilePart.Size, 128 << 10);

    /// <summary>Those of a file with a layout. What is read at once has at most a part and a record, so that no number of large records takes more.</summary>
    public static CsvLimits Of(FileLayout layout) => Standard with { RecordBytes = layout.MaxRecordBytes };
}
