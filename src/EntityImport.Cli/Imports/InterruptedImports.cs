using System.Security.Cryptography;
using System.Text.Json;
using EntityImport.Catalog;
using EntityImport.Cli.Data;
using EntityImport.Cli.Output;

namespace EntityImport.Cli.Imports;

/// <summary>
/// What commands that were killed have left behind. Their imports are finished first; and where one of them was the command at hand, its import is the result, for the
/// same rows must not go in twice.
/// </summary>
internal sealed class InterruptedImports(ImportOrder order, LocalEngine local, Terminal terminal)
{
    private static readonly TimeSpan Refresh = TimeSpan.FromMilliseconds(100);

    private readonly List<Import> _finished = [];
    private string? _sha256;

    /// <summary>Waits for the imports that were unfinished when the data directory was opened, and says how they ended.</summary>
    public async Task FinishAsync(CancellationToken cancellationToken)
    {
        foreach (var interrupted in local.Engine.Interrupted)
        {
            var upload = await local.Engine.Uploads.FindAsync(local.Request, interrupted.UploadId, cancellationToken);
            terminal.WriteLine($"An interrupted import of {upload?.FileName ?? interrupted.UploadId.ToString()} into {interrupted.EntitySystemName} is finished first.");
            await ProgressView.ShowAsync(terminal, async view =>
            {
                await foreach (var snapshot in local.Engine.ImportViews.WatchAsync(local.Request, interrupted.Id, Refresh, cancellationToken)) view.Importing(snapshot.Progress);
            });
            var import = await local.Engine.ImportViews.WaitAsync(local.Request, interrupted.Id, cancellationToken);
            terminal.WriteLine(Describe(import));
            _finished.Add(import);
        }
    }

    /// <summary>The import of the same command, begun earlier, of which nobody has been told the end: one that was finished now, or has written its rows. Null where there is none.</summary>
    public async Task<EarlierImport?> FindAsync(MappingOrder mapping, CancellationToken cancellationToken)
    {
        var fingerprint = order.Fingerprint(mapping);
        foreach (var note in local.Unreported.List().Where(note => note.Order == fingerprint))
        {
            var import = await local.Engine.ImportViews.FindLastAsync(local.Request, note.UploadId, cancellationToken);
            if (import is { HasEnded: true } && (import.State == ImportState.Succeeded || _finished.Any(finished => finished.Id == import.Id)))
            {
                if (!await IsOfThisFileAsync(import, cancellationToken)) continue;
                if (await DescribeAsync(import, note.IsNew, cancellationToken) is { } earlier) return earlier;
            }

            // Nothing came of it, or what did has been deleted.
            local.Unreported.Remove(note.UploadId);
        }

        return null;
    }

    /// <summary>The import that was finished now and did what is about to be done: the same bytes into the same entity under the same definition. Null where there is none.</summary>
    public async Task<EarlierImport?> FindAsync(PreparedImport prepared, CancellationToken cancellationToken)
    {
        using var wanted = JsonDocument.Parse(prepared.MappingDocument);
        foreach (var import in _finished.Where(import => import.State == ImportState.Succeeded && import.EntitySystemName == prepared.Entity.SystemName))
        {
            if (await DescribeAsync(import, isNew: false, cancellationToken) is not { } earlier) continue;
            using var done = JsonDocument.Parse(earlier.Prepared.MappingDocument);
            if (JsonElement.DeepEquals(wanted.RootElement, done.RootElement) && await IsOfThisFileAsync(import, cancellationToken)) return earlier;
        }

        return null;
    }

    private async Task<EarlierImport?> DescribeAsync(Import import, bool isNew, CancellationToken cancellationToken)
    {
        if (await local.Engine.Entities.FindAsync(local.Request, import.EntitySystemName, cancellationToken) is not { } entity) return null;
        var snapshot = await local.Engine.ImportViews.FindSnapshotAsync(local.Request, import.Id, cancellationToken);
        return new EarlierImport(import, new PreparedImport(entity, snapshot!.Mapping.Document, isNew));
    }

    private async Task<bool> IsOfThisFileAsync(Import import, CancellationToken cancellationToken)
    {
        if (await local.Engine.Uploads.FindAsync(local.Request, import.UploadId, cancellationToken) is not { } upload) return false;
        await using var file = order.OpenFile();
        if (file.Length != upload.Size) return false;
        _sha256 ??= Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellationToken));
        return _sha256 == upload.Sha256;
    }

    private static string Describe(Import import) => import.State switch
    {
        ImportState.Succeeded =>
            $"It has succeeded: {Amounts.Of(import.Ledger.Records, "row")}, {Amounts.Count(import.Ledger.Inserted)} inserted, {Amounts.Count(import.Ledger.Updated)} updated, "
            + $"{Amounts.Count(import.Ledger.Unchanged)} unchanged, {Amounts.Count(import.Ledger.Superseded)} superseded, {Amounts.Count(import.Ledger.Rejected)} rejected.",
        ImportState.Cancelled => "It was cancelled, and nothing was written.",
        _ => $"It has failed, and nothing was written. {import.Message}",
    };
}

/// <summary>An import that an earlier command began.</summary>
/// <param name="Import">The import, which has ended.</param>
/// <param name="Prepared">What it was imported by.</param>
internal sealed record EarlierImport(Import Import, PreparedImport Prepared);
