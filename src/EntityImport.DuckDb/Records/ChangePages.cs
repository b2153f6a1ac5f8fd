using System.Globalization;
using DuckDB.NET.Data;
using EntityImport.Catalog;
using EntityImport.DuckDb.Connections;
using EntityImport.Entities;
using EntityImport.Storage;

namespace EntityImport.DuckDb.Records;

/// <summary>Reads what a plan keeps, page by page. Which changes a page has is found by what orders them alone; their values are read after that, some columns at once.</summary>
internal static class ChangePages
{
    /// <summary>Columns that one statement reads.</summary>
    private const int MaxColumns = 128;

    /// <summary>What the values of a page should take.</summary>
    private const long PageBytes = 8 << 20;

    /// <summary>Reads a page.</summary>
    public static ChangePage Read(DuckDBConnection connection, ChangeQuery query, CancellationToken cancellationToken)
    {
        var entity = query.Plan.Entity!;
        var changes = query.Plan.Changes!;
        var columns = Columns(connection, query.Plan.Id, cancellationToken);
        var table = PlanTable.Name(query.Plan.Id);
        var (places, hasMore) = FindPlaces(connection, query, table, columns, cancellationToken);
        if (places.Count == 0) return new ChangePage([], HasMore: false);
        var fields = changes.Fields.Select(field => entity.FindField(field.SystemName)!).ToList();
        var values = places.ToDictionary(place => place.Number, _ => (Kind: default(ChangeKind), Row: (long?)null, Before: new string?[fields.Count], After: new string?[fields.Count]));
        foreach (var slice in fields.Index().Chunk(MaxColumns / 2))
        {
            var expressions = slice.SelectMany(field => new[] { New(field.Item), Old(field.Item) }).Prepend(Sql.RowNumber).Prepend($"{PlanTable.Kind}::INTEGER").Prepend(Sql.RowId);
            connection.Query<object?>(
                $"SELECT {string.Join(", ", expressions)} FROM {table} WHERE {Sql.RowId} IN ({string.Join(", ", places.Select(place => Text(place.Number)))})",
                null,
                row =>
                {
                    var number = row.GetInt64(0);
                    var change = values[number];
                    values[number] = (
                        (ChangeKind)row.GetInt32(1),
                        row.IsDBNull(2) ? null : row.GetInt64(2),
                        Fill(change.Before, slice, row, 4),
                        Fill(change.After, slice, row, 3));
                    return null;
                },
                cancellationToken);
        }

        return new ChangePage([.. places.Select(place =>
        {
            var (kind, row, before, after) = values[place.Number];
            return new RecordChange(kind, row, kind == ChangeKind.Inserted ? null : before, kind == ChangeKind.Removed ? null : after, place);
        })], hasMore);

        string New(FieldDefinition field) => columns.Contains(Sql.ColumnName(field)) ? RecordSql.AsText(field, Sql.Column(field)) : "NULL::VARCHAR";

        // A key is the same before and after, and is kept once.
        string Old(FieldDefinition field) => columns.Contains(OldName(field)) ? RecordSql.AsText(field, PlanTable.Old(field)) : field.PrimaryKey ? New(field) : "NULL::VARCHAR";
    }

    private static (List<ChangePlace> Places, bool HasMore) FindPlaces(
        DuckDBConnection connection, ChangeQuery query, string table, HashSet<string> columns, CancellationToken cancellationToken)
    {
        var conditions = new List<string> { query.Kind is { } kind ? $"{PlanTable.Kind} = {(int)kind}" : $"{PlanTable.Kind} <> {PlanTable.Same}" };
        var move = "NULL::DOUBLE";
        if (query.Field is { } field)
        {
            var after = columns.Contains(Sql.ColumnName(field)) ? Sql.Column(field) : $"NULL::{Sql.Type(field)}";
            var before = columns.Contains(OldName(field)) ? PlanTable.Old(field) : field.PrimaryKey && columns.Contains(Sql.ColumnName(field)) ? after : $"NULL::{Sql.Type(field)}";
            conditions.Add(field.PrimaryKey ? $"{PlanTable.Kind} <> {(int)ChangeKind.Updated}" : $"{after} IS DISTINCT FROM {before}");
            if (Measure(field) is { } measure) move = $"abs({string.Format(CultureInfo.InvariantCulture, measure, after)} - {string.Format(CultureInfo.InvariantCulture, measure, before)})";
        }

        if (query.After is { } place)
        {
            conditions.Add(place.Move is { } passed
                ? $"(({move}) IS NULL OR ({move}) < {Text(passed)} OR (({move}) = {Text(passed)} AND {Sql.RowId} > {Text(place.Number)}))"
                : $"(({move}) IS NULL AND {Sql.RowId} > {Text(place.Number)})");
        }

        var changes = query.Plan.Changes!;
        var rows = Math.Max(1, changes.Inserted + changes.Updated + changes.Removed);
        var limit = Math.Clamp(PageBytes / Math.Max(1, changes.Bytes / rows), 1, query.Limit);
        var found = connection.Query(
            $"SELECT {move}, {Sql.RowId} FROM {table} WHERE {string.Join(" AND ", conditions)} ORDER BY 1 DESC NULLS LAST, 2 LIMIT {Text(limit + 1)}", null,
            row => new ChangePlace(row.IsDBNull(0) ? null : row.GetDouble(0), row.GetInt64(1)), cancellationToken);
        return ([.. found.Take((int)limit)], found.Count > limit);
    }

    /// <summary>What a value is measured by, as a format of an expression; null where it cannot be.</summary>
    private static string? Measure(FieldDefinition field) => field.DataType switch
    {
        DataType.Date => "(({0}) - DATE '1970-01-01')::DOUBLE",
        DataType.DateTime => "epoch_us({0})::DOUBLE",
        _ when field.IsNumber => "({0})::DOUBLE",
        _ => null,
    };

    private static HashSet<string> Columns(DuckDBConnection connection, Guid planId, CancellationToken cancellationToken) =>
        [.. connection.Query($"SELECT column_name FROM duckdb_columns() WHERE database_name = current_database() AND schema_name = '{PlanTable.Schema}' AND table_name = $1", [$"{planId:N}"], row => row.GetString(0), cancellationToken)];

    private static string OldName(FieldDefinition field) => $"#old:{field.SystemName}";

    private static string?[] Fill(string?[] values, (int Index, FieldDefinition Item)[] slice, DuckDBDataReader row, int first)
    {
        for (var i = 0; i < slice.Length; i++)
        {
            var column = first + (2 * i);
            values[slice[i].Index] = row.IsDBNull(column) ? null : RecordPages.WithWholePart(slice[i].Item, row.GetString(column));
        }

        return values;
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Text(double number) => $"'{number.ToString("R", CultureInfo.InvariantCulture)}'::DOUBLE";
}
