using EntityImport.Conversion;
using EntityImport.Csv;
using EntityImport.Mappings;
using EntityImport.Storage;

namespace EntityImport.Imports;

/// <summary>One thread's share of the work between file and staging: reads parts, converts their columns, stages the good rows. Not thread-safe.</summary>
internal sealed class PartLoader : IDisposable
{
    /// <summary>Rejected rows that a thread keeps in memory: 4 MiB.</summary>
    private const int MaxRejectedBytes = 4 << 20;

    private readonly ImportPlan _plan;
    private readonly RowRejections _rejections;
    private readonly RejectedRowsWriter _rejected;
    private readonly ActiveImport _progress;
    private readonly IStagingWriter _writer;
    private readonly PartReader _reader;
    private readonly RecordFaults _faults = new();
    private readonly ColumnVector[] _columns;
    private readonly MemoryStream _rows = new();

    public PartLoader(ImportPlan plan, RowRejections rejections, RejectedRowsWriter rejected, IStaging staging, ActiveImport progress)
    {
        _plan = plan;
        _rejections = rejections;
        _rejected = rejected;
        _progress = progress;
        _writer = staging.CreateWriter();
        _reader = new PartReader(plan.Source);
        _columns = [.. plan.Fields.Select(f => new ColumnVector(f.Field))];
    }

    /// <summary>Reads a part to its end.</summary>
    public void Load(int index, CancellationToken cancellationToken)
    {
        var position = 0;
        _reader.Open(_plan.Source.Parts[index]);
        while (_reader.Read())
        {
            cancellationToken.ThrowIfCancellationRequested();
            var batch = _reader.Batch;
            ConvertBatch(batch);
            if (_faults.RejectedRecords < batch.Count) _writer.Append(batch, _columns, _faults);
            if (_faults.RejectedRecords > 0) WriteRejected(index);
            _progress.AddRead(batch.Count, _faults.RejectedRecords, _reader.Position - position);
            position = _reader.Position;
            ThrowIfTooManyRejected(index);
        }

        _rejected.Complete(index, _rows);
    }

    /// <summary>Makes the staged rows visible.</summary>
    public void Complete() => _writer.Complete();

    /// <inheritdoc/>
    public void Dispose()
    {
        _writer.Dispose();
        _rows.Dispose();
    }

    /// <summary>Ends the import where too many rows were rejected; those found so far stay in the error file.</summary>
    private void ThrowIfTooManyRejected(int part)
    {
        try
        {
            _plan.ThrowIfTooManyRejected(_progress.Rejected);
        }
        catch (FileFaultException)
        {
            _rejected.Append(part, _rows);
            throw;
        }
    }

    /// <summary>Keeps the rejected rows of the batch until it is the part's turn to write them; when they are many, waits for the turn.</summary>
    private void WriteRejected(int part)
    {
        foreach (var row in _rejections.Describe(_reader.Batch, _faults))
        {
            RejectedRowsFile.Write(_rows, row);
            if (_rows.Length > MaxRejectedBytes) _rejected.Append(part, _rows);
        }
    }

    private void ConvertBatch(RecordBatch batch)
    {
        _faults.Clear();
        RejectUnreadable(batch);
        for (var i = 0; i < _columns.Length; i++)
        {
            var bound = _plan.Fields[i];
            bound.Converter.Convert(batch, bound.Column, i, _columns[i], _faults);
        }

        // Which records are rejected is known only now.
        for (var i = 0; i < _columns.Length; i++)
        {
            var bound = _plan.Fields[i];
            bound.Alternative?.Compare(batch, bound.Column, _columns[i], _faults);
        }
    }

    /// <summary>Notes the records that have no fields, or another number of them than the definition allows.</summary>
    private void RejectUnreadable(RecordBatch batch)
    {
        var expected = _plan.Source.Columns.Count;
        var records = batch.Records;
        for (var record = 0; record < records.Length; record++)
        {
            ref readonly var span = ref records[record];
            if (span.FieldCount == expected) continue;
            var code = span.Fault switch
            {
                RecordFault.TextAfterQuote => FaultCode.RecordTextAfterQuote,
                RecordFault.UnclosedQuote => FaultCode.RecordUnclosedQuote,
                RecordFault.TooLong => FaultCode.RecordTooLong,
                _ => Fits(batch, span) ? FaultCode.None : FaultCode.RecordFields,
            };
            if (code != FaultCode.None) _faults.AddUnreadable(record, code);
        }

        if (_plan.Source.RecordTextColumn < 0) return;
        for (var record = 0; record < records.Length; record++)
            if (!_faults.IsUnreadable(record) && IsUncorrected(batch, record)) _faults.AddUnreadable(record, FaultCode.RecordUncorrected);
    }

    /// <summary>Whether a record of an error file still has all its text in the error file's own column.</summary>
    private bool IsUncorrected(RecordBatch batch, int record)
    {
        if (batch.Text(record, _plan.Source.RecordTextColumn).IsEmpty) return false;
        for (var column = 0; column < _plan.Source.InputColumns; column++)
            if (!batch.Text(record, column).IsEmpty) return false;
        return true;
    }

    private bool Fits(RecordBatch batch, in RecordSpan record)
    {
        var expected = _plan.Source.Columns.Count;
        if (record.FieldCount < expected) return _plan.Definition.RaggedRows != RaggedRows.Reject;
        if (_plan.Definition.RaggedRows != RaggedRows.Fit) return false;
        foreach (var surplus in batch.Fields.Slice(record.FirstField + expected, record.FieldCount - expected))
            if (surplus.Length > 0) return false;
        return true;
    }
}
