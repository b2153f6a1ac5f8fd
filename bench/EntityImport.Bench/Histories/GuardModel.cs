using System.Globalization;
using System.Text.Json.Nodes;
using EntityImport.Bench.RandomEntities;

namespace EntityImport.Bench.Histories;

/// <summary>The guards of an entity, and a plain telling of what they forbid. Fields are told by their places.</summary>
internal sealed record GuardModel
{
    public int? MaxRemovedRecords { get; init; }

    public int? MaxRemovedPercent { get; init; }

    public int? MaxRejectedPercent { get; init; }

    public int? MinRowsPercent { get; init; }

    public bool SameHeader { get; init; }

    public IReadOnlyList<(int Field, int ByPercent, int MaxPercent)> Moves { get; init; } = [];

    public IReadOnlyList<(int Field, int MaxPercent)> Emptied { get; init; } = [];

    /// <summary>The guards as the API takes them.</summary>
    public JsonObject ToJson(Entity entity)
    {
        var json = new JsonObject();
        if (MaxRemovedRecords is { } records) json["maxRemovedRecords"] = records;
        if (MaxRemovedPercent is { } removed) json["maxRemovedPercent"] = removed;
        if (MaxRejectedPercent is { } rejected) json["maxRejectedPercent"] = rejected;
        if (MinRowsPercent is { } rows) json["minRowsPercent"] = rows;
        if (SameHeader) json["sameHeader"] = true;
        json["moves"] = new JsonArray([.. Moves.Select(guard => new JsonObject { ["field"] = entity.Fields[guard.Field].Name, ["byPercent"] = guard.ByPercent, ["maxPercent"] = guard.MaxPercent })]);
        json["emptied"] = new JsonArray([.. Emptied.Select(guard => new JsonObject { ["field"] = entity.Fields[guard.Field].Name, ["maxPercent"] = guard.MaxPercent })]);
        return json;
    }

    /// <summary>The guards that forbid an import, each with its figure, as <see cref="Show"/> has them.</summary>
    /// <param name="entity">The entity.</param>
    /// <param name="found">What the import would do.</param>
    /// <param name="last">The last import into the entity that counts; null where there is none.</param>
    public IEnumerable<string> Judge(Entity entity, FoundImport found, ModelImport? last)
    {
        var (mode, ledger, rows) = (found.File.Mapping.Mode, found.Ledger!, (long)found.File.Rows.Count);
        var removed = entity.HasKey ? found.Changes.Count(change => change.After is null) : Math.Max(0, ledger.Removed - ledger.Inserted);
        if (mode == "REPLACE" && removed > MaxRemovedRecords) yield return Show("maxRemovedRecords", null, removed);
        if (mode == "REPLACE" && Percent(removed, ledger.Removed) is { } lost && lost > MaxRemovedPercent) yield return Show("maxRemovedPercent", null, lost);
        if (Percent(ledger.Rejected, rows) is { } refused && refused > MaxRejectedPercent) yield return Show("maxRejectedPercent", null, refused);
        if (last is not null && Percent(rows, last.File.Rows.Count) is { } left && left < MinRowsPercent) yield return Show("minRowsPercent", null, left);
        if (SameHeader && last is not null && !found.File.Header.SequenceEqual(last.File.Header)) yield return Show("sameHeader", null, null);
        var updated = found.Changes.Where(change => change is { Before: not null, After: not null }).ToList();
        var same = ledger.Inserted + ledger.Updated + ledger.Unchanged - found.Changes.Count(change => change.After is not null);
        foreach (var (place, by, most) in Moves)
        {
            var field = entity.Fields[place];
            var moved = updated.Count(change => change.Before![place] is { } before && change.After![place] is { } after && IsFurther(field, before, after, by));
            if (Percent(moved, updated.Count(change => change.Before![place] is not null) + same) is { } part && part > most) yield return Show("moves", field.Name, part);
        }

        foreach (var (place, most) in Emptied)
        {
            var emptied = updated.Count(change => !IsEmpty(change.Before![place]) && IsEmpty(change.After![place]));
            if (Percent(emptied, updated.Count(change => !IsEmpty(change.Before![place])) + same) is { } part && part > most) yield return Show("emptied", entity.Fields[place].Name, part);
        }
    }

    /// <summary>A guard that forbids an import.</summary>
    public static string Show(string guard, string? field, decimal? figure) => string.Create(CultureInfo.InvariantCulture, $"{guard}{(field is null ? "" : " of " + field)}{(figure is { } number ? $" {number:0.####}" : "")}");

    private static decimal? Percent(long part, long of) => of == 0 ? null : 100m * part / of;

    private static bool IsEmpty(string? value) => string.IsNullOrWhiteSpace(value);

    private static bool IsFurther(Field field, string before, string after, int percent)
    {
        if (field.Type != FieldType.Double)
        {
            var (was, becomes) = (decimal.Parse(before, CultureInfo.InvariantCulture), decimal.Parse(after, CultureInfo.InvariantCulture));
            return Math.Abs(becomes - was) * 100 > percent * Math.Abs(was);
        }

        var (old, now) = (double.Parse(before, CultureInfo.InvariantCulture), double.Parse(after, CultureInfo.InvariantCulture));
        return Math.Abs(now - old) * 100 > percent * Math.Abs(old);
    }
}
