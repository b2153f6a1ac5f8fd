using EntityImport.Access;
using EntityImport.Catalog;
using Xunit;

namespace EntityImport.Storage.Tests;

/// <summary>
/// On a database that is spread over several servers by Citus, each table of an entity is put beside the entity's others. Citus itself is no part of these tests: what stands in for it is its function that places a table, which notes here what it
/// was asked, and refuses what the real one does.
/// </summary>
public sealed class SpreadTests
{
    private const string Citus = """
        SET allow_system_table_mods = on;
        INSERT INTO pg_catalog.pg_extension (oid, extname, extowner, extnamespace, extrelocatable, extversion) VALUES (90001, 'citus', 10, 11, false, '0');
        CREATE TABLE pg_catalog.pg_dist_partition (logicalrelid regclass, beside regclass);
        CREATE FUNCTION pg_catalog.create_distributed_table(table_name regclass, distribution_column text, distribution_type text DEFAULT 'hash', colocate_with text DEFAULT 'default', shard_count integer DEFAULT NULL)
        RETURNS void LANGUAGE plpgsql AS $$
        BEGIN
            IF distribution_column IS NOT NULL THEN RAISE 'rows of % would be spread over servers', table_name; END IF;
            IF EXISTS (SELECT 1 FROM pg_catalog.pg_dist_partition WHERE logicalrelid = table_name) THEN RAISE '% is placed already', table_name; END IF;
            IF colocate_with <> 'none' AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_dist_partition WHERE logicalrelid = colocate_with::regclass) THEN RAISE '% is not placed', colocate_with; END IF;
            INSERT INTO pg_catalog.pg_dist_partition VALUES (table_name, NULLIF(colocate_with, 'none')::regclass);
            INSERT INTO public.placed VALUES (table_name::text, NULLIF(colocate_with, 'none'));
        END $$;
        CREATE TABLE public.placed (name text, beside text);
        CREATE TABLE public.made (name text);
        CREATE FUNCTION public.note_made() RETURNS event_trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO public.made SELECT DISTINCT object_identity FROM pg_event_trigger_ddl_commands() WHERE object_type = 'table' AND schema_name IN ('eis_data', 'eis_stage') AND command_tag LIKE 'CREATE TABLE%';
        END $$;
        CREATE EVENT TRIGGER made ON ddl_command_end WHEN TAG IN ('CREATE TABLE', 'CREATE TABLE AS') EXECUTE FUNCTION public.note_made();
        """;

    private const string Fields = """[{"systemName": "id", "dataType": "INTEGER", "primaryKey": true}, {"systemName": "name", "dataType": "STRING"}, {"systemName": "note", "dataType": "STRING"}]""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_table_of_an_entity_is_placed_whole_and_beside_the_others_of_the_entity()
    {
        var directory = Directory.CreateTempSubdirectory("eis-test-").FullName;
        var database = await TestDatabases.TakeToAlterAsync(directory);
        await using var engine = await Engine.StartAsync(new EngineSetup { DataDirectory = directory });
        await engine.DeclareAsync("early", Fields);
        await TestDatabases.ExecuteAsync(database, Citus);
        await engine.RestartAsync();
        await engine.DeclareAsync("one", Fields);
        await engine.DeclareAsync("other", Fields.Replace(", \"primaryKey\": true", "", StringComparison.Ordinal));

        // A table that takes the empty one's place; rows with defaults, repeated keys and rows that are taken out; a plan and what applies it; all at once; and back again.
        await ImportAsync("one", "id,name,note\n" + Rows(1, 3, "a"));
        await ImportAsync("one", "id,name,note\n2,b,\n2,,c\n4,d,\n", """
            {"emptyValues": "KEEP", "fields": [
              {"systemName": "id", "csvColumnName": "id"}, {"systemName": "name", "csvColumnName": "name", "defaultValue": "none"}, {"systemName": "note", "csvColumnName": "note"}]}
            """);
        var inserted = await engine.ImportAsync("one", "id,name\n1,x\n5,e\n", """{"importMode": "INSERT"}""");
        Assert.Equal((1, 1), (inserted.Ledger.Inserted, inserted.Ledger.Rejected));
        await ApplyAsync("one", """{"importMode": "UPSERT"}""", "id,name\n1,z\n6,f\n");
        var replaced = await ApplyAsync("one", """{"importMode": "REPLACE"}""", "id,name\n1,r\n");
        await UndoAsync(replaced);
        var changed = await ImportAsync("one", "id,name\n1,y\n");
        await UndoAsync(changed);
        Assert.Equal(["1|z|a", "2|b|c", "3|a3|a", "4|d|∅", "5|e|∅", "6|f|∅"], (await engine.RecordsAsync("one")).Order(StringComparer.Ordinal));
        await ImportAsync("other", "id,name,note\n" + Rows(1, 2, "a"), """{"importMode": "INSERT"}""");
        await UndoAsync(await ImportAsync("other", "id,name\n1,r\n", """{"importMode": "REPLACE"}"""));
        Assert.Equal(2, (await engine.RecordsAsync("other")).Length);

        Assert.Equal("", await TestDatabases.ReadAsync(database, "SELECT coalesce(string_agg(name, ' '), '') FROM public.made WHERE name NOT IN (SELECT name FROM public.placed)"));
        // What an entity's table of what records were is called begins with its number.
        Assert.Equal("", await TestDatabases.ReadAsync(database, "SELECT coalesce(string_agg(name, ' '), '') FROM public.placed WHERE beside IS NULL <> (name IN ('eis_data.b2', 'eis_data.b3'))"));
        Assert.Equal("", await TestDatabases.ReadAsync(database, "SELECT coalesce(string_agg(name, ' '), '') FROM public.placed WHERE name LIKE 'eis\\_data.t%' AND beside <> 'eis_data.b' || substring(name FROM 't([0-9]+)_')"));
        Assert.Equal(true, await TestDatabases.ReadAsync(database, "SELECT count(*) FILTER (WHERE name LIKE 'eis\\_stage.%') >= 8 AND count(*) FILTER (WHERE name LIKE 'eis\\_data.t%') >= 4 AND count(*) FILTER (WHERE name LIKE 'eis\\_data.p%') = 2 FROM public.placed"));

        // An entity that is older stays where it is, as a whole.
        await ImportAsync("early", "id,name,note\n" + Rows(1, 2, "a"));
        await ImportAsync("early", "id,name\n1,b\n");
        Assert.Equal(["1|b|a", "2|a2|a"], (await engine.RecordsAsync("early")).Order(StringComparer.Ordinal));
        Assert.Equal(0L, await TestDatabases.ReadAsync(database, "SELECT count(*) FROM public.placed WHERE name LIKE 'eis\\_data.t1\\_%' OR name = 'eis_data.b1'"));

        async Task<Catalog.Import> ImportAsync(string entity, string csv, string definition = "{}")
        {
            var import = await engine.ImportAsync(entity, csv, definition);
            Assert.Equal(ImportState.Succeeded, import.State);
            return import;
        }

        async Task<Catalog.Import> ApplyAsync(string entity, string definition, string csv)
        {
            var plan = await PlanTests.PlanAsync(engine, definition, csv, entity);
            Assert.Equal(ImportState.Succeeded, plan.Run.State);
            var import = await PlanTests.ApplyAsync(engine, plan);
            Assert.Equal(ImportState.Succeeded, import.State);
            return import;
        }

        async Task UndoAsync(Catalog.Import import) =>
            Assert.Equal(ImportState.Succeeded, (await engine.EndOfAsync((await engine.Import.Undos.InvokeAsync(Request.Anonymous, import.Id, Token))!)).State);
    }

    private static string Rows(int from, int to, string note) => string.Concat(Enumerable.Range(from, to - from + 1).Select(id => $"{id},a{id},{note}\n"));
}
