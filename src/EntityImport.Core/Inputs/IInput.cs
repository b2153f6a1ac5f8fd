using EntityImport.Conversion.Ambiguity;
using EntityImport.Rows;

namespace EntityImport.Inputs;

/// <summary>An upload's file as an import reads it, whatever its format: columns, and records in parts. Thread-safe but for disposal.</summary>
internal interface IInput : IDisposable
{
    /// <summary>The names of all columns that records have.</summary>
    IReadOnlyList<string> Columns { get; }

    /// <summary>How many of them are the file's own: all but those that an error file adds at the end.</summary>
    int OwnColumns { get; }

    /// <summary>Where the names stand, as a sentence about them begins: <c>Line 3</c>.</summary>
    string PlaceOfColumns { get; }

    /// <summary>Number of records, unreadable ones included.</summary>
    long RecordCount { get; }

    /// <summary>Size in bytes, of which readers tell how many they have read.</summary>
    long Size { get; }

    /// <summary>The largest number of bytes of a record; a longer one is unreadable.</summary>
    int MaxRecordBytes { get; }

    /// <summary>Whether a field may have several lines.</summary>
    bool MultilineFields { get; }

    /// <summary>The parts, in file order; together they hold all records.</summary>
    IReadOnlyList<InputPart> Parts { get; }

    /// <summary>What of the file itself somebody should look at; complete once all parts are read.</summary>
    IReadOnlyList<ImportWarning> Warnings => [];

    /// <summary>Makes a reader; each thread has its own.</summary>
    IInputReader CreateReader();

    /// <summary>What the rows of an error file of this input are written in.</summary>
    ErrorFileFormat DescribeErrorFile();

    /// <summary>The physical line on which a record begins, from 1, or what the format has in place of lines.</summary>
    long LineOf(RecordBatch batch, int record);

    /// <summary>The line, and the character in it, both from 1, of what makes a record unreadable.</summary>
    (long Line, long Column) PlaceOfFault(RecordBatch batch, int record);

    /// <summary>Whether an error file can repeat a record in the input's columns; else it repeats <see cref="BatchRecord.Raw"/> in a column of its own.</summary>
    bool CanRepeat(RecordBatch batch, int record);

    /// <summary>Repeats a record as an error file has it: exactly the input's own columns, so that a delimiter can follow.</summary>
    void Repeat(MemoryStream target, RecordBatch batch, int record);
}

/// <summary>Reads the records of one part after the other, batch by batch. Not thread-safe.</summary>
internal interface IInputReader
{
    /// <summary>The records read last. It is the same object each time.</summary>
    RecordBatch Batch { get; }

    /// <summary>How many bytes of the part have been read.</summary>
    int Position { get; }

    /// <summary>Begins a part, by its index in <see cref="IInput.Parts"/>.</summary>
    void Open(int part);

    /// <summary>Reads the next records into <see cref="Batch"/>; false at the part's end.</summary>
    /// <exception cref="Files.StoredFileException">The part's bytes, as they were read, are not those that were uploaded.</exception>
    bool Read();

    /// <summary>Finds out now whether the part's bytes are those that were uploaded, and not only at its end.</summary>
    /// <exception cref="Files.StoredFileException">They are not.</exception>
    void Check();
}

/// <summary>A part of an input, which can be read on its own.</summary>
/// <param name="RecordsBefore">Records of the input before it.</param>
/// <param name="RecordCount">Records in it.</param>
internal readonly record struct InputPart(long RecordsBefore, long RecordCount);
