namespace EntityImport.Server.Tests;

/// <summary>Administrators see how much space what takes, and when it is free again.</summary>
public sealed class StorageUseTests(TestServer server) : IClassFixture<TestServer>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Uploads_before_images_and_plans_are_counted_with_their_ends()
    {
        var before = await server.Client.GetStorageAsync(Token);
        var (entity, mapping) = await server.MapProductAsync();
        const string file = "Sku,Name,Price\nA-1,One,1\nA-2,Two,2\n";
        var first = await server.ImportAsync(mapping, file);
        await server.ImportAsync(mapping, "Sku,Name,Price\nA-1,New,1\n");
        var upload = await server.UploadAsync(mapping, "Sku,Name,Price\nA-1,Newer,1\n");
        var plan = await server.Client.PlanAsync(upload, Token);
        await foreach (var _ in server.Client.WatchPlanAsync(plan, Token)) { }

        var use = await server.Client.GetStorageAsync(Token);

        Assert.InRange(use.DatabaseBytes, 1, long.MaxValue);
        Assert.Equal((before.Uploads.Count + 3, before.Uploads.Bytes + file.Length + 25 + 27), (use.Uploads.Count, use.Uploads.Bytes));
        Assert.Null(use.Uploads.ExpiresDate);
        var kept = Assert.Single(use.BeforeImages.Entities, kept => kept.EntitySystemName == entity);
        var ended = (await server.Client.GetImportAsync(first.Status.EntityImportId, Token)).StopDate;
        Assert.Equal((2L, 1L, ended, ended + TimeSpan.FromDays(30)), (kept.Imports, kept.Records, kept.OldestDate, kept.ExpiresDate));
        Assert.Equal(use.BeforeImages.Entities.Sum(other => other.Bytes), use.BeforeImages.Bytes);
        Assert.Equal((20L << 30, 20L << 30), (use.BeforeImages.MaxBytes, use.Plans.MaxBytes));
        var details = (await server.Client.GetPlanAsync(plan, Token)).Plan;
        Assert.Equal((before.Plans.Count + 1, before.Plans.Bytes + details.Bytes), (use.Plans.Count, use.Plans.Bytes));
        Assert.NotNull(use.Plans.ExpiresDate);
        await Eventually.TrueAsync(async () => (await server.Client.GetStorageAsync(Token)).ErrorFiles is not null, "Error files are not looked at.");
    }
}
