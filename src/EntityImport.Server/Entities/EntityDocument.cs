using System.ComponentModel;

namespace EntityImport.Server.Entities;

/// <summary>An entity as clients send it. The server passes the JSON on as it is; this type describes it in the API document.</summary>
internal sealed record EntityDocument
{
    /// <summary>The name, as in the path; it may be left out here.</summary>
    public string? SystemName { get; init; }

    /// <summary>The name for people.</summary>
    public string? DisplayName { get; init; }

    /// <summary>The fields.</summary>
    public required IReadOnlyList<FieldDocument> Fields { get; init; }
}

/// <summary>A typed field as clients send it.</summary>
internal sealed record FieldDocument
{
    /// <summary>The name, unique within the entity ignoring case.</summary>
    public required string SystemName { get; init; }

    /// <summary>The name for people.</summary>
    public string? DisplayName { get; init; }

    /// <summary>STRING, INTEGER, DECIMAL, DOUBLE, BOOLEAN, DATE, DATETIME, CURRENCY or PERCENT.</summary>
    public required string DataType { get; init; }

    /// <summary>Whether null is refused.</summary>
    [DefaultValue(false)]
    public bool? Required { get; init; }

    /// <summary>Whether the field is part of what identifies a record.</summary>
    [DefaultValue(false)]
    public bool? PrimaryKey { get; init; }

    /// <summary>For STRING: the most Unicode code points; absent means no limit.</summary>
    public int? Length { get; init; }

    /// <summary>For DECIMAL, CURRENCY and PERCENT: digits in all, up to 38.</summary>
    public int? Precision { get; init; }

    /// <summary>For DECIMAL, CURRENCY and PERCENT: digits after the point.</summary>
    public int? Scale { get; init; }
}
