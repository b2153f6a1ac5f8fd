using System.Security.Cryptography;
using System.Text.Json.Nodes;
using EntityImport.Cli.Files;

namespace EntityImport.Cli.Imports;

/// <summary>What the user asked <c>eis import</c> or <c>eis plan</c> for.</summary>
internal sealed record ImportOrder
{
    public required FileInfo File { get; init; }

    /// <summary>The file that has its bytes, where that is another one because it is compressed.</summary>
    public FileInfo? Decompressed { get; init; }

    /// <summary>The file's name, without what says that it is compressed.</summary>
    public string FileName { get; init; } = "";

    /// <summary>The entity; null means the mapping's, else one named after the file.</summary>
    public string? EntityName { get; init; }

    /// <summary>The key's columns; empty means that one is proposed.</summary>
    public IReadOnlyList<string> Key { get; init; } = [];

    /// <summary>The import mode; null means the mapping's.</summary>
    public string? Mode { get; init; }

    public FileInfo? Mapping { get; init; }

    public FileInfo? Schema { get; init; }

    /// <summary>Where rejected rows go; null where there is no import that rejects them.</summary>
    public FileInfo? ErrorFile { get; init; }

    public bool IsDryRun { get; init; }

    /// <summary>What was stated of the file's format.</summary>
    public required StatedFormat Format { get; init; }

    /// <summary>Where the mapping goes that the file is imported by; null means nowhere.</summary>
    public FileInfo? SavedMapping { get; init; }

    /// <summary>The file's encoding; null means that it is found out.</summary>
    public string? Encoding { get; init; }

    /// <summary>Whether what is proposed, such as a key among several, is taken without asking.</summary>
    public bool TakesProposals { get; init; }

    /// <summary>Finds out what cannot work before anything is opened.</summary>
    /// <exception cref="CommandFailure">The file is not there or cannot be read, or the error file would take its place.</exception>
    public void Check()
    {
        if (Directory.Exists(File.FullName)) throw new CommandFailure($"{File} is a directory; expected a CSV file.");
        if (!File.Exists) throw new CommandFailure($"There is no file {File.FullName}.");
        if (!IsRegular()) throw new CommandFailure($"{File} is a pipe or a device; the file is read more than once, so it has to be one with an end.");
        using (OpenFile())
        {
            // Whether it opens is all that is asked.
        }

        if (ErrorFile?.FullName == File.FullName) throw new CommandFailure("The error file would overwrite the file that is imported; choose another one with --errors.");
        if (SavedMapping?.FullName == File.FullName) throw new CommandFailure("The mapping would overwrite the file that is imported; choose another one with --save-mapping.");
        if (ErrorFile is not null) CheckDirectory(ErrorFile);
    }

    /// <exception cref="CommandFailure">There is no directory that the error file could be written into.</exception>
    public static void CheckDirectory(FileInfo errorFile)
    {
        if (errorFile.Directory is { Exists: false } directory)
            throw new CommandFailure($"The error file cannot be written: there is no directory {directory.FullName}.");
    }

    /// <summary>The order with the bytes and the name of the file that was opened for it.</summary>
    public ImportOrder Of(InputFile input) => this with { Decompressed = input.Content == File ? null : input.Content, FileName = input.Name };

    /// <summary>The options, each after a space, without which rejected rows could mean something else, or do something else to existing records.</summary>
    public string Options => string.Concat(Mapping is { } mapping ? $" --mapping {mapping}" : null, Mode is { } mode ? $" --mode {mode}" : null, Format.Options);

    /// <summary>What is asked for, but for the file's content and where rejected rows go: the same for the same command.</summary>
    public string Fingerprint(MappingOrder mapping)
    {
        var asked = new JsonObject
        {
            ["entity"] = EntityName ?? mapping.EntityName,
            // Without a name of its own the entity is named after the file.
            ["file"] = EntityName is null && mapping.EntityName is null ? FileName : null,
            ["key"] = string.Join(',', Key),
            ["schema"] = Schema is { } schema ? JsonFile.Read(schema) : null,
            ["definition"] = mapping.Definition.DeepClone(),
        };
        return Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(asked.ToJsonString())));
    }

    private bool IsRegular()
    {
        try
        {
            return RegularFile.Is(File);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure($"{File.FullName} cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>Opens the file to be read from its beginning to its end.</summary>
    /// <exception cref="CommandFailure">It cannot be read.</exception>
    public FileStream OpenFile()
    {
        try
        {
            return new FileStream((Decompressed ?? File).FullName, new FileStreamOptions { Options = FileOptions.SequentialScan | FileOptions.Asynchronous });
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure($"{File.FullName} cannot be read: {exception.Message}", exception);
        }
    }
}
