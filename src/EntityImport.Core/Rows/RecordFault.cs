namespace EntityImport.Rows;

/// <summary>Why a record could not be split into fields.</summary>
public enum RecordFault : byte
{
    /// <summary>Nothing is wrong.</summary>
    None,

    /// <summary>A closing quote is followed by text.</summary>
    TextAfterQuote,

    /// <summary>A quote does not close before the file ends or the record grows beyond its limit, or in its line where no field has several.</summary>
    UnclosedQuote,

    /// <summary>The record is longer than the limit of 1 MiB.</summary>
    TooLong,
}
