using EntityImport.Inputs;
using EntityImport.Server.Http;

namespace EntityImport.Cli.Files;

/// <summary>The file that is imported, as its bytes are read: a compressed one is decompressed beside it, into a file that goes when this is disposed.</summary>
internal sealed class InputFile : IDisposable
{
    private static readonly string[] Extensions = [".gz", ".zst", ".br"];

    private readonly FileInfo? _decompressed;

    private InputFile(string name, FileInfo content, FileInfo? decompressed)
    {
        Name = name;
        Content = content;
        _decompressed = decompressed;
    }

    /// <summary>The file's name without what says that it is compressed.</summary>
    public string Name { get; }

    /// <summary>The file that has its bytes, decompressed.</summary>
    public FileInfo Content { get; }

    /// <summary>A file's name without what says that it is compressed.</summary>
    public static string NameOf(FileInfo file) =>
        Extensions.Contains(file.Extension, StringComparer.OrdinalIgnoreCase) ? Path.GetFileNameWithoutExtension(file.Name) : file.Name;

    /// <summary>Finds out what a file is.</summary>
    /// <exception cref="CommandFailure">It is plainly no CSV file, or the compressed data are corrupt.</exception>
    public static async Task<InputFile> OpenAsync(FileInfo file, CancellationToken cancellationToken)
    {
        var input = await DecompressAsync(file, cancellationToken);
        try
        {
            var head = new byte[ForeignFormats.HeadBytes];
            await using var stream = input.Content.OpenRead();
            var length = await stream.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellationToken);
            return ForeignFormats.Describe(head.AsSpan(0, length)) is { } what ? throw new CommandFailure($"{file.Name}: {what}") : input;
        }
        catch
        {
            input.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _decompressed?.Delete();

    private static async Task<InputFile> DecompressAsync(FileInfo file, CancellationToken cancellationToken)
    {
        if (await EncodingOfAsync(file, cancellationToken) is not { } encoding) return new InputFile(NameOf(file), file, decompressed: null);
        var target = new FileInfo(Path.GetTempFileName());
        try
        {
            await using var source = file.OpenRead();
            // As much as a server takes from a request, and no more from so few bytes.
            await using var content = new ContentDecoder(new Limits()).Decode(source, encoding);
            await using var stream = target.OpenWrite();
            await content.CopyToAsync(stream, cancellationToken);
        }
        catch (Exception exception)
        {
            target.Delete();
            if (exception is RequestException { Type: "corrupt-content-encoding" })
                throw new CommandFailure($"{file.Name} is not complete, valid {encoding} data and nothing else. Compress the file anew, or give it as it is.", exception);
            if (exception is RequestException { Type: "decompression-ratio" })
                throw new CommandFailure($"{file.Name} becomes more than a thousand times larger when it is decompressed. Where that is right, decompress it and give the file itself.", exception);
            throw;
        }

        target.Refresh();
        return new InputFile(NameOf(file), target, target);
    }

    /// <summary>The Content-Encoding that a file would be sent with; null where it is not compressed. Brotli has no mark, so its name tells.</summary>
    private static async Task<string?> EncodingOfAsync(FileInfo file, CancellationToken cancellationToken)
    {
        if (file.Extension.Equals(".br", StringComparison.OrdinalIgnoreCase)) return "br";
        var head = new byte[4];
        await using var stream = file.OpenRead();
        var length = await stream.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellationToken);
        var start = head.AsSpan(0, length);
        if (start.StartsWith<byte>([0x1F, 0x8B])) return "gzip";
        return start.StartsWith<byte>([0x28, 0xB5, 0x2F, 0xFD]) ? "zstd" : null;
    }
}
