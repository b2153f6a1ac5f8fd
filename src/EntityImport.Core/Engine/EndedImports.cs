using System.Collections.Concurrent;
using EntityImport.Catalog;

namespace EntityImport.Engine;

/// <summary>The imports that ended last, so that clients that poll them do not reach the catalog: what their status shows never changes again. Thread-safe.</summary>
internal sealed class EndedImports
{
    private const int Capacity = 10_000;

    private readonly ConcurrentDictionary<Guid, Import> _imports = new();
    private readonly ConcurrentQueue<Guid> _order = new();

    /// <summary>The import, or null where it is not remembered.</summary>
    public Import? Find(Guid importId) => _imports.GetValueOrDefault(importId);

    /// <summary>Remembers an import, and forgets the oldest where there are too many.</summary>
    public void Add(Import import)
    {
        if (!_imports.TryAdd(import.Id, import)) return;
        _order.Enqueue(import.Id);
        if (_order.Count > Capacity && _order.TryDequeue(out var oldest)) _imports.TryRemove(oldest, out _);
    }
}
