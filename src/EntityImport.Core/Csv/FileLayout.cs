namespace EntityImport.Csv;

/// <summary>What must be known of a file to find its records. A <see cref="RecordIndex"/> is valid for one layout.</summary>
/// <param name="Delimiter">See <see cref="CsvDialect.Delimiter"/>.</param>
/// <param name="Quote">See <see cref="CsvDialect.Quote"/>.</param>
/// <param name="Escape">See <see cref="CsvDialect.Escape"/>.</param>
/// <param name="TrimSpaces">See <see cref="CsvDialect.TrimSpaces"/>.</param>
/// <param name="HasHeader">Whether the first record names the columns.</param>
/// <param name="SkipLines">Physical lines before the header, or before the first record, that are not read.</param>
/// <param name="ColumnCount">Number of columns where there is no header; 0 where the header tells.</param>
/// <param name="SkipFooterLines">Physical lines at the file's end that are not read; an error file has none.</param>
/// <param name="MaxRecordBytes">The largest number of bytes of a record, line end not counted.</param>
/// <param name="MultilineFields">See <see cref="CsvDialect.MultilineFields"/>.</param>
public sealed record FileLayout(
    string Delimiter = ",",
    char Quote = '"',
    char Escape = '"',
    bool TrimSpaces = true,
    bool HasHeader = true,
    int SkipLines = 0,
    int ColumnCount = 0,
    int SkipFooterLines = 0,
    int MaxRecordBytes = CsvDialect.MaxRecordBytes,
    bool MultilineFields = true)
{
    /// <summary>The dialect that the layout describes.</summary>
    public CsvDialect CreateDialect() => new(Delimiter, Quote, Escape, TrimSpaces, MultilineFields);
}
