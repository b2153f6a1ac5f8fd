using System.Text.Json.Serialization;

namespace EntityImport.Api;

/// <summary>Why a request was refused or failed (RFC 9457).</summary>
public sealed record Problem
{
    /// <summary>The media type of problems.</summary>
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
}
