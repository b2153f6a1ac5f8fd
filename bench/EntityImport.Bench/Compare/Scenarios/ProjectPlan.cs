using EntityImport.Bench.Compare.Data;
using EntityImport.Catalog;
using EntityImport.Engine;

namespace EntityImport.Bench.Compare.Scenarios;

/// <summary>This project: what an import would do, found and kept. The entity stays as it is.</summary>
internal sealed class ProjectPlan(string name, string group, string title, DataVariant input, string mode) : ProjectImport(name, group, title, input, mode)
{
    public override string? Content => ContentOf(Existing!.Value);

    protected override async Task<Import> WorkAsync(ImportEngine engine, Guid subject) => (await PlanAsync(engine, subject)).Run;
}
