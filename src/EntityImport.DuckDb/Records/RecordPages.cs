using System.Globalization;
using DuckDB.NET.Data;
using EntityImport.DuckDb.Connections;
using EntityImport.Entities;
using EntityImport.Records;

namespace EntityImport.DuckDb.Records;

/// <summary>
/// Reads the values of records that a query has found, in memory that depends neither on how many fields an entity has nor on how long its texts are. Not thread-safe.
/// </summary>
/// <remarks>
/// DuckDB reads 2,048 records at once, and holds a block of 256 KiB for each column meanwhile. So only some columns are read at once; and where records are long, no condition but a range of
/// neighbours or a single record is used, since that is what DuckDB looks at before it reads the values of the others.
/// </remarks>
internal sealed class RecordPages(DuckDBConnection connection, StoredTexts texts, long version, RecordQuery query, CancellationToken cancellationToken)
{
    /// <summary>Columns that one statement reads: they hold 32 MiB of blocks.</summary>
    public const int MaxColumns = 128;

    /// <summary>Records whose values are read first, one by one, to learn how long they are.</summary>
    private const int Probe = 4;

    /// <summary>What the records of one statement should take.</summary>
    private const long StatementBytes = 8 << 20;

    /// <summary>The same for long ones, of which several copies are in memory until they are handed over, for each query that is at work.</summary>
    private const long LongStatementBytes = 2 << 20;

    /// <summary>What long ones would take at most, were all of them as long as the longest.</summary>
    private const long MostLongStatementBytes = 16 << 20;

    /// <summary>The bytes of a record from which on only those records are read that are asked for: 2,048 of them take 32 MiB.</summary>
    public const long LongRecordBytes = 16 << 10;

    private readonly List<FieldDefinition[]> _slices = [.. query.Select.Chunk(MaxColumns)];
    private long _records;
    private long _bytes;

    /// <summary>Reads the only record that fulfils the query's condition, by that; answers how many there are, or null where its values are not to be read at once, or the condition holds for more after all.</summary>
    /// <param name="take">Takes it.</param>
    public long? TryReadOne(Action<string?[]> take)
    {
        var sql = new RecordSql(query);
        var fields = sql.Fields.Union(query.Select).ToArray();
        if (fields.Length > MaxColumns || MostBytes(fields) >= LongRecordBytes) return null;
        var records = connection.Query(sql.Whole(query.Select), sql.FilterParameters, row => Values(row, query.Select), cancellationToken);
        if (records.Count > 1) return null;
        foreach (var record in records) take(record);
        return records.Count;
    }

    /// <summary>Reads records by DuckDB's own names of them, and hands them over in that order.</summary>
    public void Read(IReadOnlyList<long> page, Action<string?[]> take)
    {
        var most = page.Count == 0 ? 0 : MostBytes(query.Select);
        for (var next = 0; next < page.Count;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            // What was read before tells nothing of what comes: the longest that there can be bounds it.
            var count = most < LongRecordBytes ? StatementBytes / most : _records < Probe ? 1 : Math.Min(MostLongStatementBytes / most, LongStatementBytes * _records / Math.Max(1, _bytes));
            var block = page.Skip(next).Take((int)Math.Clamp(count, 1, RecordQuery.MaxTop)).ToArray();
            foreach (var record in ReadBlock(block, most < LongRecordBytes ? [AnyOf(block)] : Ranges(block))) take(record);
            next += block.Length;
        }
    }

    private string?[][] ReadBlock(long[] ids, IEnumerable<string> conditions)
    {
        var places = ids.Select((id, place) => (id, place)).ToDictionary(pair => pair.id, pair => pair.place);
        var records = new string?[ids.Length][];
        for (var i = 0; i < records.Length; i++) records[i] = new string?[query.Select.Count];
        foreach (var which in conditions)
        {
            var first = 0;
            foreach (var fields in _slices)
            {
                ReadValues(RecordSql.Values(query.Entity, fields, which), fields, first, records, places);
                first += fields.Length;
            }
        }

        _records += ids.Length;
        return records;
    }

    private void ReadValues(string sql, FieldDefinition[] fields, int first, string?[][] records, Dictionary<long, int> places) => connection.Query<object?>(
        sql,
        null,
        row =>
        {
            var values = Values(row, fields);
            values.CopyTo(records[places[row.GetInt64(0)]], first);
            _bytes += values.Sum(value => value?.Length ?? 0);
            return null;
        },
        cancellationToken);

    /// <summary>The values of fields that were selected by <see cref="RecordSql.AsText(FieldDefinition)"/>.</summary>
    /// <param name="row">The row.</param>
    /// <param name="fields">The fields, in the order of their columns.</param>
    /// <param name="first">The first one's column.</param>
    public static string?[] Values(DuckDBDataReader row, IReadOnlyList<FieldDefinition> fields, int first = 1)
    {
        var values = new string?[fields.Count];
        for (var i = 0; i < values.Length; i++) values[i] = row.IsDBNull(first + i) ? null : WithWholePart(fields[i], row.GetString(first + i));
        return values;
    }

    private long MostBytes(IReadOnlyCollection<FieldDefinition> fields) => Math.Max(1, texts.MostBytes(connection, version, query.Entity, fields, cancellationToken));

    /// <summary>DuckDB leaves the zero out where a decimal has no digits before the point: <c>.5</c>.</summary>
    public static string WithWholePart(FieldDefinition field, string text) => !field.IsDecimal ? text
        : text.StartsWith('.') ? $"0{text}"
        : text.StartsWith("-.", StringComparison.Ordinal) ? $"-0{text[1..]}"
        : text;

    private static string AnyOf(long[] ids) => $"{Sql.RowId} IN ({string.Join(", ", ids.Select(Text))})";

    private static string Text(long id) => id.ToString(CultureInfo.InvariantCulture);

    /// <summary>Conditions that records side by side fulfil, and others none.</summary>
    private static IEnumerable<string> Ranges(long[] ids)
    {
        var sorted = ids.Order().ToArray();
        for (var first = 0; first < sorted.Length;)
        {
            var last = first;
            while (last + 1 < sorted.Length && sorted[last + 1] == sorted[last] + 1) last++;
            yield return last == first ? $"{Sql.RowId} = {Text(sorted[first])}" : $"{Sql.RowId} BETWEEN {Text(sorted[first])} AND {Text(sorted[last])}";
            first = last + 1;
        }
    }
}
