using DuckDB.NET.Data;
using EntityImport.DuckDb.Connections;
using EntityImport.Records;

namespace EntityImport.DuckDb.Records;

/// <summary>Finds the records of a query: which ones, in which order, and how many there are.</summary>
/// <remarks>
/// DuckDB looks at 2,048 records at once, in each of its threads. Where a condition is about long texts that takes more memory than queries have, or all that imports need, so that records are looked at in
/// ranges of some of them then, and what is found is sorted in the end.
/// </remarks>
internal sealed class RecordSearch(DuckDBConnection connection, StoredTexts texts, long version, RecordQuery query, CancellationToken cancellationToken)
{
    private const string FoundTable = "\"#found\"";

    private readonly RecordSql _sql = new(query);

    /// <summary>The records of the query's page by DuckDB's own names of them, and the number of all where it was asked for.</summary>
    public (IReadOnlyList<long> Page, long? Total) Find() =>
        texts.MostBytes(connection, version, query.Entity, _sql.Fields, cancellationToken) < StoredTexts.LongBytes ? (FindAtOnce(), Count()) : FindInRanges();

    private IReadOnlyList<long> FindAtOnce() => query.Top == 0 ? [] : connection.Query(_sql.Page, _sql.Parameters, row => row.GetInt64(0), cancellationToken);

    private long? Count() => query.Count ? connection.Query(_sql.Count, _sql.FilterParameters, row => row.GetInt64(0), cancellationToken)[0] : null;

    private (IReadOnlyList<long> Page, long? Total) FindInRanges()
    {
        if (!Collect(beginnings: true)) return ([], query.Count ? 0 : null);
        if (query.Top > 0 && _sql.AlikeBeginnings(FoundTable) is { } alike && connection.Query(alike, null, row => row.GetBoolean(0), cancellationToken)[0]) Collect(beginnings: false);
        long? total = query.Count ? connection.Query($"SELECT count(*) FROM {FoundTable}", null, row => row.GetInt64(0), cancellationToken)[0] : null;
        return (query.Top == 0 ? [] : connection.Query(_sql.FoundPage(FoundTable), null, row => row.GetInt64(0), cancellationToken), total);
    }

    /// <summary>Collects which records there are, and what orders them; false where there are none to look at.</summary>
    private bool Collect(bool beginnings)
    {
        var isFirst = true;
        foreach (var range in StoredTexts.Ranges(connection, Sql.Table(query.Entity), _sql.Fields, cancellationToken))
        {
            cancellationToken.ThrowIfCancellationRequested();
            connection.Execute((isFirst ? $"CREATE OR REPLACE TEMP TABLE {FoundTable} AS " : $"INSERT INTO {FoundTable} ") + _sql.Found(range, beginnings), _sql.Parameters, cancellationToken);
            isFirst = false;
        }

        return !isFirst;
    }
}
