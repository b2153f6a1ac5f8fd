namespace EntityImport.Server.Options;

/// <summary>The certificate of addresses that begin with <c>https</c>.</summary>
public sealed record TlsOptions
{
    /// <summary>
    /// The certificate, with those between it and the root: a file (PEM, or PKCS #12 with the key), which is read again when it changes, or PEM text itself, as an environment variable may have it.
    /// Null means none.
    /// </summary>
    public string? Certificate { get; init; }

    /// <summary>The private key: a file (PEM), or PEM text itself; null where the certificate's file has it. A secret where it is the text.</summary>
    public string? Key { get; init; }

    /// <summary>The password of the key or of the PKCS #12 file; null where there is none. A secret.</summary>
    public string? Password { get; init; }

    /// <summary>Tells of a secret only that it is there.</summary>
    public override string ToString() => $"TlsOptions {{ Certificate = {(Certificate is null ? "none" : "…")} }}";
}
