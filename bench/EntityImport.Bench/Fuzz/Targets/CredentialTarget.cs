using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;
using EntityImport.Access;
using EntityImport.Server.Access.Jwt;
using EntityImport.Server.Access.Salesforce;

namespace EntityImport.Bench.Fuzz.Targets;

/// <summary>Any bytes as what a caller shows: as a token response in base64, as the JSON in it, as a token of an issuer and as an API key. Refused, or what a plain reading of the JSON says, however its base64 is written.</summary>
internal sealed class CredentialTarget : FuzzTarget
{
    public override string Name => "credential";

    public override IReadOnlyList<string> Tokens { get; } =
    [
        "{", "}", ":", ",", "\"", "null", "\"access_token\"", "\"instance_url\"", "\"id\"", "\"token_type\"", "\"issued_at\"", "\"signature\"", "https://login.salesforce.com/id/", "00Dxx0000001gPLEAY", "005xx000001SwiUAAS", "1700000000000",
        "/", "=", "==", "-", "_", "eis_", ".", "eyJ", "\\u0000", "\\ud800", "\uFEFF",
    ];

    public override void Run(byte[] input)
    {
        Check(Parse(input));
        var padded = Parse(Encoding.ASCII.GetBytes(Convert.ToBase64String(input)));
        var plain = Parse(Encoding.ASCII.GetBytes(Base64Url.EncodeToString(input)));
        DisagreementException.ThrowIfDifferent((padded?.Id, padded?.AccessToken, padded?.IssuedAtText), (plain?.Id, plain?.AccessToken, plain?.IssuedAtText), "members by standard and by URL-safe base64");
        Check(padded);
        if (padded is not null) CheckAgainst(padded, input);
        var text = Encoding.Latin1.GetString(input);
        UnverifiedToken.Read(text);
        DisagreementException.ThrowUnless(!ApiKeyText.IsValid(text) || (text.StartsWith(ApiKeyText.Prefix, StringComparison.Ordinal) && text.All(char.IsAscii)), $"'{text}' is taken for an API key");
    }

    private static TokenResponse? Parse(byte[] credential) => TokenResponse.TryParse(credential, out var response) ? response : null;

    private static void Check(TokenResponse? response)
    {
        if (response is null) return;
        DisagreementException.ThrowUnless(IsId(response.OrganisationId) && IsId(response.UserId), $"'{response.OrganisationId}' and '{response.UserId}' are taken for ids");
        DisagreementException.ThrowUnless(response.Id.EndsWith($"/id/{response.OrganisationId}/{response.UserId}", StringComparison.Ordinal), $"'{response.Id}' has other ids");
        DisagreementException.ThrowUnless(response.IssuedAtText.Length == 13 && response.IssuedAt.ToUnixTimeMilliseconds().ToString("0000000000000", CultureInfo.InvariantCulture) == response.IssuedAtText, $"'{response.IssuedAtText}' is {response.IssuedAt}");
        DisagreementException.ThrowUnless(response.AccessToken.All(c => c is > ' ' and < (char)127), "A token cannot stand in a header");
        DisagreementException.ThrowIfDifferent(response.Signature.Length, 32, "bytes of a signature");
    }

    private static void CheckAgainst(TokenResponse response, byte[] json)
    {
        using var document = JsonDocument.Parse(json);
        foreach (var (name, value) in (ReadOnlySpan<(string, string)>)[("id", response.Id), ("access_token", response.AccessToken), ("issued_at", response.IssuedAtText)])
            DisagreementException.ThrowIfDifferent(document.RootElement.GetProperty(name).GetString(), value, name);
    }

    private static bool IsId(string text) => text.Length is 15 or 18 && text.All(char.IsAsciiLetterOrDigit);
}
