namespace EntityImport.Csv;

/// <summary>Byte order marks inside a file, where records begin: files were put together. They are no data.</summary>
/// <param name="Count">How many there are.</param>
/// <param name="FirstRow">The row that begins behind the first one, from 1 for the first behind the header; 0 where it is the header; one more than there are rows where none follows.</param>
/// <param name="FirstLine">The physical line on which the first one stands, from 1; 0 where there is none.</param>
public readonly record struct InnerByteOrderMarks(long Count, long FirstRow, long FirstLine)
{
    /// <summary>The same, and one more.</summary>
    internal InnerByteOrderMarks AndOne(long row, long line) => Count > 0 ? this with { Count = Count + 1 } : new InnerByteOrderMarks(1, row, line);
}
