using System.Globalization;
using EntityImport.Api;

namespace EntityImport.Web.Entities;

/// <summary>What somebody looks for in an entity, as a condition that the API takes: a text anywhere in a text field, whatever its case; a number or a date in the fields that are of these.</summary>
internal static class Find
{
    /// <summary>Conditions have at most 200 comparisons and 16,384 characters, of which others may be the page's.</summary>
    private const int MaxFields = 80;

    private const int MaxLength = 8_000;

    /// <summary>The fields that are looked into: those of the key first.</summary>
    /// <param name="entity">The entity.</param>
    public static IReadOnlyList<EntityField> FieldsOf(Entity entity) =>
        [.. entity.Fields.Where(field => field.DataType != "BOOLEAN" && field.SystemName is not ("true" or "false" or "null" or "not" or "INF" or "NaN")).OrderBy(field => !field.PrimaryKey).Take(MaxFields)];

    /// <summary>The condition; null where no field can hold what is looked for.</summary>
    /// <param name="entity">The entity.</param>
    /// <param name="sought">What is looked for.</param>
    public static string? ConditionOf(Entity entity, string sought)
    {
        var text = sought.Trim();
        var number = decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out _) ? text.TrimStart('+') : null;
        var date = DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : (DateOnly?)null;
        var quoted = text.ToLowerInvariant().Replace("'", "''", StringComparison.Ordinal);
        var condition = "";
        foreach (var field in FieldsOf(entity))
        {
            var name = field.SystemName;
            var comparison = field.DataType switch
            {
                "STRING" => $"contains(tolower({name}),'{quoted}')",
                "DATE" => date is { } on ? string.Create(CultureInfo.InvariantCulture, $"{name} eq {on:yyyy-MM-dd}") : null,
                "DATETIME" => date is { } from && from < DateOnly.MaxValue
                    ? string.Create(CultureInfo.InvariantCulture, $"({name} ge {from:yyyy-MM-dd}T00:00:00Z and {name} lt {from.AddDays(1):yyyy-MM-dd}T00:00:00Z)")
                    : null,
                "INTEGER" => number is not null && !number.Contains('.', StringComparison.Ordinal) ? $"{name} eq {number}" : null,
                _ => number is not null ? $"{name} eq {number}" : null,
            };
            if (comparison is null || condition.Length + comparison.Length > MaxLength) continue;
            condition += condition.Length == 0 ? comparison : $" or {comparison}";
        }

        return condition.Length == 0 ? null : condition;
    }
}
