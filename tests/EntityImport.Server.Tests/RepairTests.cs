using System.Net;
using EntityImport.Api;
using EntityImport.Client;

namespace EntityImport.Server.Tests;

/// <summary>A repair from the first look at the causes to the last row.</summary>
public sealed class RepairTests(TestServer server)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Rejected_rows_are_cured_edited_planned_and_brought_in_and_the_chain_is_told()
    {
        var (entity, mapping) = await server.MapProductAsync(new ImportDefinition { FieldDelimiter = ";" });
        var import = (await server.ImportAsync(mapping, "Sku;Price;Quantity\na;1.234,50;1\nb;17,5;1\nc;3;x\nd;4;1\ne;5\n")).Status.EntityImportId;
        var causes = (await server.Client.ListCausesAsync(import, Cancel)).Causes;
        var cause = Assert.Single(causes, cause => cause.Shape == "9.9,9").Cause;
        var cure = (await server.Client.MeasureCuresAsync(import, new CureRequest { Cause = cause }, Cancel)).Cures[0].Cure;

        var begun = await server.Client.GetRepairAsync(import, cancellationToken: Cancel);
        var changed = await server.Client.ChangeRepairAsync(
            import,
            new RepairChange
            {
                Cures = [new ChosenCure(cause, cure)],
                Edits = [new RowEdit(3, new Dictionary<string, string> { ["Quantity"] = "3" }), new RowEdit(5, new Dictionary<string, string> { ["Sku"] = "e", ["2"] = "5" })],
                Drops = [2],
            },
            begun.Version,
            Cancel);
        var outdated = await Assert.ThrowsAsync<EntityImportProblemException>(() => server.Client.ChangeRepairAsync(import, new RepairChange { Drops = [3] }, begun.Version, Cancel));
        var repair = await server.Client.GetRepairAsync(import, cancellationToken: Cancel);
        var checkedRows = (await server.Client.CheckRepairAsync(import, new RepairCheck { Rows = [1, 2, 5] }, Cancel)).Rows;
        var edits = await server.Client.ListRepairEditsAsync(import, limit: 1, cancellationToken: Cancel);
        await server.RefusedAsync(HttpMethod.Post, $"/v1/EntityImport/imports/{import}/repair/import", HttpStatusCode.Conflict, "repair-unplanned");

        Assert.Equal((0L, 4L, 0L, 4L), (begun.Version, begun.Rows, begun.Ready, begun.Left));
        Assert.Equal((1L, 3), (changed.Version, changed.Edits));
        Assert.Equal(HttpStatusCode.PreconditionFailed, outdated.StatusCode);
        var uncounted = await server.Client.GetRepairAsync(import, counts: false, Cancel);
        Assert.Equal(repair with { Ready = null, Left = null, Dropped = null, Cures = [], RepairedBy = [] }, uncounted with { Cures = [], RepairedBy = [] });
        Assert.Equal((3L, 0L, 1L, 0L, 5L, 1L), (repair.Ready, repair.Left, repair.Dropped, repair.Repaired, repair.Records, repair.Processed));
        Assert.Equal(["READY", "DROPPED", "READY"], checkedRows.Select(row => row.State));
        Assert.Equal(["a", "1234.5", "1"], checkedRows[0].Fields!);
        Assert.Equal((null, true, "5"), (checkedRows[0].Edit, checkedRows[1].Edit!.Dropped, checkedRows[2].Edit!.Columns!["2"]));
        Assert.Equal(cause, (await server.Client.ListErrorsAsync(import, new ErrorFilter { Cause = cause }, 0, cancellationToken: Cancel)).Errors[0].Reasons[0].Cause);
        Assert.Equal((2L, true), (Assert.Single(edits.Edits).Row, edits.NextCursor is not null));

        var planned = await server.Client.PlanRepairAsync(import, cancellationToken: Cancel);
        await foreach (var _ in server.Client.WatchPlanAsync(planned.PlanId, Cancel)) { }
        Assert.True((await server.Client.GetRepairAsync(import, cancellationToken: Cancel)).IsPlanned);
        var plan = await server.Client.GetPlanAsync(planned.PlanId, Cancel);
        Assert.Equal(import, plan.Repairs);
        Assert.Equal(3, planned.Rows);
        Assert.Equivalent(planned, plan.Repair, strict: true);
        var by = await server.Client.ImportRepairAsync(import, cancellationToken: Cancel);
        await server.Client.WaitAsync(by, TestServer.Patience, Cancel);

        Assert.Equal(["a", "c", "d", "e"], (await server.Client.ReadRecordsAsync(entity, cancellationToken: Cancel)).Records.Select(record => record.GetProperty("Sku").GetString()).Order());
        Assert.Equal(import, (await server.Client.GetImportAsync(by, Cancel)).Repairs);
        Assert.Equal([by], (await server.Client.GetImportAsync(import, Cancel)).RepairedBy);
        repair = await server.Client.GetRepairAsync(import, cancellationToken: Cancel);
        Assert.Equal((0L, 1L, 3L, 4L), (repair.Ready, repair.Dropped, repair.Repaired, repair.Processed));
        await server.RefusedAsync(HttpMethod.Post, $"/v1/EntityImport/imports/{import}/repair/plan", HttpStatusCode.Conflict, "repair-empty");
    }

    [Fact]
    public async Task Each_fault_of_an_edit_is_told_once()
    {
        var (_, mapping) = await server.MapProductAsync();
        var import = (await server.ImportAsync(mapping, "Sku,Quantity\na,1\nb,x\n")).Status.EntityImportId;
        var path = $"/v1/EntityImport/imports/{import}/repair";
        var cause = (await server.Client.ListCausesAsync(import, Cancel)).Causes[0].Cause;

        var draft = await server.RefusedAsync(
            HttpMethod.Patch, path, HttpStatusCode.BadRequest, "validation", TestServer.Json("""{ "edits": [{ "row": 1.5, "fields": {} }, { "fields": {} }, { "row": 1, "fields": {} }, { "row": 2, "fields": { "Colour": "red" } }] }"""));
        var cures = await server.RefusedAsync(
            HttpMethod.Post, $"/v1/EntityImport/imports/{import}/cures", HttpStatusCode.BadRequest, "validation", TestServer.Json($$"""{ "cause": "{{cause}}", "edit": { "row": "2", "value": "1" } }"""));

        Assert.Equal(
            [
                ("edits[0].row", "Expected a whole number from 1 to 2147483647, not 1.5."), ("edits[1].row", "The member is required."),
                ("edits[2].row", "The import has not rejected this row."), ("edits[3].fields", "The file has no column 'Colour'."),
            ],
            FaultsOf(draft));
        Assert.Equal([("edit.row", "Expected a whole number from 1 to 2147483647, not the string '2'.")], FaultsOf(cures));
        Assert.Equal((0L, 0), ((await server.Client.GetRepairAsync(import, cancellationToken: Cancel)).Version, (await server.Client.GetRepairAsync(import, cancellationToken: Cancel)).Edits));

        static IEnumerable<(string, string)> FaultsOf(System.Text.Json.JsonElement problem) =>
            problem.GetProperty("errors").EnumerateObject().SelectMany(member => member.Value.EnumerateArray().Select(fault => (member.Name, fault.GetString()!))).Order();
    }

    [Fact]
    public async Task What_cannot_be_repaired_says_why()
    {
        var (_, mapping) = await server.MapProductAsync();
        var failed = (await server.ImportAsync(mapping, "Sku,Quantity\na,x\n")).Status.EntityImportId;

        await server.RefusedAsync(HttpMethod.Get, $"/v1/EntityImport/imports/{failed}/repair", HttpStatusCode.Conflict, "not-repairable");
        await server.RefusedAsync(HttpMethod.Get, $"/v1/EntityImport/imports/{Guid.NewGuid()}/repair", HttpStatusCode.NotFound, "import-not-found");
    }
}
