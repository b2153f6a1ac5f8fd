namespace EntityImport.Changes;

/// <summary>
/// A sample of a field's changed numbers, each as likely in it as any other, and what a common sum or factor of them is. Which factor it is follows from all of them together: a number that was rounded to the field's decimals tells it only within bounds.
/// </summary>
/// <param name="scale">The decimals that numbers were rounded to.</param>
internal sealed class PairSample(int scale)
{
    private const int Most = 1024;
    private const int Fewest = 8;

    /// <summary>The part of the changes that must have it in common.</summary>
    private const double LeastShare = 0.75;

    /// <summary>Numbers of fewer units than this tell a factor too vaguely to say anything.</summary>
    private const double FewestUnits = 20;

    /// <summary>How widely factors spread that have nothing in common.</summary>
    private const double Spread = 0.25;

    /// <summary>The changes that examples are taken of: the first ones, with their keys.</summary>
    private const int MostExamples = 32;

    private readonly List<(double Before, double After, Int128 Difference)> _pairs = [];
    private readonly List<(ChangeExample Example, double Before, double After, Int128 Difference)> _first = [];
    private readonly double _unit = Math.Pow(10, -scale);
    private bool _isBinary;
    private ulong _random = 0x9E3779B97F4A7C15;
    private long _count;

    /// <summary>Takes a pair of exact numbers, times 10^scale.</summary>
    public void Add(ChangeBatch batch, ChangeColumn column, int record, Int128 before, Int128 after)
    {
        // Only numbers of 38 digits and other signs have a difference that is no number of 128 bits.
        var difference = after - before;
        Add(batch, column, record, (double)before, (double)after, difference);
    }

    /// <summary>Takes a pair of numbers.</summary>
    public void Add(ChangeBatch batch, ChangeColumn column, int record, double before, double after)
    {
        _isBinary = true;
        // A difference of doubles is the same up to their last bits.
        var difference = after - before;
        Add(batch, column, record, before, after, Math.Abs(difference) < 1e15 ? (Int128)Math.Round(difference * 1e9) : 0);
    }

    /// <summary>The amount that most numbers have changed by; null where there is none.</summary>
    /// <param name="different">About how many different numbers there were before.</param>
    /// <param name="likelihoodOf">How likely a number changes by an amount for no common reason.</param>
    public (double Amount, long Count, bool IsEstimated, IReadOnlyList<ChangeExample> Examples)? FindShift(double different, Func<double, double> likelihoodOf)
    {
        if (_pairs.Count < Fewest || different < 4.5) return null;
        var common = _pairs.CountBy(pair => pair.Difference).MaxBy(difference => difference.Value);
        var likelihood = likelihoodOf(Math.Abs((double)common.Key));
        if (common.Key == 0 || common.Value < LeastShare * _pairs.Count || !Chance.IsExcluded(common.Value, _pairs.Count, likelihood)) return null;
        return ((double)common.Key * (_isBinary ? 1e-9 : _unit), Scale(common.Value), _count > _pairs.Count, [.. _first.Where(first => first.Difference == common.Key).Select(first => first.Example).Take(Sighting.MaxExamples)]);
    }

    /// <summary>The factor that most numbers were multiplied by, with its bounds; null where there is none.</summary>
    public (double Least, double Most, double Shown, long Count, bool IsEstimated, IReadOnlyList<ChangeExample> Examples)? FindFactor()
    {
        var ranges = _pairs.Where(IsTelling).Select(pair => Bounds(pair.Before, pair.After)).ToList();
        if (ranges.Count < Math.Max(Fewest, LeastShare * _pairs.Count)) return null;
        var (least, most, hits) = Common(ranges);
        var likelihood = ranges.Average(range => Math.Clamp((range.Most - range.Least) / range.Least / Spread, 0.02, 1));
        if (hits < LeastShare * ranges.Count || !Chance.IsExcluded(hits, ranges.Count, likelihood)) return null;
        var shown = Shortest(least, most);
        var count = _pairs.Count(pair => Explains(pair.Before, pair.After));
        return (least, most, shown, Scale(count), _count > _pairs.Count, [.. _first.Where(first => Explains(first.Before, first.After)).Select(first => first.Example).Take(Sighting.MaxExamples)]);

        bool Explains(double before, double after) => before != 0 && after != 0 && before > 0 == after > 0 && Bounds(before, after) is var range && range.Least <= most && range.Most >= least;
    }

    private void Add(ChangeBatch batch, ChangeColumn column, int record, double before, double after, Int128 difference)
    {
        if (_first.Count < MostExamples) _first.Add((new ChangeExample(batch.ShowKey(record), column.Before.Show(record), column.After.Show(record)), before, after, difference));
        _count++;
        if (_pairs.Count < Most)
        {
            _pairs.Add((before, after, difference));
            return;
        }

        _random ^= _random << 13;
        _random ^= _random >> 7;
        _random ^= _random << 17;
        var place = (long)(_random % (ulong)_count);
        if (place < Most) _pairs[(int)place] = (before, after, difference);
    }

    private bool IsTelling((double Before, double After, Int128 Difference) pair) =>
        pair.Before != 0 && pair.After != 0 && pair.Before > 0 == pair.After > 0 && (_isBinary || Math.Min(Math.Abs(pair.Before), Math.Abs(pair.After)) >= FewestUnits);

    /// <summary>The factors that make one number the other, once it is rounded.</summary>
    private (double Least, double Most) Bounds(double before, double after)
    {
        var (from, to) = (Math.Abs(before), Math.Abs(after));
        var rounding = _isBinary ? to * 1e-9 : 0.5;
        return (Math.Max(to - rounding, rounding / 2) / from * (1 - 1e-12), (to + rounding) / from * (1 + 1e-12));
    }

    /// <summary>The bounds of the factors that are within the most ranges, and how many these are.</summary>
    private static (double Least, double Most, int Hits) Common(List<(double Least, double Most)> ranges)
    {
        var ends = ranges.SelectMany(range => new[] { (At: range.Least, IsEnd: false), (At: range.Most, IsEnd: true) }).OrderBy(end => end.At).ThenBy(end => end.IsEnd).ToList();
        var (open, hits, best) = (0, 0, 0);
        for (var i = 0; i < ends.Count; i++)
        {
            open += ends[i].IsEnd ? -1 : 1;
            if (open > hits) (hits, best) = (open, i);
        }

        return (ends[best].At, ends[Math.Min(best + 1, ends.Count - 1)].At, hits);
    }

    /// <summary>Of the factors within bounds, the one with the fewest decimals.</summary>
    private static double Shortest(double least, double most)
    {
        for (var decimals = 0; decimals < 7; decimals++)
        {
            var rounded = Math.Round((least + most) / 2, decimals);
            if (rounded >= least && rounded <= most) return rounded;
        }

        return (least + most) / 2;
    }

    private long Scale(int count) => _pairs.Count == _count ? count : (long)Math.Round((double)count / _pairs.Count * _count);
}
