using DuckDB.NET.Data;
using EntityImport.Catalog;
using EntityImport.DuckDb.Catalog;
using EntityImport.DuckDb.Connections;
using EntityImport.DuckDb.Loading;
using EntityImport.Entities;
using EntityImport.Mappings;
using EntityImport.Rows;
using EntityImport.Storage;
using EntityImport.Testing;

namespace EntityImport.DuckDb.Merging;

/// <summary>Brings an import's rows into an entity's table in one transaction, and counts what it did.</summary>
internal sealed class DuckDbMerge : IMerge, IDisposable
{
    private const string Delta = "\"#delta\"";
    private const string Changed = "\"#changed\"";
    private const string TargetId = "\"#id\"";
    private const string IsChanged = "\"#is\"";
    private const string SameRow = $"{Sql.Target}.{Sql.RowNumber} = {Sql.Row}.{Sql.RowNumber}";

    private readonly Database _database;
    private readonly DuckDBConnection _connection;
    private readonly DuckDBTransaction _transaction;
    private readonly LoadOrder _plan;
    private readonly IRowFeed _rows;
    private readonly string _table;
    private readonly bool _areLong;

    public DuckDbMerge(Database database, LoadOrder plan, IRowFeed rows, bool areLong)
    {
        _areLong = areLong;
        _plan = plan;
        _rows = rows;
        _table = Sql.Table(plan.Entity);
        _database = database;
        _connection = database.Connect(ConnectionUse.Merge);
        try
        {
            _transaction = _connection.BeginTransaction();
        }
        catch
        {
            _connection.Dispose();
            throw;
        }
    }

    public MergeCounts Counts { get; private set; } = new();

    private IEnumerable<FieldDefinition> Fields => _plan.Fields.Select(f => f.Field);

    private bool IsByDigest => _areLong && Digests.Suit(_plan);

    private bool HasKey => _plan.Entity.Key.Any();

    /// <summary>Whether rows can go into the table without being staged, unless keys repeat in the file.</summary>
    public bool CanRunDirectly(CancellationToken cancellationToken)
    {
        if (_plan.RejectNewKeys || _plan.Fields.Any(f => f.Default is not null)) return false;
        return !HasKey || _plan.Mode is ImportMode.Replace or ImportMode.Upsert || CountRecords(cancellationToken) == 0;
    }

    /// <summary>Merges the rows of a file; false, and nothing is to be committed, where keys repeat among them.</summary>
    public bool TryRunDirectly(RowFunction.Feed feed, CancellationToken cancellationToken)
    {
        if (_plan.Mode == ImportMode.Replace)
        {
            Counts = Replace(feed.Sql, defaults: null, cancellationToken) with { Received = feed.Received };
            return !HasKey || !HasRepeatedKeys(feed, cancellationToken);
        }

        if (!HasKey || CountRecords(cancellationToken) == 0)
        {
            Counts = new MergeCounts { Inserted = Insert(feed.Sql, defaults: null, cancellationToken), Received = feed.Received };
            return !HasKey || !HasRepeatedKeys(feed, cancellationToken);
        }

        if (IsByDigest)
        {
            CompareDigests($"({Digests.Of(feed.Sql, Fields)})", cancellationToken);
            if (feed.Rows.KeysMayRepeat) return false;
            var received = feed.Received;
            Counts = ApplyDigests(feed, cancellationToken) with { Received = received };
            return true;
        }

        FindDelta(feed, cancellationToken);
        if (feed.Rows.KeysMayRepeat) return false;
        Counts = ApplyDelta(cancellationToken) with { Unchanged = feed.Unchanged, Received = feed.Received };
        return true;
    }

    /// <summary>Merges staged rows.</summary>
    /// <param name="staged">The table that they are in, or their digests; no two have the same key.</param>
    /// <param name="defaults">A table of one row with the values that replace nulls of new records; null where there are none.</param>
    /// <param name="received">Rows that were staged.</param>
    /// <param name="superseded">Rows that were removed because a later one has their key.</param>
    /// <param name="feed">The rows in the file.</param>
    /// <param name="cancellationToken">Interrupts the statements.</param>
    public MergeCounts RunStaged(string staged, string? defaults, long received, long superseded, RowFunction.Feed feed, CancellationToken cancellationToken)
    {
        var rows = staged;
        if (IsByDigest)
        {
            feed.Repeat();
            rows = $"(FROM {feed.Sql} {Sql.Row} SEMI JOIN {staged} {Sql.Target} ON {SameRow})";
        }

        var counts = _plan.Mode switch
        {
            ImportMode.Replace => Replace(rows, defaults, cancellationToken),
            ImportMode.Upsert when _plan.ChangesRecords => UpsertStaged(staged, defaults, feed, cancellationToken) with { Superseded = superseded },
            _ => new MergeCounts { Inserted = Insert(rows, defaults, cancellationToken) },
        };
        return Counts = counts with { Received = received };
    }

    public Task CommitAsync(Import import, CancellationToken cancellationToken) => OwnThread.RunAsync(() => Commit(import), CancellationToken.None);

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    public void Dispose()
    {
        try
        {
            _transaction.Dispose();
        }
        finally
        {
            // A connection that stays open would keep an invalidated database from being opened again.
            _connection.Dispose();
        }
    }

    private void Commit(Import import)
    {
        DuckDbCatalog.Update(_connection, import);
        try
        {
            _database.Commit(_transaction, _rows, Counts.Inserted + Counts.Updated);
        }
        catch (DuckDBException exception)
        {
            throw _database.Translate(exception);
        }

        FaultPoints.Reach(FaultStep.ImportCommitted, import.Id);
    }

    private long Insert(string rows, string? defaults, CancellationToken cancellationToken, string condition = "") =>
        Execute($"INSERT INTO {_table} ({Sql.Columns(Fields)}) SELECT {NewValues(defaults)} FROM {rows} {Sql.Row} {condition}", cancellationToken);

    private MergeCounts Replace(string rows, string? defaults, CancellationToken cancellationToken)
    {
        var removed = CountRecords(cancellationToken);
        // A new table instead of deleted rows: it costs nothing, and the file does not keep the space.
        Execute($"CREATE OR REPLACE TABLE {_table} ({Sql.ColumnTypes(_plan.Entity.Fields)})", cancellationToken);
        return new MergeCounts { Inserted = Insert(rows, defaults, cancellationToken), Removed = removed };
    }

    private MergeCounts Upsert(string rows, string? defaults, CancellationToken cancellationToken)
    {
        var sameKey = Sql.SameKey(_plan.Entity);
        var unchanged = Count($"SELECT count(*) FROM {_table} {Sql.Target} JOIN {rows} {Sql.Row} ON {sameKey} WHERE NOT ({AnyChanged})", cancellationToken);
        var updated = Update(rows, $"{sameKey} AND ({AnyChanged})", _areLong || StoreMemory.AreMany(_rows, _rows.RecordCount), cancellationToken);
        var inserted = Insert(rows, defaults, cancellationToken, $"ANTI JOIN {_table} {Sql.Target} ON {sameKey}");
        return new MergeCounts { Inserted = inserted, Updated = updated, Unchanged = unchanged };
    }

    private MergeCounts UpsertStaged(string staged, string? defaults, RowFunction.Feed feed, CancellationToken cancellationToken)
    {
        if (!IsByDigest) return Upsert(staged, defaults, cancellationToken);
        CompareDigests(staged, cancellationToken);
        return ApplyDigests(feed, cancellationToken);
    }

    /// <summary>Notes for the number of each row which record it is about, if any, and whether it changes it.</summary>
    private void CompareDigests(string digests, CancellationToken cancellationToken)
    {
        Digests.Store(_connection, _plan.Entity, [.. Fields], cancellationToken);
        Execute(
            $"""
            CREATE OR REPLACE TEMP TABLE {Delta} AS
            SELECT {Sql.Row}.{Sql.RowNumber}, {Sql.Target}.{Digests.Id} AS {TargetId}, {AnyChanged} AS {IsChanged}
            FROM {digests} {Sql.Row} LEFT JOIN {Digests.Table} {Sql.Target} ON {Sql.SameKey(_plan.Entity)}
            """,
            cancellationToken);
        Execute($"DROP TABLE {Digests.Table}", cancellationToken);
    }

    /// <summary>Takes the changed records out, and puts in the rows that are new or change something, from the file.</summary>
    private MergeCounts ApplyDigests(RowFunction.Feed feed, CancellationToken cancellationToken)
    {
        var updated = Count($"SELECT count(*) FROM {Delta} WHERE {TargetId} IS NOT NULL AND {IsChanged}", cancellationToken);
        var inserted = Count($"SELECT count(*) FROM {Delta} WHERE {TargetId} IS NULL", cancellationToken);
        var unchanged = Count($"SELECT count(*) FROM {Delta} WHERE {TargetId} IS NOT NULL AND NOT {IsChanged}", cancellationToken);
        var removed = Execute($"DELETE FROM {_table} WHERE {Sql.RowId} IN (SELECT {TargetId} FROM {Delta} WHERE {TargetId} IS NOT NULL AND {IsChanged})", cancellationToken);
        feed.Repeat();
        var put = Insert(feed.Sql, defaults: null, cancellationToken, $"SEMI JOIN (FROM {Delta} WHERE {TargetId} IS NULL OR {IsChanged}) {Sql.Target} ON {SameRow}");
        if (removed != updated || put != updated + inserted)
            throw Unbalanced($"{updated} records have changed and {inserted} are new, but {removed} were taken out and {put} put in");
        Execute($"DROP TABLE {Delta}", cancellationToken);
        return new MergeCounts { Inserted = inserted, Updated = updated, Unchanged = unchanged };
    }

    /// <summary>Reads the rows against the table once, and keeps those that are new or change something.</summary>
    private void FindDelta(RowFunction.Feed feed, CancellationToken cancellationToken) => Execute(
        $"""
        CREATE OR REPLACE TEMP TABLE {Delta} AS
        SELECT {Sql.Columns(Fields, $"{Sql.Row}.")}, {Sql.Target}.{Sql.RowId} AS {TargetId}
        FROM {feed.Sql} {Sql.Row} LEFT JOIN {_table} {Sql.Target} ON {Sql.SameKey(_plan.Entity)}
        WHERE {ChangeFunction.Sql(feed, $"{Sql.Target}.{Sql.RowId} IS NULL", AnyChanged)}
        """,
        cancellationToken);

    private MergeCounts ApplyDelta(CancellationToken cancellationToken)
    {
        var changed = Count($"SELECT count({TargetId}) FROM {Delta}", cancellationToken);
        var isExchanged = _areLong || StoreMemory.AreMany(_rows, changed);
        var ledger = isExchanged && _plan.HasWholeRecords ? ExchangeDelta(changed, cancellationToken) : new MergeCounts
        {
            Updated = Update(Delta, $"{Sql.Target}.{Sql.RowId} = {Sql.Row}.{TargetId}", isExchanged, cancellationToken),
            Inserted = Insert(Delta, defaults: null, cancellationToken, $"WHERE {Sql.Row}.{TargetId} IS NULL"),
        };
        Execute($"DROP TABLE {Delta}", cancellationToken);
        return ledger;
    }

    /// <summary>Takes the changed records out, and puts all rows of the delta in.</summary>
    private MergeCounts ExchangeDelta(long changed, CancellationToken cancellationToken)
    {
        var updated = Execute($"DELETE FROM {_table} WHERE {Sql.RowId} IN (SELECT {TargetId} FROM {Delta} WHERE {TargetId} IS NOT NULL)", cancellationToken);
        if (updated != changed) throw Unbalanced($"{changed} records have changed, and {updated} were taken out");
        return new MergeCounts { Updated = updated, Inserted = Insert(Delta, defaults: null, cancellationToken) - updated };
    }

    private long Update(string rows, string condition, bool isExchanged, CancellationToken cancellationToken)
    {
        var others = Fields.Where(f => !f.PrimaryKey).ToList();
        if (others.Count == 0) return 0;
        return isExchanged ? Exchange(rows, condition, cancellationToken) : Execute(
            $"UPDATE {_table} {Sql.Target} SET {string.Join(", ", others.Select(f => $"{Sql.Column(f)} = {Updated(f)}"))} FROM {rows} {Sql.Row} WHERE {condition}", cancellationToken);
    }

    /// <summary>Takes the changed records out and puts them in anew. An update keeps old and new values in memory until the commit, which long texts and millions of rows do not fit into.</summary>
    private long Exchange(string rows, string condition, CancellationToken cancellationToken)
    {
        var mapped = Fields.ToHashSet();
        var values = _plan.Entity.Fields.Select(f => $"{(mapped.Contains(f) && !f.PrimaryKey ? Updated(f) : $"{Sql.Target}.{Sql.Column(f)}")} AS {Sql.Column(f)}");
        Execute(
            $"""
            CREATE OR REPLACE TEMP TABLE {Changed} AS
            SELECT {string.Join(", ", values)}, {Sql.Target}.{Sql.RowId} AS {TargetId} FROM {_table} {Sql.Target} JOIN {rows} {Sql.Row} ON {condition}
            """,
            cancellationToken);
        var removed = Execute($"DELETE FROM {_table} WHERE {Sql.RowId} IN (SELECT {TargetId} FROM {Changed})", cancellationToken);
        var columns = Sql.Columns(_plan.Entity.Fields);
        var inserted = Execute($"INSERT INTO {_table} ({columns}) SELECT {columns} FROM {Changed}", cancellationToken);
        if (removed != inserted) throw Unbalanced($"{removed} records were taken out, and {inserted} put in");
        Execute($"DROP TABLE {Changed}", cancellationToken);
        return inserted;
    }

    private bool HasRepeatedKeys(RowFunction.Feed feed, CancellationToken cancellationToken) => feed.Rows.KeysMayRepeat && Count(
        $"SELECT count(*) FROM (SELECT 1 FROM {_table} GROUP BY {Sql.Columns(_plan.Entity.Key)} HAVING count(*) > 1)", cancellationToken) > 0;

    private static LedgerException Unbalanced(string figures) => new($"The ledger does not add up, so nothing was written: {figures}.");

    private long CountRecords(CancellationToken cancellationToken) => Count($"SELECT count(*) FROM {_table}", cancellationToken);

    private string AnyChanged => string.Join(" OR ", Fields.Where(f => !f.PrimaryKey).Select(HasChanged).DefaultIfEmpty("false"));

    private string HasChanged(FieldDefinition field)
    {
        var column = Sql.Column(field);
        var changed = $"{Sql.Target}.{column} IS DISTINCT FROM {Sql.Row}.{column}";
        return _plan.KeepEmpty ? $"({Sql.Row}.{column} IS NOT NULL AND {changed})" : changed;
    }

    private string Updated(FieldDefinition field)
    {
        var column = Sql.Column(field);
        return _plan.KeepEmpty ? $"coalesce({Sql.Row}.{column}, {Sql.Target}.{column})" : $"{Sql.Row}.{column}";
    }

    private string NewValues(string? defaults) => string.Join(", ", _plan.Fields.Select(staged =>
    {
        var column = Sql.Column(staged.Field);
        return staged.Default is null ? $"{Sql.Row}.{column}" : $"coalesce({Sql.Row}.{column}, (SELECT {column} FROM {defaults}))";
    }));

    private long Execute(string sql, CancellationToken cancellationToken) => _connection.Execute(sql, cancellationToken: cancellationToken);

    private long Count(string sql, CancellationToken cancellationToken) => _connection.Query(sql, null, row => row.GetInt64(0), cancellationToken)[0];
}
