using System.Diagnostics;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using EntityImport.Storage.Tests.Durability;

namespace EntityImport.Server.Tests;

/// <summary>What is sent takes no more than it may: layers of compression, what comes out of them, disk, places.</summary>
public sealed class ContentLimitTests(TestServer server)
{
    private const string Json = """{"fields":[{"systemName":"id","dataType":"INTEGER"}]}""";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("br", 10_000)]
    [InlineData("gzip", 4_000)]
    [InlineData("zstd", 4_000)]
    [InlineData("gzip", 3)]
    [InlineData("x-gzip, identity, br, zstd", 1)]
    public async Task Content_that_is_compressed_too_often_is_refused_whatever_it_is(string encoding, int times)
    {
        var header = string.Join(",", Enumerable.Repeat(encoding, times));
        var (_, mapping) = await server.MapProductAsync();
        foreach (var (method, path, type) in ((HttpMethod, string, string)[])
            [
                (HttpMethod.Post, "/v1/EntityImport", "application/json"),
                (HttpMethod.Patch, $"/v1/EntityImport/{mapping}", "application/json"),
                (HttpMethod.Put, "/v1/LogicalEntity/layers", "application/json"),
                (HttpMethod.Post, $"/v1/EntityImport/{mapping}/upload", "text/csv"),
                (HttpMethod.Post, $"/v1/EntityImport/{mapping}/upload", "multipart/form-data; boundary=b"),
                (HttpMethod.Post, "/v1/LogicalEntity/infer", "text/csv"),
                (HttpMethod.Post, "/v1/LogicalEntity/infer", "multipart/form-data; boundary=b"),
            ])
        {
            var content = new ByteArrayContent([1, 2, 3, 4]);
            content.Headers.TryAddWithoutValidation("Content-Type", type);
            content.Headers.TryAddWithoutValidation("Content-Encoding", header);
            await server.RefusedAsync(method, path, HttpStatusCode.UnsupportedMediaType, "too-many-content-encodings", content);
        }
    }

    [Theory]
    [InlineData("upload")]
    [InlineData("infer")]
    public async Task A_form_and_its_part_may_both_be_compressed(string what)
    {
        var (_, mapping) = await server.MapProductAsync();
        using var part = new ByteArrayContent(Compress("Sku\n1\n"u8.ToArray(), "br"));
        part.Headers.TryAddWithoutValidation("Content-Encoding", "br");
        using var form = new MultipartFormDataContent { { part, "file", "a.csv" } };
        var content = new ByteArrayContent(Compress(await form.ReadAsByteArrayAsync(Cancel), "gzip")) { Headers = { ContentType = form.Headers.ContentType } };
        content.Headers.TryAddWithoutValidation("Content-Encoding", "gzip");

        if (what == "infer")
        {
            await server.SendAsync(HttpMethod.Post, "/v1/LogicalEntity/infer", HttpStatusCode.OK, content);
            return;
        }

        var upload = (await server.SendAsync(HttpMethod.Post, $"/v1/EntityImport/{mapping}/upload", HttpStatusCode.Created, content)).GetProperty("uploadId").GetGuid();
        var import = await server.Client.ImportAsync(upload, Cancel);
        await server.Client.WaitAsync(import, TimeSpan.FromMinutes(1), Cancel);
        Assert.Equal(1, (await server.Client.GetImportAsync(import, Cancel)).Ledger.Inserted);
    }

    [Theory]
    [InlineData("upload", "", "gzip,br,zstd", false)]
    [InlineData("upload", "gzip", "gzip,br", false)]
    [InlineData("upload", "gzip,br", "gzip", true)]
    [InlineData("infer", "", "gzip,br,zstd", false)]
    [InlineData("infer", "gzip", "gzip,br", true)]
    public async Task The_encodings_of_a_form_and_of_its_part_count_together(string what, string ofBody, string ofPart, bool isBodyCompressed)
    {
        var (_, mapping) = await server.MapProductAsync();
        using var part = new ByteArrayContent("Sku\n1\n"u8.ToArray());
        part.Headers.TryAddWithoutValidation("Content-Encoding", ofPart);
        using var form = new MultipartFormDataContent { { part, "file", "a.csv" } };
        var bytes = await form.ReadAsByteArrayAsync(Cancel);
        if (isBodyCompressed) foreach (var each in ofBody.Split(',')) bytes = Compress(bytes, each);
        var content = new ByteArrayContent(bytes) { Headers = { ContentType = form.Headers.ContentType } };
        if (ofBody.Length > 0) content.Headers.TryAddWithoutValidation("Content-Encoding", ofBody);
        await server.RefusedAsync(
            HttpMethod.Post, what == "infer" ? "/v1/LogicalEntity/infer" : $"/v1/EntityImport/{mapping}/upload", HttpStatusCode.UnsupportedMediaType, "too-many-content-encodings", content);
    }

    [Fact]
    public async Task Content_may_be_compressed_as_often_as_is_set()
    {
        await using var own = new TestServer(options => options with { Limits = new Limits { ContentEncodings = 1 } });
        await own.InitializeAsync();
        await own.SendAsync(HttpMethod.Put, "/v1/LogicalEntity/once", HttpStatusCode.Created, Compressed(Json, "application/json", "gzip"));
        await own.RefusedAsync(HttpMethod.Put, "/v1/LogicalEntity/twice", HttpStatusCode.UnsupportedMediaType, "too-many-content-encodings", Compressed(Json, "application/json", "gzip", "br"));
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("zstd")]
    [InlineData("br,gzip")]
    [InlineData("zstd,zstd")]
    public async Task Content_that_becomes_too_much_is_refused_and_nothing_of_it_is_kept(string encodings)
    {
        await using var own = new TestServer(options => options with { Limits = new Limits { DecompressionRatio = 20, FreelyDecompressedBytes = 1 << 20 } });
        await own.InitializeAsync();
        var (_, mapping) = await own.MapProductAsync();
        var path = $"/v1/EntityImport/{mapping}/upload";
        var layers = encodings.Split(',');

        var bomb = "Sku,Name\n" + new string('x', 4 << 20);
        await own.RefusedAsync(HttpMethod.Post, path, HttpStatusCode.RequestEntityTooLarge, "decompression-ratio", Compressed(bomb, "text/csv", layers));
        await own.RefusedAsync(HttpMethod.Post, path, HttpStatusCode.RequestEntityTooLarge, "decompression-ratio", await FormAsync(bomb, layers, onPart: true));
        await own.RefusedAsync(HttpMethod.Post, path, HttpStatusCode.RequestEntityTooLarge, "decompression-ratio", await FormAsync(bomb, layers, onPart: false));
        await own.RefusedAsync(HttpMethod.Post, "/v1/LogicalEntity/infer", HttpStatusCode.RequestEntityTooLarge, "decompression-ratio", Compressed(bomb, "text/csv", layers));
        await own.RefusedAsync(HttpMethod.Post, "/v1/LogicalEntity/infer", HttpStatusCode.RequestEntityTooLarge, "decompression-ratio", await FormAsync(bomb, layers, onPart: true));
        await AssertNothingIncomingAsync(own);
        Assert.Empty(Directory.GetDirectories(Path.Combine(own.DataDirectory, "uploads")));

        // Neither little content that is compressed well, nor much that is not, is refused.
        await own.SendAsync(HttpMethod.Post, path, HttpStatusCode.Created, Compressed("Sku,Name\n" + new string('x', 900_000), "text/csv", layers));
        var random = new byte[2 << 20];
        new Random(1).NextBytes(random);
        await own.SendAsync(HttpMethod.Post, path, HttpStatusCode.Created, Compressed("Sku\n" + Convert.ToHexString(random), "text/csv", layers));
    }

    [Theory]
    [InlineData("Content-Type: text/csv", 8 << 20, false)]
    [InlineData("Content-Type: text/csv", (8 << 20) + 1, true)]
    [InlineData("Content-Type: text/csv", 200L << 30, true)]
    [InlineData("Content-Type: text/csv\r\nContent-Encoding: br", 200L << 30, true)]
    [InlineData("Content-Type: multipart/form-data; boundary=b", 200L << 30, true)]
    [InlineData("Content-Type: multipart/form-data; boundary=b", (8 << 20) + 200_000, false)]
    public async Task A_file_that_is_announced_as_too_large_is_refused_before_it_is_sent(string headers, long length, bool isRefused)
    {
        var (_, mapping) = await server.MapProductAsync();
        using var socket = await ConnectAsync(server);
        await WriteAsync(socket, $"POST /v1/EntityImport/{mapping}/upload HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n{headers}\r\nContent-Length: {length}\r\n\r\n");
        using var reader = new StreamReader(socket.GetStream());
        var status = await reader.ReadLineAsync(Cancel).AsTask().WaitAsync(TestServer.Patience, Cancel);
        Assert.Equal(isRefused ? "HTTP/1.1 413 Payload Too Large" : "HTTP/1.1 100 Continue", status);
    }

    [Fact]
    public async Task Uploads_leave_space_for_imports_and_are_refused_before_it_is_gone()
    {
        using var disk = new SmallDisk(megabytes: 64);
        await using var own = new TestServer(options => options with { MaxUploadBytes = 1L << 40 }, disk.DataDirectory);
        await own.InitializeAsync();
        var (_, mapping) = await own.MapProductAsync();
        var path = $"/v1/EntityImport/{mapping}/upload";
        var upload = await own.UploadAsync(mapping, "Sku\n1\n");
        // A twentieth of the disk is 3.2 MiB.
        disk.Fill(leave: 5 << 20);

        await own.RefusedAsync(HttpMethod.Post, path, (HttpStatusCode)507, "disk-full", Chunked(3 << 20));
        await own.SendAsync(HttpMethod.Post, path, HttpStatusCode.Created, Chunked(200_000));
        using (var socket = await ConnectAsync(own))
        {
            await WriteAsync(socket, $"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\nExpect: 100-continue\r\nContent-Length: 4000000\r\n\r\n");
            using var reader = new StreamReader(socket.GetStream());
            Assert.StartsWith("HTTP/1.1 507", await reader.ReadLineAsync(Cancel).AsTask().WaitAsync(TestServer.Patience, Cancel), StringComparison.Ordinal);
        }

        // Many at once take no more than one.
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            using var response = await own.Http.PostAsync(path, Chunked(1 << 20), Cancel);
            return (int)response.StatusCode;
        }));
        Assert.All(answers, answer => Assert.True(answer is 201 or 507, $"{answer}"));
        Assert.Contains(507, answers);
        Assert.True(new DriveInfo(own.DataDirectory).AvailableFreeSpace > 3 << 20);
        await AssertNothingIncomingAsync(own);
        var import = await own.Client.ImportAsync(upload, cancellationToken: Cancel);
        Assert.Equal(Api.ImportStatus.Succeeded, (await own.Client.WaitAsync(import, TestServer.Patience, Cancel)).Status);
    }

    [Fact]
    public async Task Only_so_many_files_are_received_at_the_same_time()
    {
        await using var own = new TestServer(options => options with { Limits = new Limits { ConcurrentUploads = 2 } });
        await own.InitializeAsync();
        var (_, mapping) = await own.MapProductAsync();
        var path = $"/v1/EntityImport/{mapping}/upload";
        var slow = new List<TcpClient>();
        for (var i = 0; i < 2; i++)
        {
            slow.Add(await ConnectAsync(own));
            await WriteAsync(slow[^1], $"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\nContent-Length: 20\r\n\r\nSku\n1\n2\n3\n");
        }

        await Eventually.TrueAsync(() => Directory.GetDirectories(Path.Combine(own.DataDirectory, "incoming")).Length == 2, "The files never began to arrive.");
        using (var refused = await own.Http.PostAsync(path, Text("Sku\n1\n", "text/csv"), Cancel))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            Assert.True(refused.Headers.RetryAfter?.Delta > TimeSpan.Zero);
            Assert.Contains("urn:eis:problem:too-many-uploads", await refused.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        }

        // One is completed, the other given up: both places are free again.
        await WriteAsync(slow[0], "4\n5\n6\n7\n8\n");
        slow[1].Client.LingerState = new LingerOption(enable: true, seconds: 0);
        foreach (var socket in slow[1..]) socket.Dispose();
        await AssertNothingIncomingAsync(own);
        slow[0].Dispose();
        for (var i = 0; i < 4; i++) await own.SendAsync(HttpMethod.Post, path, HttpStatusCode.Created, Text("Sku\n1\n", "text/csv"));
    }

    [Fact]
    public async Task Only_so_many_files_are_inferred_from_at_the_same_time()
    {
        await using var own = new TestServer(options => options with { Limits = new Limits { ConcurrentInferences = 1 } });
        await own.InitializeAsync();
        using (var slow = await ConnectAsync(own))
        {
            await WriteAsync(slow, "POST /v1/LogicalEntity/infer HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\nExpect: 100-continue\r\nContent-Length: 20\r\n\r\n");
            using var reader = new StreamReader(slow.GetStream());
            Assert.Equal("HTTP/1.1 100 Continue", await reader.ReadLineAsync(Cancel).AsTask().WaitAsync(TestServer.Patience, Cancel));
            using var refused = await own.Http.PostAsync("/v1/LogicalEntity/infer", Text("a\n1\n", "text/csv"), Cancel);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            Assert.True(refused.Headers.RetryAfter?.Delta > TimeSpan.Zero);
            Assert.Contains("urn:eis:problem:too-many-inferences", await refused.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        }

        // Whoever leaves gives its place back.
        await own.SendAsync(HttpMethod.Post, "/v1/LogicalEntity/infer", HttpStatusCode.OK, Text("a\n1\n", "text/csv"));
    }

    private static ByteArrayContent Text(string text, string type) => new ByteArrayContent(Encoding.UTF8.GetBytes(text)) { Headers = { ContentType = new MediaTypeHeaderValue(type) } };

    private static StreamContent Chunked(int bytes)
    {
        var content = new StreamContent(new UnknownLength(Encoding.UTF8.GetBytes("Sku\n" + new string('x', bytes))));
        content.Headers.ContentType = new MediaTypeHeaderValue("text/csv");
        return content;
    }

    private static ByteArrayContent Compressed(string text, string type, params string[] encodings)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        foreach (var encoding in encodings) bytes = Compress(bytes, encoding);
        var content = new ByteArrayContent(bytes) { Headers = { ContentType = new MediaTypeHeaderValue(type) } };
        content.Headers.TryAddWithoutValidation("Content-Encoding", string.Join(", ", encodings));
        return content;
    }

    private static async Task<ByteArrayContent> FormAsync(string text, string[] encodings, bool onPart)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        if (onPart) foreach (var encoding in encodings) bytes = Compress(bytes, encoding);
        using var part = new ByteArrayContent(bytes);
        if (onPart) part.Headers.TryAddWithoutValidation("Content-Encoding", string.Join(", ", encodings));
        using var form = new MultipartFormDataContent { { part, "file", "a.csv" } };
        bytes = await form.ReadAsByteArrayAsync(Cancel);
        if (!onPart) foreach (var encoding in encodings) bytes = Compress(bytes, encoding);
        var content = new ByteArrayContent(bytes) { Headers = { ContentType = form.Headers.ContentType } };
        if (!onPart) content.Headers.TryAddWithoutValidation("Content-Encoding", string.Join(", ", encodings));
        return content;
    }

    private static byte[] Compress(byte[] bytes, string encoding)
    {
        using var target = new MemoryStream();
        using (Stream encoder = encoding switch
        {
            "gzip" => new GZipStream(target, CompressionLevel.Fastest, leaveOpen: true),
            "br" => new BrotliStream(target, CompressionLevel.Fastest, leaveOpen: true),
            "zstd" => new ZstdSharp.CompressionStream(target, leaveOpen: true),
            _ => throw new UnreachableException(),
        })
            encoder.Write(bytes);
        return target.ToArray();
    }

    private static async Task<TcpClient> ConnectAsync(TestServer server)
    {
        var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, server.Http.BaseAddress!.Port, Cancel);
        return socket;
    }

    private static Task WriteAsync(TcpClient socket, string text) => socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes(text), Cancel).AsTask();

    private static Task AssertNothingIncomingAsync(TestServer server) =>
        Eventually.TrueAsync(() => Directory.GetDirectories(Path.Combine(server.DataDirectory, "incoming")).Length == 0, "Something of a refused upload stays.");

    /// <summary>A stream that does not tell how long it is, so that it is sent in chunks.</summary>
    private sealed class UnknownLength(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}
