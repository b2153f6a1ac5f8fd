using System.Globalization;
using DuckDB.NET.Data;
using EntityImport.Storage;

namespace EntityImport.DuckDb;

/// <summary>The embedded store: catalog and entity data in one DuckDB file in the data directory. Thread-safe.</summary>
/// <remarks>
/// One file, so that an import's rows and its last state commit in one transaction. Entity tables have no index: the import itself
/// keeps keys unique, with hash joins, which costs half of what an index does.
/// </remarks>
public sealed class DuckDbStore : IAsyncDisposable
{
    private const string FileName = "store.duckdb";
    private const string SpillDirectory = "spill";

    private const string LockName = "lock";

    private readonly Database _database;
    private readonly FileStream _lock;

    private DuckDbStore(Database database, FileStream held)
    {
        _lock = held;
        _database = database;
        Catalog = new DuckDbCatalog(_database);
        Data = new DuckDbEntityData(_database);
    }

    /// <summary>The catalog.</summary>
    public ICatalog Catalog { get; }

    /// <summary>The entities' records.</summary>
    public IEntityData Data { get; }

    /// <summary>Opens the store, and makes it where there is none.</summary>
    /// <exception cref="DataDirectoryInUseException">Another process, or another store in this one, holds the data directory open.</exception>
    public static DuckDbStore Open(EngineOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var directory = Path.GetFullPath(options.DataDirectory);
        DurableFolder.Create(directory);
        var held = Hold(directory);
        try
        {
            // What a crash left there is of no use to anybody.
            var spill = Path.Combine(directory, SpillDirectory);
            if (Directory.Exists(spill)) Directory.Delete(spill, recursive: true);
            var memory = new StoreMemory(options.StoreMemoryBytes, options.ThreadsPerImport);
            var database = new Database(() => Connect(directory, options, memory), memory);
            DurableFolder.Sync(directory);
            return new DuckDbStore(database, held);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _database.Dispose();
        return _lock.DisposeAsync();
    }

    private static DuckDBConnection Connect(string directory, EngineOptions options, StoreMemory memory)
    {
        var connection = new DuckDBConnection($"DataSource={Path.Combine(directory, FileName)}");
        try
        {
            connection.Open();
            connection.Execute(memory.Statement);
            connection.Execute($"SET temp_directory = {Sql.Text(Path.Combine(directory, SpillDirectory))}");
            connection.Execute(string.Create(CultureInfo.InvariantCulture, $"SET threads = {options.ThreadsPerImport}"));
            // Nothing here relies on the order of stored rows, and keeping it costs memory.
            connection.Execute("SET preserve_insertion_order = false");
            // Texts compare by their bytes and files are only opened by name from here: no extension is ever needed.
            connection.Execute("SET autoinstall_known_extensions = false");
            connection.Execute("SET autoload_known_extensions = false");
            // Whatever is stored is analysed for each way to compress it, which is most of the time of a load. These two find next to nothing that the
            // others do not, and take a third of it.
            connection.Execute("SET disabled_compression_methods = 'rle,dictionary'");
            RowFunction.Register(connection);
            connection.Execute(DuckDbCatalog.Schema);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Takes the data directory for this store alone: two would sweep each other's files, even in one process, which DuckDB allows.</summary>
    private static FileStream Hold(string directory)
    {
        try
        {
            return new FileStream(Path.Combine(directory, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException exception)
        {
            throw new DataDirectoryInUseException($"The data directory {directory} is in use by another process.", exception);
        }
    }
}

/// <summary>Another process holds the data directory open.</summary>
public sealed class DataDirectoryInUseException(string message, Exception inner) : Exception(message, inner);
