using Microsoft.Extensions.Primitives;
using ZstdSharp;

namespace EntityImport.Server.Http;

/// <summary>Undoes Content-Encodings.</summary>
internal static class ContentEncodings
{
    // Without it, .NET takes a gzip stream that was cut off for a complete one, and rows would be missing silently.
    static ContentEncodings() => AppContext.SetSwitch("System.IO.Compression.UseStrictValidation", true);

    /// <summary>The content as it was before it was compressed. Dispose it after use.</summary>
    /// <param name="content">The content.</param>
    /// <param name="header">The Content-Encoding header.</param>
    /// <exception cref="RequestException">The encoding is unknown; when read, the stream throws it where the bytes are corrupt or cut off.</exception>
    public static Stream Decode(Stream content, StringValues header)
    {
        foreach (var encoding in Names(header).Reverse()) content = Decode(content, encoding);
        return content;
    }

    /// <summary>The encodings that the header names, in the order in which they were applied.</summary>
    public static string[] Names(StringValues header) =>
    [
        .. header
            .SelectMany(value => (value ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            .Where(encoding => !encoding.Equals("identity", StringComparison.OrdinalIgnoreCase)),
    ];

    private static GuardedStream Decode(Stream content, string encoding)
    {
        Stream decoder = encoding.ToUpperInvariant() switch
        {
            "GZIP" or "X-GZIP" => new GzipContent(content),
            "BR" => new BrotliContent(content),
            "ZSTD" => new DecompressionStream(content),
            _ => throw new RequestException(
                FaultKind.NotAFile, "unsupported-content-encoding", $"The Content-Encoding '{Refusal.Cut(encoding)}' is not supported. Supported: gzip, zstd, br."),
        };
        return new GuardedStream(decoder, fault => fault is InvalidDataException or EndOfStreamException or InvalidOperationException or ZstdException
            ? Refusal.Body("corrupt-content-encoding", $"The content is not complete, valid {encoding} data and nothing else, as its Content-Encoding says it is.")
            : null);
    }
}
