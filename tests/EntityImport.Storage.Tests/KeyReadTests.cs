using System.Globalization;
using EntityImport.Access;
using EntityImport.Catalog;
using EntityImport.DuckDb.Records;
using EntityImport.Entities;
using EntityImport.Records;
using EntityImport.SqlStores;
using Xunit;

namespace EntityImport.Storage.Tests;

/// <summary>What the store remembers, so that records are read by their keys without a search, never shows anything but what is committed.</summary>
public sealed class KeyReadTests
{
    private const string Fields = """
        [{"systemName": "site", "dataType": "STRING", "primaryKey": true}, {"systemName": "no", "dataType": "INTEGER", "primaryKey": true}, {"systemName": "v", "dataType": "STRING"}]
        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Records_are_read_by_their_keys_as_they_are_whatever_imports_have_done_since_their_places_were_read()
    {
        var (engine, records) = await StartAsync();
        await using var _ = engine;
        await engine.DeclareAsync("e", Fields);
        await ImportAsync(engine, "INSERT", 0, 1000, "first");
        await LearnPlacesAsync(engine, records, "e");
        await ExpectAllAsync(engine, 1000);

        // Some change, some are new.
        await ImportAsync(engine, "UPSERT", 900, 1200, "second");
        await ExpectAllAsync(engine, 1200);
        // All are moved, and others are where they were.
        await ImportAsync(engine, "REPLACE", 300, 800, "third", rises: false);
        await ExpectAllAsync(engine, 1200);
        await LearnPlacesAsync(engine, records, "e");
        await ExpectAllAsync(engine, 1200);
        await ImportAsync(engine, "REPLACE", 0, 10, "fourth");
        await engine.RestartAsync();
        await ExpectAllAsync(engine, 1200);
    }

    [Fact]
    public async Task Who_reads_while_an_import_replaces_all_records_finds_each_as_it_was_or_as_it_is()
    {
        var (engine, records) = await StartAsync();
        await using var _ = engine;
        await engine.DeclareAsync("e", Fields);
        await ImportAsync(engine, "REPLACE", 0, 2000, "0");
        await LearnPlacesAsync(engine, records, "e");
        using var done = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 3).Select(reader => Task.Run(
            async () =>
            {
                var last = 0;
                for (var i = reader; !done.IsCancellationRequested; i = (i + 7) % 2000)
                {
                    var record = Assert.Single(await ReadAsync(engine, "e", $"S{i % 7}", i));
                    var version = int.Parse(record.Split('|')[^1], CultureInfo.InvariantCulture);
                    Assert.Equal($"S{i % 7}|{i}|{version}", record);
                    Assert.InRange(version, last, 6);
                    last = version;
                }

                return last;
            },
            Token)).ToList();

        for (var version = 1; version <= 6; version++) await ImportAsync(engine, "REPLACE", 0, 2000, version.ToString(CultureInfo.InvariantCulture), rises: version % 2 == 0);
        await done.CancelAsync();

        await Task.WhenAll(readers).WaitAsync(TimeSpan.FromMinutes(2), Token);
        await ExpectAllAsync(engine, 2000);
    }

    [Fact]
    public async Task Who_reads_with_many_others_finds_what_was_asked_for_and_who_leaves_keeps_nobody_from_it()
    {
        var (engine, records) = await StartAsync();
        await using var _ = engine;
        await engine.DeclareAsync("e", Fields);
        await ImportAsync(engine, "INSERT", 0, 3000, "value");
        await LearnPlacesAsync(engine, records, "e");
        var entity = await FindAsync(engine, "e");
        IReadOnlyList<FieldDefinition>[] selections = [entity.Fields, [entity.FindField("v")!], [entity.FindField("no")!, entity.FindField("site")!]];
        using var leaving = new CancellationTokenSource();

        var left = Enumerable.Range(0, 100).Select(row => ReadSelectedAsync(entity.Fields, row, leaving.Token)).ToList();
        var reads = Enumerable.Range(0, 600).Select(i => (Row: i * 7, Selected: selections[i % 3])).Select(read => (read.Row, read.Selected, Records: ReadSelectedAsync(read.Selected, read.Row, Token))).ToList();
        await leaving.CancelAsync();

        foreach (var (row, selected, read) in reads)
        {
            var expected = selected.Select(field => field.SystemName switch { "site" => $"S{row % 7}", "no" => $"{row}", _ => "value" });
            Assert.Equal(row < 3000 ? [string.Join('|', expected)] : [], await read.WaitAsync(TimeSpan.FromMinutes(2), Token));
        }

        foreach (var read in left)
        {
            try
            {
                Assert.StartsWith("S", Assert.Single(await read.WaitAsync(TimeSpan.FromMinutes(2), Token)), StringComparison.Ordinal);
            }
            catch (OperationCanceledException)
            {
                Assert.True(leaving.IsCancellationRequested);
            }
        }

        async Task<string[]> ReadSelectedAsync(IReadOnlyList<FieldDefinition> select, int row, CancellationToken cancellationToken)
        {
            var query = new RecordQuery { Entity = entity, Select = select, Filter = HasKey(entity, $"S{row % 7}", row) };
            return [.. (await engine.Import.Records.ReadAsync(Request.Anonymous, query, cancellationToken)).Records.Select(record => string.Join('|', record))];
        }
    }

    [Fact]
    public async Task An_entity_that_is_changed_or_declared_anew_is_the_new_one_for_whoever_asks_next()
    {
        var (engine, records) = await StartAsync();
        await using var _ = engine;
        await engine.DeclareAsync("e", Fields);
        await ImportAsync(engine, "INSERT", 0, 50, "old");
        await LearnPlacesAsync(engine, records, "e");

        await engine.DeclareAsync("E", Fields.Replace("}]", """}, {"systemName": "w", "dataType": "INTEGER"}]""", StringComparison.Ordinal));
        Assert.Equal(["S3|3|old|∅"], await ReadAsync(engine, "e", "S3", 3));
        Assert.True(await engine.Import.Entities.DeleteAsync(Request.Anonymous, "e", force: true, Token));
        Assert.Null(await engine.Import.Entities.FindAsync(Request.Anonymous, "e", Token));
        Assert.Null(await engine.Import.Entities.FindAsync(Request.Anonymous, "E", Token));

        await engine.DeclareAsync("e", Fields.Replace("\"v\"", "\"x\"", StringComparison.Ordinal));
        Assert.Empty(await ReadAsync(engine, "e", "S3", 3));
        await engine.ImportAsync("e", "site,no,x\nS3,3,new\n");
        Assert.Equal(["S3|3|new"], await ReadAsync(engine, "e", "S3", 3));
        Assert.Equal("x", (await engine.Import.Entities.FindAsync(Request.Anonymous, "E", Token))!.Fields[^1].SystemName);
    }

    [Fact]
    public void An_entity_that_was_read_before_a_change_is_not_remembered_after_it()
    {
        var entities = new KnownEntities();
        var entity = new EntityDefinition { SystemName = "e", Fields = [new FieldDefinition { SystemName = "f", DataType = DataType.String }] };
        var before = entities.Version;
        entities.Add(before, entity);
        Assert.Same(entity, entities.Find("E"));

        entities.NoteCommit(new CatalogCommit());
        Assert.Same(entity, entities.Find("e"));
        entities.NoteCommit(new CatalogCommit { DeletedEntity = "f" });
        entities.Add(before, entity);

        Assert.Null(entities.Find("e"));
    }

    [Theory]
    [InlineData("STRING", "a", "a|1", "A|2", "ä|3")]
    [InlineData("INTEGER", "-5", "-5|1", "5|2", "50|3")]
    public async Task A_condition_with_more_than_the_key_is_kept_whole(string type, string key, params string[] records)
    {
        var (engine, known) = await StartAsync();
        await using var _ = engine;
        await engine.DeclareAsync("k", $$"""[{"systemName": "k", "dataType": "{{type}}", "primaryKey": true}, {"systemName": "n", "dataType": "INTEGER"}]""");
        await engine.ImportAsync("k", "k,n\n" + string.Join('\n', records).Replace('|', ',') + "\n");
        var entity = await FindAsync(engine, "k");
        Comparison Is(string field, object value) => new(ComparisonOperator.Equal, new FieldOperand(entity.FindField(field)!), new Constant(entity.FindField(field)!.DataType, value));
        var isKey = Is("k", type == "STRING" ? key : long.Parse(key, CultureInfo.InvariantCulture));
        while (!known.ByKey.Places.Find(entity, [key]).Any()) Assert.Equal([records[0]], await ReadAsync(engine, entity, isKey));

        Assert.Equal([records[0]], await ReadAsync(engine, entity, isKey));
        Assert.Equal([records[0]], await ReadAsync(engine, entity, new AndCondition(isKey, Is("n", 1L))));
        Assert.Empty(await ReadAsync(engine, entity, new AndCondition(isKey, Is("n", 2L))));
        Assert.Empty(await ReadAsync(engine, entity, new AndCondition(isKey, Is("k", type == "STRING" ? "A" : 5L))));
        Assert.Equal(records[1..].Order(StringComparer.Ordinal), (await ReadAsync(engine, entity, new NotCondition(isKey))).Order(StringComparer.Ordinal));
    }

    private static async Task<(Engine Engine, DuckDbRecords Records)> StartAsync()
    {
        DuckDbRecords? records = null;
        var engine = await Engine.StartAsync(new EngineSetup { Records = real => records = (DuckDbRecords)real });
        return (engine, records!);
    }

    private static async Task ImportAsync(Engine engine, string mode, int first, int end, string value, bool rises = true)
    {
        var rows = Enumerable.Range(first, end - first);
        var csv = "site,no,v\n" + string.Concat((rises ? rows : rows.Reverse()).Select(row => string.Create(CultureInfo.InvariantCulture, $"S{row % 7},{row},{value}\n")));
        var import = await engine.ImportAsync("e", csv, $$"""{"importMode": "{{mode}}"}""");
        Assert.Equal(end - first, import.Ledger.Records);
        Assert.Equal(ImportState.Succeeded, import.State);
    }

    /// <summary>Reads a record until the places of all are known.</summary>
    private static async Task LearnPlacesAsync(Engine engine, DuckDbRecords records, string name)
    {
        var entity = await FindAsync(engine, name);
        var all = await engine.RecordsAsync(name);
        // One that is not where it was, so that it is searched.
        var key = all[^1].Split('|')[..2];
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(TimeSpan.FromMinutes(2));
        while (!records.ByKey.Places.Find(entity, key).Any())
        {
            limit.Token.ThrowIfCancellationRequested();
            Assert.Equal([all[^1]], await ReadAsync(engine, name, key[0], long.Parse(key[1], CultureInfo.InvariantCulture)));
        }
    }

    /// <summary>Reads each record of a range by its key, those that there are and those that there are not, and compares them with all as they are listed.</summary>
    private static async Task ExpectAllAsync(Engine engine, int end)
    {
        var entity = await FindAsync(engine, "e");
        var listed = new HashSet<string>(StringComparer.Ordinal);
        for (var skip = 0; ; skip += RecordQuery.MaxTop)
        {
            var page = await engine.Import.Records.ReadAsync(Request.Anonymous, new RecordQuery { Entity = entity, Select = entity.Fields, Skip = skip }, Token);
            listed.UnionWith(page.Records.Select(record => string.Join('|', record)));
            if (page.Records.Count < RecordQuery.MaxTop) break;
        }

        var found = new List<string>();
        for (var row = 0; row < end; row++) found.AddRange(await ReadAsync(engine, "e", $"S{row % 7}", row));
        Assert.Equal(listed.Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
    }

    private static async Task<EntityDefinition> FindAsync(Engine engine, string name) => (await engine.Import.Entities.FindAsync(Request.Anonymous, name, Token))!;

    private static async Task<string[]> ReadAsync(Engine engine, string name, string site, long number)
    {
        var entity = await FindAsync(engine, name);
        return await ReadAsync(engine, entity, HasKey(entity, site, number));
    }

    private static AndCondition HasKey(EntityDefinition entity, string site, long number) => new(
        new Comparison(ComparisonOperator.Equal, new FieldOperand(entity.FindField("no")!), new Constant(DataType.Integer, number)),
        new Comparison(ComparisonOperator.Equal, new Constant(DataType.String, site), new FieldOperand(entity.FindField("site")!)));

    private static async Task<string[]> ReadAsync(Engine engine, EntityDefinition entity, Condition condition)
    {
        var page = await engine.Import.Records.ReadAsync(Request.Anonymous, new RecordQuery { Entity = entity, Select = entity.Fields, Filter = condition, Count = true }, Token);
        Assert.Equal(page.Records.Count, page.Total);
        return [.. page.Records.Select(record => string.Join('|', record.Select(value => value ?? "∅")))];
    }
}
