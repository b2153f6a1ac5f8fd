using System.Globalization;
using System.Numerics;
using EntityImport.Entities;
using EntityImport.Records;

namespace EntityImport.DuckDb.Records;

/// <summary>
/// Compares whole numbers or decimals with a constant of any size without ever rounding: the constant becomes a value of the field's own type,
/// and the operator is changed where none is equal to it.
/// </summary>
internal static class DecimalComparison
{
    private const int LongDigits = 19;

    /// <summary>What functions that count answer with.</summary>
    private static readonly FieldDefinition Whole = new() { SystemName = "", DataType = DataType.Integer };

    /// <summary>The type of an operand that has exact numbers, or null.</summary>
    public static FieldDefinition? TypeOf(Operand operand) => operand switch
    {
        FieldOperand { Field: { IsDecimal: true } or { DataType: DataType.Integer } } field => field.Field,
        FunctionOperand { Function: not (RecordFunction.ToLower or RecordFunction.ToUpper or RecordFunction.Trim) } => Whole,
        _ => null,
    };

    /// <summary>Whether an operand has exact numbers whose type the constant may not fit into.</summary>
    public static bool Applies(Operand operand, Constant constant) => constant switch
    {
        { Type: DataType.Decimal or DataType.Currency or DataType.Percent, Value: string } => TypeOf(operand) is not null,
        { Value: long } => TypeOf(operand) is { IsDecimal: true },
        _ => false,
    };

    /// <summary>The operator that says the same with the operands exchanged.</summary>
    public static ComparisonOperator Mirror(ComparisonOperator comparison) => comparison switch
    {
        ComparisonOperator.Less => ComparisonOperator.Greater,
        ComparisonOperator.LessOrEqual => ComparisonOperator.GreaterOrEqual,
        ComparisonOperator.Greater => ComparisonOperator.Less,
        ComparisonOperator.GreaterOrEqual => ComparisonOperator.LessOrEqual,
        _ => comparison,
    };

    /// <summary>Makes the constant a value of the field's type.</summary>
    /// <param name="comparison">The operator, the field on its left.</param>
    /// <param name="field">The field.</param>
    /// <param name="constant">The constant in plain notation: sign, digits, point, digits.</param>
    /// <returns>
    /// The operator and value to compare with. No value: the answer is the same for all values of the field; then the operator is
    /// <see cref="ComparisonOperator.Equal"/> for never, <see cref="ComparisonOperator.NotEqual"/> for always, and null for each that is not null.
    /// </returns>
    public static (ComparisonOperator? Operator, string? Value) Fit(ComparisonOperator comparison, FieldDefinition field, string constant)
    {
        var precision = field.IsDecimal ? field.Precision : LongDigits;
        var negative = constant.StartsWith('-');
        var digits = constant.TrimStart('-', '+');
        var point = digits.IndexOf('.', StringComparison.Ordinal);
        var whole = point < 0 ? digits : digits[..point];
        var decimals = (point < 0 ? "" : digits[(point + 1)..]).TrimEnd('0');
        var kept = decimals.Length <= field.Scale ? decimals.PadRight(field.Scale, '0') : decimals[..field.Scale];
        var isExact = decimals.Length <= field.Scale;
        // The largest value of the field's scale that is not above the constant.
        var scaled = BigInteger.Parse("0" + whole + kept, CultureInfo.InvariantCulture) * (negative ? -1 : 1);
        if (negative && !isExact) scaled -= 1;
        var (min, max) = field.IsDecimal
            ? (1 - BigInteger.Pow(10, precision), BigInteger.Pow(10, precision) - 1)
            : (long.MinValue, long.MaxValue);
        if (scaled < min || scaled > max)
        {
            var holds = comparison is ComparisonOperator.Less or ComparisonOperator.LessOrEqual ? scaled > max
                : comparison is ComparisonOperator.Greater or ComparisonOperator.GreaterOrEqual && scaled < min;
            return holds ? (null, null) : (comparison == ComparisonOperator.NotEqual ? comparison : ComparisonOperator.Equal, null);
        }

        if (isExact) return (comparison, Plain(scaled, field.Scale));
        return comparison switch
        {
            ComparisonOperator.Equal or ComparisonOperator.NotEqual => (comparison, null),
            ComparisonOperator.Less or ComparisonOperator.LessOrEqual => (ComparisonOperator.LessOrEqual, Plain(scaled, field.Scale)),
            _ => (ComparisonOperator.Greater, Plain(scaled, field.Scale)),
        };
    }

    private static string Plain(BigInteger scaled, int scale)
    {
        var digits = BigInteger.Abs(scaled).ToString(CultureInfo.InvariantCulture).PadLeft(scale + 1, '0');
        return (scaled.Sign < 0 ? "-" : "") + digits[..^scale] + (scale > 0 ? "." + digits[^scale..] : "");
    }
}
