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
        WriteRun(json, import);
        json.WriteBoolean("dryRun", import.DryRun);
        json.WriteBoolean("clientErrorCallingService", import.ClientError);
        json.WriteString("code", import.Code);
        json.WriteString("message", import.Message);
        if (import.PlanId is { } planId) json.WriteString("planId", planId);
        WriteLedger(json, import.Ledger);
    }

    /// <summary>Writes what is told of a plan that is ready.</summary>
    public static void WritePlan(Utf8JsonWriter json, Plan plan)
    {
        json.WriteString("planId", plan.Id);
        WriteRun(json, plan.Run);
        if (plan.DryRunId is { } dryRunId) json.WriteString("dryRunId", dryRunId);
        if (plan.GuardedId is { } guardedId) json.WriteString("guardedId", guardedId);
        json.WriteString("message", plan.Run.Message);
        WriteLedger(json, plan.Run.Ledger);
        json.WriteStartArray("guards");
        foreach (var breach in plan.Breaches) json.WriteStringValue(breach.Message);
        json.WriteEndArray();
    }

    private static void WriteRun(Utf8JsonWriter json, Import run)
    {
        json.WriteString("uploadId", run.UploadId);
        json.WriteString("mappingId", run.MappingId);
        json.WriteNumber("mappingRevision", run.MappingRevision);
        json.WriteString("entitySystemName", run.EntitySystemName);
        json.WriteString("state", run.State.ToString().ToUpperInvariant());
        json.WriteString("startDate", Time(run.StartedAt));
        json.WriteString("stopDate", Time(run.StoppedAt!.Value));
        json.WriteString("invokedBy", run.InvokedBy);
    }

    private static void WriteLedger(Utf8JsonWriter json, Ledger ledger)
    {
        json.WriteStartObject("ledger");
        json.WriteNumber("records", ledger.Records);
        json.WriteNumber("inserted", ledger.Inserted);
        json.WriteNumber("updated", ledger.Updated);
        json.WriteNumber("unchanged", ledger.Unchanged);
        json.WriteNumber("superseded", ledger.Superseded);
        json.WriteNumber("skipped", ledger.Skipped);
        json.WriteNumber("rejected", ledger.Rejected);
        json.WriteNumber("removed", ledger.Removed);
        json.WriteEndObject();
    }

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
