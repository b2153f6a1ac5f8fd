using System.Text.Json.Nodes;
using EntityImport.Api;
using EntityImport.Cli.Output;
using EntityImport.Cli.Services;

namespace EntityImport.Cli.Imports;

/// <summary>Does what a plan told of, and says what became of the rows.</summary>
internal sealed class PlannedImport(Guid planId, string? reason, FileInfo errorFile, IService service, Terminal terminal)
{
    /// <returns>An <see cref="ExitCode"/>.</returns>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        ImportDetails? end = null;
        await ProgressView.ShowAsync(
            terminal, async view => end = await BegunImport.RunAsync(() => service.ApplyPlanAsync(planId, reason, CancellationToken.None), "import", service, view, cancellationToken));
        var import = end!;
        try
        {
            return await ReportAsync(import, TimeProvider.System.GetElapsedTime(started));
        }
        catch (ServiceFailure failure) when (import.State == ImportState.Succeeded)
        {
            throw new CommandFailure($"{failure.Message} The import {import.ImportId} into {import.EntitySystemName} has succeeded; what became of its rows cannot be told now.", failure) { ExitCode = ExitCode.EndUnknown };
        }
    }

    private async Task<int> ReportAsync(ImportDetails import, TimeSpan elapsed)
    {
        var entity = await service.FindEntityAsync(import.EntitySystemName, CancellationToken.None) ?? throw new CommandFailure($"The entity {import.EntitySystemName} was deleted.");
        var mapping = new JsonObject { ["entitySystemName"] = entity.SystemName, ["definition"] = JsonObject.Create(import.Definition) };
        // Corrected rows are not to replace the others.
        var options = string.Equals(mapping["definition"]?["importMode"]?.GetValue<string>(), "INSERT", StringComparison.OrdinalIgnoreCase) ? " --mode insert" : "";
        var report = new ImportReport(import, new PreparedImport(entity, mapping.ToJsonString(), IsNew: false), errorFile, options, service, terminal);
        return await report.WriteAsync(elapsed, CancellationToken.None);
    }
}
