using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;
using EntityImport.Server.Options;

namespace EntityImport.Server.Access.Salesforce;

/// <summary>What Salesforce answers to who asks it for a token, as its holder sends it on: read, and not yet believed.</summary>
internal sealed class TokenResponse
{
    /// <summary>The most characters of base64 that are read.</summary>
    public const int MostCharacters = 8 << 10;

    private const int SignatureBytes = 32;
    private const int IssuedAtDigits = 13;
    private const int MostDepth = 8;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = MostDepth };

    private TokenResponse()
    {
    }

    /// <summary>The token: visible ASCII characters, so that it can stand in a header. A secret.</summary>
    public required string AccessToken { get; init; }

    /// <summary>The address of the user's identity, as it came: text that is signed, and no place to go to.</summary>
    public required string Id { get; init; }

    /// <summary>The organisation's id in <see cref="Id"/>, of 15 or 18 characters.</summary>
    public required string OrganisationId { get; init; }

    /// <summary>The user's id in <see cref="Id"/>, of 15 or 18 characters.</summary>
    public required string UserId { get; init; }

    /// <summary>When the token was given out, as it came: milliseconds since 1970, in 13 digits.</summary>
    public required string IssuedAtText { get; init; }

    /// <summary>When the token was given out.</summary>
    public required DateTimeOffset IssuedAt { get; init; }

    /// <summary>The signature of <see cref="Id"/> and <see cref="IssuedAtText"/>: 32 bytes.</summary>
    public required byte[] Signature { get; init; }

    /// <summary>Reads what stands behind <c>OAuth</c> in a request. Never throws, whatever that is.</summary>
    /// <param name="credential">Base64, standard or URL-safe, with padding or without, of UTF-8 JSON.</param>
    /// <param name="response">The token response.</param>
    public static bool TryParse(ReadOnlySpan<byte> credential, [NotNullWhen(true)] out TokenResponse? response)
    {
        response = null;
        Span<byte> json = stackalloc byte[MostCharacters];
        if (!TryDecode(credential, json, out var length)) return false;
        json = json[..length];
        if (!Utf8.IsValid(json)) return false;
        try
        {
            response = Read(JsonElement.Parse(json, Strict));
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // No JSON; or a text in it with half of a surrogate pair, which only reading it finds.
        }

        return response is not null;
    }

    private static TokenResponse? Read(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object) return null;
        if (Text(json, "access_token") is not { Length: > 0 } token || !token.All(c => c is > ' ' and <= '~')) return null;
        if (Text(json, "id") is not { } id || !TrySplit(id, out var organisation, out var user)) return null;
        if (Text(json, "issued_at") is not { Length: IssuedAtDigits } issued || !issued.All(char.IsAsciiDigit)) return null;
        if (Text(json, "signature") is not { } signature || Signed(signature) is not { } signed) return null;
        // Where the token would be used, and how it is called, is not for its sender to say; but they belong to a token response.
        if (Text(json, "instance_url") is null || Text(json, "token_type") is null) return null;
        return new TokenResponse
        {
            AccessToken = token,
            Id = id,
            OrganisationId = organisation,
            UserId = user,
            IssuedAtText = issued,
            IssuedAt = DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(issued, NumberStyles.None, CultureInfo.InvariantCulture)),
            Signature = signed,
        };
    }

    private static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.String ? member.GetString() : null;

    /// <summary>The ids in <c>https://HOST/id/{orgId}/{userId}</c>, where that is what the text is.</summary>
    private static bool TrySplit(string id, out string organisation, out string user)
    {
        (organisation, user) = ("", "");
        if (id.Split('/') is not ["https:", "", { Length: > 0 } host, "id", var first, var second]) return false;
        if (!host.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or ':') || !SalesforceId.IsValid(first) || !SalesforceId.IsValid(second)) return false;
        (organisation, user) = (first, second);
        return true;
    }

    private static byte[]? Signed(string signature)
    {
        var bytes = new byte[SignatureBytes];
        return signature.Length == Base64.GetMaxEncodedToUtf8Length(SignatureBytes) && Convert.TryFromBase64String(signature, bytes, out var length) && length == SignatureBytes ? bytes : null;
    }

    /// <summary>Decodes base64 of one alphabet. The framework's decoders take spaces and mixtures of paddings, too, which nobody sends who means well.</summary>
    private static bool TryDecode(ReadOnlySpan<byte> text, Span<byte> into, out int length)
    {
        length = 0;
        if (text.Length > MostCharacters) return false;
        var padding = text.Length - text.TrimEnd((byte)'=').Length;
        if (padding > 2 || (padding > 0 && text.Length % 4 != 0)) return false;
        text = text[..^padding];
        if (text.ContainsAny("+/"u8) && text.ContainsAny("-_"u8)) return false;
        Span<byte> urlSafe = stackalloc byte[text.Length];
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsAsciiLetterOrDigit((char)text[i]) && !"+/-_"u8.Contains(text[i])) return false;
            urlSafe[i] = text[i] switch { (byte)'+' => (byte)'-', (byte)'/' => (byte)'_', var other => other };
        }

        return Base64Url.DecodeFromUtf8(urlSafe, into, out _, out length) == OperationStatus.Done;
    }
}
