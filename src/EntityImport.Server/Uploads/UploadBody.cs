using System.IO.Pipelines;
using System.Text;
using EntityImport.Catalog;
using EntityImport.Inputs;
using EntityImport.Server.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace EntityImport.Server.Uploads;

/// <summary>The file in an upload request: decompressed, and known not to be something else than text.</summary>
internal sealed class UploadBody : IAsyncDisposable
{
    private const string FilePart = "file";

    /// <summary>The part that says what parts after it are written in (RFC 7578, 4.6).</summary>
    private const string CharsetPart = "_charset_";

    private const int MaxBoundaryLength = 256;

    /// <summary>What a form has besides its file, as far as that need not be counted.</summary>
    private const int FormBytes = 1 << 20;

    private const string Hint =
        "Send multipart/form-data with the part 'file' (curl -F file=@products.csv) " +
        "or a body of the type text/csv (curl -H 'Content-Type: text/csv' --data-binary @products.csv).";

    private readonly Stream _body;

    private UploadBody(Stream body, Stream content, string? charset, string? fileName)
    {
        _body = body;
        Content = content;
        Charset = charset;
        FileName = fileName;
    }

    /// <summary>The file's bytes. Where they cannot be read to their end, it throws a <see cref="RequestException"/>.</summary>
    public Stream Content { get; }

    /// <summary>The IANA name of the charset that the request states where the mapping states no encoding; null where that is UTF-8.</summary>
    public string? Charset { get; }

    /// <summary>The client's name for the file; null where it gave none.</summary>
    public string? FileName { get; }

    /// <summary>How many bytes the file has at least, by the request's Content-Length; null where that does not tell. Compressing makes nothing larger than by a hundredth.</summary>
    public static long? LeastFileBytes(HttpRequest request)
    {
        if (request.ContentLength is not { } sent) return null;
        var isAsSent = ContentDecoder.Names(request.Headers.ContentEncoding).Length == 0
            && MediaTypeHeaderValue.TryParse(request.ContentType, out var type) && type.MatchesMediaType("text/csv");
        return isAsSent ? sent : Math.Max(0, sent - sent / 100 - FormBytes);
    }

    /// <summary>Finds the file in a request, and reads its first bytes.</summary>
    /// <param name="request">The request.</param>
    /// <param name="mapping">The mapping that the file will be read by; null where there is none yet.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="RequestException">There is none, or it is no text.</exception>
    public static async Task<UploadBody> OpenAsync(HttpRequest request, Mapping? mapping, CancellationToken cancellationToken)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type)) throw Refusal.MediaType($"The request has no valid Content-Type. {Hint}");
        var isForm = type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase);
        if (!isForm && !type.MediaType.Equals("text/csv", StringComparison.OrdinalIgnoreCase))
            throw Refusal.MediaType($"The Content-Type '{Refusal.Cut(type.MediaType)}' is none that files come in. {Hint}");

        var encodings = request.Headers.ContentEncoding;
        var decoder = ContentDecoder.For(request);
        var boundary = isForm ? Boundary(type) : "";
        // The header is about the body as a whole. Those who put a compressed file into a form often mean the file, and the first bytes tell.
        var isFileEncoding = isForm && ContentDecoder.Names(encodings).Length > 0
            && await StartsWithAsync(request.BodyReader, "--" + boundary, cancellationToken);
        var body = decoder.Decode(request.Body, isFileEncoding ? default : encodings);
        try
        {
            if (isForm) return await OpenPartAsync(body, boundary, decoder, isFileEncoding ? encodings : default, mapping, cancellationToken);
            var (content, charset) = await InspectAsync(body, new StatedCharset(type.Charset, mapping), TranslateBody, null, cancellationToken);
            return new UploadBody(body, content, charset, NameIn(request.Headers.ContentDisposition));
        }
        catch
        {
            await body.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Content.DisposeAsync();
        await _body.DisposeAsync();
    }

    private static async Task<UploadBody> OpenPartAsync(
        Stream body, string boundary, ContentDecoder decoder, StringValues outer, Mapping? mapping, CancellationToken cancellationToken)
    {
        var reader = new MultipartReader(boundary, body);
        string? charset = null;
        while (await NextPartAsync(reader, boundary, cancellationToken) is { } part)
        {
            if (!IsNamed(part, FilePart))
            {
                var text = await BeginningAsync(part, boundary, cancellationToken);
                if (IsNamed(part, CharsetPart)) charset ??= text;
                continue;
            }

            if (NameIn(part.ContentDisposition) is not { } name)
                throw Refusal.NotAFile("The part 'file' has no file name, so it is a text and not a file. With curl, mind the @: curl -F file=@products.csv.");
            var content = decoder.Decode(part.Body, StringValues.Concat(part.Headers?.GetValueOrDefault("Content-Encoding") ?? default, outer));
            var stated = new StatedCharset(CharsetOf(part) ?? charset, mapping);
            var (file, found) = await InspectAsync(content, stated, TranslateForm, EndAsync, cancellationToken);
            return new UploadBody(body, file, found, name);
        }

        throw Refusal.Body("no-file-part", $"The form has no part named 'file'. {Hint}");

        // A second file would be lost silently, and a form that is cut off may lack a part of the first one.
        async Task EndAsync(CancellationToken ended)
        {
            while (await NextPartAsync(reader, boundary, ended) is { } part)
            {
                if (IsNamed(part, FilePart)) throw Refusal.Body("several-files", "The form has more than one part named 'file'. Upload each file by itself.");
                _ = await BeginningAsync(part, boundary, ended);
            }
        }
    }

    private static string? CharsetOf(MultipartSection part) => MediaTypeHeaderValue.TryParse(part.ContentType, out var type) && type.Charset.HasValue ? type.Charset.Value : null;

    /// <summary>Whether a body begins so; nothing of it is consumed.</summary>
    private static async Task<bool> StartsWithAsync(PipeReader body, string start, CancellationToken cancellationToken)
    {
        var read = await body.ReadAtLeastAsync(start.Length, cancellationToken);
        var begins = read.Buffer.Length >= start.Length && Encoding.Latin1.GetString(read.Buffer.Slice(0, start.Length)) == start;
        body.AdvanceTo(read.Buffer.Start);
        return begins;
    }

    private static async Task<MultipartSection?> NextPartAsync(MultipartReader reader, string boundary, CancellationToken cancellationToken)
    {
        MultipartSection? part;
        try
        {
            part = await reader.ReadNextSectionAsync(cancellationToken);
        }
        catch (Exception fault) when (TranslateForm(fault) is { } refusal)
        {
            throw refusal;
        }

        // To some, the part ends there, and the next one begins.
        if (part?.Headers?.Keys.Any(name => name.StartsWith("--" + boundary, StringComparison.Ordinal)) == true)
            throw Refusal.Body("malformed-form", $"A boundary of the form stands among the headers of a part. {Hint}");
        return part;
    }

    /// <summary>
    /// What a part that is not the file begins with, as far as a name goes. One whose content begins with a boundary is empty to some, who find the next part there, and has that part as its content to others: the file in it would be
    /// lost.
    /// </summary>
    private static async Task<string> BeginningAsync(MultipartSection part, string boundary, CancellationToken cancellationToken)
    {
        var start = new byte[Math.Max(Limits.NameCharacters, 2 + boundary.Length)];
        int length;
        try
        {
            length = await part.Body.ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false, cancellationToken);
        }
        catch (Exception fault) when (TranslateForm(fault) is { } refusal)
        {
            throw refusal;
        }

        if (Encoding.Latin1.GetString(start, 0, length).StartsWith("--" + boundary, StringComparison.Ordinal))
            throw Refusal.Body("malformed-form", $"A part of the form has no content, and not the empty line that stands for it. {Hint}");
        return Encoding.UTF8.GetString(start, 0, Math.Min(length, Limits.NameCharacters));
    }

    private static bool IsNamed(MultipartSection part, string name) =>
        ContentDispositionHeaderValue.TryParse(part.ContentDisposition, out var header) && HeaderUtilities.RemoveQuotes(header.Name).Equals(name, StringComparison.Ordinal);

    /// <summary>The file's name in a Content-Disposition; null where it has none.</summary>
    public static string? NameIn(string? disposition)
    {
        if (!ContentDispositionHeaderValue.TryParse(disposition, out var header)) return null;
        var name = ExtendedNameIn(header) is { HasValue: true } extended ? extended : HeaderUtilities.RemoveQuotes(header.FileName);
        return name.Length == 0 ? null : name.ToString();
    }

    /// <summary>The name with a charset of its own (RFC 5987).</summary>
    private static StringSegment ExtendedNameIn(ContentDispositionHeaderValue header)
    {
        try
        {
            return header.FileNameStar;
        }
        catch (Exception fault) when (fault is NotSupportedException or ArgumentNullException)
        {
            // UTF-7, which .NET refuses, is as a charset that it does not know, and a parameter without a value as one that it cannot read: there is no such name.
            return default;
        }
    }

    private static string Boundary(MediaTypeHeaderValue type)
    {
        var boundary = HeaderUtilities.RemoveQuotes(type.Boundary).ToString();
        return boundary.Length is > 0 and <= MaxBoundaryLength
            ? boundary
            : throw Refusal.Body("malformed-form", "The Content-Type multipart/form-data has no valid boundary. Leave that header to the program that writes the form.");
    }

    private static async Task<(GuardedStream Content, string? Charset)> InspectAsync(
        Stream content, StatedCharset charset, Func<Exception, RequestException?> translate, Func<CancellationToken, Task>? atEnd, CancellationToken cancellationToken)
    {
        var head = new byte[ForeignFormats.HeadBytes];
        int length;
        try
        {
            length = await content.ReadAtLeastAsync(head, ForeignFormats.FirstBytes, throwOnEndOfStream: false, cancellationToken);
            if (ForeignFormats.NeedsMore(head.AsSpan(0, Math.Min(length, ForeignFormats.FirstBytes))))
                length += await content.ReadAtLeastAsync(head.AsMemory(length), head.Length - length, throwOnEndOfStream: false, cancellationToken);
        }
        catch (Exception fault) when (translate(fault) is { } refusal)
        {
            throw refusal;
        }

        if (ForeignFormats.Describe(head.AsSpan(0, length)) is { } what) throw Refusal.NotAFile(what);
        var found = charset.Find(head.AsSpan(0, length));
        return (new GuardedStream(content, translate, head.AsMemory(0, length), atEnd), found);
    }

    private static RequestException? TranslateForm(Exception fault) => fault is InvalidDataException or IOException and not BadHttpRequestException
        ? Refusal.Body("malformed-form", "The form is malformed or was cut off; nothing of it was stored.")
        : TranslateBody(fault);

    /// <summary>What is slower or larger than the server allows is told as such.</summary>
    private static RequestException? TranslateBody(Exception fault) => fault is IOException and not BadHttpRequestException { StatusCode: not StatusCodes.Status400BadRequest }
        ? Refusal.Body("body-cut-off", "The body was cut off, or its chunks are malformed; nothing of it was stored.")
        : null;
}
