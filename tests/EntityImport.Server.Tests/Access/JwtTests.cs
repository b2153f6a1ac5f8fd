using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using EntityImport.Server.Access.Jwt;
using EntityImport.Server.Options;
using Microsoft.Extensions.Time.Testing;

namespace EntityImport.Server.Tests.Access;

/// <summary>Callers with tokens of OpenID Connect issuers.</summary>
public sealed class JwtTests : IAsyncLifetime
{
    private const string Audience = "api://eis";

    private readonly TestAuthority _authority = new();
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.UtcNow);
    private readonly LogLines _log = new();
    private FakeIssuer _issuer = null!;
    private FakeIssuer _other = null!;
    private TestServer _server = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _issuer = await FakeIssuer.StartAsync(_authority);
        _other = await FakeIssuer.StartAsync(_authority);
        _server = new TestServer(options => options)
        {
            Clock = _clock,
            Log = _log,
            Access = new AccessOptions
            {
                Jwt = new JwtOptions
                {
                    Issuers = new Dictionary<string, JwtIssuerOptions>
                    {
                        ["first"] = new()
                        {
                            Issuer = _issuer.Issuer,
                            Audience = Audience,
                            TrustedRootsFile = _authority.RootsFile,
                            Grants = [new() { Value = "eis.read", Scopes = ["read"] }, new() { Value = "eis.admin", Scopes = ["admin"] }, new() { Value = "products", Scopes = ["import:Product"] }],
                        },
                        ["other"] = new()
                        {
                            Issuer = _other.Issuer,
                            Audience = Audience,
                            TrustedRootsFile = _authority.RootsFile,
                            ScopeClaim = "roles",
                            SubjectClaim = "oid",
                            NameClaim = "name",
                            Grants = [new() { Value = "EIS reader", Scopes = ["read"] }, new() { Value = "read", Scopes = ["admin"] }],
                        },
                    },
                },
            },
        };
        await _server.InitializeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await _issuer.DisposeAsync();
        await _other.DisposeAsync();
        _authority.Dispose();
    }

    [Theory]
    [InlineData("RS256")]
    [InlineData("PS256")]
    public async Task A_token_of_a_configured_issuer_lets_its_caller_in(string algorithm)
    {
        for (var i = 0; i < 3; i++) Assert.Equal(200, await CallAsync(_issuer.Sign(Claims(), algorithm)));
        Assert.Equal((1, 0), (_issuer.Reads, _other.Reads));
    }

    [Fact]
    public async Task An_import_tells_the_name_in_the_token()
    {
        _server.Http.DefaultRequestHeaders.Add("Authorization", $"Bearer {_issuer.Sign(Claims(("scope", "openid eis.admin"), ("preferred_username", "ada@example.com")))}");
        var (_, mapping) = await _server.MapProductAsync();
        var import = await _server.Client.ImportAsync(await _server.UploadAsync(mapping, "Sku\n1\n"), cancellationToken: Cancel);
        await _server.Client.WaitAsync(import, TestServer.Patience, Cancel);
        var details = await _server.SendAsync(HttpMethod.Get, $"/v1/EntityImport/imports/{import}", HttpStatusCode.OK);
        Assert.Equal("ada@example.com", details.GetProperty("invokedBy").GetString());
    }

    [Fact]
    public async Task Tokens_that_are_not_the_issuers_for_this_service_now_are_refused()
    {
        using var stranger = RSA.Create(2048);
        using var curve = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        byte[] Hmac(byte[] text) => HMACSHA256.HashData(_issuer.PublicKey, text);
        var now = _clock.GetUtcNow();
        var good = _issuer.Sign(Claims());
        Assert.Equal(200, await CallAsync(good));
        (string Name, string Token, string Reason)[] bad =
        [
            ("another key", _issuer.Sign(Claims(), sign: text => stranger.SignData(text, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)), "signature-wrong"),
            ("another issuer's key", _other.Sign(Claims()), "signature-wrong"),
            ("HS256 with the public key", _issuer.Sign(Claims(), "HS256", sign: Hmac), "signature-wrong"),
            ("none", _issuer.Sign(Claims(), "none", sign: _ => []), "signature-wrong"),
            ("None with a signature", _issuer.Sign(Claims(), "None"), "signature-wrong"),
            ("a curve's signature with an RSA key's name", _issuer.Sign(Claims(), "ES256", sign: text => curve.SignData(text, HashAlgorithmName.SHA256)), "signature-wrong"),
            ("another audience", _issuer.Sign(Claims(("aud", "api://other"))), "audience-wrong"),
            ("no audience", _issuer.Sign(Without("aud")), "audience-wrong"),
            ("expired", _issuer.Sign(Claims(("exp", now.AddMinutes(-2).ToUnixTimeSeconds()))), "not-its-time"),
            ("no expiry", _issuer.Sign(Without("exp")), "not-its-time"),
            ("not yet", _issuer.Sign(Claims(("nbf", now.AddMinutes(3).ToUnixTimeSeconds()))), "not-its-time"),
            ("no subject", _issuer.Sign(Without("sub")), "subject-missing"),
            ("a long subject", _issuer.Sign(Claims(("sub", new string('x', 256)))), "subject-missing"),
            ("two subjects", _issuer.Sign(Claims(("sub", new[] { "a", "b" }))), "malformed"),
            ("changed", Changed(good), "signature-wrong"),
            ("without signature", good[..(good.LastIndexOf('.') + 1)], "signature-wrong"),
        ];
        var otherwise = new List<string>();
        foreach (var (name, token, reason) in bad)
        {
            Assert.Equal((name, 401), (name, await CallAsync(token)));
            var told = _log.ToArray().Last(line => line.StartsWith("A credential for first was ", StringComparison.Ordinal));
            if (told != $"A credential for first was refused: {reason}") otherwise.Add($"{name}: {told}");
        }

        Assert.True(otherwise.Count == 0, string.Join("\n", otherwise));

        Assert.DoesNotContain(_log.ToArray(), line => line.Contains(good.Split('.')[2], StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_key_that_others_may_have_too_signs_nothing_though_the_issuer_names_it()
    {
        _issuer.SharedKey = RandomNumberGenerator.GetBytes(32);
        Assert.Equal(200, await CallAsync(_issuer.Sign(Claims())));
        Assert.Equal(401, await CallAsync(_issuer.Sign(Claims(), "HS256", "shared", text => HMACSHA256.HashData(_issuer.SharedKey, text))));
    }

    [Fact]
    public async Task The_clocks_of_issuer_and_service_may_differ_by_two_minutes()
    {
        var now = _clock.GetUtcNow();
        Assert.Equal(200, await CallAsync(_issuer.Sign(Claims(("exp", now.AddSeconds(-110).ToUnixTimeSeconds())))));
        Assert.Equal(200, await CallAsync(_issuer.Sign(Claims(("nbf", now.AddSeconds(110).ToUnixTimeSeconds())))));
        Assert.Equal(200, await CallAsync(_issuer.Sign(Claims(("exp", 253_402_300_799)))));
    }

    [Theory]
    [InlineData("https://issuer.example.com")]
    [InlineData("{issuer}/")]
    [InlineData("{ISSUER}")]
    [InlineData("")]
    public async Task A_token_of_any_other_issuer_is_refused_and_nobody_is_asked(string issuer)
    {
        var named = issuer.Replace("{issuer}", _issuer.Issuer, StringComparison.Ordinal).Replace("{ISSUER}", _issuer.Issuer.ToUpperInvariant(), StringComparison.Ordinal);
        Assert.Equal(401, await CallAsync(_issuer.Sign(Claims(("iss", named)))));
        Assert.Equal((0, 0), (_issuer.Reads, _other.Reads));
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("a.b.c")]
    [InlineData("..")]
    [InlineData("e30.e30.e30")]
    [InlineData("e30.e30.e30.e30.e30")]
    [InlineData("W10.W10.")]
    [InlineData("bnVsbA.bnVsbA.bnVsbA")]
    [InlineData("eyJhIjoiXHVkODAwIn0.eyJpc3MiOiJcdWQ4MDAifQ.x")]
    public async Task What_is_no_token_is_refused(string token) => Assert.Equal(401, await CallAsync(token));

    [Fact]
    public void Whatever_is_changed_in_a_token_is_read_or_refused_and_never_throws()
    {
        const int Seed = 20260302;
        var random = new Random(Seed);
        var token = _issuer.Sign(Claims());
        for (var round = 0; round < 20_000; round++)
        {
            var changed = token.ToCharArray();
            for (var change = random.Next(1, 4); change > 0; change--) changed[random.Next(changed.Length)] = (char)random.Next(round % 2 == 0 ? 128 : 0x10000);
            _ = UnverifiedToken.Read(changed);
        }

        Assert.Equal(new UnverifiedToken(_issuer.Issuer, "key-1"), UnverifiedToken.Read(token));
        Assert.Null(UnverifiedToken.Read(new string('A', UnverifiedToken.MostCharacters + 1)));
    }

    [Fact]
    public async Task Values_of_the_claim_allow_what_is_configured_and_nothing_else()
    {
        Assert.Equal(200, await CallAsync(_issuer.Sign(Claims(("scope", "openid eis.read profile")))));
        // What looks like the service's own scopes, is spelled otherwise, or is only part of a value.
        foreach (var scope in new[] { "", "read", "admin", "EIS.READ", "eis.read,eis.admin", "eis" }) Assert.Equal((scope, 403), (scope, await CallAsync(_issuer.Sign(Claims(("scope", scope))))));
        Assert.Equal(403, await CallAsync(_issuer.Sign(Without("scope"))));
        Assert.Equal(403, await CallAsync(_issuer.Sign(Claims(("roles", new[] { "eis.read" }), ("scope", "")))));
        // Each role is one value, spaces and all; a subject and a name of their own.
        Dictionary<string, object> Others(params string[] roles) => Claims(("iss", _other.Issuer), ("roles", roles), ("oid", "0001"));
        Assert.Equal(200, await CallAsync(_other.Sign(Others("unknown", "EIS reader"))));
        Assert.Equal(403, await CallAsync(_other.Sign(Others("may not read"))));
        Assert.Equal(403, await CallAsync(_other.Sign(Others())));
        Assert.Equal(401, await CallAsync(_other.Sign(Claims(("iss", _other.Issuer), ("roles", "EIS reader")))));
    }

    [Fact]
    public async Task A_new_key_is_found_by_the_first_token_that_it_has_signed()
    {
        var old = _issuer.Sign(Claims());
        Assert.Equal(200, await CallAsync(old));
        _issuer.RollKey();
        _clock.Advance(IssuerKeys.Pause);
        Assert.Equal(200, await CallAsync(_issuer.Sign(Claims())));
        Assert.Equal(2, _issuer.Reads);
        // The key that the issuer has no more, nobody believes any more.
        Assert.Equal(401, await CallAsync(old));
        Assert.Equal(2, _issuer.Reads);
    }

    [Fact]
    public async Task Names_of_keys_that_nobody_has_do_not_make_the_service_ask_without_end()
    {
        Assert.Equal(200, await CallAsync(_issuer.Sign(Claims())));
        for (var i = 0; i < 20; i++) Assert.Equal(401, await CallAsync(_issuer.Sign(Claims(), keyId: $"invented-{i}", sign: _ => new byte[256])));
        Assert.Equal(1, _issuer.Reads);
        _clock.Advance(IssuerKeys.Pause);
        for (var i = 0; i < 20; i++) Assert.Equal(401, await CallAsync(_issuer.Sign(Claims(), keyId: $"invented-{i}", sign: _ => new byte[256])));
        Assert.Equal(2, _issuer.Reads);
    }

    [Fact]
    public async Task Where_the_metadata_cannot_be_read_the_service_cannot_tell()
    {
        _issuer.IsDown = true;
        for (var i = 0; i < 5; i++) await UncheckedAsync(_issuer.Sign(Claims()));
        var asked = _issuer.Reads;
        await UncheckedAsync(_issuer.Sign(Claims(), sign: _ => new byte[256]));
        Assert.Equal(asked, _issuer.Reads);

        _issuer.IsDown = false;
        _clock.Advance(IssuerKeys.Pause);
        Assert.Equal(200, await CallAsync(_issuer.Sign(Claims())));

        // What is known stays known, and what may be a new key cannot be told from an invented one.
        _issuer.IsDown = true;
        _clock.Advance(IssuerKeys.Lifetime);
        Assert.Equal(200, await CallAsync(_issuer.Sign(Claims())));
        Assert.Equal(401, await CallAsync(_issuer.Sign(Claims(), sign: _ => new byte[256])));
        _issuer.RollKey();
        await UncheckedAsync(_issuer.Sign(Claims()));
    }

    [Fact]
    public async Task Metadata_of_another_issuer_are_not_believed()
    {
        _issuer.NamedIssuer = _other.Issuer;
        await UncheckedAsync(_issuer.Sign(Claims()));
    }

    private static string Changed(string token)
    {
        var parts = token.Split('.');
        var payload = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(parts[1])).Replace("eis.read", "eis.admin", StringComparison.Ordinal);
        return $"{parts[0]}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(payload))}.{parts[2]}";
    }

    private Dictionary<string, object> Claims(params (string Name, object Value)[] changes)
    {
        var claims = new Dictionary<string, object>
        {
            ["iss"] = _issuer.Issuer,
            ["aud"] = Audience,
            ["sub"] = "f81d4fae",
            ["scope"] = "eis.read",
            ["exp"] = _clock.GetUtcNow().AddMinutes(5).ToUnixTimeSeconds(),
        };
        foreach (var (name, value) in changes) claims[name] = value;
        return claims;
    }

    private Dictionary<string, object> Without(string claim)
    {
        var claims = Claims();
        claims.Remove(claim);
        return claims;
    }

    private async Task<int> CallAsync(string token) => (int)(await SendAsync(token)).StatusCode;

    private async Task UncheckedAsync(string token)
    {
        using var response = await SendAsync(token);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.True(response.Headers.RetryAfter?.Delta > TimeSpan.Zero);
        Assert.Contains("urn:eis:problem:credentials-unchecked", await response.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    private async Task<HttpResponseMessage> SendAsync(string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/LogicalEntity");
        request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token}");
        return await _server.Http.SendAsync(request, Cancel);
    }
}
