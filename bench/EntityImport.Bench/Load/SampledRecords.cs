using EntityImport.Bench.Compare.Scenarios;
using Npgsql;

namespace EntityImport.Bench.Load;

/// <summary>Records, from all over an entity, of which readers see a few at a time. Each import makes of what they were something else at once, so that readers see all of those it changes as before, or as after.</summary>
internal sealed class SampledRecords
{
    /// <summary>A copy of them that no import knows of: who reads it waits as long as the machine makes everybody wait.</summary>
    private const string Unchanged = "public.unchanged";

    private const string OfEntity = $"SELECT \"sku\", records::text FROM records.{ProjectImport.Entity} records WHERE \"sku\" = ANY ($1)";
    private const string OfCopy = $"SELECT \"sku\", record FROM {Unchanged} WHERE \"sku\" = ANY ($1)";
    private const int Count = 2_000;
    private const int InOneRead = 5;

    private readonly string[] _keys;
    private Dictionary<string, string> _before;

    private SampledRecords(Dictionary<string, string> records) => (_keys, _before) = ([.. records.Keys], records);

    /// <summary>Chooses records.</summary>
    /// <param name="source">Where they are.</param>
    public static SampledRecords Choose(NpgsqlDataSource source)
    {
        using var command = source.CreateCommand($"SELECT \"sku\" FROM records.{ProjectImport.Entity} ORDER BY hashtext(\"sku\") LIMIT {Count}");
        command.CommandTimeout = 0;
        var keys = new List<string>();
        using (var reader = command.ExecuteReader())
        {
            while (reader.Read()) keys.Add(reader.GetString(0));
        }

        using var copy = source.CreateCommand($"CREATE TABLE {Unchanged} AS SELECT \"sku\", records::text AS record FROM records.{ProjectImport.Entity} records WHERE \"sku\" = ANY ($1)");
        copy.Parameters.AddWithValue(keys.ToArray());
        copy.ExecuteNonQuery();
        using var key = source.CreateCommand($"ALTER TABLE {Unchanged} ADD PRIMARY KEY (\"sku\")");
        key.ExecuteNonQuery();
        return new SampledRecords(Find(source, OfEntity, [.. keys]));
    }

    /// <summary>Reads a few of them at a time, until it is stopped: on the caller's own thread, as a reader elsewhere would, who does not wait for a thread that imports.</summary>
    /// <param name="source">Where they are.</param>
    /// <param name="seed">Which ones it begins with.</param>
    /// <param name="stop">Ends it after a read.</param>
    public IReadOnlyList<SampledRead> Read(NpgsqlDataSource source, int seed, CancellationToken stop)
    {
        var random = new Random(seed);
        var reads = new List<SampledRead>();
        while (!stop.IsCancellationRequested)
        {
            var keys = Enumerable.Range(0, InOneRead).Select(_ => _keys[random.Next(_keys.Length)]).Distinct().ToArray();
            var (found, took) = Timed(source, OfEntity, keys);
            reads.Add(new SampledRead(took, Timed(source, OfCopy, keys).Milliseconds, [.. keys.Select(key => (key, HashOf(found.GetValueOrDefault(key))))]));
        }

        return reads;
    }

    /// <summary>Counts the reads that saw some records as they were before and others as they are now, or not at all; what they are now is what they were before from here on.</summary>
    public int CountParts(NpgsqlDataSource source, IEnumerable<SampledRead> reads)
    {
        var now = Find(source, OfEntity, _keys);
        var before = _before;
        _before = now;
        // Records that an import leaves alone are seen as both.
        return reads.Count(read => !read.Records.All(record => record.Hash == HashOf(before[record.Key])) && !read.Records.All(record => record.Hash == HashOf(now[record.Key])));
    }

    private static int HashOf(string? record) => record is null ? 0 : record.GetHashCode(StringComparison.Ordinal);

    private static (Dictionary<string, string> Found, double Milliseconds) Timed(NpgsqlDataSource source, string query, string[] keys)
    {
        var begun = TimeProvider.System.GetTimestamp();
        var found = Find(source, query, keys);
        return (found, TimeProvider.System.GetElapsedTime(begun).TotalMilliseconds);
    }

    private static Dictionary<string, string> Find(NpgsqlDataSource source, string query, string[] keys)
    {
        using var command = source.CreateCommand(query);
        command.Parameters.AddWithValue(keys);
        var found = new Dictionary<string, string>();
        using var reader = command.ExecuteReader();
        while (reader.Read()) found.Add(reader.GetString(0), reader.GetString(1));
        return found;
    }
}

/// <summary>What a reader saw, each record by a hash, which is 0 where it was not there, how long it waited for it, and how long for the same of the copy.</summary>
internal sealed record SampledRead(double Milliseconds, double CopyMilliseconds, IReadOnlyList<(string Key, int Hash)> Records);
