using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EntityImport.Access;
using EntityImport.Catalog;
using EntityImport.Entities;
using EntityImport.Imports.Scheduling;
using EntityImport.Mappings;

namespace EntityImport.Engine;

/// <summary>The mappings, revision by revision. Thread-safe.</summary>
public sealed class MappingService
{
    private readonly ICatalog _catalog;
    private readonly EntityLocks _locks;
    private readonly Idempotency _requests;
    private readonly Limits _limits;
    private readonly TimeProvider _time;

    internal MappingService(ICatalog catalog, EntityLocks locks, Idempotency requests, Limits limits, TimeProvider time)
    {
        _catalog = catalog;
        _locks = locks;
        _requests = requests;
        _limits = limits;
        _time = time;
    }

    /// <summary>The newest revision of a mapping, or null.</summary>
    public Task<Mapping?> FindAsync(Guid mappingId, CancellationToken cancellationToken) =>
        _catalog.FindMappingAsync(mappingId, revision: null, cancellationToken);

    /// <summary>Mappings, each in its newest revision, newest first.</summary>
    public Task<IReadOnlyList<Mapping>> ListAsync(MappingQuery query, CancellationToken cancellationToken) => _catalog.ListMappingsAsync(query, cancellationToken);

    /// <summary>Adds a mapping.</summary>
    /// <exception cref="RequestException">The document has faults; all are listed.</exception>
    public Task<Mapping> CreateAsync(JsonElement document, CancellationToken cancellationToken) => CreateAsync(document, key: null, cancellationToken);

    /// <summary>Adds a mapping; the same one is answered when the same request comes again.</summary>
    /// <exception cref="RequestException">The document has faults; all are listed. Or the key is in use, or was used for another request.</exception>
    public async Task<Mapping> CreateAsync(JsonElement document, RequestKey? key, CancellationToken cancellationToken)
    {
        using var request = _requests.Begin(key);
        using var hold = await _locks.HoldDefinitionsAsync(cancellationToken).ConfigureAwait(false);
        if (await request.FindAsync(Encoding.UTF8.GetBytes(document.GetRawText()), cancellationToken).ConfigureAwait(false) is { } earlier)
            return (await _catalog.FindMappingAsync(earlier, revision: 1, cancellationToken).ConfigureAwait(false))!;
        var id = Guid.CreateVersion7(_time.GetUtcNow());
        return await AddAsync(id, revision: 1, document, request.Done(id), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Makes the next revision of a mapping by a merge patch (RFC 7396); null where there is no such mapping.</summary>
    /// <exception cref="RequestException">The patched document has faults; all are listed.</exception>
    public async Task<Mapping?> PatchAsync(Guid mappingId, JsonElement patch, CancellationToken cancellationToken)
    {
        using var hold = await _locks.HoldDefinitionsAsync(cancellationToken).ConfigureAwait(false);
        var mapping = await _catalog.FindMappingAsync(mappingId, revision: null, cancellationToken).ConfigureAwait(false);
        if (mapping is null) return null;
        if (patch.ValueKind != JsonValueKind.Object)
            throw RequestException.Invalid([new RequestFault("", "A patch is a JSON object.")]);
        // A removal of a member that no mapping has is a typo, too; it shows while removals still stand there as null.
        using var marked = JsonDocument.Parse(MergePatch(JsonNode.Parse(mapping.Document), patch, keepRemovals: true)!.ToJsonString());
        await CheckAsync(marked.RootElement, cancellationToken).ConfigureAwait(false);
        var patched = MergePatch(JsonNode.Parse(mapping.Document), patch, keepRemovals: false);
        using var document = JsonDocument.Parse(patched!.ToJsonString());
        return await AddAsync(mappingId, mapping.Revision + 1, document.RootElement, receipt: null, cancellationToken).ConfigureAwait(false);
    }

    private async Task<EntityDefinition> CheckAsync(JsonElement document, CancellationToken cancellationToken)
    {
        var name = ImportDefinitionReader.ReadEntityName(document);
        // What can be the name of none is not looked for, however long it is.
        var entity = name is null || !EntityReader.IsSystemName(name) ? null : await _catalog.FindEntityAsync(name, cancellationToken).ConfigureAwait(false);
        var faults = new RequestFaults(_limits);
        ImportDefinitionReader.Read(document, entity, faults, _limits);
        return faults.Count == 0 ? entity! : throw RequestException.Invalid(faults);
    }

    private async Task<Mapping> AddAsync(Guid id, int revision, JsonElement document, RequestReceipt? receipt, CancellationToken cancellationToken)
    {
        var entity = await CheckAsync(document, cancellationToken).ConfigureAwait(false);
        var mapping = new Mapping
        {
            Id = id,
            Revision = revision,
            EntitySystemName = entity.SystemName,
            Document = document.GetRawText(),
            CreatedAt = _time.GetUtcNow(),
        };
        await _catalog.AddMappingAsync(mapping, receipt, cancellationToken).ConfigureAwait(false);
        return mapping;
    }

    /// <summary>The algorithm of RFC 7396, section 2; removals can be left standing as null.</summary>
    private static JsonNode? MergePatch(JsonNode? target, JsonElement patch, bool keepRemovals)
    {
        if (patch.ValueKind != JsonValueKind.Object) return JsonNode.Parse(patch.GetRawText());
        var result = target as JsonObject ?? [];
        foreach (var member in patch.EnumerateObject())
        {
            if (member.Value.ValueKind == JsonValueKind.Null)
            {
                result.Remove(member.Name);
                if (keepRemovals) result[member.Name] = null;
                continue;
            }

            result.Remove(member.Name, out var existing);
            result[member.Name] = MergePatch(existing, member.Value, keepRemovals);
        }

        return result;
    }
}
