using System.Globalization;
using System.Runtime.CompilerServices;
using EntityImport.Entities;
using EntityImport.Postgres.Catalog;
using EntityImport.Postgres.Connections;
using EntityImport.Postgres.Leases;
using EntityImport.Postgres.Merging;
using EntityImport.Postgres.Rows;
using EntityImport.Rows;
using EntityImport.Storage;

namespace EntityImport.Postgres.Loading;

/// <summary>
/// An import's rows on their way into its delta. Where they are all that the entity will hold, they go into the table that is to be the entity's; else they wait in a table without a log, which nobody else knows. That a crash of the server
/// has emptied it is noticed when they are counted in the import's own transaction.
/// </summary>
internal sealed class PostgresLoad : ILoad
{
    private const string Code = "code";
    private const string First = "first_row";

    /// <summary>The most rows that PostgreSQL notes the exact number of when it makes an index: as a float of 4 bytes.</summary>
    private const long MostNotedRows = 1 << 24;

    private readonly Database _database;
    private readonly LoadOrder _order;
    private readonly EntityLease? _lease;
    private readonly int _connections;
    private readonly string _stage;
    private EntityTable _table = null!;
    private EntityTable? _next;
    private bool _keysMayRepeat;
    private long _received;
    private long _conflicts;
    private long _tooLarge;
    private readonly Lock _noting = new();
    private bool _isTaken;
    private bool _isCounted;

    private PostgresLoad(Database database, LoadOrder order, EntityLease? lease, int connections)
    {
        _database = database;
        _order = order;
        _lease = lease;
        _connections = connections;
        _stage = $"{Sql.StageSchema}.s{order.ImportId:N}_{(lease is null ? $"{Sql.Text(database.Epoch)}_{$"{database.NodeId:N}"[..8]}" : Sql.Text(lease.Epoch))}";
    }

    private string Rows => _stage;

    private string Conflicts => $"{_stage}_c";

    private string Defaults => $"{_stage}_d";

    private string Relation => $"{_stage}_x";

    private IEnumerable<FieldDefinition> Fields => _order.Fields.Select(f => f.Field);

    /// <summary>Begins a load: what is in its order is the entity's only writer from then on.</summary>
    /// <param name="database">The database.</param>
    /// <param name="order">What is loaded.</param>
    /// <param name="connections">The most connections that rows are sent over.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public static async Task<PostgresLoad> BeginAsync(Database database, LoadOrder order, int connections, CancellationToken cancellationToken)
    {
        // A plan that was asked for runs beside the imports, and has no place in their order.
        var lease = order.Sequence > 0 ? await EntityLease.TakeAsync(database, order.Entity, order.Sequence, cancellationToken).ConfigureAwait(false) : null;
        return new PostgresLoad(database, order, lease, connections);
    }

    public async Task LoadAsync(IRowFeed rows, CancellationToken cancellationToken)
    {
        bool isWhole;
        var session = await _database.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using (session.ConfigureAwait(false))
        {
            _table = await EntityTable.ReadAsync(session, _order.Entity, cancellationToken).ConfigureAwait(false);
            isWhole = _order.PlanId is null && !_order.ForbidsNew && _order.Fields.All(f => f.Default is null)
                && (_order.ReplacesAll || !await _table.HasRecordsAsync(session, cancellationToken).ConfigureAwait(false));
            if (isWhole)
            {
                _next = _table.With(RecordTables.NameOf(_table.Number, _lease!.Epoch));
                await session.ExecuteAsync($"DROP TABLE IF EXISTS {_next.Table}", cancellationToken).ConfigureAwait(false);
                await RecordTables.CreateAsync(session, _next, cancellationToken).ConfigureAwait(false);
                await session.ExecuteAsync($"ALTER TABLE {_next.Table} ALTER COLUMN {Sql.Version} SET DEFAULT {Sql.Text(_order.Sequence)}", cancellationToken).ConfigureAwait(false);
            }
        }

        if (isWhole)
        {
            _received = await RowCopy.RunAsync(_database, $"{_next!.Table} ({_table.Columns(Fields)})", rows, withNumbers: false, NoteTooLarge, _connections, cancellationToken).ConfigureAwait(false);
            _keysMayRepeat = _order.HasKey && rows.KeysMayRepeat;
            if (!_keysMayRepeat)
            {
                await IndexAsync(_next, cancellationToken).ConfigureAwait(false);
                return;
            }

            // Rows must be told from one another.
            await _database.ExecuteAsync($"DROP TABLE {_next.Table}", [], cancellationToken).ConfigureAwait(false);
            _next = null;
            rows.Repeat();
        }

        await _database.ExecuteAsync($"DROP TABLE IF EXISTS {Rows}, {Conflicts}, {Defaults}, {Relation}", [], cancellationToken).ConfigureAwait(false);
        _tooLarge = 0;
        await MakeAsync(Rows, $"CREATE UNLOGGED TABLE {Rows} ({Sql.RowNumber} bigint NOT NULL, {_table.ColumnTypes(Fields)}) WITH (autovacuum_enabled = false)", cancellationToken).ConfigureAwait(false);
        _received = await RowCopy.RunAsync(_database, $"{Rows} ({Sql.RowNumber}, {_table.Columns(Fields)})", rows, withNumbers: true, NoteTooLarge, _connections, cancellationToken).ConfigureAwait(false);
        _keysMayRepeat |= _order.HasKey && rows.KeysMayRepeat;
        if (_received > PostgresMerge.ManyRows) await _database.ExecuteAsync($"ANALYZE {Rows}", [], cancellationToken).ConfigureAwait(false);
    }

    public async IAsyncEnumerable<KeyConflict> FindConflictsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var forbids = _order.HasKey && _next is null && (_order.ForbidsExisting || _order.ForbidsNew || (_order.ForbidsRepeated && _keysMayRepeat));
        if (!forbids && _tooLarge == 0) yield break;
        if (forbids) await CollectConflictsAsync(cancellationToken).ConfigureAwait(false);
        // As the rows that were sent, they are in a table that a crash of the server empties.
        var tooLarge = $"SELECT count(*) FROM {Conflicts} WHERE {Code} IN ({(int)FaultCode.KeyTooLong}, {(int)FaultCode.RecordTooLarge})";
        if (_tooLarge > 0 && await _database.ReadAsync(session => session.CountAsync(tooLarge, cancellationToken), cancellationToken).ConfigureAwait(false) != _tooLarge) throw Lost();
        for (var last = 0L; ;)
        {
            const int PageRows = 10_000;
            IReadOnlyList<KeyConflict> page;
            var session = await _database.OpenAsync(cancellationToken).ConfigureAwait(false);
            await using (session.ConfigureAwait(false))
            {
                page = await session.QueryAsync(
                    $"SELECT {Sql.RowNumber}, {Code}, {First} FROM {Conflicts} WHERE {Sql.RowNumber} > $1 ORDER BY 1 LIMIT {PageRows}", [last],
                    row => new KeyConflict(row.GetInt64(0), (FaultCode)row.GetInt32(1), row.GetInt64(2)), cancellationToken).ConfigureAwait(false);
            }

            foreach (var conflict in page) yield return conflict;
            if (page.Count < PageRows) yield break;
            last = page[^1].RecordNumber;
        }
    }

    public async Task<IDelta> FindDeltaAsync(CancellationToken cancellationToken)
    {
        var rows = _next is not null ? new LoadedRows(_next.Table, _received + _tooLarge) { Left = _received } : await PrepareAsync(cancellationToken).ConfigureAwait(false);
        var merge = await PostgresMerge.BeginAsync(_database, _order.Entity, _lease, isSnapshot: false, cancellationToken).ConfigureAwait(false);
        try
        {
            PostgresDelta delta = _next is not null ? new TableDelta(merge, _order, _next)
                : _order.PlanId is not null ? new PlanDelta(merge, _order, Relation)
                : !_order.ChangesRecords || !await merge.HasRecordsAsync(cancellationToken).ConfigureAwait(false) ? new AddedDelta(merge, _order)
                : new ValueDelta(merge, _order, Relation);
            await CheckLoadedAsync(merge, rows, cancellationToken).ConfigureAwait(false);
            await delta.FindAsync(rows, cancellationToken).ConfigureAwait(false);
            return delta;
        }
        catch
        {
            await merge.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_isTaken) return;
        _isTaken = true;
        // Where the first ones cannot be dropped, it is later, too.
        if (_next is not null) _database.DropLater([_next.Table]);
        try
        {
            await _database.DropAsync(Rows, Conflicts, Defaults, Relation).ConfigureAwait(false);
            if (_next is not null) await _database.DropAsync(_next.Table).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is StoreUnavailableException or PostgresFault)
        {
            // What is left is dropped later.
        }
    }

    private async Task IndexAsync(EntityTable table, CancellationToken cancellationToken)
    {
        var session = await _database.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using (session.ConfigureAwait(false))
        {
            await session.BeginAsync(isSnapshot: false, cancellationToken).ConfigureAwait(false);
            await session.ExecuteAsync("SET LOCAL maintenance_work_mem = '256MB'", cancellationToken).ConfigureAwait(false);
            // With this commit the rows are on disk, too, whose own have waited for nothing.
            await session.ExecuteAsync("SET LOCAL synchronous_commit = local", cancellationToken).ConfigureAwait(false);
            try
            {
                await RecordTables.AddKeyAsync(session, table, cancellationToken).ConfigureAwait(false);
            }
            catch (PostgresFault fault) when (fault.SqlState == PostgresFault.UniqueViolation)
            {
                throw new LedgerException(string.Create(CultureInfo.InvariantCulture, $"The ledger does not add up, so nothing was written: {_received} rows with as many keys were loaded, and 2 or more have the same."));
            }

            // Whoever makes an index counts the rows, which takes a good part of a second for some millions. Where the figure is another one, they are counted once more.
            _isCounted = _received is > 0 and <= MostNotedRows && table.Entity.Key.Any()
                && await session.CountAsync($"SELECT reltuples::bigint FROM pg_catalog.pg_class WHERE oid = pg_catalog.to_regclass({Sql.Text(table.Table)})", cancellationToken).ConfigureAwait(false) == _received;
            await session.CommitAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Notes the numbers of forbidden rows, and takes these out of the way.</summary>
    private async Task CollectConflictsAsync(CancellationToken cancellationToken)
    {
        var session = await _database.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using (session.ConfigureAwait(false))
        {
            await session.BeginAsync(isSnapshot: false, cancellationToken).ConfigureAwait(false);
            await MakeConflictsAsync(session, cancellationToken).ConfigureAwait(false);
            var table = await EntityTable.ReadAsync(session, _order.Entity, cancellationToken).ConfigureAwait(false);
            var isThere = $"EXISTS (SELECT 1 FROM {table.Table} {Sql.Target} WHERE {table.SameKey})";
            if (_order.ForbidsExisting) await CollectAsync(session, $"SELECT {Sql.RowNumber}, {(int)FaultCode.KeyExists}, 0 FROM {Rows} {Sql.Row} WHERE {isThere}", cancellationToken).ConfigureAwait(false);
            if (_order.ForbidsNew) await CollectAsync(session, $"SELECT {Sql.RowNumber}, {(int)FaultCode.RequiredUnmapped}, 0 FROM {Rows} {Sql.Row} WHERE NOT {isThere}", cancellationToken).ConfigureAwait(false);
            if (_order.ForbidsRepeated && _keysMayRepeat)
            {
                await CollectAsync(
                    session,
                    $"""
                    SELECT {Sql.Row}.{Sql.RowNumber}, {(int)FaultCode.KeyRepeated}, {Sql.Target}.{First} FROM {Rows} {Sql.Row}
                    JOIN (SELECT {table.Key}, min({Sql.RowNumber}) AS {First} FROM {Rows} GROUP BY {table.Key} HAVING count(*) > 1) {Sql.Target} ON {table.SameKey}
                    WHERE {Sql.Row}.{Sql.RowNumber} <> {Sql.Target}.{First}
                    """,
                    cancellationToken).ConfigureAwait(false);
            }

            await session.CommitAsync().ConfigureAwait(false);
        }
    }

    private async Task CollectAsync(Session session, string query, CancellationToken cancellationToken)
    {
        // Each row is told once, whatever has reached the store; what is taken out is counted where that is done.
        if (await session.ExecuteAsync($"INSERT INTO {Conflicts} {query} ON CONFLICT DO NOTHING", cancellationToken).ConfigureAwait(false) == 0) return;
        _conflicts += await session.ExecuteAsync($"DELETE FROM {Rows} {Sql.Row} USING {Conflicts} {Sql.Target} WHERE {Sql.Row}.{Sql.RowNumber} = {Sql.Target}.{Sql.RowNumber}", cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Makes a table of the import's own.</summary>
    private async Task MakeAsync(string table, string sql, CancellationToken cancellationToken)
    {
        var session = await _database.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using (session.ConfigureAwait(false)) await _table.MakeAsync(session, table, sql, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Leaves one row of each key, and makes the defaults ready.</summary>
    private async Task<LoadedRows> PrepareAsync(CancellationToken cancellationToken)
    {
        var superseded = await SupersedeAsync(cancellationToken).ConfigureAwait(false);
        var defaults = _order.Fields.Where(f => f.Default is not null).ToList();
        if (defaults.Count > 0)
        {
            await MakeAsync(Defaults, $"CREATE UNLOGGED TABLE {Defaults} ({_table.ColumnTypes(defaults.Select(f => f.Field))})", cancellationToken).ConfigureAwait(false);
            await RowCopy.CopyDefaultsAsync(_database, $"{Defaults} ({_table.Columns(defaults.Select(f => f.Field))})", [.. defaults.Select(f => f.Default!)], cancellationToken).ConfigureAwait(false);
        }

        return new LoadedRows(Rows, _received + _tooLarge) { Defaults = defaults.Count > 0 ? Defaults : null, Superseded = superseded, Left = _received - _conflicts - superseded };
    }

    /// <summary>Makes sure, in the import's transaction, that the rows are there still: the server may have failed since, which empties tables without a log, and loses what it had not written yet of others.</summary>
    /// <exception cref="StoreUnavailableException">They are not.</exception>
    private async Task CheckLoadedAsync(PostgresMerge merge, LoadedRows rows, CancellationToken cancellationToken)
    {
        // Without its key the table must not become the entity's.
        if (_next is not null && _order.Entity.Key.Any()
            && await merge.CountAsync($"SELECT count(*) FROM pg_catalog.pg_index WHERE indrelid = pg_catalog.to_regclass({Sql.Text(_next.Table)}) AND indisprimary", cancellationToken).ConfigureAwait(false) == 0) throw Lost();
        if (!_isCounted && await merge.CountAsync($"SELECT count(*) FROM {rows.Table}", cancellationToken).ConfigureAwait(false) != rows.Left) throw Lost();
    }

    private static StoreUnavailableException Lost() => new("The database has lost rows of the import that were loaded, as it does when it fails.", isDiskFull: false);

    /// <summary>What notes rows that are too large; null where none can be.</summary>
    private Action<IReadOnlyList<KeyConflict>>? NoteTooLarge => !RowSizes.CanBeTooLarge(Fields) ? null : found =>
    {
        var rows = string.Join(", ", found.Select(row => string.Create(CultureInfo.InvariantCulture, $"({row.RecordNumber}, {(int)row.Code}, {row.Figure})")));
        // Readers have threads of their own, which have nothing else to do meanwhile.
        lock (_noting)
        {
            NoteAsync().GetAwaiter().GetResult();
            _tooLarge += found.Count;
        }

        async Task NoteAsync()
        {
            var session = await _database.OpenAsync(CancellationToken.None).ConfigureAwait(false);
            await using (session.ConfigureAwait(false))
            {
                await MakeConflictsAsync(session, CancellationToken.None).ConfigureAwait(false);
                await session.ExecuteAsync($"INSERT INTO {Conflicts} VALUES {rows}", CancellationToken.None).ConfigureAwait(false);
            }
        }
    };

    /// <summary>Makes the table of rows that are taken out, unless it is there.</summary>
    private Task MakeConflictsAsync(Session session, CancellationToken cancellationToken) => _table.MakeAsync(
        session, Conflicts, $"CREATE UNLOGGED TABLE IF NOT EXISTS {Conflicts} ({Sql.RowNumber} bigint PRIMARY KEY, {Code} integer NOT NULL, {First} bigint NOT NULL)", cancellationToken);

    /// <summary>Leaves one row of each key, as if all had been applied in file order; answers how many went.</summary>
    private async Task<long> SupersedeAsync(CancellationToken cancellationToken)
    {
        if (!_order.LastWins || !_keysMayRepeat) return 0;
        var session = await _database.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using (session.ConfigureAwait(false))
        {
            await session.BeginAsync(isSnapshot: false, cancellationToken).ConfigureAwait(false);
            var removed = _order.KeepEmpty ? await KeepLastValuesAsync(session, cancellationToken).ConfigureAwait(false) : await KeepLastRowsAsync(session, cancellationToken).ConfigureAwait(false);
            await session.CommitAsync().ConfigureAwait(false);
            return removed;
        }
    }

    private Task<long> KeepLastRowsAsync(Session session, CancellationToken cancellationToken) => session.ExecuteAsync(
        $"""
        DELETE FROM {Rows} {Sql.Row} USING (SELECT {_table.Key}, max({Sql.RowNumber}) AS {Sql.RowNumber} FROM {Rows} GROUP BY {_table.Key} HAVING count(*) > 1) {Sql.Target}
        WHERE {_table.SameKey} AND {Sql.Row}.{Sql.RowNumber} <> {Sql.Target}.{Sql.RowNumber}
        """,
        cancellationToken);

    /// <summary>Where empty values keep what is there, the last row that has a value wins field by field.</summary>
    private async Task<long> KeepLastValuesAsync(Session session, CancellationToken cancellationToken)
    {
        var last = $"{_stage}_l";
        var values = string.Concat(Fields.Where(f => !f.PrimaryKey).Select(f =>
            $", (array_agg({Sql.Row}.{_table.Column(f)} ORDER BY {Sql.Row}.{Sql.RowNumber} DESC) FILTER (WHERE {Sql.Row}.{_table.Column(f)} IS NOT NULL))[1] AS {_table.Column(f)}"));
        var key = _table.Columns(_order.Entity.Key, $"{Sql.Row}.");
        await _table.MakeAsync(
            session, last,
            $"""
            CREATE UNLOGGED TABLE {last} AS SELECT max({Sql.Row}.{Sql.RowNumber}) AS {Sql.RowNumber}, {key}{values} FROM {Rows} {Sql.Row}
            JOIN (SELECT {_table.Key} FROM {Rows} GROUP BY {_table.Key} HAVING count(*) > 1) {Sql.Target} ON {_table.SameKey} GROUP BY {key}
            """,
            cancellationToken).ConfigureAwait(false);
        var removed = await session.ExecuteAsync($"DELETE FROM {Rows} {Sql.Row} USING {last} {Sql.Target} WHERE {_table.SameKey}", cancellationToken).ConfigureAwait(false);
        var columns = $"{Sql.RowNumber}, {_table.Columns(Fields)}";
        var kept = await session.ExecuteAsync($"INSERT INTO {Rows} ({columns}) SELECT {columns} FROM {last}", cancellationToken).ConfigureAwait(false);
        await session.ExecuteAsync($"DROP TABLE {last}", cancellationToken).ConfigureAwait(false);
        return removed - kept;
    }
}
