using System.Text;

namespace EntityImport.Server.Options;

/// <summary>A file that holds a list, one entry a line, in UTF-8. Spaces around entries and empty lines do not count.</summary>
internal static class ListFile
{
    private const int MostBytes = 64 << 10;

    /// <summary>What keeps a file from being read, as a sentence that has nothing of what is in it; null where nothing does.</summary>
    public static string? FaultOf(string? path)
    {
        try
        {
            _ = Read(path);
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return $"the file cannot be read: {exception.Message}";
        }
    }

    /// <summary>The entries; none where there is no path.</summary>
    /// <exception cref="IOException">The file cannot be read, or is too large.</exception>
    /// <exception cref="UnauthorizedAccessException">The service may not read it.</exception>
    public static IReadOnlyList<string> Read(string? path)
    {
        if (path is null) return [];
        using var file = File.OpenRead(path);
        var bytes = new byte[MostBytes + 1];
        var count = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        if (count > MostBytes) throw new IOException($"It has more than {MostBytes} bytes.");
        var text = Encoding.UTF8.GetString(bytes, 0, count).TrimStart('\uFEFF');
        return text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
    }
}
