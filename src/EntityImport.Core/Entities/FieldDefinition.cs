namespace EntityImport.Entities;

/// <summary>One typed field of an entity. Immutable.</summary>
public sealed record FieldDefinition
{
    /// <summary>The largest number of digits of a decimal.</summary>
    public const int MaxPrecision = 38;

    /// <summary>The field's name: <c>[A-Za-z_][A-Za-z0-9_]{0,62}</c>, unique within its entity ignoring case.</summary>
    public required string SystemName { get; init; }

    /// <summary>The name for people; null where there is none.</summary>
    public string? DisplayName { get; init; }

    /// <summary>What values the field holds.</summary>
    public required DataType DataType { get; init; }

    /// <summary>Whether null is refused. Fields of the primary key are always required.</summary>
    public bool Required { get; init; }

    /// <summary>Whether the field is part of the primary key.</summary>
    public bool PrimaryKey { get; init; }

    /// <summary>For strings: the most Unicode code points allowed, from 1; null means no limit but that of a record.</summary>
    public int? Length { get; init; }

    /// <summary>For decimals: digits in all, 1 to 38. 0 for other types.</summary>
    public int Precision { get; init; }

    /// <summary>For decimals: digits after the point, 0 to <see cref="Precision"/>. 0 for other types.</summary>
    public int Scale { get; init; }

    /// <summary>Whether values are exact decimals with <see cref="Precision"/> and <see cref="Scale"/>.</summary>
    public bool IsDecimal => DataType is DataType.Decimal or DataType.Currency or DataType.Percent;

    /// <summary>Whether values are numbers of any kind.</summary>
    public bool IsNumber => IsDecimal || DataType is DataType.Integer or DataType.Double;

    /// <summary>Whether null is refused, because the field says so or is part of the key.</summary>
    public bool IsRequired => Required || PrimaryKey;
}
