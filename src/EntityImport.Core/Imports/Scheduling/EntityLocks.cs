namespace EntityImport.Imports.Scheduling;

/// <summary>
/// Keeps changes of an entity's definition and imports into it apart: an import that is queued or running keeps the entity as it is. Thread-safe.
/// </summary>
internal sealed class EntityLocks : IDisposable
{
    private readonly Dictionary<string, int> _imports = new(StringComparer.OrdinalIgnoreCase);
    private readonly SemaphoreSlim _definitions = new(1, 1);

    /// <summary>Notes that an import of the entity is unfinished.</summary>
    public void Enter(string entity)
    {
        lock (_imports) _imports[entity] = _imports.GetValueOrDefault(entity) + 1;
    }

    /// <summary>Notes that it is finished.</summary>
    public void Leave(string entity)
    {
        lock (_imports)
        {
            if (--_imports[entity] == 0) _imports.Remove(entity);
        }
    }

    /// <summary>Whether an import of the entity is unfinished.</summary>
    public bool HasImports(string entity)
    {
        lock (_imports) return _imports.ContainsKey(entity);
    }

    /// <summary>Waits to be the only one that changes definitions or invokes imports; the result ends it.</summary>
    public Task<IDisposable> HoldDefinitionsAsync(CancellationToken cancellationToken) => Hold.TakeAsync(_definitions, cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _definitions.Dispose();
}
