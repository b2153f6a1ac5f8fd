using DuckDB.NET.Data;
using EntityImport.SqlStores;

namespace EntityImport.DuckDb.Connections;

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

    /// <summary>The documents of a query's first column.</summary>
    public static IReadOnlyList<T> ReadDocuments<T>(this DuckDBConnection connection, string sql, params object?[] parameters) =>
        connection.Query(sql, parameters, row => CatalogJson.Parse<T>(row.GetString(0)));

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
            throw translator.Translate(exception);
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
