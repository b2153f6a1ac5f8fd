using System.Net;
using System.Text;
using EntityImport.Api;
using EntityImport.Client;

namespace EntityImport.Server.Tests;

/// <summary>Streams of events that do not come to their end at once, as the client reads them.</summary>
public sealed class ClientEventTests
{
    private const string Id = "0b1c2d3e-4f50-4172-8394-a5b6c7d8e9f0";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string> Losses => ["ended", "broken", "silent"];

    [Theory]
    [MemberData(nameof(Losses))]
    public async Task An_import_is_followed_to_its_end_over_as_many_connections_as_that_takes(string loss)
    {
        using var service = new Scripted(
            () => Events(loss, Import("RUNNING"), Import("RUNNING")),
            () => throw new HttpRequestException(HttpRequestError.ConnectionError, "Connection refused"),
            () => Problem(HttpStatusCode.ServiceUnavailable),
            () => new HttpResponseMessage(HttpStatusCode.BadGateway),
            () => Events(loss, Import("RUNNING")),
            () => Events("ended", Import("SUCCEEDED"), Import("FAILED")));

        var seen = await service.Client.WatchAsync(Guid.Parse(Id), Cancel).Select(details => details.State).ToListAsync(Cancel);

        Assert.Equal([ImportState.Running, ImportState.Running, ImportState.Running, ImportState.Succeeded], seen);
        Assert.Equal([.. Enumerable.Repeat($"/v1/EntityImport/imports/{Id}/events", 6)], service.Requests);
    }

    [Theory]
    [MemberData(nameof(Losses))]
    public async Task A_plan_is_followed_to_its_end_over_as_many_connections_as_that_takes(string loss)
    {
        using var service = new Scripted(() => Events(loss, Plan("RUNNING")), () => Events("ended", Plan("CANCELLED")));

        var seen = await service.Client.WatchPlanAsync(Guid.Parse(Id), Cancel).Select(details => details.Plan.State).ToListAsync(Cancel);

        Assert.Equal([ImportState.Running, ImportState.Cancelled], seen);
        Assert.Equal([.. Enumerable.Repeat($"/v1/EntityImport/plans/{Id}/events", 2)], service.Requests);
    }

    [Theory]
    [MemberData(nameof(Losses))]
    public async Task All_imports_are_followed_until_the_caller_may_not_any_more(string loss)
    {
        using var service = new Scripted(() => Events(loss, Import("RUNNING"), Import("SUCCEEDED")), () => Events(loss), () => Events(loss, Import("FAILED")), () => Problem(HttpStatusCode.Unauthorized));
        var seen = new List<ImportState>();

        var refused = await Assert.ThrowsAsync<EntityImportProblemException>(async () =>
        {
            await foreach (var details in service.Client.WatchAllAsync("t", Cancel)) seen.Add(details.State);
        });

        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.Equal([ImportState.Running, ImportState.Succeeded, ImportState.Failed], seen);
        Assert.Equal([.. Enumerable.Repeat("/v1/EntityImport/events?entity=t", 4)], service.Requests);
    }

    [Theory]
    [MemberData(nameof(Losses))]
    public async Task A_stream_goes_on_from_the_last_place_that_was_told(string loss)
    {
        using var service = new Scripted(() => EventsFrom("7"), () => Events(loss, Import("RUNNING")), () => EventsFrom("9", Import("RUNNING")), () => Problem(HttpStatusCode.Unauthorized));

        await Assert.ThrowsAsync<EntityImportProblemException>(async () => await service.Client.WatchAllAsync(cancellationToken: Cancel).ToListAsync(Cancel));

        Assert.Equal(["", "7", "7", "9"], service.Places);

        HttpResponseMessage EventsFrom(string place, params string[] data) =>
            new(HttpStatusCode.OK) { Content = new StreamContent(new Unending(new MemoryStream(Encoding.UTF8.GetBytes($"id: {place}\n" + string.Concat(data.Select(details => $"data: {details.ReplaceLineEndings("")}\n")) + "\n")), loss)) };
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_service_that_stays_away_is_not_waited_for_without_end(bool isReached)
    {
        using var service = new Scripted(
            () => Events("ended", Import("RUNNING")), () => isReached ? Events("ended") : throw new HttpRequestException(HttpRequestError.ConnectionError, "Connection refused"))
        {
            LongestAbsence = TimeSpan.FromMinutes(1),
            LongestSilence = TimeSpan.FromDays(1),
            Clock = new PassingTime(),
        };
        var seen = new List<ImportState>();

        var fault = await Record.ExceptionAsync(async () =>
        {
            await foreach (var details in service.Client.WatchAsync(Guid.Parse(Id), Cancel)) seen.Add(details.State);
        });

        Assert.Equal(isReached ? HttpRequestError.ResponseEnded : HttpRequestError.ConnectionError, fault switch
        {
            HttpIOException ended => ended.HttpRequestError,
            HttpRequestException refused => refused.HttpRequestError,
            _ => throw new InvalidOperationException("Something else was thrown.", fault),
        });
        Assert.Equal([ImportState.Running], seen);
        // Soon at first, and then every 2 s.
        Assert.InRange(service.Requests.Count, 30, 50);
        Assert.InRange(service.Client.Clock.GetElapsedTime(0), TimeSpan.FromSeconds(58), TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task A_service_that_was_never_reached_is_not_asked_again()
    {
        using var service = new Scripted(() => throw new HttpRequestException(HttpRequestError.ConnectionError, "Connection refused"));

        await Assert.ThrowsAsync<HttpRequestException>(async () => await service.Client.WatchAsync(Guid.Parse(Id), Cancel).ToListAsync(Cancel));

        Assert.Single(service.Requests);
    }

    [Fact]
    public async Task Who_cancels_waits_for_no_connection()
    {
        using var service = new Scripted(() => Events("silent", Import("RUNNING"))) { LongestSilence = TimeSpan.FromDays(1) };
        using var cancelling = CancellationTokenSource.CreateLinkedTokenSource(Cancel);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in service.Client.WatchAsync(Guid.Parse(Id), cancelling.Token)) await cancelling.CancelAsync();
        });

        Assert.Single(service.Requests);
    }

    private static HttpResponseMessage Events(string loss, params string[] data)
    {
        var text = string.Concat(data.Select(details => $"event: progress\ndata: {details.ReplaceLineEndings("")}\n\n"));
        var source = new MemoryStream(Encoding.UTF8.GetBytes(text + ": waiting\n\n"));
        return new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(loss == "ended" && data.Length == 0 ? new MemoryStream() : new Unending(source, loss)) };
    }

    private static HttpResponseMessage Problem(HttpStatusCode status) => new(status)
    {
        Content = new StringContent("""{"type":"urn:eis:problem:some","title":"Some","status":0,"detail":"?","instance":""}""", Encoding.UTF8, Api.Problem.MediaType),
    };

    private static string Import(string state) => $$"""
        {"importId":"{{Id}}","uploadId":"{{Id}}","mappingId":"{{Id}}","mappingRevision":1,"entitySystemName":"t","state":"{{state}}","phase":"LOADING","status":"RUNNING",
         "startDate":"2026-03-01T08:00:00.000Z","stopDate":null,"attempts":1,"invokedBy":null,"dryRun":false,"clientErrorCallingService":false,
         "ledger":{"records":1,"inserted":1,"updated":0,"unchanged":0,"superseded":0,"rejected":0,"removed":0,"balanced":true},
         "progress":{"phase":"LOADING","recordsRead":1,"bytesRead":4,"bytesTotal":4,"recordsPerSecond":1,"estimatedSecondsLeft":null},
         "file":{"name":"t.csv","size":4,"sha256":null},"definition":{},"duplicateOf":null,"code":null,"message":null,"warnings":[],"stageMilliseconds":{},"links":{} }
        """;

    private static string Plan(string state) => $$"""
        {"plan":{"planId":"{{Id}}","uploadId":"{{Id}}","state":"{{state}}"},"file":{"name":"t.csv","size":4} }
        """;

    /// <summary>A service that answers one request after the other, and all further ones as the last.</summary>
    private sealed class Scripted(params Func<HttpResponseMessage>[] answers) : HttpMessageHandler
    {
        public TimeSpan LongestSilence { get; init; } = TimeSpan.FromMilliseconds(100);

        public TimeSpan LongestAbsence { get; init; } = TestServer.Patience;

        public TimeProvider Clock { get; init; } = TimeProvider.System;

        public List<string> Requests { get; } = [];

        public List<string> Places { get; } = [];

        public EntityImportClient Client => field ??= new EntityImportClient(new HttpClient(this) { BaseAddress = new Uri("http://127.0.0.1/") }) { LongestSilence = LongestSilence, LongestAbsence = LongestAbsence, Clock = Clock };

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            await Task.Yield();
            Requests.Add(request.RequestUri!.PathAndQuery);
            Places.Add(request.Headers.TryGetValues("Last-Event-ID", out var place) ? place.Single() : "");
            return answers[Math.Min(Requests.Count, answers.Length) - 1]();
        }
    }

    /// <summary>A time that passes where somebody waits, at once.</summary>
    private sealed class PassingTime : TimeProvider
    {
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _ticks += dueTime.Ticks;
            return base.CreateTimer(callback, state, TimeSpan.Zero, period);
        }
    }

    /// <summary>What was sent, and then the end, a break, or nothing.</summary>
    private sealed class Unending(Stream sent, string then) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var length = await sent.ReadAsync(buffer, cancellationToken);
            if (length > 0 || then == "ended") return length;
            if (then == "broken") throw new HttpIOException(HttpRequestError.ResponseEnded, "The response ended prematurely.");
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return 0;
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void Flush()
        {
        }

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
