using System.Text.Json;
using EntityImport.Api;

namespace EntityImport.Bench.Torture;

/// <summary>A way to import; each entity has a mapping for each.</summary>
internal sealed record ImportKind(string Name, ImportMode Mode)
{
    public static readonly ImportKind Upsert = new("UPSERT", ImportMode.Upsert);
    public static readonly ImportKind UpsertKeep = new("UPSERT, emptyValues KEEP", ImportMode.Upsert) { KeepEmpty = true };
    public static readonly ImportKind Insert = new("INSERT", ImportMode.Insert);
    public static readonly ImportKind Replace = new("REPLACE", ImportMode.Replace);
    public static readonly ImportKind DryUpsert = new("UPSERT, dry run", ImportMode.Upsert) { DryRun = true };
    public static readonly ImportKind DryReplace = new("REPLACE, dry run", ImportMode.Replace) { DryRun = true };
    public static readonly ImportKind Limited = new("UPSERT, maxFailedRows 2", ImportMode.Upsert) { MaxFailedRows = 2 };
    public static readonly ImportKind SkipEmpty = new("UPSERT, emptyRows SKIP", ImportMode.Upsert) { SkipsEmptyRows = true };
    public static readonly ImportKind Unfit = new("REPLACE, a column is missing", ImportMode.Replace) { LacksColumn = true };

    public static readonly IReadOnlyList<ImportKind> All = [Upsert, UpsertKeep, Insert, Replace, DryUpsert, DryReplace, Limited, SkipEmpty, Unfit];

    public bool KeepEmpty { get; private init; }

    public bool SkipsEmptyRows { get; private init; }

    public bool DryRun { get; private init; }

    public int? MaxFailedRows { get; private init; }

    public bool LacksColumn { get; private init; }

    /// <summary>The mapping's definition.</summary>
    public ImportDefinition Definition => new()
    {
        ImportMode = Mode,
        EmptyValues = KeepEmpty ? EmptyValues.Keep : null,
        EmptyRows = SkipsEmptyRows ? EmptyRows.Skip : null,
        DryRun = DryRun ? true : null,
        MaxFailedRows = MaxFailedRows is { } most ? JsonSerializer.SerializeToElement(most) : null,
        Fields = LacksColumn ? [new FieldMapping("id", "id"), new FieldMapping("name", "title")] : null,
    };
}
