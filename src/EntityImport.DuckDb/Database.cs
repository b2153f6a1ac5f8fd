using DuckDB.NET.Data;

namespace EntityImport.DuckDb;

/// <summary>The open database; hands out connections to it. Thread-safe.</summary>
internal sealed class Database(DuckDBConnection root) : IDisposable
{
    /// <summary>Held by the one that writes to the catalog.</summary>
    public SemaphoreSlim Writer { get; } = new(1, 1);

    /// <summary>Opens a connection, which the caller disposes.</summary>
    public DuckDBConnection Connect()
    {
        // Connections of one process to one file share the database that the first one opened.
        var connection = new DuckDBConnection(root.ConnectionString);
        connection.Open();
        return connection;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Writer.Dispose();
        root.Dispose();
    }
}

/// <summary>Short forms for statements.</summary>
internal static class DuckDbCommands
{
    /// <summary>Runs a statement; answers the number of rows that it changed. Cancelling interrupts it.</summary>
    public static long Execute(
        this DuckDBConnection connection, string sql, IEnumerable<object?>? parameters = null, CancellationToken cancellationToken = default)
    {
        using var command = connection.Command(sql, parameters);
        using var cancel = cancellationToken.Register(static state => ((DuckDBCommand)state!).Cancel(), command);
        try
        {
            return command.ExecuteNonQuery();
        }
        catch (DuckDBException exception) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException("The statement was interrupted.", exception, cancellationToken);
        }
    }

    /// <summary>Runs a query and maps its rows.</summary>
    public static IReadOnlyList<T> Query<T>(
        this DuckDBConnection connection, string sql, IEnumerable<object?>? parameters, Func<DuckDBDataReader, T> map,
        CancellationToken cancellationToken = default)
    {
        using var command = connection.Command(sql, parameters);
        using var cancel = cancellationToken.Register(static state => ((DuckDBCommand)state!).Cancel(), command);
        try
        {
            using var reader = command.ExecuteReader();
            var rows = new List<T>();
            while (reader.Read()) rows.Add(map(reader));
            return rows;
        }
        catch (DuckDBException exception) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException("The query was interrupted.", exception, cancellationToken);
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
