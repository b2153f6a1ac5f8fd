using System.IO.Compression;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace EntityImport.Web.Assets;

/// <summary>Sends pages small. They hold no secret beside what the caller sends, so nothing is told by their length.</summary>
internal static class Compression
{
    public static async Task WriteAsync(HttpContext context, string text)
    {
        var response = context.Response;
        var coding = Coding(context.Request);
        if (coding is null)
        {
            await response.WriteAsync(text, context.RequestAborted);
            return;
        }

        response.Headers.ContentEncoding = coding;
        await using Stream stream = coding == "br" ? new BrotliStream(response.Body, CompressionLevel.Fastest, leaveOpen: true) : new GZipStream(response.Body, CompressionLevel.Fastest, leaveOpen: true);
        await stream.WriteAsync(Encoding.UTF8.GetBytes(text), context.RequestAborted);
    }

    /// <summary>The best coding that a client takes; null for none.</summary>
    public static string? Coding(HttpRequest request)
    {
        if (!StringWithQualityHeaderValue.TryParseList(request.Headers.AcceptEncoding, out var taken)) return null;
        return Takes("br") ? "br" : Takes("gzip") ? "gzip" : null;

        bool Takes(string name) => taken.Any(coding => coding.Value.Equals(name, StringComparison.OrdinalIgnoreCase) && coding.Quality is not 0);
    }
}
