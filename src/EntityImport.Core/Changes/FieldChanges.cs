using System.Globalization;
using EntityImport.Entities;

namespace EntityImport.Changes;

/// <summary>What the changes of one field have in common: what is asked of each type, and by those that derive, what only theirs can show. Bounded, whatever is looked at. Not thread-safe.</summary>
internal abstract class FieldChanges
{
    /// <summary>Fewer records that all show something rather without information, as an empty field, are no finding.</summary>
    private const int FewestOfWhole = 12;

    /// <summary>How likely it is by chance that a value that changes becomes empty, or one that others become.</summary>
    private const double LikelihoodOfWhole = 0.2;

    private readonly Sighting _emptied = new();
    private readonly Sighting _first = new();
    private readonly Variety _before = new();
    private readonly Variety _all = new();
    private ulong _oneAfter;
    private bool _hasOneAfter = true;
    private ulong _sumBefore;
    private ulong _sumAfter;

    protected FieldChanges(FieldDefinition field) => Field = field;

    /// <summary>The field.</summary>
    public FieldDefinition Field { get; }

    /// <summary>Records that had a value and have another one.</summary>
    protected long Pairs { get; private set; }

    /// <summary>Records that had a value before, of those that changed in whatever field.</summary>
    private long Filled { get; set; }

    /// <summary>About how many different values those had that changed.</summary>
    protected double Different => _before.Estimate();

    /// <summary>How likely it is that a value becomes a certain other one: of few values, before and after, each is likely; where they hardly repeat, none is.</summary>
    protected double LikelihoodOfOne => _all.Estimate() is var different && different >= 1.5 * Pairs ? 0 : 1 / Math.Max(1, different - 1);

    /// <summary>What looks at the changes of a field.</summary>
    public static FieldChanges For(FieldDefinition field) => field.DataType switch
    {
        DataType.String => new TextChanges(field),
        DataType.Date or DataType.DateTime => new DateChanges(field),
        DataType.Boolean => new FlagChanges(field),
        _ => new NumberChanges(field),
    };

    /// <summary>Looks at the records of a batch.</summary>
    public void Look(ChangeBatch batch, ChangeColumn column)
    {
        var (before, after) = (column.Before, column.After);
        for (var record = 0; record < batch.Count; record++)
        {
            if (before.IsEmpty(record)) continue;
            Filled++;
            if (after.IsEmpty(record)) _emptied.Add(batch, column, record);
            else if (!before.IsEqual(record, after)) LookAtPair(batch, column, record);
        }
    }

    /// <summary>What was found, at most one of each code.</summary>
    /// <param name="unchanged">Records that the import leaves as they are.</param>
    public IEnumerable<ChangeFinding> Describe(long unchanged)
    {
        if (DescribeEmptied(unchanged) is { } emptied) yield return emptied;
        if (Pairs < Chance.Fewest) yield break;
        var own = DescribeOwn(Filled + unchanged).ToList();
        foreach (var finding in own) yield return finding;
        // What else was found says more: one factor makes one value of one value.
        if (own.Count > 0) yield break;
        if (DescribeOneValue(unchanged) is { } one) yield return one;
        else if (DescribePermuted() is { } permuted) yield return permuted;
    }

    /// <summary>Looks at a value that became another one, neither of them being empty.</summary>
    protected abstract void LookAt(ChangeBatch batch, ChangeColumn column, int record);

    /// <summary>What only this type of fields shows.</summary>
    /// <param name="compared">Records that had a value before, those that stay as they are among them.</param>
    protected abstract IEnumerable<ChangeFinding> DescribeOwn(long compared);

    /// <summary>A finding about this field.</summary>
    protected ChangeFinding Found(string code, ChangeGrade grade, Sighting sighting, long of, string what) =>
        Found(code, grade, sighting.Count, of, what, sighting.Examples);

    /// <inheritdoc cref="Found(string, ChangeGrade, Sighting, long, string)"/>
    protected ChangeFinding Found(string code, ChangeGrade grade, long count, long of, string what, IReadOnlyList<ChangeExample> examples, bool isEstimated = false) => new()
    {
        Code = code,
        Grade = grade,
        Field = Field.SystemName,
        Count = count,
        Of = of,
        IsEstimated = isEstimated,
        Message = string.Create(CultureInfo.InvariantCulture, $"{Field.SystemName}: {(isEstimated ? "about " : "")}{count:N0} of {of:N0} {what}"),
        Examples = examples,
    };

    private void LookAtPair(ChangeBatch batch, ChangeColumn column, int record)
    {
        Pairs++;
        var (before, after) = (column.Before.Hash(record), column.After.Hash(record));
        _before.Add(before);
        _all.Add(before);
        _all.Add(after);
        _sumBefore += before;
        _sumAfter += after;
        if (Pairs == 1) _oneAfter = after;
        else if (after != _oneAfter) _hasOneAfter = false;
        if (_first.Count < Sighting.MaxExamples) _first.Add(batch, column, record);
        LookAt(batch, column, record);
    }

    private ChangeFinding? DescribeEmptied(long unchanged)
    {
        var of = Filled + unchanged;
        if (_emptied.Count < FewestOfWhole || !Chance.IsExcluded(_emptied.Count, Filled, LikelihoodOfWhole) || _emptied.Count < 0.9 * Filled) return null;
        return Found(ChangeFinding.Emptied, _emptied.Count >= 0.8 * of ? ChangeGrade.Mistake : ChangeGrade.Pattern, _emptied, of, "values become empty.");
    }

    /// <summary>Flags and statuses become one value when something is done to many records, and dates are a day on which something was: what tells a mistake is that values were lost that were nearly each record's own.</summary>
    private ChangeFinding? DescribeOneValue(long unchanged)
    {
        if (!_hasOneAfter || Pairs < FewestOfWhole) return null;
        var (of, different) = (Filled + unchanged, Different);
        if (different < 5) return null;
        var loses = Field.DataType is not (DataType.Date or DataType.DateTime or DataType.Boolean) && different >= Math.Max(8, Math.Min(0.3 * Pairs, 200)) && Pairs >= 0.8 * of;
        return Found(
            ChangeFinding.OneValue, loses ? ChangeGrade.Mistake : ChangeGrade.Pattern, Pairs, of,
            string.Create(CultureInfo.InvariantCulture, $"values become '{_first.Examples[0].After}', which were {(different < 300 ? different.ToString("N0", CultureInfo.InvariantCulture) : "hundreds of")} different ones."), _first.Examples);
    }

    /// <summary>As when one column of a sheet was sorted without the others.</summary>
    private ChangeFinding? DescribePermuted() => Pairs >= 8 && _sumBefore == _sumAfter && Different >= Math.Max(8, Math.Min(0.5 * Pairs, 300))
        ? Found(ChangeFinding.ValuesPermuted, ChangeGrade.Mistake, Pairs, Pairs, "changed values are those that other records had before: was this column sorted without the others?", _first.Examples)
        : null;
}
