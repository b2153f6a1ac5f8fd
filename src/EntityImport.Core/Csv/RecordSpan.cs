namespace EntityImport.Csv;

/// <summary>Where a record lies in its buffer, and what is wrong with it, if anything.</summary>
/// <param name="Start">Offset of the record's first byte, from 0.</param>
/// <param name="End">Offset of the first byte after the record, its line end not included.</param>
/// <param name="LineNumber">The physical line on which the record begins, from 1 for the file's first line.</param>
/// <param name="FirstField">Index of the record's first field in <see cref="RecordBatch.Fields"/>.</param>
/// <param name="FieldCount">Number of its fields; 0 where <paramref name="Fault"/> is set.</param>
/// <param name="Fault">Why the record could not be split into fields.</param>
/// <param name="FaultOffset">Where the quote at fault opened, as an offset into the buffer; meaningless without a fault.</param>
public readonly record struct RecordSpan(
    int Start,
    int End,
    long LineNumber,
    int FirstField,
    int FieldCount,
    RecordFault Fault,
    int FaultOffset);

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
