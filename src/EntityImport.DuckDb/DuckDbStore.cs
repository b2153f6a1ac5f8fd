using System.Data.Common;
using System.Globalization;
using DuckDB.NET.Data;
using DuckDB.NET.Native;
using EntityImport.Catalog;
using EntityImport.DuckDb.Catalog;
using EntityImport.DuckDb.Connections;
using EntityImport.DuckDb.Merging;
using EntityImport.DuckDb.Records;
using EntityImport.DuckDb.Rows;
using EntityImport.Files;
using EntityImport.Options;
using EntityImport.Storage;

namespace EntityImport.DuckDb;

/// <summary>The embedded store: catalog and entity data in one DuckDB file in the data directory. Thread-safe.</summary>
/// <remarks>
/// One file, so that an import's rows and its last state commit in one transaction. Entity tables have no index: the import itself
/// keeps keys unique, with hash joins, which costs half of what an index does.
/// </remarks>
public sealed class DuckDbStore : IStore
{
    private const string FileName = "store.duckdb";
    private const string LogName = FileName + ".wal";
    private const string AsideSuffix = ".migrated";
    private const string SpillDirectory = "spill";

    /// <summary>Calls of the catalog that are carried out side by side; each takes a moment.</summary>
    private const int CatalogThreads = 4;

    /// <summary>How often opening is tried, each time with twice the memory.</summary>
    private const int OpenAttempts = 4;

    private readonly Database _database;
    private readonly FileStream _lock;
    private readonly StoreThreads _catalogThreads = new("catalog", CatalogThreads);
    private readonly StoreThreads _queryThreads;
    private readonly DuckDbRecords _records;
    private readonly string _directory;

    private DuckDbStore(Database database, string directory, FileStream held, Limits limits)
    {
        _directory = directory;
        _lock = held;
        _database = database;
        _queryThreads = new StoreThreads("queries", limits.ConcurrentQueries, limits.WaitingQueries);
        Catalog = new DuckDbCatalog(_database, _catalogThreads);
        _records = new DuckDbRecords(_database, _queryThreads);
    }

    /// <inheritdoc/>
    public ICatalog Catalog { get; }

    /// <inheritdoc/>
    public IRecords Records => _records;

    /// <inheritdoc/>
    /// <remarks>DuckDB locks its file: it is one process's.</remarks>
    public ICluster? Cluster => null;

    /// <inheritdoc/>
    public long Bytes => new[] { FileName, LogName }.Select(name => new FileInfo(Path.Combine(_directory, name))).Sum(file => file.Exists ? file.Length : 0);

    /// <inheritdoc/>
    /// <remarks>It became invalid while it was open, and could not be opened again.</remarks>
    public bool IsLost => _database.IsLost;

    /// <summary>Opens the store, and makes it where there is none.</summary>
    /// <exception cref="DataDirectoryInUseException">Another process, or another store in this one, holds the data directory open.</exception>
    /// <exception cref="StoreNotOpenedException">The store is of a newer program, damaged, or cannot be read.</exception>
    public static DuckDbStore Open(EngineOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var directory = Path.GetFullPath(options.DataDirectory);
        DurableFolder.Create(directory);
        var held = DirectoryLock.Take(directory);
        try
        {
            // What a crash left there is of no use to anybody.
            var spill = Path.Combine(directory, SpillDirectory);
            if (Directory.Exists(spill)) Directory.Delete(spill, recursive: true);
            var memory = new StoreMemory(options.StoreMemoryBytes, options.ThreadsPerImport);
            var database = new Database(() => Connect(directory, options, memory), memory, Path.Combine(directory, LogName));
            DurableFolder.Sync(directory);
            return new DuckDbStore(database, directory, held, options.Limits);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>Whether there is a store in a data directory.</summary>
    internal static bool IsIn(string directory) => File.Exists(Path.Combine(directory, FileName));

    /// <summary>Puts the store of a data directory aside, where nobody has it open: another one has taken its place, and who opened it would not know of newer files.</summary>
    internal static void PutAside(string directory)
    {
        foreach (var name in new[] { FileName, LogName }.Where(name => File.Exists(Path.Combine(directory, name))))
            File.Move(Path.Combine(directory, name), Path.Combine(directory, name + AsideSuffix));
        DurableFolder.Sync(directory);
    }

    /// <summary>All that it holds, for another store to take it in; the caller disposes it.</summary>
    internal StoredContent ReadContent() => new(_database.Connect());

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _records.Dispose();
        _queryThreads.Dispose();
        _catalogThreads.Dispose();
        _database.Dispose();
        return _lock.DisposeAsync();
    }

    /// <summary>
    /// Opens the file. Its log is replayed with as much memory as the log has bytes and more, and then written into the file before the limit becomes the usual one: what did not fit into memory once must not
    /// keep the store closed for ever.
    /// </summary>
    private static DuckDBConnection Connect(string directory, EngineOptions options, StoreMemory memory)
    {
        var log = new FileInfo(Path.Combine(directory, LogName));
        var bytes = 2 * StoreMemory.Least + (log.Exists ? log.Length : 0);
        var isLogLong = log is { Exists: true, Length: > Database.LongLogBytes };
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return Connect(directory, options, memory, bytes, isLogLong);
            }
            catch (DuckDBException exception) when (attempt < OpenAttempts && IsShortOfMemory(exception))
            {
                bytes *= 2;
            }
            catch (DuckDBException exception) when (isLogLong && Database.IsDiskFull(exception))
            {
                // It can be read even so.
                isLogLong = false;
            }
            catch (DuckDBException exception)
            {
                throw new StoreNotOpenedException(
                    $"The store {Path.Combine(directory, FileName)} cannot be opened, and was left as it is: {exception.Message.Split('\n')[0].TrimEnd('.')}. Free disk space or memory if it lacks that. "
                    + $"Restore the directory from a backup where the store is damaged. Never delete {LogName}: it holds changes that {FileName} does not have yet.",
                    exception);
            }
        }
    }

    /// <summary>Where opening fails, DuckDB tells its kind of fault in words alone.</summary>
    private static bool IsShortOfMemory(DuckDBException exception) => exception.ErrorType == DuckDBErrorType.OutOfMemory
        || ((string[])["Out of Memory", "failed to pin block", "could not allocate", "failed to allocate"]).Any(words => exception.Message.Contains(words, StringComparison.Ordinal));

    private static DuckDBConnection Connect(string directory, EngineOptions options, StoreMemory memory, long bytes, bool isLogLong)
    {
        // What holds for the replay has to be said before it: a temporary directory cannot be named any more once another one was used.
        var settings = new DbConnectionStringBuilder
        {
            ["DataSource"] = Path.Combine(directory, FileName),
            ["memory_limit"] = StoreMemory.Text(bytes),
            ["temp_directory"] = Path.Combine(directory, SpillDirectory),
            ["threads"] = options.ThreadsPerImport.ToString(CultureInfo.InvariantCulture),
        };
        var connection = new DuckDBConnection(settings.ConnectionString);
        try
        {
            connection.Open();
            connection.Execute(Database.CheckpointSettings);
            // Nothing here relies on the order of stored rows, and keeping it costs memory.
            connection.Execute("SET preserve_insertion_order = false");
            // Texts compare by their bytes and files are only opened by name from here: no extension is ever needed.
            connection.Execute("SET autoinstall_known_extensions = false");
            connection.Execute("SET autoload_known_extensions = false");
            // Whatever is stored is analysed for each way to compress it, which is most of the time of a load. These two find next to nothing that the
            // others do not, and take a third of it.
            connection.Execute("SET disabled_compression_methods = 'rle,dictionary'");
            // For the first rows in some order, DuckDB 1.5 takes no more row groups than their statistics say are needed. They count rows that another transaction is just adding or changing: a read beside it
            // found nothing at all, once in some thousand times.
            connection.Execute("SET disabled_optimizers = 'row_group_pruner'");
            // What was freed is given back soon: the limit of memory says nothing of what the allocator keeps, which was up to half a gigabyte of a service that imports and reads long texts.
            connection.Execute("SET allocator_background_threads = true");
            connection.Execute("SET allocator_flush_threshold = '16MB'");
            connection.Execute("SET allocator_bulk_deallocation_flush_threshold = '32MB'");
            if (isLogLong) connection.Execute("CHECKPOINT");
            RowFunction.Register(connection);
            ChangeFunction.Register(connection);
            Migrations.Run(connection);
            connection.Execute(memory.Statement);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
