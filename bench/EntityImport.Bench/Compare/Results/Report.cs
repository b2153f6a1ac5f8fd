using System.Globalization;
using System.Text;
using EntityImport.Bench.Compare.Scenarios;

namespace EntityImport.Bench.Compare.Results;

/// <summary>The tables of one comparison.</summary>
/// <param name="results">What was measured.</param>
/// <param name="server">Of the database server that all of it was measured on, a line each.</param>
internal sealed class Report(IReadOnlyList<Result> results, IReadOnlyList<string> server)
{
    /// <summary>What scenarios are compared with, by their name or else by their group.</summary>
    private static readonly Dictionary<string, string> References = new()
    {
        ["insert"] = AllScenarios.DuckDbIso,
        ["upsert"] = AllScenarios.DuckDbMergeSame,
        [AllScenarios.UpsertChanged] = AllScenarios.DuckDbMergeChanged,
        [AllScenarios.InsertFewBad] = AllScenarios.DuckDbFewBad,
        [AllScenarios.InsertAllBad] = AllScenarios.DuckDbAllBad,
        [AllScenarios.InsertUnkept] = AllScenarios.InsertLocale,
        [AllScenarios.UpsertChangedUnkept] = AllScenarios.UpsertChanged,
        [AllScenarios.PlanChanged] = AllScenarios.UpsertChanged,
        [AllScenarios.ApplyChanged] = AllScenarios.UpsertChanged,
        [AllScenarios.UpsertAllChangedUnkept] = AllScenarios.UpsertAllChanged,
        [AllScenarios.ReplaceUnkept] = AllScenarios.Replace,
        [AllScenarios.UndoReplace] = AllScenarios.Replace,
        [AllScenarios.PostgresInsert] = AllScenarios.PsqlCopy,
        [AllScenarios.PostgresInsertTenfold] = AllScenarios.PostgresInsert,
        [AllScenarios.PostgresUpsertChanged] = AllScenarios.PsqlUpsertChanged,
        [AllScenarios.PostgresUpsertAllChanged] = AllScenarios.PsqlUpsertAllChanged,
        [AllScenarios.PostgresReplace] = AllScenarios.PsqlReplace,
        [AllScenarios.PgLoader] = AllScenarios.PsqlCopy,
        [AllScenarios.BinaryImporter] = AllScenarios.PsqlCopy,
        ["tools"] = AllScenarios.InsertLocale,
        ["tokenize"] = AllScenarios.Tokenize,
        ["memory"] = AllScenarios.InsertLocale,
    };

    /// <summary>All tables as Markdown.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var line in server) text.Append("- ").Append(line).Append('\n');
        if (server.Count > 0) text.Append('\n');
        var loads = results.Where(result => result.Scenario is not Tokenizing).ToList();
        if (loads.Count > 0) text.Append(Loads(loads)).Append('\n');
        var imports = loads.Where(result => result.Rounds[0].StageMilliseconds.Count > 0).ToList();
        if (imports.Count > 0) text.Append(Stages(imports)).Append('\n');
        var readers = results.Where(result => result.Scenario is Tokenizing).ToList();
        if (readers.Count > 0) text.Append(Readers(readers)).Append('\n');
        return text.Append(new Targets(results).Describe()).ToString();
    }

    private TextTable Loads(IEnumerable<Result> loads)
    {
        var table = new TextTable(
            ["scenario", "what", "s", "min–max", "closed s", "CPU s", "server CPU s", "peak MiB", "database MiB", "kept MiB", "rows", "rejected", "time against"],
            [false, false, true, true, true, true, true, true, true, true, true, true, false]);
        foreach (var result in loads)
        {
            table.Add(
                result.Scenario.Name,
                result.Scenario.Title,
                Number(result.Seconds, "0.00"),
                Range(result),
                Number(result.Median(round => round.ClosedSeconds), "0.00"),
                Number(result.Median(round => round.CpuSeconds), "0.0"),
                Number(result.Median(round => round.ServerCpuSeconds), "0.0"),
                Mebibytes(result.Largest(round => round.PeakBytes)),
                Mebibytes(result.Median(round => round.DatabaseBytes)),
                Mebibytes(result.Median(round => round.KeptBytes)),
                Number(result.Rounds[0].Rows, "#,0"),
                Number(result.Rounds[0].Rejected, "#,0"),
                Against(result));
        }

        return table;
    }

    /// <summary>What the imports say of themselves; the rest is what they do not time, above all the commit.</summary>
    private static TextTable Stages(List<Result> imports)
    {
        var stages = imports.SelectMany(import => import.Rounds[0].StageMilliseconds.Keys).Distinct().ToList();
        var table = new TextTable(["stages of the import, ms", .. stages, "rest"], [false, .. stages.Select(_ => true), true]);
        foreach (var import in imports)
        {
            table.Add([
                import.Scenario.Name,
                .. stages.Select(stage => Number(import.Median(round => round.StageMilliseconds.TryGetValue(stage, out var time) ? time : null), "#,0")),
                Number(import.Median(round => round.Seconds * 1000 - round.StageMilliseconds.Values.Sum()), "#,0")]);
        }

        return table;
    }

    private TextTable Readers(IEnumerable<Result> readers)
    {
        var table = new TextTable(["tokenizing on one core", "what", "s", "min–max", "GB/s", "fields", "time against"], [false, false, true, true, true, true, false]);
        foreach (var result in readers)
        {
            table.Add(
                result.Scenario.Name,
                result.Scenario.Title,
                Number(result.Seconds, "0.000"),
                Range(result),
                Number(Targets.GigabytesPerSecond(result), "0.00"),
                Number(result.Rounds[0].Fields, "#,0"),
                Against(result));
        }

        return table;
    }

    private string Against(Result result)
    {
        var name = References.GetValueOrDefault(result.Scenario.Name) ?? References.GetValueOrDefault(result.Scenario.Group);
        var reference = results.FirstOrDefault(other => other.Scenario.Name == name);
        return reference is null || reference == result ? "" : FormattableString.Invariant($"{result.Seconds / reference.Seconds:0.00} × {reference.Scenario.Name}");
    }

    private static string Range(Result result) =>
        FormattableString.Invariant($"{result.Rounds.Min(round => round.Seconds):0.00}–{result.Rounds.Max(round => round.Seconds):0.00}");

    private static string Mebibytes(double? bytes) => Number(bytes / (1 << 20), "#,0");

    private static string Number(double? value, string format) => value is { } number ? number.ToString(format, CultureInfo.InvariantCulture) : "";
}
