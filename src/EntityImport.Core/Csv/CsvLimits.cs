namespace EntityImport.Csv;

/// <summary>The sizes that bound the memory of reading. Tests make them small, so that ordinary texts meet every boundary.</summary>
/// <param name="RecordBytes">The largest number of bytes of a record, line end not counted.</param>
/// <param name="PartBytes">A part ends with the first record that reaches this size.</param>
/// <param name="BufferBytes">What files are read by at first; at least 4. It grows as records need it, and until it holds a batch of them.</param>
internal sealed record CsvLimits(int RecordBytes, int PartBytes, int BufferBytes)
{
    /// <summary>The limits that hold for all files.</summary>
    public static CsvLimits Standard { get; } = new(CsvDialect.MaxRecordBytes, FilePart.Size, 128 << 10);
}
