namespace EntityImport.Catalog;

/// <summary>A key that a program shows to be let in. The key itself is not kept.</summary>
public sealed record ApiKey
{
    /// <summary>The key's id, which is no secret.</summary>
    public required Guid Id { get; init; }

    /// <summary>What it is for, in its maker's words: 1 to 100 characters.</summary>
    public required string Name { get; init; }

    /// <summary>The first characters of the key, by which its holder knows it again.</summary>
    public required string Start { get; init; }

    /// <summary>SHA-256 of the key in lower-case hexadecimal.</summary>
    public required string Hash { get; init; }

    /// <summary>What its holder may do, as texts of scopes: <c>read</c>, <c>import:Product</c>.</summary>
    public required IReadOnlyList<string> Scopes { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The name of who made it; null where that is not known.</summary>
    public string? CreatedBy { get; init; }

    /// <summary>From when on it lets nobody in; null means never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>When it was revoked; null where it was not.</summary>
    public DateTimeOffset? RevokedAt { get; init; }
}
