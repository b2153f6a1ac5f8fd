using Npgsql;

namespace EntityImport.Bench.Load;

/// <summary>How long statements that read wait for the lock of a table: what others make them wait for, and no machine does.</summary>
internal static class LockWaits
{
    private const string Query =
        """
        SELECT coalesce(max(extract(epoch FROM clock_timestamp() - waitstart)), 0)::float8 * 1000 FROM pg_locks
        WHERE NOT granted AND mode = 'AccessShareLock' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        """;

    /// <summary>How often is looked. A wait that is shorter may be missed.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(5);

    /// <summary>Looks who waits, until it is stopped; answers the longest wait that was seen, in milliseconds.</summary>
    /// <param name="source">The database.</param>
    /// <param name="stop">Ends it.</param>
    public static double FindLongest(NpgsqlDataSource source, CancellationToken stop)
    {
        var longest = 0.0;
        using var connection = source.OpenConnection();
        using var command = new NpgsqlCommand(Query, connection);
        command.Prepare();
        while (!stop.WaitHandle.WaitOne(Interval)) longest = Math.Max(longest, (double)command.ExecuteScalar()!);
        return longest;
    }
}
