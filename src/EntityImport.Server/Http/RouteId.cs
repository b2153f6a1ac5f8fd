using Microsoft.AspNetCore.Routing.Matching;
using Microsoft.AspNetCore.Routing.Patterns;

namespace EntityImport.Server.Http;

/// <summary>Ids in paths.</summary>
internal static class RouteId
{
    /// <summary>An id where a malformed one is a malformed request.</summary>
    /// <exception cref="RequestException">It is no UUID: 400.</exception>
    public static Guid Require(string text, string name) =>
        Guid.TryParseExact(text, "D", out var id) ? id : throw Refusal.MalformedId(name, text);

    /// <summary>An id where a malformed one is just unknown.</summary>
    /// <exception cref="RequestException">It is no UUID: 404.</exception>
    public static Guid Find(string text, Func<string, RequestException> unknown) =>
        Guid.TryParseExact(text, "D", out var id) ? id : throw unknown(text);
}

/// <summary>The segment of a path that is an id, of whatever form: none that is a word of other paths, in any case. A method that such a path does not have is 405 then, and what stands below none of them is 404.</summary>
internal sealed class IdSegment : IRouteConstraint, IParameterLiteralNodeMatchingPolicy
{
    private static readonly HashSet<string> Words = new(["mappings", "uploads", "imports", "plans", "events"], StringComparer.OrdinalIgnoreCase);

    /// <summary>Has the endpoints of a group take no word for an id. Their patterns are told as they were.</summary>
    public static void AddTo(IEndpointConventionBuilder group) => group.Add(endpoint =>
    {
        if (endpoint is not RouteEndpointBuilder { RoutePattern: { RawText: { } text } pattern } route || pattern.PathSegments is not [_, { Parts: [RoutePatternLiteralPart { Content: "EntityImport" }] }, { Parts: [RoutePatternParameterPart id] }, ..]) return;
        route.RoutePattern = RoutePatternFactory.Parse(text, defaults: null, new RouteValueDictionary { [id.Name] = new IdSegment() });
    });

    /// <inheritdoc/>
    public bool Match(HttpContext? httpContext, IRouter? route, string routeKey, RouteValueDictionary values, RouteDirection routeDirection) => values[routeKey] is not string segment || !Words.Contains(segment);

    /// <inheritdoc/>
    public bool MatchesLiteral(string parameterName, string literal) => !Words.Contains(literal);
}
