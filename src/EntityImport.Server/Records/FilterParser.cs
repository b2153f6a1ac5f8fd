using EntityImport.Entities;
using EntityImport.Server.Http;
using EntityImport.Storage;

namespace EntityImport.Server.Records;

/// <summary>
/// Reads OData conditions. The general OData library is not used because it reads numbers as <see cref="double"/> or <see cref="decimal"/>:
/// it refuses more than 28 digits, and <c>n in (1.5)</c> finds 2.
/// </summary>
/// <remarks>
/// <code>
/// or         = and *( "or" and )
/// and        = not *( "and" not )
/// not        = "not" not | comparison
/// comparison = value [ ( "eq" | "ne" | "lt" | "le" | "gt" | "ge" ) value | "in" "(" [ literal *( "," literal ) ] ")" ]
/// value      = literal | field | function "(" value *( "," value ) ")" | "(" or ")"
/// </code>
/// </remarks>
internal sealed class FilterParser
{
    /// <summary>What filters may contain, for people.</summary>
    public const string Supported =
        "Supported: eq, ne, lt, le, gt, ge, in (…), and, or, not, parentheses, contains, startswith, endswith, tolower, toupper, trim, length, year, month, day, hour, minute, second.";

    /// <summary>How deep parentheses, functions and <c>not</c> may be nested.</summary>
    private const int MaxDepth = 50;

    /// <summary>How many comparisons a filter may have.</summary>
    private const int MaxTerms = 200;

    private readonly EntityDefinition _entity;
    private readonly List<FilterToken> _tokens;
    private int _at;
    private int _depth;
    private int _terms;

    private FilterParser(EntityDefinition entity, string text)
    {
        _entity = entity;
        _tokens = FilterLexer.Read(text);
    }

    private FilterToken Next => _tokens[_at];

    /// <summary>The condition that a <c>$filter</c> states.</summary>
    /// <exception cref="RequestException">It is malformed.</exception>
    public static Condition ParseFilter(EntityDefinition entity, string text) => Parse("$filter", entity, text, parser => AsCondition(parser.Or()));

    /// <summary>The order that a <c>$orderby</c> states.</summary>
    /// <exception cref="RequestException">It is malformed.</exception>
    public static IReadOnlyList<(Operand By, bool Descending)> ParseOrderBy(EntityDefinition entity, string text) =>
        Parse("$orderby", entity, text, parser => parser.OrderBy());

    private static T Parse<T>(string option, EntityDefinition entity, string text, Func<FilterParser, T> parse)
    {
        try
        {
            var parser = new FilterParser(entity, text);
            var result = parse(parser);
            return parser.Next.Kind == FilterTokenKind.End ? result : throw parser.Unexpected("an operator or the end");
        }
        catch (FormatException e)
        {
            throw Refusal.Parameter(option, e.Message);
        }
    }

    private List<(Operand, bool)> OrderBy()
    {
        var order = new List<(Operand, bool)>();
        do
        {
            var by = Value() is Operand operand and not Literal ? operand : throw new FormatException("Expected fields, or functions of fields, to order by.");
            var descending = Skip("desc");
            if (!descending) Skip("asc");
            order.Add((by, descending));
        }
        while (Skip(","));
        return order;
    }

    // Conditions and operands share one grammar, since a BOOLEAN field is both; what a node is shows when it is used.
    private object Or()
    {
        var left = And();
        while (Skip("or")) left = new OrCondition(AsCondition(left), AsCondition(And()));
        return left;
    }

    private object And()
    {
        var left = Not();
        while (Skip("and")) left = new AndCondition(AsCondition(left), AsCondition(Not()));
        return left;
    }

    private object Not()
    {
        // not(…) followed by an operator would be read differently here than by others, who bind it tighter; nobody writes that.
        if (!Skip("not")) return Comparison();
        using var level = new Level(this);
        return new NotCondition(AsCondition(Not()));
    }

    private object Comparison()
    {
        if (++_terms > MaxTerms) throw new FormatException($"There are more than {MaxTerms} conditions. Use in (…) for lists of values.");
        var left = Value();
        if (Skip("in")) return In(AsOperand(left));
        if (Operator() is not { } comparison) return left;
        var right = Value();
        return left is Condition condition ? Truth(comparison, condition, right) : FilterTypes.Compare(comparison, AsOperand(left), AsOperand(right));
    }

    /// <summary>A condition that is compared with true or false, as some programs write it: <c>contains(Name,'x') eq true</c>.</summary>
    private static Condition Truth(ComparisonOperator comparison, Condition condition, object right)
    {
        if (comparison is not (ComparisonOperator.Equal or ComparisonOperator.NotEqual)
            || right is not Literal { Kind: FilterTokenKind.Word, IsNull: false } literal || !bool.TryParse(literal.Text, out var truth))
            throw new FormatException("A condition can only be compared with true or false, by eq or ne.");
        return truth == (comparison == ComparisonOperator.Equal) ? condition : new NotCondition(condition);
    }

    private InCondition In(Operand operand)
    {
        var type = FilterTypes.TypeOf(operand) ?? throw new FormatException("What stands before in must be a field or a function of one.");
        var values = new List<Constant>();
        Expect("(");
        if (!Skip(")"))
        {
            do
                values.Add(FilterTypes.Resolve(AsOperand(Value()) as Literal ?? throw new FormatException("A list may only have constants."), type));
            while (Skip(","));
            Expect(")");
        }

        return new InCondition(operand, values);
    }

    private object Value()
    {
        using var level = new Level(this);
        var token = Next;
        if (Skip("("))
        {
            var inner = Or();
            Expect(")");
            return inner;
        }

        if (token.Kind is FilterTokenKind.End or FilterTokenKind.Mark) throw Unexpected("a field, a constant or a function");
        _at++;
        if (token.Kind != FilterTokenKind.Word) return new Literal(token.Kind, token.Text);
        if (Next.Is("(")) return Function(token);
        // A field may have the name of a constant, but then could not be told from it.
        if (token.Is("true") || token.Is("false") || token.Is("null")) return new Literal(token.Kind, token.Text);
        return new FieldOperand(_entity.FindField(token.Text)
            ?? throw new FormatException($"'{_entity.SystemName}' has no field '{Refusal.Cut(token.Text)}' (position {token.Position})."));
    }

    private object Function(FilterToken name)
    {
        var arguments = new List<Operand>();
        Expect("(");
        do arguments.Add(AsOperand(Value()));
        while (Skip(","));
        Expect(")");
        return name.Text.ToUpperInvariant() switch
        {
            "CONTAINS" => Text(TextMatch.Contains),
            "STARTSWITH" => Text(TextMatch.StartsWith),
            "ENDSWITH" => Text(TextMatch.EndsWith),
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
            _ => throw new FormatException($"The function '{Refusal.Cut(name.Text)}' at position {name.Position} is not supported. {Supported}"),
        };

        TextCondition Text(TextMatch match)
        {
            if (arguments is not [var text, var pattern]) throw Arguments(2);
            return new TextCondition(match, Typed(text, DataType.String), Typed(pattern, DataType.String));
        }

        FunctionOperand Of(RecordFunction function, params ReadOnlySpan<DataType> types)
        {
            if (arguments is not [var argument]) throw Arguments(1);
            return new FunctionOperand(function, [Typed(argument, types)]);
        }

        Operand Typed(Operand operand, params ReadOnlySpan<DataType> types)
        {
            if (operand is Literal literal) return FilterTypes.Resolve(literal, types[0]);
            if (FilterTypes.TypeOf(operand) is { } type && types.Contains(type)) return operand;
            throw new FormatException($"{name.Text} at position {name.Position} is a function of {string.Join(" or ", types.ToArray()).ToUpperInvariant()} values.");
        }

        FormatException Arguments(int count) => new($"{name.Text} at position {name.Position} takes {count} argument{(count == 1 ? "" : "s")}, not {arguments.Count}.");
    }

    private ComparisonOperator? Operator()
    {
        if (Next.Kind != FilterTokenKind.Word) return null;
        ComparisonOperator? comparison = Next.Text.ToUpperInvariant() switch
        {
            "EQ" => ComparisonOperator.Equal,
            "NE" => ComparisonOperator.NotEqual,
            "LT" => ComparisonOperator.Less,
            "LE" => ComparisonOperator.LessOrEqual,
            "GT" => ComparisonOperator.Greater,
            "GE" => ComparisonOperator.GreaterOrEqual,
            "ADD" or "SUB" or "MUL" or "DIV" or "DIVBY" or "MOD" or "HAS" =>
                throw new FormatException($"'{Next.Text}' at position {Next.Position} is not supported. {Supported}"),
            _ => null,
        };
        if (comparison is not null) _at++;
        return comparison;
    }

    private static Condition AsCondition(object node) => node switch
    {
        Condition condition => condition,
        Operand operand when FilterTypes.TypeOf(operand) == DataType.Boolean => new TruthCondition(operand),
        _ => throw new FormatException("Expected a condition: a comparison, a BOOLEAN field, or one of contains, startswith and endswith."),
    };

    private static Operand AsOperand(object node) => node as Operand ?? throw new FormatException("A condition stands where a value is expected.");

    private bool Skip(string word)
    {
        if (!Next.Is(word)) return false;
        _at++;
        return true;
    }

    private void Expect(string mark)
    {
        if (!Skip(mark)) throw Unexpected($"'{mark}'");
    }

    private FormatException Unexpected(string expected) => new($"Expected {expected} at position {Next.Position}, not {Refusal.Cut(Next.Text)}.");

    /// <summary>One level of nesting, while it is being read.</summary>
    private readonly ref struct Level
    {
        private readonly FilterParser _parser;

        public Level(FilterParser parser)
        {
            _parser = parser;
            if (++parser._depth > MaxDepth) throw new FormatException($"The condition is nested deeper than {MaxDepth} levels.");
        }

        public void Dispose() => _parser._depth--;
    }
}
