using EntityImport.Entities;

namespace EntityImport.Rows;

/// <summary>How much rows are, for whoever has to make room for them.</summary>
public interface IRowAmount
{
    /// <summary>How many rows there are; of a file's, rejected ones included.</summary>
    long RecordCount { get; }

    /// <summary>Their size in bytes, as in a file.</summary>
    long FileBytes { get; }

    /// <summary>How many readers can share the work: at least 1.</summary>
    int MaxReaders { get; }
}

/// <summary>The good rows of an import's file, which the store pulls: it makes as many readers as it has threads for, and each reads batches until none are left. Thread-safe.</summary>
public interface IRowFeed : IRowAmount
{
    /// <summary>The fields that rows have values for, in the order of a reader's columns.</summary>
    IEnumerable<FieldDefinition> Fields { get; }

    /// <summary>Whether a key may occur more than once among the good rows; false is certain. To be asked when the first pass is over.</summary>
    bool KeysMayRepeat { get; }

    /// <summary>Makes a reader; each thread has its own.</summary>
    IRowReader CreateReader();

    /// <summary>Begins from the file's beginning again, once all readers have come to the end.</summary>
    void Repeat();
}

/// <summary>One thread's share of an import's rows, batch by batch. Not thread-safe.</summary>
public interface IRowReader : IDisposable
{
    /// <summary>The records of the batch.</summary>
    RecordBatch Batch { get; }

    /// <summary>Their values, in the order of <see cref="IRowFeed.Fields"/>. Both, and the texts they point to, stay as they are until the next call of <see cref="Read"/>.</summary>
    IReadOnlyList<ColumnVector> Columns { get; }

    /// <summary>Which of them are rejected.</summary>
    RecordFaults Faults { get; }

    /// <summary>Reads the next batch that has at least one good row; false where no rows are left.</summary>
    /// <exception cref="ImportRefusedException">More rows were rejected than the mapping allows, or than are kept.</exception>
    /// <exception cref="OperationCanceledException">The import is to end.</exception>
    bool Read();
}
