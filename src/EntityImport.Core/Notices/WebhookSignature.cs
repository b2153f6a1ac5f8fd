using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using EntityImport.Catalog;

namespace EntityImport.Notices;

/// <summary>The scheme of Standard Webhooks, version 1: HMAC-SHA256 over id, time and body, with a key that its receiver has as <c>whsec_</c> and base64.</summary>
internal static class WebhookSignature
{
    private const string Prefix = "whsec_";
    private const int KeyBytes = 32;

    /// <summary>A new secret.</summary>
    public static string CreateSecret() => Prefix + Convert.ToBase64String(RandomNumberGenerator.GetBytes(KeyBytes));

    /// <summary>The signatures of a notice, one for each secret, separated by spaces.</summary>
    /// <param name="id">The notice's id as it is sent.</param>
    /// <param name="timestamp">The second of the attempt, in Unix time.</param>
    /// <param name="body">The bytes of the body.</param>
    /// <param name="secrets">The secrets that are valid, newest first.</param>
    public static string Sign(string id, long timestamp, ReadOnlySpan<byte> body, IEnumerable<WebhookSecret> secrets)
    {
        byte[] signed = [.. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}.{timestamp}.")), .. body];
        return string.Join(' ', secrets.Select(secret => "v1," + Convert.ToBase64String(HMACSHA256.HashData(Convert.FromBase64String(secret.Text[Prefix.Length..]), signed))));
    }
}
