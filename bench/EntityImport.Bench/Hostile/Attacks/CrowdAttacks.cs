using System.Globalization;
using System.Net.Http.Headers;
using System.Text;

namespace EntityImport.Bench.Hostile.Attacks;

/// <summary>Many callers at once.</summary>
internal static class CrowdAttacks
{
    public static IReadOnlyList<Attack> All { get; } =
    [
        new("slow-uploads", SlowUploadsAsync),
        new("inferences", target => InferAsync(target, count: 12, Sample(target.Scaled(16 << 20), columns: 8))),
        new("wide-inference", target => InferAsync(target, count: 2, Sample(target.Scaled(9_500_000), columns: 16_384))),
        new("heavy-queries", HeavyQueriesAsync),
        new("event-streams", EventStreamsAsync),
    ];

    /// <summary>Uploads that stay open; all of them are answered in the end.</summary>
    private static async Task SlowUploadsAsync(Target target)
    {
        await target.DeclareAsync("text", "a:STRING");
        var mapping = (await target.MapAsync("text"))!;
        var seconds = TimeSpan.FromSeconds(10);
        await Task.WhenAll(Enumerable.Range(0, target.Scaled(800)).Select(async _ =>
        {
            using var content = new SlowContent(seconds);
            var (status, _) = await target.SendAsync(HttpMethod.Post, $"/v1/EntityImport/{mapping}/upload", content);
            target.Expect(status is 0 or 201 or 503, "a slow upload is neither taken nor asked to come back");
        }));
    }

    private static async Task InferAsync(Target target, int count, byte[] sample) => await Task.WhenAll(Enumerable.Range(0, count).Select(async _ =>
    {
        using var content = new ByteArrayContent(sample);
        content.Headers.ContentType = new MediaTypeHeaderValue("text/csv");
        await target.SendAsync(HttpMethod.Post, "/v1/LogicalEntity/infer", content);
    }));

    private static async Task HeavyQueriesAsync(Target target)
    {
        await target.DeclareAsync("many", "id:INTEGER", "a:STRING");
        var mapping = (await target.MapAsync("many"))!;
        await target.ImportAsync(mapping, new RepeatedStream("id,a\n", "1,Some text of a record\n2,Another text\n", target.Scaled(100_000)));
        var filter = string.Join(" or ", Enumerable.Range(0, 101).Select(i => string.Create(CultureInfo.InvariantCulture, $"contains(tolower(a),'x{i}')")));
        await Task.WhenAll(Enumerable.Range(0, 100).Select(async _ =>
        {
            var (status, _) = await target.GetAsync($"/v1/LogicalEntityData/many?$orderby=a%20desc&$filter={Uri.EscapeDataString(filter)}");
            target.Expect(status is 200 or 503, "a heavy query is neither answered nor asked to come back");
        }));
    }

    /// <summary>Streams of an import's progress that nobody reads.</summary>
    private static async Task EventStreamsAsync(Target target)
    {
        await target.DeclareAsync("many", "a:STRING");
        var mapping = (await target.MapAsync("many"))!;
        var upload = (await target.UploadAsync(mapping, new RepeatedStream("a\n", "some text\n", target.Scaled(3_000_000))))!;
        var import = (await target.BeginAsync(upload))!;
        var streams = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => target.OpenAsync($"/v1/EntityImport/imports/{import}/events")));
        await target.EndAsync(import);
        foreach (var stream in streams) stream.Dispose();
    }

    private static byte[] Sample(int bytes, int columns)
    {
        var text = new StringBuilder(bytes + 1000);
        text.AppendJoin(',', Enumerable.Range(0, columns).Select(i => string.Create(CultureInfo.InvariantCulture, $"c{i}"))).Append('\n');
        for (var row = 0; text.Length < bytes; row++)
        {
            for (var column = 0; column < columns; column++)
                text.Append(column == 0 ? "" : ",").Append((column % 4) switch { 0 => row.ToString(CultureInfo.InvariantCulture), 1 => "2024-01-31", 2 => "1,5", _ => "text" } is var value && value.Contains(',', StringComparison.Ordinal) ? $"\"{value}\"" : value);
            text.Append('\n');
        }

        return Encoding.ASCII.GetBytes(text.ToString());
    }

    /// <summary>A file that comes byte by byte.</summary>
    private sealed class SlowContent : HttpContent
    {
        private readonly TimeSpan _duration;

        public SlowContent(TimeSpan duration)
        {
            _duration = duration;
            Headers.ContentType = new MediaTypeHeaderValue("text/csv");
        }

        protected override Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context, CancellationToken cancellationToken)
        {
            await stream.WriteAsync("a\n"u8.ToArray(), cancellationToken);
            for (var second = 0; second < _duration.TotalSeconds; second++)
            {
                await stream.WriteAsync("x"u8.ToArray(), cancellationToken);
                await stream.FlushAsync(cancellationToken);
                await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken);
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
