using System.Net;
using System.Text;
using EntityImport.Api;
using EntityImport.Storage.Tests.Durability;

namespace EntityImport.Server.Tests;

public sealed class DurabilityTests(TestServer server)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_full_queue_is_a_503_that_says_when_to_try_again()
    {
        await using var own = new TestServer(options => options with { MaxUnfinishedImports = 1 });
        await own.InitializeAsync();
        var (_, mapping) = await own.MapProductAsync();
        await Eventually.TrueAsync(
            async () =>
            {
                var large = await own.Client.ImportAsync(await own.UploadAsync(mapping, ImportTests.LargeCsv()), cancellationToken: Cancel);
                var upload = await own.UploadAsync(mapping, "Sku\n1\n");
                using var refused = await own.Http.PostAsync($"/v1/EntityImport/{upload}/import", null, Cancel);
                await own.Client.WaitAsync(large, TestServer.Patience, Cancel);
                if (refused.StatusCode == HttpStatusCode.Created) return false;
                Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
                Assert.True(refused.Headers.RetryAfter?.Delta > TimeSpan.Zero);
                Assert.Contains("urn:eis:problem:queue-full", await refused.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
                // Nothing was changed: the same upload can be imported now.
                await own.Client.WaitAsync(await own.Client.ImportAsync(upload, cancellationToken: Cancel), TestServer.Patience, Cancel);
                return true;
            },
            "The queue was never full.");
    }

    [Fact]
    public async Task Progress_never_goes_back_and_ends_with_all_bytes_and_rows_whatever_the_file_is_encoded_in()
    {
        var (_, mapping) = await server.MapProductAsync(new ImportDefinition { Encoding = "UTF-16LE" });
        var csv = ImportTests.LargeCsv()[..(3 << 20)];
        csv = csv[..(csv.LastIndexOf('\n') + 1)];
        var bytes = Encoding.Unicode.GetBytes(csv);
        var upload = await server.Client.UploadAsync(mapping, new MemoryStream(bytes), "products.csv", cancellationToken: Cancel);

        var seen = new List<ImportDetails>();
        await foreach (var details in server.Client.WatchAsync(await server.Client.ImportAsync(upload, cancellationToken: Cancel), Cancel)) seen.Add(details);

        Assert.Equal(ImportState.Succeeded, seen[^1].State);
        Assert.Equal(csv.Count(c => c == '\n') - 1, seen[^1].Progress.RecordsRead);
        Assert.Equal(bytes.Length, seen[^1].Progress.BytesRead);
        Assert.True(seen[^1].Progress.RecordsPerSecond > 0);
        Assert.Null(seen[^1].Progress.EstimatedSecondsLeft);
        foreach (var (before, after) in seen.Zip(seen.Skip(1)))
        {
            Assert.InRange(after.Progress.RecordsRead, before.Progress.RecordsRead, seen[^1].Progress.RecordsRead);
            Assert.InRange(after.Progress.BytesRead, before.Progress.BytesRead, bytes.Length);
            Assert.True(after.Progress.EstimatedSecondsLeft is null or > 0);
        }
    }

    [Fact]
    public async Task What_has_expired_is_told_from_what_never_was()
    {
        // Long enough for the import that is looked at, and over at the restart.
        var keep = TimeSpan.FromDays(1);
        await using var own = new TestServer(options => options with { KeepUploads = keep, KeepErrorFiles = keep });
        await own.InitializeAsync();
        var (_, mapping) = await own.MapProductAsync();
        var run = await own.ImportAsync(mapping, "Sku,Quantity\n1,x\n2,3\n");
        var report = await own.Client.GetReportAsync(run.Status.EntityImportId, Cancel);

        keep = TimeSpan.FromMilliseconds(1);
        await own.RestartAsync();
        await Eventually.TrueAsync(() => Directory.GetDirectories(Path.Combine(own.DataDirectory, "uploads")).Length == 0, "The upload was not swept.");

        await own.RefusedAsync(HttpMethod.Get, $"/v1/EntityImport/{run.UploadId}/file", HttpStatusCode.NotFound, "file-expired");
        await own.RefusedAsync(HttpMethod.Get, $"/v1/EntityImport/{run.Status.EntityImportId}/errorFile", HttpStatusCode.NotFound, "file-expired");
        await own.RefusedAsync(HttpMethod.Get, $"/v1/EntityImport/imports/{run.Status.EntityImportId}/errors", HttpStatusCode.NotFound, "file-expired");
        await own.RefusedAsync(HttpMethod.Get, $"/v1/EntityImport/{Guid.NewGuid()}/file", HttpStatusCode.NotFound, "upload-not-found");
        Assert.Equal(report, await own.Client.GetReportAsync(run.Status.EntityImportId, Cancel));
        Assert.Equal(2, (await own.Client.GetImportAsync(run.Status.EntityImportId, Cancel)).Ledger.Records);
    }

    [Fact]
    public async Task On_a_full_disk_uploads_are_507_the_service_stays_up_and_goes_on_when_there_is_space()
    {
        using var disk = new SmallDisk(megabytes: 48);
        await using var own = new TestServer(options => options with { RetryPause = TimeSpan.FromMilliseconds(100) }, disk.DataDirectory);
        await own.InitializeAsync();
        var (entity, mapping) = await own.MapProductAsync();
        Assert.Equal(ReportStatus.Success, (await own.ImportAsync(mapping, "Sku\n1\n")).Report.Status);

        disk.Fill();
        var large = string.Concat("Sku\n", new string('9', 20), "\n", string.Concat(Enumerable.Range(0, 500_000).Select(i => $"{i}\n")));
        for (var i = 0; i < 3; i++)
            await own.RefusedAsync(HttpMethod.Post, $"/v1/EntityImport/{mapping}/upload", (HttpStatusCode)507, "disk-full", new StringContent(large, Encoding.UTF8, "text/csv"));
        await own.SendAsync(HttpMethod.Get, "/health/live", HttpStatusCode.OK);
        await own.RefusedAsync(HttpMethod.Get, "/health/ready", HttpStatusCode.ServiceUnavailable, "not-ready");
        Assert.Single((await own.Client.ReadRecordsAsync(entity, cancellationToken: Cancel)).Records);
        Assert.Single(Directory.GetDirectories(Path.Combine(own.DataDirectory, "uploads")));
        await Eventually.TrueAsync(() => Directory.GetDirectories(Path.Combine(own.DataDirectory, "incoming")).Length == 0, "Something of the refused files stays.");
        disk.Free();

        await own.SendAsync(HttpMethod.Get, "/health/ready", HttpStatusCode.OK);
        Assert.Equal(ReportStatus.Success, (await own.ImportAsync(mapping, "Sku\n2\n")).Report.Status);
        Assert.Equal(2, (await own.Client.ReadRecordsAsync(entity, cancellationToken: Cancel)).Records.Count);
    }
}
