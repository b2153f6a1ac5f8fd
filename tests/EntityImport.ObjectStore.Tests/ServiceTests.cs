using System.Net;
using EntityImport.Api;
using EntityImport.Server.Tests;

namespace EntityImport.ObjectStore.Tests;

/// <summary>The service with its files in an object store, from an upload to its undo, and what it tells when files are lost, changed or out of reach.</summary>
public sealed class ServiceTests
{
    private const string Csv = "Sku,Name,Price\nA-1,One,1.50\nA-2,Two,abc\nA-3,Three,3.50\n";

    public static TheoryData<string> Places => TestPlaces.All;

    public static TheoryData<string> Remote => TestPlaces.Remote;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Places))]
    public async Task Files_go_from_an_upload_to_its_undo_and_none_is_in_the_data_directory(string place)
    {
        var at = TestPlaces.Take(place);
        var prefix = Guid.NewGuid().ToString("N");
        await using var server = new TestServer(options => options, TestStores.DirectoryWith(at.Under(prefix)));
        await server.InitializeAsync();
        var (_, mapping) = await server.MapProductAsync();

        var first = await EndAsync(server, await server.Client.ImportAsync(await server.UploadAsync(mapping, Csv), Token));
        Assert.Equal((ImportState.Succeeded, 2, 1), (first.State, first.Ledger.Inserted, first.Ledger.Rejected));
        Assert.Contains("A-2,Two,abc,", await ErrorFileAsync(server, first.ImportId), StringComparison.Ordinal);
        var upload = await server.UploadAsync(mapping, "Sku,Name,Price\nA-1,Uno,1.75\nA-4,Four,x\n");
        var plan = await server.Client.PlanAsync(upload, Token);
        await Eventually.TrueAsync(async () => (await server.Client.GetPlanAsync(plan, Token)).Valid, "The plan does not end.");
        Assert.Equal("A-4,Four,x", (await server.Client.ListPlanErrorsAsync(plan, cancellationToken: Token)).Errors[0].Record);
        var applied = await EndAsync(server, await server.Client.ApplyPlanAsync(plan, cancellationToken: Token));
        Assert.Equal((ImportState.Succeeded, 1, 1), (applied.State, applied.Ledger.Updated, applied.Ledger.Rejected));
        Assert.Contains("A-4,Four,x,", await ErrorFileAsync(server, applied.ImportId), StringComparison.Ordinal);
        var undo = await EndAsync(server, await server.Client.UndoAsync(applied.ImportId, Token));
        Assert.Equal((ImportState.Succeeded, 1), (undo.State, undo.Ledger.Reversed));

        // All of it is where it belongs, each attempt's rows under a name of their own, and nothing waits to be confirmed.
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(server.DataDirectory, "uploads")).Concat(Directory.GetFileSystemEntries(Path.Combine(server.DataDirectory, "imports"))));
        using var files = await TestPlaces.OpenAsync(at, prefix);
        Assert.Equal(4, files.ListFiles("uploads").Count());
        Assert.Equal(4, files.ListFiles("imports").Count(file => file.Path.Contains("/rejected.", StringComparison.Ordinal)));
        Assert.Empty(files.ListFiles("unanswered"));

        // What was there before a start is there after it.
        await server.RestartAsync();
        Assert.Contains("A-2,Two,abc,", await ErrorFileAsync(server, first.ImportId), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task A_part_that_has_changed_in_the_store_becomes_no_record(string place)
    {
        var at = TestPlaces.Take(place);
        var prefix = Guid.NewGuid().ToString("N");
        await using var server = new TestServer(options => options with { MaxAttempts = 2, RetryPause = TimeSpan.Zero }, TestStores.DirectoryWith(at.Under(prefix)));
        await server.InitializeAsync();
        var (_, mapping) = await server.MapProductAsync();
        var (flipped, lost) = (await server.UploadAsync(mapping, Csv), await server.UploadAsync(mapping, Csv));
        using var files = await TestPlaces.OpenAsync(at, prefix);
        await FileStoreTests.PutAsync(files, $"uploads/{flipped}", "data", System.Text.Encoding.UTF8.GetBytes(Csv.Replace("1.50", "7.50", StringComparison.Ordinal)));
        files.Drop($"uploads/{lost}/data");

        var changed = await EndAsync(server, await server.Client.ImportAsync(flipped, Token));
        var gone = await EndAsync(server, await server.Client.ImportAsync(lost, Token));

        Assert.Equal((ImportState.Failed, "file-changed", 0), (changed.State, changed.Code, changed.Ledger.Inserted));
        Assert.Equal((ImportState.Failed, "file-lost"), (gone.State, gone.Code));
    }

    [Theory]
    [MemberData(nameof(Remote))]
    public async Task A_store_out_of_reach_makes_the_service_not_ready_and_fails_no_import(string place)
    {
        await using var line = new Line(TestPlaces.Take(place).Server!);
        var at = TestPlaces.Take(place, line.Port);
        await using var server = new TestServer(options => options with { MaxAttempts = 100, RetryPause = TimeSpan.Zero }, TestStores.DirectoryWith(at.Under(Guid.NewGuid().ToString("N"))));
        await server.InitializeAsync();
        await server.SendAsync(HttpMethod.Get, "/health/ready", HttpStatusCode.OK);
        var (_, mapping) = await server.MapProductAsync();
        var upload = await server.UploadAsync(mapping, Csv);
        line.Cut();

        await server.RefusedAsync(HttpMethod.Get, "/health/ready", HttpStatusCode.ServiceUnavailable, "not-ready");
        await server.SendAsync(HttpMethod.Get, "/health/live", HttpStatusCode.OK);
        var import = await server.Client.ImportAsync(upload, Token);
        await server.RefusedAsync(HttpMethod.Get, $"/v1/EntityImport/{upload}/file", HttpStatusCode.ServiceUnavailable, "files-unavailable");
        Assert.Null((await server.Client.GetImportAsync(import, Token)).StopDate);
        line.Mend();

        Assert.Equal(ImportState.Succeeded, (await EndAsync(server, import)).State);
        await server.SendAsync(HttpMethod.Get, "/health/ready", HttpStatusCode.OK);
    }

    private static Task<string> ErrorFileAsync(TestServer server, Guid importId) => server.Http.GetStringAsync($"/v1/EntityImport/{importId}/errorFile", Token);

    private static async Task<ImportDetails> EndAsync(TestServer server, Guid importId)
    {
        ImportDetails? details = null;
        await Eventually.TrueAsync(async () => (details = await server.Client.GetImportAsync(importId, Token)).StopDate is not null, "The import does not end.");
        return details!;
    }
}
