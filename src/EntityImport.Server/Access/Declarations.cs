using EntityImport.Access;

namespace EntityImport.Server.Access;

/// <summary>What an endpoint declares of its callers. One that declares nothing is for administrators alone, and a test finds it.</summary>
internal static class Declarations
{
    /// <summary>The scopes of which a caller needs one.</summary>
    public static RouteHandlerBuilder Needs(this RouteHandlerBuilder endpoint, Scope anyOf)
    {
        endpoint.Add(builder =>
        {
            var method = builder.Metadata.OfType<HttpMethodMetadata>().SingleOrDefault()?.HttpMethods.SingleOrDefault();
            builder.Metadata.Add(new NeededScope(anyOf, $"{method} {((RouteEndpointBuilder)builder).RoutePattern.RawText?.TrimEnd('/')}"));
        });
        return endpoint;
    }

    /// <summary>What a call occupies as long as it lasts.</summary>
    public static RouteHandlerBuilder Takes(this RouteHandlerBuilder endpoint, Place place) => endpoint.WithMetadata(new TakenPlace(place));

    /// <summary>Whoever reaches the server may call it.</summary>
    public static TBuilder IsOpen<TBuilder>(this TBuilder endpoint) where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(OpenToAll.Instance);
}

/// <summary>The scopes of which an endpoint's caller needs one.</summary>
/// <param name="AnyOf">The scopes.</param>
/// <param name="Call">Method and route, as the audit trail tells them.</param>
internal sealed record NeededScope(Scope AnyOf, string Call)
{
    /// <summary>What an endpoint needs that declares nothing.</summary>
    public static NeededScope Undeclared { get; } = new(Scope.Admin, "undeclared");
}

/// <summary>What calls of an endpoint occupy.</summary>
internal sealed record TakenPlace(Place Place);

/// <summary>Marks an endpoint that nobody is asked for.</summary>
internal sealed class OpenToAll
{
    public static OpenToAll Instance { get; } = new();
}
