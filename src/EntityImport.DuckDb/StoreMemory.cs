using System.Globalization;
using DuckDB.NET.Data;
using EntityImport.Imports;
using EntityImport.Storage;

namespace EntityImport.DuckDb;

/// <summary>
/// How much memory DuckDB may use: as much as what runs needs, and no more than was configured. DuckDB keeps the blocks that it has written or read until it
/// reaches its limit, so with one limit for all a load would fill it with blocks that nobody asks for, in proportion to the file. Thread-safe.
/// </summary>
/// <param name="most">What was configured, in bytes.</param>
/// <param name="threads">How many threads load the rows of an import.</param>
internal sealed class StoreMemory(long most, int threads)
{
    /// <summary>What queries and loads of ordinary rows do well with: 256 MiB.</summary>
    private const long Least = 256L << 20;

    /// <summary>How many rows DuckDB analyses, compresses and writes together.</summary>
    private const long RowGroupRows = 122_880;

    private readonly Lock _changing = new();
    private readonly List<long> _needs = [];
    private long _limit = Math.Min(most, Least);

    /// <summary>The statement that sets the limit for what runs now; it holds for the whole database.</summary>
    /// <remarks>It waits for nobody: a database that is opened again asks for it while others that change the limit wait for the database.</remarks>
    public string Statement => string.Create(CultureInfo.InvariantCulture, $"SET memory_limit = '{Interlocked.Read(ref _limit) >> 20}MiB'");

    /// <summary>What a load needs: for each thread a group of rows that is being filled, and what it becomes, with room to spare.</summary>
    public long LoadBytes(RowSource rows) => 4 * RowGroupRows * Math.Min(rows.MaxReaders, threads) * (rows.FileBytes / Math.Max(1, rows.RecordCount));

    /// <summary>Raises the limit to what a piece of work needs; disposing the result ends that.</summary>
    /// <param name="database">The database.</param>
    /// <param name="bytes">What it needs; more than was configured means all of it.</param>
    public IDisposable Reserve(Database database, long bytes)
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
            catch
            {
                _needs.Remove(bytes);
                Adjust();
                throw;
            }
        }

        return new Need(this, database, bytes);
    }

    private void Adjust() => Interlocked.Exchange(ref _limit, Math.Min(most, Math.Max(Least, _needs.DefaultIfEmpty().Max())));

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
            catch (Exception exception) when (exception is DuckDBException or StoreUnavailableException)
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
