using System.Data.Common;
using EntityImport.Files;
using EntityImport.Storage;

namespace EntityImport.Cli.Services;

/// <summary>Says why a data directory cannot be used, for the one who named it.</summary>
internal static class DataDirectory
{
    private const int MaxCause = 300;

    /// <summary>The failure in words of the command line; null where it is another one.</summary>
    public static CommandFailure? Describe(Exception exception, DirectoryInfo directory) => exception switch
    {
        StoreNotOpenedException or FilesUnavailableException => new CommandFailure(exception.Message, exception),
        IOException or UnauthorizedAccessException => new CommandFailure($"The data directory {directory.FullName} cannot be used: {Cause(exception)}", exception),
        DbException or StoreUnavailableException => new CommandFailure(
            $"The store in {directory.FullName} cannot be opened, and was left as it is: {Cause(exception)} Restore the directory from a backup, or choose another one with --data.", exception),
        _ => null,
    };

    private static string Cause(Exception exception)
    {
        var line = exception.Message.Split('\n', 2)[0].TrimEnd('\r', '.', ' ');
        return (line.Length <= MaxCause ? line : line[..MaxCause] + "…") + ".";
    }
}
