using System.Text.Json;
using EntityImport.Api;
using EntityImport.Imports;

namespace EntityImport.Server.Imports;

/// <summary>Writes an import's progress as Server-Sent Events.</summary>
internal static class ImportEvents
{
    public const string MediaType = "text/event-stream";

    /// <summary>The shortest time between two events.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    /// <summary>After so long without an event a comment is sent, so that nobody on the way takes the connection for dead.</summary>
    public static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    /// <summary>Writes an event for each snapshot, and ends with the last.</summary>
    public static async Task WriteAsync(IAsyncEnumerable<ImportSnapshot> snapshots, Stream target, TimeSpan heartbeat, CancellationToken cancellationToken)
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
            await WriteAsync(enumerator.Current, target, cancellationToken);
        }
    }

    private static async Task WriteAsync(ImportSnapshot snapshot, Stream target, CancellationToken cancellationToken)
    {
        // JSON has no line breaks outside of strings and escapes those inside, so one data line is enough.
        using var text = new MemoryStream();
        text.Write(snapshot.Import.HasEnded ? "event: ended\ndata: "u8 : "event: progress\ndata: "u8);
        await JsonSerializer.SerializeAsync(text, ImportDetails.Of(snapshot), ApiJson.Options, cancellationToken);
        text.Write("\n\n"u8);
        await target.WriteAsync(text.GetBuffer().AsMemory(0, (int)text.Length), cancellationToken);
        await target.FlushAsync(cancellationToken);
    }
}
