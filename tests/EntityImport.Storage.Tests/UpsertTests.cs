using EntityImport.Catalog;
using Xunit;

namespace EntityImport.Storage.Tests;

public sealed class UpsertTests
{
    private const string Product = """
        [{"systemName": "sku", "dataType": "STRING", "primaryKey": true},
         {"systemName": "name", "dataType": "STRING", "length": 20},
         {"systemName": "price", "dataType": "CURRENCY", "precision": 12, "scale": 2},
         {"systemName": "since", "dataType": "DATE"}]
        """;

    [Fact]
    public async Task Rows_are_inserted_updated_or_left_unchanged_and_the_last_of_a_key_wins()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("product", Product);
        var first = await engine.ImportAsync("product", "sku,name,price,since\nA1,Bolt,\"$1,234.50\",2024-01-31\nA2,Nut,2,\n");
        Assert.Equal(ImportState.Succeeded, first.State);
        Assert.Equal(new Ledger { Records = 2, Inserted = 2 }, first.Ledger);

        var second = await engine.ImportAsync("product", "sku,name,price\nA1,Bolt,1234.5\nA2,Nut,3\nA3,x,1\nA3,Washer,0.5\nA4,Bad,1.234\n");
        Assert.Equal(
            new Ledger { Records = 5, Inserted = 1, Updated = 1, Unchanged = 1, Superseded = 1, Rejected = 1 }, second.Ledger);
        Assert.Equal(["A1|Bolt|1234.50|2024-01-31", "A2|Nut|3.00|∅", "A3|Washer|0.50|∅"], await engine.RecordsAsync("product"));
        var errors = await engine.ErrorFileAsync(second);
        Assert.StartsWith("sku,name,price,errorRow,errorLine,errorReasons\nA4,Bad,1.234,5,6,price: more than 2 decimals;", errors, StringComparison.Ordinal);
        Assert.EndsWith("(1.234)\n", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_mapped_fields_of_an_existing_record_change()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("product", Product);
        await engine.ImportAsync("product", "sku,name,price,since\nA1,Bolt,1,2024-01-31\n");
        await engine.ImportAsync("product", "Code,Cost,ignored\nA1,9,zzz\n", """
            {"fields": [{"systemName": "sku", "csvColumnName": "Code"}, {"systemName": "price", "csvColumnName": "Cost"}]}
            """);
        Assert.Equal(["A1|Bolt|9.00|2024-01-31"], await engine.RecordsAsync("product"));
    }

    [Theory]
    [InlineData("CLEAR", "A1|∅|∅|∅")]
    [InlineData("KEEP", "A1|Bolt|1.00|2024-01-31")]
    public async Task An_empty_field_clears_or_keeps_what_is_there(string emptyValues, string expected)
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("product", Product);
        await engine.ImportAsync("product", "sku,name,price,since\nA1,Bolt,1,2024-01-31\n");
        await engine.ImportAsync("product", "sku,name,price,since\nA1,,\"\",\n", $$"""{"emptyValues": "{{emptyValues}}"}""");
        Assert.Equal([expected], await engine.RecordsAsync("product"));
    }

    [Fact]
    public async Task Kept_values_of_a_repeated_key_add_up_as_if_the_rows_were_applied_one_by_one()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("product", Product);
        var import = await engine.ImportAsync("product", "sku,name,price\nA1,Bolt,\nA1,,5\nA1,,\nA2,,\n", """
            {"emptyValues": "KEEP", "fields": [
              {"systemName": "sku", "csvColumnName": "sku"}, {"systemName": "name", "csvColumnName": "name", "defaultValue": "none"},
              {"systemName": "price", "csvColumnName": "price", "defaultValue": "7"}]}
            """);
        Assert.Equal(new Ledger { Records = 4, Inserted = 2, Superseded = 2 }, import.Ledger);
        Assert.Equal(["A1|Bolt|5.00|∅", "A2|none|7.00|∅"], await engine.RecordsAsync("product"));

        await engine.ImportAsync("product", "sku,name\nA1,\nA2,\n", """
            {"emptyValues": "KEEP", "fields": [
              {"systemName": "sku", "csvColumnName": "sku"}, {"systemName": "name", "csvColumnName": "name", "defaultValue": "other"}]}
            """);
        Assert.Equal(["A1|Bolt|5.00|∅", "A2|none|7.00|∅"], await engine.RecordsAsync("product"));
    }

    [Theory]
    [InlineData("CLEAR")]
    [InlineData("KEEP")]
    public async Task A_default_with_a_year_of_two_digits_is_read_as_the_file_is(string emptyValues)
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("product", Product);
        await engine.ImportAsync("product", "sku,since\nA1,31.01.24\nA2,\n", $$"""
            {"emptyValues": "{{emptyValues}}", "fields": [
              {"systemName": "sku", "csvColumnName": "sku"},
              {"systemName": "since", "csvColumnName": "since", "format": "dd.MM.yy", "defaultValue": "30.01.24"}]}
            """);
        Assert.Equal(["A1|∅|∅|2024-01-31", "A2|∅|∅|2024-01-30"], await engine.RecordsAsync("product"));
    }

    [Fact]
    public async Task A_composite_key_identifies_a_record_by_all_its_fields()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("stock", """
            [{"systemName": "site", "dataType": "INTEGER", "primaryKey": true}, {"systemName": "day", "dataType": "DATE", "primaryKey": true},
             {"systemName": "sku", "dataType": "STRING", "primaryKey": true}, {"systemName": "level", "dataType": "INTEGER"}]
            """);
        await engine.ImportAsync("stock", "site,day,sku,level\n1,2024-01-01,A,10\n1,2024-01-02,A,20\n2,2024-01-01,A,30\n");
        var import = await engine.ImportAsync("stock", "level,sku,day,site\n11,A,2024-01-01,1\n20,A,2024-01-02,1\n5,B,2024-01-01,1\n6,B,2024-01-01,1\n");
        Assert.Equal(new Ledger { Records = 4, Inserted = 1, Updated = 1, Unchanged = 1, Superseded = 1 }, import.Ledger);
        Assert.Equal(
            ["1|2024-01-01|A|11", "1|2024-01-01|B|6", "1|2024-01-02|A|20", "2|2024-01-01|A|30"], await engine.RecordsAsync("stock"));
    }

    [Fact]
    public async Task A_row_with_a_new_key_is_rejected_where_a_required_field_has_no_column()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("item", """
            [{"systemName": "id", "dataType": "INTEGER", "primaryKey": true}, {"systemName": "name", "dataType": "STRING", "required": true},
             {"systemName": "n", "dataType": "INTEGER"}]
            """);
        await engine.ImportAsync("item", "id,name\n1,one\n");
        var import = await engine.ImportAsync("item", "id,n\n1,5\n2,6\n");
        Assert.Equal(new Ledger { Records = 2, Updated = 1, Rejected = 1 }, import.Ledger);
        Assert.Equal(["1|one|5"], await engine.RecordsAsync("item"));
        Assert.Equal(
            "id,n,errorRow,errorLine,errorReasons\n2,6,2,3,\"name: the row is new, but this required field has no column\"\n",
            await engine.ErrorFileAsync(import));
    }

    [Fact]
    public async Task Where_nothing_is_there_every_row_is_new_and_rejected_for_it()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("item", """
            [{"systemName": "id", "dataType": "INTEGER", "primaryKey": true}, {"systemName": "name", "dataType": "STRING", "required": true}]
            """);
        var import = await engine.EndOfAsync(await engine.InvokeAsync(await engine.MapAsync("item", "{}"), "id\n1\n2\n"));
        Assert.Equal((ImportState.Failed, EndCode.NoGoodRows, 2), (import.State, import.Code, import.Ledger.Rejected));
        Assert.Empty(await engine.RecordsAsync("item"));
    }

    [Fact]
    public async Task Without_a_key_every_row_is_a_new_record()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("log", """[{"systemName": "text", "dataType": "STRING"}]""");
        await engine.ImportAsync("log", "text\na\na\n");
        var import = await engine.ImportAsync("log", "text\na\n\nb\n");
        Assert.Equal(new Ledger { Records = 3, Inserted = 3 }, import.Ledger);
        Assert.Equal(["a", "a", "a", "b", "∅"], (await engine.RecordsAsync("log")).Order(StringComparer.Ordinal));
    }
}
