using System.Text.Json;

namespace EntityImport.Client;

/// <summary>A typed table of records.</summary>
public sealed record Entity
{
    /// <summary>The name, unique ignoring case.</summary>
    public required string SystemName { get; init; }

    /// <summary>The name for people; null where there is none.</summary>
    public string? DisplayName { get; init; }

    /// <summary>The fields, in the order in which they were declared.</summary>
    public required IReadOnlyList<EntityField> Fields { get; init; }
}

/// <summary>A typed field.</summary>
public sealed record EntityField
{
    /// <summary>The name, unique within the entity ignoring case.</summary>
    public required string SystemName { get; init; }

    /// <summary>The name for people; null where there is none.</summary>
    public string? DisplayName { get; init; }

    /// <summary>STRING, INTEGER, DECIMAL, DOUBLE, BOOLEAN, DATE, DATETIME, CURRENCY or PERCENT.</summary>
    public required string DataType { get; init; }

    /// <summary>Whether null is refused.</summary>
    public bool Required { get; init; }

    /// <summary>Whether the field is part of what identifies a record.</summary>
    public bool PrimaryKey { get; init; }

    /// <summary>For STRING: the most Unicode code points; null means no limit.</summary>
    public int? Length { get; init; }

    /// <summary>For decimals: digits in all.</summary>
    public int? Precision { get; init; }

    /// <summary>For decimals: digits after the point.</summary>
    public int? Scale { get; init; }
}

/// <summary>Which records to read, in OData's words. What is null is left out.</summary>
public sealed record RecordOptions
{
    /// <summary>The condition: <c>Price gt 10 and Name eq 'A*'</c>.</summary>
    public string? Filter { get; init; }

    /// <summary>The fields to read, separated by commas.</summary>
    public string? Select { get; init; }

    /// <summary>The order: <c>Price desc, Name</c>.</summary>
    public string? OrderBy { get; init; }

    /// <summary>The most records to return; never more than 2,000.</summary>
    public int? Top { get; init; }

    /// <summary>Records to pass over.</summary>
    public long? Skip { get; init; }

    /// <summary>Whether to count all records that fulfil the condition.</summary>
    public bool Count { get; init; }
}

/// <summary>Records that were read.</summary>
/// <param name="Records">The records as objects of field and value; numbers keep all digits.</param>
/// <param name="Total">How many records fulfil the condition; null where that was not asked.</param>
public sealed record RecordPage(IReadOnlyList<JsonElement> Records, long? Total);
