namespace EntityImport.Access;

/// <summary>Who calls the service, however it was found out.</summary>
public sealed record Caller
{
    /// <summary>Whoever reaches the service, where nobody is asked who he is.</summary>
    public static Caller Anonymous { get; } = new() { Scheme = "none" };

    /// <summary>What tells this caller from others: its keys of requests and its limits are its own. Null where callers are not told apart.</summary>
    public string? Id { get; init; }

    /// <summary>How it was found out who it is: <c>none</c>, <c>local</c>, <c>key</c>, <c>jwt</c>, <c>salesforce</c>, <c>oidc</c> or <c>link</c>.</summary>
    public string Scheme { get; init; } = "none";

    /// <summary>Who it is to the scheme, as a user's or key's id; null where that is not known.</summary>
    public string? Subject { get; init; }

    /// <summary>The name that imports say they were invoked by; null where it is not known.</summary>
    public string? Name { get; init; }

    /// <summary>The organisation, tenant or issuer that vouches for it; null where there is none.</summary>
    public string? Organisation { get; init; }

    /// <summary>What it may do, and with which entities.</summary>
    public ScopeSet Scopes { get; init; } = ScopeSet.All;

    /// <summary>The user at the terminal, who has the data directory and so may do everything.</summary>
    /// <param name="name">The user's name.</param>
    public static Caller Local(string name) => new() { Scheme = "local", Subject = name, Name = name };
}
