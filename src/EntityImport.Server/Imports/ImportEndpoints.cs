using System.Runtime.CompilerServices;
using EntityImport.Access;
using EntityImport.Api;
using EntityImport.Catalog;
using EntityImport.Server.Access;
using EntityImport.Server.Http;
using EntityImport.Server.OpenApi;
using Microsoft.AspNetCore.Http.HttpResults;

namespace EntityImport.Server.Imports;

/// <summary>The documented calls on one import: invoke it, and see how it went.</summary>
internal static class ImportEndpoints
{
    private static readonly ConditionalWeakTable<Import, WholeJson<StatusOfImport>> Statuses = [];

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/EntityImport/{uploadId}/import", InvokeAsync)
            .Needs(Scope.Import)
            .WithTags("Imports")
            .WithName("InvokeImport")
            .WithSummary("Import an uploaded file")
            .WithDescription(
                "The import is queued and runs by itself. A file can be imported again only after its last import failed or was cancelled. " +
                "While too many imports are unfinished, 503 with the problem queue-full and a Retry-After header.")
            .TakesIdempotencyKey()
            .Example(201, """{ "importId": "0b1c2d3e-4f50-4172-8394-a5b6c7d8e9f0" }""")
            .ProducesProblems(400, 404, 409, 422, 503, 507);
        routes.MapGet("/EntityImport/{importId}/status", GetStatusAsync)
            .Needs(Scope.Read | Scope.Import)
            .WithTags("Imports")
            .WithName("GetStatus")
            .WithSummary("Where an import stands")
            .Example(200, """
                {
                  "status": "SUCCEEDED",
                  "startDate": "2024-01-31T10:20:30Z",
                  "stopDate": "2024-01-31T10:20:37Z",
                  "clientErrorCallingService": false,
                  "entityImportId": "0b1c2d3e-4f50-4172-8394-a5b6c7d8e9f0"
                }
                """)
            .ProducesProblems(400, 404);
        routes.MapGet("/EntityImport/{importId}/report", GetReportAsync)
            .Needs(Scope.Read | Scope.Import)
            .WithTags("Imports")
            .WithName("GetReport")
            .WithSummary("How an import ended")
            .WithDescription("While the import runs there is no report: 400 with the problem import-running.")
            .Example(200, """
                {
                  "status": "PARTIAL_SUCCESS",
                  "processedRows": 97,
                  "failedRows": 3,
                  "message": "entity-import/0b1c2d3e-4f50-4172-8394-a5b6c7d8e9f0/data into Product: 3 of 100 rows could not be imported."
                }
                """)
            .ProducesProblems(400, 404);
        routes.MapGet("/EntityImport/{importId}/errorFile", GetErrorFileAsync)
            .Needs(Scope.Read | Scope.Import)
            .WithTags("Imports")
            .WithName("GetErrorFile")
            .WithSummary("The rejected rows as CSV, with the reasons")
            .WithDescription(
                "The input's header and rejected rows in file order, verbatim, in the input's dialect and encoding, plus errorRow, errorLine and errorReasons. " +
                "Corrected, it can be uploaded again under the same mapping. " +
                "With safe=spreadsheet it is a copy in which no cell runs as a formula, or is changed, where a spreadsheet opens it: a cell that begins with a backtick is protected by it, " +
                "and comes back as it was. Its error columns have to stay.")
            .TakesQuery(("safe", "spreadsheet: a copy for Excel, LibreOffice and the like. Absent: the rows as they were."))
            .ProducesCsv("The rejected rows.")
            .ProducesProblems(400, 404, 500);
    }

    private static async Task<Created<ImportCreated>> InvokeAsync(string uploadId, HttpRequest request, Call call, CancellationToken cancellationToken)
    {
        var id = RouteId.Find(uploadId, Refusal.UnknownUpload);
        var import = await call.Engine.Imports.InvokeAsync(call.Request, id, cancellationToken) ?? throw Refusal.UnknownUpload(id);
        return TypedResults.Created($"/v1/EntityImport/imports/{import.Id}", new ImportCreated(import.Id));
    }

    /// <summary>An import is polled many times while it stays as it is.</summary>
    private static async ValueTask<WholeJson<StatusOfImport>> GetStatusAsync(string importId, Call call, CancellationToken cancellationToken) =>
        Statuses.GetValue(await RequireAsync(importId, call, cancellationToken), import => WholeJson<StatusOfImport>.Of(StatusOfImport.Of(import)));

    private static async Task<Ok<ImportReport>> GetReportAsync(string importId, Call call, CancellationToken cancellationToken)
    {
        var import = await RequireAsync(importId, call, cancellationToken);
        return import.HasEnded ? TypedResults.Ok(ImportReport.Of(import)) : throw Refusal.ImportRuns(import.Id);
    }

    private static async Task<PushStreamHttpResult> GetErrorFileAsync(string importId, HttpRequest request, Call call, CancellationToken cancellationToken)
    {
        var isSafe = IsSafe(request);
        var id = RouteId.Find(importId, Refusal.UnknownImport);
        var rejected = call.Engine.RejectedRows;
        var import = await call.Engine.ImportViews.FindAsync(call.Request, id, cancellationToken) ?? throw Refusal.UnknownImport(id);
        if (!import.HasEnded) throw Refusal.NoErrorFile(id, "it is still running");
        if (!await rejected.HasErrorFileAsync(call.Request, import, cancellationToken)) throw Refusal.NoErrorFile(id, "it ended before the rejected rows were known");
        var upload = await call.Engine.Uploads.FindAsync(call.Request, import.UploadId, cancellationToken);
        var name = Path.GetFileNameWithoutExtension(upload?.FileName) is { Length: > 0 } input ? input : id.ToString();
        return TypedResults.Stream(
            target => rejected.WriteErrorFileAsync(call.Request, import, target, isSafe, cancellationToken), "text/csv", $"{name}.errors{(isSafe ? ".safe" : "")}.csv");
    }

    private static bool IsSafe(HttpRequest request) => Parameters.One(request, "safe") switch
    {
        null => false,
        "spreadsheet" => true,
        var text => throw Refusal.Parameter("safe", $"Expected spreadsheet, not '{Refusal.Cut(text)}'."),
    };

    private static async ValueTask<Import> RequireAsync(string importId, Call call, CancellationToken cancellationToken)
    {
        var id = RouteId.Require(importId, nameof(importId));
        return await call.Engine.ImportViews.FindAsync(call.Request, id, cancellationToken) ?? throw Refusal.UnknownImport(id);
    }
}
