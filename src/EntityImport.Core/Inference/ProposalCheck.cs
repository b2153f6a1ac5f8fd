using System.Text;
using EntityImport.Conversion;
using EntityImport.Entities;
using EntityImport.Rows;

namespace EntityImport.Inference;

/// <summary>Converts a whole sample as the import would, to find what it would refuse and which columns identify a record.</summary>
internal sealed class ProposalCheck
{
    private const ulong HashOffset = 14695981039346656037;
    private const ulong HashPrime = 1099511628211;

    private readonly Dictionary<int, CheckedColumn> _columns;

    private ProposalCheck(IReadOnlyList<CheckedColumn> columns) => _columns = columns.ToDictionary(column => column.Index);

    /// <summary>Records that cannot be split into the columns.</summary>
    public long UnreadableRecords { get; private set; }

    /// <summary>Records in all.</summary>
    public long Records { get; private set; }

    /// <summary>What was found of a column of the file; null where it was not checked.</summary>
    public CheckedColumn? Find(int index) => _columns.GetValueOrDefault(index);

    /// <summary>Converts the sample.</summary>
    public static ProposalCheck Run(CsvSample sample, IReadOnlyList<CheckedColumn> columns, CancellationToken cancellationToken)
    {
        var check = new ProposalCheck(columns);
        var vectors = new SharedVectors();
        var faults = new RecordFaults();
        foreach (var batch in sample.ReadBatches(cancellationToken))
        {
            faults.Clear();
            for (var record = 0; record < batch.Count; record++)
                if (!sample.IsReadable(batch, record)) faults.AddUnreadable(record, FaultCode.RecordFields);
            check.Records += batch.Count;
            check.UnreadableRecords += faults.RejectedRecords;
            for (var i = 0; i < columns.Count; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var vector = vectors.For(columns[i].Converter.Field);
                columns[i].Converter.Convert(batch, columns[i].Index, i, vector, faults);
                if (columns[i].MayBeKey) columns[i].MayBeKey = AddKeys(batch, columns[i], vector, faults);
                columns[i].Ambiguity?.Add(batch, columns[i].Index, faults, vectors);
            }

            foreach (var fault in faults.All)
                if (fault.Column >= 0) columns[fault.Column].Refuse(Encoding.UTF8.GetString(batch.Text(fault.Record, columns[fault.Column].Index)));
        }

        return check;
    }

    /// <summary>Whether the column's values in this batch are all there, and none of them came before.</summary>
    private static bool AddKeys(RecordBatch batch, CheckedColumn column, ColumnVector vector, RecordFaults faults)
    {
        var isText = vector.Field.DataType == DataType.String;
        for (var record = 0; record < batch.Count; record++)
        {
            if (faults.IsUnreadable(record)) continue;
            if (vector.IsNull(record)) return false;
            var value = isText ? column.Converter.TextAsRead(batch, record, column.Index) : vector.Bytes.Slice(record * vector.ValueSize, vector.ValueSize);
            if (!column.Keys.Add(Hash(value))) return false;
        }

        return true;
    }

    /// <summary>FNV-1a. Two values of one hash make a key be overlooked, never be proposed wrongly.</summary>
    private static ulong Hash(ReadOnlySpan<byte> value)
    {
        var hash = HashOffset;
        foreach (var part in value) hash = (hash ^ part) * HashPrime;
        return hash;
    }
}

/// <summary>Vectors that columns of the same kind of value use one after the other: one for each of many columns would take hundreds of megabytes.</summary>
internal sealed class SharedVectors
{
    private readonly Dictionary<(DataType, int), ColumnVector> _vectors = [];

    /// <summary>A vector for the values of a field, until the next call.</summary>
    public ColumnVector For(FieldDefinition field)
    {
        var kind = (field.DataType, ColumnVector.SizeOf(field));
        if (!_vectors.TryGetValue(kind, out var vector)) _vectors.Add(kind, vector = new ColumnVector(field));
        return vector;
    }
}

/// <summary>A column that is checked, and what was found.</summary>
/// <param name="index">Its index in the file.</param>
/// <param name="converter">The converter that the import would use.</param>
/// <param name="mayBeKey">Whether to find out if its values identify a record.</param>
/// <param name="ambiguity">What finds out whether another reading fits it, too; null where there is none.</param>
internal sealed class CheckedColumn(int index, FieldConverter converter, bool mayBeKey, SampleAmbiguity? ambiguity)
{
    private const int MaxShown = 80;

    public int Index { get; } = index;

    public FieldConverter Converter { get; } = converter;

    /// <summary>Whether its values identify a record, as far as was asked and seen.</summary>
    public bool MayBeKey { get; set; } = mayBeKey;

    /// <summary>What finds out whether another reading fits it, too; null where there is none.</summary>
    public SampleAmbiguity? Ambiguity { get; } = ambiguity;

    /// <summary>Hashes of the values seen.</summary>
    public HashSet<ulong> Keys { get; } = [];

    /// <summary>Values that the converter refuses.</summary>
    public long Refused { get; private set; }

    /// <summary>The first of them; null where there is none.</summary>
    public string? FirstRefused { get; private set; }

    public void Refuse(string value)
    {
        MayBeKey = false;
        if (Refused++ == 0) FirstRefused = value.Length <= MaxShown ? value : string.Concat(value.AsSpan(0, MaxShown - 1), "…");
    }
}
