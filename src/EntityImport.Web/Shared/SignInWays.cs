namespace EntityImport.Web.Shared;

/// <summary>How people sign in.</summary>
/// <param name="IsAsked">Whether callers are asked who they are.</param>
/// <param name="Provider">The host at which they sign in; null where they need a link.</param>
public sealed record SignInWays(bool IsAsked, string? Provider)
{
    /// <summary>The name of the cookie by which a browser shows its session; where it speaks https, <c>__Host-</c> stands in front of it.</summary>
    public const string Cookie = "eis-session";
}
