using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace EntityImport.Server.Tests.Access;

/// <summary>An OpenID Connect issuer on this machine, over https, which rolls its keys, goes down, and counts how often its metadata were asked for.</summary>
internal sealed class FakeIssuer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private RSA _key = RSA.Create(2048);
    private int _keyNumber = 1;
    private int _reads;

    private FakeIssuer(TestAuthority authority)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(authority.Server)));
        _app = builder.Build();
        _app.Run(AnswerAsync);
    }

    /// <summary>What its tokens name in <c>iss</c>.</summary>
    public string Issuer => _app.Urls.Single() + "/realms/test";

    /// <summary>What its metadata name as issuer; null means itself.</summary>
    public string? NamedIssuer { get; set; }

    /// <summary>A key that it names beside its own, though whoever can check with it can sign, too; null means none.</summary>
    public byte[]? SharedKey { get; set; }

    /// <summary>How often its metadata were asked for.</summary>
    public int Reads => Volatile.Read(ref _reads);

    /// <summary>Whether it answers nothing but errors.</summary>
    public bool IsDown { get; set; }

    public string KeyId => $"key-{_keyNumber}";

    public static async Task<FakeIssuer> StartAsync(TestAuthority authority)
    {
        var issuer = new FakeIssuer(authority);
        await issuer._app.StartAsync();
        return issuer;
    }

    /// <summary>Signs with another key from now on.</summary>
    public void RollKey()
    {
        _key = RSA.Create(2048);
        _keyNumber++;
    }

    public string Sign(Dictionary<string, object> claims, string algorithm = "RS256", string? keyId = null, Func<byte[], byte[]>? sign = null)
    {
        var text = $"{Part(new Dictionary<string, object> { ["alg"] = algorithm, ["kid"] = keyId ?? KeyId, ["typ"] = "at+jwt" })}.{Part(claims)}";
        var bytes = Encoding.ASCII.GetBytes(text);
        var signature = sign is not null ? sign(bytes) : _key.SignData(bytes, HashAlgorithmName.SHA256, algorithm == "PS256" ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1);
        return $"{text}.{Base64Url.EncodeToString(signature)}";
    }

    /// <summary>The public key as everybody may know it.</summary>
    public byte[] PublicKey => Encoding.ASCII.GetBytes(_key.ExportSubjectPublicKeyInfoPem());

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _key.Dispose();
    }

    private static string Part(Dictionary<string, object> json) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(json));

    private Task AnswerAsync(HttpContext context)
    {
        if (context.Request.Path == "/realms/test/.well-known/openid-configuration") Interlocked.Increment(ref _reads);
        if (IsDown)
        {
            context.Response.StatusCode = 503;
            return Task.CompletedTask;
        }

        var key = _key.ExportParameters(includePrivateParameters: false);
        return context.Request.Path.Value switch
        {
            "/realms/test/.well-known/openid-configuration" => context.Response.WriteAsJsonAsync(new { issuer = NamedIssuer ?? Issuer, jwks_uri = Issuer + "/certs" }),
            "/realms/test/certs" => context.Response.WriteAsJsonAsync(new
            {
                keys = new object[]
                {
                    new { kty = "RSA", use = "sig", kid = KeyId, n = Base64Url.EncodeToString(key.Modulus), e = Base64Url.EncodeToString(key.Exponent) },
                    new { kty = "oct", use = "sig", kid = "shared", k = Base64Url.EncodeToString(SharedKey) },
                }[..(SharedKey is null ? 1 : 2)],
            }),
            _ => throw new InvalidOperationException($"Nobody should ask for {context.Request.Path}."),
        };
    }
}
