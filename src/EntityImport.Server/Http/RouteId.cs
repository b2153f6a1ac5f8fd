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
