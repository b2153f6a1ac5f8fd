using EntityImport.Bench.Compare.Peers;

namespace EntityImport.Bench.Tables.Writers;

/// <summary>Runs programs of databases, which refuse to be run by root, as the user that their packages make.</summary>
internal static class DatabaseUser
{
    /// <summary>Why a program cannot be run as the user; null where it can.</summary>
    public static string? FindObstacle(string user) => Environment.IsPrivilegedProcess
        ? Tool.FindObstacle("runuser") ?? (File.ReadLines("/etc/passwd").Any(line => line.StartsWith(user + ":", StringComparison.Ordinal)) ? null : $"there is no user {user}")
        : null;

    /// <summary>Gives a folder to the user.</summary>
    public static void Own(string user, string folder)
    {
        if (!Environment.IsPrivilegedProcess) return;
        Tool.RunAsync("chown", ["-R", user, folder]).GetAwaiter().GetResult();
        for (var parent = new DirectoryInfo(folder); parent is not null && parent.FullName != Path.GetTempPath().TrimEnd('/'); parent = parent.Parent)
            if (!OperatingSystem.IsWindows()) parent.UnixFileMode |= UnixFileMode.OtherExecute | UnixFileMode.OtherRead;
    }

    /// <summary>Runs a program to its end.</summary>
    public static Task<string> RunAsync(string user, string program, IEnumerable<string> arguments, string input) =>
        Environment.IsPrivilegedProcess ? Tool.RunAsync("runuser", ["-u", user, "--", program, .. arguments], input) : Tool.RunAsync(program, arguments, input);
}
