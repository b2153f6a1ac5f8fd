namespace EntityImport.Cli.Imports;

/// <summary>What the user asked <c>eis import</c> for.</summary>
internal sealed record ImportOrder
{
    public required FileInfo File { get; init; }

    /// <summary>The entity; null means the mapping's, else one named after the file.</summary>
    public string? EntityName { get; init; }

    /// <summary>The key's columns; empty means that one is proposed.</summary>
    public IReadOnlyList<string> Key { get; init; } = [];

    /// <summary>The import mode; null means the mapping's.</summary>
    public string? Mode { get; init; }

    public FileInfo? Mapping { get; init; }

    public FileInfo? Schema { get; init; }

    public required FileInfo ErrorFile { get; init; }

    public bool IsDryRun { get; init; }

    public string? Delimiter { get; init; }

    public string? Locale { get; init; }

    public bool HasNoHeader { get; init; }

    /// <summary>Finds out what cannot work before anything is opened.</summary>
    /// <exception cref="CommandFailure">The file is not there or cannot be read, or the error file would take its place.</exception>
    public void Check()
    {
        if (Directory.Exists(File.FullName)) throw new CommandFailure($"{File} is a directory; expected a CSV file.");
        if (!File.Exists) throw new CommandFailure($"There is no file {File.FullName}.");
        using (OpenFile())
        {
            // Whether it opens is all that is asked.
        }

        if (ErrorFile.FullName == File.FullName) throw new CommandFailure("The error file would overwrite the file that is imported; choose another one with --errors.");
        if (ErrorFile.Directory is { Exists: false } directory)
            throw new CommandFailure($"The error file cannot be written: there is no directory {directory.FullName}.");
    }

    /// <summary>Opens the file to be read from its beginning to its end.</summary>
    /// <exception cref="CommandFailure">It cannot be read.</exception>
    public FileStream OpenFile()
    {
        try
        {
            return new FileStream(File.FullName, new FileStreamOptions { Options = FileOptions.SequentialScan | FileOptions.Asynchronous });
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure($"{File.FullName} cannot be read: {exception.Message}", exception);
        }
    }
}
