using EntityImport.Files;
using EntityImport.ObjectStore.Blobs;
using EntityImport.ObjectStore.Objects;
using EntityImport.ObjectStore.S3;
using Microsoft.Extensions.Logging;

namespace EntityImport.ObjectStore;

/// <summary>
/// Where files are kept that several nodes share: <c>s3://bucket/prefix</c>, <c>https://account.blob.core.windows.net/container/prefix</c>, or a directory. It has no secrets: these come from the environment, or from where
/// the services' own credential chains look for them.
/// </summary>
public sealed class FileLocation
{
    private readonly Func<ILogger, CancellationToken, Task<IFileStore>> _open;

    private FileLocation(Func<ILogger, CancellationToken, Task<IFileStore>> open) => _open = open;

    /// <summary>Reads a location.</summary>
    /// <param name="text">The location.</param>
    /// <param name="faults">What is wrong with it, a sentence without its end for each fault.</param>
    /// <returns>The location; null where something is wrong.</returns>
    public static FileLocation? Read(string text, out IReadOnlyList<string> faults)
    {
        ArgumentNullException.ThrowIfNull(text);
        var found = new List<string>();
        faults = found;
        if (text.StartsWith("s3://", StringComparison.OrdinalIgnoreCase))
            return S3Location.Read(text, found) is { } bucket ? new FileLocation((log, cancellationToken) => OpenAsync(new S3Objects(bucket), bucket.Prefix, log, cancellationToken)) : null;
        if (text.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || text.StartsWith("https://", StringComparison.OrdinalIgnoreCase))
            return BlobLocation.Read(text, found) is { } container ? new FileLocation((log, cancellationToken) => OpenAsync(new BlobObjects(container), container.Prefix, log, cancellationToken)) : null;
        if (text.Contains("://", StringComparison.Ordinal)) found.Add("it begins with none of s3://, https:// and http://, and is no directory");
        else if (!Path.IsPathFullyQualified(text)) found.Add("a directory has to be named by its full path, since nodes start in different ones");
        return found.Count > 0 ? null : new FileLocation((_, _) => Task.FromResult(OpenDirectory(text)));
    }

    /// <summary>Opens the files, and finds out whether they can be written, read and deleted.</summary>
    /// <exception cref="IOException">They cannot; <see cref="FilesUnavailableException"/> where it is a service that says so, or does not answer.</exception>
    /// <exception cref="UnauthorizedAccessException">The directory must not be written.</exception>
    public Task<IFileStore> OpenAsync(ILogger log, CancellationToken cancellationToken) => _open(log, cancellationToken);

    private static async Task<IFileStore> OpenAsync(IObjects objects, string prefix, ILogger log, CancellationToken cancellationToken)
    {
        var files = new ObjectFiles(objects, prefix, log);
        try
        {
            await files.CheckAsync(cancellationToken).ConfigureAwait(false);
            return files;
        }
        catch
        {
            files.Dispose();
            throw;
        }
    }

    private static IFileStore OpenDirectory(string path)
    {
        var files = SharedDirectory.Open(path);
        try
        {
            files.Probe();
            return files;
        }
        catch
        {
            files.Dispose();
            throw;
        }
    }
}
