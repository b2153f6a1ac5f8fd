using System.Globalization;
using EntityImport.DuckDb.Connections;
using EntityImport.Entities;
using EntityImport.Records;
using EntityImport.Storage;

namespace EntityImport.DuckDb.Records;

/// <summary>
/// Reads records by their keys, one for each call, where they may be. What is asked for while a statement runs comes together in the next one: most of what a statement costs is its planning, and
/// reading 16 records in one takes a fifth of what it takes in 16. Thread-safe.
/// </summary>
internal sealed class KeyReads(Database database, StoreThreads threads) : IDisposable
{
    /// <summary>Calls that share a statement. Where so many wait, theirs begins beside the one that runs.</summary>
    private const int MaxCalls = 64;

    private readonly Lock _state = new();

    /// <summary>By table and columns, as the statement has them.</summary>
    private readonly Dictionary<string, Queue> _queues = [];

    /// <summary>Where records may be.</summary>
    public KnownPlaces Places { get; } = new(database, threads);

    /// <summary>Reads the selected values of the record that a query names by its key; null where it has to be searched, or there is more than one.</summary>
    /// <param name="query">The query.</param>
    /// <param name="cancellationToken">Ends the call; others that share its statement go on.</param>
    public async Task<string?[]?> TryReadAsync(RecordQuery query, CancellationToken cancellationToken)
    {
        if (RecordKey.Of(query.Entity, query.Filter) is not { } key) return null;
        var fields = query.Entity.Key.Union(query.Select).ToArray();
        if (fields.Length > RecordPages.MaxColumns) return null;
        var ids = Places.Find(query.Entity, key);
        if (ids.Count == 0) return null;
        IReadOnlyDictionary<long, string?[]> records;
        try
        {
            records = await Join(query.Entity, fields, ids).WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (StoreUnavailableException exception) when (exception.IsMemoryFull)
        {
            return null;
        }

        var found = ids.Where(records.ContainsKey).Select(id => records[id]).Where(record => key.SequenceEqual(record.Take(key.Count))).ToList();
        return found.Count == 1 ? [.. query.Select.Select(field => found[0][Array.IndexOf(fields, field)])] : null;
    }

    /// <summary>Ends what is still being read for later queries.</summary>
    public void Dispose() => Places.Dispose();

    private Task<IReadOnlyDictionary<long, string?[]>> Join(EntityDefinition entity, FieldDefinition[] fields, IReadOnlyList<long> ids)
    {
        var name = RecordSql.Values(entity, fields, "");
        lock (_state)
        {
            if (!_queues.TryGetValue(name, out var queue)) _queues[name] = queue = new Queue();
            var batch = queue.Waiting ??= new Batch(entity, fields);
            batch.Add(ids);
            if (queue.Running == 0 || batch.Calls == MaxCalls)
            {
                queue.Waiting = null;
                queue.Running++;
                _ = RunAsync(name, queue, batch);
            }

            return batch.Records;
        }
    }

    /// <summary>Reads for those who wait, until nobody does.</summary>
    private async Task RunAsync(string name, Queue queue, Batch? batch)
    {
        while (batch is not null)
        {
            try
            {
                var running = batch;
                batch.End(await threads.RunAsync(() => Read(running), CancellationToken.None).ConfigureAwait(false));
            }
            catch (Exception exception)
            {
                batch.Fail(exception);
            }

            lock (_state)
            {
                batch = queue.Waiting;
                queue.Waiting = null;
                if (batch is null && --queue.Running == 0) _queues.Remove(name);
            }
        }
    }

    /// <summary>The records, by DuckDB's own names of them; none where they are long, because for each of them 2,048 are in memory at once.</summary>
    private Dictionary<long, string?[]> Read(Batch batch)
    {
        var records = new Dictionary<long, string?[]>();
        var version = database.Texts.Version;
        using var connection = database.Connect(ConnectionUse.Query);
        if (database.Texts.MostBytes(connection, version, batch.Entity, batch.Fields, CancellationToken.None) >= RecordPages.LongRecordBytes) return records;
        connection.Query<object?>(
            RecordSql.Values(batch.Entity, batch.Fields, Which(batch.Ids)), null, row => records[row.GetInt64(0)] = RecordPages.Values(row, batch.Fields), CancellationToken.None);
        return records;
    }

    /// <summary>One name in a comparison, several in a table: DuckDB takes those for a filter of its search, but not a list.</summary>
    private static string Which(IReadOnlyCollection<long> ids) => ids.Count == 1
        ? string.Create(CultureInfo.InvariantCulture, $"{Sql.RowId} = {ids.First()}")
        : $"{Sql.RowId} IN (SELECT id FROM (VALUES {string.Join(", ", ids.Select(id => string.Create(CultureInfo.InvariantCulture, $"({id}::BIGINT)")))}) AS ids(id))";

    private sealed class Queue
    {
        /// <summary>Those of the next statement; null where nobody waits.</summary>
        public Batch? Waiting { get; set; }

        /// <summary>Statements that run.</summary>
        public int Running { get; set; }
    }

    /// <summary>Calls that share a statement.</summary>
    private sealed class Batch(EntityDefinition entity, FieldDefinition[] fields)
    {
        private readonly TaskCompletionSource<IReadOnlyDictionary<long, string?[]>> _records = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly HashSet<long> _ids = [];

        public EntityDefinition Entity => entity;

        public FieldDefinition[] Fields => fields;

        public int Calls { get; private set; }

        public IReadOnlyCollection<long> Ids => _ids;

        public Task<IReadOnlyDictionary<long, string?[]>> Records => _records.Task;

        public void Add(IEnumerable<long> ids)
        {
            _ids.UnionWith(ids);
            Calls++;
        }

        public void End(IReadOnlyDictionary<long, string?[]> records) => _records.SetResult(records);

        public void Fail(Exception exception) => _records.SetException(exception);
    }
}
