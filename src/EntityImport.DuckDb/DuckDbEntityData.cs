using EntityImport.Entities;
using EntityImport.Storage;

namespace EntityImport.DuckDb;

/// <summary>The records of entities in DuckDB: one table for each entity, one column for each field.</summary>
internal sealed class DuckDbEntityData(Database database) : IEntityData
{
    public Task<long> CountRecordsAsync(EntityDefinition entity, CancellationToken cancellationToken)
    {
        using var connection = database.Connect();
        return Task.FromResult(connection.Query($"SELECT count(*) FROM {Sql.Table(entity)}", null, row => row.GetInt64(0), cancellationToken)[0]);
    }

    public Task<RecordPage> ReadRecordsAsync(RecordQuery query, CancellationToken cancellationToken)
    {
        var sql = new RecordSql(query);
        using var connection = database.Connect();
        var records = connection.Query(sql.Select, sql.Parameters, row =>
        {
            var values = new string?[query.Select.Count];
            for (var i = 0; i < values.Length; i++) values[i] = row.IsDBNull(i) ? null : WithWholePart(query.Select[i], row.GetString(i));
            return values;
        }, cancellationToken);
        var total = query.Count
            ? connection.Query(sql.Count, sql.FilterParameters, row => row.GetInt64(0), cancellationToken)[0]
            : (long?)null;
        return Task.FromResult(new RecordPage(query.Select, records, total));
    }

    /// <summary>DuckDB leaves the zero out where a decimal has no digits before the point: <c>.5</c>.</summary>
    private static string WithWholePart(FieldDefinition field, string text) => !field.IsDecimal ? text
        : text.StartsWith('.') ? $"0{text}"
        : text.StartsWith("-.", StringComparison.Ordinal) ? $"-0{text[1..]}"
        : text;

    public Task<IStaging> BeginStagingAsync(StagingPlan plan, CancellationToken cancellationToken) =>
        Task.FromResult<IStaging>(new DuckDbStaging(database, plan));
}
