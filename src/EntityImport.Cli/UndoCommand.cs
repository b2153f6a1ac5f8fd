using System.CommandLine;
using EntityImport.Api;
using EntityImport.Cli.Imports;
using EntityImport.Cli.Output;
using EntityImport.Cli.Services;

namespace EntityImport.Cli;

/// <summary><c>eis undo</c>: takes back what an import changed.</summary>
internal sealed class UndoCommand : ICommand
{
    private readonly Argument<Guid> _import = new("IMPORT") { Description = "The import's id, as eis history shows it." };

    private readonly Option<bool> _preview = new("--preview") { Description = "Only say what it would do." };

    private readonly ServiceOptions _service = new();

    public string Examples => """
        Examples:
          eis undo 01a21bdc-adb6-7aa3-9898-181372c4dddf --preview
          eis undo 01a21bdc-adb6-7aa3-9898-181372c4dddf
          eis undo 01a21bdc-adb6-7aa3-9898-181372c4dddf --server https://eis.example.com

        Exit codes: 0 undone, 1 failed and nothing written, 3 the server does not let you do that and nothing written, 4 the server was lost before it told the
        undo's end, or an interruption came too late to cancel it and it went on, 130 interrupted and nothing written.
        """;

    public Command Build()
    {
        var command = new Command(
            "undo", "Takes back what an import changed: records become what they were before it. Those that a later import changed again are left as they are. An undo is an import itself, and can be undone.")
        {
            _import, _preview,
        };
        _service.AddTo(command);
        return command;
    }

    public async Task<int> RunAsync(ParseResult arguments, Terminal terminal, CancellationToken cancellationToken)
    {
        var import = arguments.GetRequiredValue(_import);
        await using var service = await _service.OpenAsync(arguments, terminal, cancellationToken);
        if (arguments.GetValue(_preview))
        {
            var preview = await service.PreviewUndoAsync(import, cancellationToken);
            terminal.WriteLine($"Nothing was written. Undoing import {import} would take back {Amounts.Of(preview.Reversed, "change")}{Kept(preview.Kept)}.");
            return ExitCode.Done;
        }

        await InterruptedImports.FinishAsync(service, terminal, cancellationToken);
        ImportDetails? end = null;
        await ProgressView.ShowAsync(terminal, async view => end = await BegunImport.RunAsync(() => service.UndoAsync(import, CancellationToken.None), "undo", service, view, cancellationToken));
        return Report(end!, terminal);
    }

    private static int Report(ImportDetails undo, Terminal terminal)
    {
        switch (undo.State)
        {
            case ImportState.Succeeded:
                terminal.WriteLine($"Import {undo.Undoes} into {undo.EntitySystemName} was undone: {Amounts.Of(undo.Ledger.Reversed, "change")} taken back{Kept(undo.Ledger.Kept)}.");
                terminal.WriteLine($"To undo that: eis undo {undo.ImportId}");
                return ExitCode.Done;
            case ImportState.Cancelled:
                terminal.WriteError("Interrupted; nothing was written.");
                return ExitCode.Interrupted;
            default:
                terminal.WriteError($"The undo failed, and nothing was written. {undo.Message}");
                return ExitCode.Failed;
        }
    }

    private static string Kept(long kept) => kept == 0 ? "" : $"; {Amounts.Of(kept, "record")} that later imports changed again {(kept == 1 ? "is" : "are")} left as {(kept == 1 ? "it is" : "they are")}";
}
