using System.Globalization;
using DuckDB.NET.Data;
using EntityImport.Rows;
using EntityImport.Storage;

namespace EntityImport.DuckDb.Connections;

/// <summary>
/// How much memory DuckDB may use: as much as what runs needs. DuckDB keeps the blocks that it has written or read until it reaches its limit, so with one limit for all a load would fill it
/// with blocks that nobody asks for, in proportion to the file. Thread-safe.
/// </summary>
/// <remarks>
/// What is configured holds for what DuckDB can also do on disk: loads, joins, queries. A commit, a checkpoint and the replay of a log keep what they are about in memory, whatever was configured: with too
/// little of it DuckDB gives the database up.
/// </remarks>
/// <param name="most">What was configured, in bytes.</param>
/// <param name="threads">How many threads load the rows of an import.</param>
internal sealed class StoreMemory(long most, int threads)
{
    /// <summary>What queries and loads of ordinary rows do well with: 256 MiB.</summary>
    public const long Least = 256L << 20;

    /// <summary>How many rows DuckDB analyses, compresses and writes together.</summary>
    private const long RowGroupRows = 122_880;

    /// <summary>How many rows DuckDB reads at once, however long they are.</summary>
    private const long VectorRows = 2_048;

    /// <summary>Rows that are longer than this on an average do not fit into memory by the number in which DuckDB usually handles them: 4 KiB.</summary>
    public const long LongRowBytes = 4 << 10;

    /// <summary>What an update may keep in memory until it is committed: 128 MiB of rows.</summary>
    private const long MaxUpdateBytes = 128 << 20;

    /// <summary>By how much what long rows need is multiplied at the most, where it was not enough.</summary>
    private const int MaxFactor = 4;

    private readonly Lock _changing = new();
    private readonly List<long> _needs = [];
    private long _limit = Math.Min(most, Least);
    private long _factor = 1;

    /// <summary>The limit for what runs now, as DuckDB's option <c>memory_limit</c>.</summary>
    /// <remarks>It waits for nobody: a database that is opened again asks for it while others that change the limit wait for the database.</remarks>
    public string Limit => Text(Interlocked.Read(ref _limit));

    /// <summary>The statement that sets the limit for what runs now; it holds for the whole database.</summary>
    public string Statement => $"SET memory_limit = '{Limit}'";

    /// <summary>A number of bytes as DuckDB reads it.</summary>
    public static string Text(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes >> 20}MiB");

    /// <summary>What a load needs: for each thread a group of rows that is being filled, and what it becomes, with room to spare.</summary>
    public long LoadBytes(IRowAmount rows) => 4 * RowGroupRows * Readers(rows) * RowBytes(rows);

    /// <summary>The bytes of the rows that DuckDB reads at once, in all threads.</summary>
    public long NeighbourBytes(IRowAmount rows) => AreLong(rows) ? Math.Min(rows.FileBytes, VectorRows * threads * RowBytes(rows)) : 0;

    /// <summary>
    /// What the commit of a load needs: what is left to write, the rows that do not fill a group. Of long ones DuckDB needs as many at once as it reads, and a quarter more (940 MB of rows of 1 MB fail with 820 MB
    /// and do not with 1,100); where this was too little, because some are much longer than others or others are at work, all that is left, twice.
    /// </summary>
    public long CommitBytes(IRowAmount rows)
    {
        var rest = Math.Min(rows.FileBytes, RowGroupRows * Readers(rows) * RowBytes(rows));
        if (!AreLong(rows)) return Least + (Interlocked.Read(ref _factor) * rest);
        return Least + (Interlocked.Read(ref _factor) > 1 ? 2 * rest : Math.Min(rest, VectorRows * RowBytes(rows)) * 5 / 4);
    }

    /// <summary>Notes that memory was not enough for something: how much long rows need is a guess, and the next attempt gets more.</summary>
    public void NoteShortage() => Interlocked.Exchange(ref _factor, Math.Min(MaxFactor, 2 * Interlocked.Read(ref _factor)));

    /// <summary>The statement that has as many threads do the work as were configured.</summary>
    public string Threads => string.Create(CultureInfo.InvariantCulture, $"SET threads = {threads}");

    /// <summary>
    /// Has DuckDB write down what the load of long rows has left in memory, and leave the commit to the thread that asks for it. The allocator keeps what a thread has freed for that thread for some seconds: rows that one has
    /// loaded, one has taken over and a third has compressed were in memory three times. Where <see cref="Threads"/> is set again, that ends.
    /// </summary>
    /// <param name="connection">A connection; nobody else may use the database.</param>
    public void Empty(DuckDBConnection connection)
    {
        lock (_changing)
        {
            connection.Execute("SET threads = 1");
            try
            {
                connection.Execute($"SET memory_limit = '{Text(Least)}'");
            }
            catch (StoreUnavailableException exception) when (exception.IsMemoryFull)
            {
                // What is in use stays.
            }

            connection.Execute(Statement);
        }
    }

    /// <summary>Raises the limit to what a piece of work needs; disposing the result ends that.</summary>
    /// <param name="database">The database.</param>
    /// <param name="bytes">What it needs; more than was configured means all of that.</param>
    public IDisposable Reserve(Database database, long bytes) => ReserveBeyond(database, Math.Min(most, bytes));

    /// <summary>Raises the limit to what statements need in any case that move long texts: for each thread as many rows of both sides as DuckDB reads at once. Disposing the result ends that.</summary>
    public IDisposable ReserveForLongRows(Database database, IRowAmount rows) =>
        ReserveBeyond(database, Interlocked.Read(ref _factor) * Math.Max(2 * Least, Least + (2 * NeighbourBytes(rows))));

    /// <summary>Raises the limit to what a piece of work cannot do without, whatever was configured; disposing the result ends that.</summary>
    public IDisposable ReserveBeyond(Database database, long bytes)
    {
        lock (_changing)
        {
            using var connection = database.Connect();
            _needs.Add(bytes);
            Adjust();
            try
            {
                connection.Execute(Statement);
            }
            catch (StoreUnavailableException exception) when (exception.IsMemoryFull)
            {
                // More is in use than the new limit: the old one holds, which is never too little.
            }
            catch
            {
                _needs.Remove(bytes);
                Adjust();
                throw;
            }
        }

        return new Need(this, database, bytes);
    }

    /// <summary>Whether rows are to be handled with care for their length.</summary>
    public static bool AreLong(IRowAmount rows) => RowBytes(rows) > LongRowBytes;

    /// <summary>Whether so many of the rows are more than should be updated in memory.</summary>
    public static bool AreMany(IRowAmount rows, long changed) => Bytes(rows, changed) > MaxUpdateBytes;

    /// <summary>The bytes of some of the rows, as their share of the file.</summary>
    public static long Bytes(IRowAmount rows, long some) => (long)((double)rows.FileBytes * some / Math.Max(1, rows.RecordCount));

    private static long RowBytes(IRowAmount rows) => rows.FileBytes / Math.Max(1, rows.RecordCount);

    private long Readers(IRowAmount rows) => Math.Min(rows.MaxReaders, threads);

    private void Adjust() => Interlocked.Exchange(ref _limit, _needs.Append(Math.Min(most, Least)).Max());

    private void Release(Database database, long bytes)
    {
        lock (_changing)
        {
            _needs.Remove(bytes);
            Adjust();
            try
            {
                using var connection = database.Connect();
                connection.Execute(Statement);
            }
            catch (Exception exception) when (exception is DuckDbFault or StoreUnavailableException)
            {
                // More is in use at the moment, or the store is being opened again: the old limit holds until the next change, which is never too little.
            }
        }
    }

    private sealed class Need(StoreMemory memory, Database database, long bytes) : IDisposable
    {
        private bool _isReleased;

        public void Dispose()
        {
            if (_isReleased) return;
            _isReleased = true;
            memory.Release(database, bytes);
        }
    }
}
