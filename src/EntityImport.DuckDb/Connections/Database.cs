using System.Diagnostics;
using System.Text.RegularExpressions;
using DuckDB.NET.Data;
using DuckDB.NET.Native;
using EntityImport.Rows;
using EntityImport.SqlStores;
using EntityImport.Storage;

namespace EntityImport.DuckDb.Connections;

/// <summary>
/// The open database; hands out connections to it. Where DuckDB invalidates it after a fatal error, such as a checkpoint on a full disk, it is opened again as soon as
/// nobody holds a connection to it. Thread-safe.
/// </summary>
/// <remarks>
/// DuckDB writes its log into the database file (a checkpoint) by itself as soon as a commit finds the log too long, in the midst of whatever runs, and where memory is short then, the database is lost to the process. So it may do that
/// only here: with <see cref="Commit"/>, which has it write a large import into the file at once, without a log that would have to be kept, and replayed after a crash; and with <see cref="ShortenLog"/>.
/// </remarks>
internal sealed partial class Database : IDisposable
{
    /// <summary>A log up to this size is left for later.</summary>
    public const long LongLogBytes = 16 << 20;

    /// <summary>The times that opening the database again may fail before it is taken for lost.</summary>
    private const int MaxReopenings = 3;

    /// <summary>How long a commit that should be alone waits for other imports' transactions to end, while everything else but new ones goes on: 10 min.</summary>
    private static readonly TimeSpan MergesLimit = TimeSpan.FromMinutes(10);

    /// <summary>How long it keeps new calls waiting for old ones to end, and then again for interrupted queries: 5 s.</summary>
    private static readonly TimeSpan CallsLimit = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(20);

    private readonly object _state = new();
    private readonly Lock _checkpoints = new();
    private readonly Func<DuckDBConnection> _open;
    private readonly StoreMemory _memory;
    private readonly string? _log;
    private DuckDBConnection? _root;
    private readonly Dictionary<ConnectionUse, int> _uses = Enum.GetValues<ConnectionUse>().ToDictionary(use => use, _ => 0);
    private readonly HashSet<DuckDBConnection> _queries = [];
    private Thread? _alone;
    private bool _mergesWait;
    private bool _isInvalid;
    private DuckDbFault? _fatalFault;
    private bool _isWorn;
    private int _failedReopenings;
    private long _neighbourBytes;

    /// <summary>Opens the database.</summary>
    /// <param name="open">Opens its first connection.</param>
    /// <param name="memory">How much memory it may use.</param>
    /// <param name="log">The path of its write-ahead log; null where nobody looks after it.</param>
    public Database(Func<DuckDBConnection> open, StoreMemory memory, string? log = null)
    {
        _open = open;
        _memory = memory;
        _log = log;
        _root = open();
    }

    /// <summary>Held by the one that writes to the catalog.</summary>
    public SemaphoreSlim Writer { get; } = new(1, 1);

    /// <summary>Held by the import of a large file of long rows: two of them would take the memory of two, and neither could be committed alone.</summary>
    public SemaphoreSlim LongRows { get; } = new(1, 1);

    /// <summary>How long the texts of its records are.</summary>
    public StoredTexts Texts { get; } = new();

    /// <summary>Entities that were looked up.</summary>
    public KnownEntities Entities { get; } = new();

    /// <summary>Whether the database could not be opened again, several times, after it had become invalid: nothing but a repair and a restart will help.</summary>
    public bool IsLost
    {
        get
        {
            lock (_state) return _failedReopenings >= MaxReopenings;
        }
    }

    /// <summary>The connection settings under which DuckDB never makes a checkpoint by itself, and writes no log where it is told to make one.</summary>
    public static string CheckpointSettings => $"SET auto_checkpoint_skip_wal_threshold = 0; {Checkpoints(automatic: false)}";

    /// <summary>Raises the memory limit to what a load of rows needs; disposing the result ends that.</summary>
    public IDisposable ReserveForLoad(IRowAmount rows) => _memory.Reserve(this, _memory.LoadBytes(rows));

    /// <summary>Raises the memory limit to what joining rows with an entity's can make use of; disposing the result ends that.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="areLong">Whether rows or records are long, and move through the join as they are.</param>
    public IDisposable ReserveForJoin(IRowAmount rows, bool areLong) => areLong ? _memory.ReserveForLongRows(this, rows) : ReserveAll();

    /// <summary>The statement that has the allocator give back what was freed, which it keeps for each thread for some seconds else: that the memory limit is set, to what it is, does so.</summary>
    public string GiveBackStatement => _memory.Statement;

    /// <summary>Raises the memory limit to all that was configured; disposing the result ends that.</summary>
    public IDisposable ReserveAll() => _memory.Reserve(this, long.MaxValue);

    /// <summary>Whether rows, or the records that they are compared with, are to be handled with care for their length.</summary>
    public bool AreLong(LoadOrder order, IRowAmount rows, CancellationToken cancellationToken)
    {
        if (StoreMemory.AreLong(rows)) return true;
        var version = Texts.Version;
        using var connection = Connect();
        var compared = order.ChangesRecords ? order.Fields.Select(f => f.Field) : order.Entity.Key;
        return Texts.MostBytes(connection, version, order.Entity, [.. compared], cancellationToken) >= StoredTexts.LongBytes;
    }

    /// <summary>Opens a connection, which the caller disposes. It waits while a commit has to be alone.</summary>
    /// <exception cref="StoreUnavailableException">The database cannot be opened at the moment.</exception>
    public DuckDBConnection Connect(ConnectionUse use = ConnectionUse.Call)
    {
        lock (_state)
        {
            while ((_alone is not null && _alone != Thread.CurrentThread) || (_mergesWait && use == ConnectionUse.Merge)) Monitor.Wait(_state);
            if (_isInvalid || (_isWorn && Connections == 0)) Reopen();
            // Connections of one process to one file share the database that the first one opened.
            var connection = new CountedConnection(this, use, _root!.ConnectionString);
            try
            {
                connection.Open();
            }
            catch (DuckDBException exception)
            {
                connection.Dispose();
                throw Translate(exception);
            }

            connection.IsCounted = true;
            _uses[use]++;
            if (use == ConnectionUse.Query) _queries.Add(connection);
            return connection;
        }
    }

    /// <summary>Commits what an import brought in, and has DuckDB write it where it belongs.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="changed">How many of them have become records.</param>
    public void Commit(DuckDBTransaction transaction, IRowAmount rows, long changed)
    {
        if (StoreMemory.Bytes(rows, changed) <= LongLogBytes) transaction.Commit();
        else CommitInto(transaction, rows);
        Texts.NoteCommit();
    }

    /// <summary>Has DuckDB write a large import into the file at once.</summary>
    private void CommitInto(DuckDBTransaction transaction, IRowAmount rows)
    {
        var areLong = StoreMemory.AreLong(rows);
        if (areLong) Interlocked.Exchange(ref _neighbourBytes, Math.Max(Interlocked.Read(ref _neighbourBytes), _memory.NeighbourBytes(rows)));
        // Groups of rows that are not full are put together with those beside them.
        using var memory = _memory.ReserveBeyond(this, _memory.CommitBytes(rows) + (areLong ? 0 : Interlocked.Read(ref _neighbourBytes)));
        try
        {
            if (areLong) WaitForMerges();
            lock (_checkpoints)
            {
                var isAlone = areLong && BeAlone();
                using var settings = Connect();
                try
                {
                    settings.Execute(Checkpoints(automatic: true));
                    // Long rows stay in groups of their own.
                    if (areLong) settings.Execute("SET max_vacuum_tasks = 0");
                    if (isAlone) _memory.Empty(settings);
                    transaction.Commit();
                }
                catch (DuckDBException exception) when (!IsDiskFull(exception))
                {
                    // DuckDB has no type of error for it where a commit is short of memory.
                    _memory.NoteShortage();
                    throw;
                }
                finally
                {
                    settings.Execute($"{Checkpoints(automatic: false)}; RESET max_vacuum_tasks; {_memory.Threads}");
                }
            }
        }
        finally
        {
            if (areLong) LetOthersIn();
        }

        // With what it has in memory of long rows that it wrote, DuckDB reads all of a record's neighbours for that record. Opened anew it does not, and begins a group of its own for the next rows.
        if (!areLong) return;
        lock (_state) _isWorn = true;
    }

    private void WaitForMerges()
    {
        lock (_state)
        {
            _mergesWait = true;
            WaitUntil(() => _uses[ConnectionUse.Merge] <= 1, MergesLimit);
        }
    }

    /// <summary>
    /// Keeps others out while this thread commits long rows: as long as any other transaction is active, DuckDB writes them into its log, for which it has 2,048 of them in memory several times over, now and when the log is
    /// replayed. Queries that do not end soon are interrupted. Answers whether there is nobody else.
    /// </summary>
    private bool BeAlone()
    {
        lock (_state)
        {
            if (_uses[ConnectionUse.Merge] > 1) return false;
            _alone = Thread.CurrentThread;
            return WaitUntil(AreCallsOver, CallsLimit) || WaitUntil(
                () =>
                {
                    // DuckDB forgets an interruption when a statement begins, so that it is repeated.
                    foreach (var query in _queries) Native.Interrupt(query.NativeConnection.DangerousGetHandle());
                    return AreCallsOver();
                },
                CallsLimit);
        }

        bool AreCallsOver() => _uses[ConnectionUse.Call] + _uses[ConnectionUse.Query] == 0;
    }

    private void LetOthersIn()
    {
        lock (_state)
        {
            _mergesWait = false;
            if (_alone == Thread.CurrentThread) _alone = null;
            Monitor.PulseAll(_state);
        }
    }

    /// <summary>Waits, with the state held, until something holds; false where it still does not at the end of the time.</summary>
    private bool WaitUntil(Func<bool> holds, TimeSpan limit)
    {
        var begun = Stopwatch.GetTimestamp();
        while (!holds())
        {
            if (Stopwatch.GetElapsedTime(begun) >= limit) return false;
            Monitor.Wait(_state, LookAgain);
        }

        return true;
    }

    /// <summary>Has DuckDB write its log into the database file, where the log has become long and no import is being committed. What cannot be done now is done after the next change.</summary>
    public void ShortenLog()
    {
        var bytes = LogBytes;
        if (bytes <= LongLogBytes || !_checkpoints.TryEnter()) return;
        try
        {
            using var memory = _memory.ReserveBeyond(this, StoreMemory.Least + bytes + Interlocked.Read(ref _neighbourBytes));
            using var connection = Connect();
            connection.Execute("CHECKPOINT");
        }
        catch (StoreUnavailableException exception) when (exception.MustReopen)
        {
            // Whoever asks for a connection next opens the database again, which writes the log back with more memory. What was committed before is in it.
        }
        catch (DuckDbFault fault) when (fault.Type == DuckDBErrorType.Transaction)
        {
            // An import is being merged.
        }
        finally
        {
            _checkpoints.Exit();
        }
    }

    /// <summary>What a failure of DuckDB means to the caller; notes where the database has to be opened again.</summary>
    /// <remarks>What DuckDB says is kept without the texts that it quotes: among them are values of the file.</remarks>
    public Exception Translate(DuckDBException exception)
    {
        var cause = new DuckDbFault(exception.ErrorType, Quoted().Replace(exception.Message, "'…'"));
        if (exception.ErrorType is DuckDBErrorType.Catalog or DuckDBErrorType.Binder) Entities.Forget();
        if (IsInvalidated(exception))
        {
            lock (_state)
            {
                _isInvalid = true;
                _fatalFault ??= cause;
            }

            return new StoreUnavailableException("The store has to be opened again after a fatal error.", IsDiskFull(exception), cause) { MustReopen = true };
        }

        if (exception.ErrorType == DuckDBErrorType.Interrupt)
            return new RequestException(FaultKind.Busy, "store-busy", "The query gave way to an import that is being committed.") { RetryAfter = TimeSpan.FromSeconds(2) };
        if (IsDiskFull(exception)) return new StoreUnavailableException("The store's disk is full.", isDiskFull: true, cause);
        if (exception.ErrorType != DuckDBErrorType.OutOfMemory) return cause;
        _memory.NoteShortage();
        return new StoreUnavailableException("The store's memory is full.", isDiskFull: false, cause) { IsMemoryFull = true };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // DuckDB makes a last checkpoint when it closes.
        try
        {
            ShortenLog();
        }
        catch (Exception exception) when (exception is StoreUnavailableException or DuckDbFault)
        {
            // The log stays, and is replayed when the store is opened next.
        }

        Writer.Dispose();
        LongRows.Dispose();
        _root?.Dispose();
    }

    private int Connections => _uses.Values.Sum();

    private long LogBytes => _log is not null && new FileInfo(_log) is { Exists: true } log ? log.Length : 0;

    private static string Checkpoints(bool automatic) => $"SET checkpoint_threshold = '{(automatic ? "0MB" : "1TB")}'";

    private static bool IsInvalidated(DuckDBException exception) => exception.ErrorType is DuckDBErrorType.Fatal or DuckDBErrorType.Internal;

    /// <summary>DuckDB has no error type for it; the words are those of the C library.</summary>
    public static bool IsDiskFull(DuckDBException exception) =>
        exception.Message.Contains("No space left on device", StringComparison.Ordinal) || exception.Message.Contains("Disk quota exceeded", StringComparison.Ordinal)
        || exception.Message.Contains("There is not enough space on the disk", StringComparison.Ordinal);

    [GeneratedRegex("'[^']*'")]
    private static partial Regex Quoted();

    private void Reopen()
    {
        // The file must not be open twice, and it is as long as one connection to the old database is.
        if (Connections > 0) throw new StoreUnavailableException("The store has to be opened again after a fatal error; work on it is still ending.", isDiskFull: false, _fatalFault);
        _isInvalid = true;
        _root?.Dispose();
        _root = null;
        try
        {
            _root = _open();
            _isInvalid = _isWorn = false;
            _fatalFault = null;
            _failedReopenings = 0;
        }
        catch (Exception exception) when (exception is DuckDBException or StoreNotOpenedException)
        {
            var isDiskFull = (exception as DuckDBException ?? exception.InnerException as DuckDBException) is { } fault && IsDiskFull(fault);
            // A full disk passes.
            if (!isDiskFull) _failedReopenings++;
            throw new StoreUnavailableException("The store cannot be opened again.", isDiskFull, exception);
        }
    }

    private void Forget(DuckDBConnection connection)
    {
        lock (_state) _queries.Remove(connection);
    }

    private void Leave(ConnectionUse use)
    {
        lock (_state)
        {
            _uses[use]--;
            Monitor.PulseAll(_state);
        }
    }

    /// <summary>A connection that says when it is closed.</summary>
    private sealed class CountedConnection(Database database, ConnectionUse use, string connectionString) : DuckDBConnection(connectionString), ITranslatesFaults
    {
        /// <summary>Whether it counts as open.</summary>
        public bool IsCounted { get; set; }

        public Exception Translate(DuckDBException exception) => database.Translate(exception);

        protected override void Dispose(bool disposing)
        {
            if (disposing && IsCounted) database.Forget(this);
            base.Dispose(disposing);
            if (!disposing || !IsCounted) return;
            IsCounted = false;
            database.Leave(use);
        }
    }
}

/// <summary>What a connection is opened for.</summary>
internal enum ConnectionUse
{
    /// <summary>A call that ends soon.</summary>
    Call,

    /// <summary>A query of records, which may take its time.</summary>
    Query,

    /// <summary>The rows of an import, until it ends.</summary>
    Staging,

    /// <summary>The transaction in which an import's rows go into the entity, or in which what was kept of one is dropped.</summary>
    Merge,
}
