using EntityImport.Api;
using EntityImport.Cli.Output;
using EntityImport.Cli.Services;
using EntityImport.Client;

namespace EntityImport.Cli.Imports;

/// <summary>Finds out what importing a file would do, and says it.</summary>
internal sealed class FilePlan(ImportOrder order, IService service, Terminal terminal)
{
    /// <summary>Does it. An entity that was made for it stays where the plan is ready, for it could not be applied without it.</summary>
    /// <returns>The plan, which has ended.</returns>
    public async Task<PlanDetails> RunAsync(CancellationToken cancellationToken)
    {
        await InterruptedImports.FinishAsync(service, terminal, cancellationToken);
        var prepared = await new Preparation(order, MappingOrder.Read(order), service, terminal).RunAsync(cancellationToken);
        PlanDetails? plan = null;
        try
        {
            prepared.Save(order.SavedMapping);
            await ProgressView.ShowAsync(terminal, async view => plan = await PlanAsync(prepared, view, cancellationToken));
        }
        finally
        {
            if (prepared.IsNew && plan is not { Plan.State: ImportState.Succeeded }) await prepared.TakeBackAsync(service, terminal);
        }

        await new PlanReport(plan!, prepared, service, terminal).WriteAsync(cancellationToken);
        return plan!;
    }

    private async Task<PlanDetails> PlanAsync(PreparedImport prepared, IProgressView view, CancellationToken cancellationToken)
    {
        var upload = await StoredFile.StoreAsync(order, prepared, service, view, cancellationToken);
        var planId = await service.PlanAsync(upload, cancellationToken);
        PlanDetails? end = null;
        try
        {
            await foreach (var details in service.WatchPlanAsync(planId, cancellationToken))
            {
                if (details.Progress is { } progress) view.Importing(progress);
                end = details;
            }
        }
        catch (OperationCanceledException)
        {
            await service.CancelPlanAsync(planId, CancellationToken.None);
            throw;
        }

        return end is { Plan.State.HasEnded: true } ? end : throw new InvalidOperationException("The plan is gone.");
    }
}
