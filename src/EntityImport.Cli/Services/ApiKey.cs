using EntityImport.Cli.Files;

namespace EntityImport.Cli.Services;

/// <summary>Reads API keys. No message has any part of one.</summary>
internal static class ApiKey
{
    /// <summary>What the keys of the service begin with.</summary>
    public const string Prefix = "eis_";

    private const int MaxLength = 1000;

    private const UnixFileMode OfOthers =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>A key as it was given, without what surrounds it.</summary>
    /// <param name="text">The text.</param>
    /// <param name="source">Where it comes from, for people.</param>
    /// <exception cref="CommandFailure">It is none.</exception>
    public static string Check(string text, string source)
    {
        var key = text.Trim();
        return key.Length is > 0 and <= MaxLength && key.All(c => c is > ' ' and <= '~')
            ? key
            : throw new CommandFailure($"{source} holds no API key: expected up to {MaxLength} characters without spaces, such as eis_….");
    }

    /// <summary>The key in a file that nobody else may read, as <c>ssh</c> has it.</summary>
    /// <exception cref="CommandFailure">It cannot be read, others can read or change it, or it holds no key.</exception>
    public static string Read(FileInfo file)
    {
        try
        {
            if (!RegularFile.Is(file)) throw new CommandFailure($"{file.FullName} is a pipe or a device; expected a file with an API key.");
            using var stream = File.OpenRead(file.FullName);
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(stream.SafeFileHandle) & OfOthers) is not UnixFileMode.None)
                throw new CommandFailure($"Others can read or change {file.FullName}, which holds an API key, so it is not used. To change that: chmod 600 {file.FullName}");
            var text = new char[MaxLength * 2];
            using var reader = new StreamReader(stream);
            return Check(new string(text, 0, reader.ReadBlock(text)), file.FullName);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure($"The API key cannot be read from {file.FullName}: {exception.Message}", exception);
        }
    }
}
