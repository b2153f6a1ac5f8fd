namespace EntityImport.Server.Options;

/// <summary>Where catalog and records are kept.</summary>
public sealed record StoreOptions
{
    /// <summary>How a PostgreSQL database is reached, as <c>Host=db;Database=eis;Username=eis;Password=…</c>; null means the embedded store in the data directory. Files stay in the data directory either way.</summary>
    public string? Postgres { get; init; }

    /// <summary>Whether it is the embedded store.</summary>
    internal bool IsEmbedded => string.IsNullOrWhiteSpace(Postgres);
}
