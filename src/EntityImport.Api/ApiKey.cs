namespace EntityImport.Api;

/// <summary>An API key as administrators ask for it.</summary>
public sealed record NewApiKey
{
    /// <summary>What it is for: 1 to 100 characters.</summary>
    public required string Name { get; init; }

    /// <summary>What its holder may do: <c>read</c>, <c>import</c>, <c>admin</c>, or one of them for one entity, like <c>import:Product</c>.</summary>
    public required IReadOnlyList<string> Scopes { get; init; }

    /// <summary>From when on it lets nobody in; null means never.</summary>
    public DateTimeOffset? ExpiresDate { get; init; }
}

/// <summary>An API key was made.</summary>
/// <param name="Key">The key itself. This is the only time that it is told.</param>
/// <param name="Details">What is kept of it.</param>
public sealed record ApiKeyCreated(string Key, ApiKeyDetails Details);

/// <summary>All API keys, oldest first.</summary>
/// <param name="Keys">The keys, also those that are revoked or expired.</param>
public sealed record ApiKeyList(IReadOnlyList<ApiKeyDetails> Keys);

/// <summary>What is known of an API key.</summary>
/// <param name="KeyId">The key's id, which is no secret.</param>
/// <param name="Name">What it is for.</param>
/// <param name="Start">The first characters of the key.</param>
/// <param name="Scopes">What its holder may do.</param>
/// <param name="CreatedDate">When it was made.</param>
/// <param name="CreatedBy">The name of who made it; null where that is not known.</param>
/// <param name="ExpiresDate">From when on it lets nobody in; null means never.</param>
/// <param name="RevokedDate">When it was revoked; null where it was not.</param>
/// <param name="LastUsedDate">When it was used last; null where it never was.</param>
public sealed record ApiKeyDetails(
    Guid KeyId, string Name, string Start, IReadOnlyList<string> Scopes, DateTimeOffset CreatedDate, string? CreatedBy, DateTimeOffset? ExpiresDate, DateTimeOffset? RevokedDate, DateTimeOffset? LastUsedDate);
