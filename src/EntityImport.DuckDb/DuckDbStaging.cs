using System.Runtime.CompilerServices;
using DuckDB.NET.Data;
using EntityImport.Conversion;
using EntityImport.Entities;
using EntityImport.Mappings;
using EntityImport.Storage;

namespace EntityImport.DuckDb;

/// <summary>
/// An import's rows in a database of their own, attached in memory: never in the store's file, gone with the process. Beyond the memory limit
/// DuckDB moves them to its spill directory.
/// </summary>
internal sealed class DuckDbStaging : IStaging
{
    private readonly Database _database;
    private readonly DuckDBConnection _connection;
    private readonly StagingPlan _plan;
    private readonly string _schema;

    public DuckDbStaging(Database database, StagingPlan plan)
    {
        _database = database;
        _plan = plan;
        _connection = database.Connect();
        Catalog = $"stage_{plan.ImportId:N}";
        _schema = Sql.Name(Catalog);
        _connection.Execute($"ATTACH ':memory:' AS {_schema}");
        _connection.Execute($"CREATE TABLE {Rows} ({Sql.RowNumber} BIGINT, {Sql.ColumnTypes(Fields)})");
    }

    /// <summary>The name of the attached database.</summary>
    public string Catalog { get; }

    private string Rows => $"{_schema}.main.staged";

    private string Conflicts => $"{_schema}.main.conflict";

    private IEnumerable<FieldDefinition> Fields => _plan.Fields.Select(f => f.Field);

    private string Key => Sql.Columns(_plan.Entity.Key);

    private bool HasKey => _plan.Entity.Key.Any();

    public IStagingWriter CreateWriter() => new DuckDbStagingWriter(_database, Catalog, "staged", [.. Fields]);

    public async IAsyncEnumerable<KeyConflict> FindConflictsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!HasKey) yield break;
        await Task.Run(() => CollectConflicts(cancellationToken), cancellationToken).ConfigureAwait(false);
        using var command = _connection.Command($"SELECT {Sql.RowNumber}, code, first FROM {Conflicts} ORDER BY 1");
        command.UseStreamingMode = true;
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return new KeyConflict(reader.GetInt64(0), (FaultCode)reader.GetInt32(1), reader.GetInt64(2));
        }
    }

    public async Task<IMerge> MergeAsync(CancellationToken cancellationToken)
    {
        var merge = new DuckDbMerge(_database, _plan, Rows, DefaultsTable());
        try
        {
            await Task.Run(() => merge.Run(Supersede(cancellationToken), cancellationToken), cancellationToken).ConfigureAwait(false);
            return merge;
        }
        catch
        {
            await merge.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public ValueTask DisposeAsync()
    {
        try
        {
            _connection.Execute($"DETACH {_schema}");
        }
        finally
        {
            _connection.Dispose();
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Moves the numbers of forbidden rows to a table of their own, and the rows out of the way.</summary>
    private void CollectConflicts(CancellationToken cancellationToken)
    {
        Execute($"CREATE TABLE {Conflicts} ({Sql.RowNumber} BIGINT, code INTEGER, first BIGINT)", cancellationToken);
        var table = Sql.Table(_plan.Entity);
        var sameKey = Sql.SameKey(_plan.Entity, "r", "t");
        if (_plan.Mode == ImportMode.Insert)
        {
            Execute($"INSERT INTO {Conflicts} SELECT r.{Sql.RowNumber}, {(int)FaultCode.KeyExists}, 0 FROM {Rows} r SEMI JOIN {table} t ON {sameKey}", cancellationToken);
            RemoveConflicts(cancellationToken);
        }

        if (_plan.Mode == ImportMode.Upsert && _plan.RejectNewKeys)
        {
            Execute($"INSERT INTO {Conflicts} SELECT r.{Sql.RowNumber}, {(int)FaultCode.RequiredUnmapped}, 0 FROM {Rows} r ANTI JOIN {table} t ON {sameKey}", cancellationToken);
            RemoveConflicts(cancellationToken);
        }

        if (_plan.Mode is ImportMode.Insert or ImportMode.Replace && CountRepeated(cancellationToken) > 0)
        {
            Execute(
                $"""
                INSERT INTO {Conflicts} SELECT r.{Sql.RowNumber}, {(int)FaultCode.KeyRepeated}, t.first FROM {Rows} r
                JOIN (SELECT {Key}, min({Sql.RowNumber}) AS first FROM {Rows} GROUP BY {Key} HAVING count(*) > 1) t ON {sameKey}
                WHERE r.{Sql.RowNumber} <> t.first
                """,
                cancellationToken);
            RemoveConflicts(cancellationToken);
        }
    }

    private void RemoveConflicts(CancellationToken cancellationToken) =>
        Execute($"DELETE FROM {Rows} WHERE {Sql.RowNumber} IN (SELECT {Sql.RowNumber} FROM {Conflicts})", cancellationToken);

    /// <summary>Leaves one row of each key, as if all had been applied in file order; answers how many went.</summary>
    private long Supersede(CancellationToken cancellationToken)
    {
        if (_plan.Mode != ImportMode.Upsert || !HasKey || CountRepeated(cancellationToken) == 0) return 0;
        var last = $"{_schema}.main.last";
        var others = Fields.Where(f => !f.PrimaryKey).ToList();
        // Where empty values keep what is there, the last row that has a value wins field by field.
        var values = _plan.KeepEmpty
            ? string.Concat(others.Select(f => $", arg_max({Sql.Column(f)}, {Sql.RowNumber}) AS {Sql.Column(f)}"))
            : string.Concat(others.Select(f => $", arg_max_null({Sql.Column(f)}, {Sql.RowNumber}) AS {Sql.Column(f)}"));
        Execute(
            $"CREATE TABLE {last} AS SELECT max({Sql.RowNumber}) AS {Sql.RowNumber}, count(*) AS \"#count\", {Key}{values} FROM {Rows} GROUP BY {Key} HAVING count(*) > 1",
            cancellationToken);
        var removed = Execute($"DELETE FROM {Rows} r USING {last} t WHERE {Sql.SameKey(_plan.Entity, "r", "t")}", cancellationToken);
        var columns = $"{Sql.RowNumber}, {Sql.Columns(Fields)}";
        var kept = Execute($"INSERT INTO {Rows} ({columns}) SELECT {columns} FROM {last}", cancellationToken);
        Execute($"DROP TABLE {last}", cancellationToken);
        return removed - kept;
    }

    private long CountRepeated(CancellationToken cancellationToken) => _connection.Query(
        $"SELECT count(*) FROM (SELECT 1 FROM {Rows} GROUP BY {Key} HAVING count(*) > 1)", null, row => row.GetInt64(0), cancellationToken)[0];

    /// <summary>The defaults of new records, where rows may keep what is there: a table of one row, or null.</summary>
    private string? DefaultsTable()
    {
        var fields = _plan.Fields.Where(f => f.Default is not null).ToList();
        if (fields.Count == 0) return null;
        _connection.Execute($"CREATE TABLE {_schema}.main.fallback ({Sql.RowNumber} BIGINT, {Sql.ColumnTypes(fields.Select(f => f.Field))})");
        using var writer = new DuckDbStagingWriter(_database, Catalog, "fallback", [.. fields.Select(f => f.Field)]);
        writer.AppendDefaults([.. fields.Select(f => f.Default!)]);
        writer.Complete();
        return $"{_schema}.main.fallback";
    }

    private long Execute(string sql, CancellationToken cancellationToken) => _connection.Execute(sql, cancellationToken: cancellationToken);
}
