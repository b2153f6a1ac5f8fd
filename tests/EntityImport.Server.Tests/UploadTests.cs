using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using EntityImport.Api;

namespace EntityImport.Server.Tests;

public sealed class UploadTests(TestServer server)
{
    private const string Csv = "Sku,Name\r\n1,\"Größe\"\r\n";

    private static readonly Guid Unknown = Guid.Parse("0b1c2d3e-4f50-4172-8394-a5b6c7d8e9f0");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_piece_of_a_file_is_not_taken_for_the_file()
    {
        var (_, mapping) = await server.MapProductAsync();
        using var piece = TestServer.Json("Sku,Name\n1,a\n");
        piece.Headers.ContentType = new MediaTypeHeaderValue("text/csv");
        piece.Headers.Add("Upload-Complete", "?0");

        await server.RefusedAsync(HttpMethod.Post, $"/v1/EntityImport/{mapping}/upload", HttpStatusCode.BadRequest, "unexpected-body", piece);

        Assert.Empty((await server.SendAsync(HttpMethod.Get, $"/v1/EntityImport/uploads?mapping={mapping}", HttpStatusCode.OK)).GetProperty("uploads").EnumerateArray());
    }

    [Theory]
    [InlineData("3\" bolts.csv")]
    [InlineData("\"quoted\"")]
    [InlineData("größe 10 %.csv")]
    public async Task The_client_tells_the_name_of_a_file_as_it_is(string name)
    {
        var (_, mapping) = await server.MapProductAsync();

        var upload = await server.Client.UploadAsync(mapping, new MemoryStream("Sku,Name\n1,a\n"u8.ToArray()), name, Cancel);

        Assert.Equal(name, (await server.Client.GetUploadAsync(upload, Cancel)).File.Name);
    }

    [Fact]
    public async Task A_multipart_file_comes_back_byte_for_byte()
    {
        var (_, mapping) = await server.MapProductAsync();
        using var form = new MultipartFormDataContent { { new StringContent("ignored"), "comment" }, { Bytes(Csv), "file", "../größe;1.csv" } };

        var body = await server.SendAsync(HttpMethod.Post, $"/v1/EntityImport/{mapping}/upload", HttpStatusCode.Created, form);

        Assert.Equal(["uploadId"], TestServer.Members(body));
        using var response = await server.Http.GetAsync($"/v1/EntityImport/{body.GetProperty("uploadId").GetString()}/file", Cancel);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(Encoding.UTF8.GetBytes(Csv), await response.Content.ReadAsByteArrayAsync(Cancel));
        Assert.Equal("text/csv", response.Content.Headers.ContentType!.ToString());
        Assert.Equal(Encoding.UTF8.GetByteCount(Csv), response.Content.Headers.ContentLength);
        var disposition = response.Content.Headers.ContentDisposition!;
        Assert.Equal("attachment", disposition.DispositionType);
        Assert.Contains("größe", disposition.FileNameStar, StringComparison.Ordinal);
        Assert.DoesNotContain("/", disposition.FileNameStar, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_part_of_a_file_is_refused_as_everything_is_where_there_is_none()
    {
        var (_, mapping) = await server.MapProductAsync();
        var file = $"/v1/EntityImport/{await UploadAsync(mapping, Raw(Csv))}/file";

        var part = await AskAsync("Range", "bytes=4-7");
        Assert.Equal((HttpStatusCode.PartialContent, "Name"), (part.StatusCode, await part.Content.ReadAsStringAsync(Cancel)));

        var beyond = await AskAsync("Range", "bytes=100-");
        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, beyond.StatusCode);
        Assert.Equal($"bytes */{Encoding.UTF8.GetByteCount(Csv)}", beyond.Content.Headers.ContentRange!.ToString());
        Assert.Equal("urn:eis:problem:range-not-satisfiable", await TypeAsync(beyond));

        var other = await AskAsync("If-Match", "\"another\"");
        Assert.Equal(HttpStatusCode.PreconditionFailed, other.StatusCode);
        Assert.Equal("urn:eis:problem:precondition-failed", await TypeAsync(other));

        async Task<HttpResponseMessage> AskAsync(string header, string value)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, file);
            request.Headers.TryAddWithoutValidation(header, value);
            return await server.Http.SendAsync(request, Cancel);
        }

        static async Task<string> TypeAsync(HttpResponseMessage response)
        {
            Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
            return (await response.Content.ReadFromJsonAsync<Problem>(Cancel))!.Type;
        }
    }

    [Fact]
    public async Task A_raw_body_is_a_file()
    {
        var (_, mapping) = await server.MapProductAsync();
        var content = Raw(Csv);
        content.Headers.ContentDisposition = new ContentDispositionHeaderValue("attachment") { FileName = "raw.csv" };
        var upload = await UploadAsync(mapping, content);
        await AssertStoredAsync(upload, Csv);
        var import = await server.Client.ImportAsync(upload, Cancel);
        Assert.Equal("raw.csv", (await server.Client.GetImportAsync(import, Cancel)).File.Name);
    }

    [Fact]
    public async Task A_raw_body_needs_no_file_name()
    {
        var (_, mapping) = await server.MapProductAsync();
        var upload = await UploadAsync(mapping, Raw("Sku\n1\n"));
        await AssertStoredAsync(upload, "Sku\n1\n");
        var import = await server.Client.ImportAsync(upload, Cancel);
        Assert.Equal(Api.ImportStatus.Succeeded, (await server.Client.WaitAsync(import, TestServer.Patience, Cancel)).Status);
        Assert.Null((await server.Client.GetImportAsync(import, Cancel)).File.Name);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("zstd")]
    [InlineData("identity")]
    [InlineData("gzip, zstd")]
    public async Task A_compressed_body_is_stored_decompressed(string encoding)
    {
        var (_, mapping) = await server.MapProductAsync();
        var bytes = Encoding.UTF8.GetBytes(Csv);
        foreach (var each in encoding.Split(", ")) bytes = Compress(bytes, each);
        var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = new MediaTypeHeaderValue("text/csv");
        content.Headers.TryAddWithoutValidation("Content-Encoding", encoding);
        content.Headers.ContentDisposition = new ContentDispositionHeaderValue("attachment") { FileName = "raw.csv" };
        await AssertStoredAsync(await UploadAsync(mapping, content), Csv);
    }

    [Fact]
    public async Task A_compressed_form_is_decompressed_as_a_whole()
    {
        var (_, mapping) = await server.MapProductAsync();
        using var form = new MultipartFormDataContent { { Bytes(Csv), "file", "a.csv" } };
        var content = new ByteArrayContent(Compress(await form.ReadAsByteArrayAsync(Cancel), "gzip"));
        content.Headers.ContentType = form.Headers.ContentType;
        content.Headers.ContentEncoding.Add("gzip");
        await AssertStoredAsync(await UploadAsync(mapping, content), Csv);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_compressed_file_in_a_form_is_stored_decompressed(bool headerOnPart)
    {
        var (_, mapping) = await server.MapProductAsync();
        var part = new ByteArrayContent(Compress(Encoding.UTF8.GetBytes(Csv), "gzip"));
        using var form = new MultipartFormDataContent { { part, "file", "products.csv.gz" } };
        (headerOnPart ? part.Headers : form.Headers).ContentEncoding.Add("gzip");
        await AssertStoredAsync(await UploadAsync(mapping, form), Csv);
    }

    [Theory]
    [InlineData("gzip", true)]
    [InlineData("br", true)]
    [InlineData("zstd", true)]
    [InlineData("gzip", false)]
    [InlineData("br", false)]
    [InlineData("zstd", false)]
    public async Task A_compressed_body_that_is_corrupt_or_cut_off_is_refused(string encoding, bool cut)
    {
        var (_, mapping) = await server.MapProductAsync();
        var random = new byte[100_000];
        new Random(1).NextBytes(random);
        var text = "Sku,Name\n" + Convert.ToHexString(random);
        var bytes = Compress(Encoding.UTF8.GetBytes(text), encoding);
        if (cut) bytes = bytes[..^20];
        else bytes.AsSpan(0, 60).Fill(0x55);
        var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = new MediaTypeHeaderValue("text/csv");
        content.Headers.ContentEncoding.Add(encoding);
        await server.RefusedAsync(HttpMethod.Post, $"/v1/EntityImport/{mapping}/upload", HttpStatusCode.BadRequest, "corrupt-content-encoding", content);
        await AssertNothingIncomingAsync();
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("zstd")]
    public async Task A_compressed_body_of_no_bytes_is_refused_rather_than_an_empty_file(string encoding)
    {
        var (_, mapping) = await server.MapProductAsync();
        // Nothing at all, and nothing that was compressed by another encoding.
        foreach (var (outer, bytes) in ((string[], byte[])[])[([], []), (["zstd"], Compress([], "zstd"))])
        {
            var content = new ByteArrayContent(bytes);
            content.Headers.ContentType = new MediaTypeHeaderValue("text/csv");
            foreach (var name in outer.Prepend(encoding)) content.Headers.ContentEncoding.Add(name);
            await server.RefusedAsync(HttpMethod.Post, $"/v1/EntityImport/{mapping}/upload", HttpStatusCode.BadRequest, "corrupt-content-encoding", content);
        }
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("zstd")]
    public async Task Bytes_behind_a_compressed_body_are_refused_rather_than_lost(string encoding)
    {
        var (_, mapping) = await server.MapProductAsync();
        foreach (var behind in (byte[][])[Encoding.UTF8.GetBytes(Csv), new byte[100]])
        {
            var content = new ByteArrayContent([.. Compress(Encoding.UTF8.GetBytes(Csv), encoding), .. behind]);
            content.Headers.ContentType = new MediaTypeHeaderValue("text/csv");
            content.Headers.ContentEncoding.Add(encoding);
            await server.RefusedAsync(HttpMethod.Post, $"/v1/EntityImport/{mapping}/upload", HttpStatusCode.BadRequest, "corrupt-content-encoding", content);
        }

        await AssertNothingIncomingAsync();
    }

    [Fact]
    public async Task An_unknown_encoding_is_refused()
    {
        var (_, mapping) = await server.MapProductAsync();
        var content = Raw(Csv);
        content.Headers.ContentEncoding.Add("lzma");
        var problem = await server.RefusedAsync(
            HttpMethod.Post, $"/v1/EntityImport/{mapping}/upload", HttpStatusCode.UnsupportedMediaType, "unsupported-content-encoding", content);
        Assert.Contains("gzip, zstd, br", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_part_without_file_name_is_refused_with_a_hint_at_the_missing_at_sign()
    {
        var (_, mapping) = await server.MapProductAsync();
        using var form = new MultipartFormDataContent { { new StringContent("products.csv"), "file" } };
        var problem = await server.RefusedAsync(
            HttpMethod.Post, $"/v1/EntityImport/{mapping}/upload", HttpStatusCode.UnsupportedMediaType, "not-a-csv-file", form);
        Assert.Contains("curl -F file=@products.csv", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_form_without_the_part_file_is_refused()
    {
        var (_, mapping) = await server.MapProductAsync();
        using var form = new MultipartFormDataContent { { Bytes(Csv), "data", "a.csv" } };
        await server.RefusedAsync(HttpMethod.Post, $"/v1/EntityImport/{mapping}/upload", HttpStatusCode.BadRequest, "no-file-part", form);
    }

    [Fact]
    public async Task A_form_with_two_files_is_refused_because_one_would_be_lost()
    {
        var (_, mapping) = await server.MapProductAsync();
        using var form = new MultipartFormDataContent { { Bytes(Csv), "file", "a.csv" }, { Bytes(Csv), "file", "b.csv" } };
        await server.RefusedAsync(HttpMethod.Post, $"/v1/EntityImport/{mapping}/upload", HttpStatusCode.BadRequest, "several-files", form);
        await AssertNothingIncomingAsync();
    }

    [Theory]
    [InlineData("")]
    [InlineData("Content-Disposition: form-data; name=\"comment\"\r\n")]
    [InlineData("Content-Disposition: form-data; name=\"_charset_\"\r\n")]
    public async Task A_form_with_a_part_without_content_is_refused_where_what_follows_can_be_read_in_two_ways(string headers)
    {
        var (_, mapping) = await server.MapProductAsync();
        var content = Bytes($"--b\r\n{headers}\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\nSku\n1\n\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"b.csv\"\r\n\r\nSku\n2\n\r\n--b--\r\n");
        content.Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data; boundary=b");
        await server.RefusedAsync(HttpMethod.Post, $"/v1/EntityImport/{mapping}/upload", HttpStatusCode.BadRequest, "malformed-form", content);
        await AssertNothingIncomingAsync();
    }

    [Fact]
    public async Task A_form_with_a_boundary_among_the_headers_of_a_part_is_refused_because_another_file_may_begin_there()
    {
        var (_, mapping) = await server.MapProductAsync();
        var content = Bytes("--b\r\nContent-Disposition: form-data\r\n--b:\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\nSku\n1\n\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"b.csv\"\r\n\r\nSku\n2\n\r\n--b--\r\n");
        content.Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data; boundary=b");
        await server.RefusedAsync(HttpMethod.Post, $"/v1/EntityImport/{mapping}/upload", HttpStatusCode.BadRequest, "malformed-form", content);
        await AssertNothingIncomingAsync();
    }

    [Fact]
    public async Task A_form_that_is_cut_off_is_refused()
    {
        var (_, mapping) = await server.MapProductAsync();
        using var form = new MultipartFormDataContent { { Bytes(Csv), "file", "a.csv" } };
        var whole = await form.ReadAsByteArrayAsync(Cancel);
        var content = new ByteArrayContent(whole[..^30]);
        content.Headers.ContentType = form.Headers.ContentType;
        await server.RefusedAsync(HttpMethod.Post, $"/v1/EntityImport/{mapping}/upload", HttpStatusCode.BadRequest, "malformed-form", content);
        await AssertNothingIncomingAsync();
    }

    [Theory]
    [InlineData("PK\u0003\u0004xxxxxx", "Excel")]
    [InlineData("%PDF-1.7", "PDF")]
    [InlineData("<html><body></body></html>", "HTML page")]
    [InlineData("{\"error\":\"invalid_session\"}", "JSON")]
    [InlineData("\u001f\u008b\u0008xx", "Content-Encoding: gzip")]
    public async Task A_file_that_is_no_text_is_refused_with_advice(string latin1, string advice)
    {
        var (_, mapping) = await server.MapProductAsync();
        using var form = new MultipartFormDataContent { { new ByteArrayContent(Encoding.Latin1.GetBytes(latin1)), "file", "a.csv" } };
        var problem = await server.RefusedAsync(
            HttpMethod.Post, $"/v1/EntityImport/{mapping}/upload", HttpStatusCode.UnsupportedMediaType, "not-a-csv-file", form);
        Assert.Contains(advice, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData(null)]
    public async Task Other_content_types_are_refused(string? type)
    {
        var (_, mapping) = await server.MapProductAsync();
        var content = Bytes(Csv);
        content.Headers.ContentType = type is null ? null : new MediaTypeHeaderValue(type);
        await server.RefusedAsync(HttpMethod.Post, $"/v1/EntityImport/{mapping}/upload", HttpStatusCode.UnsupportedMediaType, "unsupported-media-type", content);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("gzip")]
    public async Task A_file_over_the_limit_is_refused_whether_compressed_or_not(string? encoding)
    {
        var (_, mapping) = await server.MapProductAsync();
        var bytes = new byte[TestServer.MaxUploadBytes + 1];
        bytes.AsSpan().Fill((byte)'x');
        var content = new ByteArrayContent(encoding is null ? bytes : Compress(bytes, encoding));
        content.Headers.ContentType = new MediaTypeHeaderValue("text/csv");
        if (encoding is not null) content.Headers.ContentEncoding.Add(encoding);
        await server.RefusedAsync(HttpMethod.Post, $"/v1/EntityImport/{mapping}/upload", HttpStatusCode.RequestEntityTooLarge, "file-too-large", content);
        await AssertNothingIncomingAsync();
    }

    [Fact]
    public async Task An_unknown_mapping_is_answered_before_the_body_is_read()
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, server.Http.BaseAddress!.Port, Cancel);
        var stream = socket.GetStream();
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes($"POST /v1/EntityImport/{Unknown}/upload HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\nContent-Length: 1000000\r\n\r\n"), Cancel);
        using var reader = new StreamReader(stream);
        Assert.Equal("HTTP/1.1 404 Not Found", await reader.ReadLineAsync(Cancel).AsTask().WaitAsync(TestServer.Patience, Cancel));
    }

    [Fact]
    public async Task Malformed_and_unknown_ids_are_404()
    {
        await server.RefusedAsync(HttpMethod.Post, "/v1/EntityImport/abc/upload", HttpStatusCode.NotFound, "mapping-not-found", Raw(Csv));
        await server.RefusedAsync(HttpMethod.Post, $"/v1/EntityImport/{Unknown}/upload", HttpStatusCode.NotFound, "mapping-not-found", Raw(Csv));
        await server.RefusedAsync(HttpMethod.Get, "/v1/EntityImport/abc/file", HttpStatusCode.NotFound, "upload-not-found");
        await server.RefusedAsync(HttpMethod.Get, $"/v1/EntityImport/{Unknown}/file", HttpStatusCode.NotFound, "upload-not-found");
    }

    [Fact]
    public async Task A_file_that_is_lost_or_changed_on_the_disk_is_a_500_of_its_own_type()
    {
        var (_, mapping) = await server.MapProductAsync();
        var upload = await UploadAsync(mapping, Raw(Csv));
        var path = Path.Combine(server.DataDirectory, "uploads", $"{upload:D}", "data");

        await File.AppendAllTextAsync(path, "2,b\n", Cancel);
        await server.RefusedAsync(HttpMethod.Get, $"/v1/EntityImport/{upload}/file", HttpStatusCode.InternalServerError, "file-changed");
        File.Delete(path);
        await server.RefusedAsync(HttpMethod.Get, $"/v1/EntityImport/{upload}/file", HttpStatusCode.InternalServerError, "file-lost");
        await File.WriteAllTextAsync(path, Csv, Cancel);
        await AssertStoredAsync(upload, Csv);
    }

    [Theory]
    [InlineData("text/csv", "6\r\nSku\n1\n\r\nxyz\r\n")]
    [InlineData("text/csv", "-6\r\nSku\n1\n\r\n0\r\n\r\n")]
    [InlineData("multipart/form-data; boundary=b", "5\r\n--b\r\n\r\nxyz\r\n")]
    public async Task A_body_whose_chunks_break_off_is_told_as_such(string type, string body)
    {
        var (_, mapping) = await server.MapProductAsync();
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, server.Http.BaseAddress!.Port, Cancel);
        var stream = socket.GetStream();
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes($"POST /v1/EntityImport/{mapping}/upload HTTP/1.1\r\nHost: localhost\r\nContent-Type: {type}\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n{body}"), Cancel);
        using var reader = new StreamReader(stream);
        var answer = await reader.ReadToEndAsync(Cancel).WaitAsync(TestServer.Patience, Cancel);
        Assert.StartsWith("HTTP/1.1 400", answer, StringComparison.Ordinal);
        Assert.Contains("urn:eis:problem:body-cut-off", answer, StringComparison.Ordinal);
        await AssertNothingIncomingAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_charset_is_the_encoding_where_the_mapping_states_none(bool inForm)
    {
        var (entity, mapping) = await server.MapProductAsync();
        HttpContent content = new ByteArrayContent([.. "Sku\n"u8, 0x8A, .. "koda\n"u8]);
        content.Headers.TryAddWithoutValidation("Content-Type", "text/csv; charset=windows-1250");
        if (inForm) content = new MultipartFormDataContent { { content, "file", "a.csv" } };

        var upload = (await server.SendAsync(HttpMethod.Post, $"/v1/EntityImport/{mapping}/upload", HttpStatusCode.Created, content)).GetProperty("uploadId").GetGuid();
        await server.Client.WaitAsync(await server.Client.ImportAsync(upload, Cancel), TestServer.Patience, Cancel);

        Assert.Equal("Škoda", Assert.Single((await server.Client.ReadRecordsAsync(entity, cancellationToken: Cancel)).Records).GetProperty("Sku").GetString());
    }

    [Theory]
    [InlineData("text/csv; charset=windows-1252", "UTF-8", true)]
    [InlineData("text/csv; charset=\"UTF-16\"", "UTF-8", true)]
    [InlineData("text/csv; charset=klingon", null, true)]
    [InlineData("text/csv; charset=utf8x", "UTF-8", true)]
    [InlineData("text/csv; charset=utf-8", "windows-1252", true)]
    [InlineData("text/csv; charset=utf-8", null, false)]
    [InlineData("text/csv; charset=\"UTF-8\"", null, false)]
    [InlineData("text/csv; charset=us-ascii", null, false)]
    [InlineData("text/csv; charset=latin1", "ISO-8859-1", false)]
    [InlineData("text/csv; charset=utf-16", "UTF-16BE", false)]
    public async Task A_charset_that_contradicts_the_mapping_is_refused(string type, string? encoding, bool isRefused)
    {
        var (_, mapping) = await server.MapProductAsync(new ImportDefinition { Encoding = encoding });
        var path = $"/v1/EntityImport/{mapping}/upload";
        ByteArrayContent Content()
        {
            var content = Bytes("Sku\n1\n");
            content.Headers.TryAddWithoutValidation("Content-Type", type);
            return content;
        }

        var charset = type.Split('=')[1].Trim('"');
        foreach (var content in (HttpContent[])
            [
                Content(),
                new MultipartFormDataContent { { Content(), "file", "a.csv" } },
                new MultipartFormDataContent { { new StringContent(charset), "_charset_" }, { Bytes("Sku\n1\n"), "file", "a.csv" } },
            ])
        {
            if (isRefused) await server.RefusedAsync(HttpMethod.Post, path, HttpStatusCode.UnsupportedMediaType, "charset-mismatch", content);
            else await server.SendAsync(HttpMethod.Post, path, HttpStatusCode.Created, content);
        }
    }

    [Fact]
    public async Task A_byte_order_mark_decides_over_the_mapping_which_charset_is_right()
    {
        var (_, mapping) = await server.MapProductAsync();
        var content = new ByteArrayContent([.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes("Sku\n1\n")]);
        content.Headers.TryAddWithoutValidation("Content-Type", "text/csv; charset=utf-16");
        await server.SendAsync(HttpMethod.Post, $"/v1/EntityImport/{mapping}/upload", HttpStatusCode.Created, content);
    }

    [Theory]
    [InlineData("invoice\u202Evsc.exe", "invoicevsc.exe")]
    [InlineData("a\u2066b\u2069\u200E\u061C\uFEFF\u00AD\u2028c.csv", "abc.csv")]
    [InlineData("می\u200Cخواهم.csv", "می\u200Cخواهم.csv")]
    [InlineData("C:\\temp\\../x\u0000\u001B[31m.csv", "x[31m.csv")]
    public async Task File_names_keep_nothing_that_is_not_seen(string sent, string kept)
    {
        var (_, mapping) = await server.MapProductAsync();
        var content = Raw("Sku\n1\n");
        content.Headers.TryAddWithoutValidation("Content-Disposition", $"attachment; filename*=UTF-8''{Uri.EscapeDataString(sent)}");
        var import = await server.Client.ImportAsync(await UploadAsync(mapping, content), Cancel);
        Assert.Equal(kept, (await server.Client.GetImportAsync(import, Cancel)).File.Name);
    }

    [Theory]
    [InlineData("filename*=UTF-7''a")]
    [InlineData("filename*=unknown''a")]
    [InlineData("filename*")]
    public async Task A_file_name_that_cannot_be_read_is_passed_over(string parameter)
    {
        var (_, mapping) = await server.MapProductAsync();
        var content = Raw("Sku\n1\n");
        content.Headers.TryAddWithoutValidation("Content-Disposition", $"attachment; {parameter}; filename=\"plain.csv\"");
        var import = await server.Client.ImportAsync(await UploadAsync(mapping, content), Cancel);
        Assert.Equal("plain.csv", (await server.Client.GetImportAsync(import, Cancel)).File.Name);
    }

    [Fact]
    public async Task An_upload_that_the_client_breaks_off_leaves_nothing()
    {
        var (_, mapping) = await server.MapProductAsync();
        using (var socket = new TcpClient())
        {
            await socket.ConnectAsync(IPAddress.Loopback, server.Http.BaseAddress!.Port, Cancel);
            var stream = socket.GetStream();
            await stream.WriteAsync(
                Encoding.ASCII.GetBytes($"POST /v1/EntityImport/{mapping}/upload HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\nContent-Length: 8000000\r\n\r\n"), Cancel);
            await stream.WriteAsync(new byte[1 << 20], Cancel);
            await Eventually.TrueAsync(() => Incoming().Length > 0, "The file never began to arrive.");
            socket.Client.LingerState = new LingerOption(enable: true, seconds: 0);
        }

        await Eventually.TrueAsync(() => Incoming().Length == 0, "The broken upload stays.");
    }

    private static ByteArrayContent Bytes(string text) => new(Encoding.UTF8.GetBytes(text));

    private static ByteArrayContent Raw(string text)
    {
        var content = Bytes(text);
        content.Headers.ContentType = new MediaTypeHeaderValue("text/csv");
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
            _ => new MemoryStream(),
        })
        {
            if (encoding == "identity") return bytes;
            encoder.Write(bytes);
        }

        return target.ToArray();
    }

    private async Task<Guid> UploadAsync(Guid mapping, HttpContent content) =>
        (await server.SendAsync(HttpMethod.Post, $"/v1/EntityImport/{mapping}/upload", HttpStatusCode.Created, content)).GetProperty("uploadId").GetGuid();

    private async Task AssertStoredAsync(Guid upload, string expected)
    {
        using var copy = new MemoryStream();
        await server.Client.CopyFileAsync(upload, copy, Cancel);
        Assert.Equal(expected, Encoding.UTF8.GetString(copy.ToArray()));
    }

    /// <summary>Uploads that are on disk without being complete.</summary>
    private string[] Incoming() => Directory.GetDirectories(Path.Combine(server.DataDirectory, "incoming"));

    private Task AssertNothingIncomingAsync() => Eventually.TrueAsync(() => Incoming().Length == 0, "Something of a refused upload stays.");
}
