using System.CommandLine;
using System.Globalization;
using EntityImport.Cli.Output;
using EntityImport.Cli.Services;
using EntityImport.Options;
using EntityImport.Server.Hosting;
using EntityImport.Storage;

namespace EntityImport.Cli;

/// <summary><c>eis migrate</c>: the embedded store of a data directory, copied into a PostgreSQL database.</summary>
internal sealed class MigrateCommand : ICommand
{
    private readonly Option<DirectoryInfo> _data = DataOption.Create();

    private readonly Option<string> _to = new("--to") { Description = "The PostgreSQL database that it is copied into, as 'Host=db;Database=eis;Username=eis'. Nothing may be known there.", HelpName = "CONNECTION", Required = true };

    public string Examples => """
        Examples:
          eis migrate --data /srv/eis --to 'Host=db;Database=eis;Username=eis'
        """;

    public Command Build() => new("migrate", "Copies the embedded store of a data directory into a PostgreSQL database: all of it, read back and compared, or nothing. Files stay in the directory; the store is put aside there, with .migrated behind its name.") { _data, _to };

    public async Task<int> RunAsync(ParseResult arguments, Terminal terminal, CancellationToken cancellationToken)
    {
        var data = arguments.GetRequiredValue(_data);
        if (!data.Exists) throw new CommandFailure($"There is no data directory {data.FullName}; --data names another one.");
        try
        {
            var copied = await Stores.CopyAsync(new EngineOptions { DataDirectory = data.FullName }, arguments.GetRequiredValue(_to), cancellationToken);
            var table = new TextTable("Copied", "Rows#");
            foreach (var (what, rows) in copied) table.Add(what, rows.ToString("N0", CultureInfo.InvariantCulture));
            terminal.Write(table);
        }
        catch (Exception exception) when (exception is not DataDirectoryInUseException && DataDirectory.Describe(exception, data) is { } failure)
        {
            throw failure;
        }

        terminal.WriteLine("All of it was read back, and is the same. From now on --postgres with this database, beside the same --data, works with it. The store was put aside as store.duckdb.migrated.");
        return ExitCode.Done;
    }
}
