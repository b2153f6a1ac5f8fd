using System.Text.Json;
using EntityImport.Access;
using EntityImport.Catalog;
using EntityImport.Changes;
using Xunit;

namespace EntityImport.Storage.Tests;

/// <summary>What an import did is told record by record, as it left it; what is not kept any more is told as that.</summary>
public sealed class ImportChangeTests
{
    private const string Replace = """{"importMode": "REPLACE"}""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Values_afterwards_are_those_that_the_import_left_whatever_came_later()
    {
        await using var engine = await Engine.StartAsync();
        await DeclareAsync(engine);
        var first = await engine.ImportAsync("e", "id,a,n\n1,x,10\n2,x,20\n3,x,30\n");
        var second = await engine.ImportAsync("e", "id,a,n\n1,x,11\n3,y,30\n4,new,40\n");
        await engine.ImportAsync("e", "id,a,n\n1,z,99\n4,old,40\n");

        Assert.Equal(["Inserted 1|x|10", "Inserted 2|x|20", "Inserted 3|x|30"], await TellAsync(engine, first));
        Assert.Equal(["Inserted 4|new|40", "Updated 1|x|10 > 1|x|11", "Updated 3|x|30 > 3|y|30"], await TellAsync(engine, second));
        Assert.Equal(["Updated 1|x|10 > 1|x|11", "Updated 3|x|30 > 3|y|30"], await TellAsync(engine, second, query => query with { Kind = ChangeKind.Updated }));
        Assert.Equal(["Inserted 4|new|40", "Updated 1|x|10 > 1|x|11"], await TellAsync(engine, second, query => query with { Field = Field(engine, "n") }));
    }

    [Fact]
    public async Task What_a_later_import_changed_without_keeping_it_is_told_as_unknown_and_not_as_it_is_now()
    {
        await using var engine = await Engine.StartAsync();
        await DeclareAsync(engine);
        await engine.ImportAsync("e", "id,a,n\n1,x,10\n2,x,20\n");
        var import = await engine.ImportAsync("e", "id,a,n\n1,y,11\n2,y,21\n3,y,31\n4,y,41\n");
        await DeclareAsync(engine, keepBefore: false);
        await engine.ImportAsync("e", "id,a,n\n1,z,99\n3,z,99\n");

        var changes = (await engine.Import.History.FindChangesAsync(Request.Anonymous, import.Id, Token))!;
        Assert.False(changes.IsComplete);
        Assert.Equal(["Inserted 4|y|41", "Updated 1|x|10 > ?", "Updated 2|x|20 > 2|y|21"], await TellAsync(engine, import));
        Assert.Equal(["Inserted 4|y|41", "Updated 1|x|10 > ?", "Updated 2|x|20 > 2|y|21"], await TellAsync(engine, import, query => query with { Field = Field(engine, "n") }));
    }

    [Fact]
    public async Task A_REPLACE_whose_records_were_replaced_without_keeping_them_tells_no_record_as_removed()
    {
        await using var engine = await Engine.StartAsync();
        await DeclareAsync(engine);
        await engine.ImportAsync("e", "id,a,n\n1,x,10\n2,x,20\n");
        var import = await engine.ImportAsync("e", "id,a,n\n1,y,10\n", Replace);
        Assert.Equal(["Removed 2|x|20", "Updated 1|x|10 > 1|y|10"], await TellAsync(engine, import));

        await DeclareAsync(engine, keepBefore: false);
        await engine.ImportAsync("e", "id,a,n\n3,z,30\n", Replace);

        Assert.Equal(["Updated 1|x|10 > ?", "Updated 2|x|20 > ?"], await TellAsync(engine, import));
    }

    /// <summary>Without a key imports add records, and undos take them out.</summary>
    [Fact]
    public async Task Imports_without_a_key_and_their_undos_tell_whole_records()
    {
        await using var engine = await Engine.StartAsync();
        await DeclareAsync(engine, hasKey: false);
        var first = await engine.ImportAsync("e", "id,a,n\n1,x,10\n1,x,10\n");
        var second = await engine.ImportAsync("e", "id,a,n\n2,x,20\n");
        var undo = await UndoAsync(engine, first);
        var replace = await engine.ImportAsync("e", "id,a,n\n3,x,30\n", Replace);
        var back = await UndoAsync(engine, replace);
        await engine.ImportAsync("e", "id,a,n\n4,x,40\n");
        var again = await UndoAsync(engine, undo);

        Assert.Equal(["Inserted 1|x|10", "Inserted 1|x|10"], await TellAsync(engine, first));
        Assert.Equal(["Inserted 2|x|20"], await TellAsync(engine, second));
        Assert.Equal(["Removed 1|x|10", "Removed 1|x|10"], await TellAsync(engine, undo));
        Assert.Equal(["Inserted 2|x|20", "Removed 3|x|30"], await TellAsync(engine, back));
        Assert.Equal(["Inserted 1|x|10", "Inserted 1|x|10"], await TellAsync(engine, again));
    }

    /// <summary>The largest move comes first, over all pages; an import in between changes nothing of that.</summary>
    [Theory]
    [InlineData(null)]
    [InlineData("n")]
    [InlineData("a")]
    public async Task Pages_hold_each_change_once_whatever_is_imported_in_between(string? field)
    {
        await using var engine = await Engine.StartAsync();
        await DeclareAsync(engine);
        await engine.ImportAsync("e", "id,a,n\n" + string.Concat(Enumerable.Range(1, 2000).Select(id => $"{id},x,{id}\n")));
        var import = await engine.ImportAsync("e", "id,a,n\n" + string.Concat(Enumerable.Range(1000, 2000).Select(id => $"{id},{(id % 3 == 0 ? "x" : "y")},{(id % 5 == 0 ? "" : id * (id % 7))}\n")));
        var query = new ChangeQuery(1000) { Field = field is null ? null : Field(engine, field) };
        var changes = (await engine.Import.History.FindChangesAsync(Request.Anonymous, import.Id, Token))!;
        var all = new List<RecordChange>();
        for (ChangePage? page = null; page is null or { HasMore: true }; all.AddRange(page.Changes)) page = await engine.Import.History.ReadChangesAsync(Request.Anonymous, changes, query with { After = all.LastOrDefault()?.Place }, Token);

        var paged = new List<RecordChange>();
        for (ChangePage? page = null; page is null or { HasMore: true }; paged.AddRange(page.Changes))
        {
            page = await engine.Import.History.ReadChangesAsync(Request.Anonymous, changes, query with { Limit = 300, After = paged.LastOrDefault()?.Place }, Token);
            Assert.InRange(page.Changes.Count, 1, 300);
            await engine.ImportAsync("e", $"id,a,n\n{1500 + paged.Count},changed,1\n{5000 + paged.Count},new,1\n");
        }

        Assert.InRange(all.Count, 1200, 2000);
        Assert.Equal(all.Count, all.Select(change => (change.After ?? change.Before)![0]).Distinct().Count());
        Assert.Equal(all.Select(Text), paged.Select(Text));
        if (field != "n") return;
        var moves = all.Select(change => change.Before?[2] is { } before && change.After![2] is { } after ? Math.Abs(long.Parse(after, null) - long.Parse(before, null)) : -1).ToList();
        Assert.Equal(moves.OrderDescending(), moves);
    }

    [Fact]
    public async Task An_import_that_wrote_nothing_or_of_which_nothing_is_kept_is_refused_as_its_undo_is()
    {
        await using var engine = await Engine.StartAsync();
        await DeclareAsync(engine, keepBefore: false);
        var unkept = await engine.ImportAsync("e", "id,a,n\n1,x,10\n");
        var failed = await engine.ImportAsync("e", "wrong\n1\n");
        var dry = await engine.ImportAsync("e", "id,a,n\n2,x,10\n", """{"dryRun": true}""");

        Assert.Equal("before-images-expired", await RefusalAsync(unkept));
        Assert.Equal("import-not-undoable", await RefusalAsync(failed));
        Assert.Equal("import-not-undoable", await RefusalAsync(dry));
        Assert.Null(await engine.Import.History.FindChangesAsync(Request.Anonymous, Guid.NewGuid(), Token));

        async Task<string> RefusalAsync(Import import) => (await Assert.ThrowsAsync<RequestException>(() => engine.Import.History.FindChangesAsync(Request.Anonymous, import.Id, Token))).Type;
    }

    private static async Task<string[]> TellAsync(Engine engine, Import import, Func<ChangeQuery, ChangeQuery>? change = null)
    {
        var changes = (await engine.Import.History.FindChangesAsync(Request.Anonymous, import.Id, Token))!;
        var query = new ChangeQuery(1000);
        return [.. (await engine.Import.History.ReadChangesAsync(Request.Anonymous, changes, change is null ? query : change(query), Token)).Changes.Select(Text).Order(StringComparer.Ordinal)];
    }

    private static string Text(RecordChange change)
    {
        var sides = new[] { change.Before, change.After }.OfType<string?[]>().Select(values => string.Join('|', values.Select(value => value ?? "∅")));
        return $"{change.Kind} {string.Join(" > ", change.AfterUnknown ? sides.Append("?") : sides)}";
    }

    private static Entities.FieldDefinition Field(Engine engine, string name) => engine.Import.Entities.FindAsync(Request.Anonymous, "e", Token).GetAwaiter().GetResult()!.FindField(name)!;

    private static async Task<Import> UndoAsync(Engine engine, Import import) => await engine.EndOfAsync((await engine.Import.Undos.InvokeAsync(Request.Anonymous, import.Id, Token))!);

    private static async Task DeclareAsync(Engine engine, bool hasKey = true, bool keepBefore = true)
    {
        using var document = JsonDocument.Parse($$"""
            {"fields": [{"systemName": "id", "dataType": "INTEGER", "primaryKey": {{(hasKey ? "true" : "false")}}}, {"systemName": "a", "dataType": "STRING"}, {"systemName": "n", "dataType": "INTEGER"}], "keepBefore": {{(keepBefore ? "true" : "false")}}}
            """);
        await engine.Import.Entities.PutAsync(Request.Anonymous, "e", document.RootElement, Token);
    }
}
