namespace EntityImport.Server.Http;

/// <summary>
/// Answers HEAD wherever there is GET: routed as GET, handled as HEAD, and over when the answer's headers are known. Nothing is written for nobody, and
/// an event stream ends.
/// </summary>
internal static class HeadRequests
{
    /// <summary>Adds routing to the application.</summary>
    public static void UseRoutingWithHead(this WebApplication app)
    {
        app.Use((context, next) =>
        {
            if (!HttpMethods.IsHead(context.Request.Method)) return next(context);
            context.Features.Set(HeadAsGet.Instance);
            context.Request.Method = HttpMethods.Get;
            return next(context);
        });
        app.UseRouting();
        app.Use((context, next) => context.Features.Get<HeadAsGet>() is not null ? HandleAsync(context, next) : next(context));
    }

    private static async Task HandleAsync(HttpContext context, RequestDelegate next)
    {
        var (body, aborted) = (context.Response.Body, context.RequestAborted);
        using var answered = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        context.Request.Method = HttpMethods.Head;
        context.RequestAborted = answered.Token;
        context.Response.Body = new HeadBody(context.Response, answered);
        try
        {
            await next(context);
        }
        catch (OperationCanceledException) when (answered.IsCancellationRequested && !aborted.IsCancellationRequested)
        {
            // Whoever wrote a body was told that there is nobody who wants it.
        }
        finally
        {
            (context.Response.Body, context.RequestAborted) = (body, aborted);
        }
    }

    /// <summary>Marks a request that came as HEAD.</summary>
    private sealed class HeadAsGet
    {
        public static readonly HeadAsGet Instance = new();
    }

    /// <summary>The body of an answer that has none: the first byte sends the headers, and ends the work on the rest.</summary>
    private sealed class HeadBody(HttpResponse response, CancellationTokenSource answered) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            answered.Token.ThrowIfCancellationRequested();
            await response.StartAsync(CancellationToken.None);
            await answered.CancelAsync();
        }

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override Task FlushAsync(CancellationToken cancellationToken) => response.StartAsync(CancellationToken.None);

        public override void Flush()
        {
            // Nothing is held back.
        }

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Answers are written asynchronously.");

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
