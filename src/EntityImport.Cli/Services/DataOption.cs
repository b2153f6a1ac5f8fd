using System.CommandLine;

namespace EntityImport.Cli.Services;

/// <summary>The options about the data directory.</summary>
internal static class DataOption
{
    public static Option<DirectoryInfo> Create() => new("--data")
    {
        Description = "The directory of the embedded store.",
        HelpName = "DIR",
        DefaultValueFactory = _ => new DirectoryInfo("data"),
    };

    public static Option<bool> CreateNewStore() => new("--new-store")
    {
        Description = "Begin with a new store though the directory has files of another one. They are moved to the folder quarantine.",
    };
}
