using Microsoft.AspNetCore.Authentication;

namespace EntityImport.Server.Access;

/// <summary>
/// A handler of a scheme that needs no options and asks nobody else. The framework's base class reads options, makes events and logs for each request, which takes as long as all the rest of a status poll's way to its
/// endpoint, and its lines about refusals have no bound.
/// </summary>
internal abstract class PlainHandler : IAuthenticationHandler
{
    private HttpContext _context = null!;

    /// <summary>The scheme's name.</summary>
    protected string Scheme { get; private set; } = "";

    public Task InitializeAsync(AuthenticationScheme scheme, HttpContext context)
    {
        (_context, Scheme) = (context, scheme.Name);
        return Task.CompletedTask;
    }

    public Task<AuthenticateResult> AuthenticateAsync() => AuthenticateAsync(_context.Request);

    public Task ChallengeAsync(AuthenticationProperties? properties) => AnswerAsync(StatusCodes.Status401Unauthorized);

    public Task ForbidAsync(AuthenticationProperties? properties) => AnswerAsync(StatusCodes.Status403Forbidden);

    /// <summary>Finds the caller.</summary>
    protected abstract Task<AuthenticateResult> AuthenticateAsync(HttpRequest request);

    private Task AnswerAsync(int status)
    {
        _context.Response.StatusCode = status;
        return Task.CompletedTask;
    }
}
