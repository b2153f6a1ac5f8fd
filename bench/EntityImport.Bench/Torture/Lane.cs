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

    /// <summary>Imports that were invoked, or may have been, and have not been checked since.</summary>
    public List<PlannedImport> Unsettled { get; } = [];

    /// <summary>The imports that were checked.</summary>
    public HashSet<Guid> SettledIds { get; } = [];

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

/// <summary>A file that is to be imported, and what has been heard of it.</summary>
internal sealed class PlannedImport(ImportKind kind, CsvFile file)
{
    public ImportKind Kind => kind;

    public CsvFile File => file;

    /// <summary>The upload; null before the service has answered.</summary>
    public Guid? UploadId { get; set; }

    /// <summary>The import; null before the service has answered.</summary>
    public Guid? ImportId { get; set; }

    public override string ToString() => $"{kind.Name} of {file.Rows.Count} rows{(ImportId is { } id ? $", import {id}" : "")}{(UploadId is { } upload ? $", upload {upload}" : "")}";
}
