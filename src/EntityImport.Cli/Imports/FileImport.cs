using System.Text.Json;
using EntityImport.Catalog;
using EntityImport.Cli.Data;
using EntityImport.Cli.Output;
using EntityImport.Engine;
using EntityImport.Testing;

namespace EntityImport.Cli.Imports;

/// <summary>Imports a file, shows how far it is, and says what became of its rows.</summary>
internal sealed class FileImport(ImportOrder order, LocalEngine local, Terminal terminal)
{
    private static readonly TimeSpan Refresh = TimeSpan.FromMilliseconds(100);

    private readonly ImportEngine _engine = local.Engine;

    /// <summary>Does it. An entity that was made for an import that wrote nothing is taken back.</summary>
    /// <returns>An <see cref="ExitCode"/>.</returns>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var mapping = MappingOrder.Read(order);
        var interrupted = new InterruptedImports(order, local, terminal);
        await interrupted.FinishAsync(cancellationToken);
        if (await interrupted.FindAsync(mapping, cancellationToken) is { } begun) return await ReportAsync(begun);
        var prepared = await new Preparation(order, mapping, local, terminal).RunAsync(cancellationToken);
        if (await interrupted.FindAsync(prepared, cancellationToken) is { } done) return await ReportAsync(done);
        var isWritten = false;
        try
        {
            var started = TimeProvider.System.GetTimestamp();
            Import? import = null;
            await ProgressView.ShowAsync(terminal, async view => import = await ImportAsync(prepared, mapping, view, cancellationToken));
            isWritten = import!.State == ImportState.Succeeded && !import.DryRun;
            var report = new ImportReport(import, prepared, order, local, terminal);
            var code = await report.WriteAsync(TimeProvider.System.GetElapsedTime(started), CancellationToken.None);
            FaultPoints.Reach(FaultStep.CommandReported, import.Id);
            local.Unreported.Remove(import.UploadId);
            return code;
        }
        finally
        {
            if (prepared.IsNew && !isWritten) await _engine.Entities.DeleteAsync(local.Request, prepared.Entity.SystemName, force: true, CancellationToken.None);
        }
    }

    /// <summary>Tells the end of an import that an earlier run of this command began, as if it were this one's.</summary>
    private async Task<int> ReportAsync(EarlierImport earlier)
    {
        var (import, prepared) = earlier;
        terminal.WriteLine($"An earlier run of this command did not come to its end. This is the report of its import {import.Id}; {order.File.Name} is not imported a second time. To do that, give the command again.");
        var code = await new ImportReport(import, prepared, order, local, terminal).WriteAsync((import.StoppedAt - import.StartedAt) ?? TimeSpan.Zero, CancellationToken.None);
        if (prepared.IsNew && (import.State != ImportState.Succeeded || import.DryRun)) await TakeBackAsync(prepared.Entity.SystemName);
        local.Unreported.Remove(import.UploadId);
        return code;
    }

    /// <summary>Deletes an entity that was made for an import which wrote nothing, unless somebody else has used it since.</summary>
    private async Task TakeBackAsync(string entity)
    {
        try
        {
            await _engine.Entities.DeleteAsync(local.Request, entity, force: false, CancellationToken.None);
        }
        catch (RequestException exception) when (exception.Kind == FaultKind.Conflict)
        {
            // It holds records of others.
        }
    }

    private async Task<Import> ImportAsync(PreparedImport prepared, MappingOrder stated, IProgressView view, CancellationToken cancellationToken)
    {
        using var document = JsonDocument.Parse(prepared.MappingDocument);
        var mapping = await _engine.Mappings.CreateAsync(local.Request, document.RootElement, cancellationToken);
        var upload = await StoreAsync(mapping.Id, view, cancellationToken);
        local.Unreported.Add(new UnreportedImport(upload.Id, order.Fingerprint(stated), prepared.Entity.SystemName, prepared.IsNew));
        FaultPoints.Reach(FaultStep.CommandNoted, upload.Id);
        var import = await _engine.Imports.InvokeAsync(local.Request, upload.Id, cancellationToken)
            ?? throw new InvalidOperationException("The upload is gone.");
        try
        {
            await foreach (var snapshot in _engine.ImportViews.WatchAsync(local.Request, import.Id, Refresh, cancellationToken)) view.Importing(snapshot.Progress);
        }
        catch (OperationCanceledException)
        {
            await CancelAsync(import.Id);
        }

        return await _engine.ImportViews.WaitAsync(local.Request, import.Id, CancellationToken.None);
    }

    private async Task<Upload> StoreAsync(Guid mappingId, IProgressView view, CancellationToken cancellationToken)
    {
        await using var file = order.OpenFile();
        var storing = _engine.Uploads.ReceiveAsync(local.Request, mappingId, file, order.File.Name, cancellationToken);
        while (!storing.IsCompleted)
        {
            // The position may be that of a buffer which reaches beyond the end.
            view.Storing(Math.Min(file.Position, file.Length), file.Length);
            await Task.WhenAny(storing, Task.Delay(Refresh, CancellationToken.None));
        }

        return await storing ?? throw new InvalidOperationException("The mapping is gone.");
    }

    private async Task CancelAsync(Guid importId)
    {
        try
        {
            await _engine.Imports.CancelAsync(local.Request, importId, CancellationToken.None);
        }
        catch (RequestException exception) when (exception.Kind == FaultKind.Conflict)
        {
            // It ended before it could be cancelled, so its end is what counts.
        }
    }
}
