using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using EntityImport.Catalog;

namespace EntityImport.Notices;

/// <summary>What notices say, in the form of Standard Webhooks: <c>type</c>, <c>timestamp</c> and <c>data</c>. Members are named as in the API's answers. There are no values of rows in it.</summary>
internal static class NoticeBody
{
    // It is never put into HTML, so text stays readable.
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A body.</summary>
    /// <param name="name">What it is about, one of <see cref="NoticeEvent"/>.</param>
    /// <param name="at">When that happened.</param>
    /// <param name="data">Writes the members of <c>data</c>.</param>
    public static string Of(string name, DateTimeOffset at, Action<Utf8JsonWriter> data)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes, Readable))
        {
            json.WriteStartObject();
            json.WriteString("type", name);
            json.WriteString("timestamp", Time(at));
            json.WriteStartObject("data");
            data(json);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    /// <summary>Writes what is told of an import that has ended.</summary>
    public static void WriteEnd(Utf8JsonWriter json, Import import)
    {
        json.WriteString("importId", import.Id);
        json.WriteString("uploadId", import.UploadId);
        json.WriteString("mappingId", import.MappingId);
        json.WriteNumber("mappingRevision", import.MappingRevision);
        json.WriteString("entitySystemName", import.EntitySystemName);
        json.WriteString("state", import.State.ToString().ToUpperInvariant());
        json.WriteString("startDate", Time(import.StartedAt));
        json.WriteString("stopDate", Time(import.StoppedAt!.Value));
        json.WriteString("invokedBy", import.InvokedBy);
        json.WriteBoolean("dryRun", import.DryRun);
        json.WriteBoolean("clientErrorCallingService", import.ClientError);
        json.WriteString("code", import.Code);
        json.WriteString("message", import.Message);
        json.WriteStartObject("ledger");
        json.WriteNumber("records", import.Ledger.Records);
        json.WriteNumber("inserted", import.Ledger.Inserted);
        json.WriteNumber("updated", import.Ledger.Updated);
        json.WriteNumber("unchanged", import.Ledger.Unchanged);
        json.WriteNumber("superseded", import.Ledger.Superseded);
        json.WriteNumber("skipped", import.Ledger.Skipped);
        json.WriteNumber("rejected", import.Ledger.Rejected);
        json.WriteNumber("removed", import.Ledger.Removed);
        json.WriteEndObject();
    }

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
