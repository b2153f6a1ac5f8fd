namespace EntityImport.Rows;

/// <summary>Why a row was rejected. Each has a stable code for programs, see <see cref="FaultCodes"/>.</summary>
public enum FaultCode : byte
{
    /// <summary>Nothing is wrong.</summary>
    None = 0,

    /// <summary>A key field is null.</summary>
    KeyNull = 1,

    /// <summary>A required field is null and has no default.</summary>
    RequiredNull = 2,

    /// <summary>Text that is not a number of the definition's format.</summary>
    NumberFormat = 3,

    /// <summary>A number too large or too small for the field.</summary>
    NumberRange = 4,

    /// <summary>A number with more decimals than the field's scale.</summary>
    NumberScale = 5,

    /// <summary>Text that the date pattern does not read, or a day that does not exist.</summary>
    DateFormat = 6,

    /// <summary>Text that is no word for true or false.</summary>
    BooleanFormat = 7,

    /// <summary>A string with more code points than the field's length.</summary>
    StringLength = 8,

    /// <summary>Bytes that are no text in the file's encoding.</summary>
    StringEncoding = 9,

    /// <summary>A string that contains U+0000, which databases cannot hold.</summary>
    StringNul = 10,

    /// <summary>A record with fewer or more fields than the header has columns.</summary>
    RecordFields = 20,

    /// <summary>Text after a closing quote.</summary>
    RecordTextAfterQuote = 21,

    /// <summary>A quote that does not close.</summary>
    RecordUnclosedQuote = 22,

    /// <summary>A record beyond the record limit.</summary>
    RecordTooLong = 23,

    /// <summary>A record of an error file whose text still stands where the error file put it, instead of in the columns.</summary>
    RecordUncorrected = 24,

    /// <summary>The key came earlier in the file.</summary>
    KeyRepeated = 30,

    /// <summary>The key exists already.</summary>
    KeyExists = 31,

    /// <summary>A new record would lack a required field that the mapping does not fill.</summary>
    RequiredUnmapped = 32,

    /// <summary>The values of the key take more bytes than the store takes.</summary>
    KeyTooLong = 33,

    /// <summary>The values of the row take more bytes than the store takes.</summary>
    RecordTooLarge = 34,

    /// <summary>A record of delimiters alone, in a file of several columns.</summary>
    RecordEmpty = 25,

    /// <summary>A record that repeats the header, as where files were put together.</summary>
    RecordHeader = 26,

    /// <summary>Text that several of the stated date formats read, as different dates.</summary>
    DateTwoReadings = 40,
}
