using System.Globalization;
using EntityImport.Server.Options;
using Microsoft.Extensions.Primitives;
using ZstdSharp;

namespace EntityImport.Server.Http;

/// <summary>Undoes the Content-Encodings of one request, those of its body and those of a part together: only so many, and only so much from so few bytes. Not thread-safe.</summary>
internal sealed class ContentDecoder
{
    private readonly Limits _limits;
    private int _encodings;
    private CountedStream? _sent;

    // Without it, .NET takes a gzip stream that was cut off for a complete one, and rows would be missing silently.
    static ContentDecoder() => AppContext.SetSwitch("System.IO.Compression.UseStrictValidation", true);

    internal ContentDecoder(Limits limits) => _limits = limits;

    /// <summary>The decoder for a request, under the server's limits.</summary>
    public static ContentDecoder For(HttpRequest request) => new(request.HttpContext.RequestServices.GetRequiredService<ServerOptions>().Engine.Limits);

    /// <summary>The content as it was before it was compressed. Dispose it after use.</summary>
    /// <param name="content">The content.</param>
    /// <param name="header">The Content-Encoding header.</param>
    /// <exception cref="RequestException">
    /// An encoding is unknown, or there are too many of them; when read, the stream throws it where the bytes are corrupt or cut off, or become too many.
    /// </exception>
    public Stream Decode(Stream content, StringValues header)
    {
        var names = Names(header);
        if (names.Length == 0) return content;
        _encodings += names.Length;
        if (_encodings > _limits.ContentEncodings)
        {
            throw new RequestException(FaultKind.NotAFile, "too-many-content-encodings", string.Create(
                CultureInfo.InvariantCulture, $"The content is compressed {_encodings} times over; at most {_limits.ContentEncodings} Content-Encodings are undone."));
        }

        // Against what was sent: the outermost of them.
        var decoded = new CountedStream(content);
        _sent ??= decoded;
        foreach (var name in names.Reverse()) decoded = Decode(decoded, name);
        return decoded;
    }

    /// <summary>The encodings that the header names, in the order in which they were applied.</summary>
    public static string[] Names(StringValues header) =>
    [
        .. header
            .SelectMany(value => (value ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            .Where(encoding => !encoding.Equals("identity", StringComparison.OrdinalIgnoreCase)),
    ];

    private CountedStream Decode(CountedStream content, string encoding)
    {
        Stream decoder = encoding.ToUpperInvariant() switch
        {
            "GZIP" or "X-GZIP" => new GzipContent(content),
            "BR" => new BrotliContent(content),
            "ZSTD" => new DecompressionStream(content),
            _ => throw new RequestException(
                FaultKind.NotAFile, "unsupported-content-encoding", $"The Content-Encoding '{Refusal.Cut(encoding)}' is not supported. Supported: gzip, zstd, br."),
        };
        return new CountedStream(
            new GuardedStream(
                decoder,
                fault => fault is InvalidDataException or EndOfStreamException or InvalidOperationException or ZstdException
                    ? Refusal.Body("corrupt-content-encoding", $"The content is not complete, valid {encoding} data and nothing else, as its Content-Encoding says it is.")
                    : null,
                // Not all decoders take what was cut off at its beginning for that; even nothing, compressed, has some bytes.
                atEnd: _ => content.Count > 0 ? Task.CompletedTask : throw new EndOfStreamException("There is no compressed data.")),
            CheckRatio);
    }

    /// <summary>Whatever a decoder makes is measured by what was sent: one inside of another multiplies nothing.</summary>
    private void CheckRatio(long decoded)
    {
        if (decoded <= _limits.FreelyDecompressedBytes || decoded / _limits.DecompressionRatio <= _sent!.Count) return;
        throw new RequestException(FaultKind.TooLarge, "decompression-ratio", string.Create(
            CultureInfo.InvariantCulture,
            $"The content becomes more than {_limits.FreelyDecompressedBytes} bytes and more than {_limits.DecompressionRatio} times what was sent. Send it less compressed."));
    }
}
