using System.Net;
using EntityImport.Catalog;
using EntityImport.ObjectStore.Tests;
using EntityImport.Options;
using EntityImport.Postgres;
using EntityImport.Storage.Tests.Durability;
using Npgsql;
using Xunit;

namespace EntityImport.Storage.Tests;

/// <summary>One process works on a database, whoever else is told to; and a store that is not to be used is left as it is.</summary>
public sealed class DatabaseTests : IAsyncDisposable
{
    private readonly DirectoryInfo _first = Directory.CreateTempSubdirectory("eis-test-");
    private readonly DirectoryInfo _second = Directory.CreateTempSubdirectory("eis-test-");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_second_process_on_the_database_of_a_first_one_that_lives_is_refused()
    {
        var database = await TestDatabases.TakeAsync(_first.FullName);
        await using var first = await OpenAsync(database, _first);

        var refused = await Assert.ThrowsAsync<DataDirectoryInUseException>(() => OpenAsync(database, _second));

        Assert.StartsWith("Another process works on the database.", refused.Message, StringComparison.Ordinal);
        Assert.False(first.IsLost);
        Assert.Empty(await first.Catalog.ListEntitiesAsync(Token));
    }

    [Fact]
    public async Task A_process_that_ended_cleanly_is_not_waited_for()
    {
        var database = await TestDatabases.TakeAsync(_first.FullName);
        await (await OpenAsync(database, _first)).DisposeAsync();

        await using var second = await OpenAsync(database, _second);

        Assert.Empty(await second.Catalog.ListEntitiesAsync(Token));
    }

    /// <summary>Of a server whose machine is gone nothing else tells a statement that waits for it. The kernel says for which connections it will ask: proc(5), <c>/proc/net/tcp</c>, timer 2.</summary>
    [Theory]
    [InlineData("", "02")]
    [InlineData("TCP Keepalive Interval=30", "02")]
    [InlineData("TCP Keepalive Time=0", "00")]
    public async Task Connections_ask_whether_the_server_is_there_unless_told_otherwise(string stated, string timer)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "What the kernel does is read from /proc.");
        var server = new NpgsqlConnectionStringBuilder(await TestDatabases.TakeAsync(_first.FullName));
        await using var line = new Line(new IPEndPoint(IPAddress.Parse(server.Host!), server.Port));
        server.Port = line.Port;
        await using var store = await OpenAsync($"{server};{stated}", _first);
        await store.Catalog.ListEntitiesAsync(Token);

        // As the kernel tells it: of whom a connection is, of whom to, its state, and which timer it has.
        IReadOnlyList<string> timers = [];
        await Eventually.TrueAsync(
            async () =>
            {
                var connections = (await File.ReadAllLinesAsync("/proc/net/tcp", Token)).Select(connection => connection.Split(' ', StringSplitOptions.RemoveEmptyEntries));
                timers = [.. connections.Where(connection => connection[2] == $"0100007F:{line.Port:X4}" && connection[3] == "01").Select(connection => connection[5][..2])];
                return timers.Contains(timer);
            },
            "No connection has this timer.");
        if (timer != "02") Assert.DoesNotContain("02", timers);
    }

    /// <summary>One has no timers to set.</summary>
    [Fact]
    public async Task A_store_is_reached_over_a_Unix_socket()
    {
        var database = await TestDatabases.TakeAsync(_first.FullName);
        // The tests' server has it beside its data.
        var named = new NpgsqlConnectionStringBuilder(database) { Host = (string)(await TestDatabases.ReadAsync(database, "SELECT current_setting('data_directory')"))! };
        Assert.SkipUnless(File.Exists(Path.Combine(named.Host, $".s.PGSQL.{named.Port}")), "What the tests reach is a pooler, which listens on no Unix socket.");

        await using var store = await OpenAsync(named.ConnectionString, _first);

        Assert.Empty(await store.Catalog.ListEntitiesAsync(Token));
    }

    /// <summary>A process that was held up for longer than its lease does not know of another one when it goes on.</summary>
    [Fact]
    public async Task A_process_whose_place_another_one_has_taken_writes_nothing()
    {
        var database = await TestDatabases.TakeAsync(_first.FullName);
        await using var held = await OpenAsync(database, _first);
        await TestDatabases.ExecuteAsync(database, "UPDATE eis.lease SET expires_at = '-infinity' WHERE name = 'service'");
        await using var successor = await OpenAsync(database, _second);

        var fenced = await Assert.ThrowsAsync<StoreUnavailableException>(() => held.Catalog.CommitAsync(new CatalogCommit { DeletedPlan = Guid.NewGuid(), Receipt = Receipt("held") }, Token));

        Assert.Contains("Another process works on the database by now", fenced.Message, StringComparison.Ordinal);
        Assert.True(held.IsLost);
        Assert.Null(await successor.Catalog.FindReceiptAsync(null, "held", Token));
        await successor.Catalog.CommitAsync(new CatalogCommit { Receipt = Receipt("successor") }, Token);
        Assert.NotNull(await successor.Catalog.FindReceiptAsync(null, "successor", Token));
    }

    [Fact]
    public async Task A_store_of_a_newer_program_is_refused_and_left_as_it_is()
    {
        var database = await TestDatabases.TakeAsync(_first.FullName);
        await (await OpenAsync(database, _first)).DisposeAsync();
        await TestDatabases.ExecuteAsync(database, "UPDATE eis.store SET version = 1000, lowest = 999");

        var refused = await Assert.ThrowsAsync<StoreNotOpenedException>(() => OpenAsync(database, _first));

        Assert.Contains("version 1000", refused.Message, StringComparison.Ordinal);
        Assert.Equal(1000, await TestDatabases.ReadAsync(database, "SELECT version FROM eis.store"));
    }

    [Fact]
    public async Task A_store_whose_newer_steps_this_program_can_work_with_is_opened_and_keeps_its_version()
    {
        var database = await TestDatabases.TakeAsync(_first.FullName);
        await (await OpenAsync(database, _first)).DisposeAsync();
        await TestDatabases.ExecuteAsync(database, "UPDATE eis.store SET version = 1000");

        await using (var store = await OpenAsync(database, _first))
        {
            await store.Catalog.CommitAsync(new CatalogCommit { Receipt = Receipt("older") }, Token);
            Assert.NotNull(await store.Catalog.FindReceiptAsync(null, "older", Token));
        }

        Assert.Equal(1000, await TestDatabases.ReadAsync(database, "SELECT version FROM eis.store"));
    }

    [Fact]
    public async Task Of_several_hosts_it_is_the_one_that_answers_and_can_be_written_to()
    {
        var settings = new NpgsqlConnectionStringBuilder(await TestDatabases.TakeAsync(_first.FullName));
        settings.Host = $"127.0.0.1:1,{settings.Host}:{settings.Port}";
        settings.TargetSessionAttributes = "primary";
        await using var first = await OpenAsync(settings.ConnectionString, _first);

        await first.Catalog.CommitAsync(new CatalogCommit { Receipt = Receipt("several") }, Token);

        Assert.NotNull(await first.Catalog.FindReceiptAsync(null, "several", Token));
        Assert.True(first.Bytes > 0);
    }

    [Fact]
    public async Task A_database_that_cannot_be_reached_is_told_without_its_password()
    {
        var refused = await Assert.ThrowsAsync<StoreNotOpenedException>(() => OpenAsync("Host=127.0.0.1;Port=1;Username=eis;Password=s3cret", _first));

        Assert.DoesNotContain("s3cret", refused.ToString(), StringComparison.Ordinal);
        Assert.Contains("database cannot be", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_process_has_left_of_its_runs_is_dropped_when_the_store_is_opened_next()
    {
        var database = await TestDatabases.TakeAsync(_first.FullName);
        await (await OpenAsync(database, _first)).DisposeAsync();
        await TestDatabases.ExecuteAsync(database, "CREATE UNLOGGED TABLE eis_stage.s1 (n integer); CREATE TABLE eis_data.t1_7 (n integer); CREATE TABLE eis_data.p01 (n integer)");

        await (await OpenAsync(database, _first)).DisposeAsync();

        Assert.Equal(0L, await TestDatabases.ReadAsync(database, "SELECT count(*) FROM pg_tables WHERE schemaname IN ('eis_stage', 'eis_data')"));
    }

    [Fact]
    public async Task A_process_is_known_by_the_end_of_its_sessions_name_however_long_and_whatever_its_operator_calls_it()
    {
        var database = await TestDatabases.TakeAsync(_first.FullName);
        var named = new Npgsql.NpgsqlConnectionStringBuilder(database) { ApplicationName = string.Concat(Enumerable.Repeat("Übernahme ", 20)) }.ConnectionString;

        await using var store = await OpenAsync(named, _first);

        var node = Guid.Parse(await File.ReadAllTextAsync(Path.Combine(_first.FullName, "node"), Token));
        Assert.Equal(1L, await TestDatabases.ReadAsync(database, $"SELECT least(1, count(*)) FROM pg_stat_activity WHERE right(application_name, 32) = '{node:N}'"));
    }

    public async ValueTask DisposeAsync()
    {
        await TestDatabases.ForgetAsync(_first.FullName);
        _first.Delete(recursive: true);
        _second.Delete(recursive: true);
    }

    private static RequestReceipt Receipt(string key) => new() { Key = key, Fingerprint = "f", Subject = Guid.NewGuid(), DoneAt = DateTimeOffset.UtcNow };

    private static Task<PostgresStore> OpenAsync(string database, DirectoryInfo directory) => PostgresStore.OpenAsync(database, new EngineOptions { DataDirectory = directory.FullName }, Token);
}
