using System.Text.Json.Serialization;
using EntityImport.Entities;

namespace EntityImport.Server.Entities;

/// <summary>An entity. What is read can be sent back as it is.</summary>
/// <param name="SystemName">The name: a letter or underscore, then up to 62 letters, digits and underscores; unique ignoring case.</param>
/// <param name="DisplayName">The name for people; absent where there is none.</param>
/// <param name="Fields">The fields, in the order in which they were declared.</param>
internal sealed record EntityBody(
    string SystemName,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? DisplayName,
    FieldBody[] Fields)
{
    public static EntityBody Of(EntityDefinition entity) => new(entity.SystemName, entity.DisplayName, [.. entity.Fields.Select(FieldBody.Of)]);
}

/// <summary>A typed field.</summary>
/// <param name="SystemName">The name, unique within the entity ignoring case.</param>
/// <param name="DisplayName">The name for people; absent where there is none.</param>
/// <param name="DataType">STRING, INTEGER, DECIMAL, DOUBLE, BOOLEAN, DATE, DATETIME, CURRENCY or PERCENT.</param>
/// <param name="Required">Whether null is refused.</param>
/// <param name="PrimaryKey">Whether the field is part of what identifies a record.</param>
/// <param name="Length">For STRING: the most Unicode code points; absent means no limit.</param>
/// <param name="Precision">For DECIMAL, CURRENCY and PERCENT: digits in all, up to 38.</param>
/// <param name="Scale">For DECIMAL, CURRENCY and PERCENT: digits after the point.</param>
internal sealed record FieldBody(
    string SystemName,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? DisplayName,
    string DataType,
    bool Required,
    bool PrimaryKey,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Length,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Precision,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Scale)
{
    public static FieldBody Of(FieldDefinition field) => new(
        field.SystemName,
        field.DisplayName,
        field.DataType.ToString().ToUpperInvariant(),
        field.IsRequired,
        field.PrimaryKey,
        field.Length,
        field.IsDecimal ? field.Precision : null,
        field.IsDecimal ? field.Scale : null);
}
