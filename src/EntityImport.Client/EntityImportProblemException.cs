using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using EntityImport.Api;

namespace EntityImport.Client;

/// <summary>The service refused a request or failed at it.</summary>
public sealed class EntityImportProblemException : Exception
{
    private const int MaxProblemBytes = 1 << 20;

    /// <summary>Carries a problem.</summary>
    public EntityImportProblemException(Problem problem)
        : base(Describe(problem)) => Problem = problem;

    /// <summary>The problem.</summary>
    public Problem Problem { get; }

    /// <summary>The HTTP status code.</summary>
    public HttpStatusCode StatusCode => (HttpStatusCode)Problem.Status;

    /// <summary>When to try again; null where the service does not say.</summary>
    public TimeSpan? RetryAfter { get; private init; }

    /// <summary>Throws unless the response is a success.</summary>
    internal static async Task ThrowIfFailedAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.IsSuccessStatusCode) return;
        var status = (int)response.StatusCode;
        Problem? problem = null;
        if (response.Content.Headers.ContentType?.MediaType == Problem.MediaType)
        {
            try
            {
                await response.Content.LoadIntoBufferAsync(MaxProblemBytes, cancellationToken);
                problem = await response.Content.ReadFromJsonAsync<Problem>(ApiJson.Options, cancellationToken);
            }
            catch (Exception exception) when (exception is JsonException or HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded })
            {
                // Something between here and the service answered; its status is all there is.
            }
        }

        throw new EntityImportProblemException(problem is null ? NoProblem(status, response.ReasonPhrase ?? "") : problem with { Status = status }) { RetryAfter = response.Headers.RetryAfter?.Delta };
    }

    /// <summary>A problem of no kind of its own, in RFC 9457's words.</summary>
    private static Problem NoProblem(int status, string reason) => new()
    {
        Type = "about:blank",
        Title = reason,
        Status = status,
        Detail = $"The service answered {status} {reason}.",
        Instance = "",
    };

    private static string Describe(Problem problem)
    {
        ArgumentNullException.ThrowIfNull(problem);
        var faults = problem.Errors is { Count: > 0 } errors
            ? string.Concat(errors.SelectMany(error => error.Value.Select(message => $"{Environment.NewLine}  {error.Key}: {message}")))
            : "";
        return problem.Detail + faults;
    }
}
