using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text;
using ZstdSharp;

namespace EntityImport.Bench.Hostile.Attacks;

/// <summary>Contents that become much larger, or that are compressed again and again.</summary>
internal static class CompressionAttacks
{
    private const long Bytes = 2L << 30;

    public static IReadOnlyList<Attack> All { get; } =
    [
        new("bomb-gzip", target => BombAsync(target, "gzip")),
        new("bomb-br", target => BombAsync(target, "br")),
        new("bomb-zstd", target => BombAsync(target, "zstd")),
        new("many-br", target => LayersAsync(target, "br", [2, 3, 1000, 5000, 8000])),
        new("many-gzip", target => LayersAsync(target, "gzip", [2, 3, 1000, 4500])),
        new("many-zstd", target => LayersAsync(target, "zstd", [2, 3, 1000, 4500])),
    ];

    /// <summary>To an upload, to JSON, and to an inference as a body and in a form.</summary>
    private static async Task BombAsync(Target target, string encoding)
    {
        var bomb = Compress(encoding, target.ScaledBytes(Bytes));
        await target.DeclareAsync("text", "a:STRING");
        var mapping = (await target.MapAsync("text"))!;
        target.Count(await target.UploadAsync(mapping, new MemoryStream(bomb), encoding) is null ? "refused" : "stored");
        await SendAsync("/v1/EntityImport", "application/json");
        await SendAsync("/v1/LogicalEntity/infer", "text/csv");
        using var form = new MultipartFormDataContent();
        form.Add(Content("text/csv"), "file", "bomb.csv");
        await target.SendAsync(HttpMethod.Post, "/v1/LogicalEntity/infer", form);

        async Task SendAsync(string path, string type)
        {
            using var content = Content(type);
            await target.SendAsync(HttpMethod.Post, path, content);
        }

        ByteArrayContent Content(string type)
        {
            var content = new ByteArrayContent(bomb);
            content.Headers.ContentType = new MediaTypeHeaderValue(type);
            content.Headers.TryAddWithoutValidation("Content-Encoding", encoding);
            return content;
        }
    }

    /// <summary>Names the encoding again and again, as much as a header holds.</summary>
    private static async Task LayersAsync(Target target, string encoding, int[] counts)
    {
        await target.DeclareAsync("text", "a:STRING");
        var mapping = (await target.MapAsync("text"))!;
        foreach (var count in counts)
        {
            var layers = string.Join(',', Enumerable.Repeat(encoding, count));
            await target.SendJsonAsync(HttpMethod.Post, "/v1/EntityImport", "{}", encoding: layers);
            await target.UploadAsync(mapping, new MemoryStream("a\n1\n"u8.ToArray()), layers);
        }
    }

    private static byte[] Compress(string encoding, long bytes)
    {
        using var compressed = new MemoryStream();
        using (Stream stream = encoding switch
        {
            "gzip" => new GZipStream(compressed, CompressionLevel.Optimal, leaveOpen: true),
            "br" => new BrotliStream(compressed, CompressionLevel.Optimal, leaveOpen: true),
            _ => new CompressionStream(compressed, leaveOpen: true),
        })
        {
            stream.Write(Encoding.UTF8.GetBytes("a\n"));
            var block = new byte[1 << 16];
            block.AsSpan().Fill((byte)'x');
            for (var written = 0L; written < bytes; written += block.Length) stream.Write(block);
        }

        return compressed.ToArray();
    }
}
