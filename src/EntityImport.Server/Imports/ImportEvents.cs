using System.Globalization;
using System.Text;
using System.Text.Json;
using EntityImport.Api;
using EntityImport.Catalog;
using EntityImport.Imports;
using EntityImport.Server.Access;
using EntityImport.Server.Http;
using Microsoft.AspNetCore.Http.Features.Authentication;

namespace EntityImport.Server.Imports;

/// <summary>Writes the progress of an import or a plan as Server-Sent Events.</summary>
internal static class ImportEvents
{
    public const string MediaType = "text/event-stream";

    /// <summary>The shortest time between two events.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    /// <summary>The shortest time between two events of an import in a stream of all.</summary>
    public static readonly TimeSpan IntervalOfAll = TimeSpan.FromSeconds(1);

    /// <summary>How long a stream of all imports goes on: then whoever watches asks again, and is looked at again, whether he may.</summary>
    public static readonly TimeSpan LifeOfAll = TimeSpan.FromMinutes(5);

    /// <summary>After so long without an event a comment is sent, so that nobody on the way takes the connection for dead.</summary>
    public static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    /// <summary>How often it is asked whether who watches may do so still.</summary>
    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(5);

    private const string LastEventId = "Last-Event-ID";

    /// <summary>Answers with an event for each snapshot of any import, for a while. Each has as its id the place from which to go on so that nothing is missed, which browsers send back by themselves.</summary>
    public static async Task StreamAllAsync(HttpContext context, IHostApplicationLifetime lifetime, Call call, string? entity, CancellationToken cancellationToken)
    {
        using var life = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        life.CancelAfter(LifeOfAll);
        var views = call.Engine.ImportViews;
        var after = await views.ListAsync(call.Request, new ImportQuery(entity, [], Before: null, Limit: 1), cancellationToken) is [var newest] ? newest.Sequence : 0;
        // Another store may be at this address by now, whose imports have lower numbers.
        if (long.TryParse(context.Request.Headers[LastEventId], NumberStyles.None, CultureInfo.InvariantCulture, out var told)) after = Math.Min(told, after);
        var (open, last) = (new SortedSet<long>(), after);
        await StreamAsync(
            context.Response, lifetime, token => views.WatchAllAsync(call.Request, entity, after, IntervalOfAll, token), snapshot => (snapshot.Import.HasEnded, ImportDetails.Of(snapshot)), life.Token, after, PlaceOf);

        // Before the first import whose end was not told.
        long PlaceOf(ImportSnapshot snapshot)
        {
            var number = snapshot.Import.Sequence;
            if (snapshot.Import.HasEnded) open.Remove(number);
            else open.Add(number);
            last = Math.Max(last, number);
            return open.Count > 0 ? open.Min - 1 : last;
        }
    }

    /// <summary>Answers with an event for each snapshot, and ends with the last.</summary>
    /// <param name="response">The answer.</param>
    /// <param name="lifetime">The server's life.</param>
    /// <param name="watch">The snapshots.</param>
    /// <param name="tell">Whether a snapshot is the last, and what is told of it.</param>
    /// <param name="cancellationToken">The watcher is gone.</param>
    /// <param name="begin">The place that is told before there is an event, which can be long; null where there are no places.</param>
    /// <param name="placeOf">The place that is told with a snapshot; null where there are none.</param>
    public static async Task StreamAsync<T>(
        HttpResponse response, IHostApplicationLifetime lifetime, Func<CancellationToken, IAsyncEnumerable<T>> watch, Func<T, (bool HasEnded, object Details)> tell, CancellationToken cancellationToken, long? begin = null, Func<T, long>? placeOf = null)
    {
        // Watchers must not hold up a server that stops; they reconnect to the next one.
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
        var checking = CheckAsync(response.HttpContext, ending);
        response.ContentType = MediaType;
        response.Headers.CacheControl = "no-store";
        // A proxy that collects an answer before it passes it on would make events of the past of them.
        response.Headers["X-Accel-Buffering"] = "no";
        try
        {
            if (begin is { } place)
            {
                await response.Body.WriteAsync(Place(place), ending.Token);
                await response.Body.WriteAsync("\n"u8.ToArray(), ending.Token);
                await response.Body.FlushAsync(ending.Token);
            }

            await WriteAsync(watch(ending.Token), tell, response.Body, Heartbeat, ending.Token, placeOf);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // The watcher is gone, or may not watch any longer, or the server stops.
        }
        finally
        {
            await ending.CancelAsync();
            await checking;
        }
    }

    /// <summary>Ends a stream whose watcher is not let in any longer; who then asks again is told why.</summary>
    private static async Task CheckAsync(HttpContext context, CancellationTokenSource ending)
    {
        if (context.Features.Get<IHttpAuthenticationFeature>() is not AdmittedRequest admitted) return;
        while (true)
        {
            await Task.Delay(CheckInterval, ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (ending.IsCancellationRequested) return;
            try
            {
                await admitted.CheckAsync().AsTask().WaitAsync(ending.Token);
            }
            catch (RequestException refusal) when (refusal.Kind is FaultKind.Unauthenticated or FaultKind.Forbidden)
            {
                await ending.CancelAsync();
            }
            catch (Exception exception) when (!ending.IsCancellationRequested)
            {
                context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(ImportEvents)).LogWarning(exception, "Whether who follows {Path} may do so still could not be found out; it is asked again", context.Request.Path);
            }
            catch (Exception)
            {
                // The stream ends anyway.
            }
        }
    }

    /// <summary>Writes an event for each snapshot, and ends with the last.</summary>
    public static async Task WriteAsync<T>(IAsyncEnumerable<T> snapshots, Func<T, (bool HasEnded, object Details)> tell, Stream target, TimeSpan heartbeat, CancellationToken cancellationToken, Func<T, long>? placeOf = null)
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
            await WriteAsync(tell(enumerator.Current), placeOf?.Invoke(enumerator.Current), target, cancellationToken);
        }
    }

    private static byte[] Place(long place) => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"id: {place}\n"));

    private static async Task WriteAsync((bool HasEnded, object Details) told, long? place, Stream target, CancellationToken cancellationToken)
    {
        // JSON has no line breaks outside of strings and escapes those inside, so one data line is enough.
        using var text = new MemoryStream();
        text.Write(told.HasEnded ? "event: ended\ndata: "u8 : "event: progress\ndata: "u8);
        await JsonSerializer.SerializeAsync(text, told.Details, ApiJson.Options, cancellationToken);
        text.Write("\n"u8);
        // Last, so that who gets half of an event does not go on behind it.
        if (place is { } known) text.Write(Place(known));
        text.Write("\n"u8);
        await target.WriteAsync(text.GetBuffer().AsMemory(0, (int)text.Length), cancellationToken);
        await target.FlushAsync(cancellationToken);
    }
}
