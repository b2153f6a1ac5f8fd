using System.Text;
using System.Text.Json;
using EntityImport.DuckDb;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace EntityImport.Storage.Tests;

/// <summary>What a crash between storing an upload's file and noting it in the catalog leaves behind.</summary>
public sealed class UploadSweepTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("eis-test-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Files_of_uploads_that_the_catalog_does_not_know_go_with_the_next_start_and_all_others_stay()
    {
        var csv = "id\n1\n"u8.ToArray();
        var kept = await OnEngineAsync(async (engine, token) =>
        {
            using var entity = JsonDocument.Parse("""{"fields": [{"systemName": "id", "dataType": "INTEGER", "primaryKey": true}]}""");
            await engine.Entities.PutAsync("note", entity.RootElement, token);
            using var mapping = JsonDocument.Parse("""{"entitySystemName": "note", "definition": {}}""");
            var mappingId = (await engine.Mappings.CreateAsync(mapping.RootElement, token)).Id;
            return (await engine.Uploads.ReceiveAsync(mappingId, new MemoryStream(csv), "note.csv", token))!.Id;
        });
        var uploads = Path.Combine(_directory, "uploads");
        var unknown = Directory.CreateDirectory(Path.Combine(uploads, Guid.NewGuid().ToString("D"))).FullName;
        await File.WriteAllBytesAsync(Path.Combine(unknown, "data"), csv, TestContext.Current.CancellationToken);

        var read = await OnEngineAsync(async (engine, token) =>
        {
            await using var file = engine.Uploads.OpenFile((await engine.Uploads.FindAsync(kept, token))!);
            using var reader = new StreamReader(file, Encoding.UTF8);
            return await reader.ReadToEndAsync(token);
        });

        Assert.Equal("id\n1\n", read);
        Assert.Equal([Path.Combine(uploads, kept.ToString("D"))], Directory.GetDirectories(uploads));
    }

    private async Task<T> OnEngineAsync<T>(Func<ImportEngine, CancellationToken, Task<T>> act)
    {
        var token = TestContext.Current.CancellationToken;
        var options = new EngineOptions { DataDirectory = _directory };
        await using var store = DuckDbStore.Open(options);
        await using var engine = await ImportEngine.OpenAsync(store.Catalog, store.Data, options, TimeProvider.System, NullLoggerFactory.Instance, token);
        return await act(engine, token);
    }
}
