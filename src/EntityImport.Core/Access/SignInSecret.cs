using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace EntityImport.Access;

/// <summary>What a browser shows of its session, and a link of the one that it opens: 256 random bits, of which the SHA-256 alone is kept.</summary>
public static class SignInSecret
{
    /// <summary>What the secret of a link begins with, so that scanners recognize one that was published.</summary>
    public const string LinkPrefix = "eislink_";

    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    /// <summary>62^43 is more than 2^256.</summary>
    private const int RandomLength = 43;

    private static readonly SearchValues<char> Characters = SearchValues.Create(Alphabet);

    /// <summary>A new secret of a session.</summary>
    public static string Create() => RandomNumberGenerator.GetString(Alphabet, RandomLength);

    /// <summary>A new secret of a link.</summary>
    public static string CreateForLink() => LinkPrefix + Create();

    /// <summary>Whether a text could be the secret of a link.</summary>
    public static bool IsOfLink(string? text) =>
        text is { Length: var length } && length == LinkPrefix.Length + RandomLength && text.StartsWith(LinkPrefix, StringComparison.Ordinal) && text.AsSpan(LinkPrefix.Length).IndexOfAnyExcept(Characters) < 0;

    /// <summary>What is kept of a secret: its SHA-256 in lower-case hexadecimal.</summary>
    public static string HashOf(string secret)
    {
        ArgumentNullException.ThrowIfNull(secret);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));
    }
}
