using System.Text.Json;
using EntityImport.Api;

namespace EntityImport.Server.Imports;

/// <summary>Writes the progress of an import or a plan as Server-Sent Events.</summary>
internal static class ImportEvents
{
    public const string MediaType = "text/event-stream";

    /// <summary>The shortest time between two events.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    /// <summary>After so long without an event a comment is sent, so that nobody on the way takes the connection for dead.</summary>
    public static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    /// <summary>Answers with an event for each snapshot, and ends with the last.</summary>
    /// <param name="response">The answer.</param>
    /// <param name="lifetime">The server's life.</param>
    /// <param name="watch">The snapshots.</param>
    /// <param name="tell">Whether a snapshot is the last, and what is told of it.</param>
    /// <param name="cancellationToken">The watcher is gone.</param>
    public static async Task StreamAsync<T>(
        HttpResponse response, IHostApplicationLifetime lifetime, Func<CancellationToken, IAsyncEnumerable<T>> watch, Func<T, (bool HasEnded, object Details)> tell, CancellationToken cancellationToken)
    {
        // Watchers must not hold up a server that stops; they reconnect to the next one.
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
        response.ContentType = MediaType;
        response.Headers.CacheControl = "no-store";
        // A proxy that collects an answer before it passes it on would make events of the past of them.
        response.Headers["X-Accel-Buffering"] = "no";
        try
        {
            await WriteAsync(watch(ending.Token), tell, response.Body, Heartbeat, ending.Token);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // The watcher is gone, or the server stops.
        }
    }

    /// <summary>Writes an event for each snapshot, and ends with the last.</summary>
    public static async Task WriteAsync<T>(IAsyncEnumerable<T> snapshots, Func<T, (bool HasEnded, object Details)> tell, Stream target, TimeSpan heartbeat, CancellationToken cancellationToken)
    {
        await using var enumerator = snapshots.GetAsyncEnumerator(cancellationToken);
        while (true)
        {
            var next = enumerator.MoveNextAsync().AsTask();
            while (await Task.WhenAny(next, Task.Delay(heartbeat, cancellationToken)) != next)
            {
                if (cancellationToken.IsCancellationRequested) break;
                await target.WriteAsync(": waiting\n\n"u8.ToArray(), cancellationToken);
                await target.FlushAsync(cancellationToken);
            }

            if (!await next) return;
            await WriteAsync(tell(enumerator.Current), target, cancellationToken);
        }
    }

    private static async Task WriteAsync((bool HasEnded, object Details) told, Stream target, CancellationToken cancellationToken)
    {
        // JSON has no line breaks outside of strings and escapes those inside, so one data line is enough.
        using var text = new MemoryStream();
        text.Write(told.HasEnded ? "event: ended\ndata: "u8 : "event: progress\ndata: "u8);
        await JsonSerializer.SerializeAsync(text, told.Details, ApiJson.Options, cancellationToken);
        text.Write("\n\n"u8);
        await target.WriteAsync(text.GetBuffer().AsMemory(0, (int)text.Length), cancellationToken);
        await target.FlushAsync(cancellationToken);
    }
}
