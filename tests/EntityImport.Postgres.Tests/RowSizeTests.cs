using EntityImport.Catalog;
using Xunit;

namespace EntityImport.Storage.Tests;

/// <summary>Rows that PostgreSQL would not take are rejected one by one, and all others go in.</summary>
public sealed class RowSizeTests
{
    private const string Key = """[{"systemName": "id", "dataType": "STRING", "primaryKey": true}, {"systemName": "name", "dataType": "STRING"}]""";

    [Theory]
    [InlineData("INSERT")]
    [InlineData("UPSERT")]
    [InlineData("REPLACE")]
    public async Task A_key_that_the_index_does_not_take_rejects_its_row(string mode)
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("e", Key);
        var longest = new string('k', 2596);
        var definition = $$"""{"importMode": "{{mode}}"}""";

        // Into an empty entity, and into one with records.
        var first = await engine.ImportAsync("e", $"id,name\n{longest},fits\n{longest}k,does not\nü{longest},neither\na,x\n", definition);
        var second = await engine.ImportAsync("e", $"id,name\n{longest}kk,does not\nb,y\nb2,\"{longest}{longest}\"\n", definition);

        Assert.Equal((ImportState.Succeeded, 4, 2, 2), (first.State, first.Ledger.Records, first.Ledger.Inserted, first.Ledger.Rejected));
        Assert.Equal((ImportState.Succeeded, 3, 2, 1), (second.State, second.Ledger.Records, second.Ledger.Inserted, second.Ledger.Rejected));
        var rejected = await engine.Import.RejectedRows.ReadAsync(Access.Request.Anonymous, first, null, 100, TestContext.Current.CancellationToken);
        Assert.Equal([2L, 3L], rejected.Rows.Select(row => row.Row));
        Assert.All(rejected.Rows, row => Assert.Equal(
            ("key.tooLong", "id", "the values of the key take more than 2600 bytes together, which is the most that the store takes"),
            (Assert.Single(row.Reasons).Code, row.Reasons[0].Field, row.Reasons[0].Message)));
        string[] there = mode == "REPLACE" ? ["b", "b2"] : ["a", "b", "b2", longest];
        Assert.Equal(there, (await engine.RecordsAsync("e")).Select(record => record.Split('|')[0]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_row_of_many_long_texts_that_no_page_takes_is_rejected()
    {
        const int Fields = 400;
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("e", $$"""[{"systemName": "id", "dataType": "INTEGER", "primaryKey": true}{{string.Concat(Enumerable.Range(0, Fields).Select(i => $$""", {"systemName": "t{{i}}", "dataType": "STRING"}"""))}}]""");
        var header = string.Join(',', Enumerable.Range(0, Fields).Select(i => $"t{i}").Prepend("id"));
        var rows = new[] { 10, 30, 300 }.Select(length => string.Concat(Enumerable.Repeat("," + new string('x', length), Fields))).ToArray();

        var import = await engine.ImportAsync("e", $"{header}\n1{rows[0]}\n2{rows[1]}\n3{rows[2]}\n4{rows[0]}\n");

        Assert.Equal((ImportState.Succeeded, 2, 2), (import.State, import.Ledger.Inserted, import.Ledger.Rejected));
        var rejected = await engine.Import.RejectedRows.ReadAsync(Access.Request.Anonymous, import, null, 100, TestContext.Current.CancellationToken);
        Assert.Equal([(2L, "record.tooLarge"), (3L, "record.tooLarge")], rejected.Rows.Select(row => (row.Row, Assert.Single(row.Reasons).Code)));
        Assert.Equal("the values of the row take more than 7900 bytes, long texts aside, which is the most that the store takes", rejected.Rows[0].Reasons[0].Message);
        Assert.Equal(["1", "4"], (await engine.RecordsAsync("e")).Select(record => record.Split('|')[0]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task As_many_numbers_as_an_entity_can_have_are_changed_and_changed_back()
    {
        const int Fields = 980;
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("e", $$"""[{"systemName": "id", "dataType": "INTEGER", "primaryKey": true}{{string.Concat(Enumerable.Range(0, Fields).Select(i => $$""", {"systemName": "n{{i}}", "dataType": "INTEGER"}"""))}}]""");
        var header = string.Join(',', Enumerable.Range(0, Fields).Select(i => $"n{i}").Prepend("id"));
        string Row(long value) => $"{header}\n1{string.Concat(Enumerable.Repeat($",{value}", Fields))}\n";
        await engine.ImportAsync("e", Row(1));
        var before = await engine.RecordsAsync("e");

        var changed = await engine.ImportAsync("e", Row(long.MaxValue));

        Assert.Equal(1, changed.Ledger.Updated);
        Assert.NotEqual(before, await engine.RecordsAsync("e"));
        var undo = await engine.EndOfAsync((await engine.Import.Undos.InvokeAsync(Access.Request.Anonymous, changed.Id, TestContext.Current.CancellationToken))!);
        Assert.Equal(1, undo.Ledger.Reversed);
        Assert.Equal(before, await engine.RecordsAsync("e"));
    }
}
