using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using EntityImport.Bench.RandomEntities;
using EntityImport.Bench.Tables.Writers;
using EntityImport.DuckDb;
using EntityImport.Engine;
using EntityImport.Options;

namespace EntityImport.Bench.Tables;

/// <summary><c>bench tables</c>: whether files as programs write them come in right without a mapping, or something is said.</summary>
internal static class TablesCommand
{
    private const int MostTold = 30;

    private static readonly TableWriter[] Writers =
    [
        new LibreOfficeWriter(), new PostgresWriter(), new MariaDbWriter(), new PythonWriter(), new ExcelWriter(Language.English), new ExcelWriter(Language.German), new ExcelWriter(Language.Japanese),
        new SapWriter(), new ShopifyWriter(), new SheetsWriter(),
    ];

    /// <summary>The command.</summary>
    public static Command Build()
    {
        var count = new Option<int>("--count") { Description = "How many tables are drawn.", DefaultValueFactory = _ => 1000 };
        count.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 1) result.AddError("--count must be at least 1.");
        });
        var seed = new Option<int?>("--seed") { Description = "What they are drawn from; any number where it is not given." };
        var only = new Option<int?>("--only") { Description = "Only the table of this number, from 0." };
        var keep = new Option<DirectoryInfo?>("--keep") { Description = "Where files go of which something is to be said." };
        var all = new Option<bool>("--all") { Description = "Tell of all tables that need something, not only of wrong ones." };
        var command = new Command(
            "tables", "Draws tables, has ten programs write them as CSV, imports the files without a mapping, and compares. The exit code is 0 where no value differs without a warning, and 95 of 100 tables need nothing.")
        { count, seed, only, keep, all };
        command.SetAction((arguments, cancellationToken) => RunAsync(
            arguments.GetValue(count), arguments.GetValue(seed) ?? Random.Shared.Next(), arguments.GetValue(only), arguments.GetValue(keep), arguments.GetValue(all), Console.Out, cancellationToken));
        return command;
    }

    /// <summary>Runs it; answers 0 where all is well.</summary>
    /// <param name="count">How many tables.</param>
    /// <param name="seed">What they are drawn from.</param>
    /// <param name="only">The number of the only one; null means all.</param>
    /// <param name="keep">Where files go of which something is to be said; null means nowhere.</param>
    /// <param name="tellsAll">Whether all that is not right is told, not only what is wrong.</param>
    /// <param name="output">Where that is told.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public static async Task<int> RunAsync(int count, int seed, int? only, DirectoryInfo? keep, bool tellsAll, TextWriter output, CancellationToken cancellationToken)
    {
        var begun = Stopwatch.GetTimestamp();
        var directory = Directory.CreateTempSubdirectory("eis-tables-").FullName;
        var ends = new Dictionary<string, Dictionary<TrialEnd, int>>(StringComparer.Ordinal);
        var told = 0;
        try
        {
            var options = new EngineOptions { DataDirectory = Path.Combine(directory, "data"), MaxAttempts = 1 };
            await using var engine = await ImportEngine.OpenAsync(DuckDbStore.Open(options), options, TimeProvider.System, new LastError(), cancellationToken);
            for (var place = 0; place < Writers.Length; place++)
            {
                var writer = Writers[place];
                if (writer.FindObstacle() is { } obstacle)
                {
                    output.WriteLine($"{writer.Name} is left out: {obstacle}.");
                    continue;
                }

                Table[] tables = [.. (only is { } one ? [one] : Enumerable.Range(0, count)).Where(number => number % Writers.Length == place).Select(number => TableMaker.Draw(seed, number, writer.LanguageOf(number)))];
                if (tables.Length == 0) continue;
                var counts = ends[writer.Name] = Enum.GetValues<TrialEnd>().ToDictionary(end => end, _ => 0);
                var folder = Directory.CreateDirectory(Path.Combine(directory, place.ToString(CultureInfo.InvariantCulture))).FullName;
                foreach (var (table, written) in tables.Zip(await writer.WriteAsync(tables, folder, cancellationToken)))
                {
                    var trial = new TableTrial(engine, table, written);
                    var end = await trial.RunAsync(cancellationToken);
                    counts[end]++;
                    if (end == TrialEnd.Right || (end != TrialEnd.Wrong && !tellsAll)) continue;
                    if (keep is not null) await File.WriteAllBytesAsync(Path.Combine(keep.FullName, table.Name + ".csv"), written.Bytes, cancellationToken);
                    if (told++ < MostTold) output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Table {table.Number} of seed {seed}, {writer.Name}, {end}: {trial.Detail}"));
                }
            }
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }

        return Tell(ends, seed, Stopwatch.GetElapsedTime(begun), output);
    }

    private static int Tell(Dictionary<string, Dictionary<TrialEnd, int>> ends, int seed, TimeSpan took, TextWriter output)
    {
        var words = Enum.GetValues<TrialEnd>();
        output.WriteLine($"| writer | {string.Join(" | ", words.Select(word => word.ToString().ToLowerInvariant()))} |");
        output.WriteLine($"|---|{string.Concat(words.Select(_ => "---:|"))}");
        foreach (var (writer, counts) in ends) output.WriteLine($"| {writer} | {string.Join(" | ", words.Select(word => counts[word].ToString(CultureInfo.InvariantCulture)))} |");
        var sums = words.ToDictionary(word => word, word => ends.Values.Sum(counts => counts[word]));
        var tables = sums.Values.Sum();
        // To ask where two readings remain is right.
        var share = tables == 0 ? 0 : 100.0 * (sums[TrialEnd.Right] + sums[TrialEnd.Warned] + sums[TrialEnd.Asked]) / tables;
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"Seed {seed}: {tables:N0} tables, {sums[TrialEnd.Right]} right, {sums[TrialEnd.Wrong]} wrong without a word; {share:0.0} % need no option, or are asked about. {took.TotalSeconds:0} s."));
        return sums[TrialEnd.Wrong] == 0 && share >= 95 ? 0 : 1;
    }
}
