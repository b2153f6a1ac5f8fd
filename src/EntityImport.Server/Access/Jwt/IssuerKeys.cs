using EntityImport.Server.Options;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace EntityImport.Server.Access.Jwt;

/// <summary>
/// An issuer's keys, as its metadata name them. They are read when they are first needed, again (while the old ones serve) when they have become old, and again when a token names a key that is not among them, but never
/// more often than <see cref="Pause"/>: whoever invents names of keys does not make the service ask without end. Thread-safe.
/// </summary>
/// <remarks>
/// The library's own manager cannot say whether a key is unknown or could not be looked for, and takes a new key only for the request after the one that brings it.
/// </remarks>
internal sealed class IssuerKeys : IConfigurationManager<OpenIdConnectConfiguration>, IDisposable
{
    /// <summary>How long the metadata are not asked for again.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    /// <summary>How old the keys become before they are read again.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    private readonly SemaphoreSlim _reading = new(1);
    private readonly string _issuer;
    private readonly string _address;
    private readonly HttpClient _http;
    private readonly HttpDocumentRetriever _documents;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private volatile State _state = new(null, 0, 0);

    /// <param name="options">The issuer.</param>
    /// <param name="http">What asks it, which is disposed with this.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Where it is told what cannot be read.</param>
    public IssuerKeys(IssuerOptions options, HttpClient http, TimeProvider time, ILogger log)
    {
        _issuer = options.Issuer;
        _address = options.MetadataAddress.AbsoluteUri;
        _time = time;
        _log = log;
        _http = http;
        // What the metadata name as the keys' address must be https as well.
        _documents = new HttpDocumentRetriever(_http) { RequireHttps = options.MetadataAddress.Scheme == Uri.UriSchemeHttps, SendAdditionalHeaderData = false };
    }

    /// <summary>The keys that are known now.</summary>
    public IEnumerable<SecurityKey> Known => _state.Configuration?.SigningKeys ?? [];

    /// <summary>The metadata with a key, or all that there is of them.</summary>
    /// <param name="keyId">The key's name; null means any.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="MetadataUnavailableException">They could not be read, and those that were read before have no such key.</exception>
    public async Task<OpenIdConnectConfiguration> FindAsync(string? keyId, CancellationToken cancellationToken)
    {
        var state = _state;
        if (state.Configuration is { } known && Has(known, keyId))
        {
            // Nobody waits for what he does not need.
            if (IsOld(state) && _reading.CurrentCount > 0) _ = Task.Run(() => ReadAsync(CancellationToken.None), CancellationToken.None);
            return known;
        }

        await ReadAsync(cancellationToken);
        state = _state;
        return state.Configuration is { } found && (state.WasRead || Has(found, keyId)) ? found : throw new MetadataUnavailableException();
    }

    /// <inheritdoc/>
    public Task<OpenIdConnectConfiguration> GetConfigurationAsync(CancellationToken cancel) => FindAsync(keyId: null, cancel);

    /// <inheritdoc/>
    public void RequestRefresh()
    {
        // Unknown keys were looked for before the token was validated.
    }

    public void Dispose()
    {
        _http.Dispose();
        _reading.Dispose();
    }

    private bool IsOld(State state) => _time.GetElapsedTime(state.ReadAt) >= Lifetime && !IsFresh(state);

    /// <summary>Whether it was tried only now, so that it is not tried again.</summary>
    private bool IsFresh(State state) => state.TriedAt != 0 && _time.GetElapsedTime(state.TriedAt) < Pause;

    private static bool Has(OpenIdConnectConfiguration configuration, string? keyId) => keyId is null || configuration.SigningKeys.Any(key => key.KeyId == keyId);

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        await _reading.WaitAsync(cancellationToken);
        try
        {
            // Whoever waited may find it done.
            var state = _state;
            if (!IsFresh(state)) _state = await ReadAsync(state);
        }
        finally
        {
            _reading.Release();
        }
    }

    /// <summary>Reads the metadata; what was read before stays where that fails. The request that began it does not end it.</summary>
    private async Task<State> ReadAsync(State before)
    {
        var at = _time.GetTimestamp();
        try
        {
            var read = await OpenIdConnectConfigurationRetriever.GetAsync(_address, _documents, CancellationToken.None);
            if (read.Issuer == _issuer && read.SigningKeys.Count > 0) return new State(read, at, at);
            _log.LogWarning("The metadata of {Issuer} are of another issuer, or have no keys", _issuer);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            _log.LogWarning(exception, "The metadata of {Issuer} cannot be read", _issuer);
        }

        return before with { TriedAt = at };
    }

    /// <param name="Configuration">What was read last; null where nothing was yet.</param>
    /// <param name="ReadAt">When that was, as a timestamp; 0 where nothing was.</param>
    /// <param name="TriedAt">When it was tried last, as a timestamp; 0 where it was not yet.</param>
    private sealed record State(OpenIdConnectConfiguration? Configuration, long ReadAt, long TriedAt)
    {
        /// <summary>Whether the last attempt succeeded.</summary>
        public bool WasRead => ReadAt == TriedAt;
    }
}

/// <summary>An issuer's metadata cannot be read at the moment.</summary>
internal sealed class MetadataUnavailableException() : Exception("The issuer's metadata cannot be read at the moment.");
