using System.CommandLine;
using EntityImport.Bench.Compare.Results;
using EntityImport.Bench.Compare.Scenarios;

namespace EntityImport.Bench.Compare;

/// <summary><c>bench compare</c>: whole imports against peers, in turn, on the same rows.</summary>
internal static class CompareCommand
{
    private const string Embedded = "embedded";
    private const string Postgres = "postgres";

    private const string Description =
        """
        Measures whole imports, and tokenizing alone, against peers. Scenarios take turns: round 1 of all, round 2 of all, and so on, each in a process of its own
        with its files already in the page cache. "s" ends when the rows are committed, "closed s" when the database is also checkpointed and closed, on
        all sides. All that load the same rows are compared by counts, sums, least and greatest values of every column, and by a hash in DuckDB, or in PostgreSQL.
        """;

    /// <summary>The command.</summary>
    public static Command Build()
    {
        var store = new Option<string>("--store") { Description = "The store that is compared, with peers on the same: 'embedded' or 'postgres'.", DefaultValueFactory = _ => Embedded };
        store.AcceptOnlyFromAmong(Embedded, Postgres);
        var postgres = new Option<string>("--postgres")
        {
            Description = $"The PostgreSQL server on which scenarios get databases of their own, as 'Host=…;Username=…', for somebody who may make them; {PostgresServer.Variable} where it is not given.",
        };
        var rows = new Option<long>("--rows") { Description = "How many rows, from 1,000.", DefaultValueFactory = _ => 5_000_000 };
        var rounds = new Option<int>("--rounds") { Description = "How many rounds, from 1.", DefaultValueFactory = _ => 3 };
        var only = new Option<string>("--only") { Description = "Scenarios or groups of scenarios, separated by commas; 'memory' compares ten times the rows." };
        var work = new Option<DirectoryInfo>("--work")
        {
            Description = "The folder of the files, which are kept for the next run.",
            DefaultValueFactory = _ => new DirectoryInfo(Path.Combine(Path.GetTempPath(), "eis-compare")),
        };
        var markdown = new Option<FileInfo>("--markdown") { Description = "Where the tables are also written, with the machine and the versions." };
        rows.Validators.Add(result => { if (result.GetValueOrDefault<long>() < 1000) result.AddError("--rows must be at least 1000."); });
        rounds.Validators.Add(result => { if (result.GetValueOrDefault<int>() < 1) result.AddError("--rounds must be at least 1."); });
        var command = new Command("compare", Description) { store, postgres, rows, rounds, only, work, markdown };
        command.SetAction(async (arguments, cancellationToken) =>
        {
            var names = arguments.GetValue(only)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];
            if (arguments.GetValue(postgres) is { } server) Environment.SetEnvironmentVariable(PostgresServer.Variable, server);
            try
            {
                var comparison = new Comparison(arguments.GetValue(rows), arguments.GetValue(rounds), arguments.GetValue(work)!.FullName);
                var report = await comparison.RunAsync(AllScenarios.Select(arguments.GetValue(store) == Postgres, names), cancellationToken);
                Console.WriteLine();
                Console.WriteLine(report);
                // A connection may hold a password.
                var command = string.Join(' ', arguments.Tokens.Select(token => token.Value == arguments.GetValue(postgres) ? "…" : token.Value));
                if (arguments.GetValue(markdown) is { } file) await WriteAsync(file, command, report, cancellationToken);
                return 0;
            }
            catch (Exception exception) when (exception is ArgumentException or DisagreementException)
            {
                await Console.Error.WriteLineAsync(exception.Message);
                return 1;
            }
        });
        return command;
    }

    private static Task WriteAsync(FileInfo file, string command, Report report, CancellationToken cancellationToken)
    {
        var machine = string.Concat(Machine.Describe().Select(line => $"- {line}\n"));
        return File.WriteAllTextAsync(file.FullName, $"`bench {command}`\n\n{machine}\n{report}", cancellationToken);
    }
}
