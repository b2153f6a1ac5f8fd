using System.CommandLine;
using System.Text.Json;
using EntityImport.Api;
using EntityImport.Bench.Compare.Data;
using EntityImport.Bench.Compare.Results;
using EntityImport.Bench.Compare.Scenarios;
using EntityImport.Bench.Torture;
using EntityImport.Client;
using Npgsql;

namespace EntityImport.Bench.Load;

/// <summary><c>bench readers</c>: how long those who read an entity's view in PostgreSQL wait while imports change all of it, and whether they ever see a part of one.</summary>
internal static class ReadersCommand
{
    private const string Description =
        """
        Reads some of an entity's records, time and again, through its view in PostgreSQL, while all of them are replaced and upserted; then the same while a long query of somebody else's runs on them. The exit code is 0
        where no reader saw a part of an import, however long it waited.
        """;

    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan ImportLimit = TimeSpan.FromMinutes(30);

    /// <summary>The command.</summary>
    public static Command Build()
    {
        var postgres = new Option<string>("--postgres") { Description = "The PostgreSQL server on which the store gets a database of its own, as 'Host=…;Username=…', for somebody who may make them.", Required = true };
        var rows = new Option<long>("--rows") { Description = "How many records, from 1,000.", DefaultValueFactory = _ => 5_000_000 };
        var readers = new Option<int>("--readers") { Description = "How many read at the same time, 1 to 100.", DefaultValueFactory = _ => 4 };
        var seconds = new Option<int>("--query-seconds") { Description = "How long the other query takes, from 1; it begins again when it has ended.", DefaultValueFactory = _ => 30 };
        var work = new Option<DirectoryInfo>("--work")
        {
            Description = "The folder of the files that are imported, which are kept for the next run.",
            DefaultValueFactory = _ => new DirectoryInfo(Path.Combine(Path.GetTempPath(), "eis-compare")),
        };
        rows.Validators.Add(result => { if (result.GetValueOrDefault<long>() < 1000) result.AddError("--rows must be at least 1000."); });
        readers.Validators.Add(result => { if (result.GetValueOrDefault<int>() is < 1 or > 100) result.AddError("--readers must be 1 to 100."); });
        seconds.Validators.Add(result => { if (result.GetValueOrDefault<int>() < 1) result.AddError("--query-seconds must be at least 1."); });
        var command = new Command("readers", Description) { postgres, rows, readers, seconds, work };
        command.SetAction(async (arguments, _) =>
        {
            var directory = Directory.CreateTempSubdirectory("eis-readers-").FullName;
            var database = new PostgresDatabase(new PostgresServer(arguments.GetValue(postgres)!), FormattableString.Invariant($"eis_bench_readers_{Environment.ProcessId}"));
            try
            {
                await database.CreateAsync();
                var data = new DataSet(arguments.GetValue(work)!.FullName, arguments.GetValue(rows));
                return await RunAsync(database, directory, data, arguments.GetValue(readers), arguments.GetValue(seconds), Console.Out);
            }
            finally
            {
                Directory.Delete(directory, recursive: true);
                await database.DropAsync();
            }
        });
        return command;
    }

    private static async Task<int> RunAsync(PostgresDatabase database, string directory, DataSet data, int readers, int seconds, TextWriter output)
    {
        foreach (var variant in (DataVariant[])[DataVariant.Locale, DataVariant.LocaleChanged, DataVariant.LocaleAllChanged]) data.Ensure(variant);
        // Who reads is in no process that imports, whose pauses would be his.
        await using var server = ServerProcess.Start(Path.Combine(directory, "data"), Path.Combine(directory, "log"), new Dictionary<string, string> { ["EIS__STORE__POSTGRES"] = database.PooledConnection });
        var client = await server.ConnectAsync(StartLimit, ImportLimit, CancellationToken.None);
        using (var fields = JsonDocument.Parse($$"""{ "fields": {{ProductTable.Fields}} }""")) await client.PutEntityAsync(ProjectImport.Entity, fields.RootElement);
        await ImportAsync(client, data, DataVariant.Locale, "INSERT");

        await using var source = NpgsqlDataSource.Create(database.PooledConnection);
        var sample = SampledRecords.Choose(source);
        var table = new TextTable(["import meanwhile", "other query", "import s", "reads", "median ms", "p99 ms", "longest ms", "wanted", "for a lock, ms", "of a copy, p99 ms", "longest ms", "saw a part"], [false, false, true, true, true, true, true, true, true, true, true, true]);
        var parts = 0;
        // What is compiled by the first reads is not measured.
        using (var warm = new CancellationTokenSource(TimeSpan.FromSeconds(1))) sample.Read(source, seed: 0, warm.Token);
        await AddAsync("nothing", isQueried: false, () => Task.Delay(TimeSpan.FromSeconds(5)));
        foreach (var isQueried in (bool[])[false, true])
        {
            await AddAsync("UPSERT, 5 % changed", isQueried, () => ImportAsync(client, data, DataVariant.LocaleChanged, "UPSERT"));
            await AddAsync("UPSERT, all changed", isQueried, () => ImportAsync(client, data, DataVariant.LocaleAllChanged, "UPSERT"));
            await AddAsync("REPLACE", isQueried, () => ImportAsync(client, data, DataVariant.Locale, "REPLACE"));
        }

        await output.WriteLineAsync(table.ToString());
        return parts == 0 ? 0 : 1;

        async Task AddAsync(string what, bool isQueried, Func<Task> work)
        {
            using var stop = new CancellationTokenSource();
            var begun = TimeProvider.System.GetTimestamp();
            var other = isQueried ? QueryAsync(source, data.Rows, seconds, stop.Token) : Task.CompletedTask;
            var reading = Enumerable.Range(0, readers).Select(reader => Task.Factory.StartNew(() => sample.Read(source, reader, stop.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)).ToList();
            var locked = Task.Factory.StartNew(() => LockWaits.FindLongest(source, stop.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            await work();
            var took = TimeProvider.System.GetElapsedTime(begun);
            await stop.CancelAsync();
            var seen = (await Task.WhenAll(reading)).SelectMany(reads => reads).ToList();
            await other;
            var partial = sample.CountParts(source, seen);
            parts += partial;
            var waits = seen.Select(read => read.Milliseconds).Order().ToList();
            var copyWaits = seen.Select(read => read.CopyMilliseconds).Order().ToList();
            table.Add(
                what, isQueried ? Text($"{seconds} s") : "none", Text($"{took.TotalSeconds:0.0}"), Text($"{seen.Count:N0}"), Text($"{waits[waits.Count / 2]:0.0}"), Text($"{waits[waits.Count * 99 / 100]:0.0}"), Text($"{waits[^1]:0}"),
                "≤ 200", Text($"{await locked:0}"), Text($"{copyWaits[copyWaits.Count * 99 / 100]:0.0}"), Text($"{copyWaits[^1]:0}"), Text($"{partial}"));
        }
    }

    private static async Task ImportAsync(EntityImportClient client, DataSet data, DataVariant variant, string mode)
    {
        using var mapping = ProjectImport.MappingOf(variant, mode);
        var mappingId = await client.CreateMappingAsync(mapping.RootElement);
        await using var file = File.OpenRead(data.PathOf(variant));
        var importId = await client.ImportAsync(await client.UploadAsync(mappingId, file, "products.csv"));
        await client.WaitAsync(importId, ImportLimit);
        var import = await client.GetImportAsync(importId);
        if (import.State != ImportState.Succeeded || import.Ledger.Records != data.Rows) throw new InvalidOperationException(import.Message);
    }

    /// <summary>Counts all records, and takes its time, again and again until it is stopped. A count that is not that of all records is a fault.</summary>
    private static async Task QueryAsync(NpgsqlDataSource source, long rows, int seconds, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await using var command = source.CreateCommand($"SELECT count(*) FROM records.{ProjectImport.Entity}, (SELECT pg_sleep($1)) slept");
            command.Parameters.AddWithValue((double)seconds);
            command.CommandTimeout = 0;
            try
            {
                if ((long)(await command.ExecuteScalarAsync(stop))! is var count && count != rows) throw new InvalidOperationException(Text($"The long query counted {count} records in place of {rows}."));
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private static string Text(FormattableString text) => FormattableString.Invariant(text);
}
