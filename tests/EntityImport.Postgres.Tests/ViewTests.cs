using EntityImport.Access;
using EntityImport.Catalog;
using Npgsql;
using Xunit;

namespace EntityImport.Storage.Tests;

/// <summary>Users of the database see entities as views with the names of entity and fields, and what they build on these stays, whatever is imported.</summary>
public sealed class ViewTests
{
    private const string Fields = """[{"systemName": "id", "dataType": "INTEGER", "primaryKey": true}, {"systemName": "ctid", "dataType": "STRING", "displayName": "The 'place'"}, {"systemName": "price", "dataType": "DECIMAL", "precision": 9, "scale": 2}]""";
    private const string Replace = """{"importMode": "REPLACE"}""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_entity_is_a_view_of_its_name_also_where_fields_have_names_of_PostgreSQLs_own()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("Order", Fields);
        await engine.ImportAsync("Order", "id,ctid,price\n1,a,1.50\n2,b,\n");

        Assert.Equal("1 a 1.50|2 b ", await ReadAsync(engine, "SELECT string_agg(id || ' ' || ctid || ' ' || coalesce(price::text, ''), '|' ORDER BY id) FROM records.\"Order\""));
        Assert.Equal("The 'place'", await ReadAsync(engine, "SELECT col_description('records.\"Order\"'::regclass, 2)"));
        Assert.Equal("bigint text numeric", await ReadAsync(engine, "SELECT string_agg(data_type, ' ' ORDER BY ordinal_position) FROM information_schema.columns WHERE table_schema = 'records'"));
    }

    [Fact]
    public async Task What_depends_on_an_entity_stays_when_it_is_replaced_widened_and_brought_back()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("e", Fields);
        await engine.ImportAsync("e", "id,ctid,price\n1,a,1.50\n");
        await ReadAsync(engine, "CREATE VIEW public.dear AS SELECT id FROM records.e WHERE price > 1; SELECT 1");

        var replaced = await engine.ImportAsync("e", "id,ctid,price\n2,b,3.00\n3,c,0.10\n", Replace);
        Assert.Equal(ImportState.Succeeded, replaced.State);
        Assert.Equal("2", await ReadAsync(engine, "SELECT string_agg(id::text, ' ') FROM public.dear"));
        await engine.DeclareAsync("e", Fields.Replace("\"precision\": 9, \"scale\": 2", "\"precision\": 12, \"scale\": 4", StringComparison.Ordinal)
            .Replace("]", """, {"systemName": "more", "dataType": "DATE"}]""", StringComparison.Ordinal));
        await engine.ImportAsync("e", "id,ctid,price,more\n4,d,4.1234,2024-02-29\n");

        Assert.Equal("2 4", await ReadAsync(engine, "SELECT string_agg(id::text, ' ' ORDER BY id) FROM public.dear"));
        Assert.Equal("2024-02-29", await ReadAsync(engine, "SELECT more::text FROM records.e WHERE id = 4"));
        // Values are shown with the digits that the field has by now.
        Assert.Equal(["2|b|3.0000|∅", "3|c|0.1000|∅", "4|d|4.1234|2024-02-29"], await engine.RecordsAsync("e"));
    }

    /// <summary>Its planner would guess until the server looks by itself, which is up to a minute later.</summary>
    [Theory]
    [InlineData("UPSERT")]
    [InlineData("REPLACE")]
    public async Task What_values_many_rows_have_that_filled_a_table_is_told_to_the_server(string mode)
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("e", Fields);
        await engine.ImportAsync("e", "id,ctid,price\n" + string.Concat(Enumerable.Range(1, 10_001).Select(id => $"{id},{id % 7},1\n")), $$"""{"importMode": "{{mode}}"}""");
        var table = (await TableAsync(engine)).Split('.')[1];

        // Nobody waits for that, so that it may be later than the import's end.
        object? told = null;
        for (var attempt = 0; attempt < 300 && told is null; attempt++)
        {
            told = await ReadAsync(engine, $"SELECT n_distinct FROM pg_stats WHERE tablename = '{table}' AND attname = 'f2'");
            if (told is null) await Task.Delay(100, Token);
        }

        Assert.Equal(7f, told);
    }

    /// <summary>The view needs to be had for itself for an instant. Who waited for that would keep everybody waiting who comes later.</summary>
    [Fact]
    public async Task A_REPLACE_waits_for_a_long_query_without_keeping_others_waiting()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("e", Fields);
        await engine.ImportAsync("e", "id,ctid,price\n1,a,1.50\n");
        await using var source = NpgsqlDataSource.Create(await TestDatabases.TakeAsync(engine.DataDirectory));
        await using var reader = await source.OpenConnectionAsync(Token);
        await using var transaction = await reader.BeginTransactionAsync(Token);
        await using (var read = new NpgsqlCommand("SELECT count(*) FROM records.e", reader, transaction)) Assert.Equal(1L, await read.ExecuteScalarAsync(Token));
        var import = await engine.InvokeAsync(await engine.MapAsync("e", Replace), "id,ctid,price\n2,b,1\n3,c,1\n");

        // As soon as the import waits for the view, and again and again then.
        await Durability.Eventually.TrueAsync(async () => (long)(await ReadAsync(engine, "SELECT count(*) FROM pg_locks WHERE NOT granted"))! > 0, "The import does not wait for the view.");
        for (var i = 0; i < 20; i++) Assert.Equal(1L, await ReadAsync(engine, "SET statement_timeout = '20s'; SELECT count(*) FROM records.e"));
        Assert.Equal(["1|a|1.50"], await engine.RecordsAsync("e"));
        await transaction.CommitAsync(Token);

        Assert.Equal(ImportState.Succeeded, (await engine.EndOfAsync(import)).State);
        Assert.Equal(2L, await ReadAsync(engine, "SELECT count(*) FROM records.e"));
        Assert.Equal(["2|b|1.00", "3|c|1.00"], await engine.RecordsAsync("e"));
    }

    [Fact]
    public async Task Indexes_that_users_made_are_there_after_every_import_with_their_names_and_what_they_promise()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("e", Fields);
        await engine.ImportAsync("e", "id,ctid,price\n1,a,1.50\n2,b,2\n3,c,3\n");
        await ReadAsync(
            engine,
            $"""
            CREATE INDEX "is ON e USING ""btree" ON {await TableAsync(engine)} USING btree (f3 DESC) INCLUDE (f2) WITH (fillfactor = 70) WHERE f3 > 1;
            CREATE UNIQUE INDEX places ON {await TableAsync(engine)} (lower(f2)); CREATE INDEX twice ON {await TableAsync(engine)} (f2); CREATE INDEX twice_more ON {await TableAsync(engine)} (f2); SELECT 1
            """);
        var made = await IndexesAsync(engine);
        Assert.Equal(4, made.Split('|').Length);

        var replaced = await engine.ImportAsync("e", "id,ctid,price\n2,b,3.00\n3,c,0.10\n", Replace);
        Assert.Equal(made, await IndexesAsync(engine));
        // All records change, so that a new table takes the place of the old one.
        await engine.ImportAsync("e", "id,ctid,price\n2,d,8\n3,e,9\n4,f,7\n");
        Assert.Equal(made, await IndexesAsync(engine));
        var undo = await engine.EndOfAsync((await engine.Import.Undos.InvokeAsync(Request.Anonymous, replaced.Id, Token))!);
        Assert.Equal(ImportState.Succeeded, undo.State);
        Assert.Equal(made, await IndexesAsync(engine));

        await ReadAsync(engine, "DROP INDEX eis_data.twice; SELECT 1");
        await engine.ImportAsync("e", "id,ctid,price\n5,f,1\n", Replace);
        Assert.Equal(string.Join('|', made.Split('|').Where(index => !index.StartsWith("twice:", StringComparison.Ordinal))), await IndexesAsync(engine));
        var refused = await engine.ImportAsync("e", "id,ctid,price\n2,b,3.00\n3,B,0.10\n", Replace);
        Assert.Equal(ImportState.Failed, refused.State);
        Assert.Equal(EndCode.RecordsRefused, refused.Code);
        Assert.Contains("\"places\"", refused.Message, StringComparison.Ordinal);
        Assert.Equal(["5|f|1.00"], await engine.RecordsAsync("e"));
    }

    /// <summary>PostgreSQL's indexes take values of about 2,700 bytes, which those of users' find in fields that are no key.</summary>
    [Theory]
    [InlineData("UPSERT")]
    [InlineData("REPLACE")]
    public async Task An_import_that_an_index_cannot_hold_is_refused_with_the_name_of_the_index(string mode)
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("e", Fields);
        await engine.ImportAsync("e", "id,ctid,price\n1,a,1.50\n");
        await ReadAsync(engine, $"CREATE INDEX \"all \"\"places\"\"\" ON {await TableAsync(engine)} (f2); SELECT 1");
        var random = new Random(1);
        // Nothing that is compressed.
        var text = string.Concat(Enumerable.Range(0, 5000).Select(_ => (char)random.Next('a', 'z' + 1))) + string.Concat(Enumerable.Range(0, 2000).Select(_ => random.Next(10)));

        var import = await engine.ImportAsync("e", $"id,ctid,price\n1,b,2\n2,{text},2\n", $$"""{"importMode": "{{mode}}"}""");

        Assert.Equal((ImportState.Failed, EndCode.RecordsRefused), (import.State, import.Code));
        Assert.Contains("\"all \"places\"\"", import.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(text[..20], import.Message, StringComparison.Ordinal);
        Assert.Equal(["1|a|1.50"], await engine.RecordsAsync("e"));
    }

    private static async Task<string> TableAsync(Engine engine) => "eis_data." + (await ReadAsync(engine, "SELECT table_name FROM eis.entity WHERE name = 'E'"))!;

    /// <summary>The indexes of the entity's table but for its key, by name: how they are defined.</summary>
    private static async Task<string> IndexesAsync(Engine engine) => (string)(await ReadAsync(
        engine,
        """
        SELECT string_agg(i.relname || ': ' || replace(pg_get_indexdef(x.indexrelid), x.indrelid::regclass::text, 'e'), '|' ORDER BY i.relname) FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
        WHERE NOT x.indisprimary AND x.indrelid = (SELECT 'eis_data.' || table_name FROM eis.entity WHERE name = 'E')::regclass
        """))!;

    private static async Task<object?> ReadAsync(Engine engine, string sql)
    {
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(await TestDatabases.TakeAsync(engine.DataDirectory)) { Pooling = false });
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync(Token);
    }
}
