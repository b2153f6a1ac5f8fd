using System.CommandLine;
using EntityImport.Server.Options;

namespace EntityImport.Cli.Services;

/// <summary>The options about the data directory, and the database in place of the store in it.</summary>
internal static class DataOption
{
    private const string PostgresVariable = "EIS__STORE__POSTGRES";

    public static Option<DirectoryInfo> Create() => new("--data")
    {
        Description = "The directory of the embedded store, of files that are kept nowhere else, and of what running imports write for themselves.",
        HelpName = "DIR",
        DefaultValueFactory = _ => new DirectoryInfo("data"),
    };

    public static Option<string> CreatePostgres() => new("--postgres")
    {
        Description = $"The PostgreSQL database in which catalog and records are kept, as 'Host=db;Database=eis;Username=eis'. Other users of this machine can see it while the command runs: better give the password in $PGPASSWORD or ~/.pgpass, or all of it in ${PostgresVariable}. Default: what that says, else {OptionSources.PostgresName} in {OptionSources.FileName}, else the embedded store.",
        HelpName = "CONNECTION",
    };

    public static Option<string> CreateFiles() => new("--files")
    {
        Description = $"Where files are kept that several nodes share: s3://BUCKET/PREFIX, https://ACCOUNT.blob.core.windows.net/CONTAINER/PREFIX, or the full path of a directory. Secrets come from the environment or the machine's role, never from here. Default: what $EIS__STORE__FILES says, else {OptionSources.FilesName} in {OptionSources.FileName}, else the data directory.",
        HelpName = "PLACE",
    };

    public static Option<bool> CreateNewStore() => new("--new-store")
    {
        Description = "Begin with a new store though the directory has files of another one. They are moved to the folder quarantine.",
    };
}
