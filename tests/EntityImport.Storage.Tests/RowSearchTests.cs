using EntityImport.Access;
using EntityImport.Catalog;
using EntityImport.Engine;
using EntityImport.Records;
using Xunit;

namespace EntityImport.Storage.Tests;

/// <summary>The row that made a record what it is is found in the import's file, as the import read it.</summary>
public sealed class RowSearchTests
{
    private const string Fields = """[{"systemName": "id", "dataType": "STRING", "primaryKey": true}, {"systemName": "at", "dataType": "DATETIME", "primaryKey": true}, {"systemName": "rate", "dataType": "DECIMAL", "precision": 9, "scale": 4, "primaryKey": true}, {"systemName": "n", "dataType": "INTEGER"}]""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Rows and lines are those of the error file: rows are records after the header, lines are physical. A row that was rejected has made nothing.</summary>
    [Theory]
    [InlineData("{}", "Found 4 6")]
    [InlineData("""{"importMode": "INSERT"}""", "Found 2 4")]
    [InlineData("""{"importMode": "REPLACE"}""", "Found 2 4")]
    public async Task The_row_that_won_is_found_with_its_line(string definition, string expected)
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("e", Fields);
        var import = await engine.ImportAsync("e", "id,at,rate,n\n\"b\nb\",2024-01-01 00:00:00,1,1\n\"a \"\"x\"\"\",2024-01-31 10:20:30,0.5,2\nc,2024-01-31 10:20:30,0.5,2\n\"a \"\"x\"\"\",2024-01-31 10:20:30,0.50,3\n\"a \"\"x\"\"\",2024-01-31 10:20:30,0.5,many\n", definition);
        Assert.Equal(ImportState.Succeeded, import.State);

        Assert.Equal([expected], await FindAsync(engine, "a \"x\""));
    }

    /// <summary>Each entry is looked up in the file of its own import, under the mapping of then; what has no row has none.</summary>
    [Fact]
    public async Task Each_import_is_looked_up_in_its_own_file()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("e", """[{"systemName": "id", "dataType": "INTEGER", "primaryKey": true}, {"systemName": "n", "dataType": "INTEGER"}]""");
        await engine.ImportAsync("e", "n;id\n1;1\n1;2\n", """{"fieldDelimiter": ";"}""");
        var expired = await engine.ImportAsync("e", "id,n\n2,2\n");
        await engine.ImportAsync("e", $"id,n\n{string.Concat(Enumerable.Range(1, 20_000).Select(id => $"{(id == 10_007 ? 2 : id + 10)},3\n"))}");
        var replace = await engine.ImportAsync("e", "id,n\n1,9\n", """{"importMode": "REPLACE"}""");
        await engine.EndOfAsync((await engine.Import.Undos.InvokeAsync(Request.Anonymous, replace.Id, Token))!);
        var upload = (await engine.Catalog.FindUploadAsync(expired.UploadId, Token))!;
        await engine.Catalog.CommitAsync(new CatalogCommit { ChangedUpload = upload with { ExpiredAt = DateTimeOffset.UtcNow } }, Token);

        // What the undo brought back, and the REPLACE took out, came from no row.
        Assert.Equal(["none", "none", "Found 10007 10008", "Expired 0 0", "Found 2 3"], await FindAsync(engine, 2L));
    }

    [Fact]
    public async Task The_newest_entries_are_looked_up_and_no_more()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("e", """[{"systemName": "id", "dataType": "INTEGER", "primaryKey": true}, {"systemName": "n", "dataType": "INTEGER"}]""");
        for (var i = 0; i <= HistoryService.MaxRows; i++) await engine.ImportAsync("e", $"id,n\n1,{i}\n");

        var sources = await FindAsync(engine, 1L);

        Assert.Equal(HistoryService.MaxRows, sources.Count(source => source == "Found 1 2"));
        Assert.Equal("NotLookedUp 0 0", sources[^1]);
    }

    private static async Task<string[]> FindAsync(Engine engine, object first)
    {
        var entity = (await engine.Import.Entities.FindAsync(Request.Anonymous, "e", Token))!;
        var key = new Comparison(ComparisonOperator.Equal, new FieldOperand(entity.Fields[0]), new Constant(entity.Fields[0].DataType, first));
        var story = await engine.Import.History.ReadAsync(Request.Anonymous, entity, key, Token);
        var sources = await engine.Import.History.FindRowsAsync(Request.Anonymous, entity, story.Changes, Token);
        return [.. sources.Select(source => source is null ? "none" : $"{source.State} {source.Row} {source.Line}")];
    }
}
