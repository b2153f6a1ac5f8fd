using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Sockets;
using EntityImport.Notices;
using EntityImport.Server.Options;

namespace EntityImport.Server.Notices;

/// <summary>
/// Sends notices over HTTP. Each is sent over a connection of its own, to an address that was judged for it; redirects are not followed, no proxy, cookie or credential of this machine is used, and nothing of an answer is
/// read but its status and headers.
/// </summary>
internal sealed class NoticePost : INoticePost, IDisposable
{
    private const int MostAnswerHeaderKilobytes = 16;

    /// <summary>How long one attempt may take, from looking up the name to the answer's headers.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <summary>How long an address is judged at most when a webhook is made.</summary>
    private static readonly TimeSpan JudgingPatience = TimeSpan.FromSeconds(5);

    private readonly HttpClient _http;
    private readonly NoticeTargets _targets;
    private readonly TimeProvider _time;

    public NoticePost(ServerOptions options, ResolveName resolve, TimeProvider time)
    {
        _targets = new NoticeTargets(options.Notices, resolve);
        _time = time;
        _http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            // A connection that is kept would lead where its name led before.
            PooledConnectionLifetime = TimeSpan.Zero,
            // What an answer says is of no use, and may have no end.
            MaxResponseDrainSize = 0,
            MaxResponseHeadersLength = MostAnswerHeaderKilobytes,
            // What happens here is nobody else's business.
            ActivityHeadersPropagator = null,
            SslOptions = TrustedRoots.Tls(options.Notices.TrustedRootsFile),
            ConnectCallback = ConnectAsync,
        })
        { Timeout = Timeout.InfiniteTimeSpan };
    }

    public async Task<string?> FindFaultAsync(string url, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(JudgingPatience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            await _targets.ResolveAsync(NoticeTargets.Parse(url), either.Token);
            return null;
        }
        catch (TargetRefusedException refused)
        {
            return refused.Message;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return string.Create(CultureInfo.InvariantCulture, $"The host's name was not resolved in {JudgingPatience.TotalSeconds} s.");
        }
    }

    public async Task<PostAnswer> SendAsync(SignedNotice notice, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(Patience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            using var request = RequestOf(notice);
            using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            var status = (int)answer.StatusCode;
            return new PostAnswer(status, status switch
            {
                >= 200 and < 300 => null,
                >= 300 and < 400 => string.Create(CultureInfo.InvariantCulture, $"The receiver answered {status}: redirects are not followed."),
                _ => string.Create(CultureInfo.InvariantCulture, $"The receiver answered {status}."),
            });
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new PostAnswer(null, string.Create(CultureInfo.InvariantCulture, $"There was no answer in {Patience.TotalSeconds} s."));
        }
        catch (Exception exception) when (exception is TargetRefusedException or HttpRequestException or IOException or SocketException)
        {
            return new PostAnswer(null, Explain(exception));
        }
    }

    public void Dispose() => _http.Dispose();

    private static HttpRequestMessage RequestOf(SignedNotice notice)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, NoticeTargets.Parse(notice.Url));
        try
        {
            request.Headers.Add("webhook-id", notice.Id);
            request.Headers.Add("webhook-timestamp", notice.Timestamp.ToString(CultureInfo.InvariantCulture));
            request.Headers.Add("webhook-signature", notice.Signature);
            request.Headers.UserAgent.Add(new ProductInfoHeaderValue("EntityImport", null));
            request.Content = new ReadOnlyMemoryContent(notice.Body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
            return request;
        }
        catch
        {
            request.Dispose();
            throw;
        }
    }

    /// <summary>Connects to an address that was judged, and to no other; the request keeps the host's name, and so does TLS.</summary>
    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        SocketException? failed = null;
        foreach (var address in await _targets.ResolveAsync(context.InitialRequestMessage.RequestUri!, cancellationToken))
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(address, context.DnsEndPoint.Port, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (SocketException exception)
            {
                socket.Dispose();
                failed = exception;
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }

        throw failed!;
    }

    /// <summary>Why nothing was delivered, by the cause that says most: the outer exceptions of the client tell little.</summary>
    private static string Explain(Exception exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case TargetRefusedException refused: return refused.Message;
                case SocketException socket: return $"There was no connection: {socket.SocketErrorCode}.";
                case System.Security.Authentication.AuthenticationException: return "The receiver's certificate is not trusted, or TLS failed otherwise.";
            }
        }

        return "The connection broke, or the answer was none of HTTP.";
    }
}
