using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using EntityImport.Access;
using EntityImport.Options;
using EntityImport.Server.Options;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;

namespace EntityImport.Server.Tests.Access;

/// <summary>Where the server listens: with TLS, and beyond this machine only where callers are asked who they are and nobody can overhear them.</summary>
public sealed class ListenTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("eis-listen-").FullName;
    private readonly TestAuthority _authority = new();
    private readonly string _key = ApiKeyText.Create();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _authority.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("http://0.0.0.0:0", true, false, false, "overheard")]
    [InlineData("http://10.99.0.1:0", true, true, false, "overheard")]
    [InlineData("https://0.0.0.0:0", true, false, false, "no certificate")]
    [InlineData("https://0.0.0.0:0", false, true, false, "does not ask callers who they are")]
    [InlineData("http://0.0.0.0:0", false, false, true, "does not ask callers who they are")]
    [InlineData("https://example.com:8443", true, true, false, "no IP address")]
    [InlineData("https://0.0.0.0:0", true, true, false, null)]
    [InlineData("http://0.0.0.0:0", true, false, true, null)]
    [InlineData("https://*:0", true, true, false, null)]
    [InlineData("https://127.0.0.1:0", false, true, false, null)]
    public async Task Beyond_this_machine_callers_are_asked_and_not_overheard(string url, bool asks, bool hasCertificate, bool plainHttp, string? reason)
    {
        var options = new ServerOptions
        {
            Urls = [url],
            Access = new AccessOptions { AdminKey = asks ? _key : null, PlainHttp = plainHttp },
            Tls = new TlsOptions { Certificate = hasCertificate ? WriteCertificate(_authority.Server) : null },
            Engine = new EngineOptions { DataDirectory = Path.Combine(_folder, "data") },
        };

        if (reason is null)
        {
            await using var built = EntityImportServer.Build(options);
            return;
        }

        var refused = Assert.Throws<ServerConfigurationException>(() => EntityImportServer.Build(options));
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
        Assert.Contains(url, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_that_is_replaced_is_shown_from_then_on_and_one_that_cannot_be_used_is_not()
    {
        var file = WriteCertificate(_authority.Server);
        await using var server = await StartAsync(new TlsOptions { Certificate = file }, new AccessOptions { AdminKey = _key });
        Assert.Equal(_authority.Server.SerialNumber, await SerialAsync(server));

        await File.WriteAllTextAsync(file, "-----BEGIN CERTIFICATE-----\nbroken\n-----END CERTIFICATE-----", Cancel);
        File.SetLastWriteTimeUtc(file, DateTime.UtcNow.AddMinutes(1));
        Assert.Equal(_authority.Server.SerialNumber, await SerialAsync(server));

        using var renewed = _authority.Renew();
        WriteCertificate(renewed);
        File.SetLastWriteTimeUtc(file, DateTime.UtcNow.AddMinutes(2));
        await Eventually.TrueAsync(async () => await SerialAsync(server) == renewed.SerialNumber, "The new certificate is never shown.");
        await server.StopAsync(Cancel);
    }

    [Fact]
    public async Task A_certificate_may_be_given_as_text_and_one_without_a_key_is_refused()
    {
        await using var server = await StartAsync(new TlsOptions { Certificate = _authority.PemOf(_authority.Server) }, new AccessOptions { AdminKey = _key });
        Assert.Equal(_authority.Server.SerialNumber, await SerialAsync(server));
        await server.StopAsync(Cancel);

        var keyless = await Assert.ThrowsAsync<ServerConfigurationException>(() => StartAsync(new TlsOptions { Certificate = _authority.Server.ExportCertificatePem() }, new AccessOptions { AdminKey = _key }));
        Assert.Contains("tls.certificate cannot be used", keyless.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.1", "192.0.2.7")]
    [InlineData("127.0.0.2", "127.0.0.1")]
    public async Task Where_a_call_came_from_is_what_a_known_proxy_says(string known, string address)
    {
        await using var own = new TestServer { Access = new AccessOptions { AdminKey = _key, ApiKeys = true, Proxies = [known] } };
        await own.InitializeAsync();
        own.Http.DefaultRequestHeaders.Add("X-Forwarded-For", "192.0.2.7");

        await own.SendAsync(HttpMethod.Post, "/v1/keys", HttpStatusCode.Created, TestServer.Json("""{ "name": "x", "scopes": ["read"] }"""));

        var trail = await own.SendAsync(HttpMethod.Get, "/v1/audit", HttpStatusCode.OK);
        Assert.Equal(address, trail.GetProperty("entries")[0].GetProperty("address").GetString());
    }

    private string WriteCertificate(X509Certificate2 certificate)
    {
        var file = Path.Combine(_folder, "tls.pem");
        File.WriteAllText(file, _authority.PemOf(certificate));
        return file;
    }

    private async Task<WebApplication> StartAsync(TlsOptions tls, AccessOptions access)
    {
        var options = new ServerOptions { Urls = ["https://127.0.0.1:0"], Tls = tls, Access = access, Engine = new EngineOptions { DataDirectory = Path.Combine(_folder, "data") } };
        var server = EntityImportServer.Build(options, builder => builder.Logging.ClearProviders());
        try
        {
            await server.StartAsync(Cancel);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>The serial number of the certificate that a new connection is shown, after a call over it.</summary>
    private async Task<string?> SerialAsync(WebApplication server)
    {
        string? serial = null;
        using var roots = X509CertificateLoader.LoadCertificateFromFile(_authority.RootsFile);
        using var handler = new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { roots }, RevocationMode = X509RevocationMode.NoCheck },
                RemoteCertificateValidationCallback = (_, certificate, _, faults) =>
                {
                    serial = (certificate as X509Certificate2)?.SerialNumber;
                    return faults == SslPolicyErrors.None;
                },
            },
        };
        using var http = new HttpClient(handler) { BaseAddress = new Uri(server.Urls.Single()), DefaultRequestHeaders = { { "X-Api-Key", _key } } };
        using var answer = await http.GetAsync("/v1/me", Cancel);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return serial;
    }
}
