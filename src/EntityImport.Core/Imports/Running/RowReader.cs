using System.Diagnostics;
using EntityImport.Imports.Rejections;
using EntityImport.Imports.Running.Warnings;
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
    private readonly BatchConversion _conversion;
    private readonly KeyFingerprints.Collector? _keys;
    private readonly RowWarnings.Watch? _watch;
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
        _conversion = new BatchConversion(_binding.Shape, _binding.Definition, _binding.Fields);
        _keys = source.Keys?.CreateCollector(_conversion.Columns);
        _watch = source.IsRepeated ? null : source.Warnings.CreateWatch(_conversion.Columns);
        _handOver = HandOver;
    }

    /// <inheritdoc/>
    public RecordBatch Batch => _reader.Batch;

    /// <inheritdoc/>
    public IReadOnlyList<ColumnVector> Columns => _conversion.Columns;

    /// <inheritdoc/>
    public RecordFaults Faults => _conversion.Faults;

    /// <inheritdoc/>
    public bool Read()
    {
        while (true)
        {
            _source.Cancellation.ThrowIfCancellationRequested();
            if (!ReadBatch()) return false;
            ConvertBatch(Batch);
            if (!_source.IsRepeated) Account();
            if (Faults.LeftOutRecords < Batch.Count) return true;
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
                    _watch?.Complete();
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
        if (Faults.RejectedRecords > 0) _source.Rejections.Describe(Batch, Faults, _rejected, _handOver);
        _keys?.Add(Batch, Faults);
        _source.Active.Meter.AddRead(Batch.Count, Faults.RejectedRecords, Faults.SkippedRecords, _reader.Position - _position);
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
        _conversion.Convert(batch, _source.Cancellation);
        // Which records are rejected is known only now.
        for (var i = 0; i < _conversion.Columns.Length && !_source.IsRepeated; i++)
        {
            _source.Cancellation.ThrowIfCancellationRequested();
            var bound = _binding.Fields[i];
            bound.Alternative?.Compare(batch, bound.Column, _conversion.Columns[i], Faults);
        }

        _watch?.Look(batch, Faults);
        _converting += Stopwatch.GetTimestamp() - begun;
    }
}
