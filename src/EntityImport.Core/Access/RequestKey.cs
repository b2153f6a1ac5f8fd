namespace EntityImport.Access;

/// <summary>What marks a request that its caller may send again: the same key means the same request.</summary>
/// <param name="Value">The caller's key: 1 to 255 printable ASCII characters.</param>
/// <param name="Target">What is asked for: <c>POST /v1/EntityImport</c>.</param>
public sealed record RequestKey(string Value, string Target)
{
    /// <summary>The most characters that a key has.</summary>
    public const int MaxLength = 255;

    /// <summary>Whether a text may be a key.</summary>
    public static bool IsValid(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Length is > 0 and <= MaxLength && text.All(c => c is >= ' ' and <= '~');
    }
}
