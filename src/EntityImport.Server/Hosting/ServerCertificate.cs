using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EntityImport.Server.Options;

namespace EntityImport.Server.Hosting;

/// <summary>The certificate that the server shows. Its files are read again when they have changed; where they cannot be used then, the certificate from before goes on. Thread-safe.</summary>
internal sealed class ServerCertificate : IDisposable
{
    private const string PemStart = "-----BEGIN";

    /// <summary>How often handshakes look whether the files have changed.</summary>
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    private readonly TlsOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<ServerCertificate> _log;
    private readonly Lock _state = new();
    private long _lookedAt;
    private (DateTime, DateTime) _stamp;
    private SslServerAuthenticationOptions _current;

    /// <summary>Reads the certificate.</summary>
    /// <exception cref="ServerConfigurationException">It cannot be read, or has no key.</exception>
    public ServerCertificate(ServerOptions options, TimeProvider time, ILogger<ServerCertificate> log)
    {
        _options = options.Tls;
        _time = time;
        _log = log;
        try
        {
            _stamp = Stamp();
            _current = Load();
            _lookedAt = time.GetTimestamp();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new ServerConfigurationException($"The certificate of tls.certificate cannot be used: {exception.Message}");
        }
    }

    /// <summary>What a handshake is answered with.</summary>
    public SslServerAuthenticationOptions Current
    {
        get
        {
            lock (_state)
            {
                if (_time.GetElapsedTime(_lookedAt) < LookInterval) return _current;
                _lookedAt = _time.GetTimestamp();
                try
                {
                    var stamp = Stamp();
                    if (stamp == _stamp) return _current;
                    // Connections hold on to the one from before; it goes with the last of them.
                    _current = Load();
                    _stamp = stamp;
                    _log.LogInformation("The certificate was read anew");
                }
                catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException)
                {
                    _log.LogError(exception, "The certificate has changed and cannot be used; the one from before goes on");
                }

                return _current;
            }
        }
    }

    public void Dispose()
    {
        foreach (var certificate in _current.ServerCertificateContext!.IntermediateCertificates) certificate.Dispose();
        _current.ServerCertificateContext.TargetCertificate.Dispose();
    }

    private (DateTime Certificate, DateTime Key) Stamp() => (StampOf(_options.Certificate), StampOf(_options.Key));

    private static DateTime StampOf(string? source) => source is null || IsPem(source) ? default : File.GetLastWriteTimeUtc(source);

    private static bool IsPem(string text) => text.Contains(PemStart, StringComparison.Ordinal);

    private SslServerAuthenticationOptions Load()
    {
        var all = new X509Certificate2Collection();
        var own = IsPem(TextOf(_options.Certificate!)) ? LoadPem(all) : LoadPkcs12(all);
        if (!own.HasPrivateKey) throw new CryptographicException("it has no private key");
        all.Remove(own);
        return new SslServerAuthenticationOptions
        {
            ServerCertificateContext = SslStreamCertificateContext.Create(own, all, offline: true),
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        };
    }

    private X509Certificate2 LoadPem(X509Certificate2Collection all)
    {
        var certificates = TextOf(_options.Certificate!);
        var key = _options.Key is { } stated ? TextOf(stated) : certificates;
        all.ImportFromPem(certificates);
        using var own = _options.Password is { } password ? X509Certificate2.CreateFromEncryptedPem(certificates, key, password) : X509Certificate2.CreateFromPem(certificates, key);
        // Some platforms take no key that lives in memory alone.
        return X509CertificateLoader.LoadPkcs12(own.Export(X509ContentType.Pkcs12), password: null);
    }

    private X509Certificate2 LoadPkcs12(X509Certificate2Collection all)
    {
        all.AddRange(X509CertificateLoader.LoadPkcs12CollectionFromFile(_options.Certificate!, _options.Password));
        return all.FirstOrDefault(certificate => certificate.HasPrivateKey) ?? throw new CryptographicException("it has no private key");
    }

    private static string TextOf(string source) => IsPem(source) ? source : File.ReadAllText(source);
}
