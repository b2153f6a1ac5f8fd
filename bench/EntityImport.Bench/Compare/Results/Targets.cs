using EntityImport.Bench.Compare.Scenarios;

namespace EntityImport.Bench.Compare.Results;

/// <summary>The speeds that the project wants to reach, as ratios within one run.</summary>
internal sealed class Targets(IReadOnlyList<Result> results)
{
    /// <summary>A line for each: name, what is wanted, what was measured, whether it is met.</summary>
    public TextTable Describe()
    {
        var table = new TextTable(["target", "wanted", "measured", ""], [false, true, true, false]);
        if (results.Any(result => result.Scenario.IsOnPostgres)) DescribePostgres(table);
        else DescribeEmbedded(table);
        return table;
    }

    /// <summary>How fast a scenario read its file, in 10^9 bytes a second; null where it was not measured.</summary>
    public static double? GigabytesPerSecond(Result? result) => result?.Median(round => round.FileBytes / round.Seconds / 1e9);

    private void DescribePostgres(TextTable table)
    {
        AtMost(table, "INSERT into an empty entity, time against psql \\copy of the plain file, primary key", 0.6, Time(AllScenarios.PostgresInsert, AllScenarios.PsqlCopy));
        AtMost(table, "UPSERT, 5 % changed, time against \\copy to staging and ON CONFLICT DO UPDATE", 0.4, Time(AllScenarios.PostgresUpsertChanged, AllScenarios.PsqlUpsertChanged));
        AtMost(table, "UPSERT, all changed, the same", 0.5, Time(AllScenarios.PostgresUpsertAllChanged, AllScenarios.PsqlUpsertAllChanged));
        AtMost(table, "REPLACE, time against TRUNCATE and \\copy", 0.7, Time(AllScenarios.PostgresReplace, AllScenarios.PsqlReplace));
        AtMost(table, "peak memory of the service in any of these, MiB", 300, results.Where(result => result.Scenario is ProjectImport).Max(result => result.Largest(round => round.PeakBytes)) / (1 << 20));
        AtMost(table, "INSERT, peak memory of ten times the rows", 1.2, Ratio(AllScenarios.PostgresInsertTenfold, AllScenarios.PostgresInsert, round => round.PeakBytes));
    }

    private void DescribeEmbedded(TextTable table)
    {
        AtMost(table, "INSERT, time against DuckDB converting in SQL, bad rows captured", 0.55, Time(AllScenarios.InsertLocale, AllScenarios.DuckDbLocaleErrors));
        AtMost(table, "INSERT, time against DuckDB converting in SQL, a bad value fails it", 0.55, Time(AllScenarios.InsertLocale, AllScenarios.DuckDbLocale));
        AtMost(table, "INSERT, database size against the same", 1.1, Ratio(AllScenarios.InsertLocale, AllScenarios.DuckDbLocale, round => round.DatabaseBytes));
        AtMost(table, "INSERT, time against DuckDB's typed read_csv of the plain file", 0.65, Time(AllScenarios.InsertLocale, AllScenarios.DuckDbIso));
        AtMost(table, "UPSERT of all rows, time against DuckDB's MERGE INTO", 1.0, Time(AllScenarios.UpsertSame, AllScenarios.DuckDbMergeSame));
        AtMost(table, "INSERT, processor time with what records were kept against without", 1.01, Processor(AllScenarios.InsertLocale, AllScenarios.InsertUnkept));
        AtMost(table, "UPSERT, 5 % changed, the same", 1.1, Processor(AllScenarios.UpsertChanged, AllScenarios.UpsertChangedUnkept));
        AtMost(table, "UPSERT, all changed, the same", 1.25, Processor(AllScenarios.UpsertAllChanged, AllScenarios.UpsertAllChangedUnkept));
        AtMost(table, "REPLACE, the same", 1.05, Processor(AllScenarios.Replace, AllScenarios.ReplaceUnkept));
        AtMost(table, "plan of the UPSERT with 5 % changed, processor time against the import", 1, Processor(AllScenarios.PlanChanged, AllScenarios.UpsertChanged));
        AtMost(table, "applying that plan, processor time against the import", 0.6, Processor(AllScenarios.ApplyChanged, AllScenarios.UpsertChanged));
        AtMost(table, "undo of a REPLACE that nothing followed, s", 5, Find(AllScenarios.UndoReplace)?.Seconds);
        AtMost(table, "first page of a plan's changes, s", 0.3, Find(AllScenarios.Changes)?.Seconds);
        AtMost(table, "page of its changes of a kind, s", 0.3, Find(AllScenarios.ChangesOfKind)?.Seconds);
        AtMost(table, "page of its changes of a field, s", 0.3, Find(AllScenarios.ChangesOfField)?.Seconds);
        AtLeast(table, "tokenizing, GB/s on one core", 2, GigabytesPerSecond(Find(AllScenarios.Tokenize)));
        AtLeast(table, "tokenizing, speed against the fastest peer", 1, AgainstFastestPeer(AllScenarios.Tokenize));
        AtLeast(table, "tokenizing and each field's text, speed against the fastest peer", 1, AgainstFastestPeer(AllScenarios.TokenizeTexts));
        AtMost(table, "INSERT, peak memory of ten times the rows", 1.2, Ratio(AllScenarios.InsertLocaleTenfold, AllScenarios.InsertLocale, round => round.PeakBytes));
    }

    private double? Time(string name, string reference) => Ratio(name, reference, round => round.Seconds);

    private double? Ratio(string name, string reference, Func<Measurement, double?> figure) => Find(name)?.Median(figure) / Find(reference)?.Median(figure);

    /// <summary>The median over rounds of how much processor time two scenarios took: what the machine does to a round it does to both.</summary>
    private double? Processor(string name, string reference) => Find(name) is not { } result || Find(reference) is not { } other
        ? null
        : Result.MedianOf(result.Rounds.Zip(other.Rounds, (one, two) => one.CpuSeconds / two.CpuSeconds));

    private double? AgainstFastestPeer(string name)
    {
        var peers = results.Where(result => result.Scenario is Tokenizing and not ProjectTokenizing).ToList();
        return peers.Count == 0 ? null : GigabytesPerSecond(Find(name)) / peers.Max(GigabytesPerSecond);
    }

    private Result? Find(string name) => results.FirstOrDefault(result => result.Scenario.Name == name);

    private static void AtMost(TextTable table, string name, double wanted, double? measured) =>
        table.Add(name, Invariant($"≤ {wanted:0.00}"), Measured(measured), measured is null ? "" : measured <= wanted ? "met" : "NOT met");

    private static void AtLeast(TextTable table, string name, double wanted, double? measured) =>
        table.Add(name, Invariant($"≥ {wanted:0.00}"), Measured(measured), measured is null ? "" : measured >= wanted ? "met" : "NOT met");

    private static string Measured(double? value) => value is null ? "not measured" : Invariant($"{value:0.00}");

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
