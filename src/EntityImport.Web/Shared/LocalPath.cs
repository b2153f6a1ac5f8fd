namespace EntityImport.Web.Shared;

/// <summary>Addresses that a request names to be led to: of pages of this service alone.</summary>
public static class LocalPath
{
    /// <summary>As many as go through a provider of sign-ins: the path is part of the <c>state</c> in its address, sealed, and few take long ones.</summary>
    public const int MostAtProvider = 2_000;

    /// <summary>As many as an address has in which each column of a wide file was chosen, and half of the longest that the service takes.</summary>
    private const int MostCharacters = 32_000;

    /// <summary>A path with its query, if that is what a text is, and else <c>/</c>: two slashes begin another host's address, and browsers take a backslash for one and leave out what is not printed.</summary>
    /// <param name="text">What the request names; null where it names nothing.</param>
    /// <param name="most">How many characters it may have.</param>
    public static string Of(string? text, int most = MostCharacters) =>
        text is ['/', ..] and not ['/', '/' or '\\', ..] && text.Length <= most && text.All(character => character is > ' ' and < '\x7f' and not '\\') ? text : "/";
}
