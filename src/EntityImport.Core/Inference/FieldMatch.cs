using EntityImport.Entities;

namespace EntityImport.Inference;

/// <summary>A field of an entity that a column's name fits.</summary>
/// <param name="Field">The field.</param>
/// <param name="Match">Why.</param>
internal sealed record FieldMatch(FieldDefinition Field, ColumnMatch Match)
{
    /// <summary>Gives each column the field that its name fits best, and no field to two columns: the surer match wins, then the column that comes first.</summary>
    /// <returns>The matches by the column's index; a column that fits none is not among them.</returns>
    public static Dictionary<int, FieldMatch> All(EntityDefinition entity, IReadOnlyList<string> columns)
    {
        var fields = entity.Fields.Select(field => (Field: field, Letters: Letters(field.SystemName), Shown: Letters(field.DisplayName ?? ""))).ToList();
        var fits = new List<(int Column, FieldDefinition Field, MatchKind Kind)>();
        for (var column = 0; column < columns.Count; column++)
        {
            var (name, letters) = (columns[column], Letters(columns[column]));
            foreach (var (field, own, shown) in fields)
                if (Compare(name, letters, field, own, shown) is { } kind) fits.Add((column, field, kind));
        }

        var matches = new Dictionary<int, FieldMatch>();
        var taken = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (column, field, kind) in fits.OrderBy(fit => fit.Kind).ThenBy(fit => fit.Column))
        {
            if (matches.ContainsKey(column) || !taken.Add(field.SystemName)) continue;
            var others = fits.Where(fit => fit.Column == column && fit.Field != field).OrderBy(fit => fit.Kind).Select(fit => fit.Field.SystemName);
            matches.Add(column, new FieldMatch(field, new ColumnMatch(kind, Confidence(kind), Explain(kind, field), [.. others])));
        }

        return matches;
    }

    /// <summary>Gives the columns of a file without a header the entity's fields, in their order.</summary>
    /// <param name="entity">The entity.</param>
    /// <param name="columns">How many columns there are.</param>
    /// <returns>The matches by the column's index; columns beyond the fields are not among them.</returns>
    public static Dictionary<int, FieldMatch> InOrder(EntityDefinition entity, int columns) => entity.Fields.Take(columns).Select((field, index) => (Field: field, Index: index)).ToDictionary(
        placed => placed.Index,
        placed => new FieldMatch(placed.Field, new ColumnMatch(MatchKind.Place, Confidence(MatchKind.Place), $"The file names no columns; in the order of {entity.SystemName}'s fields this one is {placed.Field.SystemName}.", [])));

    private static MatchKind? Compare(string name, string letters, FieldDefinition field, string own, string shown)
    {
        if (name == field.SystemName) return MatchKind.Exact;
        if (name.Equals(field.SystemName, StringComparison.OrdinalIgnoreCase)) return MatchKind.IgnoringCase;
        if (name.Equals(field.DisplayName, StringComparison.OrdinalIgnoreCase)) return MatchKind.DisplayName;
        return letters.Length > 0 && (letters == own || letters == shown) ? MatchKind.Alike : null;
    }

    private static double Confidence(MatchKind kind) => kind switch
    {
        MatchKind.Place => 0.5,
        MatchKind.Alike => 0.8,
        MatchKind.DisplayName => 0.9,
        MatchKind.IgnoringCase => 0.95,
        _ => 1,
    };

    private static string Explain(MatchKind kind, FieldDefinition field) => kind switch
    {
        MatchKind.Exact => $"It is named as the field {field.SystemName}.",
        MatchKind.IgnoringCase => $"It is named as the field {field.SystemName}, but for upper and lower case.",
        MatchKind.DisplayName => $"It is named as the field {field.SystemName} is shown: {field.DisplayName}.",
        _ => $"It is named like the field {field.SystemName}, but for separators and accents.",
    };

    /// <summary>The letters and digits of a name, lower case, without accents.</summary>
    private static string Letters(string name) => string.Concat(SystemNames.From(name, "").Where(char.IsAsciiLetterOrDigit)).ToLowerInvariant();
}
