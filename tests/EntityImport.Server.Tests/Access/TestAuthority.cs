using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace EntityImport.Server.Tests.Access;

/// <summary>Certificates of an authority of the test's own, which nobody trusts who is not told to.</summary>
internal sealed class TestAuthority : IDisposable
{
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly ECDsa _serverKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _root;

    public TestAuthority()
    {
        var request = new CertificateRequest("CN=Test authority", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        _root = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        Server = MakeServer();
        File.WriteAllText(RootsFile, _root.ExportCertificatePem());
    }

    /// <summary>An address beside loopback that its servers may have, too, where a test has a network of its own.</summary>
    public const string OtherAddress = "10.99.0.1";

    /// <summary>The certificate of a server on this machine, with its key.</summary>
    public X509Certificate2 Server { get; }

    /// <summary>The authority's own certificate in a PEM file.</summary>
    public string RootsFile { get; } = Path.Combine(Path.GetTempPath(), $"eis-roots-{Guid.NewGuid():N}.pem");

    /// <summary>Another certificate for the same names, with its key.</summary>
    public X509Certificate2 Renew() => MakeServer();

    /// <summary>A certificate and its key as PEM.</summary>
    public string PemOf(X509Certificate2 server) => $"{server.ExportCertificatePem()}\n{_serverKey.ExportPkcs8PrivateKeyPem()}\n";

    public void Dispose()
    {
        File.Delete(RootsFile);
        Server.Dispose();
        _root.Dispose();
        _serverKey.Dispose();
        _key.Dispose();
    }

    private X509Certificate2 MakeServer()
    {
        var request = new CertificateRequest("CN=localhost", _serverKey, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        names.AddIpAddress(IPAddress.Parse(OtherAddress));
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(_root, _root.NotBefore, _root.NotAfter, RandomNumberGenerator.GetBytes(8));
        return certificate.CopyWithPrivateKey(_serverKey);
    }
}
