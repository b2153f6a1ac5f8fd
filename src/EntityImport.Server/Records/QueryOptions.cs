using System.Globalization;
using EntityImport.Entities;
using EntityImport.Server.Http;
using EntityImport.Storage;
using Microsoft.Extensions.Primitives;

namespace EntityImport.Server.Records;

/// <summary>Reads the query options of a request for records.</summary>
internal static class QueryOptions
{
    private const string Known = "$filter, $select, $orderby, $top, $skip, $count, and field=value for every field";

    private const long MaxCount = 1L << 48;

    /// <summary>The query that the options ask for.</summary>
    /// <exception cref="RequestException">An option is unknown or malformed.</exception>
    public static RecordQuery Read(EntityDefinition entity, IQueryCollection options)
    {
        var query = new RecordQuery { Entity = entity, Select = entity.Fields };
        foreach (var (name, values) in options)
        {
            if (!name.StartsWith('$'))
            {
                query = query with { Filter = And(query.Filter, FieldConditions(entity, name, values)) };
                continue;
            }

            var text = values.Count == 1 ? values.ToString().Trim() : throw Refusal.Parameter(name, "It is given more than once.");
            query = name.ToUpperInvariant() switch
            {
                "$FILTER" => query with { Filter = And(query.Filter, FilterParser.ParseFilter(entity, text)) },
                "$SELECT" => query with { Select = Fields(entity, text) },
                "$ORDERBY" => query with { OrderBy = FilterParser.ParseOrderBy(entity, text) },
                "$TOP" => query with { Top = (int)Math.Min(RecordQuery.MaxTop, Count(name, text)) },
                "$SKIP" => query with { Skip = Count(name, text) },
                "$COUNT" => query with { Count = Flag(name, text) },
                _ => throw Refusal.Parameter(name, $"This option is not supported. Supported: {Known}."),
            };
        }

        return query;
    }

    private static Condition And(Condition? left, Condition right) => left is null ? right : new AndCondition(left, right);

    private static Condition FieldConditions(EntityDefinition entity, string name, StringValues values)
    {
        if (entity.FindField(name) is not { } field)
        {
            var option = name.ToUpperInvariant() is "FILTER" or "SELECT" or "ORDERBY" or "TOP" or "SKIP" or "COUNT" ? $" Did you mean ${name}?" : "";
            throw Refusal.Parameter(Refusal.Cut(name), $"'{entity.SystemName}' has no such field, and there is no such option.{option} Supported: {Known}.");
        }

        return values.Select(value => FieldCondition(field, value ?? "")).Aggregate<Condition>((left, right) => new AndCondition(left, right));
    }

    private static Condition FieldCondition(FieldDefinition field, string value)
    {
        try
        {
            return FilterTypes.Equal(new FieldOperand(field), FilterTypes.Plain(field, value));
        }
        catch (FormatException e)
        {
            throw Refusal.Parameter(field.SystemName, e.Message);
        }
    }

    private static List<FieldDefinition> Fields(EntityDefinition entity, string text)
    {
        var fields = new List<FieldDefinition>();
        foreach (var name in text.Split(',', StringSplitOptions.TrimEntries))
        {
            var found = name == "*"
                ? entity.Fields
                : [entity.FindField(name) ?? throw Refusal.Parameter("$select", $"'{entity.SystemName}' has no field '{Refusal.Cut(name)}'.")];
            fields.AddRange(found.Where(field => !fields.Contains(field)));
        }

        return fields;
    }

    /// <summary>A number of records; one that is too large to matter is as good as the largest.</summary>
    private static long Count(string name, string text)
    {
        if (text.Length == 0 || !text.All(char.IsAsciiDigit)) throw Refusal.Parameter(name, $"Expected a whole number from 0, not '{Refusal.Cut(text)}'.");
        return long.TryParse(text, CultureInfo.InvariantCulture, out var count) ? Math.Min(count, MaxCount) : MaxCount;
    }

    private static bool Flag(string name, string text) =>
        bool.TryParse(text, out var flag) ? flag : throw Refusal.Parameter(name, $"Expected true or false, not '{Refusal.Cut(text)}'.");
}
