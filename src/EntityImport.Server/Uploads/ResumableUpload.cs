using System.Globalization;
using EntityImport.Catalog;
using EntityImport.Inputs;
using EntityImport.Server.Http;
using Microsoft.Net.Http.Headers;

namespace EntityImport.Server.Uploads;

/// <summary>The headers and bodies by which a file is sent in pieces, after draft-ietf-httpbis-resumable-upload in its plain form.</summary>
internal static class ResumableUpload
{
    public const string OffsetHeader = "Upload-Offset";
    public const string CompleteHeader = "Upload-Complete";
    public const string MediaType = "application/partial-upload";

    /// <summary>Types that are as plain as the draft's own. What is in pieces is no file yet, so that no type says anything of it.</summary>
    private static readonly string[] MediaTypes = [MediaType, "application/octet-stream", "text/csv"];

    /// <summary>Where the body belongs.</summary>
    /// <exception cref="RequestException">The header is absent or malformed.</exception>
    public static long Offset(HttpRequest request)
    {
        var values = request.Headers[OffsetHeader];
        if (values.Count == 1 && long.TryParse(values[0], NumberStyles.None, CultureInfo.InvariantCulture, out var offset)) return offset;
        throw Refusal.Parameter(OffsetHeader, "Expected the header once, with how many bytes of the file come before the body.");
    }

    /// <summary>Whether the file is complete with the body; null where the request does not say.</summary>
    /// <exception cref="RequestException">The header is malformed.</exception>
    public static bool? IsComplete(HttpRequest request)
    {
        var values = request.Headers[CompleteHeader];
        return values.Count switch
        {
            0 => null,
            1 when values[0] == "?0" => false,
            1 when values[0] == "?1" => true,
            _ => throw Refusal.Parameter(CompleteHeader, "Expected the header once, ?0 or ?1."),
        };
    }

    /// <summary>The body. Where it breaks off, it throws a <see cref="RequestException"/>.</summary>
    /// <param name="request">The request.</param>
    /// <param name="offset">Where it belongs; that at the file's beginning tells what is no CSV file.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="RequestException">It is of another type, compressed, or the beginning of another kind of file.</exception>
    public static async Task<Stream> OpenAsync(HttpRequest request, long offset, CancellationToken cancellationToken)
    {
        if (request.ContentLength != 0 && (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || !MediaTypes.Contains(type.MediaType.ToString(), StringComparer.OrdinalIgnoreCase)))
            throw Refusal.MediaType($"Expected a body of the type {MediaType}, not '{Refusal.Cut(request.ContentType ?? "")}'.");
        if (ContentDecoder.Names(request.Headers.ContentEncoding).Length > 0) throw Refusal.MediaType("A file that is sent in pieces is not compressed: its offsets are those of the file.");
        var head = new byte[offset == 0 ? ForeignFormats.HeadBytes : 0];
        var length = 0;
        try
        {
            while (length < head.Length && await request.Body.ReadAsync(head.AsMemory(length), cancellationToken) is > 0 and var read) length += read;
        }
        catch (Exception fault) when (Translate(fault) is not null)
        {
            // What came before is kept, and the next read finds the same.
        }

        if (ForeignFormats.Describe(head.AsSpan(0, length)) is { } what) throw Refusal.NotAFile(what);
        return new GuardedStream(request.Body, Translate, head.AsMemory(0, length));
    }

    /// <summary>Tells how much of a file has arrived.</summary>
    public static void Tell(HttpResponse response, Upload upload)
    {
        response.Headers[OffsetHeader] = upload.Size.ToString(CultureInfo.InvariantCulture);
        response.Headers[CompleteHeader] = upload.IsComplete ? "?1" : "?0";
        response.Headers.CacheControl = "no-store";
    }

    private static RequestException? Translate(Exception fault) => fault is IOException and not BadHttpRequestException { StatusCode: not StatusCodes.Status400BadRequest }
        ? Refusal.Body("body-cut-off", "The body was cut off; what had arrived of it is kept.")
        : null;
}
