using EntityImport.Entities;
using EntityImport.Records;
using Microsoft.OData.Edm;
using Microsoft.OData.UriParser;

namespace EntityImport.Server.Records;

/// <summary>
/// Makes conditions of what the OData library has read. Numbers and times are taken from their text: the library's own values are rounded.
/// </summary>
internal sealed class FilterTranslator(EntityDefinition entity)
{
    /// <summary>How many comparisons a filter may have, and expressions an order.</summary>
    private const int MaxTerms = 200;

    private int _terms = 1;

    /// <summary>The comparison that an operator is, or null.</summary>
    public static ComparisonOperator? Comparison(BinaryOperatorKind kind) => kind switch
    {
        BinaryOperatorKind.Equal => ComparisonOperator.Equal,
        BinaryOperatorKind.NotEqual => ComparisonOperator.NotEqual,
        BinaryOperatorKind.LessThan => ComparisonOperator.Less,
        BinaryOperatorKind.LessThanOrEqual => ComparisonOperator.LessOrEqual,
        BinaryOperatorKind.GreaterThan => ComparisonOperator.Greater,
        BinaryOperatorKind.GreaterThanOrEqual => ComparisonOperator.GreaterOrEqual,
        _ => null,
    };

    /// <summary>The refusal of an operator or a function.</summary>
    public static FormatException Unsupported(string what) => new($"'{what}' is not supported. {FilterParser.Supported}");

    /// <summary>The condition that a node is.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public Condition ToCondition(SingleValueNode node) => ToCondition(node, 0);

    /// <summary>The order that a clause states.</summary>
    /// <exception cref="FormatException">It states none.</exception>
    public IReadOnlyList<(Operand By, bool Descending)> ToOrder(OrderByClause clause)
    {
        var order = new List<(Operand, bool)>();
        for (var next = clause; next is not null; next = next.ThenBy)
        {
            if (order.Count == MaxTerms) throw new FormatException($"There are more than {MaxTerms} expressions.");
            var by = ToOperand(next.Expression);
            if (by is Literal) throw new FormatException("Expected fields, or functions of fields, to order by.");
            order.Add((by, next.Direction == OrderByDirection.Descending));
        }

        return order;
    }

    // Limits are checked on the way down, so that they bound the recursion.
    private Condition ToCondition(SingleValueNode node, int depth)
    {
        if (depth > FilterGuard.MaxDepth) throw FilterGuard.TooDeep();
        switch (node)
        {
            case ConvertNode convert:
                return ToCondition(convert.Source, depth);
            case BinaryOperatorNode { OperatorKind: BinaryOperatorKind.And or BinaryOperatorKind.Or } binary:
                if (++_terms > MaxTerms) throw new FormatException($"There are more than {MaxTerms} conditions. Use in (…) for lists of values.");
                var (left, right) = (ToCondition(binary.Left, depth), ToCondition(binary.Right, depth));
                return binary.OperatorKind == BinaryOperatorKind.And ? new AndCondition(left, right) : new OrCondition(left, right);
            case UnaryOperatorNode { OperatorKind: UnaryOperatorKind.Not } not:
                return new NotCondition(ToCondition(not.Operand, depth + 1));
            case BinaryOperatorNode binary when IsCondition(binary.Left):
                return Truth(binary.OperatorKind, ToCondition(binary.Left, depth + 1), binary.Right);
            default:
                return Term(node);
        }
    }

    private Condition Term(SingleValueNode node) => node switch
    {
        BinaryOperatorNode binary => FilterTypes.Compare(Comparison(binary.OperatorKind)!.Value, ToOperand(binary.Left), ToOperand(binary.Right)),
        InNode { Right: CollectionConstantNode list } @in => In(ToOperand(@in.Left), list),
        SingleValueFunctionCallNode function when Match(function) is { } match => Text(match, function),
        _ when ToOperand(node) is var operand && FilterTypes.TypeOf(operand) == DataType.Boolean => new TruthCondition(operand),
        _ => throw new FormatException("Expected a condition: a comparison, a BOOLEAN field, or one of contains, startswith and endswith."),
    };

    /// <summary>A condition that is compared with true or false, as some programs write it: <c>contains(Name,'x') eq true</c>.</summary>
    private static Condition Truth(BinaryOperatorKind kind, Condition condition, SingleValueNode right)
    {
        if (kind is not (BinaryOperatorKind.Equal or BinaryOperatorKind.NotEqual) || LiteralOf(right) is not { Kind: LiteralKind.Boolean } literal)
            throw new FormatException("A condition can only be compared with true or false, by eq or ne.");
        return bool.Parse(literal.Text) == (kind == BinaryOperatorKind.Equal) ? condition : new NotCondition(condition);
    }

    private static InCondition In(Operand operand, CollectionConstantNode list)
    {
        var type = FilterTypes.TypeOf(operand) ?? throw new FormatException("What stands before in must be a field or a function of one.");
        return new InCondition(operand, [.. Items(list, type).Select(item => FilterTypes.Resolve(item, type) is var value && FilterTypes.IsBetween(item, type) ? new Constant(type, null) : value)]);
    }

    /// <summary>The items of a list: texts as the library has read them, all others, which have no commas in them, from the list's text.</summary>
    private static IEnumerable<Literal> Items(CollectionConstantNode list, DataType type)
    {
        if (list.Collection.Count == 0) return [];
        if (type == DataType.String) return list.Collection.Select(LiteralOf);
        var kind = type switch
        {
            DataType.Boolean => LiteralKind.Boolean,
            DataType.Date or DataType.DateTime => LiteralKind.Time,
            _ => LiteralKind.Number,
        };
        return list.LiteralText[1..^1].Split(',', StringSplitOptions.TrimEntries).Select(item => item switch
        {
            "null" => new Literal(LiteralKind.Null, item),
            ['\'', .. var text, '\''] => new Literal(LiteralKind.Text, text),
            _ => new Literal(kind, item),
        });
    }

    private TextCondition Text(TextMatch match, SingleValueFunctionCallNode function) =>
        function.Parameters.ToArray() is [var text, var pattern]
            ? new TextCondition(match, Argument(function, text, DataType.String), Argument(function, pattern, DataType.String))
            : throw Unsupported(function.Name);

    private Operand ToOperand(QueryNode node)
    {
        if (IsCondition(node)) throw new FormatException("A condition stands where a value is expected.");
        return node switch
        {
            ConvertNode convert => ToOperand(convert.Source),
            _ when LiteralOf(node) is { } literal => literal,
            SingleValuePropertyAccessNode { Property.Name: var name } when entity.FindField(name) is { } field => new FieldOperand(field),
            SingleValueFunctionCallNode function => Function(function),
            UnaryOperatorNode { OperatorKind: UnaryOperatorKind.Negate } => throw Unsupported("-"),
            _ => throw new FormatException("Expected a field, a constant or a function. " + FilterParser.Supported),
        };
    }

    private FunctionOperand Function(SingleValueFunctionCallNode call)
    {
        return call.Name.ToUpperInvariant() switch
        {
            "TOLOWER" => Of(RecordFunction.ToLower, DataType.String),
            "TOUPPER" => Of(RecordFunction.ToUpper, DataType.String),
            "TRIM" => Of(RecordFunction.Trim, DataType.String),
            "LENGTH" => Of(RecordFunction.Length, DataType.String),
            "YEAR" => Of(RecordFunction.Year, DataType.Date, DataType.DateTime),
            "MONTH" => Of(RecordFunction.Month, DataType.Date, DataType.DateTime),
            "DAY" => Of(RecordFunction.Day, DataType.Date, DataType.DateTime),
            "HOUR" => Of(RecordFunction.Hour, DataType.DateTime),
            "MINUTE" => Of(RecordFunction.Minute, DataType.DateTime),
            "SECOND" => Of(RecordFunction.Second, DataType.DateTime),
            _ => throw Unsupported(call.Name),
        };

        FunctionOperand Of(RecordFunction function, params ReadOnlySpan<DataType> types) =>
            call.Parameters.ToArray() is [var argument] ? new FunctionOperand(function, [Argument(call, argument, types)]) : throw Unsupported(call.Name);
    }

    /// <summary>A function's argument. The library has checked types too, but takes a date for a time.</summary>
    private Operand Argument(SingleValueFunctionCallNode function, QueryNode node, params ReadOnlySpan<DataType> types)
    {
        var operand = ToOperand(node);
        // Of what type nothing is, a function of times does not say.
        if (operand is Literal { Kind: LiteralKind.Null } && types[0] != DataType.String) throw new FormatException($"{function.Name} of null says nothing. Expected a field.");
        if (operand is Literal literal) return FilterTypes.Resolve(literal, types[0]);
        if (FilterTypes.TypeOf(operand) is { } type && types.Contains(type)) return operand;
        throw new FormatException($"{function.Name} is a function of {string.Join(" or ", types.ToArray()).ToUpperInvariant()} values.");
    }

    private static bool IsCondition(QueryNode node) => node switch
    {
        ConvertNode convert => IsCondition(convert.Source),
        BinaryOperatorNode or InNode or UnaryOperatorNode { OperatorKind: UnaryOperatorKind.Not } => true,
        SingleValueFunctionCallNode function => Match(function) is not null,
        _ => false,
    };

    private static TextMatch? Match(SingleValueFunctionCallNode function) => function.Name.ToUpperInvariant() switch
    {
        "CONTAINS" => TextMatch.Contains,
        "STARTSWITH" => TextMatch.StartsWith,
        "ENDSWITH" => TextMatch.EndsWith,
        _ => null,
    };

    /// <summary>The constant that a node is, or null.</summary>
    private static Literal? LiteralOf(QueryNode node) => node switch
    {
        ConvertNode convert => LiteralOf(convert.Source),
        SingleValuePropertyAccessNode property => FilterResolver.Word(property.Property.Name),
        ConstantNode constant => LiteralOf(constant),
        _ => null,
    };

    private static Literal LiteralOf(ConstantNode constant) => (constant.Value, constant.TypeReference?.PrimitiveKind()) switch
    {
        (null, _) => new Literal(LiteralKind.Null, "null"),
        (string text, _) => new Literal(LiteralKind.Text, text),
        (bool, _) => new Literal(LiteralKind.Boolean, constant.LiteralText),
        (int or long or float or double or decimal, _) => new Literal(LiteralKind.Number, WithoutSuffix(constant.LiteralText)),
        (_, EdmPrimitiveTypeKind.Date or EdmPrimitiveTypeKind.DateTimeOffset) => new Literal(LiteralKind.Time, constant.LiteralText),
        _ => new Literal(LiteralKind.Other, constant.LiteralText),
    };

    /// <summary>A number without the letter that OData may put behind it to say its type: <c>1.5M</c>.</summary>
    private static string WithoutSuffix(string number) =>
        number is [.., >= '0' and <= '9', 'M' or 'm' or 'L' or 'l' or 'D' or 'd' or 'F' or 'f'] ? number[..^1] : number;
}
