using System.Globalization;
using System.Text.RegularExpressions;
using EntityImport.Api;

namespace EntityImport.Web.Entities;

/// <summary>What somebody looks for in an entity, as a condition that the API takes: a text anywhere in a text field, whatever its case; a number or a date in the fields that are of these.</summary>
internal static partial class Find
{
    /// <summary>A condition has at most 200 comparisons, and a day takes two of them. One that becomes too long by what is looked for the API refuses, and says so.</summary>
    private const int MaxFields = 80;

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
        // The invariant culture leaves U+0130 as it is, of which the stores' tolower makes an i.
        var quoted = text.ToLowerInvariant().Replace('\u0130', 'i').Replace("'", "''", StringComparison.Ordinal);
        var (isNumber, isWhole) = (Number().IsMatch(text), !text.Contains('.', StringComparison.Ordinal));
        var isDay = DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day);
        // No day follows the last one.
        var next = day < DateOnly.MaxValue ? day.AddDays(1).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) : null;
        var comparisons = FieldsOf(entity).Select(field => field.DataType switch
        {
            "STRING" => $"contains(tolower({field.SystemName}),'{quoted}')",
            "DATE" => isDay ? $"{field.SystemName} eq {text}" : null,
            "DATETIME" => isDay ? $"({field.SystemName} ge {text}T00:00:00Z{(next is null ? "" : $" and {field.SystemName} lt {next}T00:00:00Z")})" : null,
            "INTEGER" => isNumber && isWhole ? $"{field.SystemName} eq {text}" : null,
            _ => isNumber ? $"{field.SystemName} eq {text}" : null,
        });
        return string.Join(" or ", comparisons.OfType<string>()) is { Length: > 0 } condition ? condition : null;
    }

    /// <summary>As many digits as a number can have.</summary>
    [GeneratedRegex(@"\A-?[0-9]{1,38}(\.[0-9]{1,38})?\z")]
    private static partial Regex Number();
}
