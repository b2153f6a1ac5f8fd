using System.ComponentModel;
using System.Text.Json.Serialization;

namespace EntityImport.Api;

/// <summary>An entity. What is read can be sent back as it is.</summary>
public sealed record Entity
{
    /// <summary>The name: a letter or underscore, then up to 62 letters, digits and underscores; unique ignoring case.</summary>
    public required string SystemName { get; init; }

    /// <summary>The name for people; absent where there is none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? DisplayName { get; init; }

    /// <summary>The fields, in the order in which they were declared.</summary>
    public required IReadOnlyList<EntityField> Fields { get; init; }

    /// <summary>Whether what records were before an import is kept, so that imports can be undone; absent means true.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? KeepBefore { get; init; }
}

/// <summary>An entity as it is declared or changed. An <see cref="Entity"/> that was read can be sent, too.</summary>
public sealed record EntityDeclaration
{
    /// <summary>The name, as in the path; it may be left out here.</summary>
    public string? SystemName { get; init; }

    /// <summary>The name for people.</summary>
    public string? DisplayName { get; init; }

    /// <summary>The fields.</summary>
    public required IReadOnlyList<EntityField> Fields { get; init; }

    /// <summary>Whether what records were before an import is kept, so that imports can be undone; true where it is left out.</summary>
    public bool? KeepBefore { get; init; }
}

/// <summary>A typed field.</summary>
public sealed record EntityField
{
    /// <summary>The name, unique within the entity ignoring case.</summary>
    public required string SystemName { get; init; }

    /// <summary>The name for people; absent where there is none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? DisplayName { get; init; }

    /// <summary>STRING, INTEGER, DECIMAL, DOUBLE, BOOLEAN, DATE, DATETIME, CURRENCY or PERCENT.</summary>
    public required string DataType { get; init; }

    /// <summary>Whether null is refused. Fields of the primary key are always required.</summary>
    [DefaultValue(false)]
    public bool Required { get; init; }

    /// <summary>Whether the field is part of what identifies a record.</summary>
    [DefaultValue(false)]
    public bool PrimaryKey { get; init; }

    /// <summary>For STRING: the most Unicode code points; absent means no limit.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Length { get; init; }

    /// <summary>For DECIMAL, CURRENCY and PERCENT: digits in all, up to 38.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Precision { get; init; }

    /// <summary>For DECIMAL, CURRENCY and PERCENT: digits after the point.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Scale { get; init; }
}
