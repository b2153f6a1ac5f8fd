using System.Diagnostics;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.WebUtilities;

namespace EntityImport.Server.Http;

/// <summary>Why a request was refused or failed (RFC 9457).</summary>
internal sealed record Problem
{
    public const string MediaType = "application/problem+json";

    /// <summary>What kind of problem it is, for programs: it never changes its meaning.</summary>
    /// <example>urn:eis:problem:upload-already-imported</example>
    public required string Type { get; init; }

    /// <summary>The kind of problem for people.</summary>
    /// <example>Upload already imported</example>
    public required string Title { get; init; }

    /// <summary>The HTTP status code.</summary>
    /// <example>409</example>
    public required int Status { get; init; }

    /// <summary>What is wrong this time, as a sentence.</summary>
    public required string Detail { get; init; }

    /// <summary>The request's trace id, under which the service's log has it.</summary>
    /// <example>urn:eis:trace:4bf92f3577b34da6a3ce929d0e0e4736</example>
    public required string Instance { get; init; }

    /// <summary>The faults by their JSON path in the body, <c>$</c> for the body as a whole, or by the name of a query option. Of very many the first are listed, and <c>detail</c> tells how many there are.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, string[]>? Errors { get; init; }

    /// <summary>The problem of a refused request.</summary>
    public static Problem Of(RequestException refusal, HttpContext context) => Of(TraceId(context), StatusOf(refusal.Kind), refusal.Type, refusal.Message) with
    {
        Errors = refusal.Faults.Count == 0 ? null : refusal.Faults
            .GroupBy(fault => fault.Path.Length == 0 ? "$" : fault.Path, StringComparer.Ordinal)
            .ToDictionary(faults => faults.Key, faults => faults.Select(fault => fault.Message).ToArray(), StringComparer.Ordinal),
    };

    /// <summary>A problem that its HTTP status describes well enough.</summary>
    public static Problem Of(HttpContext context, int status, string detail) =>
        Of(TraceId(context), status, detail);

    /// <summary>A problem of a request that never became one, and that its HTTP status describes well enough.</summary>
    public static Problem Of(string traceId, int status, string detail) =>
        Of(traceId, status, ReasonPhrases.GetReasonPhrase(status).ToLowerInvariant().Replace(' ', '-'), detail);

    /// <summary>The request's id in log and problems.</summary>
    public static string TraceId(HttpContext context) => Activity.Current?.TraceId.ToHexString() ?? context.TraceIdentifier;

    /// <summary>A problem of a type.</summary>
    public static Problem Of(HttpContext context, int status, string type, string detail) => Of(TraceId(context), status, type, detail);

    private static Problem Of(string traceId, int status, string type, string detail) => new()
    {
        Type = $"urn:eis:problem:{type}",
        Title = char.ToUpperInvariant(type[0]) + type[1..].Replace('-', ' '),
        Status = status,
        Detail = detail,
        Instance = $"urn:eis:trace:{traceId}",
    };

    private static int StatusOf(FaultKind kind) => kind switch
    {
        FaultKind.Invalid => StatusCodes.Status400BadRequest,
        FaultKind.Forbidden => StatusCodes.Status403Forbidden,
        FaultKind.NotFound => StatusCodes.Status404NotFound,
        FaultKind.Conflict => StatusCodes.Status409Conflict,
        FaultKind.TooLarge => StatusCodes.Status413PayloadTooLarge,
        FaultKind.NotAFile => StatusCodes.Status415UnsupportedMediaType,
        FaultKind.Mismatch => StatusCodes.Status422UnprocessableEntity,
        FaultKind.Damaged => StatusCodes.Status500InternalServerError,
        FaultKind.Busy => StatusCodes.Status503ServiceUnavailable,
        FaultKind.OutOfSpace => StatusCodes.Status507InsufficientStorage,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Unknown kind of fault."),
    };
}
