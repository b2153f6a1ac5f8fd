using EntityImport.Catalog;

namespace EntityImport.Server.Keys;

/// <summary>What the API tells of API keys: not their hashes.</summary>
internal static class KeyAnswers
{
    extension(Api.ApiKeyDetails)
    {
        public static Api.ApiKeyDetails Of(ApiKey key, DateTimeOffset? lastUsedAt) =>
            new(key.Id, key.Name, key.Start, key.Scopes, key.CreatedAt, key.CreatedBy, key.ExpiresAt, key.RevokedAt, lastUsedAt);
    }
}
