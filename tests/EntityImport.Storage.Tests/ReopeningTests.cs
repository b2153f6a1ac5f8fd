using DuckDB.NET.Data;
using EntityImport.DuckDb;
using EntityImport.DuckDb.Catalog;
using EntityImport.DuckDb.Connections;
using EntityImport.Options;
using Xunit;

namespace EntityImport.Storage.Tests;

/// <summary>A database that DuckDB gave up is opened again; one that cannot be is told as lost, and one of a newer program is left alone.</summary>
public sealed class ReopeningTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("eis-test-");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Path => System.IO.Path.Combine(_directory.FullName, "store.duckdb");

    [Fact]
    public void A_database_that_became_invalid_is_opened_again_by_who_needs_it_next()
    {
        using var database = new Database(Open, new StoreMemory(1L << 30, threads: 2));
        Invalidate(database);

        using var connection = database.Connect();

        Assert.Equal(1, connection.Query("SELECT count(*) FROM kept", null, row => row.GetInt64(0), Token)[0]);
        Assert.False(database.IsLost);
    }

    [Fact]
    public void A_database_that_could_not_be_opened_three_times_is_lost()
    {
        var opens = true;
        using var database = new Database(() => opens ? Open() : throw new StoreNotOpenedException("It cannot be opened."), new StoreMemory(1L << 30, threads: 2));
        Invalidate(database);
        opens = false;

        for (var i = 0; i < 3; i++)
        {
            Assert.False(database.IsLost);
            Assert.Throws<StoreUnavailableException>(() => database.Connect());
        }

        Assert.True(database.IsLost);
    }

    [Fact]
    public async Task A_store_of_a_newer_program_is_refused_and_left_as_it_is()
    {
        var options = new EngineOptions { DataDirectory = _directory.FullName };
        await DuckDbStore.Open(options).DisposeAsync();
        using (var connection = Open())
        {
            Assert.Equal(Migrations.Newest, connection.Query("SELECT version FROM eis.store", null, row => row.GetInt32(0), Token)[0]);
            connection.Execute("UPDATE eis.store SET version = 1000", cancellationToken: Token);
        }

        var refused = Assert.Throws<StoreNotOpenedException>(() => DuckDbStore.Open(options));

        Assert.Contains("version 1000", refused.Message, StringComparison.Ordinal);
        using var again = Open();
        Assert.Equal(1000, again.Query("SELECT version FROM eis.store", null, row => row.GetInt32(0), Token)[0]);
    }

    [Fact]
    public async Task What_was_moved_out_of_memory_before_a_crash_is_deleted()
    {
        var spilled = Directory.CreateDirectory(System.IO.Path.Combine(_directory.FullName, "spill"));
        await File.WriteAllTextAsync(System.IO.Path.Combine(spilled.FullName, "duckdb_temp_block-1.block"), "x", Token);

        await using var store = DuckDbStore.Open(new EngineOptions { DataDirectory = _directory.FullName });

        Assert.False(File.Exists(System.IO.Path.Combine(spilled.FullName, "duckdb_temp_block-1.block")));
    }

    [Fact]
    public async Task What_the_database_says_of_a_fault_is_told_without_the_values_that_it_quotes()
    {
        await using var store = DuckDbStore.Open(new EngineOptions { DataDirectory = _directory.FullName });
        using var database = new Database(() => OpenAt(System.IO.Path.Combine(_directory.FullName, "other.duckdb")), new StoreMemory(1L << 30, threads: 2));
        using var connection = database.Connect();

        var fault = Assert.Throws<DuckDbFault>(() => connection.Execute("SELECT CAST('Ann Secret' AS BIGINT)", cancellationToken: Token));

        Assert.DoesNotContain("Ann", fault.ToString(), StringComparison.Ordinal);
        Assert.Contains("Could not convert", fault.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private static void Invalidate(Database database)
    {
        using var connection = database.Connect();
        connection.Execute("CREATE OR REPLACE TABLE kept AS SELECT 1 AS n", cancellationToken: Token);
        connection.Execute("SET debug_checkpoint_abort = 'before_header'", cancellationToken: Token);
        Assert.Throws<StoreUnavailableException>(() => connection.Execute("CHECKPOINT", cancellationToken: Token));
    }

    private static DuckDBConnection OpenAt(string path)
    {
        var connection = new DuckDBConnection($"DataSource={path}");
        connection.Open();
        return connection;
    }

    private DuckDBConnection Open() => OpenAt(Path);
}
