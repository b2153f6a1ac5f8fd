using System.Runtime.CompilerServices;
using System.Text;
using EntityImport.Mappings;
using EntityImport.Rows;

namespace EntityImport.Inputs;

/// <summary>Judges which records are rows with the columns of a file, for the import and for what proposes one. Immutable.</summary>
internal sealed class RecordShape
{
    private readonly int _columns;
    private readonly int _ownColumns;
    private readonly int _recordTextColumn;
    private readonly RaggedRows _raggedRows;

    /// <summary>The header's names that are the input's own; empty where the file has none.</summary>
    private readonly byte[][] _header;

    /// <summary>The length of the first of them; -1 where there is none.</summary>
    private readonly int _firstLength;

    /// <summary>Prepares to judge.</summary>
    /// <param name="columns">The names of all columns.</param>
    /// <param name="hasHeader">Whether they are the header's.</param>
    /// <param name="raggedRows">What becomes of records with fewer or more fields.</param>
    public RecordShape(IReadOnlyList<string> columns, bool hasHeader, RaggedRows raggedRows)
    {
        _columns = columns.Count;
        _ownColumns = columns.Count - ErrorFileColumns.CountIn(columns);
        _recordTextColumn = ErrorFileColumns.RecordTextColumn(_columns, _ownColumns);
        _raggedRows = raggedRows;
        _header = hasHeader ? [.. columns.Take(_ownColumns).Select(Encoding.UTF8.GetBytes)] : [];
        _firstLength = _header.Length > 0 ? _header[0].Length : -1;
    }

    /// <summary>How many columns the file has.</summary>
    public int Columns => _columns;

    /// <summary>
    /// Whether a record with as many fields as there are columns may be no row, by its first field alone. False is certain, and so it is for nearly all: that keeps the judging of rows cheap.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool MayBeNoRow(ReadOnlySpan<byte> firstField) =>
        firstField.IsEmpty || firstField[0] <= ' ' || (firstField.Length == _firstLength && firstField.SequenceEqual(_header[0]));

    /// <summary>Why a record is not read in the file's columns; <see cref="FaultCode.None"/> where it is.</summary>
    public FaultCode Judge(BatchRecord record) => record.Fault switch
    {
        RecordFault.TextAfterQuote => FaultCode.RecordTextAfterQuote,
        RecordFault.UnclosedQuote => FaultCode.RecordUnclosedQuote,
        RecordFault.TooLong => FaultCode.RecordTooLong,
        _ when HasNoValues(record) => HasRecordText(record) ? FaultCode.RecordUncorrected : _ownColumns > 1 ? FaultCode.RecordEmpty : JudgeFields(record),
        _ when RepeatsHeader(record) => FaultCode.RecordHeader,
        _ => JudgeFields(record),
    };

    private FaultCode JudgeFields(BatchRecord record) => Fits(record) ? FaultCode.None : FaultCode.RecordFields;

    private bool Fits(BatchRecord record)
    {
        if (record.FieldCount == _columns) return true;
        if (record.FieldCount < _columns) return _raggedRows != RaggedRows.Reject;
        return _raggedRows == RaggedRows.Fit && HasEmptySurplus(record);
    }

    /// <summary>Whether the fields that a record has beyond the columns are all empty.</summary>
    public bool HasEmptySurplus(BatchRecord record)
    {
        for (var surplus = _columns; surplus < record.FieldCount; surplus++)
            if (!record[surplus].IsEmpty) return false;
        return true;
    }

    /// <summary>Whether no field holds more than spaces, quoted or not. What an error file adds to the columns does not count.</summary>
    private bool HasNoValues(BatchRecord record)
    {
        for (var column = 0; column < record.FieldCount; column++)
        {
            if (column >= _ownColumns && column < _columns) continue;
            if (record[column].ContainsAnyExcept((byte)' ', (byte)'\t')) return false;
        }

        return true;
    }

    /// <summary>Whether a record of an error file still has all its text in the error file's own column.</summary>
    private bool HasRecordText(BatchRecord record) => _recordTextColumn >= 0 && record.FieldCount > _recordTextColumn && !record[_recordTextColumn].IsEmpty;

    /// <summary>Whether a record is the header once more, as where files were put together.</summary>
    private bool RepeatsHeader(BatchRecord record)
    {
        if (_header.Length == 0 || record.FieldCount < _header.Length) return false;
        for (var column = 0; column < _header.Length; column++)
            if (!record[column].SequenceEqual(_header[column])) return false;
        return HasEmptySurplus(record);
    }
}
