using System.Globalization;
using EntityImport.Bench.Compare.Data;
using EntityImport.Bench.Compare.Scenarios;

namespace EntityImport.Bench.Compare.Results;

/// <summary>Checks that every scenario did the whole work and that all that load the same rows ended with the same rows.</summary>
internal sealed class Agreement
{
    private readonly Dictionary<(string Content, long Rows), (string Scenario, string Summary)> _summaries = [];
    private readonly Dictionary<(string Content, long Rows), (string Scenario, string Hash)> _hashes = [];
    private readonly Dictionary<(string Content, long Rows), (string Scenario, string Bytes)> _texts = [];
    private readonly Dictionary<(DataVariant Variant, long Rows), (long Count, long NumberSum)> _bad = [];

    /// <summary>How many measurements were compared with another scenario's rows.</summary>
    public int Compared { get; private set; }

    /// <summary>Checks a measurement against what the file holds and against those before it.</summary>
    /// <exception cref="DisagreementException">Something is missing or different.</exception>
    public void Check(Scenario scenario, DataSet data, Measurement measured)
    {
        if (measured.Fields is { } fields)
        {
            Expect(scenario, "records", data.Rows + 1, measured.Rows);
            Expect(scenario, "fields", (data.Rows + 1) * ProductTable.Columns.Count, fields);
            if (Compare(_texts, ("texts", data.Rows), scenario, measured.TextBytes?.ToString(CultureInfo.InvariantCulture))) Compared++;
            return;
        }

        if (!_bad.TryGetValue((scenario.Input, data.Rows), out var bad)) _bad[(scenario.Input, data.Rows)] = bad = data.CountBad(scenario.Input);
        Expect(scenario, "rows", data.Rows - bad.Count, measured.Rows);
        Expect(scenario, "rejected rows", bad.Count, measured.Rejected);
        if (measured.RejectedNumberSum is { } sum) Expect(scenario, "sum of the numbers of rejected rows", bad.NumberSum, sum);
        if (scenario.Content is not { } content) return;
        var isCompared = Compare(_summaries, (content, data.Rows), scenario, measured.Summary);
        isCompared |= Compare(_hashes, (content, data.Rows), scenario, measured.Hash);
        if (isCompared) Compared++;
    }

    private static bool Compare(
        Dictionary<(string Content, long Rows), (string Scenario, string Value)> seen, (string Content, long Rows) key, Scenario scenario, string? value)
    {
        if (value is null || seen.TryAdd(key, (scenario.Name, value))) return false;
        var first = seen[key];
        return first.Value == value ? first.Scenario != scenario.Name : throw new DisagreementException(
            $"""
            {scenario.Name} and {first.Scenario} ended with different rows ({key.Content}):
              {first.Scenario}: {first.Value}
              {scenario.Name}: {value}
            """);
    }

    private static void Expect(Scenario scenario, string what, long expected, long actual)
    {
        if (actual != expected)
            throw new DisagreementException(string.Create(CultureInfo.InvariantCulture, $"{scenario.Name}: {actual} {what} where there must be {expected}."));
    }
}

/// <summary>Scenarios that must do the same did not.</summary>
internal sealed class DisagreementException(string message) : Exception(message);
