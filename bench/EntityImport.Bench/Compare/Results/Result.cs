using EntityImport.Bench.Compare.Scenarios;

namespace EntityImport.Bench.Compare.Results;

/// <summary>All rounds of one scenario.</summary>
/// <param name="Scenario">The scenario.</param>
/// <param name="Rounds">Its measurements, at least one.</param>
internal sealed record Result(Scenario Scenario, IReadOnlyList<Measurement> Rounds)
{
    /// <summary>Median of the time until the rows are committed.</summary>
    public double Seconds => Median(round => round.Seconds)!.Value;

    /// <summary>The median of a figure over all rounds; null where the scenario does not have it.</summary>
    public double? Median(Func<Measurement, double?> figure) => MedianOf(Rounds.Select(figure));

    /// <summary>The median of the values that there are; null where there are none.</summary>
    public static double? MedianOf(IEnumerable<double?> figures)
    {
        var values = figures.OfType<double>().Order().ToList();
        if (values.Count == 0) return null;
        var middle = values.Count / 2;
        return values.Count % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    }

    /// <summary>The largest of a figure over all rounds; null where the scenario does not have it.</summary>
    public double? Largest(Func<Measurement, double?> figure) => Rounds.Max(figure);
}
