using System.Security.Cryptography;
using System.Text;
using EntityImport.Server.Options;

namespace EntityImport.Server.Access.Salesforce;

/// <summary>
/// The consumer secrets of an environment, by which Salesforce signs. Those in a file are read again while the service runs, so that a new secret, and the end of an old one, need no restart. Thread-safe.
/// </summary>
internal sealed class ConsumerSecrets
{
    /// <summary>How long a change of the file may stay unseen.</summary>
    public static readonly TimeSpan ReadInterval = TimeSpan.FromSeconds(5);

    private readonly Lock _reading = new();
    private readonly IReadOnlyList<string> _given;
    private readonly string? _file;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private byte[][] _keys = [];
    private long _readAt;
    private bool _isUnreadable;

    /// <summary>Reads the secrets for the first time.</summary>
    /// <param name="given">The secrets that are in no file.</param>
    /// <param name="file">The file with the others; null where there is none.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Where it is told that the file cannot be read.</param>
    public ConsumerSecrets(IReadOnlyList<string> given, string? file, TimeProvider time, ILogger log)
    {
        _given = given;
        _file = file;
        _time = time;
        _log = log;
        Read();
    }

    /// <summary>Whether a token response was signed by one of the secrets. How long that takes tells nothing of them.</summary>
    public bool HaveSigned(TokenResponse response)
    {
        var message = Encoding.UTF8.GetBytes(response.Id + response.IssuedAtText);
        Span<byte> signature = stackalloc byte[HMACSHA256.HashSizeInBytes];
        var isSigned = false;
        foreach (var key in Current())
        {
            HMACSHA256.HashData(key, message, signature);
            isSigned |= CryptographicOperations.FixedTimeEquals(signature, response.Signature);
        }

        return isSigned;
    }

    private byte[][] Current()
    {
        lock (_reading)
        {
            if (_file is not null && _time.GetElapsedTime(_readAt) >= ReadInterval) Read();
            return _keys;
        }
    }

    /// <summary>A file that cannot be read for once, as while it is replaced, ends no secret: whoever wants to end one writes a file without it.</summary>
    private void Read()
    {
        _readAt = _time.GetTimestamp();
        try
        {
            _keys = [.. _given.Concat(ListFile.Read(_file)).Select(Encoding.UTF8.GetBytes)];
            _isUnreadable = false;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            if (!_isUnreadable) _log.LogWarning(exception, "The consumer secrets in {File} cannot be read; those that were read last stay in force", _file);
            _isUnreadable = true;
        }
    }
}
