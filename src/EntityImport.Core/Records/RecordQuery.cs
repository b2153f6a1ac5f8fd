using EntityImport.Entities;

namespace EntityImport.Records;

/// <summary>Which records of an entity to read.</summary>
public sealed record RecordQuery
{
    /// <summary>The most records that one call returns.</summary>
    public const int MaxTop = 2000;

    /// <summary>The entity.</summary>
    public required EntityDefinition Entity { get; init; }

    /// <summary>The fields to read, in this order.</summary>
    public required IReadOnlyList<FieldDefinition> Select { get; init; }

    /// <summary>The condition; null means all records.</summary>
    public Condition? Filter { get; init; }

    /// <summary>The order. Records that it leaves equal come in the order of the key, else as they are stored.</summary>
    public IReadOnlyList<(Operand By, bool Descending)> OrderBy { get; init; } = [];

    /// <summary>Records to pass over.</summary>
    public long Skip { get; init; }

    /// <summary>The most records to return, 0 to <see cref="MaxTop"/>.</summary>
    public int Top { get; init; } = MaxTop;

    /// <summary>Only records that an import with a higher number has made what they are, but for those of <see cref="NotBy"/>; null means all.</summary>
    public long? ChangedAfter { get; init; }

    /// <summary>The numbers of imports, see <see cref="ChangedAfter"/>.</summary>
    public IReadOnlyList<long> NotBy { get; init; } = [];

    /// <summary>Whether to count all records that fulfil the condition.</summary>
    public bool Count { get; init; }
}

/// <summary>Records that were read.</summary>
/// <param name="Fields">The fields, in the order of the values.</param>
/// <param name="Records">
/// The values of each record as text that is valid JSON after quoting: numbers in plain or exponent notation, <c>true</c>/<c>false</c>, dates as
/// <c>2024-01-31</c>, instants as <c>2024-01-31T10:20:30.5Z</c>; null is null.
/// </param>
/// <param name="Total">How many records fulfil the condition; null where that was not asked.</param>
public sealed record RecordPage(IReadOnlyList<FieldDefinition> Fields, IReadOnlyList<string?[]> Records, long? Total);

/// <summary>A condition that a record fulfils or not. With null, comparisons other than with null itself are not fulfilled.</summary>
public abstract record Condition;

/// <summary>Both conditions hold.</summary>
public sealed record AndCondition(Condition Left, Condition Right) : Condition;

/// <summary>One of the conditions holds.</summary>
public sealed record OrCondition(Condition Left, Condition Right) : Condition;

/// <summary>The condition does not hold.</summary>
public sealed record NotCondition(Condition Inner) : Condition;

/// <summary>Two operands compare so.</summary>
public sealed record Comparison(ComparisonOperator Operator, Operand Left, Operand Right) : Condition;

/// <summary>The operand is one of the constants.</summary>
public sealed record InCondition(Operand Operand, IReadOnlyList<Constant> Values) : Condition;

/// <summary>A text is found in another one, case and accents included.</summary>
public sealed record TextCondition(TextMatch Match, Operand Text, Operand Pattern) : Condition;

/// <summary>A boolean operand that is a condition by itself.</summary>
public sealed record TruthCondition(Operand Operand) : Condition;

/// <summary>How two operands compare. Equality treats null as a value: null equals null.</summary>
public enum ComparisonOperator
{
    /// <summary>Equal.</summary>
    Equal,

    /// <summary>Not equal.</summary>
    NotEqual,

    /// <summary>Less than.</summary>
    Less,

    /// <summary>Less than or equal.</summary>
    LessOrEqual,

    /// <summary>Greater than.</summary>
    Greater,

    /// <summary>Greater than or equal.</summary>
    GreaterOrEqual,
}

/// <summary>Where a text is looked for in another one.</summary>
public enum TextMatch
{
    /// <summary>At the beginning.</summary>
    StartsWith,

    /// <summary>At the end.</summary>
    EndsWith,

    /// <summary>Anywhere.</summary>
    Contains,
}

/// <summary>Something that has a value in each record.</summary>
public abstract record Operand;

/// <summary>A field's value.</summary>
public sealed record FieldOperand(FieldDefinition Field) : Operand;

/// <summary>A constant, never part of the SQL text.</summary>
/// <param name="Type">Its type.</param>
/// <param name="Value">
/// The value: <see cref="string"/>, <see cref="long"/>, <see cref="double"/>, <see cref="bool"/>, <see cref="DateOnly"/>, <see cref="System.DateTime"/> in UTC, for decimals a
/// <see cref="string"/> in plain notation; or null.
/// </param>
public sealed record Constant(DataType Type, object? Value) : Operand;

/// <summary>A function of operands.</summary>
public sealed record FunctionOperand(RecordFunction Function, IReadOnlyList<Operand> Arguments) : Operand;

/// <summary>Functions of a record's values.</summary>
public enum RecordFunction
{
    /// <summary>A text in lower case.</summary>
    ToLower,

    /// <summary>A text in upper case.</summary>
    ToUpper,

    /// <summary>A text without spaces at its ends.</summary>
    Trim,

    /// <summary>A text's number of code points.</summary>
    Length,

    /// <summary>The year of a date or instant.</summary>
    Year,

    /// <summary>The month, 1 to 12.</summary>
    Month,

    /// <summary>The day of the month, 1 to 31.</summary>
    Day,

    /// <summary>The hour of an instant in UTC, 0 to 23.</summary>
    Hour,

    /// <summary>The minute, 0 to 59.</summary>
    Minute,

    /// <summary>The second, 0 to 59.</summary>
    Second,
}
