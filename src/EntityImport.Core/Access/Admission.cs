using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using EntityImport.Catalog;

namespace EntityImport.Access;

/// <summary>
/// Where every call comes in, whoever makes it: the one place that decides whether it is carried out, and that adds to its commit what must be noted of it. A request with a key is
/// carried out once, however often its caller sends it. Thread-safe.
/// </summary>
internal sealed class Admission(ICatalog catalog, TimeProvider time)
{
    private readonly ConcurrentDictionary<(string? Caller, string Key), byte> _inUse = new();
    private readonly ICatalog _catalog = catalog;
    private readonly TimeProvider _time = time;

    /// <summary>Decides on a call that changes nothing.</summary>
    /// <param name="request">The call's request.</param>
    /// <param name="needed">The scopes of which its caller needs one.</param>
    /// <exception cref="RequestException">The caller has none of them.</exception>
    public static void Check(Request request, Scope needed)
    {
        ArgumentNullException.ThrowIfNull(request);
        if ((request.Caller.Scopes & (needed | Scope.Admin)) != 0) return;
        throw new RequestException(FaultKind.Forbidden, "scope-missing", $"This call needs the scope {Name(needed)}, which its caller does not have.");
    }

    /// <summary>Decides on a call that changes something, and begins it; disposing the result ends it.</summary>
    /// <inheritdoc cref="Check"/>
    /// <exception cref="RequestException">The caller has none of the scopes; or a request with this key is being carried out.</exception>
    public AdmittedRequest Admit(Request request, Scope needed)
    {
        Check(request, needed);
        if (request.Key is { } key && !_inUse.TryAdd((request.Caller.Id, key.Value), 0))
        {
            throw new RequestException(FaultKind.Conflict, "idempotency-key-in-use", "A request with this Idempotency-Key is being carried out. Send it again when that has ended.")
            {
                RetryAfter = TimeSpan.FromSeconds(1),
            };
        }

        return new AdmittedRequest(this, request);
    }

    private static string Name(Scope scope) => scope.ToString().ToLowerInvariant().Replace(", ", " or ", StringComparison.Ordinal);

    /// <summary>A request that is being carried out.</summary>
    internal sealed class AdmittedRequest(Admission admission, Request request) : IDisposable
    {
        private string? _fingerprint;

        /// <summary>What the request was answered with when it was sent before; null where it is new.</summary>
        /// <exception cref="RequestException">The key was used for another request.</exception>
        public async Task<Guid?> FindAnswerAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
        {
            if (request.Key is not { } key) return null;
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            hash.AppendData(Encoding.UTF8.GetBytes(key.Target + "\n"));
            hash.AppendData(content.Span);
            _fingerprint = Convert.ToHexStringLower(hash.GetHashAndReset());
            var receipt = await admission._catalog.FindReceiptAsync(request.Caller.Id, key.Value, cancellationToken).ConfigureAwait(false);
            if (receipt is not null && receipt.Fingerprint != _fingerprint)
            {
                throw new RequestException(
                    FaultKind.Mismatch, "idempotency-key-reused", "This Idempotency-Key was used for another request. A new request needs a key of its own.");
            }

            return receipt?.Subject;
        }

        /// <summary>The receipt to keep with what the request does, once its answer was looked for; null where the request has no key.</summary>
        /// <param name="subject">What the answer names; all zero where it names nothing.</param>
        public RequestReceipt? ReceiptFor(Guid subject) => request.Key is not { } key
            ? null
            : new RequestReceipt { Caller = request.Caller.Id, Key = key.Value, Fingerprint = _fingerprint!, Subject = subject, DoneAt = admission._time.GetUtcNow() };

        /// <summary>Commits what the request does, with what is noted of the request.</summary>
        /// <inheritdoc cref="ReceiptFor"/>
        public Task<CatalogCommit> CommitAsync(Guid subject, CatalogCommit commit, CancellationToken cancellationToken) =>
            admission._catalog.CommitAsync(commit with { Receipt = ReceiptFor(subject) }, cancellationToken);

        public void Dispose()
        {
            if (request.Key is { } key) admission._inUse.TryRemove((request.Caller.Id, key.Value), out _);
        }
    }
}
