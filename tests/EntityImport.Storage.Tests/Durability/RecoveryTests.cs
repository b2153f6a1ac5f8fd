using System.Text;
using EntityImport.Access;
using EntityImport.Catalog;
using EntityImport.Options;
using Xunit;

namespace EntityImport.Storage.Tests.Durability;

public sealed class RecoveryTests
{
    private const string Fields = """[{"systemName": "id", "dataType": "INTEGER", "primaryKey": true}, {"systemName": "value", "dataType": "INTEGER"}]""";
    private const string Insert = """{"importMode": "INSERT"}""";
    private const string TwoRows = "id,value\n1,10\n2,20\n";

    private const string LackingColumns = "id,a column whose name makes a message somewhat longer than the shortest that there is\n1,1\n";
    private const string LackingColumnsDefinition = """{"fields": [{"systemName": "id", "csvColumnName": "number"}]}""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static EngineOptions Hurry(EngineOptions options) => options with { RetryPause = TimeSpan.FromMilliseconds(1) };

    [Fact]
    public async Task An_import_that_the_service_fails_twice_succeeds_the_third_time_and_its_rows_are_there_once()
    {
        var faults = 0;
        await using var engine = await Engine.StartAsync(new EngineSetup
        {
            Options = Hurry,
            Records = inner => new InterceptedRecords(inner) { Committing = _ => ++faults <= 2 ? throw new IOException("Not now.") : Task.CompletedTask },
        });
        await engine.DeclareAsync("e", Fields);
        var invoked = await engine.InvokeAsync(await engine.MapAsync("e", Insert), TwoRows);

        var ended = await engine.EndOfAsync(invoked);

        Assert.Equal((ImportState.Succeeded, 3, 2L, invoked.StartedAt), (ended.State, ended.Attempts, ended.Ledger.Inserted, ended.StartedAt));
        Assert.Equal(["1|10", "2|20"], await engine.RecordsAsync("e"));
        Assert.Equal((ImportState.Succeeded, 3), ((await engine.FindKeptAsync(ended.Id)).State, (await engine.FindKeptAsync(ended.Id)).Attempts));
    }

    [Fact]
    public async Task An_import_that_the_service_fails_three_times_is_its_fault_and_the_next_one_runs()
    {
        Guid? broken = null;
        await using var engine = await Engine.StartAsync(new EngineSetup
        {
            Options = Hurry,
            Records = inner => new InterceptedRecords(inner)
            {
                Loading = (plan, _) => plan.ImportId == (broken ??= plan.ImportId) ? throw new InvalidOperationException("Not now.") : Task.CompletedTask,
            },
        });
        await engine.DeclareAsync("e", Fields);
        var mapping = await engine.MapAsync("e", Insert);

        var failed = await engine.EndOfAsync(await engine.InvokeAsync(mapping, TwoRows));
        var next = await engine.EndOfAsync(await engine.InvokeAsync(mapping, TwoRows));

        Assert.Equal((ImportState.Failed, false, 3), (failed.State, failed.ClientError, failed.Attempts));
        Assert.Equal((ImportState.Succeeded, 2L), (next.State, next.Ledger.Inserted));
        Assert.Equal(["1|10", "2|20"], await engine.RecordsAsync("e"));
    }

    [Fact]
    public async Task While_an_import_pauses_after_a_fault_those_of_other_entities_go_on_and_it_can_be_cancelled()
    {
        await using var engine = await Engine.StartAsync(new EngineSetup
        {
            Options = options => options with { ConcurrentImports = 1, RetryPause = TimeSpan.FromDays(1) },
            Records = inner => new InterceptedRecords(inner)
            {
                Loading = (plan, _) => plan.Entity.SystemName == "broken" ? throw new IOException("Not now.") : Task.CompletedTask,
            },
        });
        await engine.DeclareAsync("broken", Fields);
        await engine.DeclareAsync("sound", Fields);
        var pausing = await engine.InvokeAsync(await engine.MapAsync("broken", Insert), TwoRows);

        var ended = await engine.ImportAsync("sound", TwoRows, Insert);

        Assert.Equal(ImportState.Succeeded, ended.State);
        Assert.False((await engine.Import.ImportViews.FindAsync(Request.Anonymous, pausing.Id, Token))!.HasEnded);
        Assert.True(await engine.Import.Imports.CancelAsync(Request.Anonymous, pausing.Id, Token));
        Assert.Equal(ImportState.Cancelled, (await engine.FindKeptAsync(pausing.Id)).State);
        Assert.Empty(await engine.RecordsAsync("broken"));
    }

    [Fact]
    public async Task A_commit_whose_answer_is_lost_has_happened_once()
    {
        await using var engine = await Engine.StartAsync(new EngineSetup
        {
            Options = Hurry,
            Records = inner => new InterceptedRecords(inner) { Committed = _ => throw new IOException("The answer is lost.") },
        });
        await engine.DeclareAsync("e", """[{"systemName": "value", "dataType": "INTEGER"}]""");

        var ended = await engine.ImportAsync("e", "value\n1\n2\n");

        Assert.Equal((ImportState.Succeeded, 1, 2L), (ended.State, ended.Attempts, ended.Ledger.Inserted));
        Assert.Equal(["1", "2"], await engine.RecordsAsync("e"));
    }

    [Fact]
    public async Task A_lost_answer_to_the_last_attempts_commit_is_no_failure_either()
    {
        await using var engine = await Engine.StartAsync(new EngineSetup
        {
            Options = options => options with { MaxAttempts = 1 },
            Records = inner => new InterceptedRecords(inner) { Committed = _ => throw new IOException("The answer is lost.") },
        });
        await engine.DeclareAsync("e", Fields);
        Assert.Equal(ImportState.Succeeded, (await engine.ImportAsync("e", TwoRows)).State);
        Assert.Equal(["1|10", "2|20"], await engine.RecordsAsync("e"));
    }

    [Fact]
    public async Task A_clean_stop_fails_nothing_and_counts_as_no_attempt()
    {
        var reached = new TaskCompletionSource();
        var waits = true;
        await using var engine = await Engine.StartAsync(new EngineSetup
        {
            Records = inner => new InterceptedRecords(inner)
            {
                Loading = (_, token) =>
                {
                    reached.TrySetResult();
                    return waits ? Task.Delay(Timeout.Infinite, token) : Task.CompletedTask;
                },
            },
        });
        await engine.DeclareAsync("e", Fields);
        var mapping = await engine.MapAsync("e", Insert);
        var running = await engine.InvokeAsync(mapping, TwoRows);
        var queued = await engine.InvokeAsync(mapping, "id,value\n3,30\n");
        await reached.Task.WaitAsync(Token);
        Assert.Equal(1, (await engine.FindKeptAsync(running.Id)).Attempts);

        await engine.RestartAsync(async catalog =>
        {
            var kept = (await catalog.FindImportAsync(running.Id, Token))!;
            Assert.Equal((ImportState.Queued, 0), (kept.State, kept.Attempts));
            waits = false;
        });

        var ended = await engine.EndOfAsync(running);
        Assert.Equal((ImportState.Succeeded, 1, running.StartedAt), (ended.State, ended.Attempts, ended.StartedAt));
        Assert.Equal(ImportState.Succeeded, (await engine.EndOfAsync(queued)).State);
        Assert.Equal(["1|10", "2|20", "3|30"], await engine.RecordsAsync("e"));
    }

    [Theory]
    [InlineData(1, ImportState.Succeeded, 2)]
    [InlineData(2, ImportState.Succeeded, 3)]
    [InlineData(3, ImportState.Failed, 3)]
    public async Task Attempts_that_a_crash_ended_count(int crashes, ImportState expected, int attempts)
    {
        var waits = true;
        await using var engine = await Engine.StartAsync(new EngineSetup
        {
            Records = inner => new InterceptedRecords(inner) { Loading = (_, token) => waits ? Task.Delay(Timeout.Infinite, token) : Task.CompletedTask },
        });
        await engine.DeclareAsync("e", Fields);
        var mapping = await engine.MapAsync("e", Insert);
        var crashing = await engine.InvokeAsync(mapping, TwoRows);
        var next = await engine.InvokeAsync(mapping, "id,value\n3,30\n");

        // What a crash leaves is what was written before the work.
        await engine.RestartAsync(async catalog =>
        {
            var kept = (await catalog.FindImportAsync(crashing.Id, Token))!;
            await catalog.CommitAsync(new CatalogCommit { ChangedImport = kept with { State = ImportState.Running, Attempts = crashes } }, Token);
            waits = false;
        });

        var ended = await engine.EndOfAsync(crashing);
        Assert.Equal((expected, attempts, false), (ended.State, ended.Attempts, ended.ClientError));
        Assert.Equal(expected == ImportState.Failed ? EndCode.ServiceFailed : null, ended.Code);
        Assert.Equal(ImportState.Succeeded, (await engine.EndOfAsync(next)).State);
        string[] records = expected == ImportState.Succeeded ? ["1|10", "2|20", "3|30"] : ["3|30"];
        Assert.Equal(records, await engine.RecordsAsync("e"));
    }

    [Fact]
    public async Task An_end_that_cannot_be_stored_is_stored_when_it_can_be()
    {
        var faults = 0;
        await using var engine = await Engine.StartAsync(new EngineSetup
        {
            Catalog = inner => InterceptedCatalog.Create(
                inner, (name, arguments) => name == "CommitAsync" && arguments[0] is CatalogCommit { ChangedImport.HasEnded: true } && ++faults <= 1 ? new IOException("Not now.") : null),
        });
        await engine.DeclareAsync("e", Fields);

        var ended = await engine.ImportAsync("e", "id,nothing\n1,1\n", """{"fields": [{"systemName": "id", "csvColumnName": "number"}]}""");

        Assert.Equal((ImportState.Failed, true, 2), (ended.State, ended.ClientError, faults));
        Assert.Equal(ImportState.Failed, (await engine.FindKeptAsync(ended.Id)).State);
    }

    [Fact]
    public async Task An_end_that_can_never_be_stored_as_it_is_ends_short_and_frees_the_entity()
    {
        await using var engine = await Engine.StartAsync(new EngineSetup { Catalog = inner => InterceptedCatalog.Create(inner, RefuseLong) });
        await engine.DeclareAsync("e", Fields);

        var ended = await engine.ImportAsync("e", LackingColumns, LackingColumnsDefinition);

        Assert.Equal((ImportState.Failed, true, EndCode.ColumnsMismatch), (ended.State, ended.ClientError, ended.Code));
        Assert.EndsWith("was not imported into e. Why cannot be stored; the service's log has it under the import's id.", ended.Message, StringComparison.Ordinal);
        Assert.Empty(ended.StageMilliseconds);
        Assert.Equal(ended.Message, (await engine.FindKeptAsync(ended.Id)).Message);
        Assert.Equal(ImportState.Succeeded, (await engine.ImportAsync("e", TwoRows, Insert)).State);
        await engine.Import.Entities.DeleteAsync(Request.Anonymous, "e", force: true, Token);
    }

    [Fact]
    public async Task While_an_end_cannot_be_stored_the_import_can_be_cancelled()
    {
        var reached = new TaskCompletionSource();
        var faults = 0;
        await using var engine = await Engine.StartAsync(new EngineSetup
        {
            Catalog = inner => InterceptedCatalog.Create(inner, (name, arguments) =>
            {
                if (name != "CommitAsync" || arguments[0] is not CatalogCommit { ChangedImport.State: ImportState.Failed }) return null;
                if (++faults == 2) reached.SetResult();
                return new StoreUnavailableException("Not now.", isDiskFull: true);
            }),
        });
        await engine.DeclareAsync("e", Fields);
        var import = await engine.InvokeAsync(await engine.MapAsync("e", LackingColumnsDefinition), LackingColumns);
        await reached.Task.WaitAsync(Token);

        await Eventually.TrueAsync(async () =>
        {
            try
            {
                return await engine.Import.Imports.CancelAsync(Request.Anonymous, import.Id, Token);
            }
            catch (RequestException refusal) when (refusal.Type == "import-committing")
            {
                return false;
            }
        }, "It was never cancelled.");

        var kept = await engine.FindKeptAsync(import.Id);
        Assert.Equal((ImportState.Cancelled, true, EndCode.Cancelled), (kept.State, kept.ClientError, kept.Code));
    }

    [Fact]
    public async Task An_invocation_whose_answer_is_lost_runs_and_is_not_stuck()
    {
        await using var engine = await Engine.StartAsync(new EngineSetup
        {
            Catalog = inner => InterceptedCatalog.Create(inner, after: (name, arguments) => name == "CommitAsync" && arguments[0] is CatalogCommit { NewImport: not null } ? new IOException("The answer is lost.") : null),
        });
        await engine.DeclareAsync("e", Fields);
        var mapping = await engine.MapAsync("e", Insert);

        await Assert.ThrowsAsync<IOException>(() => engine.InvokeAsync(mapping, TwoRows));

        await Eventually.TrueAsync(
            async () => await engine.Catalog.ListImportsAsync(new ImportQuery("e", [ImportState.Succeeded], null, 1), Token) is [_], "The import did not run.");
        Assert.Equal(["1|10", "2|20"], await engine.RecordsAsync("e"));
    }

    /// <summary>The database answers again before the service has asked it a second time.</summary>
    [Fact]
    public async Task What_is_invoked_after_an_invocation_whose_answer_is_lost_runs_after_it()
    {
        var (lost, unanswered) = (false, 0);
        await using var engine = await Engine.StartAsync(new EngineSetup
        {
            Catalog = inner => InterceptedCatalog.Create(
                inner,
                before: (name, _) => lost && name == nameof(ICatalog.FindImportAsync) && Interlocked.Increment(ref unanswered) == 1 ? new StoreUnavailableException("Not now.", isDiskFull: false) : null,
                after: (name, arguments) =>
                {
                    if (lost || name != nameof(ICatalog.CommitAsync) || arguments[0] is not CatalogCommit { NewImport: not null }) return null;
                    lost = true;
                    return new StoreUnavailableException("The answer is lost.", isDiskFull: false);
                }),
        });
        await engine.DeclareAsync("e", Fields);
        var mapping = await engine.MapAsync("e", Insert);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => engine.InvokeAsync(mapping, TwoRows));
        await Eventually.TrueAsync(() => unanswered > 0, "It was not asked for.");

        var second = await engine.EndOfAsync(await engine.InvokeAsync(mapping, TwoRows.Replace("10", "11", StringComparison.Ordinal)));

        Assert.Equal(0, second.Ledger.Inserted);
        Assert.Equal(["1|10", "2|20"], await engine.RecordsAsync("e"));
    }

    /// <summary>A commit that waits for a standby goes on in the database when its connection is cut, and is seen by nobody until it is done.</summary>
    [Fact]
    public async Task An_import_and_an_upload_whose_commits_are_done_after_they_were_given_up_are_as_good_as_others()
    {
        var (underWay, isAway, asked) = (new List<CatalogCommit>(), false, 0);
        ICatalog? store = null;
        await using var engine = await Engine.StartAsync(new EngineSetup
        {
            Catalog = inner => InterceptedCatalog.Create(store = inner, before: (name, arguments) =>
            {
                if (name == nameof(ICatalog.FindImportAsync)) Interlocked.Increment(ref asked);
                if (!isAway || name != nameof(ICatalog.CommitAsync)) return null;
                underWay.Add((CatalogCommit)arguments[0]!);
                return new StoreUnavailableException("The connection is cut.", isDiskFull: false);
            }),
        });
        await engine.DeclareAsync("e", Fields);
        var mapping = await engine.MapAsync("e", Insert);
        Task<Upload?> UploadAsync() => engine.Import.Uploads.ReceiveAsync(Request.Anonymous, mapping, new MemoryStream(Encoding.UTF8.GetBytes(TwoRows)), "test.csv", charset: null, Token);
        var upload = (await UploadAsync())!;
        isAway = true;
        await Assert.ThrowsAsync<StoreUnavailableException>(UploadAsync);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => engine.Import.Imports.InvokeAsync(Request.Anonymous, upload.Id, Token));
        isAway = false;

        await Eventually.TrueAsync(() => Volatile.Read(ref asked) > 1, "Nobody asks a second time.");
        foreach (var commit in underWay) await store!.CommitAsync(commit, Token);

        await Eventually.TrueAsync(
            async () => await engine.Catalog.ListImportsAsync(new ImportQuery("e", [ImportState.Succeeded], null, 1), Token) is [_], "The import does not run.");
        Assert.Equal(["1|10", "2|20"], await engine.RecordsAsync("e"));
        await engine.RestartAsync();
        var late = (await engine.Import.Uploads.FindAsync(Request.Anonymous, underWay[0].NewUpload!.Id, Token))!;
        using var file = new StreamReader((await engine.Import.Uploads.OpenFileAsync(Request.Anonymous, late, Token))!);
        Assert.Equal(TwoRows, await file.ReadToEndAsync(Token));
    }

    [Fact]
    public async Task A_plan_whose_answer_is_lost_is_made_and_is_not_stuck()
    {
        await using var engine = await Engine.StartAsync(new EngineSetup
        {
            Catalog = inner => InterceptedCatalog.Create(inner, after: (name, arguments) => name == nameof(ICatalog.CommitAsync) && arguments[0] is CatalogCommit { NewPlan: not null } ? new IOException("The answer is lost.") : null),
        });
        await engine.DeclareAsync("e", Fields);
        var upload = await engine.Import.Uploads.ReceiveAsync(Request.Anonymous, await engine.MapAsync("e", Insert), new MemoryStream(Encoding.UTF8.GetBytes(TwoRows)), "test.csv", charset: null, Token);

        await Assert.ThrowsAsync<IOException>(() => engine.Import.Plans.InvokeAsync(Request.Anonymous, upload!.Id, Token));

        await Eventually.TrueAsync(async () => await engine.Catalog.ListPlansAsync(new PlanQuery("e", [ImportState.Succeeded], null, 1), Token) is [_], "The plan was not made.");
    }

    [Fact]
    public async Task Files_that_a_crash_left_between_disk_and_catalog_are_swept_at_start_and_others_are_not()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("e", Fields);
        var kept = await engine.ImportAsync("e", TwoRows);
        var orphan = Path.Combine(engine.DataDirectory, "uploads", Guid.CreateVersion7().ToString("D"));

        await engine.RestartAsync(_ =>
        {
            Directory.CreateDirectory(orphan);
            File.WriteAllText(Path.Combine(orphan, "data"), TwoRows);
            return Task.CompletedTask;
        });

        Assert.False(Directory.Exists(orphan));
        var upload = (await engine.Import.Uploads.FindAsync(Request.Anonymous, kept.UploadId, Token))!;
        using var file = new StreamReader((await engine.Import.Uploads.OpenFileAsync(Request.Anonymous, upload, Token))!);
        Assert.Equal(TwoRows, await file.ReadToEndAsync(Token));
    }

    [Fact]
    public async Task An_upload_that_the_catalog_refuses_leaves_no_file()
    {
        await using var engine = await Engine.StartAsync(new EngineSetup
        {
            Catalog = inner => InterceptedCatalog.Create(inner, (name, arguments) => name == "CommitAsync" && arguments[0] is CatalogCommit { NewUpload: not null } ? new StoreUnavailableException("Not now.", isDiskFull: true) : null),
        });
        await engine.DeclareAsync("e", Fields);
        var mapping = await engine.MapAsync("e", Insert);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => engine.InvokeAsync(mapping, TwoRows));
        Assert.Empty(Directory.GetDirectories(Path.Combine(engine.DataDirectory, "uploads")));
        // The engine notes at its start when it was seen running, and that is a file for a moment, too.
        await Eventually.TrueAsync(() => Directory.GetDirectories(Path.Combine(engine.DataDirectory, "incoming")).Length == 0, "Something of the refused file stays.");
    }

    /// <summary>Refuses imports with messages that are not short, as if they could not be written.</summary>
    private static Exception? RefuseLong(string name, object?[] arguments) =>
        name == "CommitAsync" && arguments[0] is CatalogCommit { ChangedImport.Message.Length: > 200 } ? new ArgumentException("The document is too large.") : null;
}
