using EntityImport.Api;
using EntityImport.Cli.Output;
using EntityImport.Cli.Services;
using EntityImport.Entities;

namespace EntityImport.Cli.Imports;

/// <summary>Says how an import ended: the ledger, what could be read otherwise, the first rejected rows with their reasons, and where all of them are.</summary>
internal sealed class ImportReport(ImportDetails import, PreparedImport prepared, ImportOrder order, IService service, Terminal terminal)
{
    private const int MaxRowsShown = 10;

    private readonly EntityDefinition _entity = prepared.Entity;

    /// <returns>An <see cref="ExitCode"/>.</returns>
    /// <exception cref="CommandFailure">The error file cannot be written.</exception>
    public async Task<int> WriteAsync(TimeSpan elapsed, CancellationToken cancellationToken)
    {
        if (import.State == ImportState.Cancelled)
        {
            terminal.WriteError("Interrupted; nothing was written.");
            return ExitCode.Interrupted;
        }

        var succeeded = import.State == ImportState.Succeeded;
        if (succeeded)
        {
            terminal.WriteLine(import.DryRun
                ? $"Dry run into {_entity.SystemName}, {Amounts.Seconds(elapsed)}; nothing was written. It would be:"
                : $"Imported into {_entity.SystemName} in {Amounts.Seconds(elapsed)}.");
            WriteLedger(import.Ledger);
            if (import.DuplicateOf is { } earlier) WriteDuplicate(earlier);
            WriteWarnings();
        }
        else
        {
            terminal.WriteError($"The import failed, and nothing was written. {import.Message}");
        }

        if (import.Ledger.Rejected > 0 && await service.ListRejectedAsync(import.ImportId, MaxRowsShown, cancellationToken) is [_, ..] rows)
            await WriteRejectedAsync(rows, cancellationToken);
        return !succeeded ? ExitCode.Failed : import.Ledger.Rejected > 0 ? ExitCode.SomeRowsRejected : ExitCode.Done;
    }

    private void WriteLedger(Ledger ledger)
    {
        var table = new TextTable("Rows", "Count#");
        table.Add("in the file", Amounts.Count(ledger.Records));
        table.Add("inserted", Amounts.Count(ledger.Inserted));
        table.Add("updated", Amounts.Count(ledger.Updated));
        table.Add("unchanged", Amounts.Count(ledger.Unchanged));
        table.Add("superseded by a later row", Amounts.Count(ledger.Superseded));
        if (ledger.Skipped > 0) table.Add("skipped, as they are empty", Amounts.Count(ledger.Skipped));
        table.Add("rejected", Amounts.Count(ledger.Rejected));
        terminal.Write(table);
        if (ledger.Removed > 0) terminal.WriteLine($"{Amounts.Of(ledger.Removed, "record")} that the file does not have {(ledger.Removed == 1 ? "was" : "were")} removed.");
    }

    private void WriteDuplicate(Guid earlier)
    {
        var isAdded = !_entity.Key.Any() && !prepared.IsReplacing;
        terminal.WriteLine($"{(isAdded ? "Warning: " : "")}The same file was imported before, by import {earlier}.{(isAdded ? $" {_entity.SystemName} has no key, so its rows are now there once more." : "")}");
    }

    /// <summary>
    /// A line for each warning of the import. Those of the inferred schema come on top where the import has not the same for the column: the import takes
    /// the field's type as given, although it was chosen by one of the readings.
    /// </summary>
    private void WriteWarnings()
    {
        var inferred = prepared.Warnings.ExceptBy(import.Warnings.Select(warning => (warning.Code, warning.Column)), warning => (warning.Code, warning.Column));
        foreach (var message in import.Warnings.Select(warning => warning.Message).Concat(inferred.Select(warning => warning.Message))) terminal.WriteLine($"Warning: {message}");
    }

    private async Task WriteRejectedAsync(IReadOnlyList<RejectedRow> rows, CancellationToken cancellationToken)
    {
        var table = new TextTable("Row#", "Line#", "Reasons");
        foreach (var row in rows) table.Add(Amounts.Count(row.Row), Amounts.Count(row.Line), string.Join("; ", row.Reasons.Select(Describe)));
        terminal.WriteLine(rows.Count < import.Ledger.Rejected
            ? $"Rejected rows, the first {rows.Count} of {Amounts.Count(import.Ledger.Rejected)}:"
            : "Rejected rows:");
        terminal.Write(table);
        try
        {
            await using var file = order.ErrorFile.Create();
            await service.CopyErrorFileAsync(import.ImportId, file, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            var rest = import.State == ImportState.Succeeded ? " The other rows were imported." : "";
            throw new CommandFailure($"The error file {order.ErrorFile.FullName} cannot be written: {exception.Message}{rest}", exception);
        }

        // The same options: without them the rows could mean something else, or do something else to existing records.
        string?[] options =
        [
            order.Mapping is { } mapping ? $" --mapping {mapping}" : null,
            order.Mode is { } mode ? $" --mode {mode}" : null,
            order.Format.Options,
        ];
        var again = $"eis import {order.ErrorFile} --entity {_entity.SystemName}{string.Concat(options)}";
        terminal.WriteLine($"All of them, with the reasons, are in {order.ErrorFile}. Once they are corrected there: {again}");
    }

    /// <summary>The reason as the error file has it.</summary>
    private static string Describe(RejectionReason reason) =>
        (reason.Field is null ? "" : $"{reason.Field}: ") + reason.Message + (string.IsNullOrEmpty(reason.Value) ? "" : $" ({reason.Value})");
}
