using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using DuckDB.NET.Data;
using DuckDB.NET.Native;
using EntityImport.DuckDb.Connections;
using EntityImport.DuckDb.Rows;

namespace EntityImport.DuckDb.Merging;

/// <summary>
/// The condition by which a statement keeps the rows that are new or change their record, and counts the others on the way: what it does not keep would else be known as the difference of other figures alone, and a row
/// that was lost would look like one that changes nothing. Thread-safe.
/// </summary>
internal static unsafe class ChangeFunction
{
    private const string Name = "#is_change";

    /// <summary>The condition.</summary>
    /// <param name="feed">The rows, which it is counted for.</param>
    /// <param name="isNew">The condition that there is no record; never null.</param>
    /// <param name="isChanged">The condition that the record is another one; never null.</param>
    public static string Sql(RowFunction.Feed feed, string isNew, string isChanged) => string.Create(CultureInfo.InvariantCulture, $"\"{Name}\"({feed.Number}::BIGINT, {isNew}, {isChanged})");

    /// <summary>Registers the function in the database of a connection.</summary>
    public static void Register(DuckDBConnection connection)
    {
        var function = Native.CreateScalarFunction();
        var number = Native.CreateType((int)DuckDBType.BigInt);
        var truth = Native.CreateType((int)DuckDBType.Boolean);
        Native.SetScalarName(function, Name);
        Native.AddScalarParameter(function, number);
        Native.AddScalarParameter(function, truth);
        Native.AddScalarParameter(function, truth);
        Native.SetScalarReturnType(function, truth);
        // Each row is to be looked at once, equal or not.
        Native.SetScalarVolatile(function);
        Native.SetScalarFunction(function, &Select);
        var state = Native.RegisterScalarFunction(connection.NativeConnection.DangerousGetHandle(), function);
        Native.DestroyType(ref number);
        Native.DestroyType(ref truth);
        Native.DestroyScalarFunction(ref function);
        if (state != 0) throw new InvalidOperationException("DuckDB did not take the function that counts changes.");
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Select(nint function, nint chunk, nint output)
    {
        var count = (int)Native.GetChunkSize(chunk);
        if (count == 0) return;
        if (RowFunction.Find(*(long*)Native.GetData(Native.GetVector(chunk, 0))) is { } feed) feed.NoteUnchanged(Select(Truths(chunk, 1, count), Truths(chunk, 2, count), new Span<byte>(Native.GetData(output), count)));
        else Native.SetScalarError(function, "There are no such rows.");
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Select(ReadOnlySpan<byte> isNew, ReadOnlySpan<byte> isChanged, Span<byte> isKept)
    {
        var kept = 0;
        for (var i = 0; i < isKept.Length; i++)
        {
            isKept[i] = (byte)(isNew[i] | isChanged[i]);
            kept += isKept[i];
        }

        return isKept.Length - kept;
    }

    private static ReadOnlySpan<byte> Truths(nint chunk, ulong column, int count) => new(Native.GetData(Native.GetVector(chunk, column)), count);
}
