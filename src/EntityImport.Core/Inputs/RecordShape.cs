using EntityImport.Mappings;
using EntityImport.Rows;

namespace EntityImport.Inputs;

/// <summary>Judges which records have the columns of a file, for the import and for what proposes one. Immutable.</summary>
/// <param name="columns">How many columns the file has.</param>
/// <param name="raggedRows">What becomes of records with fewer or more fields.</param>
internal sealed class RecordShape(int columns, RaggedRows raggedRows)
{
    /// <summary>How many columns the file has.</summary>
    public int Columns => columns;

    /// <summary>Why a record is not read in the file's columns; <see cref="FaultCode.None"/> where it is.</summary>
    public FaultCode Judge(BatchRecord record) => record.Fault switch
    {
        RecordFault.TextAfterQuote => FaultCode.RecordTextAfterQuote,
        RecordFault.UnclosedQuote => FaultCode.RecordUnclosedQuote,
        RecordFault.TooLong => FaultCode.RecordTooLong,
        _ => Fits(record) ? FaultCode.None : FaultCode.RecordFields,
    };

    private bool Fits(BatchRecord record)
    {
        if (record.FieldCount == columns) return true;
        if (record.FieldCount < columns) return raggedRows != RaggedRows.Reject;
        if (raggedRows != RaggedRows.Fit) return false;
        for (var surplus = columns; surplus < record.FieldCount; surplus++)
            if (!record[surplus].IsEmpty) return false;
        return true;
    }
}
