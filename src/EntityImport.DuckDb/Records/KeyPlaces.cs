using DuckDB.NET.Data;
using EntityImport.DuckDb.Connections;
using EntityImport.Entities;

namespace EntityImport.DuckDb.Records;

/// <summary>Where the records of an entity were when they were read, by hashes of their keys: 8 bytes for each. Immutable.</summary>
internal sealed class KeyPlaces
{
    /// <summary>The most records whose places are kept: 64 MiB.</summary>
    public const int MaxRecords = 8 << 20;

    private const int HashShift = 32;

    /// <summary>A key's hash in the upper half, and DuckDB's name of the record in the lower, in order.</summary>
    private readonly ulong[] _places;

    private KeyPlaces(ulong[] places) => _places = places;

    /// <summary>Of an entity that there are no places to keep of.</summary>
    public static KeyPlaces None { get; } = new([]);

    /// <summary>How many there are.</summary>
    public int Count => _places.Length;

    /// <summary>Reads the keys of all records; <see cref="None"/> where these are too many.</summary>
    public static KeyPlaces Read(DuckDBConnection connection, EntityDefinition entity, CancellationToken cancellationToken)
    {
        var key = entity.Key.ToList();
        var (count, end) = connection.Query(
            $"SELECT count(*), coalesce(max({Sql.RowId}), 0) FROM {Sql.Table(entity)}", null, row => (row.GetInt64(0), row.GetInt64(1)), cancellationToken)[0];
        if (count is 0 or > MaxRecords || end > uint.MaxValue) return None;
        var places = new List<ulong>((int)count);
        using var command = connection.Command($"SELECT {string.Join(", ", key.Select(RecordSql.AsText).Prepend(Sql.RowId))} FROM {Sql.Table(entity)}");
        // All keys together take more memory than queries have.
        command.UseStreamingMode = true;
        connection.Run(
            command,
            () =>
            {
                using var row = command.ExecuteReader();
                var texts = new string[key.Count];
                while (places.Count < MaxRecords && row.Read())
                {
                    for (var i = 0; i < texts.Length; i++) texts[i] = row.GetString(i + 1);
                    places.Add(((ulong)Hash(texts) << HashShift) | (uint)row.GetInt64(0));
                }

                return places.Count;
            },
            cancellationToken);
        var sorted = places.ToArray();
        Array.Sort(sorted);
        return new KeyPlaces(sorted);
    }

    /// <summary>The places of the records that may have a key, by DuckDB's own names of them.</summary>
    /// <param name="key">The texts of the key's fields, in their order.</param>
    public IEnumerable<long> Find(IReadOnlyList<string> key)
    {
        var hash = Hash(key);
        var first = Array.BinarySearch(_places, (ulong)hash << HashShift);
        for (var i = first < 0 ? ~first : first; i < _places.Length && _places[i] >> HashShift == hash; i++) yield return (uint)_places[i];
    }

    /// <summary>Nobody can know which keys have the same: .NET's hashes of texts are other ones in each process.</summary>
    private static uint Hash(IReadOnlyList<string> key)
    {
        var hash = new HashCode();
        foreach (var text in key) hash.Add(text, StringComparer.Ordinal);
        return (uint)hash.ToHashCode();
    }
}
