namespace EntityImport.Server.Http;

/// <summary>The wording of what the server itself refuses; the engine words the rest.</summary>
internal static class Refusal
{
    public static RequestException MalformedId(string name, string text) =>
        new(FaultKind.Invalid, "malformed-id", $"{name} '{Cut(text)}' is no UUID like 0b1c2d3e-4f50-6172-8394-a5b6c7d8e9f0.");

    public static RequestException UnknownMapping(object id) => new(FaultKind.NotFound, "mapping-not-found", $"There is no mapping {Cut(id)}.");

    public static RequestException UnknownUpload(object id) => new(FaultKind.NotFound, "upload-not-found", $"There is no upload {Cut(id)}.");

    public static RequestException UnknownImport(object id) => new(FaultKind.NotFound, "import-not-found", $"There is no import {Cut(id)}.");

    public static RequestException UnknownPlan(object id) => new(FaultKind.NotFound, "plan-not-found", $"There is no plan {Cut(id)}.");

    public static RequestException UnknownKey(object id) => new(FaultKind.NotFound, "key-not-found", $"There is no API key {Cut(id)}.");

    public static RequestException UnknownSession(object id) => new(FaultKind.NotFound, "session-not-found", $"There is no session {Cut(id)}.");

    public static RequestException UnknownWebhook(object id) => new(FaultKind.NotFound, "webhook-not-found", $"There is no webhook {Cut(id)}.");

    public static RequestException UnknownNotice(object id) => new(FaultKind.NotFound, "notice-not-found", $"There is no notice {Cut(id)}.");

    public static RequestException UnknownEntity(string name) => new(FaultKind.NotFound, "entity-not-found", $"There is no entity '{Cut(name)}'.");

    public static RequestException UnknownRecord(string entity) => new(FaultKind.NotFound, "record-not-found", $"{entity} has no record of this key, and nothing is known of one that it had.");

    public static RequestException UnknownNode(Guid id) => new(FaultKind.NotFound, "node-not-found", $"There is no node {id}.");

    public static RequestException NoGuards(string entity) => new(FaultKind.NotFound, "guards-not-found", $"There are no guards of an entity '{Cut(entity)}'.");

    public static RequestException ImportRuns(Guid id) =>
        new(FaultKind.Invalid, "import-running", $"The import {id} is still running; there is a report when its status is SUCCEEDED or FAILED.");

    public static RequestException NoErrorFile(Guid id, string why) => new(FaultKind.NotFound, "error-file-not-found", $"The import {id} has no error file: {why}.");

    public static RequestException Parameter(string name, string message) =>
        new(FaultKind.Invalid, "invalid-parameter", $"{name}: {message}", [new RequestFault(name, message)]);

    public static RequestException MediaType(string message) => new(FaultKind.NotAFile, "unsupported-media-type", message);

    public static RequestException NotAFile(string message) => new(FaultKind.NotAFile, "not-a-csv-file", message);

    public static RequestException Body(string type, string message) => new(FaultKind.Invalid, type, message);

    public static RequestException MalformedKey(string why) => new(FaultKind.Invalid, "malformed-idempotency-key", $"Idempotency-Key: {why}.");

    /// <summary>Unlike a full disk during an upload, nobody knows here what was stored: a request with a key can simply be sent again.</summary>
    public static RequestException DiskFull() => new(FaultKind.OutOfSpace, "disk-full", "The disk is full.") { RetryAfter = TimeSpan.FromSeconds(60) };

    public static RequestException StoreUnavailable() =>
        new(FaultKind.Busy, "store-unavailable", "The store cannot work at the moment. Its log has the cause under the trace id.") { RetryAfter = TimeSpan.FromSeconds(5) };

    public static RequestException FilesUnavailable() =>
        new(FaultKind.Busy, "files-unavailable", "The files cannot be reached at the moment. The log has the cause under the trace id.") { RetryAfter = TimeSpan.FromSeconds(5) };

    /// <summary>A sentence about a request, which may repeat parts of it, with its end.</summary>
    public static string Message(string text) => ShownText.Fit(text, Limits.MessageCharacters);

    /// <summary>A name or value from outside, as far as messages and log lines repeat it.</summary>
    public static string Cut(object value) => ShownText.Cut(value.ToString() ?? "");
}
