using System.Runtime.ExceptionServices;
using EntityImport.Postgres.Connections;
using EntityImport.Rows;
using EntityImport.Storage;
using Npgsql;

namespace EntityImport.Postgres.Rows;

/// <summary>Brings an import's rows into a table that nobody else knows, by binary COPY over several connections at once: each reads and converts its share of the file, and sends it.</summary>
internal static class RowCopy
{
    /// <summary>Rows that are too large, of which no more are held in memory.</summary>
    private const int NotedAtATime = 10_000;

    /// <summary>Brings all rows in; answers how many were sent.</summary>
    /// <param name="database">The database.</param>
    /// <param name="target">The table, and in brackets the columns: of the record number, if it is wanted, and of the feed's fields in their order.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="withNumbers">Whether record numbers are wanted.</param>
    /// <param name="noteTooLarge">Notes the rows that are too large for PostgreSQL and were not sent; null where there can be none. Called by one thread at a time of each connection.</param>
    /// <param name="connections">The most connections.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public static async Task<long> RunAsync(Database database, string target, IRowFeed rows, bool withNumbers, Action<IReadOnlyList<KeyConflict>>? noteTooLarge, int connections, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var shares = Enumerable.Range(0, Math.Clamp(rows.MaxReaders, 1, connections))
            .Select(_ => Task.Factory.StartNew(() => CopyShareAsync(database, target, rows, withNumbers, noteTooLarge, ending), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap()).ToArray();
        try
        {
            return (await Task.WhenAll(shares).ConfigureAwait(false)).Sum();
        }
        catch
        {
            // What failed first is the cause; the others were ended because of it.
            var cause = shares.Select(share => share.Exception?.InnerException).FirstOrDefault(exception => exception is not null and not OperationCanceledException);
            if (cause is not null) ExceptionDispatchInfo.Throw(cause);
            throw;
        }
    }

    /// <summary>Brings in one row of vectors' first values.</summary>
    public static async Task CopyDefaultsAsync(Database database, string target, IReadOnlyList<ColumnVector> columns, CancellationToken cancellationToken)
    {
        var session = await database.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using (session.ConfigureAwait(false)) Copy(session, target, buffer => buffer.WriteDefaults(columns));
    }

    private static async Task<long> CopyShareAsync(Database database, string target, IRowFeed rows, bool withNumbers, Action<IReadOnlyList<KeyConflict>>? noteTooLarge, CancellationTokenSource ending)
    {
        try
        {
            using var reader = rows.CreateReader();
            // A small file has less to read than there are readers.
            if (!reader.Read()) return 0;
            var session = await database.OpenAsync(ending.Token).ConfigureAwait(false);
            await using (session.ConfigureAwait(false))
            {
                await session.BeginAsync(isSnapshot: false, ending.Token).ConfigureAwait(false);
                // The commit of the import is the one that must be durable, and what was written before it is then.
                await session.ExecuteAsync("SET LOCAL synchronous_commit = off", ending.Token).ConfigureAwait(false);
                var sent = 0L;
                var sizes = noteTooLarge is null ? null : new RowSizes(reader.Columns);
                Copy(session, target, buffer =>
                {
                    do
                    {
                        ending.Token.ThrowIfCancellationRequested();
                        sent += buffer.Write(reader, withNumbers, sizes);
                        if (sizes?.Found.Count >= NotedAtATime) Note();
                    }
                    while (reader.Read());
                });
                if (sizes?.Found.Count > 0) Note();
                await session.CommitAsync().ConfigureAwait(false);
                return sent;

                void Note()
                {
                    noteTooLarge!(sizes!.Found);
                    sizes.Found.Clear();
                }
            }
        }
        catch
        {
            await ending.CancelAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static void Copy(Session session, string target, Action<CopyBuffer> write)
    {
        var stream = session.BeginCopy($"COPY {target} FROM STDIN (FORMAT BINARY)");
        var isComplete = false;
        try
        {
            using var buffer = new CopyBuffer(bytes => stream.Write(bytes.Span));
            buffer.Begin();
            write(buffer);
            buffer.End();
            isComplete = true;
        }
        catch (NpgsqlException exception)
        {
            throw Session.Translate(exception);
        }
        finally
        {
            End(stream, isComplete);
        }
    }

    /// <summary>Disposing says that all was sent: what was not must be cancelled.</summary>
    private static void End(NpgsqlRawCopyStream stream, bool isComplete)
    {
        try
        {
            if (!isComplete) stream.Cancel();
            stream.Dispose();
        }
        catch (NpgsqlException exception) when (isComplete)
        {
            throw Session.Translate(exception);
        }
        catch (Exception exception) when (!isComplete && exception is NpgsqlException or ObjectDisposedException or InvalidOperationException)
        {
            // What made it fail is thrown already.
        }
    }
}
