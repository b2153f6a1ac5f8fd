using System.Globalization;
using EntityImport.Conversion.Dates;
using EntityImport.Entities;

namespace EntityImport.Changes;

/// <summary>What the changes of a field of dates have in common. Not thread-safe.</summary>
/// <param name="field">The field, a DATE or DATETIME.</param>
internal sealed class DateChanges(FieldDefinition field) : FieldChanges(field)
{
    private const double LikelihoodOfSwap = 0.02;
    private const double LikelihoodOfCentury = 0.01;
    private const double LikelihoodOfMidnight = 0.1;

    /// <summary>How likely it is that a date moves by an amount which others move by, for no common reason.</summary>
    private const double LikelihoodOfMove = 0.1;

    /// <summary>The part of the dates that must show it.</summary>
    private const double LeastShare = 0.5;

    /// <summary>Days between the two ways in which spreadsheets number days.</summary>
    private const int DaysOf1904 = 1462;
    private const long MicrosecondsPerHour = 3_600_000_000;
    private const long MostHoursOfZones = 14;

    private readonly Sighting _swapped = new();
    private readonly Sighting _century = new();
    private readonly Sighting _midnight = new();
    private readonly Dictionary<int, Sighting> _years = [];
    private readonly PairSample _moves = new(scale: 0);
    private long _swappable;
    private long _withTime;

    private bool IsDate => Field.DataType == DataType.Date;

    /// <inheritdoc/>
    protected override void LookAt(ChangeBatch batch, ChangeColumn column, int record)
    {
        var (valueBefore, valueAfter) = (column.Before.Whole[record], column.After.Whole[record]);
        _moves.Add(batch, column, record, (Int128)valueBefore, (Int128)valueAfter);
        var ((dayBefore, timeBefore), (dayAfter, timeAfter)) = (Split(valueBefore), Split(valueAfter));
        if (timeBefore != 0)
        {
            _withTime++;
            if (timeAfter == 0 && dayBefore == dayAfter) _midnight.Add(batch, column, record);
        }

        if (!IsCivil(dayBefore) || !IsCivil(dayAfter)) return;
        var (before, after) = (CivilDate.FromNumber((int)dayBefore), CivilDate.FromNumber((int)dayAfter));
        if (before.Day <= 12 && before.Day != before.Month)
        {
            _swappable++;
            if (after.Day == before.Month && after.Month == before.Day && after.Year == before.Year && timeBefore == timeAfter) _swapped.Add(batch, column, record);
        }

        if (before.Month != after.Month || before.Day != after.Day || timeBefore != timeAfter) return;
        var years = after.Year - before.Year;
        if (Math.Abs(years) is 100 or 1900 or 2000) _century.Add(batch, column, record);
        else if (years is >= -50 and <= 50 and not 0) SightingOf(years).Add(batch, column, record);
    }

    /// <inheritdoc/>
    protected override IEnumerable<ChangeFinding> DescribeOwn(long compared)
    {
        if (_swapped.Count >= LeastShare * _swappable && Chance.IsExcluded(_swapped.Count, _swappable, Math.Max(LikelihoodOfSwap, LikelihoodOfOne)))
        {
            yield return Found(ChangeFinding.DayMonthSwapped, ChangeGrade.Mistake, _swapped, _swappable, "changed dates that could have it have day and month exchanged.");
            yield break;
        }

        if (_century.Count >= 0.2 * Pairs && Chance.IsExcluded(_century.Count, Pairs, LikelihoodOfCentury))
        {
            yield return Found(ChangeFinding.CenturyChanged, ChangeGrade.Mistake, _century, Pairs, "changed dates are the same days of another century.");
            yield break;
        }

        if (_midnight.Count >= 0.9 * _withTime && Chance.IsExcluded(_midnight.Count, _withTime, Math.Max(LikelihoodOfMidnight, LikelihoodOfOne)))
        {
            yield return Found(ChangeFinding.TimeLost, ChangeGrade.Mistake, _midnight, _withTime, "changed values that had a time of day are midnight of the same day.");
            yield break;
        }

        var (years, yearly) = _years.OrderByDescending(moved => moved.Value.Count).FirstOrDefault();
        if (yearly is not null && yearly.Count >= 0.75 * Pairs && Chance.IsExcluded(yearly.Count, Pairs, LikelihoodOfMove))
        {
            yield return Found(
                ChangeFinding.Shifted, ChangeGrade.Pattern, yearly, Pairs,
                string.Create(CultureInfo.InvariantCulture, $"changed dates are {Amount(Math.Abs(years), "year")} {(years > 0 ? "later" : "earlier")}."));
        }
        else if (_moves.FindShift(Different, _ => LikelihoodOfMove) is { } move)
        {
            var isMistake = IsDate ? move.Amount == -1 || Math.Abs(move.Amount) == DaysOf1904 : IsZone((long)move.Amount);
            yield return Found(
                ChangeFinding.Shifted, isMistake ? ChangeGrade.Mistake : ChangeGrade.Pattern, move.Count, Pairs, $"changed dates are {Word((long)move.Amount)}.{(isMistake ? Suspect((long)move.Amount) : "")}", move.Examples, move.IsEstimated);
        }
    }

    private static bool IsCivil(long day) => day is >= CivilDate.FirstDay and <= CivilDate.LastDay;

    /// <summary>Whether instants were moved as another zone would: by hours or half hours.</summary>
    private static bool IsZone(long microseconds) => microseconds % (MicrosecondsPerHour / 2) == 0 && Math.Abs(microseconds) <= MostHoursOfZones * MicrosecondsPerHour;

    private static string Amount(double number, string unit) => string.Create(CultureInfo.InvariantCulture, $"{number:#,0.###} {unit}{(number == 1 ? "" : "s")}");

    private Sighting SightingOf(int years)
    {
        if (_years.TryGetValue(years, out var known)) return known;
        return _years[years] = new Sighting();
    }

    private (long Day, long Time) Split(long value)
    {
        if (IsDate) return (value, 0);
        var day = Math.DivRem(value, CivilDate.MicrosecondsPerDay, out var time);
        return time < 0 ? (day - 1, time + CivilDate.MicrosecondsPerDay) : (day, time);
    }

    private string Word(long move)
    {
        var (size, direction) = (Math.Abs((double)move), move > 0 ? "later" : "earlier");
        if (IsDate) return $"{Amount(size, "day")} {direction}";
        if (size % CivilDate.MicrosecondsPerDay == 0) return $"{Amount(size / CivilDate.MicrosecondsPerDay, "day")} {direction}";
        return size % (MicrosecondsPerHour / 2) == 0 ? $"{Amount(size / MicrosecondsPerHour, "hour")} {direction}" : $"{Amount(size / 1e6, "second")} {direction}";
    }

    private string Suspect(long move) => IsDate && Math.Abs(move) == DaysOf1904 ? " Spreadsheets that count days from 1904 differ by so many." : " Was another time zone taken for theirs?";
}
