using System.IO.Compression;
using ZstdSharp;

namespace EntityImport.Server.Http;

/// <summary>Undoes a request's Content-Encoding.</summary>
internal static class ContentEncodings
{
    // Without it, .NET takes a gzip or Brotli stream that was cut off for a complete one, and rows would be missing silently.
    static ContentEncodings() => AppContext.SetSwitch("System.IO.Compression.UseStrictValidation", true);

    /// <summary>The body as it was before it was compressed. Dispose it after use.</summary>
    /// <exception cref="RequestException">The encoding is unknown; when read, the stream throws it where the bytes are corrupt or cut off.</exception>
    public static Stream Decode(HttpRequest request)
    {
        var content = request.Body;
        var encodings = request.Headers.ContentEncoding
            .SelectMany(value => (value ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            .Where(encoding => !encoding.Equals("identity", StringComparison.OrdinalIgnoreCase))
            .ToArray();
        for (var i = encodings.Length - 1; i >= 0; i--) content = Decode(content, encodings[i]);
        return content;
    }

    private static GuardedStream Decode(Stream content, string encoding)
    {
        Stream decoder = encoding.ToUpperInvariant() switch
        {
            "GZIP" or "X-GZIP" => new GZipStream(content, CompressionMode.Decompress),
            "BR" => new BrotliStream(content, CompressionMode.Decompress),
            "ZSTD" => new DecompressionStream(content),
            _ => throw new RequestException(
                FaultKind.NotAFile, "unsupported-content-encoding", $"The Content-Encoding '{Refusal.Cut(encoding)}' is not supported. Supported: gzip, zstd, br."),
        };
        return new GuardedStream(decoder, fault => fault is InvalidDataException or EndOfStreamException or InvalidOperationException or ZstdException
            ? Refusal.Body("corrupt-content-encoding", $"The body is not complete, valid {encoding} data, as its Content-Encoding says it is.")
            : null);
    }
}
