using EntityImport.Catalog;
using Xunit;

namespace EntityImport.Storage.Tests;

/// <summary>Mappings that were saved before there were limits: they run as they did, and cost little. They run by themselves: what is allocated meanwhile is to be theirs.</summary>
[CollectionDefinition(nameof(StoredMappingTests), DisableParallelization = true)]
[Collection(nameof(StoredMappingTests))]
public sealed class StoredMappingTests
{
    private const int Fields = 200;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_mapping_from_before_the_limits_still_imports()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("old", """[{"systemName":"k","dataType":"INTEGER","primaryKey":true},{"systemName":"d","dataType":"DATE"},{"systemName":"b","dataType":"BOOLEAN"},{"systemName":"n","dataType":"DECIMAL"}]""");
        var column = new string('c', 5_000);
        var mapping = await StoreAsync(engine, "old", $$"""
            {
              "dateFormat": "yyyy-MM-dd'{{new string('x', 3_000)}}'", "trueValues": [{{Words("true", 60_000)}}, "either"], "falseValues": ["either", "no"], "nullValues": ["none"],
              "currencySymbol": "-", "fields": [
                { "systemName": "k", "csvColumnName": "{{column}}" }, { "systemName": "d", "csvColumnName": "d" }, { "systemName": "b", "csvColumnName": "b" }, { "systemName": "n", "csvColumnName": "n" }
              ]
            }
            """);
        var date = "2024-01-31" + new string('x', 3_000);
        var import = await engine.ImportAsync(mapping, System.Text.Encoding.UTF8.GetBytes($"{column},d,b,n\n1,{date},true59999,5-\n2,none,either,none\n3,{date},no,7\n4,,maybe,\n"));
        Assert.Equal(ImportState.Succeeded, import.State);
        Assert.Equal(["1|2024-01-31|true|5.000000", "2|∅|true|∅", "3|2024-01-31|false|7.000000"], await engine.RecordsAsync("old"));
        Assert.Contains("b: neither true nor false; expected one of true0, true1,", await engine.ErrorFileAsync(import), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lists_of_a_mapping_do_not_multiply_with_its_fields()
    {
        await using var engine = await Engine.StartAsync(threads: 1);
        await engine.DeclareAsync("wide", $"[{string.Join(',', Enumerable.Range(0, Fields).Select(i => $$"""{"systemName":"f{{i}}","dataType":"{{(i % 2 == 0 ? "STRING" : "BOOLEAN")}}"}"""))}]");
        var mapping = await StoreAsync(engine, "wide", $$"""
            {
              "nullValues": [{{Words("null", 95_000)}}], "trueValues": [{{Words("true", 50_000)}}], "fields": [
                {{string.Join(',', Enumerable.Range(0, Fields).Select(i => $$"""{ "systemName": "f{{i}}", "csvColumnName": "f{{i}}", "defaultValue": "no" }"""))}}
              ]
            }
            """);
        var csv = $"{string.Join(',', Enumerable.Range(0, Fields).Select(i => $"f{i}"))}\n{string.Join(',', Enumerable.Range(0, Fields).Select(i => i % 2 == 0 ? "null94999" : "true49999"))}\n";
        var before = GC.GetTotalAllocatedBytes();
        var import = await engine.ImportAsync(mapping, System.Text.Encoding.UTF8.GetBytes(csv));
        // Each list for itself takes some ten megabytes; for each field again, it would be two gigabytes.
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 1, 400 << 20);
        Assert.Equal(ImportState.Succeeded, import.State);
        Assert.Equal(string.Join('|', Enumerable.Repeat("no|true", Fields / 2)), Assert.Single(await engine.RecordsAsync("wide")));
    }

    private static async Task<Guid> StoreAsync(Engine engine, string entity, string definition)
    {
        var mapping = new Mapping
        {
            Id = Guid.CreateVersion7(),
            Revision = 1,
            EntitySystemName = entity,
            Document = $$"""{"entitySystemName":"{{entity}}","definition":{{definition}}}""",
            CreatedAt = DateTimeOffset.UtcNow,
        };
        await engine.Catalog.CommitAsync(new CatalogCommit { NewMapping = mapping }, Cancel);
        return mapping.Id;
    }

    private static string Words(string word, int count) => string.Join(',', Enumerable.Range(0, count).Select(i => $"\"{word}{i}\""));
}
