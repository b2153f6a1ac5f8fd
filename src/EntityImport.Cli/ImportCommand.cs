using System.CommandLine;
using EntityImport.Cli.Files;
using EntityImport.Cli.Imports;
using EntityImport.Cli.Output;
using EntityImport.Cli.Services;

namespace EntityImport.Cli;

/// <summary><c>eis import</c>: a file into an entity, of a data directory or of a server.</summary>
internal sealed class ImportCommand : ICommand
{
    private static readonly string[] Modes = ["upsert", "insert", "replace"];

    private readonly Argument<FileInfo> _file = new("FILE") { Description = "The CSV file, also compressed (.gz, .zst, .br). It is read more than once, so it cannot be a pipe." };

    private readonly Option<string> _entity = new("--entity")
    {
        Description = "The entity that the rows go into. Default: the mapping's, else one named after the file. It is made where it does not exist.",
        HelpName = "NAME",
    };

    private readonly Option<string> _key = new("--key")
    {
        Description = "The columns that identify a record, separated by commas. Default: a column that does so in the file, if there is one.",
        HelpName = "FIELD[,FIELD]",
    };

    private readonly Option<string> _mode = new("--mode")
    {
        Description = "What happens to existing records. upsert: rows update them or are added; insert: rows with a known key are rejected; replace: the file takes their place. Default: the mapping's, else upsert.",
        HelpName = "upsert|insert|replace",
    };

    private readonly Option<FileInfo> _mapping = new("--mapping")
    {
        Description = "A mapping as JSON: entitySystemName and definition, any part of it. What it does not state is inferred where the entity is new.",
        HelpName = "FILE.json",
    };

    private readonly Option<FileInfo> _schema = new("--schema")
    {
        Description = "The entity's definition as JSON, used where the entity does not exist, in place of inferring it.",
        HelpName = "FILE.json",
    };

    private readonly Option<FileInfo> _errors = new("--errors")
    {
        Description = "Where rejected rows go, with the reasons. Default: FILE.errors.csv in the current directory. Not written where no row is rejected.",
        HelpName = "FILE",
    };

    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Do everything but the write." };

    private readonly FormatOptions _format = new();

    private readonly Option<FileInfo> _saveMapping = new("--save-mapping")
    {
        Description = "Write the mapping that the file is imported by, so that it can be given as --mapping.",
        HelpName = "FILE.json",
    };

    private readonly Option<bool> _yes = new("--yes", "-y") { Description = "Take what is proposed without asking, such as the first of several keys. How values are read is never taken so." };

    private readonly ServiceOptions _service = new(canMake: true);

    public string Examples => """
        Examples:
          eis import products.csv
          eis import products.csv --key sku --mode replace
          eis import klienci.csv.gz --encoding windows-1250
          eis import prices-de.csv --mapping prices-de.json --dry-run
          eis import airports.dat --no-header --entity airports --errors rejected.csv
          eis import products.csv --server https://eis.example.com --api-key-file ~/.config/eis/key

        Exit codes: 0 all rows imported, 2 imported but some rows rejected, 1 failed and nothing written, 3 the server does not let you do that and nothing
        written, 4 the server was lost before it told the import's end (the same command tells it), 130 interrupted and nothing written.
        """;

    public Command Build()
    {
        _mode.AcceptOnlyFromAmong(StringComparer.OrdinalIgnoreCase, Modes);
        var command = new Command("import", "Imports a CSV file into an entity, all of its good rows or nothing, and says what became of every row.")
        {
            _file, _entity, _key, _mode, _mapping, _saveMapping, _schema, _errors, _dryRun, _yes,
        };
        _format.AddTo(command);
        _service.AddTo(command);
        return command;
    }

    public async Task<int> RunAsync(ParseResult arguments, Terminal terminal, CancellationToken cancellationToken)
    {
        var file = arguments.GetRequiredValue(_file);
        var order = new ImportOrder
        {
            File = file,
            EntityName = arguments.GetValue(_entity),
            Key = arguments.GetValue(_key)?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [],
            Mode = arguments.GetValue(_mode),
            Mapping = arguments.GetValue(_mapping),
            Schema = arguments.GetValue(_schema),
            ErrorFile = arguments.GetValue(_errors) ?? new FileInfo(Path.GetFileNameWithoutExtension(InputFile.NameOf(file)) + ".errors.csv"),
            IsDryRun = arguments.GetValue(_dryRun),
            Format = _format.Read(arguments),
            SavedMapping = arguments.GetValue(_saveMapping),
            TakesProposals = arguments.GetValue(_yes),
        };
        order.Check();
        await using var service = await _service.OpenAsync(arguments, terminal, cancellationToken);
        using var input = await InputFile.OpenAsync(file, cancellationToken);
        order = order with { Decompressed = input.Content == file ? null : input.Content, FileName = input.Name };
        return await new FileImport(order, service, terminal).RunAsync(cancellationToken);
    }
}
