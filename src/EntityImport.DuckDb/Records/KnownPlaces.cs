using EntityImport.DuckDb.Connections;
using EntityImport.Entities;
using EntityImport.Storage;

namespace EntityImport.DuckDb.Records;

/// <summary>
/// Where the records of entities may be that are read by their keys one by one, because entities have no index. It is a hint: whoever uses it looks whether that record has that key, and else
/// searches all of them. So it need not be what is committed, and is read anew only when it has not helped for a while. Thread-safe.
/// </summary>
internal sealed class KnownPlaces(Database database, StoreThreads threads) : IDisposable
{
    /// <summary>Searches of an entity's records until their places are read: reading them takes about as long as so many.</summary>
    public const int Patience = 16;

    private const int MaxEntities = 256;

    private readonly Lock _state = new();
    private readonly Dictionary<string, Known> _known = new(StringComparer.OrdinalIgnoreCase);
    private readonly CancellationTokenSource _stopping = new();
    private bool _isReading;

    /// <summary>The places of the records that may have a key.</summary>
    public IReadOnlyList<long> Find(EntityDefinition entity, IReadOnlyList<string> key)
    {
        lock (_state) return _known.TryGetValue(entity.SystemName, out var known) ? [.. known.Places.Find(key)] : [];
    }

    /// <summary>Notes that a record had to be searched. After some of those, the places of all are read, one entity at a time, unless they were and nothing has been committed since.</summary>
    public void NoteSearch(EntityDefinition entity)
    {
        lock (_state)
        {
            if (!_known.TryGetValue(entity.SystemName, out var known))
            {
                if (_known.Count >= MaxEntities) _known.Clear();
                _known[entity.SystemName] = known = new Known();
            }

            if (++known.Searches < Patience || _isReading || known.Version == database.Texts.Version) return;
            _isReading = true;
        }

        _ = ReadAsync(entity);
    }

    public void Dispose() => _stopping.Cancel();

    private async Task ReadAsync(EntityDefinition entity)
    {
        try
        {
            var version = database.Texts.Version;
            var places = await threads.RunAsync(() => Read(entity), _stopping.Token).ConfigureAwait(false);
            lock (_state)
            {
                if (_known.Where(known => !known.Key.Equals(entity.SystemName, StringComparison.OrdinalIgnoreCase)).Sum(known => known.Value.Places.Count) + places.Count > KeyPlaces.MaxRecords)
                    _known.Clear();
                _known[entity.SystemName] = new Known { Places = places, Version = version };
            }
        }
        catch (Exception exception) when (exception is RequestException or StoreUnavailableException or DuckDbFault or OperationCanceledException or InvalidOperationException)
        {
            // The entity is gone, the store is busy or closes: records are searched as before.
            lock (_state)
            {
                if (_known.TryGetValue(entity.SystemName, out var known)) known.Searches = 0;
            }
        }
        finally
        {
            lock (_state) _isReading = false;
        }
    }

    private KeyPlaces Read(EntityDefinition entity)
    {
        using var connection = database.Connect(ConnectionUse.Query);
        return KeyPlaces.Read(connection, entity, _stopping.Token);
    }

    private sealed class Known
    {
        public KeyPlaces Places { get; init; } = KeyPlaces.None;

        /// <summary>The number of commits before they were read.</summary>
        public long Version { get; init; } = -1;

        /// <summary>Searches since then.</summary>
        public int Searches { get; set; }
    }
}
