using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace EntityImport.Rows;

/// <summary>A value that a converter refused.</summary>
/// <param name="Record">Index of the record in its batch.</param>
/// <param name="Column">Index of the bound column, as in the import's bindings; -1 where the record as a whole is at fault.</param>
/// <param name="Code">Why.</param>
public readonly record struct ValueFault(int Record, int Column, FaultCode Code);

/// <summary>All faults of the records of one batch. Reused from batch to batch; not thread-safe.</summary>
public sealed class RecordFaults
{
    private readonly List<ValueFault> _faults = [];
    private readonly ulong[] _rejected = new ulong[RecordBatch.Capacity / 64];
    private readonly ulong[] _unreadable = new ulong[RecordBatch.Capacity / 64];

    /// <summary>Number of records with at least one fault.</summary>
    public int RejectedRecords { get; private set; }

    /// <summary>Number of records that are passed over as the definition says.</summary>
    public int SkippedRecords { get; private set; }

    /// <summary>Number of records that do not go on to the store: those rejected and those skipped.</summary>
    internal int LeftOutRecords => RejectedRecords + SkippedRecords;

    /// <summary>The faults, in the order in which they were found.</summary>
    public IReadOnlyList<ValueFault> All => _faults;

    /// <summary>The faults by record, those of a record by column. The order in which they were found is lost.</summary>
    internal ReadOnlySpan<ValueFault> SortByRecord()
    {
        var faults = CollectionsMarshal.AsSpan(_faults);
        faults.Sort((a, b) => a.Record != b.Record ? a.Record.CompareTo(b.Record) : a.Column.CompareTo(b.Column));
        return faults;
    }

    /// <summary>Whether the record has at least one fault, or is skipped: it does not go on to the store.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsRejected(int record) => (_rejected[record >> 6] & (1ul << record)) != 0;

    /// <summary>Whether the record is no row with the header's columns, so that none of its values is to be read.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsUnreadable(int record) => (_unreadable[record >> 6] & (1ul << record)) != 0;

    /// <summary>Notes that a value was refused.</summary>
    public void Add(int record, int column, FaultCode code)
    {
        _faults.Add(new ValueFault(record, column, code));
        ref var word = ref _rejected[record >> 6];
        if ((word & (1ul << record)) != 0) return;
        word |= 1ul << record;
        RejectedRecords++;
    }

    /// <summary>Notes that a record is no row with the header's columns.</summary>
    public void AddUnreadable(int record, FaultCode code)
    {
        Add(record, -1, code);
        _unreadable[record >> 6] |= 1ul << record;
    }

    /// <summary>Notes that a record without faults is passed over as the definition says.</summary>
    internal void Skip(int record)
    {
        _rejected[record >> 6] |= 1ul << record;
        _unreadable[record >> 6] |= 1ul << record;
        SkippedRecords++;
    }

    /// <summary>Forgets all faults.</summary>
    public void Clear()
    {
        _faults.Clear();
        _rejected.AsSpan().Clear();
        _unreadable.AsSpan().Clear();
        RejectedRecords = SkippedRecords = 0;
    }
}
