using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using EntityImport.Api;
using EntityImport.Cli.Output;
using EntityImport.Cli.Services;
using EntityImport.Client;

namespace EntityImport.Cli.Imports;

/// <summary>
/// What commands that were killed have left behind. Their imports are finished first; and where one of them was the command at hand, its import is the result, for the
/// same rows must not go in twice.
/// </summary>
internal sealed class InterruptedImports(ImportOrder order, IService service, Terminal terminal)
{
    private readonly List<ImportDetails> _finished = [];
    private string? _sha256;

    /// <summary>Waits for the imports that were unfinished when the data directory was opened, and says how they ended.</summary>
    public async Task FinishAsync(CancellationToken cancellationToken)
    {
        foreach (var interrupted in service.Interrupted) await FinishAsync(interrupted, cancellationToken);
    }

    /// <summary>The same, for commands that go on whatever those imports were.</summary>
    public static async Task FinishAsync(IService service, Terminal terminal, CancellationToken cancellationToken)
    {
        foreach (var interrupted in service.Interrupted) await FinishAsync(interrupted, service, terminal, cancellationToken);
    }

    /// <summary>
    /// The import of the same command, begun earlier, of which nobody has been told the end, or begun by a run that was waited for: one that was finished now, or has written its rows. Null where there
    /// is none.
    /// </summary>
    /// <param name="mapping">What the command states.</param>
    /// <param name="held">The order, which no other run has meanwhile: a note that there is no import for is nobody's then.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<EarlierImport?> FindAsync(MappingOrder mapping, HeldOrder held, CancellationToken cancellationToken)
    {
        var fingerprint = order.Fingerprint(mapping);
        var notes = service.Unreported.List().Where(note => note.Order == fingerprint).ToList();
        if (held.Earlier is { } told && notes.All(note => note.UploadId != told.UploadId)) notes.Add(told);
        foreach (var note in notes)
        {
            var import = await service.FindLastImportAsync(note.UploadId, note.Entity, cancellationToken);
            if (import is { Undoes: null } && (import.State is not (ImportState.Failed or ImportState.Cancelled) || _finished.Any(finished => finished.ImportId == import.ImportId)))
            {
                if (!await IsOfThisFileAsync(import, cancellationToken)) continue;
                if (!import.State.HasEnded) import = await FinishAsync(import.ImportId, cancellationToken);
                if (await DescribeAsync(import, note.IsNew, cancellationToken) is { } earlier) return earlier;
            }

            // Nothing came of it, or what did has been deleted.
            service.Unreported.Remove(note.UploadId);
        }

        return null;
    }

    /// <summary>The import that was finished now and did what is about to be done: the same bytes into the same entity under the same definition. Null where there is none.</summary>
    public async Task<EarlierImport?> FindAsync(PreparedImport prepared, CancellationToken cancellationToken)
    {
        using var wanted = JsonDocument.Parse(prepared.MappingDocument);
        foreach (var import in _finished.Where(import => import is { State: ImportState.Succeeded, Undoes: null } && import.EntitySystemName == prepared.Entity.SystemName))
        {
            if (await DescribeAsync(import, isNew: false, cancellationToken) is not { } earlier) continue;
            if (JsonElement.DeepEquals(wanted.RootElement.GetProperty("definition"), import.Definition) && await IsOfThisFileAsync(import, cancellationToken)) return earlier;
        }

        return null;
    }

    /// <summary>Waits for the end of an import, and tells it.</summary>
    private static async Task<ImportDetails> FinishAsync(Guid importId, IService service, Terminal terminal, CancellationToken cancellationToken)
    {
        ImportDetails? import = null;
        await ProgressView.ShowAsync(terminal, async view =>
        {
            await foreach (var details in service.WatchAsync(importId, cancellationToken))
            {
                if (import is null) terminal.WriteLine($"An interrupted import of {details.File.Name ?? details.UploadId.ToString()} into {details.EntitySystemName} is finished first.");
                view.Importing(details.Progress);
                import = details;
            }
        });
        terminal.WriteLine(Describe(import!));
        return import!;
    }

    private async Task<ImportDetails> FinishAsync(Guid importId, CancellationToken cancellationToken)
    {
        var import = await FinishAsync(importId, service, terminal, cancellationToken);
        _finished.Add(import);
        return import;
    }

    private async Task<EarlierImport?> DescribeAsync(ImportDetails import, bool isNew, CancellationToken cancellationToken)
    {
        if (await service.FindEntityAsync(import.EntitySystemName, cancellationToken) is not { } entity) return null;
        var mapping = new JsonObject { ["entitySystemName"] = entity.SystemName, ["definition"] = JsonObject.Create(import.Definition) };
        return new EarlierImport(import, new PreparedImport(entity, mapping.ToJsonString(), isNew));
    }

    private async Task<bool> IsOfThisFileAsync(ImportDetails import, CancellationToken cancellationToken)
    {
        await using var file = order.OpenFile();
        if (file.Length != import.File.Size) return false;
        _sha256 ??= Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellationToken));
        return _sha256 == import.File.Sha256;
    }

    private static string Describe(ImportDetails import) => import.State switch
    {
        ImportState.Succeeded =>
            $"It has succeeded: {Amounts.Of(import.Ledger.Records, "row")}, {Amounts.Count(import.Ledger.Inserted)} inserted, {Amounts.Count(import.Ledger.Updated)} updated, "
            + $"{Amounts.Count(import.Ledger.Unchanged)} unchanged, {Amounts.Count(import.Ledger.Superseded)} superseded, {(import.Ledger.Skipped > 0 ? $"{Amounts.Count(import.Ledger.Skipped)} skipped, " : "")}{Amounts.Count(import.Ledger.Rejected)} rejected.",
        ImportState.Cancelled => "It was cancelled, and nothing was written.",
        _ => $"It has failed, and nothing was written. {import.Message}",
    };
}

/// <summary>An import that an earlier command began.</summary>
/// <param name="Import">The import, which has ended.</param>
/// <param name="Prepared">What it was imported by.</param>
internal sealed record EarlierImport(ImportDetails Import, PreparedImport Prepared);
