using EntityImport.Catalog;
using EntityImport.Storage.Tests.Durability;
using Xunit;

namespace EntityImport.Storage.Tests;

/// <summary>On each road into an entity an import is a delta first: its numbers are known before anybody sees anything, it can be thrown away without a trace, and what is applied is what it says.</summary>
public sealed class DeltaTests
{
    private const string Upsert = """{"importMode": "UPSERT"}""";
    private const string Insert = """{"importMode": "INSERT"}""";
    private const string Replace = """{"importMode": "REPLACE"}""";
    private const string Keep = """{"emptyValues": "KEEP"}""";

    private const string KeepWithDefault = """
        {"emptyValues": "KEEP", "fields": [{"systemName": "id", "csvColumnName": "id"}, {"systemName": "a", "csvColumnName": "a", "defaultValue": "none"}, {"systemName": "b", "csvColumnName": "b"}]}
        """;

    private const string OnlyA = """{"fields": [{"systemName": "id", "csvColumnName": "id"}, {"systemName": "a", "csvColumnName": "a"}]}""";

    /// <summary>Each road: how it is mapped, whether the entity has a key, what is there, what comes, what the delta counts, and what is there then.</summary>
    public static TheoryData<string, string, bool, string, string, DeltaCounts, string> Roads => new()
    {
        { "without a key", Insert, false, "0,o,p\n", "1,a,b\n2,a,b\n", new() { Received = 2, Inserted = 2 }, "0op 1ab 2ab" },
        { "into an empty entity", Upsert, true, "", "1,a,b\n2,a,b\n", new() { Received = 2, Inserted = 2 }, "1ab 2ab" },
        { "into an empty entity, one key twice", Upsert, true, "", "1,a,b\n2,a,b\n1,c,d\n", new() { Received = 3, Inserted = 2, Superseded = 1 }, "1cd 2ab" },
        { "UPSERT", Upsert, true, "1,a,b\n2,a,b\n9,z,z\n", "1,x,b\n2,a,b\n3,c,d\n", new() { Received = 3, Inserted = 1, Updated = 1, Unchanged = 1 }, "1xb 2ab 3cd 9zz" },
        { "UPSERT, one key twice", Upsert, true, "1,a,b\n2,a,b\n", "1,x,b\n2,a,b\n3,c,d\n1,y,b\n", new() { Received = 4, Inserted = 1, Updated = 1, Unchanged = 1, Superseded = 1 }, "1yb 2ab 3cd" },
        { "UPSERT of some fields", OnlyA, true, "1,a,b\n2,a,b\n", "1,x,-\n2,a,-\n3,c,-\n", new() { Received = 3, Inserted = 1, Updated = 1, Unchanged = 1 }, "1xb 2ab 3c∅" },
        { "UPSERT that keeps", Keep, true, "1,a,b\n2,a,b\n", "1,,x\n2,,b\n3,,d\n", new() { Received = 3, Inserted = 1, Updated = 1, Unchanged = 1 }, "1ax 2ab 3∅d" },
        { "UPSERT that keeps, with a default", KeepWithDefault, true, "1,a,b\n2,a,b\n", "1,,x\n2,,b\n3,,d\n", new() { Received = 3, Inserted = 1, Updated = 1, Unchanged = 1 }, "1ax 2ab 3noned" },
        { "UPSERT that keeps, one key twice", Keep, true, "1,a,b\n2,a,b\n", "1,,x\n1,y,\n2,,b\n", new() { Received = 3, Updated = 1, Unchanged = 1, Superseded = 1 }, "1yx 2ab" },
        { "long UPSERT", Upsert, true, $"1,{Long('a')},b\n2,{Long('a')},b\n", $"1,{Long('x')},b\n2,{Long('a')},b\n3,{Long('c')},d\n", new() { Received = 3, Inserted = 1, Updated = 1, Unchanged = 1 }, "1Xb 2Ab 3Cd" },
        { "long UPSERT, one key twice", Upsert, true, $"1,{Long('a')},b\n2,{Long('a')},b\n", $"1,{Long('x')},b\n2,{Long('a')},b\n1,{Long('y')},b\n", new() { Received = 3, Updated = 1, Unchanged = 1, Superseded = 1 }, "1Yb 2Ab" },
        { "long UPSERT that keeps", Keep, true, $"1,{Long('a')},b\n2,{Long('a')},b\n", $"1,,x\n2,{Long('a')},\n3,{Long('c')},d\n", new() { Received = 3, Inserted = 1, Updated = 1, Unchanged = 1 }, "1Ax 2Ab 3Cd" },
        { "INSERT beside others", Insert, true, "1,a,b\n", "2,a,b\n3,a,b\n", new() { Received = 2, Inserted = 2 }, "1ab 2ab 3ab" },
        { "INSERT of a key that is there", Insert, true, "1,a,b\n", "1,x,x\n2,a,b\n", new() { Received = 2, Inserted = 1 }, "1ab 2ab" },
        { "long INSERT of a key that is there", Insert, true, $"1,{Long('a')},b\n", $"1,{Long('x')},x\n2,{Long('c')},b\n", new() { Received = 2, Inserted = 1 }, "1Ab 2Cb" },
        { "REPLACE", Replace, true, "1,a,b\n2,a,b\n", "2,x,b\n", new() { Received = 1, Inserted = 1, Removed = 2 }, "2xb" },
        { "REPLACE, one key twice", Replace, true, "1,a,b\n2,a,b\n", "2,x,b\n2,y,b\n", new() { Received = 2, Inserted = 1, Removed = 2 }, "2xb" },
        { "REPLACE without a key", Replace, false, "1,a,b\n", "2,x,b\n2,x,b\n", new() { Received = 2, Inserted = 2, Removed = 1 }, "2xb 2xb" },
    };

    [Theory]
    [MemberData(nameof(Roads))]
    public async Task An_import_is_a_delta_that_nobody_sees_until_it_is_committed_and_that_leaves_no_trace_where_it_is_not(
        string road, string definition, bool hasKey, string before, string rows, DeltaCounts counts, string after)
    {
        Assert.NotEmpty(road);
        Engine? engine = null;
        var seen = new List<(DeltaCounts? Counts, string Records)>();
        var isKept = false;
        await using var started = engine = await Engine.StartAsync(new EngineSetup
        {
            Options = options => options with { MaxAttempts = 1 },
            Records = inner => new InterceptedRecords(inner)
            {
                Found = async (_, delta) =>
                {
                    seen.Add((delta.Counts, await RecordsAsync(engine!)));
                    if (!isKept) throw new InvalidOperationException("The delta is thrown away.");
                },
                Committing = async _ => seen.Add((null, await RecordsAsync(engine!))),
            },
        });
        await DeclareAsync(engine, hasKey);
        isKept = true;
        if (before.Length > 0) Assert.Equal(ImportState.Succeeded, (await engine.ImportAsync("e", "id,a,b\n" + before, Insert)).State);
        var records = await RecordsAsync(engine);
        seen.Clear();

        isKept = false;
        Assert.Equal(ImportState.Failed, (await engine.ImportAsync("e", "id,a,b\n" + rows, definition)).State);
        Assert.Equal(records, await RecordsAsync(engine));
        await engine.RestartAsync();
        Assert.Equal(records, await RecordsAsync(engine));
        isKept = true;
        var import = await engine.ImportAsync("e", "id,a,b\n" + rows, definition);

        Assert.Equal([(counts, records), (counts, records), (null, records)], seen);
        Assert.Equal(ImportState.Succeeded, import.State);
        Assert.Equal((counts.Inserted, counts.Updated, counts.Unchanged, counts.Superseded, counts.Removed), (import.Ledger.Inserted, import.Ledger.Updated, import.Ledger.Unchanged, import.Ledger.Superseded, import.Ledger.Removed));
        Assert.Equal(after, await RecordsAsync(engine));
    }

    internal static string Long(char letter) => new(letter, 12_000);

    internal static Task DeclareAsync(Engine engine, bool hasKey) => engine.DeclareAsync("e", $$"""
        [{"systemName": "id", "dataType": "INTEGER", "primaryKey": {{(hasKey ? "true" : "false")}}}, {"systemName": "a", "dataType": "STRING"}, {"systemName": "b", "dataType": "STRING"}]
        """);

    /// <summary>The records as one text, long values as their first letter in upper case.</summary>
    internal static async Task<string> RecordsAsync(Engine engine) => string.Join(' ', (await engine.RecordsAsync("e"))
        .Select(record => string.Concat(record.Split('|').Select(value => value.Length > 1_000 ? value[..1].ToUpperInvariant() : value))).Order(StringComparer.Ordinal));
}
