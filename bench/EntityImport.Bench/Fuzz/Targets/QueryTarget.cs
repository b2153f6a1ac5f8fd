using System.Globalization;
using System.Text;
using EntityImport.Entities;
using EntityImport.Records;
using EntityImport.Server.Records;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace EntityImport.Bench.Fuzz.Targets;

/// <summary>
/// Any text as the query of a request for records: it is a query, or refused as one. A condition that was read is written out plainly, and has to be read as the same one;
/// denied or joined with itself it has to be read as that.
/// </summary>
internal sealed class QueryTarget : FuzzTarget
{
    private const int MostConditions = 20_000;

    public override string Name => "query";

    public override int MaxLength => 2048;

    // The library makes a model, a lexer and a tree for each option.
    public override long AllocatedBytesPerByte => 32 << 10;

    public override IReadOnlyList<string> Tokens { get; } =
    [
        "$filter=", "$select=", "$orderby=", "$top=", "$skip=", "$count=", "&", "=", "%27", "%20", "+", "*", "Name", "Price", "Cost", "Share", "Quantity", "Weight", "Active", "ValidFrom", "ChangedAt", " eq ", " ne ", " lt ",
        " le ", " gt ", " ge ", " in (", " and ", " or ", "not ", "(", ")", "contains(", "startswith(", "endswith(", "tolower(", "toupper(", "trim(", "length(", "year(", "month(", "day(", "hour(", "minute(", "second(", "'a'",
        "'a*'", "''", "'O''Neil'", "1", "-12.5", "1e3", "99999999999999999999999999999999999999", "0.1M", "true", "false", "null", "2024-01-31", "2024-01-31T10:20:30Z", "2024-01-31T10:20:30.5-02:00", ",", " asc", " desc", "cast(",
        "isof(", "$it", "/any(", "duration'P1D'", "Edm.String", "INF", "NaN", " add ", " has ", "-", "[", "{",
    ];

    public override void Run(byte[] input)
    {
        var options = new QueryCollection(QueryHelpers.ParseQuery(Encoding.UTF8.GetString(input)));
        RecordQuery query;
        try
        {
            query = QueryOptions.Read(Formats.Entity, options);
        }
        catch (RequestException refusal)
        {
            CheckRefusal(refusal);
            return;
        }

        DisagreementException.ThrowUnless(query is { Top: >= 0 and <= RecordQuery.MaxTop, Skip: >= 0 }, $"Top {query.Top}, skip {query.Skip}");
        DisagreementException.ThrowIfDifferent(query.Select.Count, query.Select.Distinct().Count(), "fields to select");
        if (query.Filter is { } filter) CheckCondition(filter);
        if (query.OrderBy.Count > 0) CheckOrder(query.OrderBy);
    }

    /// <summary>Whether a refusal says what is wrong where, and is the request's fault.</summary>
    internal static void CheckRefusal(RequestException refusal)
    {
        DisagreementException.ThrowIfDifferent(FaultKind.Invalid, refusal.Kind, "kind of refusal");
        DisagreementException.ThrowUnless(refusal.Message.Length is > 0 and <= Limits.MessageCharacters, $"The refusal has {refusal.Message.Length} characters.");
        foreach (var fault in refusal.Faults)
            DisagreementException.ThrowUnless(fault.Message.Length is > 0 and <= Limits.MessageCharacters, $"The fault at '{fault.Path}' has {fault.Message.Length} characters.");
    }

    private static void CheckCondition(Condition condition)
    {
        var text = Write(condition);
        DisagreementException.ThrowUnless(text.Length < MostConditions * 10, $"The condition takes {text.Length} characters.");
        if (Read(text) is not { } again) return;
        DisagreementException.ThrowIfDifferent(text, Write(again), "written and read again");
        if (Read($"not ({text})") is { } denied) DisagreementException.ThrowIfDifferent(Write(new NotCondition(condition)), Write(denied), "denied");
        if (Read($"({text}) or ({text})") is { } twice) DisagreementException.ThrowIfDifferent(Write(new OrCondition(condition, condition)), Write(twice), "joined with itself");
    }

    private static void CheckOrder(IReadOnlyList<(Operand By, bool Descending)> order)
    {
        var text = Write(order);
        try
        {
            DisagreementException.ThrowIfDifferent(text, Write(FilterParser.ParseOrderBy(Formats.Entity, text)), "order written and read again");
        }
        catch (RequestException refusal) when (IsTooLarge(refusal))
        {
        }

        static string Write(IReadOnlyList<(Operand By, bool Descending)> order) =>
            string.Join(", ", order.Select(item => QueryTarget.Write(item.By) + (item.Descending ? " desc" : " asc")));
    }

    /// <summary>The condition that a text is; null where it is deeper or longer than is read.</summary>
    private static Condition? Read(string text)
    {
        try
        {
            return FilterParser.ParseFilter(Formats.Entity, text);
        }
        catch (RequestException refusal) when (IsTooLarge(refusal))
        {
            return null;
        }
        catch (RequestException refusal)
        {
            throw new DisagreementException($"It is read, but not once it is written as {text}: {refusal.Message}");
        }
    }

    private static bool IsTooLarge(RequestException refusal) =>
        refusal.Message.Contains("more than", StringComparison.Ordinal) || refusal.Message.Contains("nested deeper", StringComparison.Ordinal);

    private static string Write(Condition condition) => condition switch
    {
        AndCondition and => $"({Write(and.Left)}) and ({Write(and.Right)})",
        OrCondition or => $"({Write(or.Left)}) or ({Write(or.Right)})",
        NotCondition not => $"not ({Write(not.Inner)})",
        Comparison comparison => $"{Write(comparison.Left)} {Written(comparison.Operator)} {Write(comparison.Right)}",
        InCondition list => $"{Write(list.Operand)} in ({string.Join(", ", list.Values.Select(Write))})",
        TextCondition text => $"{(text.Match switch { TextMatch.StartsWith => "startswith", TextMatch.EndsWith => "endswith", _ => "contains" })}({Write(text.Text)}, {Write(text.Pattern)})",
        TruthCondition truth => Write(truth.Operand),
        _ => throw new DisagreementException($"What the filter's reading uses has left it: {condition}"),
    };

    private static string Write(Operand operand) => operand switch
    {
        FieldOperand field => field.Field.SystemName,
        FunctionOperand function => $"{function.Function.ToString().ToLowerInvariant()}({string.Join(", ", function.Arguments.Select(Write))})",
        Constant { Value: null } => "null",
        Constant { Type: DataType.String, Value: string text } => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'",
        Constant { Value: string number } => number,
        Constant { Value: bool flag } => flag ? "true" : "false",
        Constant { Value: double number } => number.ToString("R", CultureInfo.InvariantCulture),
        Constant { Value: DateOnly date } => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        Constant { Value: DateTime instant } => instant.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture),
        Constant { Value: IFormattable number } => number.ToString(null, CultureInfo.InvariantCulture),
        _ => throw new DisagreementException($"What the filter's reading uses has left it: {operand}"),
    };

    private static string Written(ComparisonOperator comparison) => comparison switch
    {
        ComparisonOperator.Equal => "eq",
        ComparisonOperator.NotEqual => "ne",
        ComparisonOperator.Less => "lt",
        ComparisonOperator.LessOrEqual => "le",
        ComparisonOperator.Greater => "gt",
        _ => "ge",
    };
}
