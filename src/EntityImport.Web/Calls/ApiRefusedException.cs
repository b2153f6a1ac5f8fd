using EntityImport.Api;

namespace EntityImport.Web.Calls;

/// <summary>The API has refused a call, or failed.</summary>
internal sealed class ApiRefusedException(Problem problem, string? retryAfter) : Exception(problem.Detail)
{
    /// <summary>The API's own answer.</summary>
    public Problem Problem { get; } = problem;

    /// <summary>Seconds after which to try again, as the API says it; null where it says nothing.</summary>
    public string? RetryAfter { get; } = retryAfter;

    /// <summary>Whether the problem is of this type.</summary>
    public bool Is(string type) => Problem.Type == $"urn:eis:problem:{type}";
}
