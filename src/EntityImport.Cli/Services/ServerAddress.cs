namespace EntityImport.Cli.Services;

/// <summary>A server, and how it is called.</summary>
/// <param name="Url">Its address.</param>
/// <param name="ApiKey">The key; null where none was given.</param>
/// <param name="KeySource">Where the key comes from, for people; null likewise.</param>
/// <param name="IsPlainHttpAllowed">Whether the key may be sent unencrypted to another machine.</param>
internal sealed record ServerAddress(Uri Url, string? ApiKey, string? KeySource, bool IsPlainHttpAllowed)
{
    /// <summary>What is shown of it: never the key.</summary>
    public override string ToString() => Url.ToString();
}
