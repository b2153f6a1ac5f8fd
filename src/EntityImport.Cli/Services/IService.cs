using System.Text.Json;
using EntityImport.Api;
using EntityImport.Entities;
using RecordPage = EntityImport.Records.RecordPage;

namespace EntityImport.Cli.Services;

/// <summary>The Entity Import Service that a command works with: one in this process on a data directory, or a server. What it tells of imports are the API's answers, wherever it is.</summary>
/// <remarks>All calls throw <see cref="RequestException"/> for what the service refuses as wrong, and <see cref="ServiceFailure"/> where a server refuses the caller, is away or answers nonsense.</remarks>
internal interface IService : IAsyncDisposable
{
    /// <summary>The imports that a service in this process found unfinished, and runs again; none where the service is a server, which finishes its own.</summary>
    IReadOnlyList<Guid> Interrupted { get; }

    /// <summary>The imports whose end no command has told.</summary>
    UnreportedImports Unreported { get; }

    /// <summary>All entities, by name.</summary>
    Task<IReadOnlyList<EntityDefinition>> ListEntitiesAsync(CancellationToken cancellationToken);

    /// <summary>The entity of this name, ignoring case, or null.</summary>
    Task<EntityDefinition?> FindEntityAsync(string systemName, CancellationToken cancellationToken);

    /// <summary>Declares an entity, or changes one without losing data.</summary>
    Task<EntityDefinition> PutEntityAsync(string systemName, JsonElement document, CancellationToken cancellationToken);

    /// <summary>Deletes an entity, unless it holds records or imports go into it.</summary>
    Task DeleteUnusedEntityAsync(string systemName, CancellationToken cancellationToken);

    /// <summary>Reads records of an entity with all of its fields, and counts those that fulfil the condition.</summary>
    /// <param name="entity">The entity.</param>
    /// <param name="filter">An OData condition; null means all records.</param>
    /// <param name="top">The most records to read, from 0.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<RecordPage> ReadRecordsAsync(EntityDefinition entity, string? filter, int top, CancellationToken cancellationToken);

    /// <summary>The story of the record whose key has these values, in the order of the key's fields; where asked for, with the rows that its entries come from.</summary>
    Task<RecordHistory> ReadHistoryAsync(EntityDefinition entity, IReadOnlyList<string> key, bool withRows, CancellationToken cancellationToken);

    /// <summary>Creates a mapping.</summary>
    Task<Guid> CreateMappingAsync(JsonElement document, CancellationToken cancellationToken);

    /// <summary>Stores a file from where it stands; its position tells how far that is.</summary>
    Task<Guid> UploadAsync(Guid mappingId, FileStream file, string fileName, CancellationToken cancellationToken);

    /// <summary>Begins to import an uploaded file.</summary>
    Task<Guid> ImportAsync(Guid uploadId, CancellationToken cancellationToken);

    /// <summary>Where an import stands, now and whenever that has changed; the last one is its end.</summary>
    IAsyncEnumerable<ImportDetails> WatchAsync(Guid importId, CancellationToken cancellationToken);

    /// <summary>Ends an import without writing anything, unless it has ended or is just being committed.</summary>
    Task CancelAsync(Guid importId, CancellationToken cancellationToken);

    /// <summary>Begins to find out what importing an uploaded file would do.</summary>
    Task<Guid> PlanAsync(Guid uploadId, CancellationToken cancellationToken);

    /// <summary>Where a plan stands, now and whenever that has changed; the last one is its end.</summary>
    IAsyncEnumerable<PlanDetails> WatchPlanAsync(Guid planId, CancellationToken cancellationToken);

    /// <summary>Ends a plan that is being made, unless it has ended or is just being stored.</summary>
    Task CancelPlanAsync(Guid planId, CancellationToken cancellationToken);

    /// <summary>The first records that a plan would change in this field, the largest move first where it has numbers or dates.</summary>
    Task<IReadOnlyList<RecordChange>> ListUpdatesAsync(Guid planId, string field, int limit, CancellationToken cancellationToken);

    /// <summary>The first rows that a plan that has ended rejects.</summary>
    Task<IReadOnlyList<RejectedRow>> ListPlanRejectedAsync(Guid planId, int limit, CancellationToken cancellationToken);

    /// <summary>Begins the import that a plan told of.</summary>
    /// <param name="planId">The plan.</param>
    /// <param name="reason">Why, at most 1,000 characters; null where nothing is said.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<Guid> ApplyPlanAsync(Guid planId, string? reason, CancellationToken cancellationToken);

    /// <summary>Begins an import that takes back what another one changed.</summary>
    Task<Guid> UndoAsync(Guid importId, CancellationToken cancellationToken);

    /// <summary>What undoing an import would do now.</summary>
    Task<UndoPreview> PreviewUndoAsync(Guid importId, CancellationToken cancellationToken);

    /// <summary>The newest import of an upload into an entity, or null.</summary>
    Task<ImportDetails?> FindLastImportAsync(Guid uploadId, string entity, CancellationToken cancellationToken);

    /// <summary>The newest import into an entity that succeeded, or null.</summary>
    Task<ImportDetails?> FindLastSuccessAsync(string entity, CancellationToken cancellationToken);

    /// <summary>The first rejected rows of an import that has ended; none where it has no error file.</summary>
    Task<IReadOnlyList<RejectedRow>> ListRejectedAsync(Guid importId, int limit, CancellationToken cancellationToken);

    /// <summary>All API keys, oldest first.</summary>
    Task<IReadOnlyList<ApiKeyDetails>> ListKeysAsync(CancellationToken cancellationToken);

    /// <summary>Makes an API key.</summary>
    Task<ApiKeyCreated> CreateKeyAsync(NewApiKey key, CancellationToken cancellationToken);

    /// <summary>Revokes an API key; false where there is none.</summary>
    Task<bool> RevokeKeyAsync(Guid keyId, CancellationToken cancellationToken);

    /// <summary>Makes a link by which somebody signs in with a browser, once.</summary>
    Task<SignInLink> CreateSignInLinkAsync(NewSignInLink link, CancellationToken cancellationToken);

    /// <summary>Copies an ended import's error file.</summary>
    Task CopyErrorFileAsync(Guid importId, FileStream target, CancellationToken cancellationToken);
}
