using System.Diagnostics;
using System.Globalization;
using EntityImport.Api;
using EntityImport.Client;

namespace EntityImport.Bench.Torture.Large;

/// <summary>Imports files that leave large write-ahead logs, kills the service while it checkpoints or replays them, and compares what it holds with the model.</summary>
internal sealed class LargeRun(LargeOptions options, string work, TextWriter output)
{
    private const string Name = "long_texts";
    private const int Samples = 40;
    private const int PageBytes = 4 << 20;

    /// <summary>What commit and replay may take beyond the size of the log.</summary>
    private const long MemoryBeyondLog = 1L << 30;

    /// <summary>What the import itself may take, whatever the log: the store's memory, and 500 MB.</summary>
    private const long ImportMemory = (1L << 30) + (500L << 20);

    /// <summary>A log below this is checkpointed at another time.</summary>
    private const long LeastLog = 17L << 20;

    /// <summary>How often the process took more memory than is allowed.</summary>
    public int Excesses { get; private set; }

    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan RequestLimit = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan ImportLimit = TimeSpan.FromMinutes(10);

    private static readonly ImportMode[] Modes = [ImportMode.Replace, ImportMode.Upsert, ImportMode.Insert];

    /// <summary>
    /// Modes and lengths of texts in turn. DuckDB writes full groups of 122,880 new rows ahead of its log, and checkpoints changes at once, so that short rows leave hardly any
    /// log: 300 MB of it take rows from 3 kB, 1 GB of it rows from 9 kB.
    /// </summary>
    private static readonly (ImportMode Mode, int Length)[] Rounds =
    [
        (ImportMode.Replace, 3_000), (ImportMode.Upsert, 100_000), (ImportMode.Insert, 10_000),
        (ImportMode.Replace, 100), (ImportMode.Upsert, 100), (ImportMode.Insert, 1_000_000),
        (ImportMode.Replace, 150_000), (ImportMode.Upsert, 5_000), (ImportMode.Insert, 300_000),
        (ImportMode.Replace, 30_000), (ImportMode.Upsert, 1_000), (ImportMode.Insert, 100_000),
        (ImportMode.Replace, 1_000_000), (ImportMode.Upsert, 300_000), (ImportMode.Insert, 3_000),
        (ImportMode.Replace, 10_000), (ImportMode.Upsert, 30_000), (ImportMode.Insert, 1_000),
        (ImportMode.Replace, 300_000), (ImportMode.Upsert, 1_000_000), (ImportMode.Insert, 150_000),
    ];

    private readonly string _data = Path.Combine(work, "data");
    private readonly string _log = Path.Combine(work, "server.log");
    private readonly Dictionary<ImportMode, Guid> _mappings = [];
    private readonly LargeModel _model = new();
    private double _start = 1500;

    /// <summary>How often the service was killed.</summary>
    public int Kills { get; private set; }

    /// <summary>Kills as often as asked.</summary>
    /// <exception cref="FindingException">The service broke a promise.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using (var server = Start())
        {
            var client = await server.ConnectAsync(StartLimit, RequestLimit, cancellationToken);
            await client.PutEntityAsync(
                new Entity
                {
                    SystemName = Name,
                    Fields =
                    [
                        new() { SystemName = "id", DataType = "INTEGER", PrimaryKey = true },
                        new() { SystemName = "version", DataType = "INTEGER" },
                        new() { SystemName = "text", DataType = "STRING" },
                    ],
                },
                cancellationToken);
            foreach (var mode in Modes) _mappings[mode] = await client.CreateMappingAsync(Name, new ImportDefinition { ImportMode = mode }, cancellationToken);
        }

        output.WriteLine($"{"Kill",4} {"mode",-8}{"text",10}{"rows",11}{"log, MB",9}{"peak, MB",10}  {"killed",-34}{"replay, MB",11}{"start, s",9}");
        for (var round = 0; Kills < options.Kills; round++)
        {
            // What is drawn depends on nothing that depends on time.
            var random = new Random(unchecked((options.Seed * 397) ^ round));
            var (mode, length) = Rounds[round % Rounds.Length];
            await RunAsync(round, random, mode, length, cancellationToken);
        }

        await using var last = Start();
        await CompareAllAsync(await last.ConnectAsync(StartLimit, RequestLimit, cancellationToken), cancellationToken);
    }

    /// <summary>One import, the kill that it meets, and what is there afterwards.</summary>
    private async Task RunAsync(int round, Random random, ImportMode mode, int length, CancellationToken cancellationToken)
    {
        var bytes = random.NextInt64((long)options.Size * 333_333, ((long)options.Size * 1_000_000) + 1);
        // The disk must not fill up.
        if (_model.Bytes > 2_000_000L * options.Size) mode = ImportMode.Replace;
        var count = (int)Math.Max(1, bytes / (length + 12));
        var first = mode switch { ImportMode.Insert => _model.Count, ImportMode.Upsert => (int)Math.Max(0, _model.Count - (count * 3L / 4)), _ => 0 };
        var version = _model.AddVersion(length);
        var watch = new LogWatch(_data);
        Guid importId;
        long peak;
        string moment;
        // As a commit that could not be alone does, every other one leaves a log.
        await using (var server = Start(keepsLog: round % 2 == 0))
        {
            var client = await server.ConnectAsync(StartLimit, RequestLimit, cancellationToken);
            var uploadId = await client.UploadAsync(_mappings[mode], new LongRows(first, count, version, length), "long.csv", cancellationToken);
            server.Memory.ForgetPeak();
            importId = await client.ImportAsync(uploadId, cancellationToken);
            var ended = EndAsync(client, importId, cancellationToken);
            var readers = Enumerable.Range(0, 2).Select(_ => ReadAsync(server, client, ended, cancellationToken)).ToList();
            // A log that is still for a short time is perhaps not yet written.
            var still = TimeSpan.FromMilliseconds(random.Next(15, 100));
            var delay = TimeSpan.FromMilliseconds(random.NextDouble() * 500);
            moment = await watch.WaitForCheckpointAsync(LeastLog, still, ended, cancellationToken) ? "log written" : "import ended";
            await Task.Delay(delay, cancellationToken);
            peak = server.Memory.Peak;
            await server.KillAsync();
            var isLeft = watch.Measure() >= LeastLog;
            Kills++;
            moment += string.Create(CultureInfo.InvariantCulture, $" + {delay.TotalMilliseconds:F0} ms, {(isLeft ? "not yet gone" : "gone")}");
            await ended;
            await Task.WhenAll(readers);
        }

        var expected = _model.Apply(mode, first, count, version);
        if (random.Next(2) == 0 && Kills < options.Kills)
        {
            await using var server = Start();
            await Task.Delay(TimeSpan.FromMilliseconds(random.NextDouble() * _start), cancellationToken);
            await server.KillAsync();
            Kills++;
            moment += ", in start";
        }

        await using var restarted = Start();
        var begun = Stopwatch.GetTimestamp();
        var log = watch.Measure();
        var connected = await restarted.ConnectAsync(StartLimit, RequestLimit, cancellationToken);
        var start = Stopwatch.GetElapsedTime(begun);
        var replay = restarted.Memory.Peak;
        _start = (_start * 0.5) + (start.TotalMilliseconds * 0.5);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{Kills,4} {mode.ToString().ToUpperInvariant(),-8}{length,10:N0}{count,11:N0}{watch.Peak >> 20,9:N0}{peak >> 20,10:N0}  {moment,-34}{replay >> 20,11:N0}{start.TotalSeconds,9:F1}"));
        await CompareAsync(connected, random, importId, expected, cancellationToken);
        Judge("The import with its commit", peak, Math.Max(watch.Peak + MemoryBeyondLog, ImportMemory), watch.Peak);
        Judge("The start", replay, log + MemoryBeyondLog, log);
    }

    /// <summary>The end of an import, or of the service.</summary>
    private static async Task EndAsync(EntityImportClient client, Guid importId, CancellationToken cancellationToken)
    {
        try
        {
            await client.WaitAsync(importId, ImportLimit, cancellationToken);
        }
        catch (Exception exception) when (exception is HttpRequestException or EntityImportProblemException)
        {
            // It was killed, or it refuses; what has become of the import is found out after the start.
        }
    }

    /// <summary>Reads all texts, again and again, while an import runs: a commit cannot tidy up at once what others still see.</summary>
    private static async Task ReadAsync(ServerProcess server, EntityImportClient client, Task import, CancellationToken cancellationToken)
    {
        try
        {
            while (!import.IsCompleted && !server.IsKilled)
                await client.ReadRecordsAsync(Name, new RecordOptions { Filter = "contains(text,'not there')", Top = 1 }, cancellationToken);
        }
        catch (Exception exception) when (exception is HttpRequestException or EntityImportProblemException)
        {
            // It was killed, or it is busy.
        }
    }

    /// <summary>Notes where too much memory was taken; the run goes on, since what it is about is that nothing is lost.</summary>
    private void Judge(string what, long peak, long allowed, long log)
    {
        if (peak <= allowed) return;
        Excesses++;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"     {what} took {peak >> 20:N0} MB with a log of {log >> 20:N0} MB; {allowed >> 20:N0} MB are allowed."));
    }

    /// <summary>The import has ended as it must; all records are there, each with its version, and some of them letter by letter.</summary>
    private async Task CompareAsync(EntityImportClient client, Random random, Guid importId, Ledger expected, CancellationToken cancellationToken)
    {
        try
        {
            await client.WaitAsync(importId, ImportLimit, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw new FindingException(FindingKind.Stuck, $"The import {importId} has not ended within {ImportLimit}.");
        }
        catch (EntityImportProblemException problem) when (problem.StatusCode == System.Net.HttpStatusCode.NotFound)
        {
            throw new FindingException(FindingKind.Lost, $"The import {importId} was answered, but the service no longer knows it.");
        }

        var import = await client.GetImportAsync(importId, cancellationToken);
        if (import.State != ImportState.Succeeded || import.Ledger != expected)
            throw new FindingException(FindingKind.Wrong, $"The import {importId} ended as {import.State} with {import.Ledger}, \"{import.Message}\"; expected is {expected}.");
        await CompareCountAsync(client, null, _model.Count, cancellationToken);
        foreach (var (version, count) in _model.CountByVersion)
            await CompareCountAsync(client, string.Create(CultureInfo.InvariantCulture, $"version eq {version}"), count, cancellationToken);
        foreach (var id in Enumerable.Range(0, Samples).Select(_ => random.Next(_model.Count)).Append(0).Append(_model.Count - 1))
        {
            var page = await client.ReadRecordsAsync(Name, new RecordOptions { Filter = string.Create(CultureInfo.InvariantCulture, $"id eq {id}") }, cancellationToken);
            Compare(page, id, 1);
        }
    }

    private static async Task CompareCountAsync(EntityImportClient client, string? filter, int expected, CancellationToken cancellationToken)
    {
        var page = await client.ReadRecordsAsync(Name, new RecordOptions { Filter = filter, Top = 0, Count = true }, cancellationToken);
        if (page.Total == expected) return;
        throw new FindingException(page.Total < expected ? FindingKind.Lost : FindingKind.Doubled, $"There are {page.Total:N0} records {(filter is null ? "in all" : $"with {filter}")}; {expected:N0} are expected.");
    }

    /// <summary>All records, letter by letter. Ranges have two ends, so that the store reads a range and not all that is left.</summary>
    private async Task CompareAllAsync(EntityImportClient client, CancellationToken cancellationToken)
    {
        for (var id = 0; id < _model.Count;)
        {
            var top = (int)Math.Clamp(PageBytes / Math.Max(1, _model.Bytes / _model.Count), 1, Math.Min(2000, _model.Count - id));
            var range = string.Create(CultureInfo.InvariantCulture, $"id ge {id} and id lt {id + top}");
            var options = new RecordOptions { Filter = range, OrderBy = "id", Top = top + 1 };
            Compare(await client.ReadRecordsAsync(Name, options, cancellationToken), id, top);
            id += top;
        }
    }

    private void Compare(RecordPage page, int first, int count)
    {
        if (page.Records.Count != count) throw new FindingException(page.Records.Count < count ? FindingKind.Lost : FindingKind.Doubled, $"From id {first} there are {page.Records.Count} records; {count} are expected.");
        for (var i = 0; i < count; i++)
        {
            var record = page.Records[i];
            var id = first + i;
            if (record.GetProperty("id").GetInt64() != id || record.GetProperty("version").GetInt32() != _model.VersionOf(id) || record.GetProperty("text").GetString() != _model.TextOf(id))
                throw new FindingException(FindingKind.Wrong, $"The record {id} has the id {record.GetProperty("id")} and the version {record.GetProperty("version")}, or another text than expected; expected is version {_model.VersionOf(id)}.");
        }
    }

    private ServerProcess Start(bool keepsLog = false) =>
        // Files are not needed once their imports have ended, and many of them would fill the disk.
        ServerProcess.Start(_data, _log, keepsLog ? new Dictionary<string, string> { ["EIS_TEST_BREAK"] = "keep-log" } : [], "--keep-uploads", "0.0001");
}
