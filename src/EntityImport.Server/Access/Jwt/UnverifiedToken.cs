using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;

namespace EntityImport.Server.Access.Jwt;

/// <summary>What a token says of itself, before anybody has looked whether that is true: enough to choose who is to look.</summary>
/// <param name="Issuer">Whose it says it is (<c>iss</c>); null where it does not.</param>
/// <param name="KeyId">By which key it says it is signed (<c>kid</c>); null where it does not.</param>
internal readonly record struct UnverifiedToken(string? Issuer, string? KeyId)
{
    /// <summary>The most characters of a token.</summary>
    public const int MostCharacters = 16 << 10;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 16 };

    /// <summary>Reads a token in compact form. Never throws, whatever it is.</summary>
    /// <returns>Null where it is no token of three parts.</returns>
    public static UnverifiedToken? Read(ReadOnlySpan<char> token)
    {
        Span<Range> parts = stackalloc Range[4];
        if (token.Length > MostCharacters || token.Split(parts, '.') != 3) return null;
        if (Json(token[parts[0]]) is not { } header || Json(token[parts[1]]) is not { } payload) return null;
        return new UnverifiedToken(Text(payload, "iss"), Text(header, "kid"));
    }

    private static JsonElement? Json(ReadOnlySpan<char> part)
    {
        var bytes = new byte[Base64Url.GetMaxDecodedLength(part.Length)];
        if (Base64Url.DecodeFromChars(part, bytes, out _, out var length) != OperationStatus.Done) return null;
        try
        {
            var json = JsonElement.Parse(bytes.AsSpan(0, length), Strict);
            return json.ValueKind == JsonValueKind.Object ? json : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static string? Text(JsonElement json, string name)
    {
        try
        {
            return json.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.String ? member.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair.
            return null;
        }
    }
}
