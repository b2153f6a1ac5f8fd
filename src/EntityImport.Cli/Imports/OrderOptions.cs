using System.CommandLine;

namespace EntityImport.Cli.Imports;

/// <summary>The file of a command, and the options that say what it goes into and how it is read.</summary>
internal sealed class OrderOptions
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

    private readonly FormatOptions _format = new();

    private readonly Option<FileInfo> _saveMapping = new("--save-mapping")
    {
        Description = "Write the mapping that the file is imported by, so that it can be given as --mapping.",
        HelpName = "FILE.json",
    };

    private readonly Option<bool> _yes = new("--yes", "-y") { Description = "Take what is proposed without asking, such as the first of several keys. How values are read is never taken so." };

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        _mode.AcceptOnlyFromAmong(StringComparer.OrdinalIgnoreCase, Modes);
        command.Add(_file);
        foreach (var option in (Option[])[_entity, _key, _mode, _mapping, _saveMapping, _schema, _yes]) command.Add(option);
        _format.AddTo(command);
    }

    /// <summary>What the arguments state.</summary>
    public ImportOrder Read(ParseResult arguments) => new()
    {
        File = arguments.GetRequiredValue(_file),
        EntityName = arguments.GetValue(_entity),
        Key = arguments.GetValue(_key)?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [],
        Mode = arguments.GetValue(_mode),
        Mapping = arguments.GetValue(_mapping),
        Schema = arguments.GetValue(_schema),
        Format = _format.Read(arguments),
        SavedMapping = arguments.GetValue(_saveMapping),
        TakesProposals = arguments.GetValue(_yes),
    };
}
