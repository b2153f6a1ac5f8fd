using EntityImport.Access;
using EntityImport.Api;
using EntityImport.Catalog;
using EntityImport.Server.Access;
using EntityImport.Server.Http;
using EntityImport.Server.OpenApi;
using Microsoft.AspNetCore.Http.HttpResults;

namespace EntityImport.Server.Notices;

/// <summary>Webhooks: who is told of what, what became of it, and once more.</summary>
internal static class WebhookEndpoints
{
    private static readonly string[] States = ["PENDING", "DELIVERED", "FAILED"];

    public static void Map(IEndpointRouteBuilder routes)
    {
        var webhooks = routes.MapGroup("/webhooks").WithTags("Webhooks");
        webhooks.MapGet("", List)
            .Needs(Scope.Admin)
            .WithName("ListWebhooks")
            .WithSummary("All webhooks, oldest first")
            .WithDescription("Those that are about entities of which the caller is no administrator are not among them. Secrets are not told.");
        webhooks.MapPost("", CreateAsync)
            .Needs(Scope.Admin)
            .WithName("CreateWebhook")
            .WithSummary("Subscribe to notices")
            .WithDescription(
                "Notices are sent as Standard Webhooks: signed with the secret that is told once, in this answer, and at least once each, with attempts for 24 hours. The address is https and public, unless it is allowed by " +
                "configuration. Sent again, the request makes another webhook.")
            .TakesJson<NewWebhook>("""{ "url": "https://hooks.example.com/eis", "events": ["import.ended"], "entities": ["Price"] }""")
            .Produces<WebhookWithSecret>(StatusCodes.Status201Created)
            .ProducesProblems(400, 409, 413, 415);
        webhooks.MapGet("/{webhookId}", Find)
            .Needs(Scope.Admin)
            .WithName("GetWebhook")
            .WithSummary("One webhook")
            .ProducesProblems(404);
        webhooks.MapPatch("/{webhookId}", PatchAsync)
            .Needs(Scope.Admin)
            .WithName("PatchWebhook")
            .WithSummary("Change a webhook")
            .WithDescription("A merge patch (RFC 7396): members that are absent stay, null removes one. What is pending is sent as the webhook is then; while it is disabled, nothing is.")
            .TakesJson<WebhookPatch>("""{ "disabled": true }""")
            .ProducesProblems(400, 404, 413, 415);
        webhooks.MapDelete("/{webhookId}", DeleteAsync)
            .Needs(Scope.Admin)
            .WithName("DeleteWebhook")
            .WithSummary("Delete a webhook with its deliveries")
            .ProducesProblems(404);
        webhooks.MapPost("/{webhookId}/rotate", RotateAsync)
            .Needs(Scope.Admin)
            .WithName("RotateWebhookSecret")
            .WithSummary("Give a webhook another secret")
            .WithDescription("The secret is told once, in this answer. For 24 hours notices are signed with the one before, too. Sent again, the request makes another one.")
            .ProducesProblems(404, 409);
        webhooks.MapPost("/{webhookId}/test", TestAsync)
            .Needs(Scope.Admin)
            .WithName("TestWebhook")
            .WithSummary("Send a notice that says only that notices arrive")
            .WithDescription("It is of the type webhook.test, and on its way when the answer comes; what becomes of it is among the deliveries.")
            .TakesIdempotencyKey("Requests are the same where their paths are.")
            .Produces<NoticeQueued>(StatusCodes.Status202Accepted)
            .ProducesProblems(404, 409, 422);
        webhooks.MapGet("/{webhookId}/deliveries", ListDeliveriesAsync)
            .Needs(Scope.Admin)
            .WithName("ListDeliveries")
            .WithSummary("What was sent to a webhook or is to be, newest notice first")
            .TakesQuery(
                ("state", "Only those that are PENDING, DELIVERED or FAILED."),
                ("limit", "The most to return: 1 to 200, default 50."),
                ("cursor", "The nextCursor of the page before."))
            .ProducesProblems(400, 404);
        webhooks.MapPost("/{webhookId}/deliveries/{noticeId}/redeliver", RedeliverAsync)
            .Needs(Scope.Admin)
            .WithName("RedeliverNotice")
            .WithSummary("Send a notice once more")
            .WithDescription("At once, and with 24 hours for attempts, whatever became of it before. It keeps its id.")
            .TakesIdempotencyKey("Requests are the same where their paths are.")
            .Produces<NoticeQueued>(StatusCodes.Status202Accepted)
            .ProducesProblems(404, 409, 422);
    }

    private static Ok<WebhookList> List(Call call) => TypedResults.Ok(new WebhookList([.. call.Engine.Webhooks.List(call.Request).Select(WebhookDetails.Of)]));

    private static async Task<Created<WebhookWithSecret>> CreateAsync(HttpContext context, Call call, CancellationToken cancellationToken)
    {
        using var body = await JsonBody.ReadAsync(context.Request, cancellationToken);
        var webhook = await call.Engine.Webhooks.CreateAsync(call.Request, body.RootElement, cancellationToken);
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Created($"/v1/webhooks/{webhook.Id}", WebhookWithSecret.OfNewest(webhook));
    }

    private static Ok<WebhookDetails> Find(string webhookId, Call call)
    {
        var id = RouteId.Find(webhookId, Refusal.UnknownWebhook);
        return TypedResults.Ok(WebhookDetails.Of(call.Engine.Webhooks.Find(call.Request, id) ?? throw Refusal.UnknownWebhook(id)));
    }

    private static async Task<Ok<WebhookDetails>> PatchAsync(string webhookId, HttpRequest request, Call call, CancellationToken cancellationToken)
    {
        var id = RouteId.Find(webhookId, Refusal.UnknownWebhook);
        using var body = await JsonBody.ReadAsync(request, cancellationToken);
        return TypedResults.Ok(WebhookDetails.Of(await call.Engine.Webhooks.PatchAsync(call.Request, id, body.RootElement, cancellationToken) ?? throw Refusal.UnknownWebhook(id)));
    }

    private static async Task<NoContent> DeleteAsync(string webhookId, Call call, CancellationToken cancellationToken)
    {
        var id = RouteId.Find(webhookId, Refusal.UnknownWebhook);
        return await call.Engine.Webhooks.DeleteAsync(call.Request, id, cancellationToken) ? TypedResults.NoContent() : throw Refusal.UnknownWebhook(id);
    }

    private static async Task<Ok<WebhookWithSecret>> RotateAsync(string webhookId, HttpResponse response, Call call, CancellationToken cancellationToken)
    {
        var id = RouteId.Find(webhookId, Refusal.UnknownWebhook);
        var webhook = await call.Engine.Webhooks.RotateAsync(call.Request, id, cancellationToken) ?? throw Refusal.UnknownWebhook(id);
        response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(WebhookWithSecret.OfNewest(webhook));
    }

    private static async Task<Accepted<NoticeQueued>> TestAsync(string webhookId, Call call, CancellationToken cancellationToken)
    {
        var id = RouteId.Find(webhookId, Refusal.UnknownWebhook);
        return Queued(id, await call.Engine.Webhooks.TestAsync(call.Request, id, cancellationToken) ?? throw Refusal.UnknownWebhook(id));
    }

    private static async Task<Ok<DeliveryPage>> ListDeliveriesAsync(string webhookId, HttpRequest request, Call call, CancellationToken cancellationToken)
    {
        var id = RouteId.Find(webhookId, Refusal.UnknownWebhook);
        var limit = Parameters.Limit(request, max: 200, absent: 50);
        var query = new DeliveryQuery(id, Parameters.PlaceOfId(request), limit + 1) { State = StateOf(request) };
        var found = await call.Engine.Webhooks.ListDeliveriesAsync(call.Request, query, cancellationToken) ?? throw Refusal.UnknownWebhook(id);
        var (page, next) = Parameters.Page(found, limit, item => Parameters.Cursor(item.Notice.Id));
        return TypedResults.Ok(new DeliveryPage([.. page.Select(item => Api.Delivery.Of(item.Delivery, item.Notice))], next));
    }

    private static async Task<Accepted<NoticeQueued>> RedeliverAsync(string webhookId, string noticeId, Call call, CancellationToken cancellationToken)
    {
        var id = RouteId.Find(webhookId, Refusal.UnknownWebhook);
        var notice = RouteId.Find(noticeId, Refusal.UnknownNotice);
        return Queued(id, await call.Engine.Webhooks.RedeliverAsync(call.Request, id, notice, cancellationToken) ?? throw Refusal.UnknownWebhook(id));
    }

    private static Accepted<NoticeQueued> Queued(Guid webhookId, Guid noticeId) => TypedResults.Accepted($"/v1/webhooks/{webhookId}/deliveries", new NoticeQueued(noticeId));

    private static Catalog.DeliveryState? StateOf(HttpRequest request)
    {
        if (Parameters.One(request, "state") is not { } text) return null;
        var index = Array.FindIndex(States, state => state.Equals(text, StringComparison.OrdinalIgnoreCase));
        return index >= 0 ? (Catalog.DeliveryState)index : throw Refusal.Parameter("state", $"Expected one of {string.Join(", ", States)}, not '{Refusal.Cut(text)}'.");
    }
}
