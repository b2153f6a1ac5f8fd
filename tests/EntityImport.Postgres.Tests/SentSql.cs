using System.Collections.Concurrent;
using System.Diagnostics;
using Xunit;

[assembly: AssemblyFixture(typeof(EntityImport.Storage.Tests.SentSql))]

namespace EntityImport.Storage.Tests;

/// <summary>Looks at each statement that a store sends in any of the tests here, and fails them in the end where one breaks the rules by which one text runs on all servers, and on Citus.</summary>
public sealed class SentSql : IDisposable
{
    private static readonly ConcurrentDictionary<string, string> Broken = new();
    private static long _count;

    private readonly ActivityListener _listener = new()
    {
        ShouldListenTo = source => source.Name == "Npgsql",
        Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
        ActivityStopped = Look,
    };

    public SentSql() => ActivitySource.AddActivityListener(_listener);

    public void Dispose()
    {
        _listener.Dispose();
        if (!Broken.IsEmpty) throw new InvalidOperationException($"Statements that were sent break the rules of docs/postgres.md:\n{string.Join('\n', Broken.Select(broken => $"{broken.Value}: {broken.Key}"))}");
    }

    /// <summary>How many statements of stores were looked at.</summary>
    public static long Count => Interlocked.Read(ref _count);

    private static void Look(Activity activity)
    {
        // Tests have sessions of their own, which bear another name.
        if (activity.GetTagItem("db.query.text") is not string sql || activity.GetTagItem("db.npgsql.data_source") is not string source || !source.Contains("Application Name=\"eis ", StringComparison.OrdinalIgnoreCase)) return;
        Interlocked.Increment(ref _count);
        if (SqlRules.Check(sql) is { } broken) Broken.TryAdd(sql, broken);
    }
}
