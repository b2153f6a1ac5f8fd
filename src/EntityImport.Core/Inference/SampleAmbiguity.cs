using EntityImport.Conversion;
using EntityImport.Conversion.Ambiguity;
using EntityImport.Entities;
using EntityImport.Mappings;
using EntityImport.Rows;

namespace EntityImport.Inference;

/// <summary>Finds out whether another reading fits a column of a sample, as an import does for a file.</summary>
internal sealed class SampleAmbiguity
{
    private const int MaxExamples = 3;

    /// <summary>Records that are looked at for examples.</summary>
    private const int MaxLooked = 10_000;

    private readonly FieldConverter _converter;
    private readonly AlternativeReading _alternative;
    private readonly RecordFaults _faults = new();
    private readonly List<AmbiguousValue> _examples = [];
    private int _looked;

    private SampleAmbiguity(FieldConverter converter, AlternativeReading alternative)
    {
        _converter = converter;
        _alternative = alternative;
    }

    /// <summary>Prepares it; null where the column has one reading only.</summary>
    /// <param name="column">The column, which goes into a field.</param>
    /// <param name="format">How values are written in the file.</param>
    /// <param name="mapping">The column's own rules.</param>
    public static SampleAmbiguity? TryCreate(ProposedColumn column, ValueFormat format, FieldMapping mapping)
    {
        var field = column.Field! with { Required = false, PrimaryKey = false };
        // The type of a new field was chosen by one of the readings, so it must not decide between them.
        if (!column.IsGiven && (field.IsDecimal || field.DataType == DataType.Integer))
            field = new FieldDefinition { SystemName = field.SystemName, DataType = DataType.Double };
        var converter = FieldConverters.Create(field, format, mapping.Format, rules: mapping.Texts);
        return AlternativeReadings.Find(converter, format, mapping.Format) is { } alternative ? new SampleAmbiguity(converter, alternative) : null;
    }

    /// <summary>Looks at the values of a batch. Only what the column itself refuses does not count.</summary>
    /// <param name="batch">The records.</param>
    /// <param name="column">Index of the column.</param>
    /// <param name="all">The faults of all columns, of which those of unreadable records matter.</param>
    /// <param name="vectors">Where values are converted to.</param>
    public void Add(RecordBatch batch, int column, RecordFaults all, SharedVectors vectors)
    {
        if (_alternative.IsRefuted) return;
        _faults.Clear();
        for (var record = 0; record < batch.Count; record++)
            if (all.IsUnreadable(record)) _faults.AddUnreadable(record, FaultCode.RecordFields);
        var values = vectors.For(_converter.Field);
        _converter.Convert(batch, column, binding: 0, values, _faults);
        _alternative.Compare(batch, column, values, _faults);
        for (var record = 0; record < batch.Count && _examples.Count < MaxExamples && _looked < MaxLooked; record++, _looked++)
            if (!_faults.IsRejected(record)) AddExample(batch.Text(record, column));
    }

    private void AddExample(ReadOnlySpan<byte> text)
    {
        if (_converter.Nulls.IsNull(text)) return;
        var value = _alternative.Read(text);
        if (value.Reading != value.OtherReading && !_examples.Contains(value)) _examples.Add(value);
    }

    /// <summary>The first different values of another meaning, at most three.</summary>
    public IReadOnlyList<AmbiguousValue> Examples => _examples;

    /// <summary>What is to be said after the last batch; null where nothing is.</summary>
    public ImportWarning? Describe(string column) => _alternative.Describe(_converter.Field.SystemName, column);
}
