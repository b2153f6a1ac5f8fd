using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using EntityImport.Catalog;

namespace EntityImport.Access;

/// <summary>The requests that carry a key: each is carried out once, however often it is sent. Thread-safe.</summary>
public sealed class Idempotency
{
    private readonly ConcurrentDictionary<string, byte> _inUse = new(StringComparer.Ordinal);
    private readonly ICatalog _catalog;
    private readonly TimeProvider _time;

    internal Idempotency(ICatalog catalog, TimeProvider time)
    {
        _catalog = catalog;
        _time = time;
    }

    /// <summary>Notes a request that changes nothing, so that its key cannot stand for another one.</summary>
    /// <param name="key">The key; null where the request has none.</param>
    /// <param name="content">The request's content.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="RequestException">The key is in use, or was used for another request.</exception>
    public async Task NoteAsync(RequestKey? key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        using var request = Begin(key);
        if (await request.FindAsync(content, cancellationToken).ConfigureAwait(false) is not null) return;
        if (request.Done(Guid.Empty) is { } receipt) await _catalog.AddReceiptAsync(receipt, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Begins a request; disposing the result ends it.</summary>
    /// <param name="key">The key; null where the request has none, and is always new then.</param>
    /// <exception cref="RequestException">A request with this key is being carried out.</exception>
    internal BegunRequest Begin(RequestKey? key)
    {
        if (key is not null && !_inUse.TryAdd(key.Value, 0))
        {
            throw new RequestException(FaultKind.Conflict, "idempotency-key-in-use", "A request with this Idempotency-Key is being carried out. Send it again when that has ended.")
            {
                RetryAfter = TimeSpan.FromSeconds(1),
            };
        }

        return new BegunRequest(this, key);
    }

    /// <summary>A request that is being carried out.</summary>
    internal sealed class BegunRequest(Idempotency registry, RequestKey? key) : IDisposable
    {
        private string? _fingerprint;

        /// <summary>What the request was answered with when it was sent before; null where it is new.</summary>
        /// <exception cref="RequestException">The key was used for another request.</exception>
        public async Task<Guid?> FindAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
        {
            if (key is null) return null;
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            hash.AppendData(Encoding.UTF8.GetBytes(key.Target + "\n"));
            hash.AppendData(content.Span);
            _fingerprint = Convert.ToHexStringLower(hash.GetHashAndReset());
            var receipt = await registry._catalog.FindReceiptAsync(key.Value, cancellationToken).ConfigureAwait(false);
            if (receipt is not null && receipt.Fingerprint != _fingerprint)
            {
                throw new RequestException(
                    FaultKind.Mismatch, "idempotency-key-reused", "This Idempotency-Key was used for another request. A new request needs a key of its own.");
            }

            return receipt?.Subject;
        }

        /// <summary>The receipt to keep with what the request does, once it was looked for; null where the request has no key.</summary>
        public RequestReceipt? Done(Guid subject) => key is null
            ? null
            : new RequestReceipt { Key = key.Value, Fingerprint = _fingerprint!, Subject = subject, DoneAt = registry._time.GetUtcNow() };

        public void Dispose()
        {
            if (key is not null) registry._inUse.TryRemove(key.Value, out _);
        }
    }
}
