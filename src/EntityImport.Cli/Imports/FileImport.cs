using EntityImport.Api;
using EntityImport.Cli.Output;
using EntityImport.Cli.Services;
using EntityImport.Testing;

namespace EntityImport.Cli.Imports;

/// <summary>Imports a file, shows how far it is, and says what became of its rows.</summary>
internal sealed class FileImport(ImportOrder order, IService service, Terminal terminal)
{
    /// <summary>Whether a server has begun the import, or may have, so that it goes on without this command.</summary>
    private bool _isBegun;

    /// <summary>Does it. An entity that was made for an import that wrote nothing is taken back.</summary>
    /// <returns>An <see cref="ExitCode"/>.</returns>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await DoAsync(cancellationToken);
        }
        catch (ServiceFailure failure) when (_isBegun)
        {
            const string Told = "The import was begun, and goes on or has ended without this command. Given again, the command tells how it ended, and imports nothing twice.";
            throw new CommandFailure($"{failure.Message} {Told}", failure) { ExitCode = ExitCode.EndUnknown };
        }
    }

    private async Task<int> DoAsync(CancellationToken cancellationToken)
    {
        var mapping = MappingOrder.Read(order);
        var interrupted = new InterruptedImports(order, service, terminal);
        await interrupted.FinishAsync(cancellationToken);
        // Before the upload, or an equal command that begins meanwhile would upload the file, too.
        using var held = await service.Unreported.HoldAsync(order.Fingerprint(mapping), order.File, terminal, cancellationToken);
        if (await interrupted.FindAsync(mapping, held, cancellationToken) is { } begun) return await ReportAsync(begun, held);
        var prepared = await new Preparation(order, mapping, service, terminal).RunAsync(cancellationToken);
        if (await interrupted.FindAsync(prepared, cancellationToken) is { } done) return await ReportAsync(done, held);
        prepared.Save(order.SavedMapping);
        ImportDetails? ended = null;
        try
        {
            var started = TimeProvider.System.GetTimestamp();
            await ProgressView.ShowAsync(terminal, async view => ended = await ImportAsync(prepared, mapping, held, view, cancellationToken));
            var report = new ImportReport(ended!, prepared, order.ErrorFile!, order.Options, service, terminal);
            var code = await report.WriteAsync(TimeProvider.System.GetElapsedTime(started), CancellationToken.None);
            FaultPoints.Reach(FaultStep.CommandReported, ended!.ImportId);
            service.Unreported.Remove(ended.UploadId);
            return code;
        }
        finally
        {
            // Where the end is not known, rows may be in it.
            if (prepared.IsNew && !(_isBegun && (ended is null || HasWritten(ended)))) await prepared.TakeBackAsync(service, terminal);
        }
    }

    /// <summary>Tells the end of an import that another run of this command began, as if it were this one's.</summary>
    private async Task<int> ReportAsync(EarlierImport earlier, HeldOrder held)
    {
        var (import, prepared) = earlier;
        _isBegun = true;
        var which = held.Earlier?.UploadId == import.UploadId ? "The same command was at work when this one was given." : "An earlier run of this command did not come to its end.";
        terminal.WriteLine($"{which} This is the report of its import {import.ImportId}; {order.File.Name} is not imported a second time. To do that, give the command again.");
        var code = await new ImportReport(import, prepared, order.ErrorFile!, order.Options, service, terminal).WriteAsync((import.StopDate - import.StartDate) ?? TimeSpan.Zero, CancellationToken.None);
        if (prepared.IsNew && !HasWritten(import)) await prepared.TakeBackAsync(service, terminal);
        service.Unreported.Remove(import.UploadId);
        return code;
    }

    private static bool HasWritten(ImportDetails import) => import is { State: ImportState.Succeeded, DryRun: false };

    private async Task<ImportDetails> ImportAsync(PreparedImport prepared, MappingOrder stated, HeldOrder held, IProgressView view, CancellationToken cancellationToken)
    {
        var upload = await StoredFile.StoreAsync(order, prepared, service, view, cancellationToken);
        service.Unreported.Add(new UnreportedImport(upload, order.Fingerprint(stated), prepared.Entity.SystemName, prepared.IsNew), held);
        FaultPoints.Reach(FaultStep.CommandNoted, upload);
        var import = await BeginAsync(upload, cancellationToken);
        return await BegunImport.EndAsync(service, import, view, cancellationToken);
    }

    private async Task<Guid> BeginAsync(Guid upload, CancellationToken cancellationToken)
    {
        _isBegun = true;
        try
        {
            // An interruption while the answer is on its way would leave it open whether there is an import.
            cancellationToken.ThrowIfCancellationRequested();
            return await service.ImportAsync(upload, CancellationToken.None);
        }
        catch (Exception exception) when (exception is ServiceFailure { IsRefusal: true } or RequestException or OperationCanceledException)
        {
            _isBegun = false;
            service.Unreported.Remove(upload);
            throw;
        }
    }
}
