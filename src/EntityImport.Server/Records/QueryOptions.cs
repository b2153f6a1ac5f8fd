using System.Globalization;
using EntityImport.Entities;
using EntityImport.Records;
using EntityImport.Server.Http;
using Microsoft.Extensions.Primitives;

namespace EntityImport.Server.Records;

/// <summary>Reads the query options of a request for records, and notes the faults of all of them by their names.</summary>
internal sealed class QueryOptions
{
    private const string Known = "$filter, $select, $orderby, $top, $skip, $count, and field=value for every field";

    private const long MaxCount = 1L << 48;

    private readonly EntityDefinition _entity;
    private readonly RequestFaults _faults;

    private QueryOptions(EntityDefinition entity, RequestFaults faults)
    {
        _entity = entity;
        _faults = faults;
    }

    /// <summary>The query that the options ask for.</summary>
    /// <param name="entity">The entity.</param>
    /// <param name="options">The options.</param>
    /// <param name="limits">How many faults are told; null means the default limits.</param>
    /// <exception cref="RequestException">Options are unknown or malformed; all are listed.</exception>
    public static RecordQuery Read(EntityDefinition entity, IQueryCollection options, Limits? limits = null)
    {
        var faults = new RequestFaults(limits);
        var query = new QueryOptions(entity, faults).Read(options);
        return faults.Count switch
        {
            0 => query,
            1 => throw Refusal.Parameter(faults.Told[0].Path, faults.Told[0].Message),
            _ => throw RequestException.Invalid(faults, "invalid-parameter"),
        };
    }

    private RecordQuery Read(IQueryCollection options)
    {
        var query = new RecordQuery { Entity = _entity, Select = _entity.Fields };
        foreach (var (name, values) in options)
        {
            if (!name.StartsWith('$'))
            {
                foreach (var condition in FieldConditions(name, values)) query = query with { Filter = And(query.Filter, condition) };
                continue;
            }

            if (values.Count != 1)
            {
                _faults.Add(Refusal.Cut(name), "It is given more than once.");
                continue;
            }

            var text = values.ToString().Trim();
            query = name.ToUpperInvariant() switch
            {
                "$FILTER" => query with { Filter = And(query.Filter, Parse(() => FilterParser.ParseFilter(_entity, text))) },
                "$SELECT" => query with { Select = Fields(text) },
                "$ORDERBY" => query with { OrderBy = Parse(() => FilterParser.ParseOrderBy(_entity, text)) ?? [] },
                "$TOP" => query with { Top = (int)Math.Min(RecordQuery.MaxTop, Count(name, text)) },
                "$SKIP" => query with { Skip = Count(name, text) },
                "$COUNT" => query with { Count = Flag(name, text) },
                _ => Unknown(query, name),
            };
        }

        return query;
    }

    private static Condition? And(Condition? left, Condition? right) => left is null ? right : right is null ? left : new AndCondition(left, right);

    private RecordQuery Unknown(RecordQuery query, string name)
    {
        _faults.Add(Refusal.Cut(name), $"This option is not supported. Supported: {Known}.");
        return query;
    }

    /// <summary>What the parser makes of an option; null where it refuses it.</summary>
    private T? Parse<T>(Func<T> parse) where T : class
    {
        try
        {
            return parse();
        }
        catch (RequestException refusal)
        {
            foreach (var fault in refusal.Faults) _faults.Add(fault.Path, fault.Message);
            return null;
        }
    }

    private IEnumerable<Condition> FieldConditions(string name, StringValues values)
    {
        if (_entity.FindField(name) is not { } field)
        {
            var option = name.ToUpperInvariant() is "FILTER" or "SELECT" or "ORDERBY" or "TOP" or "SKIP" or "COUNT" ? $" Did you mean ${name}?" : "";
            _faults.Add(Refusal.Cut(name), $"'{_entity.SystemName}' has no such field, and there is no such option.{option} Supported: {Known}.");
            yield break;
        }

        foreach (var value in values)
            if (FieldCondition(field, value ?? "") is { } condition) yield return condition;
    }

    private Condition? FieldCondition(FieldDefinition field, string value)
    {
        try
        {
            return FilterTypes.Equal(field, value);
        }
        catch (FormatException e)
        {
            _faults.Add(field.SystemName, e.Message);
            return null;
        }
    }

    private List<FieldDefinition> Fields(string text)
    {
        var fields = new List<FieldDefinition>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in text.Split(',', StringSplitOptions.TrimEntries))
        {
            // Once all are there, nothing is added by naming them again, however often.
            if (name == "*" && fields.Count < _entity.Fields.Count) fields.AddRange(_entity.Fields.Where(field => names.Add(field.SystemName)));
            if (name == "*") continue;
            if (_entity.FindField(name) is not { } found) _faults.Add("$select", $"'{_entity.SystemName}' has no field '{Refusal.Cut(name)}'.");
            else if (names.Add(found.SystemName)) fields.Add(found);
        }

        return fields;
    }

    /// <summary>A number of records; one that is too large to matter is as good as the largest.</summary>
    private long Count(string name, string text)
    {
        if (text.Length > 0 && text.All(char.IsAsciiDigit))
            return long.TryParse(text, CultureInfo.InvariantCulture, out var count) ? Math.Min(count, MaxCount) : MaxCount;
        _faults.Add(name, $"Expected a whole number from 0, not '{Refusal.Cut(text)}'.");
        return 0;
    }

    private bool Flag(string name, string text)
    {
        if (bool.TryParse(text, out var flag)) return flag;
        _faults.Add(name, $"Expected true or false, not '{Refusal.Cut(text)}'.");
        return false;
    }
}
