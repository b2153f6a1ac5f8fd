namespace EntityImport.Storage;

/// <summary>Keeps a data directory for one store: two would sweep each other's files, even in one process.</summary>
public static class DirectoryLock
{
    private const string FileName = "lock";

    /// <summary>Takes a directory, which is there; disposing the result gives it back.</summary>
    /// <exception cref="DataDirectoryInUseException">Another process, or another store in this one, has it.</exception>
    public static FileStream Take(string directory)
    {
        ArgumentNullException.ThrowIfNull(directory);
        try
        {
            return new FileStream(Path.Combine(directory, FileName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException exception)
        {
            throw new DataDirectoryInUseException($"The data directory {directory} is in use by another process.", exception);
        }
    }
}
