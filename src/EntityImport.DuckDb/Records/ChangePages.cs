using System.Globalization;
using DuckDB.NET.Data;
using EntityImport.Changes;
using EntityImport.DuckDb.Connections;
using EntityImport.Entities;
using EntityImport.SqlStores;
using EntityImport.Storage;

namespace EntityImport.DuckDb.Records;

/// <summary>Reads changes page by page. Which changes a page has is found by what orders them alone; their values are read after that, some columns at once.</summary>
internal abstract class ChangePages(DuckDBConnection connection, ChangeQuery query, CancellationToken cancellationToken)
{
    /// <summary>Columns that one statement reads.</summary>
    private const int MaxColumns = 128;

    protected DuckDBConnection Connection => connection;

    protected ChangeQuery Query => query;

    protected CancellationToken CancellationToken => cancellationToken;

    /// <summary>The fields whose values are told.</summary>
    protected abstract IReadOnlyList<FieldDefinition> Fields { get; }

    /// <summary>The columns that values are read from where records are, with their types.</summary>
    protected abstract IEnumerable<(DataType Type, string Column)> ValueColumns { get; }

    /// <summary>Reads the page.</summary>
    public ChangePage Read()
    {
        var (found, hasMore) = Find();
        var (before, after) = ReadSides(found);
        return new ChangePage([.. found.Select((change, i) => new RecordChange(
            change.Kind,
            change.RecordNumber,
            change.Kind == ChangeKind.Inserted ? null : before[i],
            // Of a record that came, and of which no more is known, what there is tells the key.
            change.Kind == ChangeKind.Removed ? null : after[i] ?? (change.Kind == ChangeKind.Inserted ? before[i] : null),
            change.Place)
        {
            AfterUnknown = change.Kind != ChangeKind.Removed && change.After is null,
        })], hasMore);
    }

    /// <summary>Finds the page's changes, in their order, and whether there are others behind them.</summary>
    protected abstract (IReadOnlyList<FoundChange> Changes, bool HasMore) Find();

    /// <summary>How many of some changes, one at least, are a page that is not too large. Those of one place stay together.</summary>
    protected int Fit(IReadOnlyList<FoundChange> found, int limit)
    {
        var bytes = new Dictionary<FoundRecord, long>();
        foreach (var table in found.Take(limit).SelectMany(change => change.Records).Distinct().GroupBy(place => place.Table))
        {
            Connection.Query<object?>(
                $"SELECT {Sql.RowId}, {Sql.Bytes(ValueColumns)} FROM {table.Key} WHERE {Sql.RowId} IN ({string.Join(", ", table.Select(place => Text(place.Id)))}) GROUP BY 1",
                null,
                row =>
                {
                    bytes[new FoundRecord(table.Key, row.GetInt64(0))] = row.GetInt64(1);
                    return null;
                },
                CancellationToken);
        }

        return FoundChange.Fit(found, limit, bytes);
    }

    /// <summary>The expression for a field's value before, as text, in the table where <see cref="FoundChange.Before"/> is.</summary>
    protected abstract string Before(FieldDefinition field);

    /// <summary>The expression for a field's value afterwards, as text, in the table where <see cref="FoundChange.After"/> is.</summary>
    protected abstract string After(FieldDefinition field);

    /// <summary>The expression for how far a field moves; null where it is none that can be measured.</summary>
    protected static string? Move(FieldDefinition? field, string before, string after)
    {
        var measure = field switch
        {
            { DataType: DataType.Date } => "(({0}) - DATE '1970-01-01')::DOUBLE",
            { DataType: DataType.DateTime } => "epoch_us({0})::DOUBLE",
            // Between its ends lies more than a DOUBLE holds, and of halves all can be told.
            { DataType: DataType.Double } => "({0}) / 2",
            { IsNumber: true } => "({0})::DOUBLE",
            _ => null,
        };
        return measure is null ? null : $"abs({string.Format(CultureInfo.InvariantCulture, measure, after)} - {string.Format(CultureInfo.InvariantCulture, measure, before)})";
    }

    /// <summary>The condition that a change is behind the place that the query names; null where it names none.</summary>
    /// <param name="move">The expression for how far the field moves; null where it does not.</param>
    /// <param name="number">The expression for the number of a change.</param>
    protected string? Behind(string? move, string number)
    {
        if (query.After is not { } place) return null;
        if (move is null) return $"{number} > {Text(place.Number)}";
        return place.Move is { } passed
            ? $"(({move}) IS NULL OR ({move}) < {Text(passed)} OR (({move}) = {Text(passed)} AND {number} > {Text(place.Number)}))"
            : $"(({move}) IS NULL AND {number} > {Text(place.Number)})";
    }

    protected static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Text(double number) => $"'{number.ToString("R", CultureInfo.InvariantCulture)}'::DOUBLE";

    /// <summary>Reads what records were and became. Finding rows costs more than their values: where one row tells both it is found once.</summary>
    private (string?[]?[] Before, string?[]?[] After) ReadSides(IReadOnlyList<FoundChange> found)
    {
        var (before, after) = (found.Select(change => change.Before).ToList(), found.Select(change => change.After).ToList());
        if (!before.SequenceEqual(after)) return (ReadValues(before, Before)[0], ReadValues(after, After)[0]);
        var both = ReadValues(before, Before, After);
        return (both[0], both[1]);
    }

    /// <summary>Reads values where they are, for each expression each record as the fields say; null where it is nowhere.</summary>
    private string?[]?[][] ReadValues(List<FoundRecord?> places, params IReadOnlyList<Func<FieldDefinition, string>> expressions)
    {
        var values = expressions.Select(_ => new string?[]?[places.Count]).ToArray();
        foreach (var table in places.Index().Where(place => place.Item is not null).GroupBy(place => place.Item!.Table))
        {
            var indices = table.ToDictionary(place => place.Item!.Id, place => place.Index);
            foreach (var side in values)
                foreach (var index in indices.Values) side[index] = new string?[Fields.Count];
            foreach (var slice in Fields.Index().Chunk(MaxColumns / expressions.Count))
            {
                var columns = expressions.SelectMany(expression => slice.Select(field => expression(field.Item)));
                connection.Query<object?>(
                    $"SELECT {string.Join(", ", columns.Prepend(Sql.RowId))} FROM {table.Key} WHERE {Sql.RowId} IN ({string.Join(", ", indices.Keys.Select(Text))})",
                    null,
                    row =>
                    {
                        var (record, column) = (indices[row.GetInt64(0)], 0);
                        foreach (var side in values)
                            foreach (var (index, field) in slice) side[record]![index] = row.IsDBNull(++column) ? null : RecordPages.WithWholePart(field, row.GetString(column));
                        return null;
                    },
                    cancellationToken);
            }
        }

        return values;
    }
}
