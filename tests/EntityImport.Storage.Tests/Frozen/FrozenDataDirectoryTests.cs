using System.IO.Compression;
using System.Text;
using EntityImport.Access;
using EntityImport.Catalog;
using Xunit;

namespace EntityImport.Storage.Tests.Frozen;

/// <summary>A data directory that an earlier program left is opened with everything in it; see the README beside it.</summary>
public sealed class FrozenDataDirectoryTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Entities_and_records_are_as_they_were_and_what_was_unfinished_is_imported()
    {
        await using var engine = await OpenAsync();
        await EndAllAsync(engine);

        Assert.Equal(["everything", "keyless", "people", "pseudo"], (await engine.Import.Entities.ListAsync(Request.Anonymous, Token)).Select(entity => entity.SystemName));
        Assert.Equal(
            [
                "1|Schöne; Wörter|1234.50|12345678901234567890.0123456789|1500.0|true|2024-12-31|2024-12-31T23:59:59Z|12.5000|0.125000",
                "2|kept|0.01|∅|∅|false|2024-01-01|∅|∅|0.010000",
            ],
            await engine.RecordsAsync("everything"));
        Assert.Equal(["1|∅|a", "2|7|b", "3|7|c"], await engine.RecordsAsync("pseudo"));
        Assert.Equal(["queued|4", "unfinished|3", "ö|1", "ü|2"], (await engine.RecordsAsync("keyless")).Order(StringComparer.Ordinal));
        Assert.Equal(["Ada|Lovelace|36", "Alan|Turing|41"], await engine.RecordsAsync("people"));
    }

    [Fact]
    public async Task Imports_are_told_as_they_ended()
    {
        await using var engine = await OpenAsync();
        await EndAllAsync(engine);

        var imports = (await engine.Import.ImportViews.ListAsync(Request.Anonymous, new ImportQuery(null, [], Before: null, Limit: 100), Token)).Reverse().ToList();
        Assert.Equal(
            [
                (1, "everything", ImportState.Succeeded, 6, 2), (2, "pseudo", ImportState.Succeeded, 3, 3), (3, "keyless", ImportState.Succeeded, 2, 2),
                (4, "people", ImportState.Succeeded, 2, 2), (5, "people", ImportState.Failed, 1, 0), (6, "people", ImportState.Succeeded, 1, 1),
                (7, "keyless", ImportState.Succeeded, 1, 1), (8, "keyless", ImportState.Succeeded, 1, 1),
            ],
            imports.Select(import => ((int)import.Sequence, import.EntitySystemName, import.State, (int)import.Ledger.Records, (int)import.Ledger.Inserted)));
        Assert.True(imports[5].DryRun);
        Assert.Contains("no column has the name of a field of people", imports[4].Message, StringComparison.Ordinal);
        Assert.Equal(new Ledger { Records = 6, Inserted = 2, Superseded = 1, Rejected = 3 }, imports[0].Ledger);
    }

    [Fact]
    public async Task Files_rejected_rows_mappings_and_keys_of_requests_are_there()
    {
        await using var engine = await OpenAsync();
        var import = (await engine.Import.ImportViews.ListAsync(Request.Anonymous, new ImportQuery("everything", [], Before: null, Limit: 1), Token))[0];

        var (rows, _) = await engine.Import.RejectedRows.ReadAsync(Request.Anonymous, import, cursor: null, limit: 10, Token);
        Assert.Equal([3L, 4, 5], rows.Select(row => row.Row));
        Assert.Equal(["string.length", "number.format", "boolean.format", "date.format"], rows[0].Reasons.Select(reason => reason.Code));
        Assert.Equal(("id", "key.null"), (rows[1].Reasons[0].Field, rows[1].Reasons[0].Code));
        Assert.Equal("\"broken\" quote;;;;;;;;;", rows[2].Record);
        var lines = (await engine.ErrorFileAsync(import)).Split('\n');
        Assert.Equal("id;text;amount;wide;ratio;flag;day;moment;price;share;errorRow;errorLine;errorReasons;errorRecord", lines[0]);
        Assert.StartsWith("3;a text of more than twenty characters;x;;;maybe;30.02.2024;;;;3;4;", lines[1], StringComparison.Ordinal);

        var upload = (await engine.Import.Uploads.FindAsync(Request.Anonymous, import.UploadId, Token))!;
        await using var file = (await engine.Import.Uploads.OpenFileAsync(Request.Anonymous, upload, Token))!;
        using var reader = new StreamReader(file, Encoding.UTF8);
        Assert.StartsWith("id;text;amount", await reader.ReadToEndAsync(Token), StringComparison.Ordinal);
        Assert.Equal("prices.csv", upload.FileName);

        var mapping = (await engine.Import.Mappings.FindAsync(Request.Anonymous, upload.MappingId!.Value, Token))!;
        Assert.Equal(2, mapping.Revision);
        Assert.Contains("\"maxFailedRows\":\"90%\"", mapping.Document, StringComparison.Ordinal);

        // The answer to a request that was carried out before is still known, and nothing is done again.
        var again = await engine.Import.Imports.InvokeAsync(
            new Request(Caller.Anonymous, new RequestKey("frozen-1", $"POST /v1/EntityImport/{upload.Id}/import")), upload.Id, Token);
        Assert.Equal(import.Id, again!.Id);
    }

    [Fact]
    public async Task Its_entities_are_imported_into_as_if_they_were_new()
    {
        await using var engine = await OpenAsync();

        var import = await engine.ImportAsync("pseudo", "id,rowid,first\n1,,a2\n2,7,b\n3,7,c2\n4,9,d\n");
        Assert.Equal(new Ledger { Records = 4, Inserted = 1, Updated = 2, Unchanged = 1 }, import.Ledger);
        Assert.Equal(["1|∅|a2", "2|7|b", "3|7|c2", "4|9|d"], await engine.RecordsAsync("pseudo"));
        Assert.Equal(["3|7|c2"], await engine.RecordsAsync("pseudo", "id", "3"));
    }

    private static async Task<Engine> OpenAsync()
    {
        var directory = Directory.CreateTempSubdirectory("eis-test-").FullName;
        await ZipFile.ExtractToDirectoryAsync(Path.Combine(AppContext.BaseDirectory, "Frozen", "data-directory-0.zip"), directory, Token);
        return await Engine.StartAsync(new EngineSetup { DataDirectory = directory });
    }

    private static async Task EndAllAsync(Engine engine)
    {
        foreach (var import in await engine.Import.ImportViews.ListAsync(Request.Anonymous, new ImportQuery(null, [], Before: null, Limit: 100), Token)) await engine.EndOfAsync(import);
    }
}
