using System.Runtime.CompilerServices;
using EntityImport.Conversion.Texts;
using EntityImport.Rows;

namespace EntityImport.Conversion.Ambiguity;

/// <summary>
/// Finds out whether another reading fits every value of a column, and how many would be other values then. The first value that it does not
/// fit refutes it for the whole import; from then on it costs one branch per batch. Thread-safe.
/// </summary>
internal abstract class AlternativeReading
{
    private readonly Lock _found = new();
    private volatile bool _isRefuted;
    private long _values;
    private long _differing;
    private long _exampleRow = long.MaxValue;
    private byte[] _example = [];

    private protected AlternativeReading(ReadingPair readings) => Readings = readings;

    private protected ReadingPair Readings { get; }

    /// <summary>Whether a value was found that the reading does not fit.</summary>
    public bool IsRefuted => _isRefuted;

    /// <summary>Looks at the values of a batch.</summary>
    /// <param name="batch">The records.</param>
    /// <param name="column">Index of the column in the file.</param>
    /// <param name="values">What the import has made of the column.</param>
    /// <param name="faults">Which records it rejects; complete for all columns, because the values of these records do not count.</param>
    public void Compare(RecordBatch batch, int column, ColumnVector values, RecordFaults faults)
    {
        if (_isRefuted) return;
        if (!TryCompare(batch, column, values, faults, out var comparison))
        {
            _isRefuted = true;
            return;
        }

        if (comparison.Values == 0) return;
        lock (_found)
        {
            _values += comparison.Values;
            _differing += comparison.Differing;
            var row = batch.RecordsBefore + comparison.FirstDiffering;
            if (comparison.Differing == 0 || row >= _exampleRow) return;
            _exampleRow = row;
            _example = TextOf(batch, comparison.FirstDiffering, column).ToArray();
        }
    }

    /// <summary>What is to be said after the last batch; null where the reading is refuted or would not have changed a value.</summary>
    /// <param name="field">Name of the field.</param>
    /// <param name="column">Name of the column.</param>
    public ImportWarning? Describe(string field, string column)
    {
        lock (_found)
        {
            if (_isRefuted || _differing == 0) return null;
            var example = Read(_example);
            return new ImportWarning
            {
                Code = Readings.Code,
                Field = field,
                Column = column,
                Reading = ShownText.Fit(Readings.Used, Limits.ReasonCharacters),
                OtherReading = ShownText.Fit(Readings.Other, Limits.ReasonCharacters),
                Values = _values,
                Differing = _differing,
                Example = example,
                Message = AmbiguityWording.Describe(Readings, column, _differing, _values, example),
            };
        }
    }

    /// <summary>What both readings make of a text that both of them read.</summary>
    public AmbiguousValue Read(ReadOnlySpan<byte> text)
    {
        var (used, other) = Show(text);
        return new AmbiguousValue(RejectionReasons.Show(text), used, other);
    }

    /// <summary>Reads the good values of a batch again; false where one is refused.</summary>
    private protected abstract bool TryCompare(
        RecordBatch batch, int column, ColumnVector values, RecordFaults faults, out ReadingComparison comparison);

    /// <summary>A text as both read it.</summary>
    private protected abstract ReadOnlySpan<byte> TextOf(RecordBatch batch, int record, int column);

    /// <summary>What both readings make of a text.</summary>
    private protected abstract (string Used, string Other) Show(ReadOnlySpan<byte> text);
}

/// <summary>The loop over a column, for values of a fixed size.</summary>
internal sealed class AlternativeReading<T, TParser> : AlternativeReading
    where T : unmanaged
    where TParser : struct, IValueParser<T>
{
    private readonly FieldConverter _converter;
    private readonly TParser _used;
    private readonly TParser _other;

    /// <summary>Compares a converter's own reading with another.</summary>
    /// <param name="readings">How the two read.</param>
    /// <param name="converter">What the import reads the column by.</param>
    /// <param name="used">The reading of that.</param>
    /// <param name="other">The other reading.</param>
    public AlternativeReading(ReadingPair readings, FieldConverter converter, TParser used, TParser other)
        : base(readings)
    {
        _converter = converter;
        _used = used;
        _other = other;
    }

    private protected override bool TryCompare(
        RecordBatch batch, int column, ColumnVector values, RecordFaults faults, out ReadingComparison comparison) =>
        _converter.Steps is null
            ? TryCompare<AsWritten>(batch, column, values, faults, out comparison)
            : TryCompare<ThroughSteps>(batch, column, values, faults, out comparison);

    private protected override ReadOnlySpan<byte> TextOf(RecordBatch batch, int record, int column) => _converter.TextAsRead(batch, record, column);

    // See FieldConverter: compiled at once as well as can be, and alone.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private bool TryCompare<TReading>(
        RecordBatch batch, int column, ColumnVector values, RecordFaults faults, out ReadingComparison comparison)
        where TReading : struct, ITextReading
    {
        comparison = default;
        var nulls = TReading.HasSteps ? NullRule.Empty : _converter.Nulls;
        var steps = _converter.Steps;
        var room = TReading.HasSteps ? new TextRoom() : null;
        var stored = values.Values<T>();
        var texts = new ColumnText(batch, column);
        for (var record = 0; record < batch.Count; record++)
        {
            if (faults.IsRejected(record)) continue;
            var text = texts.WithoutSpaces(record);
            if (TReading.HasSteps) text = steps!.Read(text, room!);
            if (nulls.IsNull(text)) continue;
            if (_other.Parse(text, out var value) != FaultCode.None) return false;
            comparison.Values++;
            if (EqualityComparer<T>.Default.Equals(value, stored[record])) continue;
            if (Readings.IsImplausible(text)) return false;
            if (comparison.Differing++ == 0) comparison.FirstDiffering = record;
        }

        return true;
    }

    private protected override (string Used, string Other) Show(ReadOnlySpan<byte> text)
    {
        _used.Parse(text, out var stored);
        _other.Parse(text, out var value);
        return (StoredValue.Show(_converter.Field, stored), StoredValue.Show(_converter.Field, value));
    }
}

/// <summary>What two readings make of the values of a batch.</summary>
internal struct ReadingComparison
{
    /// <summary>Values that were read both ways.</summary>
    public int Values;

    /// <summary>Those of them that differ.</summary>
    public int Differing;

    /// <summary>Index of the first record whose value differs; 0 where none does.</summary>
    public int FirstDiffering;
}
