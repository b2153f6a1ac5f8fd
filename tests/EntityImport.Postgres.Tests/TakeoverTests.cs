using System.Text;
using EntityImport.Access;
using EntityImport.Catalog;
using EntityImport.Options;
using EntityImport.Postgres;
using EntityImport.Storage.Tests.Durability;
using EntityImport.Testing;
using Npgsql;
using Xunit;

namespace EntityImport.Storage.Tests;

/// <summary>A process that was held up, or a server that was, costs nobody else anything: what it kept is free, what it left is dropped, and what it does later is refused.</summary>
public sealed class TakeoverTests : IAsyncDisposable
{
    private const string Fields = """[{"systemName": "id", "dataType": "INTEGER", "primaryKey": true}, {"systemName": "price", "dataType": "INTEGER"}]""";
    private const string Left = "SELECT count(*) FROM pg_tables WHERE schemaname = 'eis_stage' OR schemaname = 'eis_data' AND tablename NOT IN (SELECT table_name FROM eis.entity) AND tablename NOT LIKE 'b%'";
    private const string Rows = "id,price\n1,10\n2,20\n";

    /// <summary>Set in what a test does that is to be held up.</summary>
    private static readonly AsyncLocal<ManualResetEventSlim?> HeldUp = new();

    private readonly DirectoryInfo _second = Directory.CreateTempSubdirectory("eis-test-");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Records_that_a_process_was_about_to_change_when_it_was_held_up_are_free_for_its_successor()
    {
        var (reached, goesOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        var holds = false;
        await using var engine = await Engine.StartAsync(new EngineSetup
        {
            Options = options => options with { MaxAttempts = 1 },
            Records = inner => new InterceptedRecords(inner)
            {
                Committing = async _ =>
                {
                    if (!holds) return;
                    reached.TrySetResult();
                    await goesOn.Task.WaitAsync(TimeSpan.FromMinutes(1), Token);
                },
            },
        });
        await engine.DeclareAsync("e", Fields);
        await engine.ImportAsync("e", Rows);
        holds = true;
        var import = await engine.InvokeAsync(await engine.MapAsync("e", "{}"), "id,price\n1,11\n2,21\n");
        await reached.Task.WaitAsync(TimeSpan.FromMinutes(1), Token);

        await using var successor = await TakeOverAsync(engine);
        var table = (string)(await ReadAsync(engine, "SELECT 'eis_data.' || table_name FROM eis.entity"))!;
        await TestDatabases.ExecuteAsync(await TestDatabases.TakeAsync(engine.DataDirectory), $"SET lock_timeout = '5s'; UPDATE {table} SET f2 = f2 + 1");
        goesOn.SetResult();
        await Eventually.TrueAsync(() => engine.Import.IsStoreLost, "The process did not notice that it has lost its place.");

        Assert.Equal(["1|11", "2|21"], await engine.RecordsAsync("e"));
        Assert.Equal(ImportState.Running, (await successor.Catalog.FindImportAsync(import.Id, Token))!.State);
    }

    /// <summary>It is 30 s that the server gives it.</summary>
    [Fact]
    public async Task A_process_that_is_held_up_between_its_last_look_and_its_commit_is_not_waited_for_without_end()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("e", Fields);
        using var goesOn = new ManualResetEventSlim();
        var reached = new TaskCompletionSource();
        FaultPoints.Watch((step, _) =>
        {
            if (step != FaultStep.CatalogFenced || HeldUp.Value is not { } wait) return;
            reached.TrySetResult();
            wait.Wait(TimeSpan.FromMinutes(3));
        });
        try
        {
            var committing = Task.Run(
                async () =>
                {
                    HeldUp.Value = goesOn;
                    await engine.Catalog.CommitAsync(new CatalogCommit { Receipt = Receipt("held") }, Token);
                },
                Token);
            await reached.Task.WaitAsync(TimeSpan.FromMinutes(1), Token);

            // Who takes the place changes the lease, which nobody can before.
            await TestDatabases.ExecuteAsync(await TestDatabases.TakeAsync(engine.DataDirectory), "UPDATE eis.lease SET expires_at = '-infinity' WHERE name = 'service'").WaitAsync(TimeSpan.FromMinutes(2), Token);
            goesOn.Set();

            await Assert.ThrowsAsync<StoreUnavailableException>(() => committing);
            Assert.Null(await engine.Catalog.FindReceiptAsync(null, "held", Token));
        }
        finally
        {
            FaultPoints.Watch(null);
            goesOn.Set();
        }
    }

    [Fact]
    public async Task A_process_that_has_lost_its_place_takes_no_entity_from_its_successor()
    {
        var (reached, goesOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var engine = await Engine.StartAsync(new EngineSetup
        {
            Options = options => options with { MaxAttempts = 1 },
            Records = inner => new InterceptedRecords(inner)
            {
                Loading = async (_, _) =>
                {
                    reached.TrySetResult();
                    await goesOn.Task.WaitAsync(TimeSpan.FromMinutes(1), Token);
                },
            },
        });
        await engine.DeclareAsync("e", Fields);
        await engine.InvokeAsync(await engine.MapAsync("e", "{}"), Rows);
        await reached.Task.WaitAsync(TimeSpan.FromMinutes(1), Token);
        await using var successor = await TakeOverAsync(engine);

        goesOn.SetResult();
        await Eventually.TrueAsync(() => engine.Import.IsStoreLost, "The process did not notice that it has lost its place.");

        Assert.Equal(0L, await ReadAsync(engine, "SELECT count(*) FROM eis.lease WHERE import IS NOT NULL"));
        Assert.Equal(0L, await ReadAsync(engine, "SELECT count(*) FROM pg_tables WHERE schemaname = 'eis_stage'"));
    }

    /// <summary>Both make the same plan, and what the first one has loaded for it is in its way no longer.</summary>
    [Fact]
    public async Task What_a_process_drops_of_a_plan_that_it_was_making_is_not_its_successors()
    {
        var (reached, goesOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var engine = await Engine.StartAsync(new EngineSetup
        {
            Records = inner => new InterceptedRecords(inner)
            {
                Loaded = async order =>
                {
                    if (order.PlanId is null) return;
                    reached.TrySetResult();
                    await goesOn.Task.WaitAsync(TimeSpan.FromMinutes(1), Token);
                },
            },
        });
        await engine.DeclareAsync("e", Fields);
        await engine.ImportAsync("e", Rows);
        var upload = await engine.Import.Uploads.ReceiveAsync(Request.Anonymous, await engine.MapAsync("e", "{}"), new MemoryStream(Encoding.UTF8.GetBytes(Rows)), "test.csv", charset: null, Token);
        await engine.Import.Plans.InvokeAsync(Request.Anonymous, upload!.Id, Token);
        await reached.Task.WaitAsync(TimeSpan.FromMinutes(1), Token);
        var first = (string)(await ReadAsync(engine, "SELECT tablename FROM pg_tables WHERE schemaname = 'eis_stage'"))!;
        await using var successor = await TakeOverAsync(engine);
        Assert.Equal(0L, await ReadAsync(engine, "SELECT count(*) FROM pg_tables WHERE schemaname = 'eis_stage'"));

        // As the successor names what it loads.
        var epochs = (Was: (long)(await ReadAsync(engine, "SELECT epoch - 1 FROM eis.lease WHERE name = 'service'"))!, Is: (long)(await ReadAsync(engine, "SELECT epoch FROM eis.lease WHERE name = 'service'"))!);
        Assert.Contains($"_{epochs.Was}_", first, StringComparison.Ordinal);
        await TestDatabases.ExecuteAsync(await TestDatabases.TakeAsync(engine.DataDirectory), $"CREATE TABLE eis_stage.\"{first.Replace($"_{epochs.Was}_", $"_{epochs.Is}_", StringComparison.Ordinal)}\" (n integer)");
        goesOn.SetResult();
        await Eventually.TrueAsync(() => engine.Import.IsStoreLost, "The process did not notice that it has lost its place.");

        Assert.Equal(1L, await ReadAsync(engine, "SELECT count(*) FROM pg_tables WHERE schemaname = 'eis_stage'"));
    }

    /// <summary>By the same process, without a restart.</summary>
    [Fact]
    public async Task What_an_import_leaves_in_a_database_that_is_away_is_dropped_when_it_is_back()
    {
        Engine? engine = null;
        var isAway = false;
        await using var started = engine = await Engine.StartAsync(new EngineSetup
        {
            Options = options => options with { MaxAttempts = 1 },
            Records = inner => new InterceptedRecords(inner)
            {
                Loaded = async _ =>
                {
                    Assert.Equal(1L, await ReadAsync(engine!, Left));
                    await AllowAsync(engine!, false);
                    isAway = true;
                    throw new StoreUnavailableException("The database is away.", isDiskFull: false);
                },
            },
        });
        await engine.DeclareAsync("e", Fields);
        var import = await engine.InvokeAsync(await engine.MapAsync("e", "{}"), Rows);
        await Eventually.TrueAsync(() => isAway, "The import was not begun.");
        await AllowAsync(engine, true);

        Assert.Equal(ImportState.Failed, (await engine.EndOfAsync(import)).State);
        await Eventually.TrueAsync(async () => await ReadAsync(engine, Left) is 0L, "What the import has left was not dropped.");
        Assert.Empty(await engine.RecordsAsync("e"));
    }

    /// <summary>As long as somebody reads a table, it cannot be dropped.</summary>
    [Fact]
    public async Task What_cannot_be_dropped_when_an_import_ends_is_dropped_later()
    {
        string? stage = null;
        Engine? engine = null;
        NpgsqlConnection? reader = null;
        await using var started = engine = await Engine.StartAsync(new EngineSetup
        {
            Records = inner => new InterceptedRecords(inner)
            {
                Loaded = async _ =>
                {
                    stage = (string?)await ReadAsync(engine!, "SELECT tablename FROM pg_tables WHERE schemaname = 'eis_stage'");
                    if (stage is null) return;
                    reader = await TestDatabases.ConnectAsync(await TestDatabases.TakeAsync(engine!.DataDirectory));
                    await new NpgsqlCommand($"BEGIN; SELECT count(*) FROM eis_stage.\"{stage}\"", reader).ExecuteScalarAsync(Token);
                },
            },
        });
        await engine.DeclareAsync("e", Fields);
        await engine.ImportAsync("e", Rows);
        Assert.Null(stage);

        Assert.Equal(ImportState.Succeeded, (await engine.ImportAsync("e", "id,price\n2,21\n3,30\n")).State);
        Assert.NotNull(stage);
        await reader!.DisposeAsync();

        await Eventually.TrueAsync(async () => await ReadAsync(engine, "SELECT count(*) FROM pg_tables WHERE schemaname = 'eis_stage'") is 0L, "What the import has left was not dropped.");
        Assert.Equal(["1|10", "2|21", "3|30"], await engine.RecordsAsync("e"));
    }

    /// <summary>As a backup does for as long as it takes.</summary>
    [Fact]
    public async Task Who_reads_an_entitys_tables_keeps_nobody_from_changing_definitions()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("e", Fields);
        await engine.ImportAsync("e", Rows);
        var upload = await engine.Import.Uploads.ReceiveAsync(Request.Anonymous, await engine.MapAsync("e", "{}"), new MemoryStream(Encoding.UTF8.GetBytes(Rows)), "test.csv", charset: null, Token);
        var plan = (await engine.Import.Plans.InvokeAsync(Request.Anonymous, upload!.Id, Token))!;
        await engine.Import.Plans.WaitAsync(Request.Anonymous, plan.Id, Token);
        await using (var reader = await TestDatabases.ConnectAsync(await TestDatabases.TakeAsync(engine.DataDirectory)))
        {
            await using var read = new NpgsqlCommand($"BEGIN; LOCK TABLE eis_data.{await ReadAsync(engine, "SELECT table_name FROM eis.entity")}, eis_data.p{plan.Id:N} IN ACCESS SHARE MODE", reader);
            await read.ExecuteNonQueryAsync(Token);

            var refused = await Assert.ThrowsAsync<RequestException>(() => engine.DeclareAsync("e", Fields[..^1] + """, {"systemName": "more", "dataType": "INTEGER"}]"""));
            Assert.Equal((FaultKind.Conflict, "entity-busy"), (refused.Kind, refused.Type));
            Assert.True(await engine.Import.Plans.DeleteAsync(Request.Anonymous, plan.Id, Token));
            await engine.DeclareAsync("f", Fields);
            await engine.ImportAsync("f", Rows);
            Assert.Equal(["1|10", "2|20"], await engine.RecordsAsync("e"));
        }

        await engine.DeclareAsync("e", Fields[..^1] + """, {"systemName": "more", "dataType": "INTEGER"}]""");
        Assert.Equal(["1|10|∅", "2|20|∅"], await engine.RecordsAsync("e"));
        await Eventually.TrueAsync(async () => await ReadAsync(engine, $"SELECT count(*) FROM pg_tables WHERE tablename = 'p{plan.Id:N}'") is 0L, "The plan's table is not dropped.");
    }

    [Fact]
    public async Task Who_reads_one_of_an_entitys_tables_and_then_another_is_not_locked_out_by_a_change_of_its_fields()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("e", Fields);
        await engine.ImportAsync("e", Rows);
        Task change;
        await using (var reader = await TestDatabases.ConnectAsync(await TestDatabases.TakeAsync(engine.DataDirectory)))
        {
            // As somebody's query that takes its time, in a transaction.
            await using var begin = new NpgsqlCommand("BEGIN; SELECT count(*) FROM eis_data.b1", reader);
            Assert.Equal(0L, await begin.ExecuteScalarAsync(Token));
            change = engine.DeclareAsync("e", Fields[..^1] + """, {"systemName": "more", "dataType": "INTEGER"}]""");
            await Eventually.TrueAsync(async () => await ReadAsync(engine, "SELECT count(*) FROM pg_locks WHERE NOT granted AND mode = 'AccessExclusiveLock'") is > 0L, "The change waits for no table.");

            await using var goOn = new NpgsqlCommand("SELECT count(*) FROM records.e", reader);
            Assert.Equal(2L, await goOn.ExecuteScalarAsync(Token));
            Assert.False(change.IsCompleted);
        }

        await change;
        Assert.Equal(["1|10|∅", "2|20|∅"], await engine.RecordsAsync("e"));
    }

    /// <summary>An undo that found what the records were, and then nothing of it, would take records out that it is to bring back.</summary>
    [Fact]
    public async Task What_records_were_is_there_until_an_undo_that_found_it_ends_or_is_not_found()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("e", Fields);
        await engine.ImportAsync("e", Rows);
        var changed = await engine.ImportAsync("e", "id,price\n1,11\n3,30\n");
        var number = await ReadAsync(engine, "SELECT number FROM eis.entity");
        await using var sweep = await TestDatabases.ConnectAsync(await TestDatabases.TakeAsync(engine.DataDirectory));
        await using var transaction = await sweep.BeginTransactionAsync(Token);
        await using (var drop = new NpgsqlCommand($"DELETE FROM eis.before_image WHERE import = {changed.Sequence}; DELETE FROM eis_data.b{number} WHERE import = {changed.Sequence}", sweep, transaction))
            Assert.Equal(2, await drop.ExecuteNonQueryAsync(Token));

        var undo = (await engine.Import.Undos.InvokeAsync(Request.Anonymous, changed.Id, Token))!;
        await Eventually.TrueAsync(
            async () => await ReadAsync(engine, "SELECT count(*) FROM pg_locks WHERE NOT granted") is > 0L || (await engine.Catalog.FindImportAsync(undo.Id, Token))!.HasEnded, "The undo does not wait.");
        await transaction.CommitAsync(Token);

        Assert.Equal((ImportState.Failed, EndCode.BeforeExpired), await engine.EndOfAsync(undo) is var ended ? (ended.State, ended.Code) : default);
        Assert.Equal(["1|11", "2|20", "3|30"], await engine.RecordsAsync("e"));
    }

    [Fact]
    public async Task A_table_that_somebodys_view_needs_keeps_no_service_from_starting()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("e", Fields + ", \"keepBefore\": false");
        await engine.ImportAsync("e", Rows);
        var database = await TestDatabases.TakeAsync(engine.DataDirectory);
        await TestDatabases.ExecuteAsync(database, $"CREATE VIEW eis_data.theirs AS SELECT * FROM eis_data.{await ReadAsync(engine, "SELECT table_name FROM eis.entity")}");
        await engine.ImportAsync("e", "id,price\n3,30\n", """{"importMode": "REPLACE"}""");

        await engine.RestartAsync();

        Assert.Equal(["3|30"], await engine.RecordsAsync("e"));
        Assert.Equal(2L, await ReadAsync(engine, "SELECT count(*) FROM eis_data.theirs"));
        await TestDatabases.ExecuteAsync(database, "DROP VIEW eis_data.theirs");
        await engine.RestartAsync();
        Assert.Equal(1L, await ReadAsync(engine, "SELECT count(*) FROM pg_tables WHERE schemaname = 'eis_data' AND tablename LIKE 't%'"));
    }

    /// <summary>Rows and key are written without waiting for the disk. A crash of the server may keep the rows and lose the key.</summary>
    [Fact]
    public async Task A_table_that_has_lost_its_key_does_not_become_the_entitys()
    {
        Engine? engine = null;
        var isLost = false;
        await using var started = engine = await Engine.StartAsync(new EngineSetup
        {
            Options = options => options with { RetryPause = TimeSpan.Zero },
            Records = inner => new InterceptedRecords(inner)
            {
                Loaded = async _ =>
                {
                    if (isLost) return;
                    isLost = true;
                    var table = await ReadAsync(engine!, "SELECT tablename FROM pg_tables WHERE schemaname = 'eis_data' AND tablename NOT IN (SELECT table_name FROM eis.entity) AND tablename NOT LIKE 'b%'");
                    await TestDatabases.ExecuteAsync(await TestDatabases.TakeAsync(engine!.DataDirectory), $"ALTER TABLE eis_data.{table} DROP CONSTRAINT {table}_pkey");
                },
            },
        });
        await engine.DeclareAsync("e", Fields);

        var import = await engine.ImportAsync("e", Rows);

        Assert.Equal((ImportState.Succeeded, 2, 2L), (import.State, import.Attempts, import.Ledger.Inserted));
        Assert.Equal(1L, await ReadAsync(engine, "SELECT count(*) FROM pg_index WHERE indisprimary AND indrelid = (SELECT ('eis_data.' || table_name)::regclass FROM eis.entity)"));
    }

    /// <summary>A crash of the server empties tables without a log, and may lose rows that it had not written yet.</summary>
    [Theory]
    [InlineData("id,price\n3,30\n4,40\n", 2L, "1|10 2|20 3|30 4|40")]
    [InlineData("id,price\n2,21\n3,30\n", 1L, "1|10 2|21 3|30")]
    public async Task Rows_that_were_lost_after_they_were_loaded_are_loaded_again(string file, long inserted, string records)
    {
        Engine? engine = null;
        var isLost = false;
        await using var started = engine = await Engine.StartAsync(new EngineSetup
        {
            Options = options => options with { RetryPause = TimeSpan.Zero },
            Records = inner => new InterceptedRecords(inner)
            {
                Loaded = async _ =>
                {
                    if (isLost || await ReadAsync(engine!, $"SELECT tablename FROM pg_tables WHERE schemaname = 'eis_stage'") is not string stage) return;
                    isLost = true;
                    await TestDatabases.ExecuteAsync(await TestDatabases.TakeAsync(engine!.DataDirectory), $"DELETE FROM eis_stage.\"{stage}\" WHERE ctid = (SELECT min(ctid) FROM eis_stage.\"{stage}\")");
                },
            },
        });
        await engine.DeclareAsync("e", Fields);
        await engine.ImportAsync("e", Rows);

        var import = await engine.ImportAsync("e", file);

        Assert.True(isLost);
        Assert.Equal((ImportState.Succeeded, 2, inserted), (import.State, import.Attempts, import.Ledger.Inserted));
        Assert.Equal(records.Split(' '), await engine.RecordsAsync("e"));
    }

    public ValueTask DisposeAsync()
    {
        _second.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    /// <summary>Opens the engine's store in another process's name, as if the engine's lease had run out.</summary>
    private async Task<PostgresStore> TakeOverAsync(Engine engine)
    {
        var database = await TestDatabases.TakeAsync(engine.DataDirectory);
        await TestDatabases.ExecuteAsync(database, "UPDATE eis.lease SET expires_at = '-infinity' WHERE name = 'service'");
        return await PostgresStore.OpenAsync(database, new EngineOptions { DataDirectory = _second.FullName }, Token);
    }

    /// <summary>Lets anybody connect to the engine's database, or nobody; who is connected is not any longer.</summary>
    private static async Task AllowAsync(Engine engine, bool isAllowed)
    {
        var database = new NpgsqlConnectionStringBuilder(await TestDatabases.TakeAsync(engine.DataDirectory));
        var server = new NpgsqlConnectionStringBuilder(database.ConnectionString) { Database = "postgres", Pooling = false }.ConnectionString;
        await TestDatabases.ExecuteAsync(server, $"ALTER DATABASE {database.Database} ALLOW_CONNECTIONS {isAllowed}");
        if (!isAllowed) await TestDatabases.ExecuteAsync(server, $"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{database.Database}'");
    }

    private static async Task<object?> ReadAsync(Engine engine, string sql) => await TestDatabases.ReadAsync(await TestDatabases.TakeAsync(engine.DataDirectory), sql);

    private static RequestReceipt Receipt(string key) => new() { Key = key, Fingerprint = "f", Subject = Guid.NewGuid(), DoneAt = DateTimeOffset.UtcNow };
}
