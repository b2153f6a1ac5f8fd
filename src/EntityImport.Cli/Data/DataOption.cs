using System.CommandLine;

namespace EntityImport.Cli.Data;

/// <summary>The option that names the data directory.</summary>
internal static class DataOption
{
    public static Option<DirectoryInfo> Create() => new("--data")
    {
        Description = "The directory of the embedded store.",
        HelpName = "DIR",
        DefaultValueFactory = _ => new DirectoryInfo("data"),
    };
}
