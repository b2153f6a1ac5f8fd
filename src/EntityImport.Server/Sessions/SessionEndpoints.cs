using System.Text.Json;
using System.Text.Json.Serialization;
using EntityImport.Access;
using EntityImport.Api;
using EntityImport.Server.Access;
using EntityImport.Server.Access.SignIn;
using EntityImport.Server.Http;
using EntityImport.Server.OpenApi;
using EntityImport.Server.Options;
using Microsoft.AspNetCore.Http.HttpResults;

namespace EntityImport.Server.Sessions;

/// <summary>Who is signed in with a browser: list and end sessions, and make links by which people sign in.</summary>
internal static class SessionEndpoints
{
    private static readonly JsonSerializerOptions Strict = new(ApiJson.Options) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, RespectNullableAnnotations = true };

    public static void Map(IEndpointRouteBuilder routes)
    {
        var sessions = routes.MapGroup("/sessions").WithTags("Callers");
        sessions.MapGet("", ListAsync)
            .Needs(Scope.Admin)
            .WithName("ListSessions")
            .WithSummary("Who is signed in with a browser, oldest first")
            .WithDescription("Also the links that wait for somebody. Neither those whose time is over, nor the secrets that browsers and links show: these are not kept.");
        sessions.MapPost("/links", CreateLinkAsync)
            .Needs(Scope.Admin)
            .WithName("CreateSignInLink")
            .WithSummary("Make a link by which somebody signs in")
            .WithDescription("It works once, within 10 minutes, and is told once, in this answer. Sent again, the request makes another link.")
            .TakesJson<NewSignInLink>("""{ "name": "Anna", "scopes": ["import"] }""")
            .Produces<SignInLink>(StatusCodes.Status201Created)
            .ProducesProblems(400, 409, 413, 415);
        sessions.MapDelete("/{sessionId}", EndAsync)
            .Needs(Scope.Admin)
            .WithName("EndSession")
            .WithSummary("End a session, or take a link back")
            .WithDescription("It lets nobody in any longer when the answer comes; at other nodes after 2 seconds.")
            .ProducesProblems(404);
    }

    private static async Task<Ok<SessionList>> ListAsync(Call call, CancellationToken cancellationToken) =>
        TypedResults.Ok(new SessionList([.. (await call.Engine.Sessions.ListAsync(call.Request, cancellationToken)).Select(SessionDetails.Of)]));

    private static async Task<Created<SignInLink>> CreateLinkAsync(HttpContext context, Call call, ServerOptions options, CancellationToken cancellationToken)
    {
        using var body = await JsonBody.ReadAsync(context.Request, cancellationToken);
        var wanted = Read(body.RootElement);
        var origin = SessionCookie.Origin(context.Request, options.Access.SignIn);
        var (session, secret) = await call.Engine.Sessions.CreateLinkAsync(call.Request, wanted.Name, wanted.Scopes, cancellationToken);
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Created($"/v1/sessions/{session.Id}", new SignInLink(SessionAnswers.LinkOf(origin, secret), SessionDetails.Of(session)));
    }

    private static async Task<NoContent> EndAsync(string sessionId, Call call, CancellationToken cancellationToken)
    {
        var id = RouteId.Find(sessionId, Refusal.UnknownSession);
        return await call.Engine.Sessions.EndAsync(call.Request, id, cancellationToken) ? TypedResults.NoContent() : throw Refusal.UnknownSession(id);
    }

    private static NewSignInLink Read(JsonElement body)
    {
        try
        {
            return body.Deserialize<NewSignInLink>(Strict) ?? throw new JsonException("The body is null.");
        }
        catch (JsonException e)
        {
            throw RequestException.Invalid([new RequestFault((e.Path ?? "").TrimStart('$', '.'), "Expected is an object with name and scopes.")]);
        }
    }
}
