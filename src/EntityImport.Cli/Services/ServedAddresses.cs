namespace EntityImport.Cli.Services;

/// <summary>
/// The file <c>served</c> in a data directory: where <c>eis serve</c> listens that has it open. Who opens the directory writes it or removes it, so that it is right as long as the directory is in use.
/// It is for people; nothing is connected to because of it.
/// </summary>
internal sealed class ServedAddresses(DirectoryInfo data)
{
    /// <summary>Where the service listens that is told nothing else.</summary>
    public const string Default = "http://127.0.0.1:5080";

    private const int MaxBytes = 1024;

    private readonly string _path = Path.Combine(data.FullName, "served");

    /// <summary>Leaves the addresses; a disk that is full must not keep the service from starting.</summary>
    public void Write(IEnumerable<string> urls)
    {
        try
        {
            File.WriteAllLines(_path, urls);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Whoever finds the directory in use is told less then.
        }
    }

    /// <summary>Takes them away; nothing happens where there are none.</summary>
    public void Remove()
    {
        try
        {
            File.Delete(_path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The next one that opens the directory tries again.
        }
    }

    /// <summary>The first address; null where none is known.</summary>
    public Uri? Read()
    {
        try
        {
            using var file = new FileStream(_path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (!file.CanSeek || file.Length > MaxBytes) return null;
            using var reader = new StreamReader(file);
            return Uri.TryCreate(reader.ReadLine(), UriKind.Absolute, out var url) && url.Scheme is "http" or "https" ? url : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
