using System.Buffers;
using System.IO.Hashing;
using System.Security.Cryptography;
using System.Text;

namespace EntityImport.Access;

/// <summary>
/// The text of an API key: <c>eis_</c>, 256 random bits as 43 characters, and 6 characters that are their CRC-32, so that scanners recognize a key that was published, and a typo is found
/// without asking anybody. What is kept of a key is its SHA-256: 256 random bits need no slow hash.
/// </summary>
public static class ApiKeyText
{
    private static readonly SearchValues<char> Characters = SearchValues.Create(Alphabet);

    /// <summary>What every key begins with.</summary>
    public const string Prefix = "eis_";

    /// <summary>How many characters a key has.</summary>
    public const int Length = PrefixLength + SecretLength + CheckLength;

    private const int PrefixLength = 4;
    private const int SecretLength = 43;
    private const int CheckLength = 6;
    private const int ShownLength = 4;
    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    /// <summary>A new key.</summary>
    public static string Create()
    {
        // 62^43 is more than 2^256.
        var secret = RandomNumberGenerator.GetString(Alphabet, SecretLength);
        Span<char> check = stackalloc char[CheckLength];
        WriteCheck(secret, check);
        return $"{Prefix}{secret}{check}";
    }

    /// <summary>Whether a text is a key that could have been made here.</summary>
    public static bool IsValid(string? text) =>
        text is { Length: Length } && text.StartsWith(Prefix, StringComparison.Ordinal)
        && text.AsSpan(PrefixLength).IndexOfAnyExcept(Characters) < 0
        && HasCheck(text.AsSpan(PrefixLength, SecretLength), text.AsSpan(PrefixLength + SecretLength));

    /// <summary>What is kept of a key: its SHA-256 in lower-case hexadecimal.</summary>
    public static string HashOf(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
    }

    /// <summary>The same of a key that <see cref="IsValid"/>, into characters, of which it takes 64.</summary>
    internal static void WriteHash(string key, Span<char> hash)
    {
        Span<byte> bytes = stackalloc byte[Length];
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        Encoding.ASCII.GetBytes(key, bytes);
        SHA256.HashData(bytes, digest);
        Convert.TryToHexStringLower(digest, hash, out _);
    }

    /// <summary>The beginning of a key, by which its holder knows it again.</summary>
    public static string StartOf(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return key[..(PrefixLength + ShownLength)];
    }

    private static bool HasCheck(ReadOnlySpan<char> secret, ReadOnlySpan<char> check)
    {
        Span<char> wanted = stackalloc char[CheckLength];
        WriteCheck(secret, wanted);
        return check.SequenceEqual(wanted);
    }

    private static void WriteCheck(ReadOnlySpan<char> secret, Span<char> check)
    {
        Span<byte> bytes = stackalloc byte[SecretLength];
        Encoding.ASCII.GetBytes(secret, bytes);
        var rest = Crc32.HashToUInt32(bytes);
        for (var i = CheckLength - 1; i >= 0; i--, rest /= (uint)Alphabet.Length) check[i] = Alphabet[(int)(rest % (uint)Alphabet.Length)];
    }
}
