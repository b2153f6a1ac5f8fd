using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EntityImport.Access;
using EntityImport.Catalog;
using EntityImport.Entities;
using EntityImport.Imports.Scheduling;
using EntityImport.Inference;
using EntityImport.Mappings;

namespace EntityImport.Engine;

/// <summary>The mappings, revision by revision. Thread-safe.</summary>
public sealed class MappingService
{
    private readonly ICatalog _catalog;
    private readonly IScheduler _scheduler;
    private readonly Admission _admission;
    private readonly Limits _limits;
    private readonly TimeProvider _time;

    internal MappingService(ICatalog catalog, IScheduler scheduler, Admission admission, Limits limits, TimeProvider time)
    {
        _catalog = catalog;
        _scheduler = scheduler;
        _admission = admission;
        _limits = limits;
        _time = time;
    }

    /// <summary>The newest revision of a mapping; null where there is none that the caller sees.</summary>
    public async Task<Mapping?> FindAsync(Request request, Guid mappingId, CancellationToken cancellationToken)
    {
        Admission.Check(request, Scope.Read | Scope.Import);
        return await _catalog.FindMappingAsync(mappingId, revision: null, cancellationToken).ConfigureAwait(false) is { } mapping && Admission.Sees(request, mapping.EntitySystemName) ? mapping : null;
    }

    /// <summary>Mappings that the caller sees, each in its newest revision and with its last use, null where there was none since that is noted; newest first, or, where it is asked for columns, those that were used last first.</summary>
    public Task<IReadOnlyList<(Mapping Mapping, MappingUse? LastUse)>> ListAsync(Request request, MappingQuery query, CancellationToken cancellationToken)
    {
        Admission.Check(request, Scope.Read | Scope.Import);
        return _catalog.ListMappingsAsync(query with { Entities = request.Caller.Scopes.VisibleEntities }, cancellationToken);
    }

    /// <summary>Revisions of a mapping, newest first; null where there is no such mapping that the caller sees. Those for other entities than the caller sees are not among them.</summary>
    public async Task<IReadOnlyList<Mapping>?> ListRevisionsAsync(Request request, MappingRevisionQuery query, CancellationToken cancellationToken)
    {
        Admission.Check(request, Scope.Read | Scope.Import);
        return await FindAsync(request, query.MappingId, cancellationToken).ConfigureAwait(false) is null ? null
            : await _catalog.ListMappingRevisionsAsync(query with { Entities = request.Caller.Scopes.VisibleEntities }, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Adds a mapping; the same one is answered when the same request comes again.</summary>
    /// <exception cref="RequestException">The document has faults; all are listed. Or the key is in use, or was used for another request.</exception>
    public async Task<Mapping> CreateAsync(Request request, JsonElement document, CancellationToken cancellationToken)
    {
        using var admitted = _admission.Admit(request, Scope.Import);
        using var hold = await _scheduler.HoldDefinitionsAsync(cancellationToken).ConfigureAwait(false);
        if (await admitted.FindAnswerAsync(Encoding.UTF8.GetBytes(document.GetRawText()), cancellationToken).ConfigureAwait(false) is { } earlier)
        {
            var made = (await _catalog.FindMappingAsync(earlier, revision: 1, cancellationToken).ConfigureAwait(false))!;
            Admission.Check(request, Scope.Import, made.EntitySystemName);
            return made;
        }

        var id = Guid.CreateVersion7(_time.GetUtcNow());
        return await AddAsync(admitted, request, id, revision: 1, document, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Makes the next revision of a mapping by a merge patch (RFC 7396); null where there is no such mapping.</summary>
    /// <exception cref="RequestException">The patched document has faults; all are listed.</exception>
    public async Task<Mapping?> PatchAsync(Request request, Guid mappingId, JsonElement patch, CancellationToken cancellationToken)
    {
        using var admitted = _admission.Admit(request with { Key = null }, Scope.Import);
        using var hold = await _scheduler.HoldDefinitionsAsync(cancellationToken).ConfigureAwait(false);
        var mapping = await _catalog.FindMappingAsync(mappingId, revision: null, cancellationToken).ConfigureAwait(false);
        if (mapping is null || !Admission.Sees(request, mapping.EntitySystemName)) return null;
        Admission.Check(request, Scope.Import, mapping.EntitySystemName);
        if (patch.ValueKind != JsonValueKind.Object)
            throw RequestException.Invalid([new RequestFault("", "A patch is a JSON object.")]);
        // A removal of a member that no mapping has is a typo, too; it shows while removals still stand there as null.
        using var marked = JsonDocument.Parse(MergePatch(JsonNode.Parse(mapping.Document), patch, keepRemovals: true)!.ToJsonString());
        await CheckAsync(request, marked.RootElement, cancellationToken).ConfigureAwait(false);
        var patched = MergePatch(JsonNode.Parse(mapping.Document), patch, keepRemovals: false);
        using var document = JsonDocument.Parse(patched!.ToJsonString());
        return await AddAsync(admitted, request, mappingId, mapping.Revision + 1, document.RootElement, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Proposes an entity and a mapping for a file. Nothing is stored but that the request was carried out, so that its key cannot stand for another one.</summary>
    /// <param name="request">The request.</param>
    /// <param name="sample">What is known of the file.</param>
    /// <param name="content">The request's content, as far as it makes another request of it.</param>
    /// <param name="entityName">The entity that the file is to go into; null means that one is proposed.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="RequestException">The sample cannot be read; the caller may neither read nor import, or sees no such entity; or the key is in use, or was used for another request.</exception>
    public async Task<InferredSchema> InferAsync(Request request, InferenceRequest sample, ReadOnlyMemory<byte> content, string? entityName, CancellationToken cancellationToken)
    {
        using var admitted = _admission.Admit(request, Scope.Read | Scope.Import);
        if (entityName is not null) sample = sample with { Entity = await FindEntityAsync(request, entityName, cancellationToken).ConfigureAwait(false) };
        if (await admitted.FindAnswerAsync(content, cancellationToken).ConfigureAwait(false) is null && request.Key is not null)
            await admitted.CommitAsync(Guid.Empty, new CatalogCommit(), cancellationToken).ConfigureAwait(false);
        // On a thread of its own: it takes seconds, and the pool's threads are for all requests.
        return await Task.Factory.StartNew(() => SchemaInference.Infer(sample, cancellationToken), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);
    }

    /// <summary>An entity that the caller may read or import into.</summary>
    private async Task<EntityDefinition> FindEntityAsync(Request request, string name, CancellationToken cancellationToken)
    {
        // What can be the name of none is not looked for, and what the caller does not see is none.
        var entity = EntityReader.IsSystemName(name) && Admission.Sees(request, name) ? await _catalog.FindEntityAsync(name, cancellationToken).ConfigureAwait(false) : null;
        if (entity is null) throw RequestException.Invalid([new RequestFault("entity", $"There is no entity {ShownText.Cut(name)}.")]);
        Admission.Check(request, Scope.Read | Scope.Import, entity.SystemName);
        return entity;
    }

    private async Task<EntityDefinition> CheckAsync(Request request, JsonElement document, CancellationToken cancellationToken)
    {
        var name = ImportDefinitionReader.ReadEntityName(document);
        // What can be the name of none is not looked for, however long it is; and what the caller does not see is none.
        var entity = name is null || !EntityReader.IsSystemName(name) || !Admission.Sees(request, name) ? null : await _catalog.FindEntityAsync(name, cancellationToken).ConfigureAwait(false);
        var faults = new RequestFaults(_limits);
        ImportDefinitionReader.Read(document, entity, faults, _limits);
        if (faults.Count > 0) throw RequestException.Invalid(faults);
        Admission.Check(request, Scope.Import, entity!.SystemName);
        return entity;
    }

    private async Task<Mapping> AddAsync(Admission.AdmittedRequest admitted, Request request, Guid id, int revision, JsonElement document, CancellationToken cancellationToken)
    {
        var entity = await CheckAsync(request, document, cancellationToken).ConfigureAwait(false);
        var mapping = new Mapping
        {
            Id = id,
            Revision = revision,
            EntitySystemName = entity.SystemName,
            Document = document.GetRawText(),
            CreatedAt = _time.GetUtcNow(),
        };
        await admitted.CommitAsync(id, new CatalogCommit { NewMapping = mapping }, cancellationToken).ConfigureAwait(false);
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
