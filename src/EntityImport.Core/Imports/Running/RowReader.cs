using System.Diagnostics;
using System.Runtime.CompilerServices;
using EntityImport.Imports.Rejections;
using EntityImport.Inputs;
using EntityImport.Rows;
using EntityImport.Testing;

namespace EntityImport.Imports.Running;

/// <summary>One thread's share of an import's rows: reads parts of the file and converts their columns, batch by batch. Not thread-safe.</summary>
/// <remarks>Rejected rows go to the import's file of rejected rows on the way; the store only sees the others.</remarks>
internal sealed class RowReader : IRowReader
{
    /// <summary>Rejected rows that a thread keeps in memory: 1 MiB.</summary>
    private const int MaxRejectedBytes = 1 << 20;

    private readonly RowSource _source;
    private readonly ImportBinding _binding;
    private readonly IInputReader _reader;
    private readonly RecordShape _shape;
    private readonly int _recordTextColumn;
    private readonly RecordFaults _faults = new();
    private readonly ColumnVector[] _columns;
    private readonly KeyFingerprints.Collector? _keys;
    private readonly RejectedRowsBuffer _rejected = new();
    private readonly Action _handOver;
    private int _part = -1;
    private int _position;
    private long _tokenizing;
    private long _converting;

    public RowReader(RowSource source)
    {
        _source = source;
        _binding = source.Binding;
        _reader = _binding.Input.CreateReader();
        _shape = new RecordShape(_binding.Input.Columns.Count, _binding.Definition.RaggedRows);
        _recordTextColumn = ErrorFileColumns.RecordTextColumn(_binding.Input.Columns.Count, _binding.Input.OwnColumns);
        _columns = [.. _binding.Fields.Select(f => new ColumnVector(f.Field))];
        _keys = source.Keys?.CreateCollector(_columns);
        _handOver = HandOver;
    }

    /// <inheritdoc/>
    public RecordBatch Batch => _reader.Batch;

    /// <inheritdoc/>
    public IReadOnlyList<ColumnVector> Columns => _columns;

    /// <inheritdoc/>
    public RecordFaults Faults => _faults;

    /// <inheritdoc/>
    public bool Read()
    {
        while (true)
        {
            _source.Cancellation.ThrowIfCancellationRequested();
            if (!ReadBatch()) return false;
            ConvertBatch(Batch);
            if (!_source.IsRepeated) Account();
            if (_faults.RejectedRecords < Batch.Count) return true;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _source.AddTimes(_tokenizing, _converting);
        _rejected.Dispose();
    }

    private bool ReadBatch()
    {
        var begun = Stopwatch.GetTimestamp();
        try
        {
            while (_part < 0 || !_reader.Read())
            {
                if (_part >= 0 && !_source.IsRepeated) _source.Rejected.Complete(_part, _rejected.Rows);
                if (_part >= 0) FaultPoints.Reach(FaultStep.PartLoaded, _source.Active.Import.Id);
                _position = 0;
                _part = _source.TakePart();
                if (_part < 0)
                {
                    _keys?.Complete();
                    return false;
                }

                _reader.Open(_part);
            }

            return true;
        }
        finally
        {
            _tokenizing += Stopwatch.GetTimestamp() - begun;
        }
    }

    /// <summary>Notes what became of the batch: progress, rejected rows, keys.</summary>
    private void Account()
    {
        if (_faults.RejectedRecords > 0) _source.Rejections.Describe(Batch, _faults, _rejected, _handOver);
        _keys?.Add(Batch, _faults);
        _source.Active.Meter.AddRead(Batch.Count, _faults.RejectedRecords, _reader.Position - _position);
        _position = _reader.Position;
        try
        {
            _binding.ThrowIfTooManyRejected(_source.Active.Meter.Rejected);
        }
        catch (ImportRefusedException)
        {
            // Rows of a file that has changed are not the client's fault.
            _reader.Check();
            // Those found so far stay in the error file.
            _source.Rejected.Append(_part, _rejected.Rows);
            throw;
        }
    }

    /// <summary>Hands over rejected rows, after each, where there are enough of them.</summary>
    private void HandOver()
    {
        _source.Cancellation.ThrowIfCancellationRequested();
        if (_rejected.Rows.Length > MaxRejectedBytes) _source.Rejected.Append(_part, _rejected.Rows);
    }

    private void ConvertBatch(RecordBatch batch)
    {
        var begun = Stopwatch.GetTimestamp();
        _faults.Clear();
        RejectUnreadable(batch);
        for (var i = 0; i < _columns.Length; i++)
        {
            // Some definitions make much work of one column.
            _source.Cancellation.ThrowIfCancellationRequested();
            var bound = _binding.Fields[i];
            bound.Converter.Convert(batch, bound.Column, i, _columns[i], _faults);
        }

        // Which records are rejected is known only now.
        for (var i = 0; i < _columns.Length && !_source.IsRepeated; i++)
        {
            _source.Cancellation.ThrowIfCancellationRequested();
            var bound = _binding.Fields[i];
            bound.Alternative?.Compare(batch, bound.Column, _columns[i], _faults);
        }

        _converting += Stopwatch.GetTimestamp() - begun;
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
            if (code != FaultCode.None) _faults.AddUnreadable(record, code);
        }

        if (_recordTextColumn < 0) return;
        for (var record = 0; record < batch.Count; record++)
            if (!_faults.IsUnreadable(record) && IsUncorrected(batch, record)) _faults.AddUnreadable(record, FaultCode.RecordUncorrected);
    }

    /// <summary>Whether a record of an error file still has all its text in the error file's own column.</summary>
    private bool IsUncorrected(RecordBatch batch, int record)
    {
        if (batch.Text(record, _recordTextColumn).IsEmpty) return false;
        for (var column = 0; column < _binding.Input.OwnColumns; column++)
            if (!batch.Text(record, column).IsEmpty) return false;
        return true;
    }
}
