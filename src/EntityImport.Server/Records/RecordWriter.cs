using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using EntityImport.Entities;
using EntityImport.Storage;

namespace EntityImport.Server.Records;

/// <summary>Writes records as a JSON array; numbers as the store has them, digit for digit.</summary>
internal static class RecordWriter
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static async Task WriteAsync(RecordPage page, HttpResponse response, CancellationToken cancellationToken)
    {
        response.ContentType = "application/json; charset=utf-8";
        if (page.Total is { } total) response.Headers["X-Total-Count"] = total.ToString(CultureInfo.InvariantCulture);
        var names = page.Fields.Select(field => JsonEncodedText.Encode(field.SystemName, Options.Encoder)).ToArray();
        // Only what is complete is sent, so that a failure is a problem and no broken array.
        var body = new ArrayBufferWriter<byte>();
        await using var json = new Utf8JsonWriter(body, Options);
        json.WriteStartArray();
        foreach (var record in page.Records)
        {
            json.WriteStartObject();
            for (var i = 0; i < names.Length; i++) Write(json, names[i], page.Fields[i].DataType, record[i]);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        await json.FlushAsync(cancellationToken);
        await response.BodyWriter.WriteAsync(body.WrittenMemory, cancellationToken);
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
