using System.Globalization;
using EntityImport.Conversion;
using EntityImport.Conversion.Ambiguity;
using EntityImport.Conversion.Dates;
using EntityImport.Entities;
using EntityImport.Rows;

namespace EntityImport.Imports.Running.Warnings;

/// <summary>Counts the dates of a column whose years have two digits, so that their century is the import's guess. Thread-safe.</summary>
internal sealed class GuessedCenturies
{
    private readonly BoundField _bound;
    private readonly int _firstYear;
    private readonly Lock _found = new();
    private long _dates;
    private int _earliest = int.MaxValue;
    private int _latest = int.MinValue;
    private (long Row, long Line, int Day, string Text) _first = (long.MaxValue, 0, 0, "");

    private GuessedCenturies(BoundField bound, int index, int firstYear)
    {
        _bound = bound;
        _firstYear = firstYear;
        Index = index;
    }

    /// <summary>Index of the bound column.</summary>
    public int Index { get; }

    /// <summary>Those of the columns whose formats read two digits as a year; none where the definition states the years that they stand for.</summary>
    public static IReadOnlyList<GuessedCenturies> Find(ImportBinding binding)
    {
        var definition = binding.Definition;
        if (definition.TwoDigitYearStart is not null) return [];
        var found = new List<GuessedCenturies>();
        for (var i = 0; i < binding.Fields.Count; i++)
        {
            var bound = binding.Fields[i];
            if (bound.Column < 0 || bound.Field.DataType is not (DataType.Date or DataType.DateTime)) continue;
            var formats = definition.Fields.FirstOrDefault(mapping => mapping.SystemName == bound.Field.SystemName)?.Format
                ?? (bound.Field.DataType == DataType.Date ? definition.DateFormat : definition.DateTimeFormat);
            if (formats.Any(ReadsTwoDigits)) found.Add(new GuessedCenturies(bound, i, binding.TwoDigitYearStart.Year));
        }

        return found;
    }

    /// <summary>Looks at the values of a batch.</summary>
    public void Look(ImportBinding binding, RecordBatch batch, ColumnVector values, RecordFaults faults)
    {
        var (dates, earliest, latest, first) = (0, int.MaxValue, int.MinValue, -1);
        for (var record = 0; record < batch.Count; record++)
        {
            if (faults.IsRejected(record) || values.IsNull(record)) continue;
            var day = DayOf(values, record);
            if (!IsGuessed(batch.Text(record, _bound.Column), day)) continue;
            if (dates++ == 0) first = record;
            earliest = Math.Min(earliest, day);
            latest = Math.Max(latest, day);
        }

        if (dates == 0) return;
        var place = (
            batch.RecordsBefore + first + 1,
            binding.Input.LineOf(batch, first),
            DayOf(values, first),
            RejectionReasons.Show(batch.Text(first, _bound.Column)));
        lock (_found)
        {
            _dates += dates;
            _earliest = Math.Min(_earliest, earliest);
            _latest = Math.Max(_latest, latest);
            if (place.Item1 < _first.Row) _first = place;
        }
    }

    /// <summary>What is to be said after the last batch; null where there was no such date.</summary>
    public ImportWarning? Describe()
    {
        lock (_found)
        {
            if (_dates == 0) return null;
            return new ImportWarning
            {
                Code = ImportWarning.YearCentury,
                Field = _bound.Field.SystemName,
                Column = _bound.ColumnName,
                Differing = _dates,
                Row = _first.Row,
                Line = _first.Line,
                Message = string.Create(
                    CultureInfo.InvariantCulture,
                    $"The years of column '{RejectionReasons.Show(_bound.ColumnName!)}' have two digits, which were taken for years from {_firstYear} to {_firstYear + 100}: '{_first.Text}' is {StoredValue.ShowDay(_first.Day)}, and the {_dates:N0} {(_dates == 1 ? "date lies" : "dates lie")} between {StoredValue.ShowDay(_earliest)} and {StoredValue.ShowDay(_latest)}. If that is wrong, state twoDigitYearStart, or write four digits (yyyy)."),
            };
        }
    }

    /// <summary>Whether a value's century does not stand in its text, and its text is no null that a default took the place of.</summary>
    private static bool IsGuessed(ReadOnlySpan<byte> text, int day)
    {
        if (!text.ContainsAnyInRange((byte)'0', (byte)'9')) return false;
        Span<byte> year = stackalloc byte[4];
        return CivilDate.FromNumber(day).Year.TryFormat(year, out _, "D4", CultureInfo.InvariantCulture) && text.IndexOf(year) < 0;
    }

    private int DayOf(ColumnVector values, int record) => _bound.Field.DataType == DataType.Date
        ? values.Values<int>()[record]
        : (int)Math.Floor((decimal)values.Values<long>()[record] / CivilDate.MicrosecondsPerDay);

    private static bool ReadsTwoDigits(string format) =>
        !DateFormatSet.IsNamed(format) && PatternLexer.Split(format).Any(element => element is { Letter: 'y' or 'Y', Count: 2 });
}
