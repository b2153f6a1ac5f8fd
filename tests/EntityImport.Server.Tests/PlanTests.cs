using System.Net;
using System.Text.Json;
using EntityImport.Api;
using Microsoft.Extensions.Time.Testing;

namespace EntityImport.Server.Tests;

/// <summary>See before: a plan tells what an import would do, and what applies it does just that, or is refused.</summary>
public sealed class PlanTests(TestServer server)
{
    private const string Header = "Sku,Name,Price,Quantity\n";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_plan_is_made_read_and_applied()
    {
        var (entity, mapping) = await server.MapProductAsync();
        await server.ImportAsync(mapping, Header + "a,one,10.50,1\nb,two,20,2\nc,three,30,3\n");
        var upload = await server.UploadAsync(mapping, Header + "a,one,11.50,1\nb,two,-980,2\nc,three,30,3\nd,four,40,4\nbad,five,x,5\n");

        var plan = await PlanAsync(server, upload);

        Assert.Equal((ImportState.Succeeded, true, null), (plan.Plan.State, plan.Valid, plan.Moved));
        Assert.Equal((5, 1, 2, 1, 1), (plan.Plan.Ledger.Records, plan.Plan.Ledger.Inserted, plan.Plan.Ledger.Updated, plan.Plan.Ledger.Unchanged, plan.Plan.Ledger.Rejected));
        Assert.Equal([("Sku", 0L), ("Name", 0L), ("Price", 2L), ("Quantity", 0L)], plan.Changes!.Fields.Select(field => (field.SystemName, field.Updated)));
        Assert.Equal(3, (await server.Client.ReadRecordsAsync(entity, cancellationToken: Cancel)).Records.Count);

        var moves = await server.Client.ListChangesAsync(plan.Plan.PlanId, ChangeKind.Updated, "price", limit: 1, cancellationToken: Cancel);
        Assert.Equal("""{"kind":"UPDATED","row":2,"key":{"Sku":"b"},"before":{"Price":20.0000000000},"after":{"Price":-980.0000000000}}""", JsonSerializer.Serialize(Assert.Single(moves.Changes), ApiJson.Options));
        var rest = await server.Client.ListChangesAsync(plan.Plan.PlanId, ChangeKind.Updated, "price", limit: 1, moves.NextCursor, Cancel);
        Assert.Equal(("a", null), (Assert.Single(rest.Changes).Key["Sku"].GetString(), rest.NextCursor));
        Assert.Equal("d", Assert.Single((await server.Client.ListChangesAsync(plan.Plan.PlanId, ChangeKind.Inserted, cancellationToken: Cancel)).Changes).Key["Sku"].GetString());
        Assert.Equal("number.format", Assert.Single((await server.Client.ListPlanErrorsAsync(plan.Plan.PlanId, cancellationToken: Cancel)).Errors).Reasons[0].Code);

        var import = await server.Client.ApplyPlanAsync(plan.Plan.PlanId, "as agreed", Cancel);
        Assert.Equal(ImportStatus.Succeeded, (await server.Client.WaitAsync(import, TestServer.Patience, Cancel)).Status);

        var details = await server.Client.GetImportAsync(import, Cancel);
        Assert.Equal((plan.Plan.PlanId, plan.Plan.Ledger, upload), (details.PlanId, details.Ledger, details.UploadId));
        Assert.Equal("number.format", Assert.Single((await server.Client.ListErrorsAsync(import, cancellationToken: Cancel)).Errors).Reasons[0].Code);
        Assert.Equal(
            ["a 11.5000000000", "b -980.0000000000", "c 30.0000000000", "d 40.0000000000"],
            (await server.Client.ReadRecordsAsync(entity, cancellationToken: Cancel)).Records.Select(record => $"{record.GetProperty("Sku").GetString()} {record.GetProperty("Price").GetRawText()}"));
        var applied = await server.Client.GetPlanAsync(plan.Plan.PlanId, Cancel);
        Assert.Equal((import, "as agreed", "contents", import), (applied.Plan.AppliedBy, applied.Reason, applied.Moved!.What, applied.Moved.ImportId));
        await server.RefusedAsync(HttpMethod.Post, $"/v1/EntityImport/plans/{plan.Plan.PlanId}/apply", HttpStatusCode.Conflict, "upload-already-imported");
    }

    [Fact]
    public async Task Changes_come_as_CSV_too()
    {
        var (_, mapping) = await server.MapProductAsync();
        await server.ImportAsync(mapping, Header + "a,one,10.50,1\n");
        var plan = await PlanAsync(server, await server.UploadAsync(mapping, Header + "a,\"o,ne\",10.50,1\nb,two,,2\n"));

        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/EntityImport/plans/{plan.Plan.PlanId}/changes");
        request.Headers.Accept.ParseAdd("text/csv");
        using var answer = await server.Http.SendAsync(request, Cancel);

        Assert.Equal("text/csv", answer.Content.Headers.ContentType?.MediaType);
        var lines = (await answer.Content.ReadAsStringAsync(Cancel)).Split("\r\n");
        Assert.Equal("changeKind,changeRow,Sku,Name before,Name after,Price before,Price after,Quantity before,Quantity after", lines[0]);
        Assert.Equal(["", "INSERTED,2,b,,two,,,,2", "UPDATED,1,a,one,\"o,ne\",10.5000000000,10.5000000000,1,1"], lines[1..].Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_plan_that_something_moved_since_is_refused_with_what_moved()
    {
        var (entity, mapping) = await server.MapProductAsync();
        await server.ImportAsync(mapping, Header + "a,one,10.50,1\n");
        var plan = await PlanAsync(server, await server.UploadAsync(mapping, Header + "a,one,12,1\n"));
        var moved = (await server.ImportAsync(mapping, Header + "a,one,11,1\n")).Status.EntityImportId;

        var problem = await server.RefusedAsync(HttpMethod.Post, $"/v1/EntityImport/plans/{plan.Plan.PlanId}/apply", HttpStatusCode.Conflict, "plan-stale");

        Assert.Contains(moved.ToString(), problem.GetProperty("errors").GetProperty("contents")[0].GetString(), StringComparison.Ordinal);
        var details = await server.Client.GetPlanAsync(plan.Plan.PlanId, Cancel);
        Assert.Equal((false, "contents", moved), (details.Valid, details.Moved!.What, details.Moved.ImportId));
        Assert.Equal("11.0000000000", Assert.Single((await server.Client.ReadRecordsAsync(entity, cancellationToken: Cancel)).Records).GetProperty("Price").GetRawText());
    }

    [Fact]
    public async Task A_dry_run_is_a_plan_and_spends_nothing()
    {
        var (entity, mapping) = await server.MapProductAsync(new ImportDefinition { DryRun = true });
        var run = await server.ImportAsync(mapping, Header + "a,one,10.50,1\n");
        var details = await server.Client.GetImportAsync(run.Status.EntityImportId, Cancel);

        Assert.Equal((true, ReportStatus.Success), (details.DryRun, run.Report.Status));
        var plan = await server.Client.GetPlanAsync(details.PlanId!.Value, Cancel);
        Assert.Equal((details.ImportId, true), (plan.Plan.DryRunId, plan.Valid));
        Assert.Empty((await server.Client.ReadRecordsAsync(entity, cancellationToken: Cancel)).Records);
        // It runs again as often as one likes; then its plan is applied.
        var again = await server.Client.ImportAsync(run.UploadId, Cancel);
        await server.Client.WaitAsync(again, TestServer.Patience, Cancel);
        var import = await server.Client.ApplyPlanAsync(plan.Plan.PlanId, cancellationToken: Cancel);
        Assert.Equal(ImportStatus.Succeeded, (await server.Client.WaitAsync(import, TestServer.Patience, Cancel)).Status);
        Assert.Single((await server.Client.ReadRecordsAsync(entity, cancellationToken: Cancel)).Records);
    }

    [Fact]
    public async Task A_plan_that_cannot_be_made_says_why_and_has_nothing_to_apply()
    {
        var (_, mapping) = await server.MapProductAsync();
        var plan = await PlanAsync(server, await server.UploadAsync(mapping, Header + "a,one,x,1\n"));

        Assert.Equal((ImportState.Failed, "no-good-rows", false), (plan.Plan.State, plan.Plan.Code, plan.Valid));
        Assert.Single((await server.Client.ListPlanErrorsAsync(plan.Plan.PlanId, cancellationToken: Cancel)).Errors);
        await server.RefusedAsync(HttpMethod.Get, $"/v1/EntityImport/plans/{plan.Plan.PlanId}/changes", HttpStatusCode.Conflict, "plan-failed");
        await server.RefusedAsync(HttpMethod.Post, $"/v1/EntityImport/plans/{plan.Plan.PlanId}/apply", HttpStatusCode.Conflict, "plan-failed");
        await server.RefusedAsync(HttpMethod.Post, $"/v1/EntityImport/plans/{plan.Plan.PlanId}/cancel", HttpStatusCode.Conflict, "plan-already-ended");
    }

    [Fact]
    public async Task A_plan_is_listed_and_deleted()
    {
        var (entity, mapping) = await server.MapProductAsync();
        var upload = await server.UploadAsync(mapping, Header + "a,one,10.50,1\n");
        var (first, second) = (await PlanAsync(server, upload), await PlanAsync(server, upload));

        Assert.Equal([second.Plan.PlanId, first.Plan.PlanId], (await server.Client.ListPlansAsync(entity.ToUpperInvariant(), cancellationToken: Cancel)).Plans.Select(plan => plan.PlanId));
        var page = await server.SendAsync(HttpMethod.Get, $"/v1/EntityImport/plans?entity={entity}&limit=1", HttpStatusCode.OK);
        var next = await server.Client.ListPlansAsync(entity, page.GetProperty("nextCursor").GetString(), Cancel);
        Assert.Equal(first.Plan.PlanId, Assert.Single(next.Plans).PlanId);

        await server.Client.DeletePlanAsync(first.Plan.PlanId, Cancel);

        await server.RefusedAsync(HttpMethod.Get, $"/v1/EntityImport/plans/{first.Plan.PlanId}", HttpStatusCode.NotFound, "plan-not-found");
        await server.RefusedAsync(HttpMethod.Post, $"/v1/EntityImport/plans/{first.Plan.PlanId}/apply", HttpStatusCode.NotFound, "plan-not-found");
        Assert.Equal(second.Plan.PlanId, Assert.Single((await server.Client.ListPlansAsync(entity, cancellationToken: Cancel)).Plans).PlanId);
    }

    [Theory]
    [InlineData("POST", "plans", 405)]
    [InlineData("GET", "plans/x", 404)]
    [InlineData("PUT", "plans/0b1c2d3e-4f50-4172-8394-a5b6c7d8e9f0", 405)]
    [InlineData("GET", "plans/0b1c2d3e-4f50-4172-8394-a5b6c7d8e9f0/apply", 405)]
    public async Task Other_methods_and_ids_are_refused(string method, string path, int status) =>
        await server.SendAsync(new HttpMethod(method), $"/v1/EntityImport/{path}", (HttpStatusCode)status);

    [Theory]
    [InlineData("kind=GONE")]
    [InlineData("kind=0")]
    [InlineData("kind=INSERTED,UPDATED")]
    [InlineData("field=Nothing")]
    [InlineData("limit=1001")]
    [InlineData("cursor=x")]
    [InlineData("cursor=MSBOYU4")]
    public async Task Bad_parameters_of_changes_are_named(string query)
    {
        var (_, mapping) = await server.MapProductAsync();
        var plan = await PlanAsync(server, await server.UploadAsync(mapping, Header + "a,one,10.50,1\n"));

        var problem = await server.RefusedAsync(HttpMethod.Get, $"/v1/EntityImport/plans/{plan.Plan.PlanId}/changes?{query}", HttpStatusCode.BadRequest, "invalid-parameter");
        Assert.True(problem.GetProperty("errors").TryGetProperty(query.Split('=')[0], out _));
    }

    [Fact]
    public async Task Its_time_over_a_plan_is_gone_and_no_earlier()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var own = new TestServer(options => options with { KeepPlans = TimeSpan.FromHours(1) }) { Clock = clock };
        await own.InitializeAsync();
        var (_, mapping) = await own.MapProductAsync();
        var plan = await PlanAsync(own, await own.UploadAsync(mapping, Header + "a,one,10.50,1\nb,one,x,1\n"));

        clock.Advance(TimeSpan.FromMinutes(59));
        Assert.Single((await own.Client.ListChangesAsync(plan.Plan.PlanId, cancellationToken: Cancel)).Changes);
        clock.Advance(TimeSpan.FromMinutes(2));

        foreach (var path in (string[])["", "/events", "/changes", "/errors"]) await own.RefusedAsync(HttpMethod.Get, $"/v1/EntityImport/plans/{plan.Plan.PlanId}{path}", HttpStatusCode.Gone, "plan-expired");
        await own.RefusedAsync(HttpMethod.Post, $"/v1/EntityImport/plans/{plan.Plan.PlanId}/apply", HttpStatusCode.Gone, "plan-expired");
        // What it kept is deleted by a sweep, which first says so: a kill in between leaves it to the next one.
        var kept = Path.Combine(own.DataDirectory, "imports", $"{plan.Plan.PlanId:D}");
        Assert.True(Directory.Exists(kept));
        await Eventually.TrueAsync(
            () =>
            {
                clock.Advance(TimeSpan.FromMinutes(10));
                return Task.FromResult(!Directory.Exists(kept));
            },
            "The plan was not swept.");
        Assert.Equal(0, Assert.Single((await own.Client.ListPlansAsync(cancellationToken: Cancel)).Plans).Bytes);
    }

    [Fact]
    public async Task Plans_take_no_more_together_than_they_may()
    {
        await using var own = new TestServer(options => options with { MaxPlanBytes = 1 << 20 });
        await own.InitializeAsync();
        var (_, mapping) = await own.MapProductAsync();
        var upload = await own.UploadAsync(mapping, Header + string.Concat(Enumerable.Range(0, 10_000).Select(row => $"{row},name of {row},10.50,1\n")));

        var first = await PlanAsync(own, upload);
        var second = await PlanAsync(own, upload);

        Assert.InRange(first.Plan.Bytes, (1 << 20) / 2, 1 << 20);
        Assert.Equal((ImportState.Failed, "plans-full"), (second.Plan.State, second.Plan.Code));
        await own.Client.DeletePlanAsync(first.Plan.PlanId, Cancel);
        Assert.Equal(ImportState.Succeeded, (await PlanAsync(own, upload)).Plan.State);
    }

    [Fact]
    public async Task A_plan_outlives_a_restart_and_is_applied_once_however_often_the_request_comes()
    {
        await using var own = new TestServer();
        await own.InitializeAsync();
        var (entity, mapping) = await own.MapProductAsync();
        var plan = await PlanAsync(own, await own.UploadAsync(mapping, Header + "a,one,10.50,1\nb,one,x,1\n"));

        await own.RestartAsync();

        Assert.Equal(JsonSerializer.Serialize(plan, ApiJson.Options), JsonSerializer.Serialize(await own.Client.GetPlanAsync(plan.Plan.PlanId, Cancel), ApiJson.Options));
        Assert.Single((await own.Client.ListPlanErrorsAsync(plan.Plan.PlanId, cancellationToken: Cancel)).Errors);
        var imports = new HashSet<Guid>();
        for (var i = 0; i < 3; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/EntityImport/plans/{plan.Plan.PlanId}/apply");
            request.Headers.Add("Idempotency-Key", "\"k\"");
            using var answer = await own.Http.SendAsync(request, Cancel);
            Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
            imports.Add(JsonElement.Parse(await answer.Content.ReadAsStringAsync(Cancel)).GetProperty("importId").GetGuid());
        }

        await own.Client.WaitAsync(Assert.Single(imports), TestServer.Patience, Cancel);
        Assert.Single((await own.Client.ReadRecordsAsync(entity, cancellationToken: Cancel)).Records);
    }

    internal static async Task<PlanDetails> PlanAsync(TestServer server, Guid upload)
    {
        var plan = await server.Client.PlanAsync(upload, Cancel);
        PlanDetails? last = null;
        await foreach (var details in server.Client.WatchPlanAsync(plan, Cancel)) last = details;
        return last!;
    }
}
