using System.Collections.Concurrent;
using System.Diagnostics;
using EntityImport.Catalog;
using EntityImport.Entities;

namespace EntityImport.SqlStores;

/// <summary>The entities that were looked up last: each request for records begins with that, and they hardly ever change. Thread-safe.</summary>
/// <remarks>
/// Whoever commits a change notes it before anybody is told of it. What was read before that is not found any more, whenever it is added: it is kept with the number of changes that were noted
/// when its reader began.
/// </remarks>
/// <param name="age">How old what is found may be, because others change entities, too; null where nobody else does.</param>
internal sealed class KnownEntities(TimeSpan? age = null)
{
    /// <summary>Fields of all entities that are kept: anybody may declare any number of them.</summary>
    private const int MaxFields = 20_000;

    private readonly ConcurrentDictionary<string, (long Version, long Read, EntityDefinition Entity)> _known = new(StringComparer.OrdinalIgnoreCase);
    private long _version;
    private int _fields;

    /// <summary>The number of changes. Whoever reads an entity from the catalog reads this before.</summary>
    public long Version => Interlocked.Read(ref _version);

    /// <summary>The entity of a name, ignoring case, or null where it is not known.</summary>
    public EntityDefinition? Find(string systemName) =>
        _known.TryGetValue(systemName, out var known) && known.Version == Version && !(Stopwatch.GetElapsedTime(known.Read) > age) ? known.Entity : null;

    /// <summary>Keeps an entity that the catalog has.</summary>
    /// <param name="version">What <see cref="Version"/> was before it was read.</param>
    /// <param name="entity">The entity.</param>
    public void Add(long version, EntityDefinition entity)
    {
        if (Interlocked.Add(ref _fields, entity.Fields.Count) > MaxFields) Clear();
        _known[entity.SystemName] = (version, Stopwatch.GetTimestamp(), entity);
    }

    /// <summary>Notes what was committed, or may have been.</summary>
    public void NoteCommit(CatalogCommit commit)
    {
        if (commit is not { Entity: null, DeletedEntity: null }) Forget();
    }

    /// <summary>Has all entities looked up anew: a read failed, perhaps because one is no longer what it was, which is committed a moment before it is noted.</summary>
    public void Forget()
    {
        Interlocked.Increment(ref _version);
        Clear();
    }

    private void Clear()
    {
        _known.Clear();
        Interlocked.Exchange(ref _fields, 0);
    }
}
