using System.Diagnostics;
using EntityImport.Api;
using Microsoft.AspNetCore.WebUtilities;

namespace EntityImport.Server.Http;

/// <summary>The problems of requests that were refused or failed.</summary>
internal static class Problems
{
    private static readonly object TraceIdItem = new();

    extension(Problem)
    {
        /// <summary>The problem of a refused request.</summary>
        public static Problem Of(RequestException refusal, HttpContext context) => OfType(Problem.TraceId(context), StatusOf(refusal.Kind), refusal.Type, refusal.Message) with
        {
            Errors = refusal.Faults.Count == 0 ? null : refusal.Faults
                .GroupBy(fault => fault.Path.Length == 0 ? "$" : fault.Path, StringComparer.Ordinal)
                .ToDictionary(faults => faults.Key, faults => faults.Select(fault => fault.Message).ToArray(), StringComparer.Ordinal),
        };

        /// <summary>A problem that its HTTP status describes well enough.</summary>
        public static Problem Of(HttpContext context, int status, string detail) =>
            Problem.Of(Problem.TraceId(context), status, detail);

        /// <summary>A problem of a request that never became one, and that its HTTP status describes well enough.</summary>
        public static Problem Of(string traceId, int status, string detail) =>
            OfType(traceId, status, ReasonPhrases.GetReasonPhrase(status).ToLowerInvariant().Replace(' ', '-'), detail);

        /// <summary>The request's id in log and problems: that of the trace it says it belongs to, else a new one.</summary>
        public static string TraceId(HttpContext context)
        {
            if (context.Items.TryGetValue(TraceIdItem, out var known)) return (string)known!;
            var belongs = ActivityContext.TryParse(context.Request.Headers.TraceParent, traceState: null, out var parent);
            var id = (belongs ? parent.TraceId : ActivityTraceId.CreateRandom()).ToHexString();
            context.Items[TraceIdItem] = id;
            return id;
        }

        /// <summary>A problem of a type.</summary>
        public static Problem Of(HttpContext context, int status, string type, string detail) => OfType(Problem.TraceId(context), status, type, detail);
    }

    private static Problem OfType(string traceId, int status, string type, string detail) => new()
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
        FaultKind.Unauthenticated => StatusCodes.Status401Unauthorized,
        FaultKind.Forbidden => StatusCodes.Status403Forbidden,
        FaultKind.TooMany => StatusCodes.Status429TooManyRequests,
        FaultKind.NotFound => StatusCodes.Status404NotFound,
        FaultKind.Conflict => StatusCodes.Status409Conflict,
        FaultKind.Gone => StatusCodes.Status410Gone,
        FaultKind.Outdated => StatusCodes.Status412PreconditionFailed,
        FaultKind.TooLarge => StatusCodes.Status413PayloadTooLarge,
        FaultKind.NotAFile => StatusCodes.Status415UnsupportedMediaType,
        FaultKind.Mismatch => StatusCodes.Status422UnprocessableEntity,
        FaultKind.Damaged => StatusCodes.Status500InternalServerError,
        FaultKind.Busy => StatusCodes.Status503ServiceUnavailable,
        FaultKind.OutOfSpace => StatusCodes.Status507InsufficientStorage,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Unknown kind of fault."),
    };
}
