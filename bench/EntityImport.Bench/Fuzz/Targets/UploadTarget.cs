using System.IO.Compression;
using System.Text;
using EntityImport.Catalog;
using EntityImport.Server.Options;
using EntityImport.Server.Uploads;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Net.Http.Headers;

namespace EntityImport.Bench.Fuzz.Targets;

/// <summary>
/// Any bytes as the request of an upload: refused, or with the file that a plain reading finds. The first line is the Content-Type, the second the Content-Encoding, and
/// the rest the body.
/// </summary>
internal sealed class UploadTarget : FuzzTarget
{
    private static readonly Mapping Mapping = new()
    {
        Id = Guid.Empty,
        Revision = 1,
        EntitySystemName = Formats.Entity.SystemName,
        Document = """{"entitySystemName":"product","definition":{}}""",
        CreatedAt = DateTimeOffset.UnixEpoch,
    };

    private static readonly ServerOptions Options = new() { Engine = new() { Limits = new Limits { FreelyDecompressedBytes = 64 << 10, DecompressionRatio = 20 } } };

    private readonly ServiceProvider _services = new ServiceCollection().AddSingleton(Options).BuildServiceProvider();

    public override string Name => "upload";

    // Whatever is decompressed, and the buffers of those who do it.
    public override long AllocatedBytes => 32 << 20;

    public override IReadOnlyList<string> Tokens { get; } =
    [
        "\n", "\r\n", "\r\n\r\n", "--b", "\r\n--b\r\n", "\r\n--b--", "\r\n--b--\r\n", "multipart/form-data; boundary=b", "text/csv", "; charset=utf-8", "; boundary=", "\"b\"", "gzip", "br", "zstd", "identity", "gzip, br",
        "Content-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n", "name=\"file\"", "name=file", "filename=", "filename*=UTF-8''a", "Content-Type: text/csv\r\n", "Content-Encoding: gzip\r\n", "_charset_", "UTF-16",
        "PK\x03\x04", "%PDF-", "a,b\r\n1,2\r\n", new string('x', 80),
    ];

    public override void Run(byte[] input)
    {
        var chosen = new FuzzInput(input);
        var (type, encoding) = (Encoding.Latin1.GetString(chosen.Until((byte)'\n')), Encoding.Latin1.GetString(chosen.Until((byte)'\n')));
        var body = chosen.Rest();
        var context = new DefaultHttpContext { RequestServices = _services };
        context.Request.ContentType = type;
        if (encoding.Length > 0) context.Request.Headers.ContentEncoding = encoding;
        context.Request.Body = new MemoryStream(body);
        byte[] file;
        try
        {
            file = ReadAsync(context.Request).GetAwaiter().GetResult();
        }
        catch (RequestException refusal)
        {
            DisagreementException.ThrowUnless(refusal.Kind is FaultKind.Invalid or FaultKind.NotAFile or FaultKind.TooLarge, $"It is refused as {refusal.Kind}");
            DisagreementException.ThrowUnless(refusal.Message.Length is > 0 and <= Limits.MessageCharacters, $"The refusal has {refusal.Message.Length} characters.");
            return;
        }

        var sent = MediaTypeHeaderValue.Parse(type);
        var isForm = sent.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase);
        var expected = isForm ? PlainForm(body, HeaderUtilities.RemoveQuotes(sent.Boundary).ToString(), encoding) : Decompressed(body, encoding);
        DisagreementException.ThrowUnless(file.AsSpan().SequenceEqual(expected), $"The file is {Encoding.Latin1.GetString(file)}, not {Encoding.Latin1.GetString(expected)}");
    }

    private static async Task<byte[]> ReadAsync(HttpRequest request)
    {
        await using var body = await UploadBody.OpenAsync(request, Mapping, CancellationToken.None);
        using var file = new MemoryStream();
        await body.Content.CopyToAsync(file);
        return file.ToArray();
    }

    /// <summary>The file in a form, as RFC 2046 says: what stands between the blank line of its part and the line end before the next boundary.</summary>
    private static byte[] PlainForm(byte[] body, string boundary, string encoding)
    {
        // Those who compress the form as a whole, or the file alone, name it in the same header; a form begins with its boundary.
        if (encoding.Length > 0 && !body.AsSpan().StartsWith(Encoding.Latin1.GetBytes("--" + boundary))) (body, encoding) = (Decompressed(body, encoding), "");
        var text = Encoding.Latin1.GetString(body);
        for (var at = text.IndexOf("--" + boundary, StringComparison.Ordinal); at >= 0; at = text.IndexOf("\r\n--" + boundary, at + 2, StringComparison.Ordinal))
        {
            var headers = text.IndexOf("\r\n", at + 2 + boundary.Length, StringComparison.Ordinal);
            var blank = headers < 0 ? -1 : text.IndexOf("\r\n\r\n", headers, StringComparison.Ordinal);
            if (blank < 0) break;
            // Headers are UTF-8: read as anything else, a byte of theirs may be white space to one reading and a part of the value to the other.
            var names = Encoding.UTF8.GetString(body.AsSpan(headers, blank - headers)).Split("\r\n").Select(line => line.Split(':', 2)).Where(header => header.Length == 2)
                .GroupBy(header => header[0], StringComparer.OrdinalIgnoreCase).ToDictionary(group => group.Key, group => string.Join(',', group.Select(header => header[1].Trim()).Where(value => value.Length > 0)), StringComparer.OrdinalIgnoreCase);
            if (!ContentDispositionHeaderValue.TryParse(names.GetValueOrDefault("Content-Disposition"), out var disposition) || HeaderUtilities.RemoveQuotes(disposition.Name) != "file") continue;
            var end = text.IndexOf("\r\n--" + boundary, blank + 4, StringComparison.Ordinal);
            DisagreementException.ThrowUnless(end >= 0, "The part does not end, and is taken all the same.");
            return Decompressed(Encoding.Latin1.GetBytes(text[(blank + 4)..end]), string.Join(',', new[] { names.GetValueOrDefault("Content-Encoding"), encoding }.Where(name => !string.IsNullOrEmpty(name))));
        }

        throw new DisagreementException("A plain reading finds no file in the form.");
    }

    private static byte[] Decompressed(byte[] content, string encoding)
    {
        foreach (var name in encoding.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Reverse())
        {
            using var sent = new MemoryStream(content);
            using Stream stream = name.ToUpperInvariant() switch
            {
                "GZIP" or "X-GZIP" => new GZipStream(sent, CompressionMode.Decompress),
                "BR" => new BrotliStream(sent, CompressionMode.Decompress),
                "ZSTD" => new ZstdSharp.DecompressionStream(sent),
                _ => sent,
            };
            using var plain = new MemoryStream();
            stream.CopyTo(plain);
            content = plain.ToArray();
        }

        return content;
    }
}
