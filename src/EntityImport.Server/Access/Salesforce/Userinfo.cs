using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using EntityImport.Server.Options;

namespace EntityImport.Server.Access.Salesforce;

/// <summary>
/// Asks the configured login host whose an access token is. No other host is ever connected to: redirects are not followed, and nothing of a token response names one. A proxy that the process's
/// environment names is used.
/// </summary>
internal sealed class Userinfo : IDisposable
{
    private const int MostAnswerBytes = 64 << 10;
    private const int MostAnswerHeaderKilobytes = 32;

    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(5);

    private readonly HttpClient _http;
    private readonly Uri _address;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _time;

    public Userinfo(SalesforceEnvironmentOptions options, TimeProvider time)
    {
        _address = new Uri(options.LoginHost, "/services/oauth2/userinfo");
        _timeout = TimeSpan.FromSeconds(options.TimeoutSeconds);
        _time = time;
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            // Long enough to be worth its handshake, and short enough that a change of the host's addresses is seen.
            PooledConnectionLifetime = ConnectionLifetime,
            MaxConnectionsPerServer = options.CallsAtOnce,
            MaxResponseHeadersLength = MostAnswerHeaderKilobytes,
            // What happens here is nobody else's business.
            ActivityHeadersPropagator = null,
            SslOptions = TrustedRoots.Tls(options.TrustedRootsFile),
        };
        _http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>Asks. Never throws for what the network or the other side does.</summary>
    public async Task<UserinfoAnswer> AskAsync(TokenResponse response)
    {
        using var patience = new CancellationTokenSource(_timeout, _time);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, _address);
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", response.AccessToken);
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
            using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
            return answer.StatusCode switch
            {
                HttpStatusCode.OK => Judge(await ReadAsync(answer, patience.Token), response),
                HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.NotFound => UserinfoAnswer.Bad("token-bad"),
                HttpStatusCode.TooManyRequests => UserinfoAnswer.CannotTell("salesforce-too-many-requests"),
                >= HttpStatusCode.InternalServerError => UserinfoAnswer.CannotTell("salesforce-failed"),
                _ => UserinfoAnswer.CannotTell("answer-unexpected"),
            };
        }
        catch (OperationCanceledException)
        {
            return UserinfoAnswer.CannotTell("salesforce-too-slow");
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or SocketException)
        {
            return UserinfoAnswer.CannotTell("salesforce-unreachable");
        }
    }

    public void Dispose() => _http.Dispose();

    /// <summary>An answer's body; null where it is longer than any good one.</summary>
    private static async Task<ReadOnlyMemory<byte>?> ReadAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        var body = new byte[MostAnswerBytes + 1];
        await using var stream = await answer.Content.ReadAsStreamAsync(cancellationToken);
        var length = await stream.ReadAtLeastAsync(body, body.Length, throwOnEndOfStream: false, cancellationToken);
        return length > MostAnswerBytes ? null : body.AsMemory(0, length);
    }

    /// <summary>Whether the token is its sender's: that of the user whom the token response names.</summary>
    private static UserinfoAnswer Judge(ReadOnlyMemory<byte>? body, TokenResponse response)
    {
        try
        {
            var json = body is { } bytes ? JsonElement.Parse(bytes.Span) : default;
            if (json.ValueKind != JsonValueKind.Object || Text(json, "user_id") is not { } user || Text(json, "organization_id") is not { } organisation) return UserinfoAnswer.CannotTell("answer-unreadable");
            if (!SalesforceId.IsValid(user) || !SalesforceId.IsValid(organisation)) return UserinfoAnswer.CannotTell("answer-unreadable");
            if (SalesforceId.Short(organisation) != SalesforceId.Short(response.OrganisationId)) return UserinfoAnswer.Bad("token-of-other-organisation");
            if (SalesforceId.Short(user) != SalesforceId.Short(response.UserId)) return UserinfoAnswer.Bad("token-of-other-user");
            return UserinfoAnswer.Good(Text(json, "preferred_username"));
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return UserinfoAnswer.CannotTell("answer-unreadable");
        }
    }

    private static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.String ? member.GetString() : null;
}

/// <summary>What came of asking.</summary>
/// <param name="Reason">Why the token is not, or cannot be, believed, as a stable word; null where it is good.</param>
/// <param name="IsCertain">Whether the answer is one that will still be true for a while; false where nobody could tell.</param>
/// <param name="Name">The name that the user logs in by; null where it is not known.</param>
internal readonly record struct UserinfoAnswer(string? Reason, bool IsCertain, string? Name)
{
    public bool IsGood => IsCertain && Reason is null;

    public static UserinfoAnswer Good(string? name) => new(null, IsCertain: true, name);

    public static UserinfoAnswer Bad(string reason) => new(reason, IsCertain: true, null);

    public static UserinfoAnswer CannotTell(string reason) => new(reason, IsCertain: false, null);
}
