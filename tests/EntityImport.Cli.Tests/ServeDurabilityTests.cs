using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace EntityImport.Cli.Tests;

/// <summary>The service as a process of its own: stopped, killed, and watched from outside.</summary>
public sealed class ServeDurabilityTests : IDisposable
{
    private const int Uploads = 200;
    private const int UploadBytes = 10_000_000;
    private const long MaxMemoryBytes = 500L << 20;

    private readonly Eis _eis = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _eis.Dispose();

    [Fact]
    public async Task A_stop_interrupts_imports_and_requests_within_ten_seconds_and_the_import_runs_again_by_itself()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Signals are sent with kill.");
        Guid import;
        using (var server = await ServeProcess.StartAsync(_eis))
        {
            var mapping = await server.MapAsync("orders");
            var upload = await server.PostAsync($"/v1/EntityImport/{mapping}/upload", Csv(LargeCsv(1_500_000)), "uploadId");
            import = await server.PostAsync($"/v1/EntityImport/{upload}/import", null, "importId");
            using var events = await server.Http.GetAsync(
                new Uri($"/v1/EntityImport/imports/{import}/events", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, Token);
            using var endless = new EndlessContent();
            var uploading = server.Http.PostAsync(new Uri($"/v1/EntityImport/{mapping}/upload", UriKind.Relative), endless, Token);
            await endless.Begun.WaitAsync(Token);
            var state = await server.StateAsync(import);
            Assert.Contains(state.State, (string[])["QUEUED", "RUNNING"]);

            await server.TerminateAsync(TimeSpan.FromSeconds(10));

            endless.Go();
            await Assert.ThrowsAnyAsync<HttpRequestException>(() => uploading.WaitAsync(TimeSpan.FromSeconds(30), Token));
        }

        using var again = await ServeProcess.StartAsync(_eis);
        Assert.Equal(("SUCCEEDED", 1, 1_500_000L), await again.EndOfAsync(import));
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(_eis.Data, "incoming")));
    }

    [Fact]
    public async Task A_killed_service_runs_the_import_again_and_counts_the_attempt()
    {
        Guid import;
        using (var server = await ServeProcess.StartAsync(_eis))
        {
            var mapping = await server.MapAsync("orders");
            var upload = await server.PostAsync($"/v1/EntityImport/{mapping}/upload", Csv(LargeCsv(500_000)), "uploadId");
            import = await server.PostAsync($"/v1/EntityImport/{upload}/import", null, "importId");
            for (var i = 0; i < 10_000 && (await server.StateAsync(import)).State == "QUEUED"; i++) { }

            Assert.Equal("RUNNING", (await server.StateAsync(import)).State);
        }

        using var again = await ServeProcess.StartAsync(_eis);
        Assert.Equal(("SUCCEEDED", 2, 500_000L), await again.EndOfAsync(import));
    }

    [Fact]
    public async Task Two_hundred_uploads_at_a_time_keep_memory_bounded()
    {
        Assert.SkipUnless(File.Exists("/proc/self/status"), "There is no /proc here to read the peak memory from.");
        using var server = await ServeProcess.StartAsync(_eis);
        var mapping = await server.MapAsync("orders");
        var csv = LargeCsv(UploadBytes / 20);
        Array.Resize(ref csv, UploadBytes);

        // All are under way before the first one ends.
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var contents = Enumerable.Range(0, Uploads).Select(_ => new GatedContent(csv, gate.Task)).ToList();
        var uploads = contents.Select(content => server.PostAsync($"/v1/EntityImport/{mapping}/upload", content, "uploadId")).ToList();
        await Task.WhenAll(contents.Select(content => content.Begun)).WaitAsync(TimeSpan.FromSeconds(60), Token);
        gate.SetResult();
        var ids = await Task.WhenAll(uploads);

        Assert.Equal(Uploads, ids.Distinct().Count());
        Assert.All(ids, id => Assert.Equal(UploadBytes, new FileInfo(Path.Combine(_eis.Data, "uploads", $"{id:D}", "data")).Length));
        var peak = server.PeakMemoryBytes();
        Assert.True(peak < MaxMemoryBytes, $"The peak memory was {peak >> 20} MiB.");
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Peak memory: {peak >> 20} MiB."));
    }

    private static ByteArrayContent Csv(byte[] csv)
    {
        var content = new ByteArrayContent(csv);
        content.Headers.ContentType = new MediaTypeHeaderValue("text/csv");
        return content;
    }

    private static byte[] LargeCsv(int rows)
    {
        var text = new StringBuilder("id,name\n");
        for (var id = 0; id < rows; id++) text.Append(CultureInfo.InvariantCulture, $"{id},name {id * 7919L}\n");
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <summary>A file of which the rest is held back at a gate.</summary>
    private sealed class GatedContent : HttpContent
    {
        private readonly byte[] _bytes;
        private readonly Task _gate;
        private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public GatedContent(byte[] bytes, Task gate)
        {
            _bytes = bytes;
            _gate = gate;
            Headers.ContentType = new MediaTypeHeaderValue("text/csv");
        }

        public Task Begun => _begun.Task;

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(_bytes.AsMemory(0, _bytes.Length / 100));
            await stream.FlushAsync();
            _begun.TrySetResult();
            await _gate;
            await stream.WriteAsync(_bytes.AsMemory(_bytes.Length / 100));
        }

        protected override bool TryComputeLength(out long length)
        {
            length = _bytes.Length;
            return true;
        }
    }

    /// <summary>A file that does not end before it is told to.</summary>
    private sealed class EndlessContent : HttpContent
    {
        private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _go = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public EndlessContent() => Headers.ContentType = new MediaTypeHeaderValue("text/csv");

        public Task Begun => _begun.Task;

        public void Go() => _go.TrySetResult();

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync("id,name\n"u8.ToArray());
            await stream.FlushAsync();
            _begun.TrySetResult();
            await _go.Task;
            // A client learns that a connection is gone when it sends.
            for (var i = 0; i < 1_000; i++)
            {
                await stream.WriteAsync("1,one\n"u8.ToArray());
                await stream.FlushAsync();
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
