namespace EntityImport.Cli.Services;

/// <summary>Where <c>eis</c> keeps what belongs to a user.</summary>
internal static class UserFolders
{
    /// <summary>What the user writes: the profiles.</summary>
    public static string Configuration => Of("XDG_CONFIG_HOME", Environment.SpecialFolder.ApplicationData, ".config");

    /// <summary>What <c>eis</c> notes for itself.</summary>
    public static string State => Of("XDG_STATE_HOME", Environment.SpecialFolder.LocalApplicationData, Path.Combine(".local", "state"));

    /// <summary>The variable's folder, where it is a full path; else the system's own place.</summary>
    private static string Of(string variable, Environment.SpecialFolder onWindows, string inHome)
    {
        if (Environment.GetEnvironmentVariable(variable) is { } set && Path.IsPathFullyQualified(set)) return Path.Combine(set, "eis");
        var folder = OperatingSystem.IsWindows()
            ? Environment.GetFolderPath(onWindows)
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify), inHome);
        return Path.Combine(folder, "eis");
    }
}
