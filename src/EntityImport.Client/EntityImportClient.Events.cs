using System.Net;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using EntityImport.Api;

namespace EntityImport.Client;

/// <content>Streams of events.</content>
public sealed partial class EntityImportClient
{
    /// <summary>How long nothing may come of a stream; the service sends a comment every 15 s.</summary>
    internal TimeSpan LongestSilence { get; init; } = TimeSpan.FromSeconds(45);

    /// <summary>How long a service that was followed may be away.</summary>
    internal TimeSpan LongestAbsence { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>What an absence is measured by, and waited out.</summary>
    internal TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Reads events until the last one. A service that stops ends its streams in order, and one behind it goes on, so a stream that has ended before, was broken or is silent is asked for again.</summary>
    private async IAsyncEnumerable<T> FollowAsync<T>(string path, Func<T, bool> isLast, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (isFollowed, pause) = (false, FirstPoll);
        long? lost = null;
        // Where the stream goes on, so that what happens while there is none is told.
        var place = "";
        while (true)
        {
            var begun = Clock.GetTimestamp();
            Exception? fault = null;
            HttpResponseMessage? opened = null;
            try
            {
                opened = await OpenAsync(path, place, isFollowed ? LongestSilence : Timeout.InfiniteTimeSpan, cancellationToken);
                isFollowed = true;
            }
            catch (Exception exception) when (isFollowed && MayPass(exception, cancellationToken))
            {
                fault = exception;
            }

            if (opened is not null)
            {
                using var response = opened;
                await using var content = new TimedStream(await response.Content.ReadAsStreamAsync(cancellationToken), LongestSilence, () => lost = null);
                var parser = SseParser.Create(content, (_, data) => JsonSerializer.Deserialize<T>(data, ApiJson.Options)!);
                await using var events = parser.EnumerateAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
                while (true)
                {
                    try
                    {
                        if (!await events.MoveNextAsync()) break;
                    }
                    catch (Exception exception) when (MayPass(exception, cancellationToken))
                    {
                        fault = exception;
                        break;
                    }

                    yield return events.Current.Data;
                    if (isLast(events.Current.Data)) yield break;
                }

                if (parser.LastEventId.Length > 0) place = parser.LastEventId;
            }

            if (Clock.GetElapsedTime(begun) > LongestPoll) pause = FirstPoll;
            var wait = fault is EntityImportProblemException { RetryAfter: { } wished } && wished > pause ? wished : pause;
            lost ??= Clock.GetTimestamp();
            if (Clock.GetElapsedTime(lost.Value) + wait > LongestAbsence)
                throw fault ?? new HttpIOException(HttpRequestError.ResponseEnded, "The service ends its streams of events before there is anything in them.");
            await Task.Delay(wait, Clock, cancellationToken);
            pause = pause * 1.5 < LongestPoll ? pause * 1.5 : LongestPoll;
        }
    }

    private async Task<HttpResponseMessage> OpenAsync(string path, string place, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(timeout);
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (place.Length > 0) request.Headers.TryAddWithoutValidation("Last-Event-ID", place);
        return await SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limited.Token);
    }

    /// <summary>Whether a stream may be had a moment later.</summary>
    private static bool MayPass(Exception exception, CancellationToken cancellationToken) => exception switch
    {
        EntityImportProblemException problem => problem.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout,
        OperationCanceledException => !cancellationToken.IsCancellationRequested,
        _ => exception is HttpRequestException or IOException,
    };
}
