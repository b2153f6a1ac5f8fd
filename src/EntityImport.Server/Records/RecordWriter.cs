using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using EntityImport.Entities;
using EntityImport.Storage;

namespace EntityImport.Server.Records;

/// <summary>Writes records as a JSON array; numbers as the store has them, digit for digit.</summary>
internal static class RecordWriter
{
    private const int FlushBytes = 32 * 1024;

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static async Task WriteAsync(RecordPage page, HttpResponse response, CancellationToken cancellationToken)
    {
        response.ContentType = "application/json; charset=utf-8";
        if (page.Total is { } total) response.Headers["X-Total-Count"] = total.ToString(CultureInfo.InvariantCulture);
        var names = page.Fields.Select(field => JsonEncodedText.Encode(field.SystemName, Options.Encoder)).ToArray();
        await using var json = new Utf8JsonWriter(response.BodyWriter, Options);
        json.WriteStartArray();
        foreach (var record in page.Records)
        {
            json.WriteStartObject();
            for (var i = 0; i < names.Length; i++) Write(json, names[i], page.Fields[i].DataType, record[i]);
            json.WriteEndObject();
            if (json.BytesPending < FlushBytes) continue;
            await json.FlushAsync(cancellationToken);
            await response.BodyWriter.FlushAsync(cancellationToken);
        }

        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, JsonEncodedText name, DataType type, string? value)
    {
        json.WritePropertyName(name);
        switch (type)
        {
            case var _ when value is null:
                json.WriteNullValue();
                break;
            case DataType.String or DataType.Date or DataType.DateTime:
                json.WriteStringValue(value);
                break;
            default:
                json.WriteRawValue(value);
                break;
        }
    }
}
