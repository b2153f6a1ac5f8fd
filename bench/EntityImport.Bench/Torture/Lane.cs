using EntityImport.Api;
using EntityImport.Client;

namespace EntityImport.Bench.Torture;

/// <summary>One entity, its mappings, and the imports into it in the order in which they were invoked.</summary>
internal sealed class Lane(string entity, bool hasKey, bool isLarge)
{
    public string Entity => entity;

    public bool HasKey => hasKey;

    /// <summary>Whether its files are large.</summary>
    public bool IsLarge => isLarge;

    /// <summary>The mapping of each kind.</summary>
    public Dictionary<ImportKind, Guid> Mappings { get; } = [];

    /// <summary>What the entity held when all was last checked.</summary>
    public EntityModel Settled { get; set; } = new(hasKey);

    /// <summary>The number of the import that was invoked last then.</summary>
    public int SettledNumber { get; private set; }

    /// <summary>Imports that were invoked, or may have been, and have not been checked since; and those that were refused meanwhile.</summary>
    public List<InvokedImport> Unsettled { get; } = [];

    /// <summary>The imports that were checked.</summary>
    public HashSet<Guid> SettledIds { get; } = [];

    /// <summary>All imports that were taken, by their numbers.</summary>
    public Dictionary<int, InvokedImport> Imports { get; } = [];

    /// <summary>The plans that are there, or may be.</summary>
    public List<InvokedPlan> Plans { get; } = [];

    /// <summary>The number of the import that was invoked last.</summary>
    public int LastNumber { get; private set; }

    /// <summary>The number of the last import that is known to have ended, with all before it.</summary>
    public int LastEnded { get; set; }

    /// <summary>Whether a service has run since the last check in which plans and what was kept for undos hardly have any time.</summary>
    public bool LetsExpire { get; private set; }

    /// <summary>Of the imports up to this number, what is needed for an undo may have had its time.</summary>
    public int ExpiredNumber { get; private set; }

    /// <summary>Gives an import its place.</summary>
    public void Add(InvokedImport import)
    {
        import.Number = ++LastNumber;
        import.MayHaveExpired = import.Undoes is { } undone && (LetsExpire || undone.Number <= ExpiredNumber);
        Unsettled.Add(import);
    }

    /// <summary>Notes that a service runs, or has run, in which what is there, and what comes, has its time at once.</summary>
    public void LetExpire()
    {
        LetsExpire = true;
        ExpiredNumber = LastNumber;
        foreach (var undo in Unsettled) undo.MayHaveExpired = true;
        foreach (var plan in Plans.Where(plan => !plan.IsSettled)) plan.MayHaveExpired = true;
    }

    /// <summary>Notes that all is checked.</summary>
    /// <param name="after">What the entity holds.</param>
    /// <param name="letsExpire">Whether the service that runs is one in which all has its time at once.</param>
    public void Settle(EntityModel after, bool letsExpire)
    {
        foreach (var import in Unsettled.Where(import => import.Refusal is null))
        {
            SettledIds.Add(import.ImportId!.Value);
            Imports.Add(import.Number, import);
        }

        Unsettled.Clear();
        after.Forget();
        Settled = after;
        SettledNumber = LastEnded = LastNumber;
        LetsExpire = letsExpire;
        foreach (var number in Imports.Keys.Where(number => !after.Changes.Contains(number)).ToList()) Imports.Remove(number);
    }

    /// <summary>Declares the entity and makes the mappings.</summary>
    public async Task DeclareAsync(EntityImportClient client, CancellationToken cancellationToken)
    {
        await client.PutEntityAsync(
            new Entity
            {
                SystemName = entity,
                Fields =
                [
                    new() { SystemName = "id", DataType = "INTEGER", PrimaryKey = hasKey, Required = true },
                    new() { SystemName = "name", DataType = "STRING", Length = 40, Required = true },
                    new() { SystemName = "price", DataType = "DECIMAL", Precision = 12, Scale = 2 },
                    new() { SystemName = "stock", DataType = "INTEGER" },
                    new() { SystemName = "day", DataType = "DATE" },
                ],
            },
            cancellationToken);
        foreach (var kind in ImportKind.All) Mappings[kind] = await client.CreateMappingAsync(entity, kind.Definition, cancellationToken);
    }

    /// <summary>All records, in the order of their ids, read page by page.</summary>
    public async Task<IReadOnlyList<Row>> ReadRecordsAsync(EntityImportClient client, CancellationToken cancellationToken)
    {
        var rows = new List<Row>();
        long? total = null;
        while (true)
        {
            var after = rows.Count == 0 ? -1 : rows[^1].Id;
            var page = await client.ReadRecordsAsync(
                entity, new RecordOptions { Filter = FormattableString.Invariant($"id gt {after}"), OrderBy = "id,name", Top = 2000, Count = total is null }, cancellationToken);
            total ??= page.Total;
            rows.AddRange(page.Records.Select(record => new Row(
                record.GetProperty("id").GetInt64(),
                record.GetProperty("name").GetString()!,
                record.GetProperty("price") is { ValueKind: System.Text.Json.JsonValueKind.Number } price ? price.GetDecimal() : null,
                record.GetProperty("stock") is { ValueKind: System.Text.Json.JsonValueKind.Number } stock ? stock.GetInt64() : null,
                record.GetProperty("day").GetString())));
            if (page.Records.Count < 2000) break;
        }

        // Of ids that occur twice, one may be passed over where a page ends: then the number of records tells.
        if (rows.Count != total)
            throw new FindingException(FindingKind.Doubled, $"{entity} holds {total} records, but {rows.Count} were read: some ids occur twice.");
        return rows;
    }

    /// <summary>How many records there are.</summary>
    public async Task<long> CountAsync(EntityImportClient client, CancellationToken cancellationToken) =>
        (await client.ReadRecordsAsync(entity, new RecordOptions { Top = 0, Count = true }, cancellationToken)).Total!.Value;
}
