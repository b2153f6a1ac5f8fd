using System.Runtime.CompilerServices;
using EntityImport.Inputs;
using EntityImport.Mappings;
using EntityImport.Rows;

namespace EntityImport.Imports.Running;

/// <summary>Judges the records of a batch and converts their columns, for the import and for whoever shows what it would do. Not thread-safe.</summary>
internal sealed class BatchConversion
{
    private readonly IInput _input;
    private readonly IReadOnlyList<BoundField> _fields;
    private readonly RecordShape _shape;
    private readonly int _recordTextColumn;

    public BatchConversion(IInput input, ImportDefinition definition, IReadOnlyList<BoundField> fields)
    {
        _input = input;
        _fields = fields;
        _shape = new RecordShape(input.Columns.Count, definition.RaggedRows);
        _recordTextColumn = ErrorFileColumns.RecordTextColumn(input.Columns.Count, input.OwnColumns);
        Columns = [.. fields.Select(f => new ColumnVector(f.Field))];
    }

    /// <summary>The values of the batch converted last, in the order of the bound fields.</summary>
    public ColumnVector[] Columns { get; }

    /// <summary>What is wrong with its records.</summary>
    public RecordFaults Faults { get; } = new();

    /// <summary>Converts a batch.</summary>
    public void Convert(RecordBatch batch, CancellationToken cancellationToken)
    {
        Faults.Clear();
        RejectUnreadable(batch);
        for (var i = 0; i < Columns.Length; i++)
        {
            // Some definitions make much work of one column.
            cancellationToken.ThrowIfCancellationRequested();
            _fields[i].Converter.Convert(batch, _fields[i].Column, i, Columns[i], Faults);
        }
    }

    /// <summary>Notes the records that have no fields, or another number of them than the definition allows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void RejectUnreadable(RecordBatch batch)
    {
        var expected = _shape.Columns;
        var firsts = batch.Firsts;
        var lasts = batch.Lasts;
        for (var record = 0; record < batch.Count; record++)
        {
            if (lasts[record] - firsts[record] == expected) continue;
            var code = _shape.Judge(batch[record]);
            if (code != FaultCode.None) Faults.AddUnreadable(record, code);
        }

        if (_recordTextColumn < 0) return;
        for (var record = 0; record < batch.Count; record++)
            if (!Faults.IsUnreadable(record) && IsUncorrected(batch, record)) Faults.AddUnreadable(record, FaultCode.RecordUncorrected);
    }

    /// <summary>Whether a record of an error file still has all its text in the error file's own column.</summary>
    private bool IsUncorrected(RecordBatch batch, int record)
    {
        if (batch.Text(record, _recordTextColumn).IsEmpty) return false;
        for (var column = 0; column < _input.OwnColumns; column++)
            if (!batch.Text(record, column).IsEmpty) return false;
        return true;
    }
}
