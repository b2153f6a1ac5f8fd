using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using EntityImport.Access;
using EntityImport.Catalog;
using EntityImport.Entities;
using EntityImport.Files;
using EntityImport.Imports;
using EntityImport.Imports.Running;
using EntityImport.Imports.Scheduling;
using EntityImport.Options;
using EntityImport.Storage;
using EntityImport.Testing;
using Microsoft.Extensions.Logging;

namespace EntityImport.Engine;

/// <summary>Plans: what an import would do, found and kept, to be read and then applied. Thread-safe.</summary>
public sealed class PlanService
{
    /// <summary>How long who cancels waits until that is durable.</summary>
    private static readonly TimeSpan CancelPatience = TimeSpan.FromSeconds(20);

    private readonly IStore _store;
    private readonly ICatalog _catalog;
    private readonly ImportFiles _files;
    private readonly IScheduler _scheduler;
    private readonly PlanWorker _worker;
    private readonly SharedImports? _shared;
    private readonly ImportService _imports;
    private readonly Admission _admission;
    private readonly EngineOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;

    internal PlanService(
        IStore store, ImportFiles files, IScheduler scheduler, PlanWorker worker, SharedImports? shared, ImportService imports, Admission admission, EngineOptions options, TimeProvider time, ILogger log)
    {
        _shared = shared;
        _store = store;
        _catalog = store.Catalog;
        _files = files;
        _scheduler = scheduler;
        _worker = worker;
        _imports = imports;
        _admission = admission;
        _options = options;
        _time = time;
        _log = log;
    }

    /// <summary>Begins a plan of an upload. It is durable when the call returns, and is made by itself; neither the upload nor its mapping is spent. The same plan is answered when the same request comes again.</summary>
    /// <returns>The plan; null where there is no such upload.</returns>
    /// <exception cref="RequestException">
    /// The upload is not complete, bound to no mapping, or its file has expired; too many plans are unfinished; the caller may not import; or the key is in use, or was used for another request.
    /// </exception>
    public async Task<Plan?> InvokeAsync(Request request, Guid uploadId, CancellationToken cancellationToken)
    {
        using var admitted = _admission.Admit(request, Scope.Import);
        using var hold = await _scheduler.HoldDefinitionsAsync(cancellationToken).ConfigureAwait(false);
        if (await admitted.FindAnswerAsync(default, cancellationToken).ConfigureAwait(false) is { } earlier) return await FindSeenAsync(request, earlier, cancellationToken).ConfigureAwait(false);
        if (await _imports.FindReadableAsync(request, uploadId, cancellationToken).ConfigureAwait(false) is not var (upload, mapping)) return null;
        if (upload.ExpiredAt is { } expired) throw UploadService.Expired("file", expired);
        await ThrowIfFullAsync(cancellationToken).ConfigureAwait(false);
        var now = _time.GetUtcNow();
        var plan = new Plan
        {
            Run = new Import
            {
                Id = Guid.CreateVersion7(now),
                UploadId = uploadId,
                MappingId = mapping.Id,
                MappingRevision = mapping.Revision,
                EntitySystemName = mapping.EntitySystemName,
                StartedAt = now,
                InvokedBy = request.Caller.Name,
            },
        };
        return await AddAsync(admitted, new CatalogCommit { NewPlan = plan }, upload.Size, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Refuses a further plan where too many are unfinished.</summary>
    /// <exception cref="RequestException">They are.</exception>
    internal async Task ThrowIfFullAsync(CancellationToken cancellationToken)
    {
        var unfinished = await _worker.CountUnfinishedAsync(cancellationToken).ConfigureAwait(false);
        if (unfinished >= _options.MaxUnfinishedPlans) throw ImportService.QueueFull(unfinished, "plans");
    }

    /// <summary>Adds a plan to the catalog, and has it made.</summary>
    /// <param name="admitted">The request.</param>
    /// <param name="commit">The new plan, and what becomes true with it.</param>
    /// <param name="bytes">Size of its file.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    internal async Task<Plan> AddAsync(Admission.AdmittedRequest admitted, CatalogCommit commit, long bytes, CancellationToken cancellationToken)
    {
        var plan = commit.NewPlan!;
        try
        {
            await admitted.CommitAsync(plan.Id, commit, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // The caller is told that it failed. But where the store has it nevertheless, it must be made, and not stay queued until the next start.
            _worker.StartIfAdded(plan.Id, bytes);
            throw;
        }

        FaultPoints.Reach(FaultStep.PlanAdded, plan.Id);
        _worker.Start(plan, bytes);
        return plan;
    }

    /// <summary>A plan as it is now; null where there is none that the caller sees.</summary>
    /// <exception cref="RequestException">Its time is over.</exception>
    public async Task<Plan?> FindAsync(Request request, Guid planId, CancellationToken cancellationToken)
    {
        Admission.Check(request, Scope.Read | Scope.Import);
        if (await FindSeenAsync(request, planId, cancellationToken).ConfigureAwait(false) is not { } plan) return null;
        ThrowIfExpired(plan);
        return plan;
    }

    /// <summary>All that is known of a plan; null where there is none that the caller sees.</summary>
    /// <inheritdoc cref="FindAsync"/>
    public async Task<PlanSnapshot?> FindSnapshotAsync(Request request, Guid planId, CancellationToken cancellationToken) =>
        await FindAsync(request, planId, cancellationToken).ConfigureAwait(false) is { } plan ? await DescribeAsync(ForCaller(request, plan), cancellationToken).ConfigureAwait(false) : null;

    /// <summary>Plans that the caller sees, those included whose time is over, newest first.</summary>
    public Task<IReadOnlyList<Plan>> ListAsync(Request request, PlanQuery query, CancellationToken cancellationToken)
    {
        Admission.Check(request, Scope.Read | Scope.Import);
        return _catalog.ListPlansAsync(query with { Entities = request.Caller.Scopes.VisibleEntities }, cancellationToken);
    }

    /// <summary>The plan's snapshots: one at once, one whenever something has changed but at most one each <paramref name="interval"/>, and the last at its end.</summary>
    public async IAsyncEnumerable<PlanSnapshot> WatchAsync(Request request, Guid planId, TimeSpan interval, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            var active = await FindUnfinishedAsync(planId, cancellationToken).ConfigureAwait(false);
            var changed = active?.Changed ?? Task.CompletedTask;
            if (await FindSnapshotAsync(request, planId, cancellationToken).ConfigureAwait(false) is not { } snapshot) yield break;
            yield return snapshot;
            if (snapshot.Plan.Run.HasEnded || active is null) yield break;
            var pause = Task.Delay(interval, _time, cancellationToken);
            await Task.WhenAny(active.Ended, pause).ConfigureAwait(false);
            await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Waits for a plan's end.</summary>
    /// <exception cref="OperationCanceledException">The caller, or the service, ended before.</exception>
    /// <exception cref="ArgumentException">There is no such plan that the caller sees.</exception>
    public async Task<Plan> WaitAsync(Request request, Guid planId, CancellationToken cancellationToken)
    {
        var active = await FindUnfinishedAsync(planId, cancellationToken).ConfigureAwait(false);
        _ = await FindAsync(request, planId, cancellationToken).ConfigureAwait(false) ?? throw new ArgumentException("There is no such plan.", nameof(planId));
        if (active is not null) await active.Ended.WaitAsync(cancellationToken).ConfigureAwait(false);
        return (await _catalog.FindPlanAsync(planId, cancellationToken).ConfigureAwait(false))!;
    }

    /// <summary>The run whose rejected rows a plan's are, for <see cref="RejectedRowService"/>.</summary>
    public static Import RejectedOf(Plan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return plan.Run with { Id = plan.RejectedId };
    }

    /// <summary>Reads what a plan would do to records.</summary>
    /// <param name="request">The request.</param>
    /// <param name="plan">The plan, which was found.</param>
    /// <param name="query">Which changes.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="RequestException">The plan has not succeeded; or it was deleted, or expired, meanwhile.</exception>
    public async Task<ChangePage> ReadChangesAsync(Request request, Plan plan, ChangeQuery query, CancellationToken cancellationToken)
    {
        // They are records' values, and not only what an import tells of itself.
        Admission.Check(request, Scope.Read);
        ArgumentNullException.ThrowIfNull(plan);
        Admission.Check(request, Scope.Read, plan.Run.EntitySystemName);
        ThrowUnlessReady(plan);
        return await _store.Records.ReadChangesAsync(plan, query, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The field of a plan by its name, ignoring case.</summary>
    /// <exception cref="RequestException">The plan has not succeeded, or has no such field.</exception>
    public static FieldDefinition FindField(Plan plan, string systemName)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ThrowUnlessReady(plan);
        return plan.Entity!.FindField(systemName) is { } field && plan.Changes!.Fields.Any(kept => kept.SystemName == field.SystemName)
            ? field
            : throw new RequestException(FaultKind.Invalid, "invalid-parameter", $"field: The plan fills no field '{ShownText.Cut(systemName)}'.", [new RequestFault("field", $"The plan fills no field '{ShownText.Cut(systemName)}'.")]);
    }

    /// <summary>Invokes the import that a plan told of. It is durable when the call returns, and runs by itself; the same import is answered when the same request comes again.</summary>
    /// <param name="request">The request.</param>
    /// <param name="planId">The plan.</param>
    /// <param name="reason">Why, in the caller's words; null, or without a character that shows, where nothing is said.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The import; null where there is no such plan.</returns>
    /// <exception cref="RequestException">
    /// Something moved since; the plan has not succeeded, or is being applied; the upload is being imported, or was; too many imports are unfinished; the caller may not import; or the key is in use, or was used for another
    /// request.
    /// </exception>
    public Task<Import?> ApplyAsync(Request request, Guid planId, string? reason, CancellationToken cancellationToken) => ApplyAsync(request, planId, reason, refusal: null, cancellationToken);

    /// <summary>Applies a plan, unless it is refused, which the same request as one that was answered does not hear: it is answered as it was.</summary>
    internal async Task<Import?> ApplyAsync(Request request, Guid planId, string? reason, RequestException? refusal, CancellationToken cancellationToken)
    {
        using var admitted = _admission.Admit(request, Scope.Import);
        using var hold = await _scheduler.HoldDefinitionsAsync(cancellationToken).ConfigureAwait(false);
        if (string.IsNullOrWhiteSpace(reason)) reason = null;
        if (await admitted.FindAnswerAsync(Encoding.UTF8.GetBytes(reason ?? ""), cancellationToken).ConfigureAwait(false) is { } earlier)
            return await _imports.FindSeenAsync(request, earlier, cancellationToken).ConfigureAwait(false);
        if (refusal is not null) throw refusal;
        if (await FindSeenAsync(request, planId, cancellationToken).ConfigureAwait(false) is not { } plan) return null;
        Admission.Check(request, Scope.Import, plan.Run.EntitySystemName);
        ThrowIfExpired(plan);
        ThrowUnlessReady(plan);
        await ImportService.ThrowIfImportedAsync(_catalog, plan.Run.UploadId, cancellationToken).ConfigureAwait(false);
        var upload = (await _catalog.FindUploadAsync(plan.Run.UploadId, cancellationToken).ConfigureAwait(false))!;
        if (await FindMoveAsync(plan, upload, cancellationToken).ConfigureAwait(false) is { } move) throw new RequestException(FaultKind.Conflict, EndCode.PlanStale, move.Message, [new RequestFault(move.What, move.Message)]);
        var passes = reason is not null && request.Caller.Scopes.Allow(Scope.Admin, plan.Run.EntitySystemName);
        if (plan.Breaches.Count > 0 && !passes) throw Guarded(request, plan);
        await _imports.ThrowIfFullAsync(cancellationToken).ConfigureAwait(false);
        var now = _time.GetUtcNow();
        var import = new Import
        {
            Id = Guid.CreateVersion7(now),
            UploadId = plan.Run.UploadId,
            MappingId = plan.Run.MappingId,
            MappingRevision = plan.Run.MappingRevision,
            EntitySystemName = plan.Run.EntitySystemName,
            StartedAt = now,
            InvokedBy = request.Caller.Name,
            PlanId = plan.Id,
            Repairs = plan.Run.Repairs,
            RepairsAfter = plan.Run.RepairsAfter,
        };
        var commit = new CatalogCommit { NewImport = import, ChangedPlan = plan with { AppliedBy = import.Id, Reason = reason, PassesGuards = passes } };
        return await _imports.AddAsync(admitted, commit, upload.Size, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Ends a plan that is being made. False where there is no such plan.</summary>
    /// <exception cref="RequestException">
    /// It has ended already, or is being stored; its end cannot be stored at the moment; the caller may not import; or the key is in use, or was used for another request.
    /// </exception>
    public async Task<bool> CancelAsync(Request request, Guid planId, CancellationToken cancellationToken)
    {
        using var admitted = _admission.Admit(request, Scope.Import);
        if (await FindSeenAsync(request, planId, cancellationToken).ConfigureAwait(false) is not { } plan) return false;
        Admission.Check(request, Scope.Import, plan.Run.EntitySystemName);
        if (await admitted.FindAnswerAsync(default, cancellationToken).ConfigureAwait(false) is not null) return true;
        var active = _worker.Find(planId);
        if (active is null && (_shared is null || plan.Run.HasEnded)) throw new RequestException(FaultKind.Conflict, "plan-already-ended", "The plan has ended already.");
        var notes = admitted.Note(planId, new CatalogCommit { ChangedPlan = plan }, plan.Run.EntitySystemName) with { ChangedPlan = null };
        if (active is not null && !await active.End.TryCancelAsync(notes).ConfigureAwait(false)) throw new RequestException(FaultKind.Conflict, "plan-committing", "The plan is at its end, and that is being stored. It is too late to cancel it; delete it.");
        Import ended;
        try
        {
            ended = await (active?.Ended ?? _worker.EndCancelledAsync(plan, notes)).WaitAsync(CancelPatience, _time, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is TimeoutException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new RequestException(FaultKind.Busy, "cancel-pending", "The plan was told to end, but that it did cannot be stored at the moment. Ask for it, or cancel it again.") { RetryAfter = TimeSpan.FromSeconds(10) };
        }

        if (ended.State != ImportState.Cancelled) throw new RequestException(FaultKind.Conflict, "plan-already-ended", "The plan has ended already.");
        return true;
    }

    /// <summary>Deletes a plan with all that it keeps. False where there is no such plan.</summary>
    /// <exception cref="RequestException">It is being made, or applied; or the caller may not import.</exception>
    public async Task<bool> DeleteAsync(Request request, Guid planId, CancellationToken cancellationToken)
    {
        using var admitted = _admission.Admit(request with { Key = null }, Scope.Import);
        using var hold = await _scheduler.HoldDefinitionsAsync(cancellationToken).ConfigureAwait(false);
        if (await FindSeenAsync(request, planId, cancellationToken).ConfigureAwait(false) is not { } plan) return false;
        Admission.Check(request, Scope.Import, plan.Run.EntitySystemName);
        if (!plan.Run.HasEnded) throw NotEnded();
        if (plan.AppliedBy is { } importId && await _scheduler.FindAsync(importId, cancellationToken).ConfigureAwait(false) is { Import.HasEnded: false })
            throw new RequestException(FaultKind.Conflict, "plan-being-applied", $"The plan is being applied by import {importId:D}.");
        // Its document goes last: a crash in between leaves a plan whose time is over, which the next start finds by its files, and which can be deleted again.
        if (plan.RejectedId == planId)
        {
            var now = _time.GetUtcNow();
            if (plan.ExpiredAt is null) await _catalog.CommitAsync(new CatalogCommit { ChangedPlan = plan with { ExpiresAt = now, ExpiredAt = now, Signatures = [] } }, cancellationToken).ConfigureAwait(false);
            FaultPoints.Reach(FaultStep.PlanEmptied, planId);
            _files.DropRejected(planId);
            FaultPoints.Reach(FaultStep.PlanDropped, planId);
        }

        await admitted.CommitAsync(planId, new CatalogCommit { DeletedPlan = planId }, cancellationToken, plan.Run.EntitySystemName).ConfigureAwait(false);
        FaultPoints.Reach(FaultStep.PlanDeleted, planId);
        return true;
    }

    /// <summary>Makes what an earlier process left unfinished.</summary>
    internal async Task ResumeAsync(CancellationToken cancellationToken)
    {
        var unfinished = await _catalog.ListPlansAsync(new PlanQuery(null, [ImportState.Queued, ImportState.Running], Before: null, int.MaxValue), cancellationToken).ConfigureAwait(false);
        foreach (var plan in unfinished.Reverse())
        {
            _log.LogInformation("Plan {PlanId} for {Entity} was unfinished and is made again", plan.Id, plan.Run.EntitySystemName);
            var upload = await _catalog.FindUploadAsync(plan.Run.UploadId, cancellationToken).ConfigureAwait(false);
            _worker.Start(plan, upload?.Size ?? 0);
        }
    }

    /// <summary>A plan that guards forbid is an administrator's, who says why.</summary>
    private static RequestException Guarded(Request request, Plan plan)
    {
        var isAdmin = request.Caller.Scopes.Allow(Scope.Admin, plan.Run.EntitySystemName);
        return new RequestException(
            isAdmin ? FaultKind.Conflict : FaultKind.Forbidden,
            EndCode.Guarded,
            $"Guards of {plan.Run.EntitySystemName} forbid what the plan would do; {(isAdmin ? "apply it with a reason to do it all the same" : "an administrator may apply it with a reason")}.",
            [.. plan.Breaches.Select(breach => new RequestFault(breach.Guard, breach.Message))]);
    }

    private static RequestException NotEnded() => new(FaultKind.Conflict, "plan-running", "The plan is still being made.");

    private static void ThrowUnlessReady(Plan plan)
    {
        if (!plan.Run.HasEnded) throw NotEnded();
        if (plan.Changes is null) throw new RequestException(FaultKind.Conflict, "plan-failed", $"The plan has nothing to show or apply: it {(plan.Run.State == ImportState.Cancelled ? "was cancelled" : "failed")}.");
    }

    private void ThrowIfExpired(Plan plan)
    {
        if (plan.ExpiredAt is { } || plan.ExpiresAt <= _time.GetUtcNow())
        {
            var over = plan.ExpiresAt ?? plan.ExpiredAt!.Value;
            throw new RequestException(FaultKind.Gone, "plan-expired", string.Create(CultureInfo.InvariantCulture, $"The plan was kept until {over.UtcDateTime:yyyy-MM-dd HH:mm}, which is over. Plan the upload again."));
        }
    }

    /// <summary>A plan that has not ended, whoever makes it; null where it has, and where there is none.</summary>
    private async ValueTask<IUnfinishedImport?> FindUnfinishedAsync(Guid planId, CancellationToken cancellationToken) =>
        _worker.Find(planId) ?? (_shared is null ? null : await _shared.FindAsync(planId, cancellationToken).ConfigureAwait(false) is { Import.HasEnded: false } elsewhere ? elsewhere : null);

    /// <summary>A plan as it is kept, with what its run is at now.</summary>
    internal async Task<Plan?> FindSeenAsync(Request request, Guid planId, CancellationToken cancellationToken)
    {
        // In this order: a plan that ends in between is found ended, whichever is asked.
        var active = (await FindUnfinishedAsync(planId, cancellationToken).ConfigureAwait(false))?.Import;
        if (await _catalog.FindPlanAsync(planId, cancellationToken).ConfigureAwait(false) is not { } plan || !Admission.Sees(request, plan.Run.EntitySystemName)) return null;
        return plan.Run.HasEnded || active is null or { HasEnded: true } ? plan : plan with { Run = active };
    }

    private async Task<PlanMove?> FindMoveAsync(Plan plan, Upload upload, CancellationToken cancellationToken)
    {
        var mapping = upload.MappingId is { } mappingId ? await _catalog.FindMappingAsync(mappingId, revision: null, cancellationToken).ConfigureAwait(false) : null;
        return await PlanValidity.FindMoveAsync(plan, _catalog, _store.Records, upload, mapping, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A plan as its caller may see it: what records were is for those who may read them.</summary>
    private static Plan ForCaller(Request request, Plan plan) => request.Caller.Scopes.Allow(Scope.Read, plan.Run.EntitySystemName) ? plan
        : plan with { Signatures = [.. plan.Signatures.Select(signature => signature with { Examples = [] })] };

    private async Task<PlanSnapshot> DescribeAsync(Plan plan, CancellationToken cancellationToken)
    {
        var upload = (await _catalog.FindUploadAsync(plan.Run.UploadId, cancellationToken).ConfigureAwait(false))!;
        var move = plan.Changes is null ? null : await FindMoveAsync(plan, upload, cancellationToken).ConfigureAwait(false);
        return new PlanSnapshot(plan, upload, plan.Run.HasEnded ? null : (await FindUnfinishedAsync(plan.Id, cancellationToken).ConfigureAwait(false))?.Progress, move) { Repair = await FindRepairAsync(plan, cancellationToken).ConfigureAwait(false) };
    }

    private async Task<RepairRun?> FindRepairAsync(Plan plan, CancellationToken cancellationToken) =>
        plan.Run.Repairs is { } import ? (await _catalog.FindRepairAsync(import, cancellationToken).ConfigureAwait(false))?.Runs.FirstOrDefault(run => run.PlanId == plan.Id && run.KeptRows is not null) : null;
}
