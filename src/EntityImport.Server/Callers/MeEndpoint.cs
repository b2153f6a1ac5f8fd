using System.Reflection;
using EntityImport.Access;
using EntityImport.Api;
using EntityImport.Server.Access;
using EntityImport.Server.Http;
using EntityImport.Server.Options;
using Microsoft.AspNetCore.Http.HttpResults;

namespace EntityImport.Server.Callers;

/// <summary>The caller, as the service sees it.</summary>
internal static class MeEndpoint
{
    private static readonly string Version = typeof(MeEndpoint).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/me", Tell)
            .Needs(Scope.All)
            .WithTags("Callers")
            .WithName("GetMe")
            .WithSummary("Who the service takes the caller for, and what it may do");

    private static Ok<Me> Tell(Call call, ServerOptions options)
    {
        var caller = call.Request.Caller;
        var scopes = caller.Scopes.ToTexts().ToLookup(scope => scope.Contains(':', StringComparison.Ordinal));
        var limits = caller.Id is null ? null : Limits(options.Access.Limits);
        return TypedResults.Ok(new Me(caller.Scheme, caller.Subject, caller.Name, caller.Organisation, [.. scopes[false]], [.. scopes[true]], limits, Version));
    }

    private static Api.CallerLimits Limits(CallerLimitOptions limits) =>
        new(limits.RequestsPerSecond, limits.RequestBurst, limits.Uploads, limits.EventStreams, limits.Queries, limits.Inferences, limits.BytesPerDay);
}
