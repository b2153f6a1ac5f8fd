using System.Globalization;
using EntityImport.DuckDb.Connections;
using EntityImport.Entities;
using EntityImport.Records;

namespace EntityImport.DuckDb.Records;

/// <summary>A <see cref="RecordQuery"/> in SQL. Constants are parameters; names come from the entity's definition alone.</summary>
internal sealed class RecordSql
{
    private const string FoundId = "\"#id\"";

    /// <summary>The characters by which long texts are ordered, as long as they differ in them.</summary>
    private const int BeginningLength = 500;

    private readonly List<object?> _parameters = [];
    private readonly HashSet<FieldDefinition> _fields = [];
    private readonly string _table;
    private readonly string? _where;
    private readonly string _cut;
    private readonly Order[] _order;

    public RecordSql(RecordQuery query)
    {
        _table = Sql.Table(query.Entity);
        _where = query.Filter is null ? null : Write(query.Filter);
        if (query.ChangedAfter is { } number)
        {
            var changed = string.Create(CultureInfo.InvariantCulture, $"{Sql.Version} > {number}");
            if (query.NotBy.Count > 0) changed += $" AND {Sql.Version} NOT IN ({string.Join(", ", query.NotBy.Select(other => other.ToString(CultureInfo.InvariantCulture)))})";
            _where = _where is null ? changed : $"({_where}) AND {changed}";
        }

        FilterParameters = [.. _parameters];
        _order = [.. query.OrderBy.Select(by => new Order(Write(by.By), by.Descending ? "DESC NULLS LAST" : "ASC NULLS FIRST", IsText(by.By)))
            .Concat(query.Entity.Key.Any() ? query.Entity.Key.Select(field => new Order(Sql.Column(field), "ASC NULLS FIRST", field.DataType == DataType.String)) : [new Order(Sql.RowId, "ASC NULLS FIRST", false)])];
        _fields.UnionWith(query.Entity.Key);
        _cut = string.Create(CultureInfo.InvariantCulture, $"LIMIT {query.Top} OFFSET {query.Skip}");
    }

    /// <summary>The query for which records there are, in their order, by DuckDB's own names of them: it sorts keys, and no other values.</summary>
    public string Page => $"SELECT {Sql.RowId} FROM {_table}{Where} ORDER BY {string.Join(", ", _order.Select(by => $"{by.Expression} {by.Direction}"))} {_cut}";

    /// <summary>The query for the values of the record that fulfils the condition, behind the record's name, and of a second one where there is one.</summary>
    public string Whole(IEnumerable<FieldDefinition> select) => $"SELECT {string.Join(", ", select.Select(AsText).Prepend(Sql.RowId))} FROM {_table}{Where} LIMIT 2";

    /// <summary>The query for all fields of the records of a table that fulfil the condition, behind the columns of the store's own.</summary>
    public string Of(string table, IEnumerable<FieldDefinition> fields, params string[] columns) => $"SELECT {string.Join(", ", columns.Concat(fields.Select(AsText)))} FROM {table}{Where}";

    /// <summary>The query for their number.</summary>
    public string Count => $"SELECT count(*) FROM {_table}{Where}";

    /// <summary>The parameters of <see cref="Page"/> and <see cref="Found"/>.</summary>
    public IReadOnlyList<object?> Parameters => _parameters;

    /// <summary>The parameters of <see cref="Count"/>, <see cref="Whole"/> and <see cref="Of"/>.</summary>
    public IReadOnlyList<object?> FilterParameters { get; }

    /// <summary>The fields that condition and order depend on.</summary>
    public IReadOnlyCollection<FieldDefinition> Fields => _fields;

    /// <summary>The query for the records of a range that fulfil the condition, with what orders them, as <see cref="FoundPage"/> expects it in a table.</summary>
    /// <param name="range">The range.</param>
    /// <param name="beginnings">Whether texts are represented by how they begin, and a digest: sorting long texts takes several times their size.</param>
    public string Found((long First, long Last) range, bool beginnings)
    {
        var order = string.Join(", ", _order.Select((by, i) => beginnings && by.IsText
            ? $"left({by.Expression}, {BeginningLength}) AS {OrderColumn(i)}, CASE WHEN length({by.Expression}) > {BeginningLength} THEN sha256({by.Expression}) END AS {DigestColumn(i)}"
            : $"{by.Expression} AS {OrderColumn(i)}"));
        return $"SELECT {Sql.RowId} AS {FoundId}, {order} FROM {Sql.Range(_table, _fields, range)}{Where}";
    }

    /// <summary>The query for which of the records that were found there are, in their order.</summary>
    public string FoundPage(string found) =>
        $"SELECT {FoundId} FROM {found} ORDER BY {string.Join(", ", _order.Select((by, i) => $"{OrderColumn(i)} {by.Direction}"))} {_cut}";

    /// <summary>The query for whether records that were found are different texts that begin alike, so that how they begin does not order them; null where no text orders them.</summary>
    public string? AlikeBeginnings(string found)
    {
        var alike = _order.Index().Where(by => by.Item.IsText).Select(by =>
            $"EXISTS (SELECT 1 FROM {found} GROUP BY {string.Join(", ", Enumerable.Range(0, by.Index + 1).Select(OrderColumn))} HAVING count(DISTINCT coalesce({DigestColumn(by.Index)}, '')) > 1)").ToList();
        return alike.Count == 0 ? null : $"SELECT {string.Join(" OR ", alike)}";
    }

    /// <summary>The query for some fields of some records, behind the records' names, in any order.</summary>
    /// <param name="entity">The entity.</param>
    /// <param name="fields">The fields.</param>
    /// <param name="which">The condition that <see cref="Sql.RowId"/> fulfils.</param>
    public static string Values(EntityDefinition entity, IEnumerable<FieldDefinition> fields, string which) =>
        $"SELECT {string.Join(", ", fields.Select(AsText).Prepend(Sql.RowId))} FROM {Sql.Table(entity)} WHERE {which}";

    /// <summary>A field as the text that <see cref="RecordPage.Records"/> promises.</summary>
    public static string AsText(FieldDefinition field) => AsText(field, Sql.Column(field));

    /// <summary>A column with values of a field as that text.</summary>
    public static string AsText(FieldDefinition field, string column) => field.DataType == DataType.DateTime
        ? $"replace(CAST({column} AS VARCHAR), ' ', 'T') || 'Z'"
        : $"CAST({column} AS VARCHAR)";

    private string Write(Condition condition) => condition switch
    {
        AndCondition and => $"({Write(and.Left)} AND {Write(and.Right)})",
        OrCondition or => $"({Write(or.Left)} OR {Write(or.Right)})",
        // What is unknown because of null is not fulfilled, and its opposite is.
        NotCondition not => $"(NOT coalesce({Write(not.Inner)}, false))",
        Comparison { Right: Constant right } comparison when DecimalComparison.Applies(comparison.Left, right) =>
            Write(comparison.Operator, comparison.Left, right),
        Comparison { Left: Constant left } comparison when DecimalComparison.Applies(comparison.Right, left) =>
            Write(DecimalComparison.Mirror(comparison.Operator), comparison.Right, left),
        // DuckDB passes over the records whose statistics tell that none of them fulfils it, but only where it is written so; with a constant that is not null it means the same.
        Comparison { Operator: ComparisonOperator.Equal } equal when IsValue(equal.Left) || IsValue(equal.Right) => $"({Write(equal.Left)} = {Write(equal.Right)})",
        Comparison comparison => $"({Write(comparison.Left)} {Operator(comparison.Operator)} {Write(comparison.Right)})",
        InCondition { Values.Count: 0 } => "false",
        // In a list, null is equal to nothing.
        InCondition @in when @in.Values.Any(value => DecimalComparison.Applies(@in.Operand, value)) =>
            $"({string.Join(" OR ", @in.Values.Where(value => value.Value is not null).Select(value => WriteEqual(@in.Operand, value)))})",
        InCondition @in => $"({Write(@in.Operand)} IN ({string.Join(", ", @in.Values.Select(Write))}))",
        TextCondition text => $"{Function(text.Match)}({Write(text.Text)}, {Write(text.Pattern)})",
        TruthCondition truth => Write(truth.Operand),
        _ => throw new ArgumentOutOfRangeException(nameof(condition), condition, "Unknown condition."),
    };

    private static bool IsValue(Operand operand) => operand is Constant { Value: not null };

    private static bool IsText(Operand operand) =>
        operand is FieldOperand { Field.DataType: DataType.String } or FunctionOperand { Function: RecordFunction.ToLower or RecordFunction.ToUpper or RecordFunction.Trim };

    private static string DigestColumn(int index) => string.Create(CultureInfo.InvariantCulture, $"\"#digest{index}\"");

    private static string OrderColumn(int index) => string.Create(CultureInfo.InvariantCulture, $"\"#order{index}\"");

    private string Where => _where is null ? "" : $" WHERE {_where}";

    private string Column(FieldDefinition field)
    {
        _fields.Add(field);
        return Sql.Column(field);
    }

    private string WriteEqual(Operand left, Constant right) => Write(new Comparison(ComparisonOperator.Equal, left, right));

    /// <summary>A comparison of a decimal or whole number with an exact constant, in the number's own type: a common type of both may not exist.</summary>
    private string Write(ComparisonOperator comparison, Operand operand, Constant constant)
    {
        var type = DecimalComparison.TypeOf(operand)!;
        var (@operator, value) = DecimalComparison.Fit(comparison, type, Convert.ToString(constant.Value, CultureInfo.InvariantCulture)!);
        if (value is null) return @operator is null ? $"({Write(operand)} IS NOT NULL)" : @operator == ComparisonOperator.NotEqual ? "true" : "false";
        _parameters.Add(value);
        var number = string.Create(CultureInfo.InvariantCulture, $"CAST(${_parameters.Count} AS {Sql.Type(type)})");
        return $"({Write(operand)} {(@operator == ComparisonOperator.Equal ? "=" : Operator(@operator!.Value))} {number})";
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
        var arguments = string.Join(", ", function.Arguments.Select(Write));
        return function.Function switch
        {
            RecordFunction.ToLower => $"lower({arguments})",
            RecordFunction.ToUpper => $"upper({arguments})",
            RecordFunction.Trim => $"trim({arguments})",
            RecordFunction.Length => $"length({arguments})",
            RecordFunction.Year => $"year({arguments})",
            RecordFunction.Month => $"month({arguments})",
            RecordFunction.Day => $"day({arguments})",
            RecordFunction.Hour => $"hour({arguments})",
            RecordFunction.Minute => $"minute({arguments})",
            RecordFunction.Second => $"second({arguments})",
            _ => throw new ArgumentOutOfRangeException(nameof(function), function.Function, "Unknown function."),
        };
    }

    private string Parameter(Constant constant)
    {
        // Of a null without a type DuckDB cannot tell whether a text or a list is to contain something.
        if (constant.Value is null) return constant.Type == DataType.String ? "CAST(NULL AS VARCHAR)" : "NULL";
        _parameters.Add(constant.Value switch
        {
            DateOnly date => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            DateTime instant => instant.ToString("yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture),
            var value => value,
        });
        var place = string.Create(CultureInfo.InvariantCulture, $"${_parameters.Count}");
        return constant.Type switch
        {
            DataType.Date => $"CAST({place} AS DATE)",
            DataType.DateTime => $"CAST({place} AS TIMESTAMP)",
            DataType.Decimal or DataType.Currency or DataType.Percent => DecimalParameter(place, (string)constant.Value),
            _ => place,
        };
    }

    /// <summary>A decimal constant at its own scale: a cast to another one would round it.</summary>
    private static string DecimalParameter(string place, string value)
    {
        var point = value.IndexOf('.', StringComparison.Ordinal);
        var scale = point < 0 ? 0 : value.Length - point - 1;
        return string.Create(CultureInfo.InvariantCulture, $"CAST({place} AS DECIMAL({FieldDefinition.MaxPrecision},{scale}))");
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

    private static string Function(TextMatch match) => match switch
    {
        TextMatch.StartsWith => "starts_with",
        TextMatch.EndsWith => "ends_with",
        TextMatch.Contains => "contains",
        _ => throw new ArgumentOutOfRangeException(nameof(match), match, "Unknown match."),
    };

    /// <summary>What records are ordered by.</summary>
    private sealed record Order(string Expression, string Direction, bool IsText);
}
