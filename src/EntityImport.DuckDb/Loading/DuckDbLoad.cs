using System.Runtime.CompilerServices;
using DuckDB.NET.Data;
using EntityImport.DuckDb.Connections;
using EntityImport.DuckDb.Merging;
using EntityImport.DuckDb.Rows;
using EntityImport.Entities;
using EntityImport.Rows;
using EntityImport.Storage;

namespace EntityImport.DuckDb.Loading;

/// <summary>
/// An import's rows on their way into its delta. Where no key forbids any and the file's keys do not collide, the delta is found while the file is read; else
/// the rows wait in a database of their own, attached in memory: never in the store's file, gone with the process. Beyond the memory limit DuckDB moves
/// them to its spill directory. Long rows wait in the file, and only their digests here.
/// </summary>
internal sealed class DuckDbLoad : ILoad
{
    private const string Code = "\"#code\"";
    private const string First = "\"#first\"";
    private const string DefaultsName = "#defaults";

    private readonly Database _database;
    private readonly LoadOrder _order;
    private readonly string _schema;
    private readonly List<IDisposable> _memory = [];
    private IRowFeed? _source;
    private DuckDBConnection? _attached;
    private DuckDbDelta? _delta;
    private bool _isLong;
    private long _received;
    private bool _holdsLongRows;

    public DuckDbLoad(Database database, LoadOrder order)
    {
        _database = database;
        _order = order;
        Catalog = $"#stage_{order.ImportId:N}";
        _schema = Sql.Name(Catalog);
    }

    /// <summary>The name of the attached database.</summary>
    public string Catalog { get; }

    private DuckDBConnection Connection => _attached ?? throw new InvalidOperationException("No rows were loaded.");

    private string Rows => $"{_schema}.main.\"#staged\"";

    private string Last => $"{_schema}.main.\"#last\"";

    private string Conflicts => $"{_schema}.main.\"#conflict\"";

    private IEnumerable<FieldDefinition> Fields => _order.Fields.Select(f => f.Field);

    private string Key => Sql.Columns(_order.Entity.Key);

    private bool IsByDigest => _isLong && Digests.Suit(_order);

    /// <summary>Whether long texts go through joins.</summary>
    private bool IsMovedWhole => _isLong && !Digests.Suit(_order);

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
        if (!_order.HasKey || _delta is not null) yield break;
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

    public async Task<IDelta> FindDeltaAsync(CancellationToken cancellationToken)
    {
        if (_delta is null) await OwnThread.RunAsync(() => _delta = FindStaged(cancellationToken), cancellationToken).ConfigureAwait(false);
        // It is the caller's from now on.
        return Interlocked.Exchange(ref _delta, null)!;
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            Interlocked.Exchange(ref _delta, null)?.Dispose();
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
        _isLong = _database.AreLong(_order, rows, cancellationToken);
        _memory.Add(_order.ChangesRecords || _order.PlanId is not null ? _database.ReserveForJoin(rows, IsMovedWhole) : _database.ReserveForLoad(rows));
        _delta = FindWhileRead(feed, cancellationToken);
        if (_delta is null) Stage(feed, cancellationToken);
    }

    /// <summary>Finds the delta while the file is read; null where the rows may have to be told from one another, and must be staged for that: keys repeat among them, some are forbidden, or new ones get defaults.</summary>
    private DuckDbDelta? FindWhileRead(RowFunction.Feed feed, CancellationToken cancellationToken)
    {
        if (_order.ForbidsNew || _order.Fields.Any(f => f.Default is not null)) return null;
        var delta = DuckDbDelta.Begin(_database, _order, feed.Rows, _isLong, cancellationToken);
        var isFound = false;
        try
        {
            if (_order.ForbidsExisting && !delta.IsOfEmptyEntity(cancellationToken)) return null;
            feed.Run(() => delta.Find(new LoadedRows(feed), cancellationToken));
            isFound = !_order.HasKey || !delta.HasRepeatedKeys(feed.Rows, cancellationToken);
            if (!isFound) feed.Repeat();
            return isFound ? delta : null;
        }
        finally
        {
            if (!isFound) delta.Dispose();
        }
    }

    /// <summary>Finds the delta of the staged rows.</summary>
    private DuckDbDelta FindStaged(CancellationToken cancellationToken)
    {
        using var feed = RowFunction.Open(_source ?? throw new InvalidOperationException("No rows were loaded."));
        if (IsByDigest) feed.Repeat();
        var superseded = Supersede(cancellationToken);
        var rows = new LoadedRows(feed) { Staged = Rows, AreDigests = IsByDigest, Defaults = DefaultsTable(), StagedCount = _received, Superseded = superseded };
        var delta = DuckDbDelta.Begin(_database, _order, feed.Rows, _isLong, cancellationToken);
        try
        {
            feed.Run(() => delta.Find(rows, cancellationToken));
            return delta;
        }
        catch
        {
            delta.Dispose();
            throw;
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
        if (IsByDigest && (_order.ForbidsExisting || _order.ForbidsNew)) Digests.Store(Connection, _order.Entity, [.. _order.Entity.Key], cancellationToken);
        var table = IsByDigest ? Digests.Table : Sql.Table(_order.Entity);
        var sameKey = Sql.SameKey(_order.Entity);
        if (_order.ForbidsExisting)
        {
            Execute($"INSERT INTO {Conflicts} SELECT {Sql.Row}.{Sql.RowNumber}, {(int)FaultCode.KeyExists}, 0 FROM {Rows} {Sql.Row} SEMI JOIN {table} {Sql.Target} ON {sameKey}", cancellationToken);
            RemoveConflicts(cancellationToken);
        }

        if (_order.ForbidsNew)
        {
            Execute($"INSERT INTO {Conflicts} SELECT {Sql.Row}.{Sql.RowNumber}, {(int)FaultCode.RequiredUnmapped}, 0 FROM {Rows} {Sql.Row} ANTI JOIN {table} {Sql.Target} ON {sameKey}", cancellationToken);
            RemoveConflicts(cancellationToken);
        }

        if (_order.ForbidsRepeated && CountRepeated(cancellationToken) > 0)
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
        if (!_order.LastWins || CountRepeated(cancellationToken) == 0) return 0;
        return _order.KeepEmpty ? KeepLastValues(cancellationToken) : KeepLastRows(cancellationToken);
    }

    private long KeepLastRows(CancellationToken cancellationToken)
    {
        Execute($"CREATE TABLE {Last} AS SELECT {Key}, max({Sql.RowNumber}) AS {Sql.RowNumber} FROM {Rows} GROUP BY {Key} HAVING count(*) > 1", cancellationToken);
        var removed = Execute(
            $"DELETE FROM {Rows} {Sql.Row} USING {Last} {Sql.Target} WHERE {Sql.SameKey(_order.Entity)} AND {Sql.Row}.{Sql.RowNumber} <> {Sql.Target}.{Sql.RowNumber}", cancellationToken);
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
            SEMI JOIN (SELECT {Key} FROM {Rows} GROUP BY {Key} HAVING count(*) > 1) {Sql.Target} ON {Sql.SameKey(_order.Entity)} GROUP BY {Key}
            """,
            cancellationToken);
        var removed = Execute($"DELETE FROM {Rows} {Sql.Row} USING {Last} {Sql.Target} WHERE {Sql.SameKey(_order.Entity)}", cancellationToken);
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
        var fields = _order.Fields.Where(f => f.Default is not null).ToList();
        if (fields.Count == 0) return null;
        Connection.Execute($"CREATE TABLE {_schema}.main.\"{DefaultsName}\" ({Sql.RowNumber} BIGINT, {Sql.ColumnTypes(fields.Select(f => f.Field))})");
        using var appender = new DefaultsAppender(Connection, Catalog, DefaultsName, [.. fields.Select(f => f.Default!)]);
        appender.Append();
        return $"{_schema}.main.\"{DefaultsName}\"";
    }

    private long Execute(string sql, CancellationToken cancellationToken) => Connection.Execute(sql, cancellationToken: cancellationToken);
}
