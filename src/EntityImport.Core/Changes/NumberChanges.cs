using System.Globalization;
using EntityImport.Entities;

namespace EntityImport.Changes;

/// <summary>What the changes of a field of numbers have in common. Not thread-safe.</summary>
internal sealed class NumberChanges : FieldChanges
{
    /// <summary>The largest power of ten that is looked for.</summary>
    private const int MaxPower = 6;

    /// <summary>How likely it is that a number becomes 100 times what it was, or its negative, for no common reason.</summary>
    private const double LikelihoodOfFactor = 0.005;
    private const double LikelihoodOfSign = 0.01;
    private const double LikelihoodOfWhole = 0.1;

    /// <summary>A factor or sign that less than this part of the changed numbers shows is the correction of some.</summary>
    private const double LeastShare = 0.2;

    /// <summary>How far a factor of doubles may be off, which were rounded to nobody knows how many decimals.</summary>
    private const double RoundingOfDoubles = 0.005;

    private static readonly Int128[] Powers = [.. Enumerable.Range(0, 39).Select(power => (Int128)System.Numerics.BigInteger.Pow(10, power))];

    private readonly Sighting[] _powers = [.. Enumerable.Range(0, 2 * MaxPower + 1).Select(_ => new Sighting())];
    private readonly Variety[] _ofPowers = [.. Enumerable.Range(0, 2 * MaxPower + 1).Select(_ => new Variety())];
    private readonly Sighting _turned = new();
    private readonly Variety _ofTurned = new();
    private readonly Sighting _truncated = new();
    private readonly Sighting _rounded = new();
    private readonly PairSample _sample;
    private readonly Int128 _one;
    private long _pairsWithoutZero;
    private long _fractions;
    private long _wholeEitherWay;

    public NumberChanges(FieldDefinition field)
        : base(field)
    {
        _one = Powers[field.Scale];
        _sample = new PairSample(field.DataType == DataType.Double ? 0 : field.Scale);
    }

    /// <inheritdoc/>
    protected override void LookAt(ChangeBatch batch, ChangeColumn column, int record)
    {
        if (column.Before.Kind == ChangeValueKind.Binary)
        {
            LookAtDouble(batch, column, record, column.Before.Binary[record], column.After.Binary[record]);
            return;
        }

        var isScaled = column.Before.Kind == ChangeValueKind.Scaled;
        var before = isScaled ? column.Before.Scaled[record] : column.Before.Whole[record];
        var after = isScaled ? column.After.Scaled[record] : column.After.Whole[record];
        // Zero has no factor and no sign: it says nothing.
        if (before != 0 && after != 0)
        {
            _pairsWithoutZero++;
            if (before == -after) Turned(batch, column, record, (double)Int128.Abs(before));
            else if (PowerOf(before, after) is var power and not 0) Multiplied(batch, column, record, power);
        }

        if (_one > 1 && before % _one != 0) LookAtFraction(batch, column, record, before, after);
        _sample.Add(batch, column, record, before, after);
    }

    /// <inheritdoc/>
    protected override IEnumerable<ChangeFinding> DescribeOwn(long compared)
    {
        var best = 0;
        for (var i = 1; i < _powers.Length; i++)
            if (_powers[i].Count > _powers[best].Count) best = i;
        var (factor, power) = (_powers[best], best - MaxPower);
        if (factor.Count >= LeastShare * _pairsWithoutZero && _ofPowers[best].Estimate() >= 3.5 && Chance.IsExcluded(factor.Count, _pairsWithoutZero, LikelihoodOfFactor))
        {
            var number = Math.Pow(10, Math.Abs(power)).ToString("N0", CultureInfo.InvariantCulture);
            yield return Found(
                ChangeFinding.Scaled, ChangeGrade.Mistake, factor, _pairsWithoutZero, power > 0 ? $"changed values are {number} times what they were." : $"changed values are what they were, divided by {number}.");
            yield break;
        }

        if (_turned.Count >= LeastShare * _pairsWithoutZero && _ofTurned.Estimate() >= 3.5 && Chance.IsExcluded(_turned.Count, _pairsWithoutZero, LikelihoodOfSign))
        {
            yield return Found(ChangeFinding.SignTurned, ChangeGrade.Mistake, _turned, _pairsWithoutZero, "changed values have the other sign.");
            yield break;
        }

        if (DescribeFractions() is { } fractions)
        {
            yield return fractions;
            yield break;
        }

        // Small numbers change by small amounts, which are soon the same.
        if (_sample.FindShift(Different, units => Math.Max(0.02, 1 / (units + 1))) is { } shift)
        {
            yield return Found(
                ChangeFinding.Shifted, ChangeGrade.Pattern, shift.Count, Pairs, string.Create(CultureInfo.InvariantCulture, $"changed values are {(shift.Amount > 0 ? "higher" : "lower")} by {Math.Abs(shift.Amount):0.##########}."),
                shift.Examples, shift.IsEstimated);
        }
        else if (_sample.FindFactor() is { } found)
        {
            var unit = WellKnownUnits.Find(found.Least, found.Most);
            yield return Found(
                ChangeFinding.Scaled, unit is null ? ChangeGrade.Pattern : ChangeGrade.Mistake, found.Count, _pairsWithoutZero,
                string.Create(CultureInfo.InvariantCulture, $"changed values are {found.Shown:0.######} times what they were{(unit is null ? "." : $", which is {unit}.")}"), found.Examples, found.IsEstimated);
        }
    }

    /// <summary>The power of ten, other than 0, that a number was multiplied by, up to a rounding to the field's decimals; 0 where it was by none.</summary>
    private static int PowerOf(Int128 before, Int128 after)
    {
        if (Int128.IsNegative(before) != Int128.IsNegative(after)) return 0;
        var (small, large) = (Int128.Abs(before), Int128.Abs(after));
        var grows = small < large;
        if (!grows) (small, large) = (large, small);
        // Most changes are no such: a quotient of less than 7 is none, whatever the rounding.
        if (large / small is var quotient && quotient < 7) return 0;
        for (var power = 1; power <= MaxPower; power++)
        {
            if (quotient >= Powers[power] * 3 && power < MaxPower) continue;
            if (small > Int128.MaxValue / Powers[power]) return 0;
            var rest = small * Powers[power] - large;
            var isRounded = Int128.Abs(rest) * 2 <= Powers[power];
            var isTruncated = rest <= 0 && -rest < Powers[power] && small >= 5;
            return rest == 0 || isRounded || isTruncated ? (grows ? power : -power) : 0;
        }

        return 0;
    }

    private void LookAtDouble(ChangeBatch batch, ChangeColumn column, int record, double before, double after)
    {
        if (before != 0 && after != 0)
        {
            _pairsWithoutZero++;
            var (ratio, size) = (after / before, Math.Abs(before));
            if (ratio == -1) Turned(batch, column, record, size);
            else if (ratio > 0 && Math.Round(Math.Log10(ratio)) is var power and not 0 && Math.Abs(power) <= MaxPower && Math.Abs(ratio / Math.Pow(10, power) - 1) < RoundingOfDoubles)
                Multiplied(batch, column, record, (int)power);
        }

        if (before != Math.Truncate(before) && Math.Abs(before) < 1e15)
        {
            _fractions++;
            NoteWhole(batch, column, record, after == Math.Truncate(before), after == Math.Round(before, MidpointRounding.AwayFromZero));
        }

        _sample.Add(batch, column, record, before, after);
    }

    private void LookAtFraction(ChangeBatch batch, ChangeColumn column, int record, Int128 before, Int128 after)
    {
        _fractions++;
        if (after % _one != 0) return;
        var truncated = before / _one * _one;
        var rounded = truncated + (Int128.Abs(before % _one) * 2 >= _one ? (before < 0 ? -_one : _one) : 0);
        NoteWhole(batch, column, record, after == truncated, after == rounded);
    }

    private void NoteWhole(ChangeBatch batch, ChangeColumn column, int record, bool isTruncated, bool isRounded)
    {
        if (isTruncated) _truncated.Add(batch, column, record);
        if (isRounded) _rounded.Add(batch, column, record);
        if (isTruncated && isRounded) _wholeEitherWay++;
    }

    /// <summary>Rounding is what somebody does; cutting decimals off is what happens.</summary>
    private ChangeFinding? DescribeFractions()
    {
        var isCut = _truncated.Count - _wholeEitherWay >= 3 && _truncated.Count > _rounded.Count;
        var most = isCut ? _truncated : _rounded;
        if (most.Count < 0.9 * _fractions || most.Count < 0.5 * Pairs || !Chance.IsExcluded(most.Count, _fractions, Math.Max(LikelihoodOfWhole, LikelihoodOfOne))) return null;
        return Found(
            ChangeFinding.DecimalsLost, isCut ? ChangeGrade.Mistake : ChangeGrade.Pattern, most, _fractions, isCut ? "changed values that had decimals are cut to whole numbers." : "changed values that had decimals are rounded to whole numbers.");
    }

    private void Turned(ChangeBatch batch, ChangeColumn column, int record, double size)
    {
        _turned.Add(batch, column, record);
        _ofTurned.Add(ChangeValues.Mix((ulong)BitConverter.DoubleToInt64Bits(size)));
    }

    private void Multiplied(ChangeBatch batch, ChangeColumn column, int record, int power)
    {
        _powers[power + MaxPower].Add(batch, column, record);
        _ofPowers[power + MaxPower].Add(column.Before.Hash(record));
    }
}
