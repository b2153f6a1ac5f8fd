using System.CommandLine;
using System.Diagnostics;
using System.Globalization;

namespace EntityImport.Bench.RandomEntities;

/// <summary><c>bench entities</c>: whether imports into drawn entities of nasty names end as a plain model says, value by value.</summary>
internal static class EntitiesCommand
{
    private const int MostDifferencesTold = 20;

    /// <summary>The command.</summary>
    public static Command Build()
    {
        var count = new Option<int>("--count") { Description = "How many entities are drawn.", DefaultValueFactory = _ => 1000 };
        count.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 1) result.AddError("--count must be at least 1.");
        });
        var seed = new Option<int?>("--seed") { Description = "What they are drawn from; any number where it is not given." };
        var only = new Option<int?>("--only") { Description = "Only the entity of this number, from 1." };
        var command = new Command("entities", "Imports drawn files into drawn entities in all modes, and compares what is there with a model. The exit code is 0 where nothing differs.") { count, seed, only };
        command.SetAction((arguments, cancellationToken) =>
            RunAsync(arguments.GetValue(count), arguments.GetValue(seed) ?? Random.Shared.Next(), arguments.GetValue(only), Console.Out, cancellationToken));
        return command;
    }

    /// <summary>Runs it; answers 0 where nothing differs.</summary>
    /// <param name="count">How many entities.</param>
    /// <param name="seed">What they are drawn from.</param>
    /// <param name="only">The number of the only one; null means all.</param>
    /// <param name="output">Where differences are told.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public static async Task<int> RunAsync(int count, int seed, int? only, TextWriter output, CancellationToken cancellationToken)
    {
        var begun = Stopwatch.GetTimestamp();
        var directory = Directory.CreateTempSubdirectory("eis-entities-").FullName;
        var (imports, records, differences) = (0, 0L, 0);
        var numbers = only is { } one ? [one] : Enumerable.Range(1, count);
        try
        {
            var engine = await RealEngine.OpenAsync(Path.Combine(directory, "1"), cancellationToken);
            try
            {
                foreach (var number in numbers)
                {
                    var trial = new Trial(engine, seed, number);
                    try
                    {
                        await trial.RunAsync(cancellationToken);
                    }
                    catch (Exception exception) when (exception is not OperationCanceledException)
                    {
                        // Whatever else is thrown is a difference, too; the store may be of no use after it.
                        differences++;
                        output.WriteLine($"Entity {number} of seed {seed}, {trial}: {(exception is DifferenceException ? exception.Message : exception.ToString())}");
                        if (differences == MostDifferencesTold) break;
                        await engine.DisposeAsync();
                        engine = await RealEngine.OpenAsync(Path.Combine(directory, (number + 1).ToString(CultureInfo.InvariantCulture)), cancellationToken);
                    }

                    imports += trial.Imports;
                    records += trial.Records;
                }
            }
            finally
            {
                await engine.DisposeAsync();
            }
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }

        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"Seed {seed}: {imports:N0} imports into {(only is null ? count : 1):N0} entities, {records:N0} records compared, {differences} differences, {Stopwatch.GetElapsedTime(begun).TotalSeconds:F0} s."));
        if (differences > 0) output.WriteLine($"One of them again: bench entities --seed {seed} --only NUMBER");
        return differences == 0 ? 0 : 1;
    }
}
