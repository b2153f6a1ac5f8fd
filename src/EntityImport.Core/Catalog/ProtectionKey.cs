namespace EntityImport.Catalog;

/// <summary>A key that cookies are encrypted with, or the revocation of one, as ASP.NET Core writes it. A secret; what it protects is of no use without what the store has as a hash alone.</summary>
public sealed record ProtectionKey
{
    /// <summary>The id; ids rise with time.</summary>
    public required Guid Id { get; init; }

    /// <summary>What ASP.NET Core calls it; null where it gives it no name.</summary>
    public string? Name { get; init; }

    /// <summary>The key, as XML.</summary>
    public required string Xml { get; init; }

    /// <summary>Tells nothing of it.</summary>
    public override string ToString() => $"ProtectionKey {Id:D}";
}
