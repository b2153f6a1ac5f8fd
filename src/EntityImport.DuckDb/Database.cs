using DuckDB.NET.Data;
using DuckDB.NET.Native;
using EntityImport.Imports;
using EntityImport.Storage;

namespace EntityImport.DuckDb;

/// <summary>
/// The open database; hands out connections to it. Where DuckDB invalidates it after a fatal error, such as a checkpoint on a full disk, it is opened again as soon as
/// nobody holds a connection to it. Thread-safe.
/// </summary>
/// <param name="open">Opens the database's first connection.</param>
/// <param name="memory">How much memory it may use.</param>
internal sealed class Database(Func<DuckDBConnection> open, StoreMemory memory) : IDisposable
{
    private readonly Lock _state = new();
    private DuckDBConnection? _root = open();
    private int _connections;
    private bool _isInvalid;

    /// <summary>Held by the one that writes to the catalog.</summary>
    public SemaphoreSlim Writer { get; } = new(1, 1);

    /// <summary>Raises the memory limit to what a load of rows needs, or, without them, to all that was configured; disposing the result ends that.</summary>
    public IDisposable ReserveMemory(RowSource? rows = null) => memory.Reserve(this, rows is null ? long.MaxValue : memory.LoadBytes(rows));

    /// <summary>Opens a connection, which the caller disposes.</summary>
    /// <exception cref="StoreUnavailableException">The database cannot be opened at the moment.</exception>
    public DuckDBConnection Connect()
    {
        lock (_state)
        {
            if (_isInvalid) Reopen();
            // Connections of one process to one file share the database that the first one opened.
            var connection = new CountedConnection(this, _root!.ConnectionString);
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
            _connections++;
            return connection;
        }
    }

    /// <summary>What a failure of DuckDB means to the caller; notes where the database has to be opened again.</summary>
    public Exception Translate(DuckDBException exception)
    {
        if (IsInvalidated(exception))
        {
            lock (_state) _isInvalid = true;
            return new StoreUnavailableException("The store has to be opened again after a fatal error.", IsDiskFull(exception), exception) { MustReopen = true };
        }

        if (IsDiskFull(exception)) return new StoreUnavailableException("The store's disk is full.", isDiskFull: true, exception);
        return exception.ErrorType == DuckDBErrorType.OutOfMemory
            ? new StoreUnavailableException("The store's memory is full.", isDiskFull: false, exception)
            : exception;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Writer.Dispose();
        _root?.Dispose();
    }

    private static bool IsInvalidated(DuckDBException exception) => exception.ErrorType is DuckDBErrorType.Fatal or DuckDBErrorType.Internal;

    /// <summary>DuckDB has no error type for it; the words are those of the C library.</summary>
    private static bool IsDiskFull(DuckDBException exception) =>
        exception.Message.Contains("No space left on device", StringComparison.Ordinal) || exception.Message.Contains("Disk quota exceeded", StringComparison.Ordinal)
        || exception.Message.Contains("There is not enough space on the disk", StringComparison.Ordinal);

    private void Reopen()
    {
        // The file must not be open twice, and it is as long as one connection to the old database is.
        if (_connections > 0) throw new StoreUnavailableException("The store has to be opened again after a fatal error; work on it is still ending.", isDiskFull: false);
        _root?.Dispose();
        _root = null;
        try
        {
            _root = open();
            _isInvalid = false;
        }
        catch (DuckDBException exception)
        {
            throw new StoreUnavailableException("The store cannot be opened again.", IsDiskFull(exception), exception);
        }
    }

    private void Leave()
    {
        lock (_state) _connections--;
    }

    /// <summary>A connection that says when it is closed.</summary>
    private sealed class CountedConnection(Database database, string connectionString) : DuckDBConnection(connectionString), ITranslatesFaults
    {
        /// <summary>Whether it counts as open.</summary>
        public bool IsCounted { get; set; }

        public Exception Translate(DuckDBException exception) => database.Translate(exception);

        protected override void Dispose(bool disposing)
        {
            base.Dispose(disposing);
            if (!disposing || !IsCounted) return;
            IsCounted = false;
            database.Leave();
        }
    }
}

/// <summary>A connection that knows what DuckDB's failures mean to its database.</summary>
internal interface ITranslatesFaults
{
    /// <inheritdoc cref="Database.Translate"/>
    Exception Translate(DuckDBException exception);
}

/// <summary>Short forms for statements.</summary>
internal static class DuckDbCommands
{
    /// <summary>Runs a statement; answers the number of rows that it changed. Cancelling interrupts it.</summary>
    public static long Execute(
        this DuckDBConnection connection, string sql, IEnumerable<object?>? parameters = null, CancellationToken cancellationToken = default)
    {
        using var command = connection.Command(sql, parameters);
        return connection.Run(command, command.ExecuteNonQuery, cancellationToken);
    }

    /// <summary>Runs a query and maps its rows.</summary>
    public static IReadOnlyList<T> Query<T>(
        this DuckDBConnection connection, string sql, IEnumerable<object?>? parameters, Func<DuckDBDataReader, T> map,
        CancellationToken cancellationToken = default)
    {
        using var command = connection.Command(sql, parameters);
        return connection.Run(
            command,
            () =>
            {
                using var reader = command.ExecuteReader();
                var rows = new List<T>();
                while (reader.Read()) rows.Add(map(reader));
                return rows;
            },
            cancellationToken);
    }

    /// <summary>Runs a command's work so that cancelling interrupts it, and faults are those of the ports.</summary>
    public static T Run<T>(this DuckDBConnection connection, DuckDBCommand command, Func<T> work, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var interruption = new Interruption(command, cancellationToken);
        try
        {
            return work();
        }
        catch (Exception exception) when (exception is DuckDBException or OperationCanceledException && cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException("The statement was interrupted.", exception, cancellationToken);
        }
        catch (DuckDBException exception) when (connection is ITranslatesFaults translator)
        {
            var translated = translator.Translate(exception);
            if (translated == exception) throw;
            throw translated;
        }
    }

    /// <summary>Makes a command whose parameters are <c>$1</c>, <c>$2</c>, ….</summary>
    public static DuckDBCommand Command(this DuckDBConnection connection, string sql, IEnumerable<object?>? parameters = null)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var parameter in parameters ?? []) command.Parameters.Add(new DuckDBParameter(parameter ?? DBNull.Value));
        return command;
    }
}
