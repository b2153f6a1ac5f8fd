using EntityImport.Server.Options;

namespace EntityImport.Server.Access.Jwt;

/// <summary>How an issuer is asked: certificates are always validated, no redirect is followed, no cookie kept, and answers are bounded.</summary>
internal static class IssuerHttp
{
    private const int MostAnswerBytes = 1 << 20;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>What asks.</summary>
    /// <param name="options">The issuer.</param>
    /// <param name="mayCall">Which addresses may be asked; null means all, as where the metadata name them.</param>
    public static HttpClient Connect(IssuerOptions options, Func<Uri, bool>? mayCall = null)
    {
        var sockets = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            ActivityHeadersPropagator = null,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            SslOptions = TrustedRoots.Tls(options.TrustedRootsFile),
        };
        return new HttpClient(mayCall is null ? sockets : new Bounds(sockets, mayCall)) { Timeout = Patience, MaxResponseContentBufferSize = MostAnswerBytes };
    }

    private sealed class Bounds(HttpMessageHandler inner, Func<Uri, bool> mayCall) : DelegatingHandler(inner)
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => mayCall(request.RequestUri!)
            ? base.SendAsync(request, cancellationToken)
            : throw new HttpRequestException($"The provider's metadata lead to {request.RequestUri!.Authority}, which is not configured.");
    }
}
