using System.Globalization;
using DuckDB.NET.Data;
using EntityImport.Storage;

namespace EntityImport.DuckDb;

/// <summary>Finds the records of a query: which ones, in which order, and how many there are.</summary>
/// <remarks>
/// DuckDB looks at 2,048 records at once, in each of its threads. Where a condition is about long texts that takes more memory than queries have, or all that imports need, so that records are looked at in
/// ranges of some of them then, and what is found is sorted in the end.
/// </remarks>
internal sealed class RecordSearch(DuckDBConnection connection, RecordQuery query, CancellationToken cancellationToken)
{
    private const string FoundTable = "\"#found\"";

    /// <summary>The bytes of condition and order of a record from which on records are looked at in ranges: 2,048 of them take 16 MiB.</summary>
    private const long LongBytes = 8 << 10;

    /// <summary>What the records of one range should take.</summary>
    private const long RangeBytes = 32 << 20;

    /// <summary>The least number of records of a range, and the most.</summary>
    private const long LeastRange = 32;
    private const long MostRange = 2_048;

    private readonly RecordSql _sql = new(query);

    /// <summary>The records of the query's page by DuckDB's own names of them, and the number of all where it was asked for.</summary>
    public (IReadOnlyList<long> Page, long? Total) Find() => RangeOf() is { } range ? FindInRanges(range.First, range.Last, range.Count) : (FindAtOnce(), Count());

    private IReadOnlyList<long> FindAtOnce() => query.Top == 0 ? [] : connection.Query(_sql.Page, _sql.Parameters, row => row.GetInt64(0), cancellationToken);

    private long? Count() => query.Count ? connection.Query(_sql.Count, _sql.FilterParameters, row => row.GetInt64(0), cancellationToken)[0] : null;

    /// <summary>All records, and how many to look at at once; null where all can be.</summary>
    private (long First, long Last, long Count)? RangeOf()
    {
        if (!_sql.Fields.Any(field => field.DataType == Entities.DataType.String)) return null;
        var ends = connection.Query(
            $"SELECT min({Sql.RowId}), max({Sql.RowId}) FROM {Sql.Table(query.Entity)}", null, row => row.IsDBNull(0) ? ((long, long)?)null : (row.GetInt64(0), row.GetInt64(1)), cancellationToken)[0];
        if (ends is not { } all) return null;
        var most = TextStatistics.MostBytes(connection, query.Entity, _sql.Fields, all.Item1, cancellationToken);
        return most < LongBytes ? null : (all.Item1, all.Item2, Math.Clamp(RangeBytes / most, LeastRange, MostRange));
    }

    private (IReadOnlyList<long> Page, long? Total) FindInRanges(long first, long last, long count)
    {
        for (var start = first; start <= last; start += count)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var range = string.Create(CultureInfo.InvariantCulture, $"{Sql.RowId} BETWEEN {start} AND {Math.Min(last, start + count - 1)}");
            connection.Execute(
                (start == first ? $"CREATE OR REPLACE TEMP TABLE {FoundTable} AS " : $"INSERT INTO {FoundTable} ") + _sql.Found(range), _sql.Parameters, cancellationToken);
        }

        var total = connection.Query($"SELECT count(*) FROM {FoundTable}", null, row => row.GetInt64(0), cancellationToken)[0];
        var page = query.Top == 0 ? [] : connection.Query(_sql.FoundPage(FoundTable), null, row => row.GetInt64(0), cancellationToken);
        return (page, query.Count ? total : null);
    }
}
