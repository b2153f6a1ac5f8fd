using System.Text.Json;
using EntityImport.Cli.Output;
using EntityImport.Imports;
using EntityImport.Uploads;

namespace EntityImport.Cli.Imports;

/// <summary>Imports a file, shows how far it is, and says what became of its rows.</summary>
internal sealed class FileImport(ImportOrder order, ImportEngine engine, Terminal terminal)
{
    private static readonly TimeSpan Refresh = TimeSpan.FromMilliseconds(100);

    /// <summary>Does it. An entity that was made for an import that wrote nothing is taken back.</summary>
    /// <returns>An <see cref="ExitCode"/>.</returns>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var mapping = MappingOrder.Read(order);
        var prepared = await new Preparation(order, mapping, engine, terminal).RunAsync(cancellationToken);
        var isWritten = false;
        try
        {
            var started = TimeProvider.System.GetTimestamp();
            Import? import = null;
            await ProgressView.ShowAsync(terminal, async view => import = await ImportAsync(prepared, view, cancellationToken));
            isWritten = import!.State == ImportState.Succeeded && !import.DryRun;
            var report = new ImportReport(import, prepared.Entity, order, engine.Imports, terminal);
            return await report.WriteAsync(TimeProvider.System.GetElapsedTime(started), CancellationToken.None);
        }
        finally
        {
            if (prepared.IsNew && !isWritten) await engine.Entities.DeleteAsync(prepared.Entity.SystemName, force: true, CancellationToken.None);
        }
    }

    private async Task<Import> ImportAsync(PreparedImport prepared, IProgressView view, CancellationToken cancellationToken)
    {
        using var document = JsonDocument.Parse(prepared.MappingDocument);
        var mapping = await engine.Mappings.CreateAsync(document.RootElement, cancellationToken);
        var upload = await StoreAsync(mapping.Id, view, cancellationToken);
        var import = await engine.Imports.InvokeAsync(upload.Id, Environment.UserName, cancellationToken)
            ?? throw new InvalidOperationException("The upload is gone.");
        try
        {
            await foreach (var snapshot in engine.Imports.WatchAsync(import.Id, Refresh, cancellationToken)) view.Importing(snapshot.Progress);
        }
        catch (OperationCanceledException)
        {
            await CancelAsync(import.Id);
        }

        return await engine.Imports.WaitAsync(import.Id, CancellationToken.None);
    }

    private async Task<Upload> StoreAsync(Guid mappingId, IProgressView view, CancellationToken cancellationToken)
    {
        await using var file = order.OpenFile();
        var storing = engine.Uploads.ReceiveAsync(mappingId, file, order.File.Name, cancellationToken);
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
            await engine.Imports.CancelAsync(importId, CancellationToken.None);
        }
        catch (RequestException exception) when (exception.Kind == FaultKind.Conflict)
        {
            // It ended before it could be cancelled, so its end is what counts.
        }
    }
}
