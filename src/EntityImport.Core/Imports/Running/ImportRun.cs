using System.Diagnostics;
using System.Globalization;
using EntityImport.Catalog;
using EntityImport.Entities;
using EntityImport.Files;
using EntityImport.Guards;
using EntityImport.Imports.Rejections;
using EntityImport.Imports.Running.Warnings;
using EntityImport.Inputs;
using EntityImport.Mappings;
using EntityImport.Notices;
using EntityImport.Options;
using EntityImport.Storage;
using EntityImport.Testing;

namespace EntityImport.Imports.Running;

/// <summary>How an import ended.</summary>
/// <param name="Import">The import at its end.</param>
/// <param name="IsKept">Whether the catalog has that already, because it was committed with the rows.</param>
internal sealed record EndedRun(Import Import, bool IsKept);

/// <summary>Runs one import from its file to its end: plan, load, delta, merge. What it does before the commit leaves no trace.</summary>
internal sealed class ImportRun(ICatalog catalog, IRecords records, ImportFiles files, Outbox outbox, EngineOptions options, TimeProvider time)
{
    private readonly Dictionary<string, long> _stages = [];
    private long _records;
    private long _read;
    private long _rejectedByReaders;
    private Lazy<string> _encodingHint = new("");
    private Plan? _plan;

    /// <summary>The end of an import that did not succeed.</summary>
    public static Import Unsuccessful(Import import, ImportState state, bool clientError, string code, string why, DateTimeOffset stopped) => import with
    {
        State = state,
        StoppedAt = stopped,
        ClientError = clientError,
        Code = code,
        Message = ShownText.Fit($"{FileOf(import)} was not imported into {import.EntitySystemName}{why}", Limits.MessageCharacters),
    };

    /// <summary>Runs an import. Exceptions are faults of the service: whether the import was committed then, only the catalog can tell.</summary>
    /// <param name="active">The import, begun.</param>
    /// <param name="upload">Its upload.</param>
    /// <param name="mapping">Its mapping, in the revision that it was invoked with.</param>
    /// <param name="plan">The plan that it is the run of; null where it is an import.</param>
    /// <param name="cancellationToken">Ends the work without a trace.</param>
    public async Task<EndedRun> RunAsync(ActiveImport active, Upload upload, Mapping mapping, Plan? plan, CancellationToken cancellationToken)
    {
        var import = files.NameRejected(active.Import);
        try
        {
            // What a dry run finds is kept as a plan, too.
            _plan = plan ?? (import.DryRun ? new Plan { Run = import with { Id = Guid.CreateVersion7(time.GetUtcNow()), Sequence = 0, DryRun = false }, DryRunId = import.Id } : null);
            return _plan is null && import.PlanId is { } planId
                ? await ApplyPlanAsync(active, import, upload, mapping, planId, cancellationToken).ConfigureAwait(false)
                : await RunAsync(active, import, upload, mapping, cancellationToken).ConfigureAwait(false);
        }
        catch (ImportRefusedException fault)
        {
            return Refused(fault.Code, fault.Message);
        }
        catch (RecordsRefusedException fault)
        {
            return Refused(EndCode.RecordsRefused, fault.Message);
        }
        catch (LedgerException fault)
        {
            return new EndedRun(
                Unsuccessful(import, ImportState.Failed, clientError: false, EndCode.LedgerUnbalanced, $". {fault.Message}", time.GetUtcNow()) with
                {
                    Ledger = new Ledger { Records = _records },
                    StageMilliseconds = new Dictionary<string, long>(_stages),
                },
                IsKept: false);
        }

        EndedRun Refused(string code, string message) => new(
            Unsuccessful(import, ImportState.Failed, clientError: true, code, $". {message}", time.GetUtcNow()) with
            {
                Ledger = new Ledger { Records = _records, Rejected = active.Meter.Rejected, Skipped = active.Meter.Skipped },
                StageMilliseconds = new Dictionary<string, long>(_stages),
            },
            IsKept: false);
    }

    private async Task<EndedRun> RunAsync(ActiveImport active, Import import, Upload upload, Mapping mapping, CancellationToken cancellationToken)
    {
        var entity = await catalog.FindEntityAsync(import.EntitySystemName, cancellationToken).ConfigureAwait(false)
            ?? throw new ImportRefusedException(EndCode.MappingOutdated, $"The entity {import.EntitySystemName} no longer exists.");
        ImportDefinition definition;
        try
        {
            definition = ImportDefinitionReader.Read(mapping.Document, entity).For(upload.Charset, mapping);
            if (import.Repairs is not null) definition = definition with { Mode = ModeOf(import, definition.Mode), MaxFailedRows = null };
        }
        catch (RequestException exception)
        {
            throw new ImportRefusedException(
                EndCode.MappingOutdated,
                "The mapping no longer fits the entity: " + ShownText.Join(exception.Faults.Select(fault => fault.Message), " ", ImportRefusedException.MaxCharacters - 100));
        }

        _encodingHint = new Lazy<string>(() => EncodingHint.Of(files, upload, definition));
        if (!files.IsShared) files.DropRejected(import.Id);
        using var rejected = new RejectedRowsFile(files, import);
        active.Rejected = rejected;
        try
        {
            return await RunAsync(active, import, upload, entity, definition, rejected, cancellationToken).ConfigureAwait(false);
        }
        catch (ImportRefusedException refused)
        {
            await rejected.KeepAsync(cancellationToken).ConfigureAwait(false);
            if (refused.Code is not (EndCode.BadHeader or EndCode.NoGoodRows or EndCode.TooManyRejected or EndCode.MaxFailedRows) || _encodingHint.Value is not { Length: > 0 } hint) throw;
            throw new ImportRefusedException(refused.Code, ShownText.Fit(refused.Message, ImportRefusedException.MaxCharacters - hint.Length) + hint);
        }
        catch (Exception exception) when (_plan is not null && exception is not (RecordsRefusedException or LedgerException or StoredFileException or StoreUnavailableException) && !cancellationToken.IsCancellationRequested)
        {
            // Whoever changes or deletes an entity waits for imports, and not for plans.
            if (await catalog.FindChangeAsync(entity, cancellationToken).ConfigureAwait(false) is not { } change) throw;
            throw new ImportRefusedException(EndCode.MappingOutdated, $"The entity {entity.SystemName} was {change} in the meantime.");
        }
    }

    private async Task<EndedRun> RunAsync(
        ActiveImport active, Import import, Upload upload, EntityDefinition entity, ImportDefinition definition, RejectedRowsFile rejected, CancellationToken cancellationToken)
    {
        // The input's own description comes first, so that there is an error file however the import ends.
        using var input = OpenInput(upload, definition, rejected, cancellationToken);
        _records = input.RecordCount;
        var last = await FindLastAsync(import, cancellationToken).ConfigureAwait(false);
        var guards = await catalog.FindGuardsAsync(entity.SystemName, cancellationToken).ConfigureAwait(false);
        rejected.Begin(input.DescribeErrorFile());
        using var binding = Timed(ImportStage.Plan, () => ImportBinding.Create(input, entity, definition, import, last?.ValueLists, new RejectionCap(options.Limits), cancellationToken));
        FaultPoints.Reach(FaultStep.ImportPlanned, import.Id);
        var rejections = new RowRejections(input, binding.Shape, binding.Fields, binding.Unfilled, rejected.Kinds);
        // What guards are to judge is a plan first.
        if (_plan is null && guards is not null) _plan = new Plan { Run = import with { Id = Guid.CreateVersion7(time.GetUtcNow()), Sequence = 0 }, GuardedId = import.Id };
        if (_plan is not null) _plan = await PlanValidity.NoteAsync(_plan, catalog, records, entity, upload, cancellationToken).ConfigureAwait(false);
        if (import.RepairsAfter is { } known && _plan is not null && await PlanValidity.FindChangingImportAsync(catalog, entity.SystemName, known, cancellationToken).ConfigureAwait(false) is { } other)
            throw new ImportRefusedException(EndCode.PlanStale, $"Import {other.Id:D} has changed {entity.SystemName} since the rows were chosen. Plan the repair again.");
        var load = await records.BeginLoadAsync(binding.CreateLoadOrder(import) with { PlanId = _plan?.Id, KeepsBefore = entity.KeepsBefore }, cancellationToken).ConfigureAwait(false);
        await using (load.ConfigureAwait(false))
        {
            active.Meter.BeginLoading(input.Size);
            var warnings = await LoadAsync(binding, rejections, rejected, load, active, cancellationToken).ConfigureAwait(false);
            active.Meter.BeginMerging();
            await RejectConflictsAsync(binding, rejections, rejected, load, active, cancellationToken).ConfigureAwait(false);
            await rejected.KeepAsync(cancellationToken).ConfigureAwait(false);
            FaultPoints.Reach(FaultStep.RejectedKept, import.Id);
            return await MergeAsync(binding, warnings, guards, last, load, active, import, cancellationToken).ConfigureAwait(false);
        }
    }

    private IInput OpenInput(Upload upload, ImportDefinition definition, RejectedRowsFile rejected, CancellationToken cancellationToken)
    {
        try
        {
            return Timed(ImportStage.Open, () => InputFormats.Open(files, upload, definition, cancellationToken));
        }
        catch (ImportRefusedException)
        {
            rejected.Begin(ErrorFileFormat.Of(definition.Layout));
            throw;
        }
    }

    private async Task<RowWarnings> LoadAsync(
        ImportBinding binding, RowRejections rejections, RejectedRowsFile rejected, ILoad load, ActiveImport active, CancellationToken cancellationToken)
    {
        var begun = Stopwatch.GetTimestamp();
        using var writer = new RejectedRowsWriter(rejected.Rows, files.Scratch.Create, binding.Cap);
        using var rows = new RowSource(binding, rejections, writer, files.Scratch.Create, active, cancellationToken);
        try
        {
            await load.LoadAsync(rows, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            writer.Drain();
            _stages[ImportStage.Load] = Milliseconds(begun);
            _stages[ImportStage.Tokenize] = (long)rows.Times.Tokenizing.TotalMilliseconds;
            _stages[ImportStage.Convert] = (long)rows.Times.Converting.TotalMilliseconds;
        }

        _read = active.Meter.Records;
        _rejectedByReaders = active.Meter.Rejected;
        await rows.Warnings.CompleteAsync(records, cancellationToken).ConfigureAwait(false);
        return rows.Warnings;
    }

    /// <summary>Adds the rows that the key forbids to the rejected ones, in file order.</summary>
    private async Task RejectConflictsAsync(
        ImportBinding binding, RowRejections rejections, RejectedRowsFile rejected, ILoad load, ActiveImport active, CancellationToken cancellationToken)
    {
        var begun = Stopwatch.GetTimestamp();
        var conflicts = load.FindConflictsAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        await using (conflicts.ConfigureAwait(false))
        {
            if (await conflicts.MoveNextAsync().ConfigureAwait(false))
            {
                using var merged = files.Scratch.Create();
                var rows = await ConflictRows.MergeAsync(
                    binding, rejections, rejected.ReadRows(), active.Meter.Rejected, conflicts, merged, cancellationToken).ConfigureAwait(false);
                FaultPoints.Reach(FaultStep.ConflictsFound, active.Import.Id);
                active.Meter.AddRejected(rows);
                rejected.ReplaceRows(merged, cancellationToken);
            }
        }

        binding.ThrowIfTooManyRejected(active.Meter.Rejected);
        _stages[ImportStage.Keys] = Milliseconds(begun);
    }

    private async Task<EndedRun> MergeAsync(
        ImportBinding binding, RowWarnings warnings, EntityGuards? guards, Import? last, ILoad load, ActiveImport active, Import import, CancellationToken cancellationToken)
    {
        if (_records > 0 && active.Meter.Rejected + active.Meter.Skipped == _records)
            throw new ImportRefusedException(EndCode.NoGoodRows, active.Meter.Rejected > 0 ? "None of its rows is good." : "All of its rows are empty.");
        var begun = Stopwatch.GetTimestamp();
        var delta = await load.FindDeltaAsync(cancellationToken).ConfigureAwait(false);
        await using (delta.ConfigureAwait(false))
        {
            var ledger = new Account
            {
                Indexed = _records,
                Read = _read,
                RejectedByReaders = _rejectedByReaders,
                SkippedByReaders = active.Meter.Skipped,
                RejectedForKey = active.Meter.Rejected - _rejectedByReaders,
                Store = delta.Counts,
            }.Close();
            if (_plan is { } found && found.RejectedId == found.Id) FaultPoints.Reach(FaultStep.PlanFound, found.Id);
            var header = FileHeader.Of(binding.Input.Columns.Take(binding.Input.OwnColumns));
            var merge = await delta.ApplyAsync(cancellationToken).ConfigureAwait(false);
            if (_plan is null) return await CommitAsync(merge, active, begun, End, cancellationToken).ConfigureAwait(false);
            var review = new PlanReview(delta, binding.Entity, merge.Kept!, ledger);
            var breaches = guards is null ? [] : await review.JudgeAsync(guards, Figures(binding.Definition.Mode, ledger, header, last), cancellationToken).ConfigureAwait(false);
            if (breaches.Count == 0 && _plan.GuardedId is not null)
            {
                _plan = null;
                return await CommitAsync(await delta.ApplyKeptAsync(cancellationToken).ConfigureAwait(false), active, begun, End, cancellationToken).ConfigureAwait(false);
            }

            _plan = _plan with { Breaches = breaches, Signatures = await review.FindSignaturesAsync(cancellationToken).ConfigureAwait(false) };
            return await KeepAsync(_plan, merge, active, begun, End, cancellationToken).ConfigureAwait(false);

            Import End() => import with
            {
                State = ImportState.Succeeded,
                StoppedAt = time.GetUtcNow(),
                Ledger = ledger,
                Message = Summarize(import, ledger, Without) + (ledger.Rejected > 0 ? _encodingHint.Value : ""),
                Warnings = warnings.Describe(delta.Counts),
                Replaced = binding.Definition.Mode == ImportMode.Replace,
                KeptBefore = binding.Entity.KeepsBefore,
                ValueLists = warnings.KeepLists(),
                Header = header,
                StageMilliseconds = new Dictionary<string, long>(_stages),
                Timeline = active.Meter.Timeline,
            };
        }
    }

    /// <summary>Does what a plan keeps, as long as nothing has moved since it was made. The file is not read again.</summary>
    private async Task<EndedRun> ApplyPlanAsync(ActiveImport active, Import import, Upload upload, Mapping mapping, Guid planId, CancellationToken cancellationToken)
    {
        var plan = await catalog.FindPlanAsync(planId, cancellationToken).ConfigureAwait(false);
        if (plan is not { Changes: not null, ExpiredAt: null }) throw new ImportRefusedException(EndCode.PlanStale, $"The plan {planId:D} is gone.");
        if (await PlanValidity.FindMoveAsync(plan, catalog, records, upload, mapping, cancellationToken).ConfigureAwait(false) is { } move) throw new ImportRefusedException(EndCode.PlanStale, move.Message);
        var ledger = plan.Run.Ledger;
        _records = ledger.Records;
        active.Meter.BeginLoading(upload.Size);
        active.Meter.AddRejected(ledger.Rejected);
        active.Meter.BeginMerging();
        if (!await files.CopyRejectedAsync(plan.Run with { Id = plan.RejectedId }, import, cancellationToken).ConfigureAwait(false)) throw new ImportRefusedException(EndCode.PlanStale, $"The rejected rows of the plan {planId:D} are gone.");
        FaultPoints.Reach(FaultStep.RejectedKept, import.Id);
        var begun = Stopwatch.GetTimestamp();
        // Fields are those of the plan, or it would be stale; whether what was is kept, as the entity says now.
        var entity = plan.Entity! with { KeepBefore = (await catalog.FindEntityAsync(import.EntitySystemName, cancellationToken).ConfigureAwait(false))?.KeepBefore };
        var mode = ModeOf(import, ImportDefinitionReader.Read(mapping.Document, entity).Mode);
        var order = new LoadOrder
        {
            ImportId = import.Id,
            Sequence = import.Sequence,
            KeepsBefore = entity.KeepsBefore,
            PlanId = plan.Id,
            Entity = entity,
            Mode = mode,
            Fields = [.. plan.Changes.Fields.Where(field => field.IsMapped).Select(field => new LoadedField(entity.FindField(field.SystemName)!, Default: null))],
            KeepEmpty = false,
            LacksRequired = false,
        };
        var delta = await records.OpenKeptDeltaAsync(order, plan, cancellationToken).ConfigureAwait(false);
        await using (delta.ConfigureAwait(false))
        {
            FaultPoints.Reach(FaultStep.ApplyFound, import.Id);
            if (plan.PassesGuards != true && await catalog.FindGuardsAsync(entity.SystemName, cancellationToken).ConfigureAwait(false) is { } guards)
            {
                var figures = Figures(mode, ledger, plan.Run.Header, await FindLastAsync(import, cancellationToken).ConfigureAwait(false));
                if (await new PlanReview(delta, entity, plan.Changes, ledger).JudgeAsync(guards, figures, cancellationToken).ConfigureAwait(false) is { Count: > 0 } breaches)
                    throw new ImportRefusedException(EndCode.Guarded, Forbid(breaches));
            }

            return await CommitAsync(
                await delta.ApplyAsync(cancellationToken).ConfigureAwait(false),
                active,
                begun,
                () => import with
                {
                    State = ImportState.Succeeded,
                    StoppedAt = time.GetUtcNow(),
                    Ledger = ledger,
                    Message = Summarize(import, ledger, ""),
                    Warnings = plan.Run.Warnings,
                    Replaced = plan.Run.Replaced,
                    KeptBefore = order.KeepsBefore,
                    ValueLists = plan.Run.ValueLists,
                    Header = plan.Run.Header,
                    StageMilliseconds = new Dictionary<string, long>(_stages),
                    Timeline = active.Meter.Timeline,
                },
                cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Commits what was done to the records with the end.</summary>
    /// <param name="merge">What was done.</param>
    /// <param name="active">The import.</param>
    /// <param name="begun">When the merge began.</param>
    /// <param name="end">Makes the import at its end.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    private async Task<EndedRun> CommitAsync(IMerge merge, ActiveImport active, long begun, Func<Import> end, CancellationToken cancellationToken)
    {
        Decide(active, active.Import.PlanId is null ? FaultStep.ImportMerged : FaultStep.ApplyMerged, begun, cancellationToken);
        var ended = end();
        return await CommitAsync(merge, ended, ImportEnd.Commit(ended, outbox)).ConfigureAwait(false);
    }

    /// <summary>Commits what is kept as a plan, with the end of the import that has made it, if one has.</summary>
    /// <inheritdoc cref="CommitAsync(IMerge, ActiveImport, long, Func{Import}, CancellationToken)"/>
    private async Task<EndedRun> KeepAsync(Plan plan, IMerge merge, ActiveImport active, long begun, Func<Import> end, CancellationToken cancellationToken)
    {
        var import = active.Import;
        var isAsked = plan.RejectedId == plan.Id;
        var hasRoom = await catalog.SumPlanBytesAsync(cancellationToken).ConfigureAwait(false) + merge.Kept!.Bytes <= options.MaxPlanBytes;
        if (!hasRoom && isAsked)
            throw new ImportRefusedException(EndCode.PlansFull, "Plans take as much as they may already. Delete some, or wait until their time is over.");
        Decide(active, isAsked ? FaultStep.PlanKept : FaultStep.ImportMerged, begun, cancellationToken);
        var ended = end();
        var kept = plan with
        {
            Run = ended with { Id = plan.Id, Sequence = 0, DryRun = false, Timeline = null },
            Changes = merge.Kept,
            ExpiresAt = ended.StoppedAt + options.KeepPlans,
        };
        if (isAsked) return await CommitAsync(merge, ended, outbox.NotePlan(new CatalogCommit { ChangedPlan = kept, Ends = true }, kept)).ConfigureAwait(false);
        ended = plan.Breaches.Count > 0
            ? Unsuccessful(import, ImportState.Failed, clientError: true, EndCode.Guarded, $". {Forbid(plan.Breaches)}", ended.StoppedAt!.Value) with
            {
                Ledger = new Ledger { Records = ended.Ledger.Records, Rejected = ended.Ledger.Rejected, Skipped = ended.Ledger.Skipped },
                StageMilliseconds = ended.StageMilliseconds,
            }
            : ended with { ValueLists = null, Header = null, Replaced = false, KeptBefore = false };
        if (!hasRoom) return new EndedRun(ended, IsKept: false);
        ended = ended with { PlanId = kept.Id };
        return await CommitAsync(merge, ended, outbox.NotePlan(ImportEnd.Commit(ended, outbox) with { NewPlan = kept }, kept)).ConfigureAwait(false);
    }

    /// <summary>From here on it is too late to cancel: who asks is told so, and not left to believe that nothing was written.</summary>
    private void Decide(ActiveImport active, string step, long begun, CancellationToken cancellationToken)
    {
        _stages[ImportStage.Merge] = Milliseconds(begun);
        FaultPoints.Reach(step, active.Import.Id);
        if (!active.End.TryDecide()) throw new OperationCanceledException(cancellationToken);
    }

    private async Task<EndedRun> CommitAsync(IMerge merge, Import ended, CatalogCommit commit)
    {
        var begun = Stopwatch.GetTimestamp();
        await merge.CommitAsync(commit, CancellationToken.None).ConfigureAwait(false);
        _stages[ImportStage.Commit] = Milliseconds(begun);
        return new EndedRun(ended with { StageMilliseconds = new Dictionary<string, long>(_stages) }, IsKept: true);
    }

    /// <summary>What an import does to existing records. Corrected rows come to those of their file, and never in the place of them.</summary>
    private static ImportMode ModeOf(Import import, ImportMode stated) => import.Repairs is not null && stated != ImportMode.Upsert ? ImportMode.Insert : stated;

    /// <summary>What guards are told beside the changes.</summary>
    private static GuardFigures Figures(ImportMode mode, Ledger ledger, FileHeader? header, Import? last) => new()
    {
        Records = ledger.Records,
        Rejected = ledger.Rejected,
        RecordsBefore = mode == ImportMode.Replace ? ledger.Removed : null,
        RecordsOfLast = last?.Ledger.Records,
        Header = header,
        HeaderOfLast = last?.Header,
    };

    private static string Forbid(IReadOnlyList<GuardBreach> breaches)
    {
        const string Why = "Its guards forbid what the import would do. ";
        return Why + ShownText.Join(breaches.Select(breach => breach.Message), " ", ImportRefusedException.MaxCharacters - Why.Length - 20);
    }

    /// <summary>The last import of a file into the entity that wrote something; null where there is none. Dry runs, undos and repairs say nothing of a file, however many there are.</summary>
    private async Task<Import?> FindLastAsync(Import import, CancellationToken cancellationToken)
    {
        await foreach (var other in catalog.ListSucceededAsync(import.EntitySystemName, import.Sequence > 0 ? import.Sequence : null, cancellationToken).ConfigureAwait(false))
        {
            if (other is { DryRun: false, Undoes: null, Repairs: null }) return other;
        }

        return null;
    }

    /// <summary>What the message of a run says that writes nothing.</summary>
    private string Without => _plan switch
    {
        null => "",
        { DryRunId: not null } => " (dry run: nothing was written)",
        _ => " (plan: nothing was written)",
    };

    private static string Summarize(Import import, Ledger ledger, string without)
    {
        var outcome = ledger.Rejected > 0
            ? string.Create(CultureInfo.InvariantCulture, $"{ledger.Rejected} of {ledger.Records} rows could not be imported")
            : string.Create(CultureInfo.InvariantCulture, $"{ledger.Processed} rows were imported");
        return $"{FileOf(import)} into {import.EntitySystemName}: {outcome}{without}.";
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
