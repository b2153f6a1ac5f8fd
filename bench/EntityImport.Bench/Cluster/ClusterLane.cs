using System.Globalization;
using System.Text;
using EntityImport.Api;
using EntityImport.Bench.Torture;
using EntityImport.Client;

namespace EntityImport.Bench.Cluster;

/// <summary>
/// One entity, into which files are imported through whichever node answers. All rows of a file have the same mark, and the same keys: so all records have one mark at any time, which is that of the last import that succeeded. One row more has the mark for a key, too, which is no number: that is rejected.
/// </summary>
internal sealed class ClusterLane(string entity, ClusterOptions options, IReadOnlyList<ClusterNode> nodes, Random random)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly List<MarkedImport> _imports = [];
    private readonly List<int> _seen = [];
    private readonly List<Guid> _mappings = [];
    private int _marks;

    /// <summary>The entity.</summary>
    public string Entity => entity;

    /// <summary>The imports that were invoked, in this order.</summary>
    public IReadOnlyList<MarkedImport> Imports => _imports;

    /// <summary>Declares the entity, and makes its mappings.</summary>
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        var client = nodes[0].Client!;
        var fields = (EntityField[])[new() { SystemName = "Id", DataType = "INTEGER", PrimaryKey = true, Required = true }, new() { SystemName = "Mark", DataType = "INTEGER" }];
        await client.PutEntityAsync(new Entity { SystemName = entity, Fields = fields }, cancellationToken);
        foreach (var mode in (ImportMode[])[ImportMode.Upsert, ImportMode.Replace]) _mappings.Add(await client.CreateMappingAsync(entity, new ImportDefinition { ImportMode = mode }, cancellationToken));
    }

    /// <summary>Imports one file after the other until that is ended; each is waited for, or the next one queued behind it.</summary>
    public async Task RunAsync(CancellationToken ending, CancellationToken cancellationToken)
    {
        while (!ending.IsCancellationRequested)
        {
            var count = random.Next(1, 4);
            for (var i = 0; i < count; i++) await InvokeAsync(cancellationToken);
            if (random.Next(5) == 0) await TryCancelAsync(_imports[^1], cancellationToken);
            foreach (var import in _imports.Where(import => import.State is null).ToList()) await WaitAsync(import, cancellationToken);
        }
    }

    /// <summary>Reads all records again and again: they have one mark, and never an older one than was read before.</summary>
    public async Task ReadAsync(CancellationToken ending, CancellationToken cancellationToken)
    {
        while (!ending.IsCancellationRequested)
        {
            await Task.Delay(50, cancellationToken);
            if (await ReadMarkAsync(cancellationToken) is { } mark && (_seen.Count == 0 || _seen[^1] != mark)) _seen.Add(mark);
        }
    }

    /// <summary>Makes sure that what was read, and what is there now, is what the imports have brought, in their order.</summary>
    /// <param name="kept">The imports as the catalog has them, in the order of their numbers.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="FindingException">It is not.</exception>
    public async Task JudgeAsync(IReadOnlyList<(Guid Id, string State)> kept, CancellationToken cancellationToken)
    {
        // Of a request that nobody answered, and that was sent again elsewhere, there is one import.
        if (!kept.Select(import => import.Id).SequenceEqual(_imports.Select(import => import.Id)))
            throw new FindingException(FindingKind.Doubled, $"{kept.Count} imports into {entity} are in the catalog, and {_imports.Count} were invoked, or their order is another one.");
        foreach (var (import, (_, state)) in _imports.Zip(kept))
        {
            if (import.State?.ToString() != state) throw new FindingException(FindingKind.Wrong, $"Import {import.Id} was {import.State}, and is {state}.");
            if (import.State != ImportState.Succeeded) continue;
            var ledger = (await AskAsync(client => client.GetImportAsync(import.Id, cancellationToken), cancellationToken)).Ledger;
            if (ledger is null || ledger.Records != options.Rows + 1 || ledger.Inserted + ledger.Updated + ledger.Unchanged != options.Rows || ledger.Rejected != 1)
                throw new FindingException(FindingKind.Wrong, $"The ledger of import {import.Id} does not add up to {options.Rows} rows, and one that is rejected.");
            var rejected = await AskAsync(client => client.ListErrorsAsync(import.Id, cancellationToken: cancellationToken), cancellationToken);
            if (rejected.Errors is not [var one] || !one.Record.Contains($"no-{import.Mark},", StringComparison.Ordinal))
                throw new FindingException(FindingKind.Wrong, $"The rejected rows of import {import.Id} are not the one that its file has.");
        }

        var succeeded = _imports.Where(import => import.State == ImportState.Succeeded).Select(import => import.Mark).ToList();
        var place = -1;
        foreach (var mark in _seen)
        {
            var next = succeeded.IndexOf(mark);
            if (next < 0) throw new FindingException(FindingKind.Wrong, $"Records of {entity} with the mark {mark} were read, though its import has not succeeded.");
            if (next < place) throw new FindingException(FindingKind.Wrong, $"Records of {entity} with the mark {mark} were read after newer ones.");
            place = next;
        }

        if (succeeded.Count > 0 && await ReadMarkAsync(cancellationToken) is var last && last != succeeded[^1])
            throw new FindingException(FindingKind.Lost, $"Records of {entity} have the mark {last}, and the last import that succeeded has {succeeded[^1]}.");
    }

    private async Task InvokeAsync(CancellationToken cancellationToken)
    {
        var mark = ++_marks;
        var csv = new StringBuilder("Id,Mark\n");
        for (var row = 0; row < options.Rows; row++) csv.Append(CultureInfo.InvariantCulture, $"{row},{mark}\n");
        csv.Append(CultureInfo.InvariantCulture, $"no-{mark},{mark}\n");
        var bytes = Encoding.UTF8.GetBytes(csv.ToString());
        var mapping = _mappings[random.Next(_mappings.Count)];
        var upload = await AskAsync(client => client.UploadAsync(mapping, new MemoryStream(bytes), "marked.csv", cancellationToken), cancellationToken);
        var key = Guid.NewGuid().ToString("N");
        // The same request again, wherever it is asked, invokes nothing again.
        var id = await AskAsync(client => client.ImportAsync(upload, key, cancellationToken), cancellationToken);
        _imports.Add(new MarkedImport(id, mark));
    }

    private async Task TryCancelAsync(MarkedImport import, CancellationToken cancellationToken)
    {
        try
        {
            if (nodes[random.Next(nodes.Count)].Client is { } client) await client.CancelAsync(import.Id, cancellationToken);
        }
        catch (Exception exception) when (exception is EntityImportProblemException or HttpRequestException or IOException or ObjectDisposedException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            // It was too late, or nobody answered.
        }
    }

    private async Task WaitAsync(MarkedImport import, CancellationToken cancellationToken)
    {
        var until = DateTime.UtcNow + Patience;
        while (true)
        {
            var status = await AskAsync(client => client.GetImportAsync(import.Id, cancellationToken), cancellationToken);
            if (status.State is ImportState.Succeeded or ImportState.Failed or ImportState.Cancelled)
            {
                import.State = status.State;
                if (status.State == ImportState.Failed) throw new FindingException(FindingKind.Wrong, $"Import {import.Id} failed: {status.Message}");
                return;
            }

            if (DateTime.UtcNow > until) throw new FindingException(FindingKind.Stuck, $"Import {import.Id} has not ended within {Patience}.");
            await Task.Delay(20, cancellationToken);
        }
    }

    private async Task<int?> ReadMarkAsync(CancellationToken cancellationToken)
    {
        var page = await AskAsync(client => client.ReadRecordsAsync(entity, new RecordOptions { Select = "Mark", Top = options.Rows }, cancellationToken), cancellationToken);
        var marks = page.Records.Select(record => record.GetProperty("Mark").GetInt32()).Distinct().ToList();
        return marks.Count switch
        {
            0 => null,
            1 => marks[0],
            _ => throw new FindingException(FindingKind.Half, $"Records of {entity} with the marks {string.Join(" and ", marks)} were read at one time."),
        };
    }

    /// <summary>Asks nodes until one answers.</summary>
    private async Task<T> AskAsync<T>(Func<EntityImportClient, Task<T>> ask, CancellationToken cancellationToken)
    {
        var until = DateTime.UtcNow + Patience;
        for (var node = random.Next(nodes.Count); ; node = (node + 1) % nodes.Count)
        {
            try
            {
                if (nodes[node].Client is { } client) return await ask(client);
            }
            catch (Exception exception) when (exception is EntityImportProblemException { Problem.Status: >= 500 or 409 or 404 } or HttpRequestException or IOException or ObjectDisposedException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                // Also a node that was started again since its client was looked up.
                if (DateTime.UtcNow > until) throw new FindingException(FindingKind.Stuck, $"No node answers: {exception.Message}");
            }

            if (DateTime.UtcNow > until) throw new FindingException(FindingKind.Stuck, "No node answers.");
            await Task.Delay(50, cancellationToken);
        }
    }
}

/// <summary>An import of a file with a mark.</summary>
internal sealed record MarkedImport(Guid Id, int Mark)
{
    /// <summary>How it has ended; null where that is not known yet.</summary>
    public ImportState? State { get; set; }
}
