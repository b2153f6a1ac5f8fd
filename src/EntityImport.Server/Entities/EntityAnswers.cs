using EntityImport.Entities;
using EntityImport.Inference;

namespace EntityImport.Server.Entities;

/// <summary>What the API tells of entities.</summary>
internal static class EntityAnswers
{
    extension(Api.Entity)
    {
        public static Api.Entity Of(EntityDefinition entity) => new()
        {
            SystemName = entity.SystemName,
            DisplayName = entity.DisplayName,
            Fields = [.. entity.Fields.Select(Api.EntityField.Of)],
        };
    }

    extension(Api.EntityField)
    {
        public static Api.EntityField Of(FieldDefinition field) => new()
        {
            SystemName = field.SystemName,
            DisplayName = field.DisplayName,
            DataType = field.DataType.ToString().ToUpperInvariant(),
            Required = field.IsRequired,
            PrimaryKey = field.PrimaryKey,
            Length = field.Length,
            Precision = field.IsDecimal ? field.Precision : null,
            Scale = field.IsDecimal ? field.Scale : null,
        };
    }

    extension(Api.InferredColumn)
    {
        public static Api.InferredColumn Of(ColumnJudgement column) => new(
            column.CsvColumnName,
            column.Field is { } field ? Api.EntityField.Of(field) : null,
            column.Rows,
            column.Empty,
            column.Examples,
            column.MaxLength,
            column.Why);
    }
}
