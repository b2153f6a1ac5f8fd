using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using EntityImport.Entities;
using EntityImport.Records;
using EntityImport.Server.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace EntityImport.Server.Records;

/// <summary>Answers with records as a JSON array; numbers as the store has them, digit for digit.</summary>
/// <remarks>
/// Only what is complete is sent, so that a failure is a problem and no broken array, and so that a slow client does not keep the store waiting. Beyond <see cref="MaxMemoryBytes"/> the answer waits in a
/// temporary file.
/// </remarks>
internal static class RecordWriter
{
    private const int MaxMemoryBytes = 1 << 20;
    private const int FlushBytes = 64 << 10;

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Reads the records of a query and answers with them.</summary>
    public static async Task WriteAsync(Call call, RecordQuery query, HttpResponse response, CancellationToken cancellationToken)
    {
        await using var answer = new FileBufferingWriteStream(MaxMemoryBytes);
        var total = await WriteAsync(call, query, answer, cancellationToken);
        response.ContentType = "application/json; charset=utf-8";
        if (total is { } count) response.Headers["X-Total-Count"] = count.ToString(CultureInfo.InvariantCulture);
        await answer.DrainBufferAsync(response.BodyWriter, cancellationToken);
    }

    /// <summary>A record as a JSON object; null where there is none.</summary>
    public static JsonElement? ToJson(IReadOnlyList<FieldDefinition> fields, string?[]? values)
    {
        if (values is null) return null;
        var body = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(body, Options))
        {
            json.WriteStartObject();
            for (var i = 0; i < fields.Count; i++) Write(json, JsonEncodedText.Encode(fields[i].SystemName, Options.Encoder), fields[i].DataType, values[i]);
            json.WriteEndObject();
        }

        using var document = JsonDocument.Parse(body.WrittenMemory);
        return document.RootElement.Clone();
    }

    private static async Task<long?> WriteAsync(Call call, RecordQuery query, FileBufferingWriteStream answer, CancellationToken cancellationToken)
    {
        var names = query.Select.Select(field => JsonEncodedText.Encode(field.SystemName, Options.Encoder)).ToArray();
        var body = new ArrayBufferWriter<byte>(FlushBytes);
        using var json = new Utf8JsonWriter(body, Options);
        json.WriteStartArray();
        var total = await call.Engine.Records.ReadAsync(
            call.Request,
            query,
            record =>
            {
                json.WriteStartObject();
                for (var i = 0; i < names.Length; i++) Write(json, names[i], query.Select[i].DataType, record[i]);
                json.WriteEndObject();
                if (json.BytesPending + body.WrittenCount >= FlushBytes) Flush();
            },
            cancellationToken);
        json.WriteEndArray();
        Flush();
        return total;

        void Flush()
        {
            json.Flush();
            answer.Write(body.WrittenSpan);
            body.ResetWrittenCount();
        }
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
