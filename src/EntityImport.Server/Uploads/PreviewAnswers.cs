using System.Text.Json;
using EntityImport.Entities;
using EntityImport.Imports;

namespace EntityImport.Server.Uploads;

/// <summary>What the API tells of previews.</summary>
internal static class PreviewAnswers
{
    extension(Api.FilePreview)
    {
        public static Api.FilePreview Of(Preview preview) => new(
            [.. preview.Columns.Select(column => new Api.PreviewColumn(column.Name, column.Field, column.DataType?.ToString().ToUpperInvariant(), column.Refused))],
            [.. preview.Rows.Select(row => RowOf(row, preview.Columns))],
            preview.Records,
            preview.HasMore);
    }

    /// <summary>The fields of a row are in the order of the columns.</summary>
    private static Api.PreviewRow RowOf(PreviewRow row, IReadOnlyList<PreviewColumn> columns) => new(
        row.Row, row.Line, row.Raw, [.. row.Fields.Zip(columns, (field, column) => FieldOf(field, column.DataType))], row.Fault?.Code, row.Fault?.Message);

    private static Api.PreviewField FieldOf(PreviewField field, DataType? type) => new(field.Column, field.Raw, ValueOf(field.Value, type), field.Fault?.Code, field.Fault?.Message);

    /// <summary>Numbers digit for digit.</summary>
    private static JsonElement? ValueOf(string? value, DataType? type) => type switch
    {
        _ when value is null => null,
        DataType.String or DataType.Date or DataType.DateTime => JsonSerializer.SerializeToElement(value),
        _ => JsonElement.Parse(value),
    };
}
