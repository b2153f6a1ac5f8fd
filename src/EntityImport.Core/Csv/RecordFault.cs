namespace EntityImport.Csv;

/// <summary>Why a record could not be split into fields.</summary>
public enum RecordFault : byte
{
    /// <summary>Nothing is wrong.</summary>
    None,

    /// <summary>A closing quote is followed by text.</summary>
    TextAfterQuote,

    /// <summary>A quote does not close before the file ends or the record grows beyond <see cref="CsvDialect.MaxRecordBytes"/>.</summary>
    UnclosedQuote,

    /// <summary>The record is longer than <see cref="CsvDialect.MaxRecordBytes"/>.</summary>
    TooLong,
}
