using System.CommandLine;
using EntityImport.Bench.Compare.Data;
using EntityImport.Bench.Compare.Scenarios;

namespace EntityImport.Bench.Load;

/// <summary><c>bench load</c>: how many requests a second are answered.</summary>
internal static class LoadCommand
{
    private const string Description =
        """
        Measures how many status polls are answered while an import runs, against a bare endpoint of the web framework that answers with the same bytes in the same process; with --reads how many
        records are read by their keys. The exit code is 0 where every answer was the right one, however fast.
        """;

    /// <summary>The command.</summary>
    public static Command Build()
    {
        var reads = new Option<bool>("--reads") { Description = "Reads records by their keys instead." };
        var rows = new Option<int?>("--rows") { Description = "How many rows, from 1,000; 5,000,000, with --reads 1,000,000, where it is not given." };
        var rounds = new Option<int>("--rounds") { Description = "How many rounds, from 1, besides a first one that is not measured.", DefaultValueFactory = _ => 3 };
        var connections = new Option<int?>("--connections") { Description = "How many connections, 1 to 1,000; 64, with --reads 16, where it is not given." };
        var open = new Option<bool>("--open") { Description = "Asks nobody who he is; else each request has an API key." };
        var postgres = new Option<string>("--postgres") { Description = "The PostgreSQL server on which the store gets a database of its own, as 'Host=…;Username=…', for somebody who may make them; without it the store is the embedded one." };
        var work = new Option<DirectoryInfo>("--work")
        {
            Description = "The folder of the file that is imported, which is kept for the next run.",
            DefaultValueFactory = _ => new DirectoryInfo(Path.Combine(Path.GetTempPath(), "eis-compare")),
        };
        rows.Validators.Add(result => { if (result.GetValueOrDefault<int?>() < 1000) result.AddError("--rows must be at least 1000."); });
        rounds.Validators.Add(result => { if (result.GetValueOrDefault<int>() < 1) result.AddError("--rounds must be at least 1."); });
        connections.Validators.Add(result => { if (result.GetValueOrDefault<int?>() is < 1 or > 1000) result.AddError("--connections must be 1 to 1000."); });
        var command = new Command("load", Description) { reads, rows, rounds, connections, open, postgres, work };
        command.SetAction(async (arguments, cancellationToken) =>
        {
            var data = Directory.CreateTempSubdirectory("eis-load-").FullName;
            var database = arguments.GetValue(postgres) is { } server ? new PostgresDatabase(new PostgresServer(server), FormattableString.Invariant($"eis_bench_load_{Environment.ProcessId}")) : null;
            try
            {
                if (database is not null) await database.CreateAsync();
                await using var target = await LoadTarget.StartAsync(data, database?.PooledConnection, arguments.GetValue(open), cancellationToken);
                var (table, failed) = arguments.GetValue(reads)
                    ? await ReadLoad.RunAsync(target, arguments.GetValue(rows) ?? 1_000_000, arguments.GetValue(rounds), arguments.GetValue(connections) ?? 16, cancellationToken)
                    : await StatusLoad.RunAsync(
                        target, new DataSet(arguments.GetValue(work)!.FullName, arguments.GetValue(rows) ?? 5_000_000), arguments.GetValue(rounds), arguments.GetValue(connections) ?? 64, cancellationToken);
                Console.WriteLine(table);
                return failed == 0 ? 0 : 1;
            }
            finally
            {
                Directory.Delete(data, recursive: true);
                if (database is not null) await database.DropAsync();
            }
        });
        return command;
    }
}
