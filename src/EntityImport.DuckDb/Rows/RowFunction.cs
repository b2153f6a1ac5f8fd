using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using DuckDB.NET.Data;
using DuckDB.NET.Native;
using EntityImport.DuckDb.Connections;
using EntityImport.Entities;
using EntityImport.Rows;

namespace EntityImport.DuckDb.Rows;

/// <summary>
/// The table function through which statements read an import's rows: DuckDB's own threads tokenize and convert, straight into the chunks that the statement
/// works on. It is registered once for a database, because DuckDB forgets no function; a number names the rows. Thread-safe.
/// </summary>
internal static unsafe class RowFunction
{
    private const string Name = "#rows";

    private static readonly ConcurrentDictionary<long, Feed> Feeds = new();
    private static long _lastNumber;

    /// <summary>Registers the function in the database of a connection.</summary>
    public static void Register(DuckDBConnection connection)
    {
        var function = Native.CreateTableFunction();
        var number = Native.CreateType((int)DuckDBType.BigInt);
        Native.SetName(function, Name);
        Native.AddParameter(function, number);
        Native.SetBind(function, &Bind);
        Native.SetInit(function, &Init);
        Native.SetLocalInit(function, &InitLocal);
        Native.SetFunction(function, &Read);
        var state = Native.RegisterTableFunction(connection.NativeConnection.DangerousGetHandle(), function);
        Native.DestroyType(ref number);
        Native.DestroyTableFunction(ref function);
        if (state != 0) throw new InvalidOperationException("DuckDB did not take the table function of rows.");
    }

    /// <summary>Makes rows readable; disposing the result ends that.</summary>
    public static Feed Open(IRowFeed rows)
    {
        var feed = new Feed(rows, Interlocked.Increment(ref _lastNumber));
        Feeds[feed.Number] = feed;
        return feed;
    }

    /// <summary>The rows with a number; null where there are none.</summary>
    public static Feed? Find(long number) => Feeds.GetValueOrDefault(number);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Bind(nint bind)
    {
        var value = Native.GetParameter(bind, 0);
        var number = Native.GetInt64(value);
        Native.DestroyValue(ref value);
        if (!Feeds.TryGetValue(number, out var feed))
        {
            Native.SetBindError(bind, "There are no such rows.");
            return;
        }

        AddColumn(bind, Sql.RowNumberName, Native.CreateType((int)DuckDBType.BigInt));
        foreach (var field in feed.Rows.Fields) AddColumn(bind, Connections.Sql.ColumnName(field), CreateType(field));
        Native.SetCardinality(bind, (ulong)feed.Rows.RecordCount, exact: false);
        Native.SetBindData(bind, GCHandle.ToIntPtr(GCHandle.Alloc(feed)), &Free);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Init(nint init) => Native.SetMaxThreads(init, (ulong)Target<Feed>(Native.GetInitBindData(init)).Rows.MaxReaders);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void InitLocal(nint init)
    {
        var feed = Target<Feed>(Native.GetInitBindData(init));
        try
        {
            Native.SetInitData(init, GCHandle.ToIntPtr(GCHandle.Alloc(new FeedReader(feed))), &DisposeReader);
        }
        catch (Exception exception)
        {
            // No exception may pass DuckDB's frames; it is thrown again where the statement fails.
            feed.Fail(exception);
            Native.SetInitError(init, exception.Message);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Read(nint function, nint chunk)
    {
        var reader = Target<FeedReader>(Native.GetLocalInitData(function));
        try
        {
            reader.Read(chunk);
        }
        catch (Exception exception)
        {
            reader.Feed.Fail(exception);
            Native.SetFunctionError(function, exception.Message);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Free(nint data) => GCHandle.FromIntPtr(data).Free();

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void DisposeReader(nint data)
    {
        var handle = GCHandle.FromIntPtr(data);
        ((FeedReader)handle.Target!).Dispose();
        handle.Free();
    }

    private static T Target<T>(nint data) => (T)GCHandle.FromIntPtr(data).Target!;

    private static void AddColumn(nint bind, string name, nint type)
    {
        Native.AddResultColumn(bind, name, type);
        Native.DestroyType(ref type);
    }

    /// <summary>A field's type; the caller destroys it.</summary>
    public static nint CreateType(FieldDefinition field) => field.DataType switch
    {
        DataType.String => Native.CreateType((int)DuckDBType.Varchar),
        DataType.Integer => Native.CreateType((int)DuckDBType.BigInt),
        DataType.Double => Native.CreateType((int)DuckDBType.Double),
        DataType.Boolean => Native.CreateType((int)DuckDBType.Boolean),
        DataType.Date => Native.CreateType((int)DuckDBType.Date),
        DataType.DateTime => Native.CreateType((int)DuckDBType.Timestamp),
        _ => Native.CreateDecimalType((byte)field.Precision, (byte)field.Scale),
    };

    /// <summary>Rows that statements can read.</summary>
    internal sealed class Feed(IRowFeed rows, long number) : IDisposable
    {
        private Exception? _failure;
        private long _received;
        private long _unchanged;

        public IRowFeed Rows => rows;

        /// <summary>Rows of this pass that were handed to DuckDB.</summary>
        public long Received => Interlocked.Read(ref _received);

        /// <summary>Rows of this pass that were compared with their record and found equal.</summary>
        public long Unchanged => Interlocked.Read(ref _unchanged);

        public long Number => number;

        /// <summary>What a statement reads the rows from.</summary>
        public string Sql => string.Create(CultureInfo.InvariantCulture, $"\"{Name}\"({number})");

        /// <summary>Notes that rows were handed to DuckDB.</summary>
        public void NoteReceived(long count) => Interlocked.Add(ref _received, count);

        /// <summary>Notes that rows were found equal to their records.</summary>
        public void NoteUnchanged(long count) => Interlocked.Add(ref _unchanged, count);

        /// <summary>Begins another pass over the rows.</summary>
        public void Repeat()
        {
            rows.Repeat();
            _received = _unchanged = 0;
        }

        /// <summary>Notes why reading failed; the first time counts.</summary>
        public void Fail(Exception exception) => Interlocked.CompareExchange(ref _failure, exception, null);

        /// <inheritdoc cref="Run{T}"/>
        public void Run(Action statement) => Run(() =>
        {
            statement();
            return true;
        });

        /// <summary>Runs a statement that reads the rows; what made reading fail is thrown as it was.</summary>
        public T Run<T>(Func<T> statement)
        {
            try
            {
                return statement();
            }
            catch when (_failure is not null)
            {
                ExceptionDispatchInfo.Throw(_failure);
                throw;
            }
        }

        public void Dispose() => Feeds.TryRemove(number, out _);
    }

    private sealed class FeedReader(Feed feed) : IDisposable
    {
        private readonly IRowReader _rows = feed.Rows.CreateReader();
        private readonly ChunkWriter _writer = new();

        public Feed Feed => feed;

        public void Read(nint chunk)
        {
            if (_rows.Read()) feed.NoteReceived(_writer.Write(_rows, chunk));
            else Native.SetChunkSize(chunk, 0);
        }

        public void Dispose() => _rows.Dispose();
    }
}
