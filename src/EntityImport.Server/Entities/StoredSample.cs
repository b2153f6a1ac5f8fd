using System.Text.Json;
using EntityImport.Inputs;
using EntityImport.Server.Http;

namespace EntityImport.Server.Entities;

/// <summary>A request to infer a schema from a file that was uploaded before; what is known of it is the body, as JSON.</summary>
internal static class StoredSample
{
    /// <summary>Reads a request, and the beginning of the file.</summary>
    /// <exception cref="RequestException">There is no such upload, it is not complete, or its time is over; or the body has faults.</exception>
    public static async Task<InferenceBody> ReadAsync(HttpRequest request, Call call, Guid uploadId, CancellationToken cancellationToken)
    {
        using var body = await JsonBody.ReadAsync(request, cancellationToken);
        var (definition, entity) = Read(body.RootElement);
        var upload = await call.Engine.Uploads.FindAsync(call.Request, uploadId, cancellationToken) ?? throw Refusal.UnknownUpload(uploadId);
        await using var file = await call.Engine.Uploads.OpenFileAsync(call.Request, upload, cancellationToken) ?? throw Refusal.UnknownUpload(uploadId);
        var sample = new byte[Math.Min(file.Length, InferenceBody.MaxSampleBytes)];
        await file.ReadExactlyAsync(sample, cancellationToken);
        if (ForeignFormats.Describe(sample) is { } what) throw Refusal.NotAFile(what);
        return new InferenceBody(sample, IsWholeFile: sample.Length == file.Length, upload.FileName, InferenceBody.State(definition, upload.Charset, sample), entity);
    }

    private static (JsonElement? Definition, string? Entity) Read(JsonElement document)
    {
        if (document.ValueKind != JsonValueKind.Object) throw RequestException.Invalid([new RequestFault("", "Expected a JSON object.")]);
        JsonElement? definition = null;
        string? entity = null;
        var faults = new List<RequestFault>();
        foreach (var member in document.EnumerateObject())
        {
            if (member.NameEquals("definition")) definition = member.Value.ValueKind == JsonValueKind.Null ? null : member.Value.Clone();
            else if (!member.NameEquals("entitySystemName")) faults.Add(new RequestFault(Refusal.Cut(member.Name), "Unknown member. Known are definition, entitySystemName."));
            else if (member.Value.ValueKind is JsonValueKind.String or JsonValueKind.Null) entity = member.Value.GetString();
            else faults.Add(new RequestFault("entitySystemName", "Expected a string."));
        }

        return faults.Count == 0 ? (definition, entity) : throw RequestException.Invalid(faults);
    }
}
