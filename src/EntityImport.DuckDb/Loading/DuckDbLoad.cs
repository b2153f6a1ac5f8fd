using System.Runtime.CompilerServices;
using DuckDB.NET.Data;
using EntityImport.DuckDb.Connections;
using EntityImport.DuckDb.Merging;
using EntityImport.DuckDb.Records;
using EntityImport.Entities;
using EntityImport.Mappings;
using EntityImport.Rows;
using EntityImport.Storage;

namespace EntityImport.DuckDb.Loading;

/// <summary>
/// An import's rows on their way into the entity. Where the file's keys cannot collide, they go straight there, in a transaction that is not committed yet;
/// else they wait in a database of their own, attached in memory: never in the store's file, gone with the process. Beyond the memory limit DuckDB moves
/// them to its spill directory. Long rows wait in the file, and only their digests here.
/// </summary>
internal sealed class DuckDbLoad : ILoad
{
    private const string Code = "\"#code\"";
    private const string First = "\"#first\"";
    private const string DefaultsName = "#defaults";

    private readonly Database _database;
    private readonly LoadOrder _plan;
    private readonly string _schema;
    private readonly List<IDisposable> _memory = [];
    private IRowFeed? _source;
    private DuckDBConnection? _attached;
    private DuckDbMerge? _direct;
    private bool _isLong;
    private long _received;
    private bool _holdsLongRows;

    public DuckDbLoad(Database database, LoadOrder plan)
    {
        _database = database;
        _plan = plan;
        Catalog = $"#stage_{plan.ImportId:N}";
        _schema = Sql.Name(Catalog);
    }

    /// <summary>The name of the attached database.</summary>
    public string Catalog { get; }

    private DuckDBConnection Connection => _attached ?? throw new InvalidOperationException("No rows were loaded.");

    private string Rows => $"{_schema}.main.\"#staged\"";

    private string Last => $"{_schema}.main.\"#last\"";

    private string Conflicts => $"{_schema}.main.\"#conflict\"";

    private IEnumerable<FieldDefinition> Fields => _plan.Fields.Select(f => f.Field);

    private string Key => Sql.Columns(_plan.Entity.Key);

    private bool IsByDigest => _isLong && Digests.Suit(_plan);

    /// <summary>Whether long texts go through joins.</summary>
    private bool IsMovedWhole => _isLong && !Digests.Suit(_plan);

    private bool HasKey => _plan.Entity.Key.Any();

    public async Task LoadAsync(IRowFeed rows, CancellationToken cancellationToken)
    {
        if (StoreMemory.AreLong(rows) && rows.FileBytes > Database.LongLogBytes)
        {
            await _database.LongRows.WaitAsync(cancellationToken).ConfigureAwait(false);
            _holdsLongRows = true;
        }

        await OwnThread.RunAsync(() => Load(rows, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    public async IAsyncEnumerable<KeyConflict> FindConflictsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!HasKey || _direct is not null) yield break;
        await OwnThread.RunAsync(() => CollectConflicts(cancellationToken), cancellationToken).ConfigureAwait(false);
        using var command = Connection.Command($"SELECT {Sql.RowNumber}, {Code}, {First} FROM {Conflicts} ORDER BY 1");
        command.UseStreamingMode = true;
        using var reader = Connection.Run(command, command.ExecuteReader, cancellationToken);
        while (reader.Read())
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return new KeyConflict(reader.GetInt64(0), (FaultCode)reader.GetInt32(1), reader.GetInt64(2));
        }
    }

    public async Task<IMerge> MergeAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _direct, null) is { } direct) return direct;
        var rows = _source ?? throw new InvalidOperationException("No rows were loaded.");
        var merge = new DuckDbMerge(_database, _plan, rows, _isLong);
        try
        {
            await OwnThread.RunAsync(() => Merge(merge, rows, cancellationToken), cancellationToken).ConfigureAwait(false);
            return merge;
        }
        catch
        {
            await merge.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (Interlocked.Exchange(ref _direct, null) is { } direct) await direct.DisposeAsync().ConfigureAwait(false);
            _attached?.Execute($"DETACH {_schema}");
        }
        finally
        {
            if (_attached is not null) await _attached.DisposeAsync().ConfigureAwait(false);
            foreach (var memory in _memory) memory.Dispose();
            if (_holdsLongRows) _database.LongRows.Release();
        }
    }

    private void Load(IRowFeed rows, CancellationToken cancellationToken)
    {
        _source = rows;
        using var feed = RowFunction.Open(rows);
        _isLong = AreLong(rows, cancellationToken);
        _memory.Add(_plan.ChangesRecords ? _database.ReserveForJoin(rows, IsMovedWhole) : _database.ReserveForLoad(rows));
        if (!TryMergeDirectly(feed, cancellationToken)) Stage(feed, cancellationToken);
    }

    /// <summary>Whether rows, or the records that they are compared with, are to be handled with care for their length.</summary>
    private bool AreLong(IRowFeed rows, CancellationToken cancellationToken)
    {
        if (StoreMemory.AreLong(rows)) return true;
        var version = _database.Texts.Version;
        using var connection = _database.Connect();
        var compared = _plan.ChangesRecords ? Fields : _plan.Entity.Key;
        return _database.Texts.MostBytes(connection, version, _plan.Entity, [.. compared], cancellationToken) >= StoredTexts.LongBytes;
    }

    private void Merge(DuckDbMerge merge, IRowFeed rows, CancellationToken cancellationToken)
    {
        using var feed = RowFunction.Open(rows);
        feed.Run(() => merge.RunStaged(Rows, DefaultsTable(), _received, Supersede(cancellationToken), feed, cancellationToken));
    }

    private bool TryMergeDirectly(RowFunction.Feed feed, CancellationToken cancellationToken)
    {
        var merge = new DuckDbMerge(_database, _plan, feed.Rows, _isLong);
        var merged = false;
        try
        {
            if (!merge.CanRunDirectly(cancellationToken)) return false;
            merged = feed.Run(() => merge.TryRunDirectly(feed, cancellationToken));
            if (merged) _direct = merge;
            else feed.Repeat();
            return merged;
        }
        finally
        {
            if (!merged) merge.Dispose();
        }
    }

    private void Stage(RowFunction.Feed feed, CancellationToken cancellationToken)
    {
        _memory.Add(_database.ReserveForJoin(feed.Rows, IsMovedWhole));
        _attached = _database.Connect(ConnectionUse.Staging);
        Execute($"ATTACH ':memory:' AS {_schema}", cancellationToken);
        Execute($"CREATE TABLE {Rows} ({Sql.RowNumber} BIGINT, {Sql.ColumnTypes(Fields)})", cancellationToken);
        _received = feed.Run(() => Execute($"INSERT INTO {Rows} {(IsByDigest ? Digests.Of(feed.Sql, Fields) : $"SELECT * FROM {feed.Sql}")}", cancellationToken));
    }

    /// <summary>Moves the numbers of forbidden rows to a table of their own, and the rows out of the way.</summary>
    private void CollectConflicts(CancellationToken cancellationToken)
    {
        Execute($"CREATE TABLE {Conflicts} ({Sql.RowNumber} BIGINT, {Code} INTEGER, {First} BIGINT)", cancellationToken);
        var comparesWithRecords = _plan.Mode == ImportMode.Insert || _plan.RejectNewKeys;
        if (IsByDigest && comparesWithRecords) Digests.Store(Connection, _plan.Entity, [.. _plan.Entity.Key], cancellationToken);
        var table = IsByDigest ? Digests.Table : Sql.Table(_plan.Entity);
        var sameKey = Sql.SameKey(_plan.Entity);
        if (_plan.Mode == ImportMode.Insert)
        {
            Execute($"INSERT INTO {Conflicts} SELECT {Sql.Row}.{Sql.RowNumber}, {(int)FaultCode.KeyExists}, 0 FROM {Rows} {Sql.Row} SEMI JOIN {table} {Sql.Target} ON {sameKey}", cancellationToken);
            RemoveConflicts(cancellationToken);
        }

        if (_plan.ChangesRecords && _plan.RejectNewKeys)
        {
            Execute($"INSERT INTO {Conflicts} SELECT {Sql.Row}.{Sql.RowNumber}, {(int)FaultCode.RequiredUnmapped}, 0 FROM {Rows} {Sql.Row} ANTI JOIN {table} {Sql.Target} ON {sameKey}", cancellationToken);
            RemoveConflicts(cancellationToken);
        }

        if (_plan.Mode is ImportMode.Insert or ImportMode.Replace && CountRepeated(cancellationToken) > 0)
        {
            Execute(
                $"""
                INSERT INTO {Conflicts} SELECT {Sql.Row}.{Sql.RowNumber}, {(int)FaultCode.KeyRepeated}, {Sql.Target}.{First} FROM {Rows} {Sql.Row}
                JOIN (SELECT {Key}, min({Sql.RowNumber}) AS {First} FROM {Rows} GROUP BY {Key} HAVING count(*) > 1) {Sql.Target} ON {sameKey}
                WHERE {Sql.Row}.{Sql.RowNumber} <> {Sql.Target}.{First}
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
        if (!_plan.ChangesRecords || CountRepeated(cancellationToken) == 0) return 0;
        return _plan.KeepEmpty ? KeepLastValues(cancellationToken) : KeepLastRows(cancellationToken);
    }

    private long KeepLastRows(CancellationToken cancellationToken)
    {
        Execute($"CREATE TABLE {Last} AS SELECT {Key}, max({Sql.RowNumber}) AS {Sql.RowNumber} FROM {Rows} GROUP BY {Key} HAVING count(*) > 1", cancellationToken);
        var removed = Execute(
            $"DELETE FROM {Rows} {Sql.Row} USING {Last} {Sql.Target} WHERE {Sql.SameKey(_plan.Entity)} AND {Sql.Row}.{Sql.RowNumber} <> {Sql.Target}.{Sql.RowNumber}", cancellationToken);
        Execute($"DROP TABLE {Last}", cancellationToken);
        return removed;
    }

    /// <summary>Where empty values keep what is there, the last row that has a value wins field by field.</summary>
    private long KeepLastValues(CancellationToken cancellationToken)
    {
        var values = string.Concat(Fields.Where(f => !f.PrimaryKey).Select(f => $", arg_max({Sql.Column(f)}, {Sql.RowNumber}) AS {Sql.Column(f)}"));
        Execute(
            $"""
            CREATE TABLE {Last} AS SELECT max({Sql.RowNumber}) AS {Sql.RowNumber}, {Key}{values} FROM {Rows} {Sql.Row}
            SEMI JOIN (SELECT {Key} FROM {Rows} GROUP BY {Key} HAVING count(*) > 1) {Sql.Target} ON {Sql.SameKey(_plan.Entity)} GROUP BY {Key}
            """,
            cancellationToken);
        var removed = Execute($"DELETE FROM {Rows} {Sql.Row} USING {Last} {Sql.Target} WHERE {Sql.SameKey(_plan.Entity)}", cancellationToken);
        var columns = $"{Sql.RowNumber}, {Sql.Columns(Fields)}";
        var kept = Execute($"INSERT INTO {Rows} ({columns}) SELECT {columns} FROM {Last}", cancellationToken);
        Execute($"DROP TABLE {Last}", cancellationToken);
        return removed - kept;
    }

    private long CountRepeated(CancellationToken cancellationToken) => Connection.Query(
        $"SELECT count(*) FROM (SELECT 1 FROM {Rows} GROUP BY {Key} HAVING count(*) > 1)", null, row => row.GetInt64(0), cancellationToken)[0];

    /// <summary>The defaults of new records, where rows may keep what is there: a table of one row, or null.</summary>
    private string? DefaultsTable()
    {
        var fields = _plan.Fields.Where(f => f.Default is not null).ToList();
        if (fields.Count == 0) return null;
        Connection.Execute($"CREATE TABLE {_schema}.main.\"{DefaultsName}\" ({Sql.RowNumber} BIGINT, {Sql.ColumnTypes(fields.Select(f => f.Field))})");
        using var appender = new DefaultsAppender(Connection, Catalog, DefaultsName, [.. fields.Select(f => f.Default!)]);
        appender.Append();
        return $"{_schema}.main.\"{DefaultsName}\"";
    }

    private long Execute(string sql, CancellationToken cancellationToken) => Connection.Execute(sql, cancellationToken: cancellationToken);
}
