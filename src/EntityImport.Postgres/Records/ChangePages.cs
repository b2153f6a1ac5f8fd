using System.Globalization;
using EntityImport.Changes;
using EntityImport.Entities;
using EntityImport.Postgres.Connections;
using EntityImport.SqlStores;
using EntityImport.Storage;

namespace EntityImport.Postgres.Records;

/// <summary>Reads changes page by page. Which changes a page has is found by what orders them alone; their values are read after that.</summary>
internal abstract class ChangePages(Session session, EntityTable table, ChangeQuery query, CancellationToken cancellationToken)
{
    protected Session Session => session;

    protected EntityTable Table => table;

    protected ChangeQuery Query => query;

    protected CancellationToken CancellationToken => cancellationToken;

    /// <summary>The fields whose values are told.</summary>
    protected abstract IReadOnlyList<FieldDefinition> Fields { get; }

    /// <summary>The columns that values are read from where records are, with their types.</summary>
    protected abstract IEnumerable<(DataType Type, string Column)> ValueColumns { get; }

    /// <summary>Reads the page.</summary>
    public async Task<ChangePage> ReadAsync()
    {
        var (found, hasMore) = await FindAsync().ConfigureAwait(false);
        var before = await ReadValuesAsync([.. found.Select(change => change.Before)], Before).ConfigureAwait(false);
        var after = await ReadValuesAsync([.. found.Select(change => change.After)], After).ConfigureAwait(false);
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
    protected abstract Task<(IReadOnlyList<FoundChange> Changes, bool HasMore)> FindAsync();

    /// <summary>How many of some changes, one at least, are a page that is not too large. Those of one place stay together.</summary>
    protected async Task<int> FitAsync(IReadOnlyList<FoundChange> found, int limit)
    {
        var bytes = new Dictionary<FoundRecord, long>();
        foreach (var places in found.Take(limit).SelectMany(change => change.Records).Distinct().GroupBy(place => place.Table))
        {
            await Session.ReadAsync(
                $"""
                SELECT {Sql.NumberOf(Sql.RowId)}, {Sql.Bytes(ValueColumns)} FROM {places.Key}
                WHERE {Sql.RowId} = ANY (ARRAY[{string.Join(", ", places.Select(place => Sql.RowIdOf(place.Id)))}]) GROUP BY {Sql.RowId}
                """,
                [], row => bytes[new FoundRecord(places.Key, row.GetInt64(0))] = row.GetInt64(1), CancellationToken).ConfigureAwait(false);
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
            { DataType: DataType.Date } => "(({0}) - DATE '1970-01-01')::double precision",
            { DataType: DataType.DateTime } => "(extract(epoch FROM ({0})) * 1000000)::double precision",
            // Between its ends lies more than a DOUBLE holds, and of halves all can be told.
            { DataType: DataType.Double } => "({0}) / 2",
            { IsNumber: true } => "({0})::double precision",
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
        if (move is null) return $"{number} > {Sql.Text(place.Number)}";
        return place.Move is { } passed
            ? $"(({move}) IS NULL OR ({move}) < {Text(passed)} OR (({move}) = {Text(passed)} AND {number} > {Sql.Text(place.Number)}))"
            : $"(({move}) IS NULL AND {number} > {Sql.Text(place.Number)})";
    }

    private static string Text(double number) => $"'{number.ToString("R", CultureInfo.InvariantCulture)}'::double precision";

    /// <summary>Reads values where they are, each record as the fields say; null where it is nowhere.</summary>
    private async Task<string?[]?[]> ReadValuesAsync(IReadOnlyList<FoundRecord?> places, Func<FieldDefinition, string> expression)
    {
        var values = new string?[]?[places.Count];
        foreach (var found in places.Index().Where(place => place.Item is not null).GroupBy(place => place.Item!.Table))
        {
            var indices = found.ToLookup(place => place.Item!.Id, place => place.Index);
            await session.ReadAsync(
                $"SELECT {string.Join(", ", Fields.Select(expression).Prepend(Sql.NumberOf(Sql.RowId)))} FROM {found.Key} WHERE {Sql.RowId} = ANY (ARRAY[{string.Join(", ", indices.Select(id => Sql.RowIdOf(id.Key)))}])", [],
                row =>
                {
                    var record = RecordValues.Of(row, Fields, first: 1);
                    foreach (var index in indices[row.GetInt64(0)]) values[index] = record;
                },
                cancellationToken).ConfigureAwait(false);
        }

        return values;
    }
}
