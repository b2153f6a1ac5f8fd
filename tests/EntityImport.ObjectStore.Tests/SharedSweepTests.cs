using EntityImport.Catalog;
using EntityImport.DuckDb;
using EntityImport.Files;
using EntityImport.Options;
using EntityImport.Upkeep;
using Microsoft.Extensions.Logging.Abstractions;

namespace EntityImport.ObjectStore.Tests;

public sealed class SharedSweepTests
{
    public static TheoryData<string> Places => TestPlaces.All;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Places))]
    public async Task Only_an_upload_that_nobody_was_told_of_goes_and_only_once_it_is_a_day_old(string place)
    {
        using var store = await TestPlaces.OpenAsync(place);
        var data = Directory.CreateTempSubdirectory("eis-sweep-").FullName;
        using var directory = new DataDirectory(data);
        await using var records = DuckDbStore.Open(new EngineOptions { DataDirectory = data, StoreMemoryBytes = 256 << 20 });
        var files = new ImportFiles(store, directory.Scratch);
        var (untold, known, foreign) = (Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7());
        foreach (var id in (Guid[])[untold, known, foreign])
        {
            using var upload = files.BeginUpload(id);
            await upload.Data.WriteAsync("abc"u8.ToArray(), Token);
            await upload.KeepAsync(index: null, Token);
        }

        // Of another catalog, perhaps: somebody was told of it.
        files.ConfirmUpload(foreign);
        await records.Catalog.CommitAsync(new CatalogCommit { NewUpload = new Upload { Id = known, Size = 3, Sha256 = "", CreatedAt = DateTimeOffset.UtcNow } }, Token);
        var sweep = new SharedSweep(records.Catalog, files, NullLogger.Instance);

        await sweep.SweepAsync(DateTimeOffset.UtcNow.AddHours(23), Token);
        Assert.Equal(new[] { untold, known, foreign }.Order(), files.ListUploads().Order());
        await sweep.SweepAsync(DateTimeOffset.UtcNow.AddHours(25), Token);

        Assert.Equal(new[] { known, foreign }.Order(), store.ListFiles("uploads").Select(file => Guid.Parse(file.Path.Split('/')[1])).Distinct().Order());
        Assert.Empty(files.ListUnanswered());
    }
}
