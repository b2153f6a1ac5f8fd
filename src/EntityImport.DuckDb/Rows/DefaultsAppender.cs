using DuckDB.NET.Data;
using DuckDB.NET.Native;
using EntityImport.DuckDb.Connections;
using EntityImport.Rows;
using DuckDBAppender = DuckDB.NET.Native.DuckDBAppender;

namespace EntityImport.DuckDb.Rows;

/// <summary>Appends the first values of column vectors to a table as one row.</summary>
internal sealed class DefaultsAppender : IDisposable
{
    private readonly DuckDBAppender _appender;
    private readonly DuckDBDataChunk _chunk;
    private readonly IReadOnlyList<ColumnVector> _columns;

    public DefaultsAppender(DuckDBConnection connection, string catalog, string table, IReadOnlyList<ColumnVector> columns)
    {
        _columns = columns;
        var state = NativeMethods.Appender.DuckDBAppenderCreateExt(connection.NativeConnection, catalog, "main", table, out _appender);
        if (state != DuckDBState.Success) throw Failure();
        var types = new List<nint> { Native.CreateType((int)DuckDBType.BigInt) };
        types.AddRange(columns.Select(column => RowFunction.CreateType(column.Field)));
        _chunk = NativeMethods.DataChunks.DuckDBCreateDataChunk([.. types], (ulong)types.Count);
        for (var i = 0; i < types.Count; i++)
        {
            var type = types[i];
            Native.DestroyType(ref type);
        }
    }

    public void Append()
    {
        new ChunkWriter().WriteDefaults(_columns, _chunk.DangerousGetHandle());
        if (NativeMethods.Appender.DuckDBAppendDataChunk(_appender, _chunk) != DuckDBState.Success
            || NativeMethods.Appender.DuckDBAppenderClose(_appender) != DuckDBState.Success) throw Failure();
    }

    public void Dispose()
    {
        _chunk.Dispose();
        _appender.Dispose();
    }

    private InvalidOperationException Failure()
    {
        using var error = NativeMethods.Appender.DuckDBAppenderErrorData(_appender);
        return new InvalidOperationException($"The defaults could not be stored: {NativeMethods.ErrorData.DuckDBErrorDataMessage(error)}");
    }
}
