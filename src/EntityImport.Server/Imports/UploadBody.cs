using System.IO.Pipelines;
using System.Text;
using EntityImport.Server.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace EntityImport.Server.Imports;

/// <summary>The file in an upload request: decompressed, and known not to be something else than text.</summary>
internal sealed class UploadBody : IAsyncDisposable
{
    private const string FilePart = "file";
    private const int MaxBoundaryLength = 256;
    private const string Hint =
        "Send multipart/form-data with the part 'file' (curl -F file=@products.csv) " +
        "or a body of the type text/csv (curl -H 'Content-Type: text/csv' --data-binary @products.csv).";

    private readonly Stream _body;

    private UploadBody(Stream body, Stream content, string? fileName)
    {
        _body = body;
        Content = content;
        FileName = fileName;
    }

    /// <summary>The file's bytes. Where they cannot be read to their end, it throws a <see cref="RequestException"/>.</summary>
    public Stream Content { get; }

    /// <summary>The client's name for the file; null where it gave none.</summary>
    public string? FileName { get; }

    /// <summary>Finds the file in a request, and reads its first bytes.</summary>
    /// <exception cref="RequestException">There is none, or it is no text.</exception>
    public static async Task<UploadBody> OpenAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type)) throw Refusal.MediaType($"The request has no valid Content-Type. {Hint}");
        var isForm = type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase);
        if (!isForm && !type.MediaType.Equals("text/csv", StringComparison.OrdinalIgnoreCase))
            throw Refusal.MediaType($"The Content-Type '{Refusal.Cut(type.MediaType)}' is none that files come in. {Hint}");

        var encoding = request.Headers.ContentEncoding;
        var boundary = isForm ? Boundary(type) : "";
        // The header is about the body as a whole. Those who put a compressed file into a form often mean the file, and the first bytes tell.
        var isFileEncoding = isForm && ContentEncodings.Names(encoding).Length > 0
            && await StartsWithAsync(request.BodyReader, "--" + boundary, cancellationToken);
        var body = ContentEncodings.Decode(request.Body, isFileEncoding ? default : encoding);
        try
        {
            return isForm
                ? await OpenPartAsync(body, boundary, isFileEncoding ? encoding : default, cancellationToken)
                : new UploadBody(body, await InspectAsync(body, null, cancellationToken), NameIn(request.Headers.ContentDisposition));
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

    private static async Task<UploadBody> OpenPartAsync(Stream body, string boundary, StringValues encoding, CancellationToken cancellationToken)
    {
        var reader = new MultipartReader(boundary, body);
        while (await NextPartAsync(reader, cancellationToken) is { } part)
        {
            if (!IsFilePart(part, out var disposition)) continue;
            if (NameIn(disposition) is not { } name)
                throw Refusal.NotAFile("The part 'file' has no file name, so it is a text and not a file. With curl, mind the @: curl -F file=@products.csv.");
            var encodings = StringValues.Concat(part.Headers?.GetValueOrDefault("Content-Encoding") ?? default, encoding);
            return new UploadBody(body, await InspectAsync(ContentEncodings.Decode(part.Body, encodings), EndAsync, cancellationToken), name);
        }

        throw Refusal.Body("no-file-part", $"The form has no part named 'file'. {Hint}");

        // A second file would be lost silently, and a form that is cut off may lack a part of the first one.
        async Task EndAsync(CancellationToken ended)
        {
            while (await NextPartAsync(reader, ended) is { } part)
                if (IsFilePart(part, out _)) throw Refusal.Body("several-files", "The form has more than one part named 'file'. Upload each file by itself.");
        }
    }

    /// <summary>Whether a body begins so; nothing of it is consumed.</summary>
    private static async Task<bool> StartsWithAsync(PipeReader body, string start, CancellationToken cancellationToken)
    {
        var read = await body.ReadAtLeastAsync(start.Length, cancellationToken);
        var begins = read.Buffer.Length >= start.Length && Encoding.Latin1.GetString(read.Buffer.Slice(0, start.Length)) == start;
        body.AdvanceTo(read.Buffer.Start);
        return begins;
    }

    private static async Task<MultipartSection?> NextPartAsync(MultipartReader reader, CancellationToken cancellationToken)
    {
        try
        {
            return await reader.ReadNextSectionAsync(cancellationToken);
        }
        catch (Exception fault) when (Translate(fault) is { } refusal)
        {
            throw refusal;
        }
    }

    private static bool IsFilePart(MultipartSection part, out string? disposition)
    {
        disposition = part.ContentDisposition;
        return ContentDispositionHeaderValue.TryParse(disposition, out var header) && HeaderUtilities.RemoveQuotes(header.Name).Equals(FilePart, StringComparison.Ordinal);
    }

    private static string? NameIn(string? disposition)
    {
        if (!ContentDispositionHeaderValue.TryParse(disposition, out var header)) return null;
        var name = HeaderUtilities.RemoveQuotes(header.FileNameStar.HasValue ? header.FileNameStar : header.FileName);
        return name.Length == 0 ? null : name.ToString();
    }

    private static string Boundary(MediaTypeHeaderValue type)
    {
        var boundary = HeaderUtilities.RemoveQuotes(type.Boundary).ToString();
        return boundary.Length is > 0 and <= MaxBoundaryLength
            ? boundary
            : throw Refusal.Body("malformed-form", "The Content-Type multipart/form-data has no valid boundary. Leave that header to the program that writes the form.");
    }

    private static async Task<GuardedStream> InspectAsync(Stream content, Func<CancellationToken, Task>? atEnd, CancellationToken cancellationToken)
    {
        var head = new byte[FileSignatures.Length];
        int length;
        try
        {
            length = await content.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellationToken);
        }
        catch (Exception fault) when (Translate(fault) is { } refusal)
        {
            throw refusal;
        }

        if (FileSignatures.Describe(head.AsSpan(0, length)) is { } what) throw Refusal.NotAFile(what);
        return new GuardedStream(content, Translate, head.AsMemory(0, length), atEnd);
    }

    private static RequestException? Translate(Exception fault) => fault is InvalidDataException or IOException and not BadHttpRequestException
        ? Refusal.Body("malformed-form", "The form is malformed or was cut off; nothing of it was stored.")
        : null;
}
