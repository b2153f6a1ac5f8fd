using System.Security.Claims;
using EntityImport.Access;
using Microsoft.AspNetCore.Authentication;

namespace EntityImport.Server.Access;

/// <summary>What every scheme of authentication ends in: one caller.</summary>
internal sealed class CallerPrincipal(Caller caller) : ClaimsPrincipal(new ClaimsIdentity(caller.Scheme))
{
    /// <summary>The caller.</summary>
    public Caller Caller { get; } = caller;

    /// <summary>The result of an authentication that found a caller.</summary>
    public static AuthenticateResult Success(Caller caller, string scheme) => AuthenticateResult.Success(new AuthenticationTicket(new CallerPrincipal(caller), scheme));
}
