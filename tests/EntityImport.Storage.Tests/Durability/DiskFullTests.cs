using System.Globalization;
using System.Text;
using DuckDB.NET.Data;
using EntityImport.Access;
using EntityImport.Catalog;
using EntityImport.Records;
using Xunit;

namespace EntityImport.Storage.Tests.Durability;

public sealed class DiskFullTests
{
    private const string Fields = """[{"systemName": "id", "dataType": "INTEGER", "primaryKey": true}, {"systemName": "name", "dataType": "STRING"}]""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Imports_on_a_full_disk_wait_or_fail_and_happen_once_when_there_is_space_again()
    {
        using var disk = new SmallDisk(megabytes: 64);
        await using var engine = await StartAsync(disk);
        await engine.DeclareAsync("e", Fields);
        var mapping = await engine.MapAsync("e", """{"importMode": "INSERT"}""");
        Assert.Equal(ImportState.Succeeded, (await engine.ImportAsync(mapping, Rows(0, 10))).State);
        var upload = (await engine.Import.Uploads.ReceiveAsync(Request.Anonymous, mapping, new MemoryStream(Rows(10, 20_000)), "test.csv", charset: null, Token))!;
        var further = (await engine.Import.Uploads.ReceiveAsync(Request.Anonymous, mapping, new MemoryStream(Rows(30_000, 10)), "test.csv", charset: null, Token))!;

        var import = (await engine.Import.Imports.InvokeAsync(Request.Anonymous, upload.Id, Token))!;
        disk.Fill();
        var refused = await Assert.ThrowsAnyAsync<Exception>(() => engine.Import.Uploads.ReceiveAsync(Request.Anonymous, mapping, new MemoryStream(Rows(50_000, 10_000)), "test.csv", charset: null, Token));
        Assert.True(refused is RequestException { Type: "disk-full" } or StoreUnavailableException { IsDiskFull: true }, refused.ToString());
        Assert.NotEmpty(await engine.RecordsAsync("e"));
        await AnswersAsync(() => engine.Import.Imports.InvokeAsync(Request.Anonymous, further.Id, Token));
        disk.Free();

        await SucceedAsync(engine, upload.Id);
        await SucceedAsync(engine, further.Id);
        Assert.NotNull(await engine.Import.ImportViews.FindAsync(Request.Anonymous, import.Id, Token));
        Assert.Equal(ImportState.Succeeded, (await engine.ImportAsync(mapping, Rows(60_000, 5))).State);
        var entity = (await engine.Import.Entities.FindAsync(Request.Anonymous, "e", Token))!;
        var page = await engine.Import.Records.ReadAsync(Request.Anonymous, new RecordQuery { Entity = entity, Select = entity.Fields, Count = true }, Token);
        Assert.Equal(10 + 20_000 + 10 + 5, page.Total);
        Assert.Single(Directory.GetFiles(Path.Combine(engine.DataDirectory, "uploads", $"{upload.Id:D}"), "data"));
    }

    [Fact]
    public async Task A_store_that_a_checkpoint_on_a_full_disk_invalidates_is_opened_again_and_the_service_goes_on()
    {
        using var disk = new SmallDisk(megabytes: 48);
        await using var engine = await StartAsync(disk);
        await engine.DeclareAsync("e", Fields);
        var mapping = await engine.MapAsync("e", "{}");
        Assert.Equal(ImportState.Succeeded, (await engine.ImportAsync(mapping, Rows(0, 20_000))).State);
        var upload = (await engine.Import.Uploads.ReceiveAsync(Request.Anonymous, mapping, new MemoryStream(Rows(20_000, 10)), "test.csv", charset: null, Token))!;

        disk.Fill();
        Invalidate(disk);
        // It can be read though the disk is still full.
        Assert.Single(await engine.Import.Entities.ListAsync(Request.Anonymous, Token));
        await AnswersAsync(() => engine.Import.Imports.InvokeAsync(Request.Anonymous, upload.Id, Token));
        disk.Fill();
        Invalidate(disk);
        disk.Free();

        await SucceedAsync(engine, upload.Id);
        var entity = (await engine.Import.Entities.FindAsync(Request.Anonymous, "e", Token))!;
        var page = await engine.Import.Records.ReadAsync(Request.Anonymous, new RecordQuery { Entity = entity, Select = entity.Fields, Count = true }, Token);
        Assert.Equal(20_010, page.Total);
    }

    private static Task<Engine> StartAsync(SmallDisk disk) => Engine.StartAsync(new EngineSetup
    {
        DataDirectory = disk.DataDirectory,
        Options = options => options with { RetryPause = TimeSpan.FromMilliseconds(100), StoreMemoryBytes = 256 << 20 },
    });

    /// <summary>A checkpoint that cannot write makes DuckDB refuse every later statement.</summary>
    private static void Invalidate(SmallDisk disk)
    {
        using var connection = new DuckDBConnection($"DataSource={Path.Combine(disk.DataDirectory, "store.duckdb")}");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "CREATE OR REPLACE TABLE eis.ballast AS SELECT range FROM range(1)";
        try
        {
            command.ExecuteNonQuery();
        }
        catch (DuckDBException)
        {
            // The log may be full, too.
        }

        command.CommandText = "FORCE CHECKPOINT";
        Assert.Equal(DuckDB.NET.Native.DuckDBErrorType.Fatal, Assert.Throws<DuckDBException>(() => command.ExecuteNonQuery()).ErrorType);
    }

    /// <summary>Whatever a call answers, it answers; that the store is unavailable is one answer.</summary>
    private static async Task AnswersAsync(Func<Task> call)
    {
        try
        {
            await call();
        }
        catch (StoreUnavailableException exception)
        {
            Assert.True(exception.IsDiskFull, exception.ToString());
        }
    }

    /// <summary>Waits for the end of the upload's import; where the service gave up, invokes it again, as the client would.</summary>
    private static async Task SucceedAsync(Engine engine, Guid uploadId)
    {
        for (var attempt = 0; attempt < 5; attempt++)
        {
            Import? last = null;
            await Eventually.TrueAsync(
                async () =>
                {
                    try
                    {
                        return (last = await engine.Catalog.FindLastImportAsync(uploadId, Token)) is not { HasEnded: false };
                    }
                    catch (StoreUnavailableException)
                    {
                        return false;
                    }
                },
                "The import hangs.");
            if (last?.State == ImportState.Succeeded) return;
            if (last is not null) Assert.Equal((ImportState.Failed, false), (last.State, last.ClientError));
            await engine.Import.Imports.InvokeAsync(Request.Anonymous, uploadId, Token);
        }

        Assert.Fail("The import does not succeed.");
    }

    private static byte[] Rows(int first, int count)
    {
        var text = new StringBuilder("id,name\n");
        for (var id = first; id < first + count; id++) text.Append(CultureInfo.InvariantCulture, $"{id},{Convert.ToHexString(BitConverter.GetBytes(id * 7919L))}\n");
        return Encoding.UTF8.GetBytes(text.ToString());
    }
}
