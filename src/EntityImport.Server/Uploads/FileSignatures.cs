namespace EntityImport.Server.Uploads;

/// <summary>Files that are often sent by mistake, by their first bytes.</summary>
internal static class FileSignatures
{
    /// <summary>How many bytes it takes to know.</summary>
    public const int Length = 8;

    /// <summary>What the file is and what to do about it; null where it may be a CSV file.</summary>
    public static string? Describe(ReadOnlySpan<byte> head)
    {
        if (head.StartsWith("PK\x03\x04"u8)) return "The file is a ZIP archive or an Excel workbook (.xlsx), not a CSV file. Extract it, or save the sheet as CSV.";
        if (head.StartsWith((ReadOnlySpan<byte>)[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]))
            return "The file is an old Excel workbook (.xls), not a CSV file. Save the sheet as CSV.";
        if (head.StartsWith("%PDF-"u8)) return "The file is a PDF document, not a CSV file.";
        if (head.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B])) return "The file is gzip-compressed. Send it with the header Content-Encoding: gzip, or decompress it.";
        if (head.StartsWith((ReadOnlySpan<byte>)[0x28, 0xB5, 0x2F, 0xFD])) return "The file is zstd-compressed. Send it with the header Content-Encoding: zstd, or decompress it.";
        if (head.StartsWith("PAR1"u8)) return "The file is a Parquet file, not a CSV file.";
        return null;
    }
}
