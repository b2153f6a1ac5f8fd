using System.Text;
using EntityImport.Conversion;
using EntityImport.Entities;
using EntityImport.Rows;

namespace EntityImport.Inference;

/// <summary>Converts a whole sample as the import would, to find what it would refuse and which columns identify a record.</summary>
internal sealed class ProposalCheck
{
    private readonly Dictionary<int, CheckedColumn> _columns;

    private ProposalCheck(IReadOnlyList<CheckedColumn> columns) => _columns = columns.ToDictionary(column => column.Index);

    /// <summary>Records that cannot be split into the columns.</summary>
    public long UnreadableRecords { get; private set; }

    /// <summary>Records without a value, where these are passed over.</summary>
    public long SkippedRecords { get; private set; }

    /// <summary>Records in all.</summary>
    public long Records { get; private set; }

    /// <summary>What was found of a column of the file; null where it was not checked.</summary>
    public CheckedColumn? Find(int index) => _columns.GetValueOrDefault(index);

    /// <summary>Converts the sample.</summary>
    public static ProposalCheck Run(CsvSample sample, IReadOnlyList<CheckedColumn> columns, bool skipsEmpty, CancellationToken cancellationToken)
    {
        var check = new ProposalCheck(columns);
        var vectors = new SharedVectors();
        var faults = new RecordFaults();
        foreach (var batch in sample.ReadBatches(cancellationToken))
        {
            faults.Clear();
            for (var record = 0; record < batch.Count; record++)
            {
                if (sample.IsReadable(batch, record)) continue;
                if (skipsEmpty && sample.IsEmpty(batch, record)) faults.Skip(record);
                else faults.AddUnreadable(record, FaultCode.RecordFields);
            }

            check.Records += batch.Count;
            check.UnreadableRecords += faults.RejectedRecords;
            check.SkippedRecords += faults.SkippedRecords;
            for (var i = 0; i < columns.Count; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var vector = vectors.For(columns[i].Converter.Field);
                columns[i].Converter.Convert(batch, columns[i].Index, i, vector, faults);
                columns[i].Key?.Add(batch, columns[i].Index, columns[i].Converter, vector, faults);
                columns[i].Ambiguity?.Add(batch, columns[i].Index, faults, vectors);
            }

            foreach (var fault in faults.All)
                if (fault.Column >= 0) columns[fault.Column].Refuse(Encoding.UTF8.GetString(batch.Text(fault.Record, columns[fault.Column].Index)), new RecordPlace(batch, fault.Record));
        }

        return check;
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
/// <param name="key">What finds out whether its values identify a record; null where that is not asked.</param>
/// <param name="ambiguity">What finds out whether another reading fits it, too; null where there is none.</param>
internal sealed class CheckedColumn(int index, FieldConverter converter, KeyEvidence? key, SampleAmbiguity? ambiguity)
{
    private const int MaxShown = 80;

    public int Index { get; } = index;

    public FieldConverter Converter { get; } = converter;

    /// <summary>Whether its values identify a record, as far as was asked and seen.</summary>
    public bool MayBeKey => Key is { IsUnique: true } && Refused.Count == 0;

    /// <summary>What finds out whether its values identify a record; null where that is not asked.</summary>
    public KeyEvidence? Key { get; } = key;

    /// <summary>What finds out whether another reading fits it, too; null where there is none.</summary>
    public SampleAmbiguity? Ambiguity { get; } = ambiguity;

    /// <summary>Values that the converter refuses.</summary>
    public Sightings Refused { get; } = new();

    public void Refuse(string value, RecordPlace place) =>
        Refused.Add(value.Length <= MaxShown ? value : string.Concat(value.AsSpan(0, MaxShown - 1), "…"), place);
}
