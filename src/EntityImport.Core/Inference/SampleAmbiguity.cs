using EntityImport.Conversion;
using EntityImport.Conversion.Ambiguity;
using EntityImport.Entities;
using EntityImport.Rows;

namespace EntityImport.Inference;

/// <summary>Finds out whether another reading fits a column of a sample, as an import does for a file.</summary>
internal sealed class SampleAmbiguity
{
    private readonly FieldConverter _converter;
    private readonly AlternativeReading _alternative;
    private readonly RecordFaults _faults = new();

    private SampleAmbiguity(FieldConverter converter, AlternativeReading alternative)
    {
        _converter = converter;
        _alternative = alternative;
    }

    /// <summary>Prepares it; null where the column has one reading only.</summary>
    /// <param name="column">The column, which goes into a field.</param>
    /// <param name="format">How values are written in the file.</param>
    /// <param name="pattern">The column's own date formats; null where it has none.</param>
    public static SampleAmbiguity? TryCreate(ProposedColumn column, ValueFormat format, DateFormats? pattern)
    {
        var field = column.Field! with { Required = false, PrimaryKey = false };
        // The type of a new field was chosen by one of the readings, so it must not decide between them.
        if (!column.IsGiven && (field.IsDecimal || field.DataType == DataType.Integer))
            field = new FieldDefinition { SystemName = field.SystemName, DataType = DataType.Double };
        var converter = FieldConverters.Create(field, format, pattern);
        return AlternativeReadings.Find(converter, format, pattern) is { } alternative ? new SampleAmbiguity(converter, alternative) : null;
    }

    /// <summary>Looks at the values of a batch. Only what the column itself refuses does not count.</summary>
    /// <param name="batch">The records.</param>
    /// <param name="column">Index of the column.</param>
    /// <param name="all">The faults of all columns, of which those of unreadable records matter.</param>
    /// <param name="vectors">Where values are converted to.</param>
    public void Add(RecordBatch batch, int column, RecordFaults all, SharedVectors vectors)
    {
        _faults.Clear();
        for (var record = 0; record < batch.Count; record++)
            if (all.IsUnreadable(record)) _faults.AddUnreadable(record, FaultCode.RecordFields);
        var values = vectors.For(_converter.Field);
        _converter.Convert(batch, column, binding: 0, values, _faults);
        _alternative.Compare(batch, column, values, _faults);
    }

    /// <summary>What is to be said after the last batch; null where nothing is.</summary>
    public ImportWarning? Describe(string column) => _alternative.Describe(_converter.Field.SystemName, column);
}
