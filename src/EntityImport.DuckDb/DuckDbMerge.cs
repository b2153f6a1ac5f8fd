using DuckDB.NET.Data;
using EntityImport.Entities;
using EntityImport.Imports;
using EntityImport.Mappings;
using EntityImport.Storage;

namespace EntityImport.DuckDb;

/// <summary>Brings staged rows into an entity's table in one transaction, and counts what it did.</summary>
internal sealed class DuckDbMerge : IMerge
{
    private readonly DuckDBConnection _connection;
    private readonly DuckDBTransaction _transaction;
    private readonly StagingPlan _plan;
    private readonly string _rows;
    private readonly string? _defaults;
    private readonly string _table;

    public DuckDbMerge(Database database, StagingPlan plan, string rows, string? defaults)
    {
        _plan = plan;
        _rows = rows;
        _defaults = defaults;
        _table = Sql.Table(plan.Entity);
        _connection = database.Connect();
        _transaction = _connection.BeginTransaction();
    }

    public Ledger Counts { get; private set; } = new();

    private IEnumerable<FieldDefinition> Fields => _plan.Fields.Select(f => f.Field);

    public void Run(long superseded, CancellationToken cancellationToken) => Counts = _plan.Mode switch
    {
        ImportMode.Replace => Replace(cancellationToken),
        ImportMode.Upsert when _plan.Entity.Key.Any() => Upsert(cancellationToken) with { Superseded = superseded },
        _ => new Ledger { Inserted = Execute($"INSERT INTO {_table} ({Sql.Columns(Fields)}) SELECT {NewValues()} FROM {_rows} r", cancellationToken) },
    };

    public Task CommitAsync(Import import, CancellationToken cancellationToken)
    {
        DuckDbCatalog.Update(_connection, import);
        _transaction.Commit();
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        _transaction.Dispose();
        _connection.Dispose();
        return ValueTask.CompletedTask;
    }

    private Ledger Replace(CancellationToken cancellationToken)
    {
        var removed = Count($"SELECT count(*) FROM {_table}", cancellationToken);
        // A new table instead of deleted rows: it costs nothing, and the file does not keep the space.
        Execute($"CREATE OR REPLACE TABLE {_table} ({Sql.ColumnTypes(_plan.Entity.Fields)})", cancellationToken);
        return new Ledger
        {
            Inserted = Execute($"INSERT INTO {_table} ({Sql.Columns(Fields)}) SELECT {NewValues()} FROM {_rows} r", cancellationToken),
            Removed = removed,
        };
    }

    private Ledger Upsert(CancellationToken cancellationToken)
    {
        var sameKey = Sql.SameKey(_plan.Entity, "t", "r");
        var others = Fields.Where(f => !f.PrimaryKey).ToList();
        var changed = string.Join(" OR ", others.Select(Changed).DefaultIfEmpty("false"));
        var unchanged = Count($"SELECT count(*) FROM {_table} t JOIN {_rows} r ON {sameKey} WHERE NOT ({changed})", cancellationToken);
        var updated = others.Count == 0 ? 0 : Execute(
            $"UPDATE {_table} t SET {string.Join(", ", others.Select(f => $"{Sql.Column(f)} = {Updated(f)}"))} FROM {_rows} r WHERE {sameKey} AND ({changed})",
            cancellationToken);
        var inserted = Execute(
            $"INSERT INTO {_table} ({Sql.Columns(Fields)}) SELECT {NewValues()} FROM {_rows} r ANTI JOIN {_table} t ON {sameKey}", cancellationToken);
        return new Ledger { Inserted = inserted, Updated = updated, Unchanged = unchanged };
    }

    private string Changed(FieldDefinition field)
    {
        var column = Sql.Column(field);
        return _plan.KeepEmpty ? $"(r.{column} IS NOT NULL AND t.{column} IS DISTINCT FROM r.{column})" : $"t.{column} IS DISTINCT FROM r.{column}";
    }

    private string Updated(FieldDefinition field)
    {
        var column = Sql.Column(field);
        return _plan.KeepEmpty ? $"coalesce(r.{column}, t.{column})" : $"r.{column}";
    }

    private string NewValues() => string.Join(", ", _plan.Fields.Select(staged =>
    {
        var column = Sql.Column(staged.Field);
        return staged.Default is null ? $"r.{column}" : $"coalesce(r.{column}, (SELECT {column} FROM {_defaults}))";
    }));

    private long Execute(string sql, CancellationToken cancellationToken) => _connection.Execute(sql, cancellationToken: cancellationToken);

    private long Count(string sql, CancellationToken cancellationToken) => _connection.Query(sql, null, row => row.GetInt64(0), cancellationToken)[0];
}
