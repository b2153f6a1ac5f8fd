using EntityImport.Access;
using EntityImport.Catalog;
using Xunit;

namespace EntityImport.Storage.Tests;

public sealed class InsertAndReplaceTests
{
    private const string Item = """
        [{"systemName": "id", "dataType": "INTEGER", "primaryKey": true}, {"systemName": "name", "dataType": "STRING"}]
        """;

    [Fact]
    public async Task Insert_rejects_keys_that_exist_and_keys_that_came_earlier_in_the_file()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("item", Item);
        await engine.ImportAsync("item", "id,name\n1,one\n");
        var import = await engine.ImportAsync("item", "id,name\n2,two\n1,uno\nx,bad\n2,due\n3,three\n", """{"importMode": "INSERT"}""");
        Assert.Equal(new Ledger { Records = 5, Inserted = 2, Rejected = 3 }, import.Ledger);
        Assert.Equal(["1|one", "2|two", "3|three"], await engine.RecordsAsync("item"));
        Assert.Equal(
            """
            id,name,errorRow,errorLine,errorReasons
            1,uno,2,3,id: a record with this key exists already (1)
            x,bad,3,4,"id: not a number of this format; expected a whole number like 12,345 (x)"
            2,due,4,5,id: the key came already in row 1 (2)

            """,
            await engine.ErrorFileAsync(import));
    }

    [Fact]
    public async Task A_row_whose_earlier_twin_was_rejected_goes_in()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("item", """
            [{"systemName": "id", "dataType": "INTEGER", "primaryKey": true}, {"systemName": "n", "dataType": "INTEGER"}]
            """);
        var import = await engine.ImportAsync("item", "id,n\n1,x\n1,7\n", """{"importMode": "INSERT"}""");
        Assert.Equal(new Ledger { Records = 2, Inserted = 1, Rejected = 1 }, import.Ledger);
        Assert.Equal(["1|7"], await engine.RecordsAsync("item"));
    }

    /// <summary>A field of the key that a default alone fills has no column.</summary>
    [Theory]
    [InlineData("INSERT")]
    [InlineData("REPLACE")]
    public async Task A_key_of_which_a_default_fills_a_part_is_rejected_as_any_other(string mode)
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("item", """
            [{"systemName": "id", "dataType": "INTEGER", "primaryKey": true}, {"systemName": "site", "dataType": "STRING", "length": 10, "primaryKey": true}]
            """);
        var import = await engine.ImportAsync("item", "id\n1\n2\n1\n", $$"""
            {"importMode": "{{mode}}", "fields": [{"systemName": "id", "csvColumnName": "id"}, {"systemName": "site", "defaultValue": "north"}]}
            """);
        Assert.Equal((ImportState.Succeeded, new Ledger { Records = 3, Inserted = 2, Rejected = 1 }), (import.State, import.Ledger));
        var row = Assert.Single((await engine.Import.RejectedRows.ReadAsync(Request.Anonymous, import, null, 10, TestContext.Current.CancellationToken)).Rows);
        Assert.Equal(("id, site", "id", "the key came already in row 1"), (row.Reasons[0].Field, row.Reasons[0].Column, row.Reasons[0].Message));
        Assert.Equal(["1|north", "2|north"], await engine.RecordsAsync("item"));
    }

    [Fact]
    public async Task Replace_leaves_exactly_the_good_rows_of_the_file()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("item", Item);
        await engine.ImportAsync("item", "id,name\n1,one\n2,two\n");
        var import = await engine.ImportAsync("item", "id,name\n2,zwei\n3,drei\n3,trois\n,null\n", """{"importMode": "REPLACE"}""");
        Assert.Equal(new Ledger { Records = 4, Inserted = 2, Rejected = 2, Removed = 2 }, import.Ledger);
        Assert.Equal(["2|zwei", "3|drei"], await engine.RecordsAsync("item"));
    }

    [Theory]
    [InlineData("UPSERT")]
    [InlineData("INSERT")]
    [InlineData("REPLACE")]
    public async Task Rows_but_no_good_one_fail_and_leave_everything_as_it_was(string mode)
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("item", Item);
        await engine.ImportAsync("item", "id,name\n1,one\n");
        var import = await engine.ImportAsync("item", "id,name\nx,a\ny,b\n", $$"""{"importMode": "{{mode}}"}""");
        Assert.Equal(ImportState.Failed, import.State);
        Assert.True(import.ClientError);
        Assert.Equal(new Ledger { Records = 2, Rejected = 2 }, import.Ledger);
        Assert.Equal(["1|one"], await engine.RecordsAsync("item"));
        Assert.Equal(3, (await engine.ErrorFileAsync(import)).Count(c => c == '\n'));
    }

    [Theory]
    [InlineData("UPSERT", "1|one")]
    [InlineData("REPLACE", null)]
    public async Task A_header_without_rows_is_a_success_of_no_rows(string mode, string? left)
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("item", Item);
        await engine.ImportAsync("item", "id,name\n1,one\n");
        var import = await engine.ImportAsync("item", "id,name\n", $$"""{"importMode": "{{mode}}"}""");
        Assert.Equal(ImportState.Succeeded, import.State);
        Assert.Equal(0, import.Ledger.Records);
        Assert.Equal(left is null ? [] : [left], await engine.RecordsAsync("item"));
        Assert.Equal("id,name,errorRow,errorLine,errorReasons\n", await engine.ErrorFileAsync(import));
    }

    [Fact]
    public async Task A_dry_run_tells_everything_and_writes_nothing()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("item", Item);
        await engine.ImportAsync("item", "id,name\n1,one\n2,two\n");
        var import = await engine.ImportAsync("item", "id,name\n1,uno\n2,two\n3,three\nx,bad\n", """{"dryRun": true}""");
        Assert.Equal(ImportState.Succeeded, import.State);
        Assert.True(import.DryRun);
        Assert.Equal(new Ledger { Records = 4, Inserted = 1, Updated = 1, Unchanged = 1, Rejected = 1 }, import.Ledger);
        Assert.Equal(["1|one", "2|two"], await engine.RecordsAsync("item"));
    }

    [Theory]
    [InlineData("1", ImportState.Failed)]
    [InlineData("2", ImportState.Succeeded)]
    [InlineData("\"49.9%\"", ImportState.Failed)]
    [InlineData("\"50%\"", ImportState.Succeeded)]
    [InlineData("0", ImportState.Failed)]
    public async Task More_rejected_rows_than_allowed_fail_the_import(string limit, ImportState expected)
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("item", Item);
        var import = await engine.ImportAsync("item", "id,name\n1,a\nx,b\n3,c\ny,d\n", $$"""{"maxFailedRows": {{limit}}}""");
        Assert.Equal(expected, import.State);
        Assert.Equal(expected == ImportState.Succeeded ? ["1|a", "3|c"] : [], await engine.RecordsAsync("item"));
        Assert.Equal(4, import.Ledger.Records);
        // The rows that were too many can be seen.
        Assert.Equal(2, (await engine.Import.RejectedRows.ReadAsync(Request.Anonymous, import, null, 10, TestContext.Current.CancellationToken)).Rows.Count);
    }
}
