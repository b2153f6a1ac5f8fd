using System.Collections.Frozen;
using System.IO.Compression;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;

namespace EntityImport.Web.Assets;

/// <summary>
/// Styles, scripts and pictures, embedded in the library under names that change with what they hold, so that browsers keep them for ever. Each is compressed once, when it is first asked for.
/// </summary>
internal static class AssetFiles
{
    private const string Folder = "/assets/";

    private static readonly Lazy<(FrozenDictionary<string, string> Addresses, FrozenDictionary<string, Asset> Files)> Known = new(Read);

    /// <summary>Where a file is, by its own name.</summary>
    public static string AddressOf(string name) => Known.Value.Addresses[name];

    /// <summary>What a file holds, by its own name; null where there is none.</summary>
    public static byte[]? Find(string name) => Known.Value.Addresses.TryGetValue(name, out var address) ? Known.Value.Files[address[Folder.Length..]].Bytes : null;

    /// <summary>Answers with a file.</summary>
    public static Task SendAsync(HttpContext context)
    {
        var response = context.Response;
        if (!Known.Value.Files.TryGetValue((string)context.Request.RouteValues["name"]!, out var asset))
        {
            response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }

        var coding = Compression.Coding(context.Request);
        var bytes = coding switch { "br" => asset.Brotli.Value, "gzip" => asset.Gzip.Value, _ => asset.Bytes };
        if (coding is not null) response.Headers.ContentEncoding = coding;
        response.Headers.CacheControl = "public, max-age=31536000, immutable";
        response.Headers.Vary = "Accept-Encoding";
        response.ContentType = asset.MediaType;
        response.ContentLength = bytes.Length;
        return response.Body.WriteAsync(bytes, context.RequestAborted).AsTask();
    }

    private static (FrozenDictionary<string, string> Addresses, FrozenDictionary<string, Asset> Files) Read()
    {
        var library = typeof(AssetFiles).Assembly;
        var (addresses, files) = (new Dictionary<string, string>(), new Dictionary<string, Asset>());
        foreach (var name in library.GetManifestResourceNames())
        {
            using var stream = library.GetManifestResourceStream(name)!;
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            var hash = Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 6));
            var hashed = $"{Path.GetFileNameWithoutExtension(name)}-{hash}{Path.GetExtension(name)}";
            addresses.Add(name, Folder + hashed);
            files.Add(hashed, new Asset(bytes, MediaTypeOf(name)));
        }

        return (addresses.ToFrozenDictionary(StringComparer.Ordinal), files.ToFrozenDictionary(StringComparer.Ordinal));
    }

    private static string MediaTypeOf(string name) => Path.GetExtension(name) switch
    {
        ".css" => "text/css; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".svg" => "image/svg+xml",
        _ => "text/csv; charset=utf-8",
    };

    private sealed class Asset
    {
        public Asset(byte[] bytes, string mediaType)
        {
            (Bytes, MediaType) = (bytes, mediaType);
            Brotli = new(() => Compress(stream => new BrotliStream(stream, CompressionLevel.SmallestSize)));
            Gzip = new(() => Compress(stream => new GZipStream(stream, CompressionLevel.SmallestSize)));
        }

        public byte[] Bytes { get; }

        public string MediaType { get; }

        public Lazy<byte[]> Brotli { get; }

        public Lazy<byte[]> Gzip { get; }

        private byte[] Compress(Func<Stream, Stream> open)
        {
            using var result = new MemoryStream();
            using (var stream = open(result)) stream.Write(Bytes);
            return result.ToArray();
        }
    }
}
