using EntityImport.Access;
using EntityImport.Api;
using EntityImport.Catalog;
using EntityImport.Csv;
using EntityImport.Server.Access;
using EntityImport.Server.Http;
using EntityImport.Server.OpenApi;

namespace EntityImport.Server.Audit;

/// <summary>The audit trail, page by page as JSON, or all of it as CSV.</summary>
internal static class AuditEndpoint
{
    private const int MaxPage = 1_000;
    private const string Csv = "text/csv";

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/audit", ListAsync)
            .Needs(Scope.Admin)
            .WithTags("Callers")
            .WithName("ListAudit")
            .WithSummary("Who did what, or was refused it, newest first")
            .WithDescription("What was done is noted in the same commit; refused attempts are noted within a minute, those of one kind together. With `Accept: text/csv` all entries from the cursor on, as CSV.")
            .TakesQuery(
                ("entity", "Only what was about this entity."),
                ("subject", "Only what this subject did or tried."),
                ("result", "done: only what was done; refused: only what was refused."),
                ("since", "Only from this time on: 2026-01-31T10:20:30Z."),
                ("until", "Only before this time."),
                ("limit", "The most to return: 1 to 1000, default 50."),
                ("cursor", "The nextCursor of the page before."))
            .Produces<AuditPage>(StatusCodes.Status200OK, "application/json", Csv)
            .ProducesProblems(400);

    private static async Task ListAsync(HttpContext context, Call call, CancellationToken cancellationToken)
    {
        var query = new AuditQuery(Parameters.PlaceOfId(context.Request), Parameters.Limit(context.Request, max: MaxPage, absent: 50) + 1)
        {
            Entity = Parameters.One(context.Request, "entity"),
            Subject = Parameters.One(context.Request, "subject"),
            Refused = Parameters.One(context.Request, "result") switch
            {
                null => null,
                "done" => false,
                "refused" => true,
                var text => throw Refusal.Parameter("result", $"Expected done or refused, not '{Refusal.Cut(text)}'."),
            },
            Since = Parameters.Time(context.Request, "since"),
            Until = Parameters.Time(context.Request, "until"),
        };
        if (WantsCsv(context.Request))
        {
            await WriteCsvAsync(context.Response, call, query with { Limit = MaxPage }, cancellationToken);
            return;
        }

        var found = await call.Engine.Audit.ListAsync(call.Request, query, cancellationToken);
        var (page, next) = Parameters.Page(found, query.Limit - 1, entry => Parameters.Cursor(entry.Id));
        await TypedResults.Ok(new AuditPage([.. page.Select(Api.AuditEntry.Of)], next)).ExecuteAsync(context);
    }

    /// <summary>Whether CSV is asked for, and JSON is not.</summary>
    private static bool WantsCsv(HttpRequest request) =>
        request.Headers.Accept.ToString() is var accept && accept.Contains(Csv, StringComparison.OrdinalIgnoreCase) && !accept.Contains("json", StringComparison.OrdinalIgnoreCase);

    private static async Task WriteCsvAsync(HttpResponse response, Call call, AuditQuery query, CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream();
        var writer = new CsvFieldWriter(buffer, CsvDialect.Default);
        Write(AuditAnswers.Columns);
        for (IReadOnlyList<Catalog.AuditEntry>? page = null; page is null || page.Count == query.Limit; query = query with { Before = page.Count > 0 ? page[^1].Id : query.Before })
        {
            page = await call.Engine.Audit.ListAsync(call.Request, query, cancellationToken);
            response.ContentType = Csv;
            foreach (var entry in page) Write(AuditAnswers.Fields(entry));
            await response.Body.WriteAsync(buffer.GetBuffer().AsMemory(0, (int)buffer.Length), cancellationToken);
            buffer.SetLength(0);
        }

        void Write(IEnumerable<string> fields)
        {
            writer.WriteRecord(fields);
            writer.WriteLineEnd("\r\n");
        }
    }
}
