using System.Security.Claims;
using EntityImport.Access;
using Microsoft.AspNetCore.Http.Features.Authentication;

namespace EntityImport.Server.Access;

/// <summary>What is known of a request that was let in. The web server has a place for this feature, where one of our own kind would need a dictionary for each request.</summary>
internal sealed class AdmittedRequest(Request request, ClaimsPrincipal? user, Func<ValueTask> check) : IHttpAuthenticationFeature
{
    /// <summary>The request of the engine's services.</summary>
    public Request Request { get; } = request;

    /// <summary>Decides once more whether it is let in, for answers that go on for long: a key may be revoked meanwhile, or a token be over.</summary>
    /// <exception cref="RequestException">It is not any longer.</exception>
    public ValueTask CheckAsync() => check();

    public ClaimsPrincipal? User { get; set; } = user;
}
