using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using EntityImport.Catalog;

namespace EntityImport.Access;

/// <summary>
/// Where every call comes in, whoever makes it: the one place that decides whether it is carried out, and that adds to its commit what must be noted of it. A request with a key is
/// carried out once, however often its caller sends it. Thread-safe.
/// </summary>
public sealed class Admission
{
    private readonly ConcurrentDictionary<(string? Caller, string Key), byte> _inUse = new();
    private readonly ICatalog _catalog;
    private readonly TimeProvider _time;

    internal Admission(ICatalog catalog, TimeProvider time)
    {
        _catalog = catalog;
        _time = time;
    }

    /// <summary>Decides on a call, before it is known which entity it is about: whether its caller may make such calls at all.</summary>
    /// <param name="request">The call's request.</param>
    /// <param name="needed">The scopes of which its caller needs one.</param>
    /// <exception cref="RequestException">The caller has none of them.</exception>
    public static void Check(Request request, Scope needed)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (!request.Caller.Scopes.Allow(needed)) throw Refused(needed, "");
    }

    /// <summary>Decides on a call about an entity that its caller sees.</summary>
    /// <inheritdoc cref="Check(Request, Scope)"/>
    internal static void Check(Request request, Scope needed, string entity)
    {
        if (!request.Caller.Scopes.Allow(needed, entity)) throw Refused(needed, $" for {ShownText.Cut(entity)}");
    }

    /// <summary>Decides on a call that is about no entity alone, but about all.</summary>
    /// <inheritdoc cref="Check(Request, Scope)"/>
    internal static void CheckEverywhere(Request request, Scope needed)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (!request.Caller.Scopes.AllowEverywhere(needed)) throw Refused(needed, " for all entities");
    }

    /// <summary>Whether an entity, and what belongs to it, exists for the caller: whoever may do nothing with it does not learn that it is there.</summary>
    internal static bool Sees(Request request, string entity) => request.Caller.Scopes.Allow(Scope.All, entity);

    /// <summary>Whether an upload exists for the caller: by its mapping's entity, and without a mapping for who sent it and for administrators.</summary>
    /// <param name="request">The request.</param>
    /// <param name="upload">The upload.</param>
    /// <param name="mapping">Its mapping; null where it has none.</param>
    internal static bool Sees(Request request, Upload upload, Mapping? mapping) =>
        mapping is not null ? Sees(request, mapping.EntitySystemName) : SeesAllUnbound(request) || (request.Caller.Id is { } id && id == upload.SentBy);

    /// <summary>Whether uploads without a mapping exist for the caller, whoever sent them.</summary>
    internal static bool SeesAllUnbound(Request request) => request.Caller.Scopes.AllowEverywhere(Scope.Admin);

    /// <summary>Decides on a call that changes something, and begins it; disposing the result ends it.</summary>
    /// <inheritdoc cref="Check(Request, Scope)"/>
    /// <exception cref="RequestException">The caller has none of the scopes; or a request with this key is being carried out.</exception>
    internal AdmittedRequest Admit(Request request, Scope needed)
    {
        Check(request, needed);
        return Begin(request);
    }

    /// <summary>Decides on a call that changes something which is no entity's, and begins it; disposing the result ends it.</summary>
    /// <inheritdoc cref="Admit"/>
    internal AdmittedRequest AdmitEverywhere(Request request, Scope needed)
    {
        CheckEverywhere(request, needed);
        return Begin(request);
    }

    /// <summary>What a request is told whose key another one has that is being carried out, here or at another node.</summary>
    public static RequestException KeyInUse() => new(FaultKind.Conflict, "idempotency-key-in-use", "A request with this Idempotency-Key is being carried out. Send it again when that has ended.")
    {
        RetryAfter = TimeSpan.FromSeconds(1),
    };

    private static RequestException Refused(Scope needed, string where) =>
        new(FaultKind.Forbidden, "scope-missing", $"This call needs the scope {Name(needed)}{where}, which its caller does not have.");

    private AdmittedRequest Begin(Request request)
    {
        if (request.Key is { } key && !_inUse.TryAdd((request.Caller.Id, key.Value), 0)) throw KeyInUse();
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

        /// <summary>What the request does, with what is noted of the request: who did it, and its receipt where it has a key, once its answer was looked for.</summary>
        /// <param name="subject">What the answer names; all zero where it names nothing.</param>
        /// <param name="commit">What it does.</param>
        /// <param name="entity">The entity that it is about; null where the commit says that, or it is about none.</param>
        public CatalogCommit Note(Guid subject, CatalogCommit commit, string? entity = null)
        {
            var now = admission._time.GetUtcNow();
            return commit with
            {
                Audit = AuditNotes.Of(request, now, AuditEntry.Done) with
                {
                    Entity = entity ?? commit.Entity?.SystemName ?? commit.DeletedEntity ?? commit.Guards?.EntitySystemName ?? commit.DeletedGuards ?? commit.NewMapping?.EntitySystemName ?? commit.NewImport?.EntitySystemName ?? commit.NewPlan?.Run.EntitySystemName,
                    MappingId = commit.NewMapping?.Id ?? commit.NewUpload?.MappingId ?? commit.ChangedUpload?.MappingId ?? commit.NewImport?.MappingId,
                    UploadId = commit.NewUpload?.Id ?? commit.ChangedUpload?.Id ?? commit.NewImport?.UploadId ?? commit.NewPlan?.Run.UploadId,
                    ImportId = commit.NewImport?.Id ?? commit.ChangedImport?.Id ?? commit.Repair?.ImportId,
                    PlanId = commit.NewPlan?.Id ?? commit.ChangedPlan?.Id ?? commit.DeletedPlan,
                    KeyId = commit.NewKey?.Id ?? commit.ChangedKey?.Id,
                    SessionId = commit.NewSession?.Id ?? commit.DeletedSession,
                    WebhookId = commit.NewWebhook?.Id ?? commit.ChangedWebhook?.Id ?? commit.DeletedWebhook ?? commit.ChangedDelivery?.WebhookId ?? commit.NewNotices?[0].Deliveries[0].WebhookId,
                },
                Receipt = request.Key is not { } key ? null : new RequestReceipt { Caller = request.Caller.Id, Key = key.Value, Fingerprint = _fingerprint!, Subject = subject, DoneAt = now },
            };
        }

        /// <summary>Commits what the request does, with what is noted of the request.</summary>
        /// <inheritdoc cref="Note"/>
        public Task<CatalogCommit> CommitAsync(Guid subject, CatalogCommit commit, CancellationToken cancellationToken, string? entity = null) =>
            admission._catalog.CommitAsync(Note(subject, commit, entity), cancellationToken);

        public void Dispose()
        {
            if (request.Key is { } key) admission._inUse.TryRemove((request.Caller.Id, key.Value), out _);
        }
    }
}
