using System.Diagnostics;
using System.Globalization;
using EntityImport.Mappings;
using EntityImport.Storage;
using EntityImport.Testing;
using EntityImport.Uploads;
using Microsoft.Extensions.Logging;

namespace EntityImport.Imports;

/// <summary>Runs one import from its file to its end: plan, load, merge, report. What it does before the commit leaves no trace.</summary>
internal sealed class ImportRun(
    ICatalog catalog, IEntityData data, FileStore files, TimeProvider time, ILogger log)
{
    private readonly Dictionary<string, long> _stages = [];
    private long _records;

    /// <summary>Runs the import; it has ended in the catalog when the call returns.</summary>
    /// <param name="active">The import.</param>
    /// <param name="upload">Its file.</param>
    /// <param name="mapping">Its mapping, in the revision that it was invoked with.</param>
    /// <param name="stopping">Interrupts the work without ending the import.</param>
    public async Task<Import> RunAsync(ActiveImport active, Upload upload, Mapping mapping, CancellationToken stopping)
    {
        var import = active.Import with { State = ImportState.Running, Attempts = active.Import.Attempts + 1 };
        using var either = CancellationTokenSource.CreateLinkedTokenSource(active.Cancelled, stopping);
        try
        {
            either.Token.ThrowIfCancellationRequested();
            await catalog.UpdateImportAsync(import, stopping).ConfigureAwait(false);
            FaultPoints.Reach("import.running", import.Id);
            active.Begin(import);
            return await RunAsync(active, import, mapping, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (active.Cancelled.IsCancellationRequested && !stopping.IsCancellationRequested)
        {
            files.DropRejected(import.Id);
            return await EndAsync(import, ImportState.Cancelled, clientError: true, new Ledger(), $"{FileOf(import)} was not imported into {import.EntitySystemName}: the import was cancelled.").ConfigureAwait(false);
        }
        catch (FileFaultException fault)
        {
            var ledger = new Ledger { Records = _records, Rejected = active.Rejected };
            return await EndAsync(import, ImportState.Failed, clientError: true, ledger, $"{FileOf(import)} was not imported into {import.EntitySystemName}. {fault.Message}").ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !stopping.IsCancellationRequested)
        {
            log.LogError(exception, "Import {ImportId} of upload {UploadId} into {Entity} failed", import.Id, upload.Id, import.EntitySystemName);
            var cause = exception is IOException io && DiskFull.IsCauseOf(io) ? "the disk is full" : "an error in the service; its log tells more under the import's id";
            return await EndAsync(import, ImportState.Failed, clientError: false, new Ledger(), $"{FileOf(import)} was not imported into {import.EntitySystemName}: {cause}.").ConfigureAwait(false);
        }
    }

    private async Task<Import> RunAsync(ActiveImport active, Import import, Mapping mapping, CancellationToken cancellationToken)
    {
        var entity = await catalog.FindEntityAsync(import.EntitySystemName, cancellationToken).ConfigureAwait(false)
            ?? throw new FileFaultException($"The entity {import.EntitySystemName} no longer exists.");
        ImportDefinition definition;
        try
        {
            definition = ImportDefinitionReader.Read(mapping.Document, entity);
        }
        catch (RequestException exception)
        {
            throw new FileFaultException("The mapping no longer fits the entity: " + string.Join(" ", exception.Faults.Select(fault => fault.Message)));
        }

        // The input's own description comes first, so that there is an error file however the import ends.
        using var rejectedFile = files.CreateRejected(import.Id);
        using var source = OpenSource(import, definition, rejectedFile, cancellationToken);
        _records = source.RecordCount;
        RejectedRowsFile.Write(rejectedFile, ImportPlan.DescribeFormat(source));
        using var plan = Timed("plan", () => ImportPlan.Create(source, entity, definition, import));
        FaultPoints.Reach("import.planned", import.Id);
        var rejections = new RowRejections(source, plan.Fields, plan.Unfilled);
        var staging = await data.BeginStagingAsync(plan.CreateStagingPlan(import.Id), cancellationToken).ConfigureAwait(false);
        await using (staging.ConfigureAwait(false))
        {
            active.Enter(ImportPhase.Loading);
            await LoadAsync(plan, rejections, rejectedFile, staging, active, cancellationToken).ConfigureAwait(false);
            active.Enter(ImportPhase.Merging);
            await RejectConflictsAsync(plan, rejections, rejectedFile, staging, active, cancellationToken).ConfigureAwait(false);
            rejectedFile.Flush(flushToDisk: true);
            files.KeepRejected(import.Id);
            FaultPoints.Reach("rejected.kept", import.Id);
            return await MergeAsync(plan, staging, active, import, cancellationToken).ConfigureAwait(false);
        }
    }

    private ImportSource OpenSource(Import import, ImportDefinition definition, Stream rejectedFile, CancellationToken cancellationToken)
    {
        try
        {
            return Timed("open", () => ImportSource.Open(files, import.UploadId, definition, cancellationToken));
        }
        catch (FileFaultException)
        {
            var layout = definition.Layout;
            RejectedRowsFile.Write(rejectedFile, new RejectedRowsFormat(
                [], [], [], layout.Delimiter, layout.Quote, layout.Escape, layout.TrimSpaces, "\n", Csv.FileEncoding.Utf8.CodePage, HasByteOrderMark: false));
            throw;
        }
    }

    private async Task LoadAsync(
        ImportPlan plan, RowRejections rejections, Stream rejectedFile, IStaging staging, ActiveImport active, CancellationToken cancellationToken)
    {
        var begun = Stopwatch.GetTimestamp();
        using var rejected = new RejectedRowsWriter(rejectedFile, files.CreateScratch);
        using var rows = new RowSource(plan, rejections, rejected, active, cancellationToken);
        try
        {
            await staging.LoadAsync(rows, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            rejected.Drain();
            _stages["load"] = Milliseconds(begun);
            _stages["tokenize"] = (long)rows.Times.Tokenizing.TotalMilliseconds;
            _stages["convert"] = (long)rows.Times.Converting.TotalMilliseconds;
        }

        var read = active.Progress.RecordsRead;
        if (read != plan.Source.RecordCount)
            throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"{read} records were read, but the file has {plan.Source.RecordCount}."));
    }

    /// <summary>Adds the rows that the key forbids to the rejected ones, in file order.</summary>
    private async Task RejectConflictsAsync(
        ImportPlan plan, RowRejections rejections, FileStream rejectedFile, IStaging staging, ActiveImport active, CancellationToken cancellationToken)
    {
        var begun = Stopwatch.GetTimestamp();
        var conflicts = staging.FindConflictsAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        await using (conflicts.ConfigureAwait(false))
        {
            if (await conflicts.MoveNextAsync().ConfigureAwait(false))
            {
                using var merged = files.CreateScratch();
                var rows = await ConflictRows.MergeAsync(plan.Source, rejections, rejectedFile, conflicts, merged, cancellationToken).ConfigureAwait(false);
                FaultPoints.Reach("conflicts.found", active.Import.Id);
                active.AddRejected(rows);
                rejectedFile.SetLength(0);
                merged.Position = 0;
                await merged.CopyToAsync(rejectedFile, cancellationToken).ConfigureAwait(false);
            }
        }

        plan.ThrowIfTooManyRejected(active.Rejected);
        _stages["keys"] = Milliseconds(begun);
    }

    private async Task<Import> MergeAsync(
        ImportPlan plan, IStaging staging, ActiveImport active, Import import, CancellationToken cancellationToken)
    {
        var records = plan.Source.RecordCount;
        var rejected = active.Rejected;
        if (records > 0 && rejected == records)
            throw new FileFaultException("None of its rows is good.");
        var begun = Stopwatch.GetTimestamp();
        var merge = await staging.MergeAsync(cancellationToken).ConfigureAwait(false);
        await using (merge.ConfigureAwait(false))
        {
            _stages["merge"] = Milliseconds(begun);
            var ledger = merge.Counts with { Records = records, Rejected = rejected };
            if (!ledger.IsBalanced) throw new InvalidOperationException($"The ledger does not balance: {ledger}.");
            var message = Summarize(import, ledger, plan.Definition.DryRun);
            import = import with { Warnings = plan.DescribeAmbiguity() };
            if (plan.Definition.DryRun)
            {
                await merge.DisposeAsync().ConfigureAwait(false);
                return await EndAsync(import, ImportState.Succeeded, clientError: false, ledger, message).ConfigureAwait(false);
            }

            FaultPoints.Reach("import.merged", import.Id);
            cancellationToken.ThrowIfCancellationRequested();
            var ended = Ended(import, ImportState.Succeeded, clientError: false, ledger, message);
            await merge.CommitAsync(ended, CancellationToken.None).ConfigureAwait(false);
            return ended;
        }
    }

    private async Task<Import> EndAsync(Import import, ImportState state, bool clientError, Ledger ledger, string message)
    {
        var ended = Ended(import, state, clientError, ledger, message);
        FaultPoints.Reach("import.ending", import.Id);
        await catalog.UpdateImportAsync(ended, CancellationToken.None).ConfigureAwait(false);
        return ended;
    }

    private Import Ended(Import import, ImportState state, bool clientError, Ledger ledger, string message) => import with
    {
        State = state,
        StoppedAt = time.GetUtcNow(),
        ClientError = clientError,
        Ledger = ledger,
        Message = message,
        StageMilliseconds = new Dictionary<string, long>(_stages),
    };

    private static string Summarize(Import import, Ledger ledger, bool dryRun)
    {
        var outcome = ledger.Rejected > 0
            ? string.Create(CultureInfo.InvariantCulture, $"{ledger.Rejected} of {ledger.Records} rows could not be imported")
            : string.Create(CultureInfo.InvariantCulture, $"{ledger.Processed} rows were imported");
        return $"{FileOf(import)} into {import.EntitySystemName}: {outcome}{(dryRun ? " (dry run: nothing was written)" : "")}.";
    }

    private static string FileOf(Import import) => $"entity-import/{import.UploadId:D}/data";

    private T Timed<T>(string stage, Func<T> work)
    {
        var begun = Stopwatch.GetTimestamp();
        var result = work();
        _stages[stage] = Milliseconds(begun);
        return result;
    }

    private static long Milliseconds(long begun) => (long)Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
}
