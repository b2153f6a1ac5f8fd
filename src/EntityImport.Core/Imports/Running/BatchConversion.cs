using System.Runtime.CompilerServices;
using EntityImport.Inputs;
using EntityImport.Mappings;
using EntityImport.Rows;

namespace EntityImport.Imports.Running;

/// <summary>Judges the records of a batch and converts their columns, for the import and for whoever shows what it would do. Not thread-safe.</summary>
internal sealed class BatchConversion
{
    private readonly IReadOnlyList<BoundField> _fields;
    private readonly RecordShape _shape;
    private readonly bool _skipsEmpty;

    public BatchConversion(RecordShape shape, ImportDefinition definition, IReadOnlyList<BoundField> fields)
    {
        _fields = fields;
        _shape = shape;
        _skipsEmpty = definition.EmptyRows == EmptyRows.Skip;
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

    /// <summary>Notes the records that are no rows with the columns of the file.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void RejectUnreadable(RecordBatch batch)
    {
        var expected = _shape.Columns;
        var firsts = batch.Firsts;
        var lasts = batch.Lasts;
        var firstFields = new ColumnText(batch, 0);
        for (var record = 0; record < batch.Count; record++)
        {
            if (lasts[record] - firsts[record] == expected && !_shape.MayBeNoRow(firstFields[record])) continue;
            var code = _shape.Judge(batch[record]);
            if (code == FaultCode.RecordEmpty && _skipsEmpty) Faults.Skip(record);
            else if (code != FaultCode.None) Faults.AddUnreadable(record, code);
        }
    }
}
