using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace EntityImport.Client;

/// <summary>Why the service refused a request or failed at it (RFC 9457).</summary>
/// <param name="Type">What kind of problem it is, for programs: <c>urn:eis:problem:upload-already-imported</c>.</param>
/// <param name="Title">The kind of problem for people.</param>
/// <param name="Status">The HTTP status code.</param>
/// <param name="Detail">What is wrong this time, as a sentence.</param>
/// <param name="Instance">The request's trace id, under which the service's log has it.</param>
/// <param name="Errors">Every single fault by its JSON path in the body; null where the body is not at fault.</param>
public sealed record Problem(string? Type, string? Title, int Status, string? Detail, string? Instance, IReadOnlyDictionary<string, string[]>? Errors);

/// <summary>The service refused a request or failed at it.</summary>
public sealed class EntityImportProblemException : Exception
{
    /// <summary>Carries a problem.</summary>
    public EntityImportProblemException(Problem problem)
        : base(Describe(problem)) => Problem = problem;

    /// <summary>The problem.</summary>
    public Problem Problem { get; }

    /// <summary>The HTTP status code.</summary>
    public HttpStatusCode StatusCode => (HttpStatusCode)Problem.Status;

    /// <summary>Throws unless the response is a success.</summary>
    internal static async Task ThrowIfFailedAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.IsSuccessStatusCode) return;
        var status = (int)response.StatusCode;
        Problem? problem = null;
        if (response.Content.Headers.ContentType?.MediaType == "application/problem+json")
        {
            try
            {
                problem = await response.Content.ReadFromJsonAsync<Problem>(ClientJson.Options, cancellationToken);
            }
            catch (JsonException)
            {
                // Something between here and the service answered; its status is all there is.
            }
        }

        throw new EntityImportProblemException(problem ?? new Problem(null, response.ReasonPhrase, status, $"The service answered {status} {response.ReasonPhrase}.", null, null));
    }

    private static string Describe(Problem problem)
    {
        ArgumentNullException.ThrowIfNull(problem);
        var faults = problem.Errors is { Count: > 0 } errors
            ? string.Concat(errors.SelectMany(error => error.Value.Select(message => $"{Environment.NewLine}  {error.Key}: {message}")))
            : "";
        return (problem.Detail ?? problem.Title ?? "The service refused the request.") + faults;
    }
}
