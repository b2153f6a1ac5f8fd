using EntityImport.Access;
using EntityImport.Bench.Compare.Data;
using EntityImport.Catalog;
using EntityImport.Engine;

namespace EntityImport.Bench.Compare.Scenarios;

/// <summary>This project: what a plan keeps, done. The plan is there before, and nothing has moved since.</summary>
internal sealed class ProjectApply(string name, string group, string title, DataVariant input, string mode) : ProjectImport(name, group, title, input, mode)
{
    public override string Prepared => $"plan-{base.Prepared}";

    protected override async Task<Guid> BeginAsync(ImportEngine engine, Guid upload) => (await PlanAsync(engine, upload)).Id;

    protected override async Task<Import> WorkAsync(ImportEngine engine, Guid subject)
    {
        var import = await engine.Plans.ApplyAsync(Request.Anonymous, subject, reason: null, CancellationToken.None);
        return await engine.ImportViews.WaitAsync(Request.Anonymous, import!.Id, CancellationToken.None);
    }
}
