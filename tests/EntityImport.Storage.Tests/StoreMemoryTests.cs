using System.Reflection;
using DuckDB.NET.Data;
using EntityImport.Catalog;
using EntityImport.DuckDb.Connections;
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

    private static string Limit(DuckDBConnection connection) => connection.Query("SELECT current_setting('memory_limit')", null, row => row.GetString(0))[0];
}
