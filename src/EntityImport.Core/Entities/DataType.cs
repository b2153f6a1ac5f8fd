namespace EntityImport.Entities;

/// <summary>What values a field holds.</summary>
public enum DataType
{
    /// <summary>Text of Unicode characters without U+0000, up to <see cref="FieldDefinition.Length"/> code points.</summary>
    String,

    /// <summary>A whole number of 64 bits.</summary>
    Integer,

    /// <summary>An exact decimal of up to 38 digits, <see cref="FieldDefinition.Scale"/> of them after the point.</summary>
    Decimal,

    /// <summary>An IEEE 754 binary64 number; never NaN or infinite.</summary>
    Double,

    /// <summary>True or false.</summary>
    Boolean,

    /// <summary>A day of the proleptic Gregorian calendar, 0001-01-01 to 9999-12-31.</summary>
    Date,

    /// <summary>An instant in UTC, 0001-01-01T00:00:00Z to 9999-12-31T23:59:59.999999Z, to the microsecond.</summary>
    DateTime,

    /// <summary>An amount of money: stored as <see cref="Decimal"/> is.</summary>
    Currency,

    /// <summary>A share: stored as <see cref="Decimal"/> is, <c>12.5%</c> as 0.125.</summary>
    Percent,
}
