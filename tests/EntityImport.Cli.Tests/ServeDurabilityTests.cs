using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using EntityImport.Client;

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
    public async Task A_file_whose_service_is_killed_while_it_arrives_is_sent_on_from_what_was_durable()
    {
        var file = new byte[48 << 20];
        new Random(1).NextBytes(file);
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var piece = new GatedStream(file, 40 << 20, gate.Task);
        Guid upload;
        HttpClient http;
        Task sending;
        using (var server = await ServeProcess.StartAsync(_eis))
        {
            http = EntityImportClient.Connect(new Uri(server.Address));
            var client = new EntityImportClient(http);
            upload = await client.BeginUploadAsync("random.csv", cancellationToken: Token);
            sending = client.AppendAsync(upload, 0, piece, isLast: true, Token);
            // Of the 40 MiB that come before the kill, what is durable is told by the file beside.
            for (var waited = 0; !File.Exists(OffsetOf(upload)) || long.Parse(await File.ReadAllTextAsync(OffsetOf(upload), Token), CultureInfo.InvariantCulture) < 32 << 20; waited++)
            {
                Assert.True(waited < 6_000, "The file does not become durable.");
                await Task.Delay(10, Token);
            }
        }

        gate.SetResult();
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => sending.WaitAsync(TimeSpan.FromSeconds(60), Token));
        http.Dispose();

        using var again = await ServeProcess.StartAsync(_eis);
        var resumed = new EntityImportClient(again.Http);
        Assert.InRange((await resumed.GetUploadProgressAsync(upload, Token)).Offset, 32 << 20, 40 << 20);
        await resumed.ResumeUploadAsync(upload, new MemoryStream(file), Token);

        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(file)), (await resumed.GetUploadAsync(upload, Token)).File.Sha256);
        Assert.Equal(SHA256.HashData(file), SHA256.HashData(await again.Http.GetByteArrayAsync(new Uri($"/v1/EntityImport/{upload}/file", UriKind.Relative), Token)));

        string OffsetOf(Guid id) => Path.Combine(_eis.Data, "uploads", $"{id:D}", "offset");
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

    /// <summary>A file of which only the beginning can be read before a gate is open.</summary>
    private sealed class GatedStream(byte[] bytes, int beginning, Task gate) : MemoryStream(bytes)
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (Position >= beginning) await gate;
            else buffer = buffer[..(int)Math.Min(buffer.Length, beginning - Position)];
            return Read(buffer.Span);
        }

        public override async Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken)
        {
            var buffer = new byte[bufferSize];
            while (await ReadAsync(buffer, cancellationToken) is > 0 and var read) await destination.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
        }
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
