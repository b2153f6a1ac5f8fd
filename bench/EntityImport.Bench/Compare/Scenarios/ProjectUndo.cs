using EntityImport.Access;
using EntityImport.Bench.Compare.Data;
using EntityImport.Catalog;
using EntityImport.Engine;

namespace EntityImport.Bench.Compare.Scenarios;

/// <summary>This project: a REPLACE that nothing followed, taken back.</summary>
/// <param name="name">Its name on the command line.</param>
/// <param name="group">The name of the group that it belongs to.</param>
/// <param name="title">What it does, for the table.</param>
/// <param name="input">What the entity held before, and holds again.</param>
/// <param name="replacing">What took its place.</param>
internal sealed class ProjectUndo(string name, string group, string title, DataVariant input, DataVariant replacing) : ProjectImport(name, group, title, input, "REPLACE")
{
    public override IEnumerable<DataVariant> Files => [Input, replacing];

    public override string Prepared => $"undo-{base.Prepared}";

    protected override DataVariant Imported => replacing;

    protected override async Task<Guid> BeginAsync(ImportEngine engine, Guid upload) => (await ImportAsync(engine, upload)).Id;

    protected override async Task<Import> WorkAsync(ImportEngine engine, Guid subject)
    {
        var undo = await engine.Undos.InvokeAsync(Request.Anonymous, subject, CancellationToken.None);
        return await engine.ImportViews.WaitAsync(Request.Anonymous, undo!.Id, CancellationToken.None);
    }

    /// <summary>Each record went and each came, and both are taken back.</summary>
    protected override bool DidAll(Ledger ledger, long rows) => ledger.Reversed == 2 * rows && ledger.Kept == 0;
}
