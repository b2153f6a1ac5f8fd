using System.Globalization;
using System.Text.Json;
using EntityImport.Access;
using EntityImport.Api;
using EntityImport.Catalog;
using EntityImport.Engine;
using EntityImport.Server.Access;
using EntityImport.Server.Changes;
using EntityImport.Server.Http;
using EntityImport.Server.Imports;
using EntityImport.Server.OpenApi;
using Microsoft.AspNetCore.Http.HttpResults;
using ChangePage = EntityImport.Api.ChangePage;

namespace EntityImport.Server.Plans;

/// <summary>Plans: what an import would do, to be read and then applied.</summary>
internal static class PlanEndpoints
{
    private const int MaxReasonCharacters = 1000;

    private const string Example = """
        {
          "plan": {
            "planId": "0b1c2d3e-4f50-4172-8394-a5b6c7d8e9f0",
            "uploadId": "1c2d3e4f-5061-4283-94a5-b6c7d8e9f0a1",
            "mappingId": "2d3e4f50-6172-4394-a5b6-c7d8e9f0a1b2",
            "mappingRevision": 1,
            "entitySystemName": "prices",
            "state": "SUCCEEDED",
            "startDate": "2026-03-01T08:00:00.000Z",
            "stopDate": "2026-03-01T08:00:01.250Z",
            "invokedBy": null,
            "dryRunId": null,
            "ledger": { "records": 200, "inserted": 5, "updated": 12, "unchanged": 181, "superseded": 0, "rejected": 2, "removed": 0, "balanced": true, "skipped": 0 },
            "bytes": 2176,
            "expiresDate": "2026-03-08T08:00:01.250Z",
            "appliedBy": null,
            "code": null,
            "message": "entity-import/1c2d3e4f-5061-4283-94a5-b6c7d8e9f0a1/data into prices: 2 of 200 rows could not be imported (plan: nothing was written)."
          },
          "progress": null,
          "file": { "name": "prices.csv", "size": 9120, "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08" },
          "changes": { "inserted": 5, "updated": 12, "removed": 0, "fields": [{ "systemName": "sku", "updated": 0 }, { "systemName": "price", "updated": 12 }] },
          "valid": false,
          "moved": { "what": "contents", "importId": "3e4f5061-7283-44a5-b6c7-d8e9f0a1b2c3", "message": "Import 3e4f5061-7283-44a5-b6c7-d8e9f0a1b2c3 has changed prices since the plan was made." },
          "reason": null,
          "warnings": [],
          "stageMilliseconds": { "open": 1, "plan": 2, "load": 800, "tokenize": 150, "convert": 260, "keys": 30, "merge": 20 },
          "links": { "self": "/v1/EntityImport/plans/0b1c2d3e-4f50-4172-8394-a5b6c7d8e9f0" }
        }
        """;

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/EntityImport/{uploadId}/plan", InvokeAsync)
            .Needs(Scope.Import)
            .WithTags("Plans")
            .WithName("PlanImport")
            .WithSummary("Find out what importing an uploaded file would do")
            .WithDescription(
                "The plan is made by itself, beside the imports, from the records as they are when it begins. Nothing is written into the entity, and neither the upload nor its mapping is spent. " +
                "While too many plans are unfinished, 503 with the problem queue-full and a Retry-After header.")
            .TakesIdempotencyKey()
            .Example(201, """{ "planId": "0b1c2d3e-4f50-4172-8394-a5b6c7d8e9f0" }""")
            .ProducesProblems(400, 404, 409, 422, 503, 507);
        var plans = routes.MapGroup("/EntityImport/plans").WithTags("Plans");
        plans.MapGet("", ListAsync)
            .Needs(Scope.Read | Scope.Import)
            .WithName("ListPlans")
            .WithSummary("Plans, newest first")
            .TakesQuery(
                ("entity", "Only plans for this entity, ignoring case."),
                ("status", "Only plans in one of these states, separated by commas: QUEUED, RUNNING, SUCCEEDED, FAILED, CANCELLED."),
                ("limit", "The most to return: 1 to 200, default 50."),
                ("cursor", "The nextCursor of the page before."))
            .ProducesProblems(400);
        plans.MapGet("/{planId}", FindAsync)
            .Needs(Scope.Read | Scope.Import)
            .WithName("GetPlan")
            .WithSummary("All that is known of a plan")
            .WithDescription("What the import would do, in figures that are exact, and whether it can still be applied. Once its time is over, a plan is 410 with the problem plan-expired on each of its paths.")
            .Example(200, Example)
            .ProducesProblems(404, 410);
        plans.MapGet("/{planId}/events", WatchAsync)
            .Needs(Scope.Read | Scope.Import)
            .Takes(Place.EventStreams)
            .WithName("WatchPlan")
            .WithSummary("A plan's progress as Server-Sent Events")
            .WithDescription("Events named `progress` and a last one named `ended`, each with the plan's details as data. The stream ends when the plan is ready, or ended otherwise.")
            .ProducesEvents()
            .ProducesProblems(404, 410);
        plans.MapGet("/{planId}/changes", ListChangesAsync)
            .Needs(Scope.Read)
            .Takes(Place.Queries)
            .WithName("ListChanges")
            .WithSummary("What a plan would do to records, before and after")
            .WithDescription(
                "With `field`, only the records whose value of that field is another one afterwards; of a field of numbers or dates the largest move first. As CSV (`Accept: text/csv`) without `limit`, all of them at once.")
            .TakesQuery(ChangeAnswers.Parameters)
            .Produces<ChangePage>(StatusCodes.Status200OK, "application/json", ChangeAnswers.Csv)
            .ProducesProblems(400, 404, 409, 410, 503);
        plans.MapGet("/{planId}/errors", ListErrorsAsync)
            .Needs(Scope.Read | Scope.Import)
            .WithName("ListPlanErrors")
            .WithSummary("Rows that a plan rejects, in file order")
            .TakesQuery(ImportListEndpoints.ErrorParameters)
            .ProducesProblems(400, 404, 409, 410, 500);
        plans.MapPost("/{planId}/apply", ApplyAsync)
            .Needs(Scope.Import)
            .WithName("ApplyPlan")
            .WithSummary("Import what a plan told of")
            .WithDescription(
                "The import is queued and runs by itself; it does what the plan says, without reading the file again. Where file, mapping, entity or its records moved since, nothing is imported: 409 with the problem plan-stale, which tells what moved. " +
                "Where an import that is queued before it changes the entity, it fails with the code plan-stale. What guards forbid is applied for an administrator who gives a reason: 403 for others, 409 with the problem guarded without one. The body can be left out.")
            .TakesJson<PlanApplication>("""{ "reason": "as agreed with sales" }""")
            .TakesIdempotencyKey()
            .Example(201, """{ "importId": "0b1c2d3e-4f50-4172-8394-a5b6c7d8e9f0" }""")
            .ProducesProblems(400, 403, 404, 409, 410, 413, 415, 422, 503, 507);
        plans.MapPost("/{planId}/cancel", CancelAsync)
            .Needs(Scope.Import)
            .WithName("CancelPlan")
            .WithSummary("End a plan that is being made")
            .TakesIdempotencyKey()
            .ProducesProblems(400, 404, 409, 422, 503);
        plans.MapDelete("/{planId}", DeleteAsync)
            .Needs(Scope.Import)
            .WithName("DeletePlan")
            .WithSummary("Delete a plan with all that it keeps")
            .WithDescription("Also one whose time is over. One that is being made is to be cancelled first; one that is being applied stays until that has ended.")
            .ProducesProblems(404, 409, 503);
    }

    private static async Task<Created<PlanCreated>> InvokeAsync(string uploadId, Call call, CancellationToken cancellationToken)
    {
        var id = RouteId.Find(uploadId, Refusal.UnknownUpload);
        var plan = await call.Engine.Plans.InvokeAsync(call.Request, id, cancellationToken) ?? throw Refusal.UnknownUpload(id);
        return TypedResults.Created($"/v1/EntityImport/plans/{plan.Id}", new PlanCreated(plan.Id));
    }

    private static async Task<Ok<PlanPage>> ListAsync(HttpRequest request, Call call, CancellationToken cancellationToken)
    {
        var limit = Parameters.Limit(request, max: 200, absent: 50);
        var query = new PlanQuery(Parameters.One(request, "entity"), ImportListEndpoints.States(request), Parameters.PlaceOfId(request), limit + 1);
        var found = await call.Engine.Plans.ListAsync(call.Request, query, cancellationToken);
        var (page, next) = Parameters.Page(found, limit, plan => Parameters.Cursor(plan.Id));
        return TypedResults.Ok(new PlanPage([.. page.Select(PlanSummary.Of)], next));
    }

    private static async Task<Ok<PlanDetails>> FindAsync(string planId, Call call, CancellationToken cancellationToken)
    {
        var id = RouteId.Find(planId, Refusal.UnknownPlan);
        var snapshot = await call.Engine.Plans.FindSnapshotAsync(call.Request, id, cancellationToken) ?? throw Refusal.UnknownPlan(id);
        return TypedResults.Ok(PlanDetails.Of(snapshot));
    }

    private static async Task WatchAsync(string planId, HttpResponse response, Call call, IHostApplicationLifetime lifetime, CancellationToken cancellationToken)
    {
        var plan = await RequireAsync(planId, call, cancellationToken);
        await ImportEvents.StreamAsync(
            response, lifetime, token => call.Engine.Plans.WatchAsync(call.Request, plan.Id, ImportEvents.Interval, token), snapshot => (snapshot.Plan.Run.HasEnded, PlanDetails.Of(snapshot)), cancellationToken);
    }

    private static async Task ListChangesAsync(string planId, HttpContext context, Call call, CancellationToken cancellationToken)
    {
        var plan = await RequireAsync(planId, call, cancellationToken);
        await ChangeAnswers.WriteAsync(
            context,
            () => [.. plan.Changes!.Fields.Select(field => plan.Entity!.FindField(field.SystemName)!)],
            name => PlanService.FindField(plan, name),
            query => call.Engine.Plans.ReadChangesAsync(call.Request, plan, query, cancellationToken),
            isComplete: null,
            cancellationToken);
    }

    private static async Task<Ok<ErrorPage>> ListErrorsAsync(string planId, HttpRequest request, Call call, CancellationToken cancellationToken)
    {
        var plan = await RequireAsync(planId, call, cancellationToken);
        if (!plan.Run.HasEnded) throw new RequestException(FaultKind.Conflict, "plan-running", "The plan is still being made.");
        return TypedResults.Ok(ErrorPage.Of(await call.Engine.RejectedRows.ReadAsync(call.Request, PlanService.RejectedOf(plan), ImportListEndpoints.Errors(request), cancellationToken)));
    }

    private static async Task<Created<ImportCreated>> ApplyAsync(string planId, HttpRequest request, Call call, CancellationToken cancellationToken)
    {
        var id = RouteId.Find(planId, Refusal.UnknownPlan);
        var reason = await ReadReasonAsync(request, cancellationToken);
        var import = await call.Engine.Plans.ApplyAsync(call.Request, id, reason, cancellationToken) ?? throw Refusal.UnknownPlan(id);
        return TypedResults.Created($"/v1/EntityImport/imports/{import.Id}", new ImportCreated(import.Id));
    }

    private static async Task<Accepted<PlanCreated>> CancelAsync(string planId, Call call, CancellationToken cancellationToken)
    {
        var id = RouteId.Find(planId, Refusal.UnknownPlan);
        if (!await call.Engine.Plans.CancelAsync(call.Request, id, cancellationToken)) throw Refusal.UnknownPlan(id);
        return TypedResults.Accepted($"/v1/EntityImport/plans/{id}", new PlanCreated(id));
    }

    private static async Task<NoContent> DeleteAsync(string planId, Call call, CancellationToken cancellationToken)
    {
        var id = RouteId.Find(planId, Refusal.UnknownPlan);
        if (!await call.Engine.Plans.DeleteAsync(call.Request, id, cancellationToken)) throw Refusal.UnknownPlan(id);
        return TypedResults.NoContent();
    }

    private static async Task<Plan> RequireAsync(string planId, Call call, CancellationToken cancellationToken)
    {
        var id = RouteId.Find(planId, Refusal.UnknownPlan);
        return await call.Engine.Plans.FindAsync(call.Request, id, cancellationToken) ?? throw Refusal.UnknownPlan(id);
    }

    /// <summary>The reason in the body; null where there is none, or no body.</summary>
    public static async Task<string?> ReadReasonAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.ContentLength is 0 || (request.ContentLength is null && request.Headers.TransferEncoding.Count == 0)) return null;
        using var body = await JsonBody.ReadAsync(request, cancellationToken);
        if (body.RootElement.ValueKind != JsonValueKind.Object) throw Refusal.Body("invalid-request", "Expected a JSON object with a reason, or no body.");
        string? reason = null;
        foreach (var member in body.RootElement.EnumerateObject())
        {
            if (member.Name != "reason") throw Invalid(Refusal.Cut(member.Name), "There is no such member.");
            if (member.Value.ValueKind == JsonValueKind.Null) continue;
            if (member.Value.ValueKind != JsonValueKind.String) throw Invalid("reason", "Expected a text.");
            reason = member.Value.GetString()!;
            if (reason.Length > MaxReasonCharacters) throw Invalid("reason", string.Create(CultureInfo.InvariantCulture, $"Expected at most {MaxReasonCharacters} characters."));
        }

        return reason;

        static RequestException Invalid(string path, string message) => new(FaultKind.Invalid, "invalid-request", $"{path}: {message}", [new RequestFault(path, message)]);
    }
}
