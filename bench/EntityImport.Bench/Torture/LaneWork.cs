using System.Net;
using EntityImport.Api;
using EntityImport.Client;

namespace EntityImport.Bench.Torture;

/// <summary>Does what is drawn for an entity, one act after the other, and notes what the service answers.</summary>
internal sealed class LaneWork(EntityImportClient client, Settlement settlement, Lane lane)
{
    /// <summary>How long an import or a plan may take.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);

    /// <summary>Does it, and waits until all imports and plans have ended.</summary>
    public async Task DoAsync(IEnumerable<LaneAct> acts, CancellationToken cancellationToken)
    {
        foreach (var act in acts)
        {
            if (act.Waits) await WaitForImportsAsync(cancellationToken);
            await (act switch
            {
                LaneAct.Import import => ImportAsync(import.Invoked, cancellationToken),
                LaneAct.Plan plan => PlanAsync(plan.Invoked, plan.Cancels, cancellationToken),
                LaneAct.Apply apply => ApplyAsync(apply.Invoked, cancellationToken),
                LaneAct.Undo undo => UndoAsync(undo.Undone, undo.Twice, cancellationToken),
                LaneAct.Delete delete => DeleteAsync(delete.Invoked, cancellationToken),
                _ => throw new ArgumentException($"There is no {act}.", nameof(acts)),
            });
        }

        await WaitForImportsAsync(cancellationToken);
        foreach (var plan in lane.Plans.Where(plan => !plan.IsSettled && plan.PlanId is not null).ToList()) await FindEndAsync(plan, cancellationToken);
    }

    /// <summary>Waits for the end of a plan; null where it is gone, or its time is over.</summary>
    public static async Task<PlanDetails?> FindEndAsync(EntityImportClient client, InvokedPlan plan, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                var details = await client.GetPlanAsync(plan.PlanId!.Value, cancellationToken);
                if (details.Plan.State is not (ImportState.Queued or ImportState.Running)) return details;
            }
            catch (EntityImportProblemException problem) when (problem.StatusCode == HttpStatusCode.Gone && plan.MayHaveExpired || problem.StatusCode == HttpStatusCode.NotFound && plan.MayBeDeleted)
            {
                return null;
            }

            await Task.Delay(Poll, cancellationToken);
        }
    }

    /// <summary>Invokes an import that has its place, or notes why the service refuses it.</summary>
    public static async Task InvokeAsync(EntityImportClient client, InvokedImport import, CancellationToken cancellationToken)
    {
        try
        {
            import.ImportId = import.Undoes is { } undone ? await client.UndoAsync(undone.ImportId!.Value, cancellationToken)
                : import.Plan is { } plan ? await client.ApplyPlanAsync(plan.PlanId!.Value, cancellationToken: cancellationToken)
                : await client.ImportAsync(import.UploadId!.Value, cancellationToken);
        }
        catch (EntityImportProblemException problem) when ((import.Undoes is not null || import.Plan is not null) && problem.StatusCode is HttpStatusCode.Conflict or HttpStatusCode.Gone)
        {
            import.Refusal = CodeOf(problem);
        }
    }

    private static string CodeOf(EntityImportProblemException problem) => problem.Problem.Type.Split(':')[^1];

    private async Task<PlanDetails?> FindEndAsync(InvokedPlan plan, CancellationToken cancellationToken)
    {
        var details = await FindEndAsync(client, plan, cancellationToken);
        if (plan.To == int.MaxValue) plan.To = lane.LastNumber;
        return details;
    }

    private async Task WaitForImportsAsync(CancellationToken cancellationToken)
    {
        foreach (var import in lane.Unsettled.Where(import => import.Number > lane.LastEnded && import.ImportId is not null).ToList())
        {
            await client.WaitAsync(import.ImportId!.Value, Limit, cancellationToken);
            lane.LastEnded = import.Number;
        }
    }

    private async Task ImportAsync(InvokedImport import, CancellationToken cancellationToken)
    {
        import.UploadId = await UploadAsync(import.Kind!, import.File!, cancellationToken);
        lane.Add(import);
        await InvokeAsync(client, import, cancellationToken);
    }

    private async Task PlanAsync(InvokedPlan plan, bool cancels, CancellationToken cancellationToken)
    {
        plan.UploadId = await UploadAsync(plan.Kind, plan.File, cancellationToken);
        plan.From = lane.LastEnded;
        plan.MayHaveExpired = lane.LetsExpire;
        lane.Plans.Add(plan);
        plan.PlanId = await client.PlanAsync(plan.UploadId.Value, cancellationToken);
        if (!cancels) return;
        plan.MayBeCancelled = true;
        try
        {
            await client.CancelPlanAsync(plan.PlanId.Value, cancellationToken);
            plan.IsCancelled = true;
        }
        catch (EntityImportProblemException problem) when (CodeOf(problem) is "plan-already-ended" or "plan-committing")
        {
            plan.MayBeCancelled = false;
        }
    }

    private async Task ApplyAsync(InvokedPlan plan, CancellationToken cancellationToken)
    {
        if (await FindEndAsync(plan, cancellationToken) is not { Plan.State: ImportState.Succeeded }) return;
        var import = InvokedImport.Of(plan);
        lane.Add(import);
        await InvokeAsync(client, import, cancellationToken);
    }

    private async Task UndoAsync(InvokedImport undone, bool twice, CancellationToken cancellationToken)
    {
        if (undone.ImportId is not { } importId) return;
        await client.WaitAsync(importId, Limit, cancellationToken);
        var undo = InvokedImport.Undo(undone);
        lane.Add(undo);
        await InvokeAsync(client, undo, cancellationToken);
        if (twice) await UndoAsync(undo, twice: false, cancellationToken);
    }

    private async Task DeleteAsync(InvokedPlan plan, CancellationToken cancellationToken)
    {
        if (plan.PlanId is not { } planId) return;
        await FindEndAsync(plan, cancellationToken);
        plan.MayBeDeleted = true;
        try
        {
            await client.DeletePlanAsync(planId, cancellationToken);
            plan.IsDeleted = true;
        }
        catch (EntityImportProblemException problem) when (CodeOf(problem) == "plan-being-applied")
        {
            plan.MayBeDeleted = false;
        }
    }

    private async Task<Guid> UploadAsync(ImportKind kind, CsvFile file, CancellationToken cancellationToken)
    {
        Guid uploadId;
        try
        {
            using var content = new MemoryStream(file.Bytes);
            uploadId = await client.UploadAsync(lane.Mappings[kind], content, $"{lane.Entity}.csv", cancellationToken);
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException or EntityImportProblemException { StatusCode: HttpStatusCode.ServiceUnavailable })
        {
            settlement.AddLostUpload(file);
            throw;
        }

        settlement.AddUpload(uploadId, file);
        return uploadId;
    }
}
