using System.Globalization;
using System.Runtime.CompilerServices;
using DuckDB.NET.Data;
using DuckDB.NET.Native;
using EntityImport.Changes;
using EntityImport.DuckDb.Connections;
using EntityImport.Entities;
using EntityImport.Storage;

namespace EntityImport.DuckDb.Merging;

/// <summary>Reads the table of a plan into batches: DuckDB's vectors as they come, no call for a value, and no more of them at once than one chunk.</summary>
internal static unsafe class ChangeReader
{
    /// <summary>Reads the records that change, and the keys of those that come and go.</summary>
    /// <param name="connection">A connection that sees the table.</param>
    /// <param name="order">What was loaded for the plan.</param>
    /// <param name="kinds">How many rows of each kind the table has.</param>
    /// <param name="batch">What is filled.</param>
    /// <param name="withKeys">Whether records that come and go are read.</param>
    /// <param name="take">Looks at the batch.</param>
    /// <param name="cancellationToken">Ends the reading between two chunks.</param>
    /// <exception cref="LedgerException">Not all of them were read: what is judged by them must not be judged by some.</exception>
    public static void Read(DuckDBConnection connection, LoadOrder order, Dictionary<int, long> kinds, ChangeBatch batch, bool withKeys, Action take, CancellationToken cancellationToken)
    {
        foreach (var kind in withKeys ? (ReadOnlySpan<ChangeKind>)[ChangeKind.Updated, ChangeKind.Removed, ChangeKind.Inserted] : [ChangeKind.Updated])
            if (kinds.GetValueOrDefault((int)kind) is > 0 and var expected && Read(connection, order, kind, batch, take, cancellationToken) is var read && read != expected)
                throw new LedgerException(string.Create(CultureInfo.InvariantCulture, $"What the plan keeps was not read whole, so nothing was written: of {expected} records of a kind {read} were read."));
    }

    /// <summary>Reads the records of a kind; answers how many they were.</summary>
    private static long Read(DuckDBConnection connection, LoadOrder order, ChangeKind kind, ChangeBatch batch, Action take, CancellationToken cancellationToken)
    {
        // Of a record that goes there is nothing but what it had.
        var keys = batch.Keys.Select(key => kind == ChangeKind.Removed ? PlanTable.Old(key.Field) : Sql.Column(key.Field));
        var columns = kind == ChangeKind.Updated ? batch.Columns : [];
        var values = columns.Select(column => column.Before.Field).SelectMany(field => new[] { PlanTable.Old(field), order.Fields.Any(f => f.Field == field) ? Sql.Column(field) : $"NULL::{Sql.Type(field)}" });
        // Something is to be read also where there is no key.
        var sql = $"SELECT {string.Join(", ", keys.Concat(values).Append(PlanTable.Kind))} FROM {PlanTable.Name(order.PlanId!.Value)} WHERE {PlanTable.Kind} = {(int)kind}";
        var state = NativeMethods.PreparedStatements.DuckDBPrepare(connection.NativeConnection, sql, out var statement);
        var read = 0L;
        using (statement)
        {
            if (state != DuckDBState.Success) throw new InvalidOperationException($"What the plan keeps cannot be read: {NativeMethods.PreparedStatements.DuckDBPrepareError(statement)}");
            state = NativeMethods.PreparedStatements.DuckDBExecutePreparedStreaming(statement, out var result);
            try
            {
                while (state == DuckDBState.Success)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    using var chunk = NativeMethods.StreamingResult.DuckDBStreamFetchChunk(result);
                    if (chunk.IsInvalid) break;
                    Fill(batch, kind, columns, chunk.DangerousGetHandle());
                    read += batch.Count;
                    if (batch.Count > 0) take();
                }

                if (NativeMethods.Query.DuckDBResultError(ref result) is { Length: > 0 } fault) throw new InvalidOperationException($"What the plan keeps cannot be read: {fault}");
            }
            finally
            {
                NativeMethods.Query.DuckDBDestroyResult(ref result);
            }
        }

        return read;
    }

    private static void Fill(ChangeBatch batch, ChangeKind kind, IReadOnlyList<ChangeColumn> columns, nint chunk)
    {
        batch.Begin(kind, (int)Native.GetChunkSize(chunk));
        var index = 0ul;
        foreach (var key in batch.Keys) Copy(key, Native.GetVector(chunk, index++), batch.Count);
        foreach (var column in columns)
        {
            Copy(column.Before, Native.GetVector(chunk, index++), batch.Count);
            Copy(column.After, Native.GetVector(chunk, index++), batch.Count);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Copy(ChangeValues values, nint vector, int count)
    {
        var data = Native.GetData(vector);
        // DuckDB has no bits where nothing is null.
        var validity = Native.GetValidity(vector);
        for (var i = 0; validity is not null && i < count; i++)
            if ((validity[i >> 6] & (1ul << i)) == 0) values.SetNull(i);
        switch (values.Kind)
        {
            case ChangeValueKind.Text:
                for (var i = 0; i < count; i++)
                    if (!values.IsNull(i)) values.SetText(i, DuckDbText.Read(((DuckDbText*)data)[i]));
                break;
            case ChangeValueKind.Binary: new ReadOnlySpan<double>(data, count).CopyTo(values.Binary); break;
            case ChangeValueKind.Scaled: CopyScaled(values.Scaled[..count], data, values.Field.Precision); break;
            default: CopyWhole(values.Whole[..count], data, values.Field.DataType); break;
        }
    }

    private static void CopyWhole(Span<long> values, void* data, DataType type)
    {
        switch (type)
        {
            case DataType.Boolean:
                for (var i = 0; i < values.Length; i++) values[i] = ((byte*)data)[i];
                break;
            case DataType.Date:
                for (var i = 0; i < values.Length; i++) values[i] = ((int*)data)[i];
                break;
            default: new ReadOnlySpan<long>(data, values.Length).CopyTo(values); break;
        }
    }

    /// <summary>DuckDB stores decimals in as many bytes as their precision asks for.</summary>
    private static void CopyScaled(Span<Int128> values, void* data, int precision)
    {
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = precision switch
            {
                <= 4 => ((short*)data)[i],
                <= 9 => ((int*)data)[i],
                <= 18 => ((long*)data)[i],
                _ => Unsafe.ReadUnaligned<Int128>((Int128*)data + i),
            };
        }
    }
}
