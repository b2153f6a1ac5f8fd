using System.Reflection;
using DuckDB.NET.Data;
using EntityImport.Catalog;
using EntityImport.DuckDb.Connections;
using EntityImport.Rows;
using Xunit;

namespace EntityImport.Storage.Tests;

/// <summary>The embedded store has as much memory as what runs needs.</summary>
public sealed class StoreMemoryTests
{
    [Fact]
    public void The_limit_is_what_the_largest_need_asks_for_between_the_least_and_what_was_configured()
    {
        var directory = Directory.CreateTempSubdirectory("eis-test-");
        var path = Path.Combine(directory.FullName, "memory.duckdb");
        var memory = new StoreMemory(1L << 30, threads: 2);
        using (var database = new Database(() => Open(path, memory), memory)) AssertFollowsNeeds(memory, database);
        directory.Delete(recursive: true);
    }

    private static void AssertFollowsNeeds(StoreMemory memory, Database database)
    {
        Assert.Equal("256.0 MiB", Limit(database));

        using (memory.Reserve(database, 300L << 20))
        {
            Assert.Equal("300.0 MiB", Limit(database));
            using (memory.Reserve(database, long.MaxValue)) Assert.Equal("1.0 GiB", Limit(database));
            using (memory.Reserve(database, 1)) Assert.Equal("300.0 MiB", Limit(database));
            Assert.Equal("300.0 MiB", Limit(database));
        }

        Assert.Equal("256.0 MiB", Limit(database));
    }

    [Theory]
    [InlineData("INSERT")]
    [InlineData("UPSERT")]
    [InlineData("REPLACE")]
    public async Task An_import_gives_back_what_it_needed(string mode)
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("e", """[{"systemName": "id", "dataType": "INTEGER", "primaryKey": true}]""");
        var mapping = await engine.MapAsync("e", $$"""{"importMode": "{{mode}}"}""");

        // The second import meets records and a repeated key, so that it is staged.
        Assert.Equal(ImportState.Succeeded, (await engine.ImportAsync(mapping, "id\n1\n2\n"u8.ToArray())).State);
        Assert.Equal(ImportState.Succeeded, (await engine.ImportAsync(mapping, "id\n2\n3\n3\n"u8.ToArray())).State);

        using var connection = new DuckDBConnection($"DataSource={Path.Combine(engine.DataDirectory, "store.duckdb")}");
        connection.Open();
        Assert.Equal("256.0 MiB", Limit(connection));
    }

    /// <summary>DuckDB would put them together, and have all of them in memory for that.</summary>
    [Fact]
    public async Task Long_rows_are_written_beside_those_of_earlier_imports_which_stay_where_they_are()
    {
        await using var engine = await StartWithLongRowsAsync();

        await engine.ImportAsync("long", LongRows(from: 600, count: 200, 'b'), """{"importMode": "INSERT"}""");
        await engine.ImportAsync("long", LongRows(from: 500, count: 200, 'c'));

        Assert.Equal([600, 200, 200], GroupsOf(engine, "long"));
    }

    /// <summary>Where groups of rows are not put together, the space of records that were taken out of them comes back by a table that is made anew.</summary>
    [Fact]
    public async Task Long_records_that_change_again_and_again_leave_no_more_behind_than_they_are()
    {
        await using var engine = await StartWithLongRowsAsync();

        var letters = Enumerable.Repeat('a', 600).ToArray();
        foreach (var (round, from) in new[] { 0, 100, 200, 300, 400, 30 }.Index())
        {
            var letter = (char)('b' + round);
            Assert.Equal(170, (await engine.ImportAsync("long", LongRows(from, count: 170, letter))).Ledger.Updated);
            Array.Fill(letters, letter, from, 170);
        }

        Assert.InRange(GroupsOf(engine, "long").Sum(), 600, 2 * 600);
        Assert.Equal(letters.Select((letter, id) => $"{id}|{letter}").Order(StringComparer.Ordinal), (await engine.RecordsAsync("long")).Select(record => $"{record.Split('|')[0]}|{record[^1]}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_commit_that_was_short_of_memory_is_tried_again_with_more()
    {
        var memory = new StoreMemory(1L << 30, threads: 2);
        var rows = new Amount(RecordCount: 1_000, FileBytes: 100 << 20);
        var before = memory.CommitBytes(rows);

        memory.NoteShortage();

        Assert.Equal((StoreMemory.Least + (125L << 20), StoreMemory.Least + (200L << 20)), (before, memory.CommitBytes(rows)));
    }

    /// <summary>Of imports and undos that write long rows there is one at a time, since each of them waits for the others' transactions to end before it is committed.</summary>
    [Fact]
    public async Task An_undo_of_long_rows_keeps_others_that_write_long_rows_waiting_and_one_of_short_rows_does_not()
    {
        var held = new List<(Guid Undone, bool IsHeld)>();
        SemaphoreSlim? longRows = null;
        await using var engine = await Engine.StartAsync(new EngineSetup
        {
            Records = inner =>
            {
                longRows = DatabaseOf(inner).LongRows;
                return new Durability.InterceptedRecords(inner)
                {
                    Committing = ended =>
                    {
                        if (ended.Undoes is { } undone) held.Add((undone, longRows.CurrentCount == 0));
                        return Task.CompletedTask;
                    },
                };
            },
        });
        foreach (var name in new[] { "long", "short" }) await engine.DeclareAsync(name, """[{"systemName": "id", "dataType": "INTEGER", "primaryKey": true}, {"systemName": "v", "dataType": "STRING"}]""");
        var imports = new List<Import>();
        foreach (var (name, length, count, mode) in new[] { ("long", 100_000, 200, "UPSERT"), ("long", 99_999, 200, "REPLACE"), ("short", 100, 5_000, "UPSERT"), ("long", 10, 5, "UPSERT") })
            imports.Add(await engine.ImportAsync(name, "id,v\n" + string.Concat(Enumerable.Range(1, count).Select(id => $"{id},{new string((char)('a' + (id % 26)), length)}\n")), $$"""{"importMode": "{{mode}}"}"""));
        imports.Reverse();

        foreach (var import in imports)
        {
            await engine.Import.Undos.PreviewAsync(Access.Request.Anonymous, import.Id, TestContext.Current.CancellationToken);
            Assert.Equal(ImportState.Succeeded, (await engine.EndOfAsync((await engine.Import.Undos.InvokeAsync(Access.Request.Anonymous, import.Id, TestContext.Current.CancellationToken))!)).State);
        }

        Assert.Equal([(imports[0].Id, false), (imports[1].Id, false), (imports[2].Id, true), (imports[3].Id, true)], held);
        Assert.Equal(1, longRows!.CurrentCount);
    }

    private static async Task<Engine> StartWithLongRowsAsync()
    {
        var engine = await Engine.StartAsync();
        await engine.DeclareAsync("long", """[{"systemName": "id", "dataType": "INTEGER", "primaryKey": true}, {"systemName": "v", "dataType": "STRING"}]""");
        await engine.ImportAsync("long", LongRows(from: 0, count: 600, 'a'));
        return engine;
    }

    private static string LongRows(int from, int count, char letter) => "id,v\n" + string.Concat(Enumerable.Range(from, count).Select(id => $"{id},{new string(letter, 100_000)}\n"));

    /// <summary>How many rows the groups have in which DuckDB keeps an entity's table, those that were taken out included.</summary>
    private static IReadOnlyList<long> GroupsOf(Engine engine, string entity)
    {
        using var connection = new DuckDBConnection($"DataSource={Path.Combine(engine.DataDirectory, "store.duckdb")}");
        connection.Open();
        return connection.Query(
            $"SELECT sum(count)::BIGINT FROM pragma_storage_info('records.{entity}') WHERE column_name = 'id' AND segment_type <> 'VALIDITY' GROUP BY row_group_id ORDER BY row_group_id", null, row => row.GetInt64(0));
    }

    private static Database DatabaseOf(IRecords records) => (Database)records.GetType().GetFields(BindingFlags.Instance | BindingFlags.NonPublic).Single(field => field.FieldType == typeof(Database)).GetValue(records)!;

    private static DuckDBConnection Open(string path, StoreMemory memory)
    {
        var connection = new DuckDBConnection($"DataSource={path}");
        connection.Open();
        connection.Execute(memory.Statement);
        return connection;
    }

    private static string Limit(Database database)
    {
        using var connection = database.Connect();
        return Limit(connection);
    }

    private sealed record Amount(long RecordCount, long FileBytes, int MaxReaders = 1) : IRowAmount;

    private static string Limit(DuckDBConnection connection) => connection.Query("SELECT current_setting('memory_limit')", null, row => row.GetString(0))[0];
}
