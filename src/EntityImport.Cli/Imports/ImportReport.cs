using EntityImport.Api;
using EntityImport.Cli.Output;
using EntityImport.Cli.Services;
using EntityImport.Entities;

namespace EntityImport.Cli.Imports;

/// <summary>Says how an import ended: the ledger, what could be read otherwise, the first rejected rows with their reasons, and where all of them are.</summary>
/// <param name="import">The import.</param>
/// <param name="prepared">What it was imported by.</param>
/// <param name="errorFile">Where rejected rows go.</param>
/// <param name="options">The options that corrected rows are to be imported with, each after a space.</param>
/// <param name="service">Where the import was done.</param>
/// <param name="terminal">Where that is said.</param>
internal sealed class ImportReport(ImportDetails import, PreparedImport prepared, FileInfo errorFile, string options, IService service, Terminal terminal)
{
    /// <summary>Rejected rows that are shown.</summary>
    public const int MaxRowsShown = 10;

    private readonly EntityDefinition _entity = prepared.Entity;

    /// <summary>Shows where rows ended up.</summary>
    public static void WriteLedger(Ledger ledger, Terminal terminal)
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
    }

    /// <summary>Shows the first rejected rows, with their reasons.</summary>
    /// <param name="rows">These.</param>
    /// <param name="total">How many there are.</param>
    /// <param name="terminal">Where.</param>
    public static void WriteRows(IReadOnlyList<RejectedRow> rows, long total, Terminal terminal)
    {
        var table = new TextTable("Row#", "Line#", "Reasons");
        foreach (var row in rows) table.Add(Amounts.Count(row.Row), Amounts.Count(row.Line), string.Join("; ", row.Reasons.Select(Describe)));
        terminal.WriteLine(rows.Count < total ? $"Rejected rows, the first {rows.Count} of {Amounts.Count(total)}:" : "Rejected rows:");
        terminal.Write(table);
    }

    /// <returns>An <see cref="ExitCode"/>.</returns>
    /// <exception cref="CommandFailure">The error file cannot be written; all else has been said by then.</exception>
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
            WriteLedger(import.Ledger, terminal);
            if (import.Ledger.Removed > 0) terminal.WriteLine($"{Amounts.Of(import.Ledger.Removed, "record")} that the file does not have {(import.Ledger.Removed == 1 ? "was" : "were")} removed.");
            if (import.DuplicateOf is { } earlier) WriteDuplicate(earlier);
            WriteWarnings();
        }
        else
        {
            terminal.WriteError($"The import failed, and nothing was written. {import.Message}");
        }

        CommandFailure? unwritten = null;
        if (import.Ledger.Rejected > 0 && await service.ListRejectedAsync(import.ImportId, MaxRowsShown, cancellationToken) is [_, ..] rows)
            unwritten = await WriteRejectedAsync(rows, cancellationToken);
        if (succeeded && import is { DryRun: false, KeptBefore: true } && import.Ledger.Inserted + import.Ledger.Updated + import.Ledger.Removed > 0) terminal.WriteLine($"To undo it: eis undo {import.ImportId}");
        if (unwritten is not null) throw unwritten;
        return !succeeded ? ExitCode.Failed : import.Ledger.Rejected > 0 ? ExitCode.SomeRowsRejected : ExitCode.Done;
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

    /// <returns>Why the error file cannot be written; null where it is.</returns>
    private async Task<CommandFailure?> WriteRejectedAsync(IReadOnlyList<RejectedRow> rows, CancellationToken cancellationToken)
    {
        WriteRows(rows, import.Ledger.Rejected, terminal);
        try
        {
            await using var file = errorFile.Create();
            await service.CopyErrorFileAsync(import.ImportId, file, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            var succeeded = import.State == ImportState.Succeeded;
            var rest = succeeded && !import.DryRun ? " The other rows were imported." : "";
            return new CommandFailure($"The error file {errorFile.FullName} cannot be written: {exception.Message}{rest}", exception) { ExitCode = succeeded ? ExitCode.SomeRowsRejected : ExitCode.Failed };
        }

        var again = $"eis import {errorFile} --entity {_entity.SystemName}{options}";
        terminal.WriteLine($"All of them, with the reasons, are in {errorFile}. Once they are corrected there: {again}");
        return null;
    }

    /// <summary>The reason as the error file has it.</summary>
    private static string Describe(RejectionReason reason) =>
        (reason.Field is null ? "" : $"{reason.Field}: ") + reason.Message + (string.IsNullOrEmpty(reason.Value) ? "" : $" ({reason.Value})");
}
