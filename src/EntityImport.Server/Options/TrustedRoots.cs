using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace EntityImport.Server.Options;

/// <summary>Certificates that are trusted as roots in place of the machine's, from a PEM file. Validation itself is never off.</summary>
internal static class TrustedRoots
{
    /// <summary>What is wrong with a file, as a sentence; null where nothing is.</summary>
    public static string? FaultOf(string? path)
    {
        try
        {
            return path is not null && Read(path).Count == 0 ? "the file has no certificate in PEM." : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException or NotSupportedException)
        {
            return $"the file cannot be read: {exception.Message}";
        }
    }

    /// <summary>A client's part of TLS.</summary>
    /// <param name="path">The file; null means that the machine's roots are trusted.</param>
    public static SslClientAuthenticationOptions Tls(string? path)
    {
        if (path is null) return new SslClientAuthenticationOptions();
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(Read(path));
        return new SslClientAuthenticationOptions { CertificateChainPolicy = policy };
    }

    private static X509Certificate2Collection Read(string path)
    {
        var roots = new X509Certificate2Collection();
        roots.ImportFromPemFile(path);
        return roots;
    }
}
