namespace EntityImport.Web.Shared;

/// <summary>Addresses that a request names to be led to: of pages of this service alone.</summary>
public static class LocalPath
{
    private const int MostCharacters = 2_000;

    /// <summary>A path with its query, if that is what a text is, and else <c>/</c>: two slashes begin another host's address, and browsers take a backslash for one and leave out what is not printed.</summary>
    /// <param name="text">What the request names; null where it names nothing.</param>
    public static string Of(string? text) =>
        text is ['/', ..] and not ['/', '/' or '\\', ..] && text.Length <= MostCharacters && text.All(character => character is > ' ' and < '\x7f' and not '\\') ? text : "/";
}
