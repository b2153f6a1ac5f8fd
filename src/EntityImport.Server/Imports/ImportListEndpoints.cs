using EntityImport.Access;
using EntityImport.Api;
using EntityImport.Catalog;
using EntityImport.Engine;
using EntityImport.Imports;
using EntityImport.Server.Access;
using EntityImport.Server.Changes;
using EntityImport.Server.Http;
using EntityImport.Server.OpenApi;
using Microsoft.AspNetCore.Http.HttpResults;
using ImportState = EntityImport.Catalog.ImportState;
using RejectionCauses = EntityImport.Api.RejectionCauses;
using UndoPreview = EntityImport.Api.UndoPreview;

namespace EntityImport.Server.Imports;

/// <summary>All imports, and everything about one.</summary>
internal static class ImportListEndpoints
{
    private const string Example = """
        {
          "importId": "0b1c2d3e-4f50-4172-8394-a5b6c7d8e9f0",
          "uploadId": "1c2d3e4f-5061-4283-94a5-b6c7d8e9f0a1",
          "mappingId": "2d3e4f50-6172-4394-a5b6-c7d8e9f0a1b2",
          "mappingRevision": 1,
          "entitySystemName": "orders",
          "state": "SUCCEEDED",
          "phase": "ENDED",
          "status": "SUCCEEDED",
          "startDate": "2026-03-01T08:00:00.000Z",
          "stopDate": "2026-03-01T08:00:01.250Z",
          "attempts": 1,
          "invokedBy": null,
          "dryRun": false,
          "clientErrorCallingService": false,
          "ledger": { "records": 200, "inserted": 198, "updated": 0, "unchanged": 0, "superseded": 0, "rejected": 2, "removed": 0, "balanced": true, "skipped": 0 },
          "progress": { "phase": "ENDED", "recordsRead": 200, "bytesRead": 9120, "bytesTotal": 9120, "recordsPerSecond": 250, "estimatedSecondsLeft": null },
          "file": { "name": "orders.csv", "size": 9120, "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08" },
          "definition": { "dateFormat": "dd/MM/yyyy" },
          "duplicateOf": null,
          "planId": null,
          "code": null,
          "message": "entity-import/1c2d3e4f-5061-4283-94a5-b6c7d8e9f0a1/data into orders: 2 of 200 rows could not be imported.",
          "warnings": [
            {
              "code": "date.ambiguous",
              "field": "orderedOn",
              "column": "Ordered",
              "reading": "dd/MM/yyyy",
              "otherReading": "MM/dd/yyyy",
              "values": 198,
              "differing": 181,
              "example": { "value": "03/04/2026", "reading": "2026-04-03", "otherReading": "2026-03-04" },
              "message": "The values of column 'Ordered' were read as dd/MM/yyyy, but MM/dd/yyyy would read them all, too: 181 of 198 would be other dates, such as '03/04/2026', which is 2026-04-03 and would be 2026-03-04."
            }
          ],
          "stageMilliseconds": { "open": 1, "plan": 2, "load": 800, "tokenize": 150, "convert": 260, "keys": 30, "merge": 300, "commit": 12 },
          "links": { "self": "/v1/EntityImport/imports/0b1c2d3e-4f50-4172-8394-a5b6c7d8e9f0" }
        }
        """;

    private const string TimelineExample = """
        {
          "points": [
            { "seconds": 0, "phase": "PLANNING", "recordsRead": 0, "bytesRead": 0, "rejected": 0 },
            { "seconds": 0.012, "phase": "LOADING", "recordsRead": 0, "bytesRead": 0, "rejected": 0 },
            { "seconds": 0.262, "phase": "LOADING", "recordsRead": 151552, "bytesRead": 6291456, "rejected": 12 },
            { "seconds": 0.401, "phase": "MERGING", "recordsRead": 240000, "bytesRead": 9961472, "rejected": 19 }
          ]
        }
        """;

    private const string CausesExample = """
        {
          "causes": [
            {
              "cause": "bnVtYmVyLmZvcm1hdApjcmVkaXRMaW1pdAo5LjksOQ",
              "code": "number.format",
              "field": "creditLimit",
              "column": "creditLimit",
              "shape": "9.9,9",
              "rows": 1240,
              "example": { "row": 31, "line": 33, "value": "1.234,50", "message": "not a number of this format; expected a number like 1,234.50, with at most 2 decimals and 18 digits in all" }
            }
          ],
          "otherCauses": 0,
          "otherReasons": 0,
          "rows": 1240,
          "isComplete": true
        }
        """;

    /// <summary>The parameters of lists of rejected rows.</summary>
    public static readonly (string Name, string Description)[] ErrorParameters =
    [
        ("limit", "The most to return: 1 to 1000, default 100. A page of large rows has fewer."),
        ("cursor", "The nextCursor of the page before."),
        ("offset", "How many rows are passed over, in place of a cursor."),
        ("cause", "Only rows of this cause, by the id that it has in the list of causes."),
        ("code", "Only rows with a reason of this code."),
        ("field", "Only rows with a reason about this field, ignoring case."),
    ];

    public static void Map(IEndpointRouteBuilder routes)
    {
        var imports = routes.MapGroup("/EntityImport/imports").WithTags("Monitoring");
        imports.MapGet("", ListAsync)
            .Needs(Scope.Read | Scope.Import)
            .WithName("ListImports")
            .WithSummary("Imports, newest first")
            .TakesQuery(
                ("entity", "Only imports into this entity, ignoring case."),
                ("status", "Only imports in one of these states, separated by commas: QUEUED, RUNNING, SUCCEEDED, FAILED, CANCELLED."),
                ("since", "Only imports that were invoked from this time on: 2026-01-31T10:20:30Z, or 2026-01-31."),
                ("until", "Only imports that were invoked before this time."),
                ("file", "Only imports of files whose names have this text in them, ignoring case."),
                ("invokedBy", "Only imports that this caller invoked, ignoring case."),
                ("limit", "The most to return: 1 to 200, default 50. A page can be shorter, or empty, though there are more: where few imports are as asked for."),
                ("cursor", "The nextCursor of the page before."))
            .ProducesProblems(400);
        imports.MapGet("/{importId}", FindAsync)
            .Needs(Scope.Read | Scope.Import)
            .WithName("GetImport")
            .WithSummary("All that is known of an import")
            .WithDescription(
                "At the end of an import, `warnings` lists what no row was rejected for, but somebody should look at. About columns: dates and numbers that another reading would have fitted, too, with day and month exchanged (`date.ambiguous`), " +
                "or point and comma (`number.ambiguous`); years of two digits, whose century was guessed (`year.century`); values that the last import of the entity did not have, or that are gone (`values.changed`). About keys: those that differ from another one only by " +
                "spaces, characters that nobody can see, or how accents are composed (`key.similar`). About the file: rows that became the text of another one between two quotes (`quote.swallowed`), a REPLACE with less than half, or more than twice, " +
                "as many rows as there were records (`rows.changed`), byte order marks inside (`bom.inside`). The values are imported as the mapping says; somebody should make sure that it says what the file means.")
            .Example(200, Example)
            .ProducesProblems(404);
        routes.MapGet("/EntityImport/events", WatchAllAsync)
            .WithTags("Monitoring")
            .Needs(Scope.Read | Scope.Import)
            .Takes(Place.EventStreams)
            .WithName("WatchImports")
            .WithSummary("The progress of all imports as Server-Sent Events")
            .WithDescription(
                "Events named `progress`, and one named `ended` at each import's end, with the import's details as data: of imports that have not ended when the stream begins, and of those that are invoked later. " +
                "An import has at most one event a second. After five minutes the stream ends, and is asked for again.")
            .TakesQuery(("entity", "Only imports into this entity, ignoring case."))
            .ProducesEvents("The events, for five minutes.")
            .ProducesProblems(400);
        imports.MapGet("/{importId}/events", WatchAsync)
            .Needs(Scope.Read | Scope.Import)
            .Takes(Place.EventStreams)
            .WithName("WatchImport")
            .WithSummary("An import's progress as Server-Sent Events")
            .WithDescription("Events named `progress` and a last one named `ended`, each with the import's details as data. The stream ends when the import does.")
            .ProducesEvents()
            .ProducesProblems(404);
        imports.MapGet("/{importId}/timeline", ReadTimelineAsync)
            .Needs(Scope.Read | Scope.Import)
            .WithName("GetTimeline")
            .WithSummary("How far an import was over time")
            .WithDescription("At most 100 points of its last attempt, while it runs and afterwards. While another node runs it there are none.")
            .Example(200, TimelineExample)
            .ProducesProblems(404);
        imports.MapGet("/{importId}/errors", ListErrorsAsync)
            .Needs(Scope.Read | Scope.Import)
            .WithName("ListErrors")
            .WithSummary("Rejected rows of an import, in file order")
            .WithDescription("While the import runs, those so far. Of several of `cause`, `code` and `field`, one reason of a row must fulfil all.")
            .TakesQuery(ErrorParameters)
            .ProducesProblems(400, 404, 500);
        imports.MapGet("/{importId}/causes", ListCausesAsync)
            .Needs(Scope.Read | Scope.Import)
            .WithName("ListCauses")
            .WithSummary("Rejected rows of an import by their causes")
            .WithDescription(
                "A cause is a code, a field and what the refused values look like. The causes of the most rows come first, at most 50; what is left is counted together. A row with several reasons counts for each. While the import runs, these are the causes so far.")
            .Example(200, CausesExample)
            .ProducesProblems(404, 500);
        imports.MapGet("/{importId}/changes", ListChangesAsync)
            .Needs(Scope.Read)
            .Takes(Place.Queries)
            .WithName("ListImportChanges")
            .WithSummary("What an import did to records, before and after")
            .WithDescription(
                "As long as what the records were is kept. An undo is an import, and told likewise. Values afterwards are those that this import left, whatever came later; where another import has changed a record since and that is kept no longer, `afterUnknown` is true. " +
                "With `field`, only the records whose value of that field was another one afterwards; of a field of numbers or dates the largest move first. As CSV (`Accept: text/csv`) without `limit`, all of them at once.")
            .TakesQuery(ChangeAnswers.Parameters)
            .Produces<ChangePage>(StatusCodes.Status200OK, "application/json", ChangeAnswers.Csv)
            .ProducesProblems(400, 404, 409, 410, 503);
        imports.MapPost("/{importId}/cancel", CancelAsync)
            .Needs(Scope.Import)
            .WithName("CancelImport")
            .WithSummary("End an import without writing anything")
            .WithDescription(
                "Once this is answered, the import has ended and nothing of it was written, also if the service stops at that moment. " +
                "An import that is being committed can no longer be cancelled: 409 with the problem import-committing.")
            .TakesIdempotencyKey()
            .ProducesProblems(400, 404, 409, 422, 503);
        imports.MapPost("/{importId}/undo", UndoAsync)
            .Needs(Scope.Import)
            .WithName("UndoImport")
            .WithSummary("Take back what an import changed")
            .WithDescription(
                "The undo is an import of its own, which waits for its turn in the entity, and has status, report and events. It brings each record back that the import changed, unless a later import changed it again: such records are kept and counted. " +
                "An undo can be undone. With preview=true it is only said what it would do.")
            .TakesQuery(("preview", "true answers what the undo would do now, and does nothing."))
            .TakesIdempotencyKey()
            .Produces<UndoPreview>()
            .Produces<ImportCreated>(StatusCodes.Status201Created)
            .ProducesProblems(400, 404, 409, 410, 422, 503);
    }

    private static async Task<IResult> UndoAsync(string importId, HttpRequest request, Call call, CancellationToken cancellationToken)
    {
        var id = RouteId.Find(importId, Refusal.UnknownImport);
        if (Parameters.Flag(request, "preview"))
        {
            var preview = await call.Engine.Undos.PreviewAsync(call.Request, id, cancellationToken) ?? throw Refusal.UnknownImport(id);
            return TypedResults.Ok(new UndoPreview(id, preview.Reversed, preview.Kept));
        }

        var undo = await call.Engine.Undos.InvokeAsync(call.Request, id, cancellationToken) ?? throw Refusal.UnknownImport(id);
        return TypedResults.Created($"/v1/EntityImport/imports/{undo.Id}", new ImportCreated(undo.Id));
    }

    private static async Task<Ok<ImportPage>> ListAsync(HttpRequest request, Call call, CancellationToken cancellationToken)
    {
        var limit = Parameters.Limit(request, max: 200, absent: 50);
        var query = new ImportQuery(Parameters.One(request, "entity"), States(request), Parameters.Place(request), limit) { Since = Parameters.Time(request, "since"), Until = Parameters.Time(request, "until") };
        var match = new ImportMatch(Parameters.One(request, "file"), Parameters.One(request, "invokedBy"));
        var (found, next) = await call.Engine.ImportViews.SearchAsync(call.Request, query, match, cancellationToken);
        return TypedResults.Ok(new ImportPage([.. found.Select(ImportSummary.Of)], next is { } before ? Parameters.Cursor(before) : null));
    }

    private static async Task<Ok<ImportDetails>> FindAsync(string importId, Call call, CancellationToken cancellationToken)
    {
        var id = RouteId.Find(importId, Refusal.UnknownImport);
        var snapshot = await call.Engine.ImportViews.FindSnapshotAsync(call.Request, id, cancellationToken) ?? throw Refusal.UnknownImport(id);
        return TypedResults.Ok(ImportDetails.Of(snapshot));
    }

    private static async Task WatchAsync(
        string importId, HttpResponse response, Call call, IHostApplicationLifetime lifetime, CancellationToken cancellationToken)
    {
        var id = RouteId.Find(importId, Refusal.UnknownImport);
        _ = await call.Engine.ImportViews.FindAsync(call.Request, id, cancellationToken) ?? throw Refusal.UnknownImport(id);
        await ImportEvents.StreamAsync(
            response, lifetime, token => call.Engine.ImportViews.WatchAsync(call.Request, id, ImportEvents.Interval, token), snapshot => (snapshot.Import.HasEnded, ImportDetails.Of(snapshot)), cancellationToken);
    }

    private static Task WatchAllAsync(HttpContext context, Call call, IHostApplicationLifetime lifetime, CancellationToken cancellationToken)
    {
        var entity = Parameters.One(context.Request, "entity");
        return ImportEvents.StreamAllAsync(context, lifetime, call, entity, cancellationToken);
    }

    private static async Task<Ok<ErrorPage>> ListErrorsAsync(string importId, HttpRequest request, Call call, CancellationToken cancellationToken)
    {
        var id = RouteId.Find(importId, Refusal.UnknownImport);
        var import = await call.Engine.ImportViews.FindAsync(call.Request, id, cancellationToken) ?? throw Refusal.UnknownImport(id);
        return TypedResults.Ok(ErrorPage.Of(await call.Engine.RejectedRows.ReadAsync(call.Request, import, Errors(request), cancellationToken)));
    }

    private static async Task<Ok<ImportTimeline>> ReadTimelineAsync(string importId, Call call, CancellationToken cancellationToken)
    {
        var id = RouteId.Find(importId, Refusal.UnknownImport);
        return TypedResults.Ok(ImportTimeline.Of(await call.Engine.ImportViews.ReadTimelineAsync(call.Request, id, cancellationToken) ?? throw Refusal.UnknownImport(id)));
    }

    private static async Task<Ok<RejectionCauses>> ListCausesAsync(string importId, Call call, CancellationToken cancellationToken)
    {
        var id = RouteId.Find(importId, Refusal.UnknownImport);
        var import = await call.Engine.ImportViews.FindAsync(call.Request, id, cancellationToken) ?? throw Refusal.UnknownImport(id);
        return TypedResults.Ok(RejectionCauses.Of(await call.Engine.RejectedRows.CountCausesAsync(call.Request, import, cancellationToken)));
    }

    /// <summary>Which rejected rows a request asks for.</summary>
    public static RejectedQuery Errors(HttpRequest request)
    {
        var query = new RejectedQuery(Parameters.Limit(request, max: 1000, absent: 100))
        {
            Cursor = Parameters.One(request, "cursor"),
            Offset = Parameters.Number(request, "offset") ?? 0,
            Cause = Parameters.One(request, "cause"),
            Code = Parameters.One(request, "code"),
            Field = Parameters.One(request, "field"),
        };
        return query is { Cursor: not null, Offset: > 0 } ? throw Refusal.Parameter("offset", "Either offset or cursor says where to begin.") : query;
    }

    private static async Task ListChangesAsync(string importId, HttpContext context, Call call, CancellationToken cancellationToken)
    {
        var id = RouteId.Find(importId, Refusal.UnknownImport);
        var import = await call.Engine.History.FindChangesAsync(call.Request, id, cancellationToken) ?? throw Refusal.UnknownImport(id);
        await ChangeAnswers.WriteAsync(
            context,
            () => import.Entity.Fields,
            name => import.Entity.FindField(name) ?? throw Refusal.Parameter("field", $"{import.Entity.SystemName} has no field '{Refusal.Cut(name)}'."),
            query => call.Engine.History.ReadChangesAsync(call.Request, import, query, cancellationToken),
            import.IsComplete,
            cancellationToken);
    }

    private static async Task<Accepted<ImportCreated>> CancelAsync(string importId, HttpRequest request, Call call, CancellationToken cancellationToken)
    {
        var id = RouteId.Find(importId, Refusal.UnknownImport);
        if (!await call.Engine.Imports.CancelAsync(call.Request, id, cancellationToken)) throw Refusal.UnknownImport(id);
        return TypedResults.Accepted($"/v1/EntityImport/imports/{id}", new ImportCreated(id));
    }

    public static HashSet<ImportState> States(HttpRequest request)
    {
        var states = new HashSet<ImportState>();
        var names = request.Query["status"].SelectMany(value => (value ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
        foreach (var name in names)
        {
            if (!char.IsAsciiLetter(name[0]) || !Enum.TryParse<ImportState>(name, ignoreCase: true, out var state))
                throw Refusal.Parameter("status", $"Expected QUEUED, RUNNING, SUCCEEDED, FAILED or CANCELLED, not '{Refusal.Cut(name)}'.");
            states.Add(state);
        }

        return states;
    }
}
