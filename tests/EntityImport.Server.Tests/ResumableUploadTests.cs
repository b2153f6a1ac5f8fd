using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using EntityImport.Access;
using EntityImport.Client;
using EntityImport.Server.Options;

namespace EntityImport.Server.Tests;

/// <summary>Files that are sent in pieces: what has arrived stays, and the rest is sent from there on.</summary>
public sealed class ResumableUploadTests(TestServer server)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_file_in_pieces_is_the_file_that_was_sent()
    {
        var file = RandomCsv(300_000);
        using var begun = await server.Http.PostAsync(new Uri("/v1/EntityImport/uploads?resumable=true", UriKind.Relative), null, Cancel);
        Assert.Equal((HttpStatusCode.Created, "0", "?0"), (begun.StatusCode, Header(begun, "Upload-Offset"), Header(begun, "Upload-Complete")));
        var upload = Guid.Parse(begun.Headers.Location!.OriginalString.Split('/')[^1]);
        var path = $"/v1/EntityImport/uploads/{upload}";

        for (int from = 0, size = 1; from < file.Length; from += size, size = 1 + (size * 7 + from) % 90_001)
        {
            var piece = file.AsMemory(from, Math.Min(size, file.Length - from));
            using var answer = await AppendAsync(path, from, piece, isLast: false);
            Assert.Equal((HttpStatusCode.NoContent, (from + piece.Length).ToString(CultureInfo.InvariantCulture), "?0"), (answer.StatusCode, Header(answer, "Upload-Offset"), Header(answer, "Upload-Complete")));
        }

        var unfinished = await server.Client.GetUploadAsync(upload, Cancel);
        Assert.Equal((false, file.Length, null), (unfinished.IsComplete, unfinished.File.Size, unfinished.File.Sha256));
        await server.RefusedAsync(HttpMethod.Post, $"/v1/EntityImport/{upload}/import", HttpStatusCode.Conflict, "upload-incomplete");
        await server.RefusedAsync(HttpMethod.Get, $"/v1/EntityImport/{upload}/file", HttpStatusCode.Conflict, "upload-incomplete");
        await server.RefusedAsync(HttpMethod.Post, $"{path}/preview", HttpStatusCode.Conflict, "upload-incomplete", TestServer.Json("{}"));

        using var last = await AppendAsync(path, file.Length, ReadOnlyMemory<byte>.Empty, isLast: true);
        Assert.Equal((HttpStatusCode.NoContent, "?1"), (last.StatusCode, Header(last, "Upload-Complete")));
        var complete = await server.Client.GetUploadAsync(upload, Cancel);
        Assert.Equal((true, file.Length, Convert.ToHexStringLower(SHA256.HashData(file))), (complete.IsComplete, complete.File.Size, complete.File.Sha256));
        using var copy = new MemoryStream();
        await server.Client.CopyFileAsync(upload, copy, Cancel);
        Assert.Equal(file, copy.ToArray());
        using var more = await AppendAsync(path, file.Length, file.AsMemory(0, 1), isLast: false);
        Assert.Equal(HttpStatusCode.Conflict, more.StatusCode);
        Assert.Contains("upload-complete", await more.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_piece_that_belongs_elsewhere_is_refused_with_where_to_go_on()
    {
        var upload = await server.Client.BeginUploadAsync("größe.csv", cancellationToken: Cancel);
        var path = $"/v1/EntityImport/uploads/{upload}";
        using var first = await AppendAsync(path, 0, "Sku\n"u8.ToArray(), isLast: false);

        foreach (var offset in (long[])[0, 3, 5, long.MaxValue])
        {
            using var refused = await AppendAsync(path, offset, "x\n"u8.ToArray(), isLast: true);
            Assert.Equal((HttpStatusCode.Conflict, "4"), (refused.StatusCode, Header(refused, "Upload-Offset")));
            Assert.Contains("urn:eis:problem:upload-offset-mismatch", await refused.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        }

        Assert.Equal(new UploadProgress(4, false), await server.Client.GetUploadProgressAsync(upload, Cancel));
        Assert.Equal("größe.csv", (await server.Client.GetUploadAsync(upload, Cancel)).File.Name);
    }

    [Fact]
    public async Task What_arrived_before_a_connection_broke_is_kept_and_the_rest_is_sent_from_there()
    {
        var file = RandomCsv(500_000);
        var upload = await server.Client.BeginUploadAsync("a.csv", cancellationToken: Cancel);
        using (var socket = await BeginPieceAsync(upload, file))
        {
            await socket.GetStream().WriteAsync(file.AsMemory(0, 200_000), Cancel);
            // Whoever asks cuts off who sends: what has arrived is as good as durable then.
            await Eventually.TrueAsync(() => new FileInfo(Path.Combine(server.DataDirectory, "uploads", $"{upload:D}", "data")).Length > 100_000, "The bytes never arrived.");
            socket.Client.LingerState = new LingerOption(enable: true, seconds: 0);
        }

        var progress = await server.Client.GetUploadProgressAsync(upload, Cancel);
        Assert.InRange(progress.Offset, 100_000, 200_000);
        await server.Client.ResumeUploadAsync(upload, new MemoryStream(file), Cancel);

        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(file)), (await server.Client.GetUploadAsync(upload, Cancel)).File.Sha256);
    }

    [Fact]
    public async Task Whoever_comes_later_takes_over_from_who_sends_and_does_not_wait_for_it()
    {
        var file = RandomCsv(500_000);
        var upload = await server.Client.BeginUploadAsync("a.csv", cancellationToken: Cancel);
        using var stuck = await BeginPieceAsync(upload, file);
        await stuck.GetStream().WriteAsync(file.AsMemory(0, 20_000), Cancel);
        // It is the sender as soon as something of it has arrived.
        await Eventually.TrueAsync(async () => (await server.Client.GetUploadProgressAsync(upload, Cancel)).Offset > 0, "Nothing arrived.");
        var from = (int)(await server.Client.GetUploadProgressAsync(upload, Cancel)).Offset;
        using var again = await BeginPieceAsync(upload, file, from);
        await again.GetStream().WriteAsync(file.AsMemory(from, 200_000), Cancel);
        // Only the file tells without taking over that the second one sends; else it could come last.
        await Eventually.TrueAsync(() => new FileInfo(Path.Combine(server.DataDirectory, "uploads", $"{upload:D}", "data")).Length > from, "Nothing more arrived.");

        await server.Client.ResumeUploadAsync(upload, new MemoryStream(file), Cancel);

        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(file)), (await server.Client.GetUploadAsync(upload, Cancel)).File.Sha256);
        using var reader = new StreamReader(stuck.GetStream());
        Assert.Contains(" 409 ", await reader.ReadLineAsync(Cancel).AsTask().WaitAsync(TestServer.Patience, Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_crash_left_behind_that_was_not_durable_is_cut_off()
    {
        await using var own = new TestServer();
        await own.InitializeAsync();
        var upload = await own.Client.BeginUploadAsync("a.csv", cancellationToken: Cancel);
        await own.Client.AppendAsync(upload, 0, new MemoryStream("Sku\n1\n"u8.ToArray()), isLast: false, Cancel);
        await File.AppendAllTextAsync(Path.Combine(own.DataDirectory, "uploads", $"{upload:D}", "data"), "\0\0\0\0\0", Cancel);

        await own.RestartAsync();

        Assert.Equal(new UploadProgress(6, false), await own.Client.GetUploadProgressAsync(upload, Cancel));
        await own.Client.AppendAsync(upload, 6, new MemoryStream("2\n"u8.ToArray()), isLast: true, Cancel);
        using var copy = new MemoryStream();
        await own.Client.CopyFileAsync(upload, copy, Cancel);
        Assert.Equal("Sku\n1\n2\n", Encoding.UTF8.GetString(copy.ToArray()));
    }

    [Fact]
    public async Task Pieces_and_beginnings_that_are_malformed_are_refused()
    {
        var upload = await server.Client.BeginUploadAsync("a.csv", cancellationToken: Cancel);
        var path = $"/v1/EntityImport/uploads/{upload}";
        await RefusedAsync(HttpStatusCode.BadRequest, "invalid-parameter", "text/csv");
        await RefusedAsync(HttpStatusCode.BadRequest, "invalid-parameter", "text/csv", ("Upload-Offset", "-1"));
        await RefusedAsync(HttpStatusCode.BadRequest, "invalid-parameter", "text/csv", ("Upload-Offset", "0"), ("Upload-Complete", "yes"));
        await RefusedAsync(HttpStatusCode.UnsupportedMediaType, "unsupported-media-type", "application/json", ("Upload-Offset", "0"));
        await RefusedAsync(HttpStatusCode.UnsupportedMediaType, "unsupported-media-type", "text/csv", ("Upload-Offset", "0"), ("Content-Encoding", "gzip"));
        using (var pdf = await AppendAsync(path, 0, "%PDF-1.7"u8.ToArray(), isLast: true)) Assert.Equal(HttpStatusCode.UnsupportedMediaType, pdf.StatusCode);
        using (var large = await AppendAsync(path, 0, new byte[TestServer.MaxUploadBytes + 1], isLast: true)) Assert.Equal(HttpStatusCode.RequestEntityTooLarge, large.StatusCode);
        await server.RefusedAsync(HttpMethod.Patch, $"/v1/EntityImport/uploads/{Guid.NewGuid()}", HttpStatusCode.NotFound, "upload-not-found", Piece("text/csv", ("Upload-Offset", "0")));
        await server.RefusedAsync(HttpMethod.Post, "/v1/EntityImport/uploads?resumable=true", HttpStatusCode.BadRequest, "unexpected-body", Piece("text/csv"));
        Assert.Equal(new UploadProgress(0, false), await server.Client.GetUploadProgressAsync(upload, Cancel));

        async Task RefusedAsync(HttpStatusCode status, string type, string mediaType, params (string, string)[] headers) => await server.RefusedAsync(HttpMethod.Patch, path, status, type, Piece(mediaType, headers));

        static ByteArrayContent Piece(string mediaType, params (string Name, string Value)[] headers)
        {
            var content = new ByteArrayContent("Sku\n"u8.ToArray());
            content.Headers.TryAddWithoutValidation("Content-Type", mediaType);
            foreach (var (name, value) in headers) content.Headers.TryAddWithoutValidation(name, value);
            return content;
        }
    }

    [Fact]
    public async Task Only_so_many_files_are_unfinished_of_one_caller_and_of_all()
    {
        await using var own = new TestServer(options => options with { Limits = options.Limits with { UnfinishedUploads = 3, UnfinishedUploadsOfCaller = 2 } }) { Access = new AccessOptions { ApiKeys = true, AdminKey = ApiKeyText.Create() } };
        await own.InitializeAsync();
        using var annas = await ConnectAsync("anna");
        using var berts = await ConnectAsync("bert");
        var (anna, bert) = (new EntityImportClient(annas), new EntityImportClient(berts));
        var first = await anna.BeginUploadAsync("1.csv", "key-1", Cancel);
        Assert.Equal(first, await anna.BeginUploadAsync("1.csv", "key-1", Cancel));
        await anna.BeginUploadAsync("2.csv", cancellationToken: Cancel);

        Assert.Equal(HttpStatusCode.TooManyRequests, (await Assert.ThrowsAsync<EntityImportProblemException>(() => anna.BeginUploadAsync("3.csv", cancellationToken: Cancel))).StatusCode);
        await bert.BeginUploadAsync("1.csv", cancellationToken: Cancel);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await Assert.ThrowsAsync<EntityImportProblemException>(() => bert.BeginUploadAsync("2.csv", cancellationToken: Cancel))).StatusCode);
        await anna.AppendAsync(first, 0, new MemoryStream("Sku\n"u8.ToArray()), isLast: true, Cancel);
        await anna.BeginUploadAsync("3.csv", cancellationToken: Cancel);

        async Task<HttpClient> ConnectAsync(string name) => EntityImportClient.Connect(own.Http.BaseAddress!, (await own.Engine.Keys.CreateAsync(Request.Anonymous, name, ["import"], expiresAt: null, Cancel)).Text);
    }

    private static string? Header(HttpResponseMessage answer, string name) => answer.Headers.TryGetValues(name, out var values) ? values.Single() : null;

    private static byte[] RandomCsv(int bytes)
    {
        var random = new Random(bytes);
        var text = new StringBuilder("Sku,Name\n");
        while (text.Length < bytes) text.Append(CultureInfo.InvariantCulture, $"{random.Next()},{random.NextInt64()}\n");
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private async Task<HttpResponseMessage> AppendAsync(string path, long offset, ReadOnlyMemory<byte> piece, bool isLast)
    {
        using var request = new HttpRequestMessage(HttpMethod.Patch, path) { Content = new ReadOnlyMemoryContent(piece) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/partial-upload");
        request.Headers.Add("Upload-Offset", offset.ToString(CultureInfo.InvariantCulture));
        request.Headers.Add("Upload-Complete", isLast ? "?1" : "?0");
        return await server.Http.SendAsync(request, Cancel);
    }

    /// <summary>Begins to send the rest of a file, and does not go on.</summary>
    private async Task<TcpClient> BeginPieceAsync(Guid upload, byte[] file, long from = 0)
    {
        var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, server.Http.BaseAddress!.Port, Cancel);
        var head = string.Create(
            CultureInfo.InvariantCulture,
            $"PATCH /v1/EntityImport/uploads/{upload} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/partial-upload\r\nUpload-Offset: {from}\r\nUpload-Complete: ?1\r\nContent-Length: {file.Length - from}\r\n\r\n");
        await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head), Cancel);
        return socket;
    }
}
