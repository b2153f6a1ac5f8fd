using EntityImport.Access;
using EntityImport.Catalog;
using EntityImport.DuckDb;
using EntityImport.Files;
using EntityImport.Options;
using Xunit;

namespace EntityImport.Storage.Tests.Durability;

/// <summary>A start deletes nothing that may be somebody's only copy.</summary>
public sealed class QuarantineTests
{
    private const string Fields = """[{"systemName": "id", "dataType": "INTEGER", "primaryKey": true}]""";
    private const string Csv = "id\n1\nx\n";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Uploads_and_imports_that_an_older_store_does_not_know_are_kept_in_quarantine_and_logged()
    {
        var log = new CollectingLog();
        await using var engine = await Engine.StartAsync(new EngineSetup { Logs = log });
        await engine.DeclareAsync("e", Fields);
        var known = await engine.ImportAsync("e", Csv);
        Import unknown = null!;
        await engine.RestartAsync(_ => Task.CompletedTask);
        var before = File.ReadAllBytes(Path.Combine(engine.DataDirectory, "store.duckdb"));
        unknown = await engine.ImportAsync("e", "id\n2\ny\n");

        await engine.RestartAsync(afterwards: () => PutBack(engine.DataDirectory, before));

        var folder = Path.Combine(engine.DataDirectory, "quarantine");
        Assert.Equal("id\n2\ny\n", await File.ReadAllTextAsync(Path.Combine(folder, "uploads", $"{unknown.UploadId:D}", "data"), Token));
        Assert.True(new FileInfo(Path.Combine(folder, "imports", $"{unknown.Id:D}", "rejected")).Length > 0);
        Assert.Contains(log.Lines, line => line.StartsWith("Warning", StringComparison.Ordinal) && line.Contains($"upload {unknown.UploadId}", StringComparison.Ordinal));
        Assert.Contains(log.Lines, line => line.StartsWith("Warning", StringComparison.Ordinal) && line.Contains($"import {unknown.Id}", StringComparison.Ordinal));
        Assert.Contains(log.Lines, line => line.StartsWith("Information: 2 uploads and imports", StringComparison.Ordinal));
        Assert.Equal(["1"], await engine.RecordsAsync("e"));
        Assert.NotEmpty(await engine.ErrorFileAsync(known));
        Assert.Equal([$"{known.UploadId:D}"], Directory.GetDirectories(Path.Combine(engine.DataDirectory, "uploads")).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_new_store_beside_files_of_another_one_is_refused_unless_told(bool isEmptyFile)
    {
        var accepts = false;
        await using var engine = await Engine.StartAsync(new EngineSetup { Options = options => options with { AcceptNewStore = accepts } });
        await engine.DeclareAsync("e", Fields);
        var import = await engine.ImportAsync("e", Csv);
        var store = Path.Combine(engine.DataDirectory, "store.duckdb");

        var refused = await Assert.ThrowsAsync<UnknownFilesException>(() => engine.RestartAsync(afterwards: () =>
        {
            File.Move(store, store + ".aside");
            if (isEmptyFile) EmptyStore(engine.DataDirectory);
        }));

        Assert.Contains("1 uploads and 1 imports", refused.Message, StringComparison.Ordinal);
        Assert.Contains("--new-store", refused.Message, StringComparison.Ordinal);
        Assert.Equal(Csv, await File.ReadAllTextAsync(Path.Combine(engine.DataDirectory, "uploads", $"{import.UploadId:D}", "data"), Token));
        Assert.False(Directory.Exists(Path.Combine(engine.DataDirectory, "quarantine")));

        // With its own store in its place again everything is there.
        await engine.ReopenAsync(() => File.Move(store + ".aside", store, overwrite: true));
        Assert.Equal(["1"], await engine.RecordsAsync("e"));
        Assert.NotEmpty(await engine.ErrorFileAsync(import));

        accepts = true;
        await engine.RestartAsync(afterwards: () => File.Delete(store));
        Assert.Empty(await engine.Import.Entities.ListAsync(Request.Anonymous, Token));
        Assert.Equal(Csv, await File.ReadAllTextAsync(Path.Combine(engine.DataDirectory, "quarantine", "uploads", $"{import.UploadId:D}", "data"), Token));

        accepts = false;
        await engine.RestartAsync();
        Assert.Single(Directory.GetDirectories(Path.Combine(engine.DataDirectory, "quarantine", "uploads")));
    }

    [Fact]
    public async Task An_upload_that_nobody_was_told_of_is_deleted_and_one_that_the_store_has_is_confirmed()
    {
        var log = new CollectingLog();
        await using var engine = await Engine.StartAsync(new EngineSetup { Logs = log });
        await engine.DeclareAsync("e", Fields);
        var known = await engine.ImportAsync("e", Csv);
        var uploads = Path.Combine(engine.DataDirectory, "uploads");
        Assert.False(File.Exists(Path.Combine(uploads, $"{known.UploadId:D}", "unanswered")));
        var unanswered = Guid.CreateVersion7();

        await engine.RestartAsync(_ =>
        {
            // What a crash leaves between the folder's move and the catalog's commit, and between that and the confirmation.
            Directory.CreateDirectory(Path.Combine(uploads, $"{unanswered:D}"));
            foreach (var name in (string[])["data", "unanswered"]) File.WriteAllText(Path.Combine(uploads, $"{unanswered:D}", name), "");
            File.WriteAllText(Path.Combine(uploads, $"{known.UploadId:D}", "unanswered"), "");
            return Task.CompletedTask;
        });

        Assert.Equal([$"{known.UploadId:D}"], Directory.GetDirectories(uploads).Select(Path.GetFileName));
        Assert.Equal(["data", "index"], Directory.GetFiles(Path.Combine(uploads, $"{known.UploadId:D}")).Select(Path.GetFileName).Order());
        Assert.False(Directory.Exists(Path.Combine(engine.DataDirectory, "quarantine")));
        Assert.Contains(log.Lines, line => line.Contains($"{unanswered}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Rejected_rows_of_a_plan_are_deleted_where_a_crash_came_between_them_and_what_else_it_kept_and_it_can_be_deleted_again()
    {
        var log = new CollectingLog();
        await using var engine = await Engine.StartAsync(new EngineSetup { Logs = log });
        await engine.DeclareAsync("e", Fields);
        var mapping = await engine.MapAsync("e", "{}");
        var upload = (await engine.Import.Uploads.ReceiveAsync(Request.Anonymous, mapping, new MemoryStream("id\n1\nx\n"u8.ToArray()), "test.csv", charset: null, Token))!;
        var plan = await engine.Import.Plans.WaitAsync(Request.Anonymous, (await engine.Import.Plans.InvokeAsync(Request.Anonymous, upload.Id, Token))!.Id, Token);
        var rejected = Path.Combine(engine.DataDirectory, "imports", $"{plan.Id:D}");
        Assert.True(Directory.Exists(rejected));

        await engine.RestartAsync(catalog => catalog.CommitAsync(new CatalogCommit { ChangedPlan = plan with { ExpiresAt = plan.Run.StoppedAt, ExpiredAt = plan.Run.StoppedAt } }, Token));

        Assert.False(Directory.Exists(rejected));
        Assert.False(Directory.Exists(Path.Combine(engine.DataDirectory, "quarantine")));
        Assert.Contains(log.Lines, line => line.Contains($"rejected rows of plan {plan.Id}", StringComparison.Ordinal));
        Assert.Equal("plan-expired", (await Assert.ThrowsAsync<RequestException>(() => engine.Import.Plans.FindAsync(Request.Anonymous, plan.Id, Token))).Type);
        Assert.True(await engine.Import.Plans.DeleteAsync(Request.Anonymous, plan.Id, Token));
        Assert.Null(await engine.Import.Plans.FindAsync(Request.Anonymous, plan.Id, Token));
    }

    [Fact]
    public async Task What_is_swept_is_logged_and_what_a_link_leads_to_stays()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need a privilege there.");
        var log = new CollectingLog();
        await using var engine = await Engine.StartAsync(new EngineSetup { Logs = log });
        var elsewhere = Directory.CreateTempSubdirectory("eis-elsewhere-").FullName;
        await engine.RestartAsync(_ =>
        {
            File.WriteAllText(Path.Combine(elsewhere, "kept"), "kept");
            Directory.Delete(Path.Combine(engine.DataDirectory, "scratch"));
            Directory.CreateSymbolicLink(Path.Combine(engine.DataDirectory, "scratch"), elsewhere);
            var half = Directory.CreateDirectory(Path.Combine(engine.DataDirectory, "incoming", $"{Guid.CreateVersion7():D}"));
            File.WriteAllText(Path.Combine(half.FullName, "data"), "12345");
            return Task.CompletedTask;
        });

        Assert.True(File.Exists(Path.Combine(elsewhere, "kept")));
        // The engine notes at its start when it was seen running, and that is a file for a moment, too.
        await Eventually.TrueAsync(() => Directory.GetFileSystemEntries(Path.Combine(engine.DataDirectory, "incoming")).Length == 0, "Something of the broken work stays.");
        Assert.Contains("Information: 1 files of work that was broken off were deleted from incoming/: 5 bytes", log.Lines);
        Directory.Delete(elsewhere, recursive: true);
    }

    [Fact]
    public async Task Unfinished_imports_are_taken_up_with_one_look_at_their_uploads()
    {
        var lookups = 0;
        await using var engine = await Engine.StartAsync(new EngineSetup
        {
            Catalog = inner => InterceptedCatalog.Create(inner, (name, _) =>
            {
                if (name == "FindUploadAsync") Interlocked.Increment(ref lookups);
                return null;
            }),
            Records = inner => new InterceptedRecords(inner) { Loading = (_, token) => Task.Delay(Timeout.Infinite, token) },
        });
        await engine.DeclareAsync("e", Fields);
        var mapping = await engine.MapAsync("e", "{}");
        var imports = new List<Import>();
        for (var i = 0; i < 20; i++) imports.Add(await engine.InvokeAsync(mapping, $"id\n{i}\n"));

        await engine.RestartAsync(_ =>
        {
            lookups = 0;
            return Task.CompletedTask;
        });

        // The first one may have begun by now, and asks for its own upload.
        Assert.InRange(lookups, 0, 1);
        await Assert.AllAsync(imports, async import => Assert.False((await engine.Import.ImportViews.FindAsync(Request.Anonymous, import.Id, Token))!.HasEnded));
    }

    private static void PutBack(string directory, byte[] store)
    {
        File.WriteAllBytes(Path.Combine(directory, "store.duckdb"), store);
        File.Delete(Path.Combine(directory, "store.duckdb.wal"));
    }

    private static void EmptyStore(string directory)
    {
        using var other = new TemporaryDirectory();
        DuckDbStore.Open(new EngineOptions { DataDirectory = other.Path }).DisposeAsync().AsTask().Wait();
        File.Copy(Path.Combine(other.Path, "store.duckdb"), Path.Combine(directory, "store.duckdb"));
    }

    private sealed class TemporaryDirectory : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("eis-test-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
