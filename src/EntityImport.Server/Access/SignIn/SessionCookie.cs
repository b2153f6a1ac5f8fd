using System.Security.Cryptography;
using EntityImport.Server.Hosting;
using EntityImport.Server.Options;
using EntityImport.Web.Shared;
using Microsoft.AspNetCore.DataProtection;

namespace EntityImport.Server.Access.SignIn;

/// <summary>
/// The cookie by which a browser shows its session: the session's secret, encrypted. The encryption lets only what was made here reach the store; what lets somebody in is the secret, which the store has as a hash alone, so that
/// whoever reads the store, with the keys of cookies in it, can make no cookie that is of a session.
/// </summary>
internal sealed class SessionCookie(IDataProtectionProvider protection, ServerOptions options)
{
    /// <summary>A name that browsers take over https alone, and from nobody but the host itself.</summary>
    private const string HostPrefix = "__Host-";

    private readonly IDataProtector _protector = protection.CreateProtector("EntityImport.Session");

    /// <summary>Whether a request shows a session.</summary>
    public static bool IsShown(HttpRequest request, SignInOptions signIn) => request.Headers.Cookie.Count > 0 && request.Cookies.ContainsKey(Name(request, signIn));

    /// <summary>The service as the browser calls it: <c>https://eis.example.com</c>.</summary>
    /// <exception cref="RequestException">It is called so that what it answers could be overheard.</exception>
    public static string Origin(HttpRequest request, SignInOptions signIn)
    {
        if (signIn.Address is { } address) return address.GetLeftPart(UriPartial.Authority);
        if (request.IsHttps || ListenAddresses.IsLoopback(request.Host.Host)) return $"{request.Scheme}://{request.Host}";
        throw new RequestException(FaultKind.Conflict, "sign-in-needs-https", "Nobody signs in where others could overhear it: https is needed. Where something in front of the service has the certificate, access.signIn.address says how it is called there.");
    }

    /// <summary>The secret of the session that a request shows; null where it shows none, or something that was not made here.</summary>
    public string? Read(HttpRequest request)
    {
        if (request.Cookies[Name(request, options.Access.SignIn)] is not { Length: > 0 and < 1024 } shown) return null;
        try
        {
            return _protector.Unprotect(shown);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    /// <summary>Has the browser keep a session's secret, as long as the session lasts.</summary>
    public void Write(HttpContext context, string secret) =>
        context.Response.Cookies.Append(Name(context.Request, options.Access.SignIn), _protector.Protect(secret), Attributes(context.Request, options.Access.SignIn.SessionLifetime));

    /// <summary>Has the browser forget it.</summary>
    public void Clear(HttpContext context) => context.Response.Cookies.Append(Name(context.Request, options.Access.SignIn), "", Attributes(context.Request, TimeSpan.Zero));

    /// <summary>Whether the browser speaks https, with the service or with what is in front of it.</summary>
    public static bool IsSecure(HttpRequest request, SignInOptions signIn) => signIn.Address is { } address ? address.Scheme == Uri.UriSchemeHttps : request.IsHttps;

    private static string Name(HttpRequest request, SignInOptions signIn) => IsSecure(request, signIn) ? HostPrefix + SignInWays.Cookie : SignInWays.Cookie;

    /// <summary>Lax, since a provider sends the browser back to a page of this service from its own.</summary>
    private CookieOptions Attributes(HttpRequest request, TimeSpan lifetime) =>
        new() { Path = "/", HttpOnly = true, SameSite = SameSiteMode.Lax, Secure = IsSecure(request, options.Access.SignIn), MaxAge = lifetime };
}
