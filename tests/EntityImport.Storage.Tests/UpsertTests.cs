using EntityImport.Imports;
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
        Assert.Equal(
            "sku,name,price,errorRow,errorLine,errorReasons\nA4,Bad,1.234,5,6,price: more than 2 decimals (1.234)\n",
            await engine.ErrorFileAsync(second));
    }
}
