using System.Globalization;
using System.Text.Json;
using EntityImport.Access;
using EntityImport.Api;
using EntityImport.Server.Access;
using EntityImport.Server.Http;
using EntityImport.Server.OpenApi;
using EntityImport.Server.Plans;
using EntityImport.Server.Uploads;
using Microsoft.AspNetCore.Http.HttpResults;

namespace EntityImport.Server.Repairs;

/// <summary>What would make rejected rows good, and what somebody makes of them.</summary>
internal static class RepairEndpoints
{
    private const string CuresExample = """
        {
          "cause": "bnVtYmVyLmZvcm1hdApjcmVkaXRMaW1pdAo5LjksOQ",
          "rows": 1240,
          "acceptedRows": 44708,
          "cures": [
            {
              "cure": { "definition": { "decimalSeparator": ",", "groupingSeparator": "." }, "field": null, "entity": null, "text": null, "drop": false },
              "text": "read ',' as the decimal separator, and '.' as the grouping one",
              "accepted": 1238,
              "left": 2,
              "ready": 1231,
              "differing": 0,
              "reproducesEdit": true,
              "examples": [{ "row": 31, "line": 33, "before": "1.234,50", "after": "1234.5" }],
              "leftExamples": [{ "row": 812, "line": 815, "before": "1.23,4", "after": null }],
              "differingExamples": []
            }
          ]
        }
        """;

    public static void Map(IEndpointRouteBuilder routes)
    {
        var imports = routes.MapGroup("/EntityImport/imports/{importId}").WithTags("Repair");
        imports.MapPost("/cures", MeasureAsync)
            .Needs(Scope.Read | Scope.Import)
            .Takes(Place.Inferences)
            .WithName("MeasureCures")
            .WithSummary("Find cures of a cause, and run each over its rows and over those that were accepted")
            .WithDescription(
                "A cure reads the values of the cause otherwise (`definition`, `field`), changes their texts before (`text`), or widens the entity's field (`entity`). Each is run by the import's own converters, and told with how many rows of the cause it cures, and how many accepted " +
                "rows would have been read otherwise: more than none means that these may have been read wrongly. With `edit`, the cures that make of that value what the edit makes of it come first. With `cure`, that one is measured.")
            .TakesJson<CureRequest>("""{ "cause": "bnVtYmVyLmZvcm1hdApjcmVkaXRMaW1pdAo5LjksOQ", "edit": { "row": 31, "value": "1234.50" } }""")
            .Example(200, CuresExample)
            .ProducesProblems(400, 404, 409, 413, 415, 500, 503);
        imports.MapGet("/repair", FindAsync)
            .Needs(Scope.Read | Scope.Import)
            .WithName("GetRepair")
            .WithSummary("What has become of the rows that an import rejected")
            .WithDescription("The counts are found by the import's own converters, over all rejected rows as cures and edits have made them; of millions of rows that takes seconds the first time, and after other cures. The version is the ETag.")
            .TakesQuery(("counts", "false leaves out ready, left and dropped, which are null then. Default: true."))
            .ProducesProblems(400, 404, 409, 500);
        imports.MapPatch("/repair", ChangeAsync)
            .Needs(Scope.Import)
            .WithName("ChangeRepair")
            .WithSummary("Edit rejected rows, leave some out, choose cures")
            .WithDescription(
                "What is answered is durable. An edit takes the place of the one before of its row, and `cures` of all before. With `If-Match`, 412 with the problem repair-changed where somebody else has changed the repair since. At most 10,000 rows a call, and 100,000 edited rows in all; cures have no limit.")
            .TakesJson<RepairChange>("""{ "edits": [{ "row": 31, "fields": { "creditLimit": "1234.50" } }], "drops": [812] }""")
            .ProducesProblems(400, 404, 409, 412, 413, 415, 500, 503);
        imports.MapGet("/repair/edits", ListEditsAsync)
            .Needs(Scope.Read | Scope.Import)
            .WithName("ListRepairEdits")
            .WithSummary("Edits of single rows, in the order of the rows")
            .TakesQuery(("limit", "The most to return: 1 to 10000, default 1000."), ("cursor", "The nextCursor of the page before."))
            .ProducesProblems(400, 404, 409);
        imports.MapPost("/repair/merge", MergeAsync)
            .Needs(Scope.Import)
            .Takes(Place.Uploads)
            .WithName("MergeRepair")
            .WithSummary("Make edits of what was corrected in the error file")
            .WithDescription(
                "The file is the import's error file, or its copy for spreadsheets, as somebody has corrected it: with its columns and in any order of rows, of which some may be missing. It is sent as to POST /v1/EntityImport/{mappingId}/upload. " +
                "Each row is found again by its errorRow and errorLine; texts that are not as they were rejected take the place of the row's edit before. `columns` tells where: a spreadsheet may have changed more than its user did. " +
                "With `If-Match`, 412 with the problem repair-changed where somebody else has changed the repair since.")
            .TakesFile()
            .ProducesProblems(400, 404, 409, 412, 413, 415, 500, 503, 507);
        imports.MapPost("/repair/check", CheckAsync)
            .Needs(Scope.Read | Scope.Import)
            .WithName("CheckRepair")
            .WithSummary("Tell what has become of rows, or would become of them")
            .WithDescription("Up to 1,000 rows: as the repair has them (`rows`), or as they would be (`edits`). Nothing is kept.")
            .TakesJson<RepairCheck>("""{ "rows": [31, 812] }""")
            .ProducesProblems(400, 404, 409, 413, 415, 500);
        imports.MapPost("/repair/plan", PlanAsync)
            .Needs(Scope.Import)
            .WithName("PlanRepair")
            .WithSummary("Find out what bringing in all rows that are ready would do")
            .WithDescription(
                "The plan ends as if the file had held the corrected rows: one whose key a later row of the file has is superseded. Records that other imports have changed since are kept, unless `overwrite` is true. UPSERT stays; INSERT and REPLACE repair as INSERT. The body can be left out.")
            .TakesJson<RepairPlanning>("""{ "overwrite": false }""")
            .TakesIdempotencyKey()
            .ProducesProblems(400, 404, 409, 413, 415, 422, 500, 503, 507);
        imports.MapPost("/repair/import", InvokeAsync)
            .Needs(Scope.Import)
            .WithName("ImportRepair")
            .WithSummary("Bring in the rows that were planned last")
            .WithDescription("As applying the plan does, with the same refusals; 409 with the problem repair-changed where the repair was changed since it was planned. The body can be left out.")
            .TakesJson<PlanApplication>("""{ "reason": "as agreed with sales" }""")
            .TakesIdempotencyKey()
            .Example(201, """{ "importId": "0b1c2d3e-4f50-4172-8394-a5b6c7d8e9f0" }""")
            .ProducesProblems(400, 403, 404, 409, 410, 413, 415, 422, 503, 507);
    }

    private static async Task<Ok<Repair>> FindAsync(string importId, HttpContext context, Call call, CancellationToken cancellationToken)
    {
        var id = RouteId.Find(importId, Refusal.UnknownImport);
        var repair = Repair.Of(await call.Engine.Repairs.FindAsync(call.Request, id, Parameters.Flag(context.Request, "counts", absent: true), cancellationToken) ?? throw Refusal.UnknownImport(id));
        context.Response.Headers.ETag = Tag(repair.Version);
        return TypedResults.Ok(repair);
    }

    private static async Task<Ok<RepairChanged>> ChangeAsync(string importId, HttpContext context, Call call, CancellationToken cancellationToken)
    {
        var id = RouteId.Find(importId, Refusal.UnknownImport);
        using var body = await JsonBody.ReadAsync(context.Request, cancellationToken);
        var draft = await call.Engine.Repairs.ChangeAsync(call.Request, id, body.RootElement, SeenVersion(context.Request), cancellationToken) ?? throw Refusal.UnknownImport(id);
        context.Response.Headers.ETag = Tag(draft.Version);
        return TypedResults.Ok(new RepairChanged(draft.Version, draft.ChangedAt, draft.Edits));
    }

    private static async Task<Ok<RowEditPage>> ListEditsAsync(string importId, HttpRequest request, Call call, CancellationToken cancellationToken)
    {
        var id = RouteId.Find(importId, Refusal.UnknownImport);
        var limit = Parameters.Limit(request, max: 10_000, absent: 1_000);
        var found = await call.Engine.Repairs.ListEditsAsync(call.Request, id, Parameters.Place(request) ?? 0, limit + 1, cancellationToken) ?? throw Refusal.UnknownImport(id);
        var (page, next) = Parameters.Page(found, limit, edit => Parameters.Cursor(edit.Row));
        return TypedResults.Ok(new RowEditPage([.. page.Select(KeptEdit.Of)], next));
    }

    private static async Task<Ok<RepairMerged>> MergeAsync(string importId, HttpContext context, Call call, CallerQuotas quotas, CancellationToken cancellationToken)
    {
        var id = RouteId.Find(importId, Refusal.UnknownImport);
        var import = await call.Engine.ImportViews.FindAsync(call.Request, id, cancellationToken) ?? throw Refusal.UnknownImport(id);
        await using var file = await SentFile.OpenAsync(context, call, quotas, await call.Engine.Mappings.FindAsync(call.Request, import.MappingId, cancellationToken), cancellationToken);
        var merged = await call.Engine.Repairs.MergeAsync(call.Request, id, file.Content, file.FileName, file.Charset, SeenVersion(context.Request), cancellationToken) ?? throw Refusal.UnknownImport(id);
        context.Response.Headers.ETag = Tag(merged.Draft.Version);
        return TypedResults.Ok(RepairMerged.Of(merged));
    }

    private static async Task<Ok<CheckedRows>> CheckAsync(string importId, HttpRequest request, Call call, CancellationToken cancellationToken)
    {
        var id = RouteId.Find(importId, Refusal.UnknownImport);
        using var body = await JsonBody.ReadAsync(request, cancellationToken);
        var rows = await call.Engine.Repairs.CheckAsync(call.Request, id, body.RootElement, cancellationToken) ?? throw Refusal.UnknownImport(id);
        return TypedResults.Ok(new CheckedRows([.. rows.Select(CheckedRow.Of)]));
    }

    private static async Task<Created<RepairPlanned>> PlanAsync(string importId, HttpRequest request, Call call, CancellationToken cancellationToken)
    {
        var id = RouteId.Find(importId, Refusal.UnknownImport);
        var overwrite = await ReadOverwriteAsync(request, cancellationToken);
        var planned = await call.Engine.Repairs.PlanAsync(call.Request, id, overwrite, cancellationToken) ?? throw Refusal.UnknownImport(id);
        return TypedResults.Created($"/v1/EntityImport/plans/{planned.PlanId}", new RepairPlanned(planned.PlanId, planned.Rows, planned.Superseded, planned.Kept, planned.KeptRows));
    }

    private static async Task<Created<ImportCreated>> InvokeAsync(string importId, HttpRequest request, Call call, CancellationToken cancellationToken)
    {
        var id = RouteId.Find(importId, Refusal.UnknownImport);
        var reason = await PlanEndpoints.ReadReasonAsync(request, cancellationToken);
        var import = await call.Engine.Repairs.InvokeAsync(call.Request, id, reason, cancellationToken) ?? throw Refusal.UnknownImport(id);
        return TypedResults.Created($"/v1/EntityImport/imports/{import.Id}", new ImportCreated(import.Id));
    }

    /// <summary>Whether the body says that records are overwritten; it says nothing where there is none.</summary>
    private static async Task<bool> ReadOverwriteAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.ContentLength is 0 || (request.ContentLength is null && request.Headers.TransferEncoding.Count == 0)) return false;
        using var body = await JsonBody.ReadAsync(request, cancellationToken);
        var faults = new RequestFaults();
        var overwrite = false;
        if (body.RootElement.ValueKind != JsonValueKind.Object) throw Refusal.Body("invalid-request", "Expected a JSON object, or no body.");
        foreach (var member in body.RootElement.EnumerateObject())
        {
            if (member.Name != "overwrite") faults.Add(Refusal.Cut(member.Name), "There is no such member.");
            else if (member.Value.ValueKind is not (JsonValueKind.True or JsonValueKind.False or JsonValueKind.Null)) faults.Add("overwrite", "Expected true or false.");
            else overwrite = member.Value.ValueKind == JsonValueKind.True;
        }

        return faults.Count == 0 ? overwrite : throw RequestException.Invalid(faults);
    }

    private static string Tag(long version) => string.Create(CultureInfo.InvariantCulture, $"\"{version}\"");

    private static long? SeenVersion(HttpRequest request) => request.Headers.IfMatch.ToString() switch
    {
        "" or "*" => null,
        ['"', .. var text, '"'] when long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var version) => version,
        _ => -1,
    };

    private static async Task<Ok<CureReport>> MeasureAsync(string importId, HttpRequest request, Call call, CancellationToken cancellationToken)
    {
        var id = RouteId.Find(importId, Refusal.UnknownImport);
        using var body = await JsonBody.ReadAsync(request, cancellationToken);
        return TypedResults.Ok(CureReport.Of(await call.Engine.Cures.MeasureAsync(call.Request, id, body.RootElement, cancellationToken) ?? throw Refusal.UnknownImport(id)));
    }
}
