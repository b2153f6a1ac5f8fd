using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;
using EntityImport.Entities;
using EntityImport.Records;
using EntityImport.Server.Http;

namespace EntityImport.Server.Records;

/// <summary>
/// Which operands can be compared, and what a literal is of the type that it is compared with. Numbers are never read as binary floating point
/// unless the field is a DOUBLE, so that all 38 digits count.
/// </summary>
internal static partial class FilterTypes
{
    private const int MaxExponent = 400;

    /// <summary>The type of an operand; null for a literal, which takes the other one's.</summary>
    public static DataType? TypeOf(Operand operand) => operand switch
    {
        FieldOperand field => field.Field.DataType,
        FunctionOperand { Function: RecordFunction.ToLower or RecordFunction.ToUpper or RecordFunction.Trim } => DataType.String,
        FunctionOperand => DataType.Integer,
        Constant constant => constant.Type,
        _ => null,
    };

    /// <summary>The comparison of two operands, one of them at least a field or a function of one.</summary>
    /// <exception cref="FormatException">They cannot be compared.</exception>
    public static Condition Compare(ComparisonOperator comparison, Operand left, Operand right)
    {
        if ((TypeOf(left) ?? TypeOf(right)) is not { } type) throw new FormatException("One side of a comparison must be a field or a function of one.");
        if (left is Literal leftLiteral)
        {
            return IsBetween(leftLiteral, type) ? Between(Turned(comparison), right, Resolve(leftLiteral, type)) : new Comparison(comparison, Resolve(leftLiteral, type), right);
        }

        if (right is Literal literal)
        {
            if (IsBetween(literal, type)) return Between(comparison, left, Resolve(literal, type));
            var constant = Resolve(literal, type);
            return comparison == ComparisonOperator.Equal ? Equal(left, constant) : new Comparison(comparison, left, constant);
        }

        if (Group(type) != Group(TypeOf(right)!.Value)) throw new FormatException($"{Name(type)} cannot be compared with {Name(TypeOf(right)!.Value)}.");
        return new Comparison(comparison, left, right);
    }

    /// <summary>That an operand equals a constant; a text that ends in <c>*</c> means "begins with".</summary>
    public static Condition Equal(Operand left, Constant right) =>
        right.Value is string text && right.Type == DataType.String && text.EndsWith('*')
            ? new TextCondition(TextMatch.StartsWith, left, right with { Value = text[..^1] })
            : new Comparison(ComparisonOperator.Equal, left, right);

    /// <summary>Whether a literal is a time that no record has: it lies between two microseconds. As a constant it is the earlier one.</summary>
    public static bool IsBetween(Literal literal, DataType type) => literal.Kind is LiteralKind.Time or LiteralKind.Text && Group(type) == DataType.DateTime && BetweenPattern().IsMatch(literal.Text.Trim());

    /// <summary>That a field has the value that stands in <c>field=value</c>.</summary>
    /// <exception cref="FormatException">It is none of the field's type.</exception>
    public static Condition Equal(FieldDefinition field, string text)
    {
        var (operand, constant) = (new FieldOperand(field), Plain(field, text));
        return IsBetween(new Literal(LiteralKind.Text, text), field.DataType) ? Between(ComparisonOperator.Equal, operand, constant) : Equal(operand, constant);
    }

    /// <summary>The comparison with a time that lies between a microsecond and the next one.</summary>
    private static Condition Between(ComparisonOperator comparison, Operand operand, Constant earlier) => comparison switch
    {
        ComparisonOperator.Less or ComparisonOperator.LessOrEqual => new Comparison(ComparisonOperator.LessOrEqual, operand, earlier),
        ComparisonOperator.Greater or ComparisonOperator.GreaterOrEqual => new Comparison(ComparisonOperator.Greater, operand, earlier),
        ComparisonOperator.Equal => new AndCondition(new Comparison(ComparisonOperator.LessOrEqual, operand, earlier), new Comparison(ComparisonOperator.Greater, operand, earlier)),
        _ => new NotCondition(Between(ComparisonOperator.Equal, operand, earlier)),
    };

    private static ComparisonOperator Turned(ComparisonOperator comparison) => comparison switch
    {
        ComparisonOperator.Less => ComparisonOperator.Greater,
        ComparisonOperator.LessOrEqual => ComparisonOperator.GreaterOrEqual,
        ComparisonOperator.Greater => ComparisonOperator.Less,
        ComparisonOperator.GreaterOrEqual => ComparisonOperator.LessOrEqual,
        _ => comparison,
    };

    /// <summary>The constant that a literal is of a type.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static Constant Resolve(Literal literal, DataType type) => (literal.Kind, Group(type)) switch
    {
        (LiteralKind.Null, _) => new Constant(type, null),
        (LiteralKind.Text, DataType.String) => Text(literal.Text),
        (LiteralKind.Number, DataType.Decimal) => Number(literal.Text, type),
        (LiteralKind.Boolean, DataType.Boolean) => Boolean(literal.Text),
        // Dates in quotes are no OData, but cannot be meant otherwise.
        (LiteralKind.Time or LiteralKind.Text, DataType.DateTime) => Time(literal.Text, type),
        _ => throw new FormatException($"{Written(literal)} cannot be compared with {Name(type)}."),
    };

    /// <summary>A value as it stands in <c>field=value</c>, without quotes; nothing at all is null.</summary>
    /// <exception cref="FormatException">It is none of the field's type.</exception>
    public static Constant Plain(FieldDefinition field, string text) => Group(field.DataType) switch
    {
        _ when text.Length == 0 => new Constant(field.DataType, null),
        DataType.String => Text(text),
        DataType.Boolean => Boolean(text),
        DataType.DateTime => Time(text, field.DataType),
        _ => Number(text, field.DataType),
    };

    /// <summary>No record has a text with U+0000, and the databases take none: one refuses it, the other reads only what stands before it.</summary>
    private static Constant Text(string text) =>
        text.Contains('\0', StringComparison.Ordinal)
            ? throw new FormatException("No text of a record has the character U+0000: expected one without it.")
            : new Constant(DataType.String, text);

    private static Constant Boolean(string text) =>
        bool.TryParse(text, out var value)
            ? new Constant(DataType.Boolean, value)
            : throw new FormatException($"Expected true or false, not '{Refusal.Cut(text)}'.");

    private static Constant Number(string text, DataType type)
    {
        var number = text.Trim();
        if (!NumberPattern().IsMatch(number)) throw new FormatException($"Expected a number like -12.5, not '{Refusal.Cut(text)}'.");
        if (type != DataType.Double) return Exact(number);
        var value = double.Parse(number, NumberStyles.Float, CultureInfo.InvariantCulture);
        return double.IsFinite(value) ? new Constant(type, value) : throw new FormatException($"The number '{Refusal.Cut(text)}' is too large.");
    }

    /// <summary>A number in plain notation, without digits that do not count.</summary>
    private static Constant Exact(string text)
    {
        var e = text.IndexOfAny(['e', 'E']);
        var mantissa = (e < 0 ? text : text[..e]).TrimStart('+');
        var exponent = 0;
        if (e >= 0 && !int.TryParse(text.AsSpan(e + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent)) throw TooLong(text);
        if (exponent is < -MaxExponent or > MaxExponent) throw TooLong(text);
        var point = mantissa.IndexOf('.', StringComparison.Ordinal);
        var scale = (point < 0 ? 0 : mantissa.Length - point - 1) - exponent;
        var digits = BigInteger.Parse(mantissa.Replace(".", "", StringComparison.Ordinal), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        while (scale > 0 && digits % 10 == 0 && !digits.IsZero)
        {
            digits /= 10;
            scale--;
        }

        if (scale < 0 || digits.IsZero)
        {
            digits *= BigInteger.Pow(10, Math.Max(0, -scale));
            scale = 0;
        }

        if (scale == 0 && digits >= long.MinValue && digits <= long.MaxValue) return new Constant(DataType.Integer, (long)digits);
        var plain = BigInteger.Abs(digits).ToString(CultureInfo.InvariantCulture).PadLeft(scale + 1, '0');
        if (plain.TrimStart('0').Length > FieldDefinition.MaxPrecision || scale > FieldDefinition.MaxPrecision) throw TooLong(text);
        if (scale > 0) plain = plain.Insert(plain.Length - scale, ".");
        return new Constant(DataType.Decimal, digits.Sign < 0 ? "-" + plain : plain);
    }

    private static Constant Time(string text, DataType type)
    {
        var time = text.Trim();
        var fault = new FormatException($"Expected a date like 2024-01-31, or a time like 2024-01-31T10:20:30Z, not '{Refusal.Cut(text)}'.");
        if (!TimePattern().IsMatch(time)) throw fault;
        if (DateOnly.TryParseExact(time, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
            return type == DataType.Date ? new Constant(type, date) : new Constant(type, date.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc));
        if (FractionPattern().Match(time) is { Success: true } fraction) time = time.Remove(fraction.Index, fraction.Length);
        // In a URL, the plus of an offset is often sent as it is, and then read as a space.
        return DateTimeOffset.TryParse(time.Replace(' ', '+'), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant)
            ? new Constant(DataType.DateTime, instant.UtcDateTime)
            : throw fault;
    }

    /// <summary>One type for all that can be compared with each other.</summary>
    private static DataType Group(DataType type) => type switch
    {
        DataType.Integer or DataType.Decimal or DataType.Double or DataType.Currency or DataType.Percent => DataType.Decimal,
        DataType.Date or DataType.DateTime => DataType.DateTime,
        _ => type,
    };

    private static string Name(DataType type) => $"a value of the type {type.ToString().ToUpperInvariant()}";

    private static string Written(Literal literal) => literal.Kind == LiteralKind.Text ? $"The text '{Refusal.Cut(literal.Text)}'" : Refusal.Cut(literal.Text);

    private static FormatException TooLong(string text) => new($"The number '{Refusal.Cut(text)}' has more than {FieldDefinition.MaxPrecision} digits.");

    [GeneratedRegex(@"^[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex NumberPattern();

    /// <summary>A fraction of a second of which digits beyond the sixth count.</summary>
    [GeneratedRegex(@"\.[0-9]{6}0*[1-9]", RegexOptions.CultureInvariant)]
    private static partial Regex BetweenPattern();

    /// <summary>What stands behind the sixth digit of a fraction.</summary>
    [GeneratedRegex(@"(?<=\.[0-9]{6})[0-9]+", RegexOptions.CultureInvariant)]
    private static partial Regex FractionPattern();

    [GeneratedRegex(
        @"^[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?:Z|[+ -][0-9]{2}:[0-9]{2})?)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex TimePattern();
}
