using System.Collections.Concurrent;
using System.Globalization;
using System.Text.RegularExpressions;
using DuckDB.NET.Data;
using EntityImport.Entities;

namespace EntityImport.DuckDb.Connections;

/// <summary>How long the texts are that are stored, as DuckDB's statistics tell without reading them. Thread-safe.</summary>
/// <remarks>What was learned of an entity is kept until records are committed: most queries then need no statement but their own.</remarks>
internal sealed partial class StoredTexts
{
    /// <summary>The bytes of a record from which on it is handled with care: the 2,048 that DuckDB handles at once take 16 MiB.</summary>
    public const long LongBytes = 8 << 10;

    /// <summary>What the records of one range should take: 32 MiB.</summary>
    private const long RangeBytes = 32 << 20;

    /// <summary>Columns that one statement asks for.</summary>
    private const int MaxColumns = 128;

    /// <summary>The text of a number, a date or a boolean is hardly longer.</summary>
    private const int ShortValueBytes = 40;

    /// <summary>What a transaction has put into a table bears names from here on (DuckDB's <c>MAX_ROW_ID</c>) until it is committed.</summary>
    private const string UncommittedId = "36028797018960000";

    /// <summary>Where DuckDB does not tell, a text may be as long as a record.</summary>
    private const long UnknownBytes = 1 << 20;

    /// <summary>Entities that something is kept of: anybody may make any number of them.</summary>
    private const int MaxKnown = 256;

    private readonly ConcurrentDictionary<string, (long Version, Dictionary<string, long> Longest)> _known = new(StringComparer.OrdinalIgnoreCase);
    private long _version;

    /// <summary>The number of commits that changed records. Whoever asks with it reads it before the transaction begins in which it asks.</summary>
    public long Version => Interlocked.Read(ref _version);

    /// <summary>Notes that records were committed.</summary>
    public void NoteCommit() => Interlocked.Increment(ref _version);

    /// <summary>The bytes that some fields of no record exceed; 0 where there are no records.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="version">What <see cref="Version"/> was before its transaction.</param>
    /// <param name="entity">The entity.</param>
    /// <param name="fields">The fields.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public long MostBytes(DuckDBConnection connection, long version, EntityDefinition entity, IReadOnlyCollection<FieldDefinition> fields, CancellationToken cancellationToken)
    {
        var texts = fields.Where(field => field.DataType == DataType.String).ToList();
        var others = (long)ShortValueBytes * (fields.Count - texts.Count);
        if (texts.Count == 0) return others;
        if (!_known.TryGetValue(entity.SystemName, out var known) || known.Version != version || texts.Any(field => !known.Longest.ContainsKey(field.SystemName)))
        {
            known = (version, ReadLongest(connection, entity, cancellationToken));
            if (_known.Count >= MaxKnown) _known.Clear();
            _known[entity.SystemName] = known;
        }

        return others + texts.Sum(field => known.Longest[field.SystemName]);
    }

    /// <summary>The bytes that some fields of no record of a table exceed.</summary>
    public static long MostBytes(DuckDBConnection connection, string table, IReadOnlyCollection<FieldDefinition> fields, CancellationToken cancellationToken) =>
        Stretches(connection, table, fields, cancellationToken).Max(stretch => stretch.RecordBytes);

    /// <summary>Ranges of a table's committed records, first and last by DuckDB's own names of them, which are all records together. Some fields of the records of a range take little memory, or it is one of a few records.</summary>
    public static IEnumerable<(long First, long Last)> Ranges(DuckDBConnection connection, string table, IReadOnlyCollection<FieldDefinition> fields, CancellationToken cancellationToken) =>
        Ranges(connection, table, Stretches(connection, table, fields, cancellationToken), cancellationToken);

    /// <summary>The same of a table of which some records are long; of others none, since they can be read all at once.</summary>
    public static IEnumerable<(long First, long Last)> RangesOfLong(DuckDBConnection connection, string table, IReadOnlyCollection<FieldDefinition> fields, CancellationToken cancellationToken)
    {
        var stretches = Stretches(connection, table, fields, cancellationToken);
        return stretches.Any(stretch => stretch.RecordBytes >= LongBytes) ? Ranges(connection, table, stretches, cancellationToken) : [];
    }

    private static IEnumerable<(long First, long Last)> Ranges(DuckDBConnection connection, string table, List<(long Start, long RecordBytes)> stretches, CancellationToken cancellationToken)
    {
        var end = connection.Query($"SELECT coalesce(max({Sql.RowId}), -1) FROM {table} WHERE {Sql.RowId} < {UncommittedId}", null, row => row.GetInt64(0), cancellationToken)[0] + 1;
        var (first, bytes) = (0L, 0L);
        for (var i = 0; i < stretches.Count; i++)
        {
            var (start, recordBytes) = stretches[i];
            var stretchEnd = i + 1 < stretches.Count ? Math.Min(stretches[i + 1].Start, end) : end;
            for (var next = start; next < stretchEnd;)
            {
                var fitting = Math.Min(stretchEnd - next, (RangeBytes - bytes) / recordBytes);
                if (fitting == 0 && next > first)
                {
                    yield return (first, next - 1);
                    first = next;
                    bytes = 0;
                    continue;
                }

                fitting = Math.Max(1, fitting);
                bytes += fitting * recordBytes;
                next += fitting;
            }
        }

        if (first < end) yield return (first, end - 1);
    }

    /// <summary>Stretches of records without a gap, each up to the next one, and the bytes that no record of each exceeds.</summary>
    /// <remarks>In a transaction only: see <see cref="Sql.Storage"/>.</remarks>
    private static List<(long Start, long RecordBytes)> Stretches(DuckDBConnection connection, string table, IReadOnlyCollection<FieldDefinition> fields, CancellationToken cancellationToken)
    {
        var texts = fields.Where(field => field.DataType == DataType.String).ToList();
        // By where a stretch of one column begins: by how much a record is longer from there on.
        var changes = new SortedDictionary<long, long> { [0] = Math.Max(1, (long)ShortValueBytes * (fields.Count - texts.Count)) };
        foreach (var some in texts.Chunk(MaxColumns))
        {
            var columns = string.Join(", ", some.Select(field => Sql.Text(Sql.ColumnName(field))));
            var segments = connection.Query(
                $"""
                SELECT column_id, count, stats FROM {Sql.Storage(table)}
                WHERE segment_type = 'VARCHAR' AND lower(column_name) IN ({columns.ToLowerInvariant()}) ORDER BY column_id, row_group_id, start
                """,
                null,
                row => (Column: row.GetInt64(0), Count: row.GetInt64(1), Longest: Longest(row.GetString(2))),
                cancellationToken);
            foreach (var column in segments.GroupBy(segment => segment.Column))
            {
                var start = 0L;
                var last = 0L;
                foreach (var segment in column)
                {
                    changes[start] = changes.GetValueOrDefault(start) + segment.Longest - last;
                    last = segment.Longest;
                    start += segment.Count;
                }
            }
        }

        var bytes = 0L;
        return [.. changes.Select(change => (change.Key, bytes += change.Value))];
    }

    private static Dictionary<string, long> ReadLongest(DuckDBConnection connection, EntityDefinition entity, CancellationToken cancellationToken)
    {
        var longest = new Dictionary<string, long>(StringComparer.OrdinalIgnoreCase);
        // Statistics come with a row.
        var id = connection.Query($"SELECT min({Sql.RowId}) FROM {Sql.Table(entity)}", null, row => row.IsDBNull(0) ? (long?)null : row.GetInt64(0), cancellationToken)[0];
        foreach (var some in entity.Fields.Where(field => field.DataType == DataType.String).Chunk(MaxColumns))
        {
            foreach (var field in some) longest[field.SystemName] = 0;
            if (id is null) continue;
            var statistics = string.Join(", ", some.Select(field => $"stats({Sql.Column(field)})"));
            connection.Query<object?>(
                string.Create(CultureInfo.InvariantCulture, $"SELECT {statistics} FROM {Sql.Table(entity)} WHERE {Sql.RowId} = {id}"),
                null,
                row =>
                {
                    for (var i = 0; i < some.Length; i++) longest[some[i].SystemName] = Longest(row.GetString(i));
                    return null;
                },
                cancellationToken);
        }

        return longest;
    }

    private static long Longest(string statistics) =>
        LongestText().Match(statistics) is { Success: true } found ? long.Parse(found.Groups[1].Value, CultureInfo.InvariantCulture) : UnknownBytes;

    [GeneratedRegex(@"Max String Length: (\d+)")]
    private static partial Regex LongestText();
}
