using System.Runtime.CompilerServices;
using System.Security.Claims;
using EntityImport.Access;
using Microsoft.AspNetCore.Authentication;

namespace EntityImport.Server.Access;

/// <summary>What every scheme of authentication ends in: one caller.</summary>
internal sealed class CallerIdentity(Caller caller) : ClaimsIdentity(caller.Scheme)
{
    /// <summary>The caller.</summary>
    public Caller Caller { get; } = caller;

    /// <summary>Results of callers that come again and again; nothing in them changes.</summary>
    private static readonly ConditionalWeakTable<Caller, AuthenticateResult> Results = [];

    /// <summary>The result of an authentication that found a caller.</summary>
    public static AuthenticateResult Success(Caller caller, string scheme) =>
        Results.GetValue(caller, found => AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(new CallerIdentity(found)), scheme)));
}
