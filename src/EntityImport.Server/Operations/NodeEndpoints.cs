using EntityImport.Access;
using EntityImport.Api;
using EntityImport.Server.Access;
using EntityImport.Server.Http;
using EntityImport.Server.OpenApi;
using EntityImport.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace EntityImport.Server.Operations;

/// <summary>The nodes of the service, for operators.</summary>
internal static class NodeEndpoints
{
    private const string NodeExample = """
        {
          "nodeId": "0f3c2a4e-7b1d-4c57-9a33-5d2f6f1f0c11",
          "name": "eis-1",
          "build": "1.0.0",
          "sinceDate": "2026-03-01T08:00:00.000Z",
          "leaseAgeSeconds": 2.1,
          "isThere": true,
          "draining": false,
          "imports": ["019577b4-9d2c-7f0a-8a56-0c4d2d8c1f10"]
        }
        """;

    public static void Map(IEndpointRouteBuilder routes)
    {
        var nodes = routes.MapGroup("/operations/nodes").WithTags("Operations");
        nodes.MapGet("", ListAsync)
            .Needs(Scope.Admin)
            .WithName("ListNodes")
            .WithSummary("The nodes of the service, what they run, and when they were heard of last")
            .WithDescription("Empty where the service is one process that works alone.")
            .Example(200, $$"""{ "nodes": [{{NodeExample}}] }""");
        nodes.MapPost("/{nodeId}/drain", DrainAsync)
            .Needs(Scope.Admin)
            .WithName("DrainNode")
            .WithSummary("Have a node take no more imports")
            .WithDescription("What it runs ends there, and calls are answered as before. A node that is started again takes imports again.")
            .Example(200, NodeExample)
            .ProducesProblems(404);
        nodes.MapPost("/{nodeId}/resume", ResumeAsync)
            .Needs(Scope.Admin)
            .WithName("ResumeNode")
            .WithSummary("Have a node that was drained take imports again")
            .Example(200, NodeExample)
            .ProducesProblems(404);
    }

    private static async Task<Ok<NodeList>> ListAsync(Call call, CancellationToken cancellationToken) =>
        TypedResults.Ok(new NodeList([.. (await call.Engine.Nodes.ListAsync(call.Request, cancellationToken)).Select(Of)]));

    private static Task<Ok<Node>> DrainAsync(Guid nodeId, Call call, CancellationToken cancellationToken) => SetAsync(nodeId, call, isDraining: true, cancellationToken);

    private static Task<Ok<Node>> ResumeAsync(Guid nodeId, Call call, CancellationToken cancellationToken) => SetAsync(nodeId, call, isDraining: false, cancellationToken);

    private static async Task<Ok<Node>> SetAsync(Guid nodeId, Call call, bool isDraining, CancellationToken cancellationToken) =>
        TypedResults.Ok(Of(await call.Engine.Nodes.DrainAsync(call.Request, nodeId, isDraining, cancellationToken) ?? throw Refusal.UnknownNode(nodeId)));

    private static Node Of(ClusterNode node) => new(node.Id, node.Name, node.Build, node.Since, Math.Round(node.LeaseAge.TotalSeconds, 3), node.IsThere, node.IsDraining, node.Imports);
}
