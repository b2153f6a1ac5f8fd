using System.Globalization;
using EntityImport.Entities;
using EntityImport.Postgres.Connections;
using EntityImport.Records;

namespace EntityImport.Postgres.Records;

/// <summary>A <see cref="RecordQuery"/> in SQL. Constants are parameters; names come from the store alone.</summary>
internal sealed class RecordSql
{
    private readonly List<object?> _parameters = [];
    private readonly EntityTable _table;
    private readonly RecordQuery _query;
    private readonly string? _where;
    private readonly string _order;

    public RecordSql(EntityTable table, RecordQuery query)
    {
        _table = table;
        _query = query;
        _where = query.Filter is null ? null : Write(query.Filter);
        if (query.ChangedAfter is { } number)
        {
            var changed = string.Create(CultureInfo.InvariantCulture, $"{Sql.Version} > {number}");
            if (query.NotBy.Count > 0) changed += $" AND {Sql.Version} NOT IN ({string.Join(", ", query.NotBy.Select(other => other.ToString(CultureInfo.InvariantCulture)))})";
            _where = _where is null ? changed : $"({_where}) AND {changed}";
        }

        FilterParameters = [.. _parameters];
        _order = string.Join(", ", query.OrderBy.Select(by => $"{Write(by.By)} {(by.Descending ? "DESC NULLS LAST" : "ASC NULLS FIRST")}")
            .Concat(query.Entity.Key.Any() ? query.Entity.Key.Select(Column) : [$"{Sql.Target}.{Sql.RowId}"]));
    }

    /// <summary>The query for the values of the records, in their order.</summary>
    public string Page => string.Create(
        CultureInfo.InvariantCulture, $"SELECT {string.Join(", ", _query.Select.Select(AsText))} FROM {_table.Table} {Sql.Target}{Where} ORDER BY {_order} LIMIT {_query.Top} OFFSET {_query.Skip}");

    /// <summary>The query for their number.</summary>
    public string Count => $"SELECT count(*) FROM {_table.Table} {Sql.Target}{Where}";

    /// <summary>The parameters of <see cref="Page"/>.</summary>
    public IReadOnlyList<object?> Parameters => _parameters;

    /// <summary>The parameters of <see cref="Count"/> and <see cref="Of"/>.</summary>
    public IReadOnlyList<object?> FilterParameters { get; }

    /// <summary>The query for all fields of the records of a relation that fulfil the condition, behind the columns of the store's own.</summary>
    public string Of(string relation, IEnumerable<FieldDefinition> fields, params string[] columns) => $"SELECT {string.Join(", ", columns.Concat(fields.Select(AsText)))} FROM {relation} {Sql.Target}{Where}";

    private string Where => _where is null ? "" : $" WHERE {_where}";

    /// <summary>A field's column. Without the table's name, an order would be that of the text which is selected of it.</summary>
    private string Column(FieldDefinition field) => $"{Sql.Target}.{_table.Column(field)}";

    private string AsText(FieldDefinition field) => AsText(field, Column(field));

    /// <summary>A column with values of a field as the text that <see cref="RecordPage.Records"/> promises; that of a DOUBLE is made of its value.</summary>
    public static string AsText(FieldDefinition field, string column) => field.DataType switch
    {
        // An older record may have been written with fewer digits behind the point.
        _ when field.IsDecimal => string.Create(CultureInfo.InvariantCulture, $"round({column}, {field.Scale})::text"),
        DataType.Date => $"to_char({column}, 'YYYY-MM-DD')",
        DataType.DateTime => $"rtrim(rtrim(to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US'), '0'), '.') || 'Z'",
        DataType.Double or DataType.String => column,
        _ => $"{column}::text",
    };

    private string Write(Condition condition) => condition switch
    {
        AndCondition and => $"({Write(and.Left)} AND {Write(and.Right)})",
        OrCondition or => $"({Write(or.Left)} OR {Write(or.Right)})",
        // What is unknown because of null is not fulfilled, and its opposite is.
        NotCondition not => $"(NOT coalesce({Write(not.Inner)}, false))",
        // An index is of use where it is written so; with a constant that is not null it means the same.
        Comparison { Operator: ComparisonOperator.Equal } equal when IsValue(equal.Left) || IsValue(equal.Right) => Write(equal, "="),
        Comparison comparison => Write(comparison, Operator(comparison.Operator)),
        InCondition { Values.Count: 0 } => "false",
        // In a list, null is equal to nothing.
        InCondition @in => Write(@in),
        TextCondition text => Write(text),
        TruthCondition truth => Write(truth.Operand),
        _ => throw new ArgumentOutOfRangeException(nameof(condition), condition, "Unknown condition."),
    };

    private string Write(Comparison comparison, string sign)
    {
        var areInstants = IsInstant(comparison.Left) || IsInstant(comparison.Right);
        return $"({Write(comparison.Left, areInstants)} {sign} {Write(comparison.Right, areInstants)})";
    }

    private string Write(InCondition condition)
    {
        var areInstants = IsInstant(condition.Operand) || condition.Values.Any(IsInstant);
        return $"({Write(condition.Operand, areInstants)} IN ({string.Join(", ", condition.Values.Select(value => Write(value, areInstants)))}))";
    }

    /// <summary>A side of a comparison. Where instants are compared, a date is its first one in UTC, and not in the time zone that the server is set to.</summary>
    private string Write(Operand operand, bool areInstants) => areInstants && operand is (FieldOperand { Field.DataType: DataType.Date } or Constant { Type: DataType.Date }) ? $"({Write(operand)}::timestamp AT TIME ZONE 'UTC')" : Write(operand);

    private static bool IsValue(Operand operand) => operand is Constant { Value: not null };

    private string Write(TextCondition condition)
    {
        var (text, pattern) = (Write(condition.Text), Write(condition.Pattern));
        return condition.Match switch
        {
            TextMatch.StartsWith => $"starts_with({text}, {pattern})",
            TextMatch.EndsWith => $"(right({text}, length({pattern})) = {pattern})",
            TextMatch.Contains => $"(strpos({text}, {pattern}) > 0)",
            _ => throw new ArgumentOutOfRangeException(nameof(condition), condition.Match, "Unknown match."),
        };
    }

    private string Write(Operand operand) => operand switch
    {
        FieldOperand field => Column(field.Field),
        Constant constant => Parameter(constant),
        FunctionOperand function => Write(function),
        _ => throw new ArgumentOutOfRangeException(nameof(operand), operand, "Unknown operand."),
    };

    private string Write(FunctionOperand function)
    {
        var argument = Write(function.Arguments[0]);
        return function.Function switch
        {
            RecordFunction.ToLower => LetterCase.ToLower(argument),
            RecordFunction.ToUpper => LetterCase.ToUpper(argument),
            RecordFunction.Trim => $"btrim({argument})",
            RecordFunction.Length => $"length({argument})::bigint",
            RecordFunction.Year => Part("year"),
            RecordFunction.Month => Part("month"),
            RecordFunction.Day => Part("day"),
            RecordFunction.Hour => Part("hour"),
            RecordFunction.Minute => Part("minute"),
            RecordFunction.Second => Part("second"),
            _ => throw new ArgumentOutOfRangeException(nameof(function), function.Function, "Unknown function."),
        };

        string Part(string name) => $"floor(extract({name} FROM {(IsInstant(function.Arguments[0]) ? $"({argument} AT TIME ZONE 'UTC')" : argument)}))::bigint";
    }

    private static bool IsInstant(Operand operand) => operand is FieldOperand { Field.DataType: DataType.DateTime } or Constant { Type: DataType.DateTime };

    private string Parameter(Constant constant)
    {
        if (constant.Value is null) return "NULL";
        _parameters.Add(constant.Value switch
        {
            DateOnly date => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            DateTime instant => instant.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture),
            var value => value,
        });
        var place = string.Create(CultureInfo.InvariantCulture, $"${_parameters.Count}");
        return constant.Type switch
        {
            DataType.Date => $"{place}::text::date",
            DataType.DateTime => $"{place}::text::timestamptz",
            // Of any size: numeric compares exactly with it.
            DataType.Decimal or DataType.Currency or DataType.Percent => $"{place}::text::numeric",
            DataType.String => $"{place}::text COLLATE \"C\"",
            _ => place,
        };
    }

    private static string Operator(ComparisonOperator comparison) => comparison switch
    {
        ComparisonOperator.Equal => "IS NOT DISTINCT FROM",
        ComparisonOperator.NotEqual => "IS DISTINCT FROM",
        ComparisonOperator.Less => "<",
        ComparisonOperator.LessOrEqual => "<=",
        ComparisonOperator.Greater => ">",
        ComparisonOperator.GreaterOrEqual => ">=",
        _ => throw new ArgumentOutOfRangeException(nameof(comparison), comparison, "Unknown operator."),
    };
}
