using System.Text.Json;
using EntityImport.Access;
using EntityImport.Catalog;
using EntityImport.Options;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace EntityImport.Storage.Tests.Durability;

public sealed class RetentionTests
{
    private const string Fields = """[{"systemName": "id", "dataType": "INTEGER", "primaryKey": true}]""";

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 8, 0, 0, TimeSpan.Zero));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Files_go_when_their_time_is_over_and_what_is_known_of_imports_stays()
    {
        await using var engine = await StartAsync(options => options with { KeepUploads = TimeSpan.FromDays(2), KeepErrorFiles = TimeSpan.FromDays(5) });
        await engine.DeclareAsync("e", Fields);
        var import = await engine.ImportAsync("e", "id\n1\nx\n");
        var upload = (await engine.Import.Uploads.FindAsync(Request.Anonymous, import.UploadId, Token))!;

        await PassAsync(TimeSpan.FromDays(1));
        Assert.Equal("id,errorRow,errorLine,errorReasons\n", (await engine.ErrorFileAsync(import)).Split('\n')[0] + "\n");
        await PassUntilGoneAsync(Path.Combine(engine.DataDirectory, "uploads", $"{upload.Id:D}"), TimeSpan.FromDays(1));
        upload = (await engine.Import.Uploads.FindAsync(Request.Anonymous, import.UploadId, Token))!;
        var expired = await Assert.ThrowsAsync<RequestException>(() => engine.Import.Uploads.OpenFileAsync(Request.Anonymous, upload, Token));
        Assert.Equal((FaultKind.NotFound, "file-expired"), (expired.Kind, expired.Type));
        Assert.NotEmpty(await engine.ErrorFileAsync(import));

        await PassUntilGoneAsync(Path.Combine(engine.DataDirectory, "imports", $"{import.Id:D}"), TimeSpan.FromDays(3));
        var known = (await engine.Import.ImportViews.FindAsync(Request.Anonymous, import.Id, Token))!;
        Assert.Equal((ImportState.Succeeded, import.Ledger, import.Message), (known.State, known.Ledger, known.Message));
        Assert.Equal("file-expired", (await Assert.ThrowsAsync<RequestException>(() => engine.Import.RejectedRows.HasErrorFileAsync(Request.Anonymous, known, Token))).Type);
        Assert.Equal("file-expired", (await Assert.ThrowsAsync<RequestException>(() => engine.Import.RejectedRows.ReadAsync(Request.Anonymous, known, null, 10, Token))).Type);
        Assert.Equal(["1"], await engine.RecordsAsync("e"));

        await engine.RestartAsync();
        Assert.Equal("file-expired", (await Assert.ThrowsAsync<RequestException>(() => engine.Import.Uploads.OpenFileAsync(Request.Anonymous, upload, Token))).Type);
        Assert.Equal(import.Ledger, (await engine.Import.ImportViews.FindAsync(Request.Anonymous, import.Id, Token))!.Ledger);
    }

    [Fact]
    public async Task The_file_of_an_unfinished_import_stays_and_one_that_failed_can_be_imported_again_until_it_expires()
    {
        var gate = new TaskCompletionSource();
        await using var engine = await StartAsync(
            options => options with { KeepUploads = TimeSpan.FromDays(2) }, inner => new InterceptedRecords(inner) { Loading = (_, token) => gate.Task.WaitAsync(token) });
        await engine.DeclareAsync("e", Fields);
        var mapping = await engine.MapAsync("e", "{}");
        var running = await engine.InvokeAsync(mapping, "id\nx\n");
        var other = (await engine.Import.Uploads.ReceiveAsync(Request.Anonymous, mapping, new MemoryStream("id\n2\n"u8.ToArray()), "test.csv", charset: null, Token))!;

        // That the other one is gone shows that the sweep came by.
        await PassUntilGoneAsync(Path.Combine(engine.DataDirectory, "uploads", $"{other.Id:D}"), TimeSpan.FromDays(3));
        Assert.Equal("file-expired", (await Assert.ThrowsAsync<RequestException>(() => engine.Import.Imports.InvokeAsync(Request.Anonymous, other.Id, Token))).Type);
        gate.SetResult();
        Assert.Equal((ImportState.Failed, true), ((await engine.EndOfAsync(running)).State, (await engine.EndOfAsync(running)).ClientError));

        // The time begins again at the end of the import.
        await PassAsync(TimeSpan.FromDays(1));
        var again = (await engine.Import.Imports.InvokeAsync(Request.Anonymous, running.UploadId, Token))!;
        Assert.Equal(ImportState.Failed, (await engine.EndOfAsync(again)).State);
        await PassUntilGoneAsync(Path.Combine(engine.DataDirectory, "uploads", $"{running.UploadId:D}"), TimeSpan.FromDays(2));
    }

    [Fact]
    public async Task The_file_of_an_unfinished_plan_stays()
    {
        var gate = new TaskCompletionSource();
        await using var engine = await StartAsync(
            options => options with { KeepUploads = TimeSpan.FromDays(2) }, inner => new InterceptedRecords(inner) { Loading = (_, token) => gate.Task.WaitAsync(token) });
        await engine.DeclareAsync("e", Fields);
        var mapping = await engine.MapAsync("e", "{}");
        var (planned, other) = (await ReceiveAsync(), await ReceiveAsync());
        var plan = (await engine.Import.Plans.InvokeAsync(Request.Anonymous, planned, Token))!;

        // That the other one is gone shows that a sweep came by, and once more, that it came to all files.
        await PassUntilGoneAsync(FolderOf(other), TimeSpan.FromDays(3));
        await PassUntilGoneAsync(FolderOf(await ReceiveAsync()), TimeSpan.FromDays(3));
        Assert.Null((await engine.Catalog.FindUploadAsync(planned, Token))!.ExpiredAt);
        gate.SetResult();
        Assert.Equal(ImportState.Succeeded, (await engine.Import.Plans.WaitAsync(Request.Anonymous, plan.Id, Token)).Run.State);
        await PassUntilGoneAsync(FolderOf(planned), TimeSpan.Zero);

        async Task<Guid> ReceiveAsync() => (await engine.Import.Uploads.ReceiveAsync(Request.Anonymous, mapping, new MemoryStream("id\n1\n"u8.ToArray()), "a.csv", charset: null, Token))!.Id;
        string FolderOf(Guid upload) => Path.Combine(engine.DataDirectory, "uploads", $"{upload:D}");
    }

    /// <summary>An undo notes in the import that it undoes that it does, which was read long before: neither may forget what the other one has noted.</summary>
    [Fact]
    public async Task Rejected_rows_of_an_import_that_is_being_undone_go_when_it_is_undone()
    {
        var (reached, gate) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var engine = await StartAsync(
            options => options with { KeepUploads = TimeSpan.FromDays(2), KeepErrorFiles = TimeSpan.FromDays(2) },
            inner => new InterceptedRecords(inner)
            {
                Committing = async ended =>
                {
                    if (ended.Undoes is null) return;
                    reached.SetResult();
                    await gate.Task;
                },
            });
        await engine.DeclareAsync("e", Fields);
        var mapping = await engine.MapAsync("e", "{}");
        var import = await engine.ImportAsync(mapping, "id\n1\nx\n"u8.ToArray());
        var other = (await engine.Import.Uploads.ReceiveAsync(Request.Anonymous, mapping, new MemoryStream("id\n2\n"u8.ToArray()), "test.csv", charset: null, Token))!;
        var undo = (await engine.Import.Undos.InvokeAsync(Request.Anonymous, import.Id, Token))!;
        await reached.Task.WaitAsync(Token);
        var folder = Path.Combine(engine.DataDirectory, "imports", $"{import.Id:D}");

        // Files of uploads are swept last.
        await PassUntilGoneAsync(Path.Combine(engine.DataDirectory, "uploads", $"{other.Id:D}"), TimeSpan.FromDays(3));
        gate.SetResult();
        Assert.Equal(ImportState.Succeeded, (await engine.EndOfAsync(undo)).State);

        await PassUntilGoneAsync(folder, TimeSpan.Zero);
        var kept = await engine.FindKeptAsync(import.Id);
        Assert.Equal((undo.Id, true), (kept.UndoneBy, kept.RejectedExpiredAt is not null));
    }

    [Fact]
    public async Task What_records_were_stays_where_the_import_that_they_were_before_is_not_found()
    {
        var isMissed = false;
        await using var engine = await Engine.StartAsync(new EngineSetup
        {
            Options = options => options with { KeepUploads = TimeSpan.FromDays(2) },
            Time = _time,
            Catalog = inner => InterceptedCatalog.Create(inner, (name, arguments) =>
            {
                if (isMissed && name == nameof(ICatalog.ListImportsAsync)) arguments[0] = ((ImportQuery)arguments[0]!) with { Before = 0 };
                return null;
            }),
        });
        await engine.DeclareAsync("e", Fields);
        var import = await engine.ImportAsync("e", "id\n1\n", """{"importMode": "REPLACE"}""");

        // Files of uploads are swept last.
        isMissed = true;
        await PassUntilGoneAsync(Path.Combine(engine.DataDirectory, "uploads", $"{import.UploadId:D}"), TimeSpan.FromDays(3));
        isMissed = false;

        var undo = await engine.EndOfAsync((await engine.Import.Undos.InvokeAsync(Request.Anonymous, import.Id, Token))!);
        Assert.Equal((ImportState.Succeeded, 1), (undo.State, undo.Ledger.Reversed));
        Assert.Empty(await engine.RecordsAsync("e"));
    }

    /// <summary>What is deleted takes no space any more, also where the store still has blocks for it.</summary>
    [Fact]
    public async Task Of_what_records_were_no_more_goes_than_is_too_much()
    {
        const int Imports = 8;
        var most = 1L << 40;
        IRecords? records = null;
        await using var engine = await StartAsync(options => options with { MaxBeforeBytes = most, KeepBefore = null, KeepUploads = TimeSpan.FromDays(2) }, inner => records = inner);
        await engine.DeclareAsync("e", """[{"systemName": "id", "dataType": "INTEGER", "primaryKey": true}, {"systemName": "v", "dataType": "STRING"}]""");
        var random = new Random(1);
        await engine.ImportAsync("e", FileOf(0, 16_000));
        for (var i = 0; i < Imports; i++) await engine.ImportAsync("e", FileOf(i * 2_000, 2_000));
        await engine.RestartAsync();
        var kept = await records!.ListBeforeAsync(Token);
        Assert.Equal(Imports + 1, kept.Count);

        // The one that found nothing there takes no space; of the others one is too much.
        most = kept.Sum(before => before.Bytes) * 15 / 16;
        await engine.RestartAsync();
        await SweepAsync();
        var left = kept.Skip(2).Select(before => before.Import).ToList();
        Assert.Equal(left, (await records.ListBeforeAsync(Token)).Select(before => before.Import));
        for (var i = 0; i < 3; i++) await SweepAsync();
        Assert.Equal(left, (await records.ListBeforeAsync(Token)).Select(before => before.Import));

        string FileOf(int first, int count)
        {
            var csv = new System.Text.StringBuilder("id,v\n");
            for (var id = first; id < first + count; id++)
            {
                csv.Append(id).Append(',');
                for (var i = 0; i < 300; i++) csv.Append((char)random.Next('a', 'z' + 1));
                csv.Append('\n');
            }

            return csv.ToString();
        }

        // Files of uploads are swept last.
        async Task SweepAsync()
        {
            var upload = (await engine.Import.Uploads.ReceiveAsync(Request.Anonymous, await engine.MapAsync("e", "{}"), new MemoryStream("id\n1\n"u8.ToArray()), "a.csv", charset: null, Token))!;
            await PassUntilGoneAsync(Path.Combine(engine.DataDirectory, "uploads", $"{upload.Id:D}"), TimeSpan.FromDays(3));
        }
    }

    [Fact]
    public async Task A_crash_between_note_and_deletion_leaves_a_file_that_the_next_sweep_deletes()
    {
        await using var engine = await StartAsync(options => options with { KeepUploads = TimeSpan.FromDays(2) });
        await engine.DeclareAsync("e", Fields);
        var import = await engine.ImportAsync("e", "id\n1\n");
        var folder = Path.Combine(engine.DataDirectory, "uploads", $"{import.UploadId:D}");
        _time.Advance(TimeSpan.FromDays(1));

        await engine.RestartAsync(async catalog =>
        {
            var upload = (await catalog.FindUploadAsync(import.UploadId, Token))!;
            await catalog.CommitAsync(new CatalogCommit { ChangedUpload = upload with { ExpiredAt = _time.GetUtcNow() } }, Token);
        });

        await PassUntilGoneAsync(folder, TimeSpan.FromDays(2));
    }

    [Fact]
    public async Task A_file_that_nobody_binds_goes_and_one_that_is_bound_stays()
    {
        await using var engine = await StartAsync(options => options with { KeepUnboundUploads = TimeSpan.FromDays(7) });
        await engine.DeclareAsync("e", Fields);
        var mapping = await engine.MapAsync("e", "{}");
        var (lost, kept) = (await ReceiveAsync(), await ReceiveAsync());
        await engine.Import.Uploads.BindAsync(Request.Anonymous, kept, mapping, Token);

        await PassAsync(TimeSpan.FromDays(6));
        Assert.True(Directory.Exists(FolderOf(lost)));
        await PassUntilGoneAsync(FolderOf(lost), TimeSpan.FromDays(1));

        await Eventually.TrueAsync(async () => (await engine.Import.Uploads.FindAsync(Request.Anonymous, lost, Token))!.ExpiredAt is not null, "That it is gone is not told.");
        Assert.Equal("file-expired", (await Assert.ThrowsAsync<RequestException>(() => engine.Import.Uploads.BindAsync(Request.Anonymous, lost, mapping, Token))).Type);
        Assert.Equal(ImportState.Succeeded, (await engine.EndOfAsync((await engine.Import.Imports.InvokeAsync(Request.Anonymous, kept, Token))!)).State);

        async Task<Guid> ReceiveAsync() => (await engine.Import.Uploads.ReceiveAsync(Request.Anonymous, mappingId: null, new MemoryStream("id\n1\n"u8.ToArray()), "a.csv", charset: null, Token))!.Id;
        string FolderOf(Guid upload) => Path.Combine(engine.DataDirectory, "uploads", $"{upload:D}");
    }

    [Fact]
    public async Task A_file_that_never_becomes_complete_goes_after_its_time_and_takes_no_more_from_then_on()
    {
        await using var engine = await StartAsync(options => options with { KeepUnfinishedUploads = TimeSpan.FromHours(24) });
        var upload = (await engine.Import.PartialUploads.BeginAsync(Request.Anonymous, "a.csv", Token)).Id;
        await engine.Import.PartialUploads.AppendAsync(Request.Anonymous, upload, 0, isLast: false, new MemoryStream("id\n"u8.ToArray()), Token);

        await PassAsync(TimeSpan.FromHours(24));
        Assert.Equal("file-expired", (await Assert.ThrowsAsync<RequestException>(() => engine.Import.PartialUploads.AppendAsync(Request.Anonymous, upload, 3, isLast: true, Stream.Null, Token))).Type);

        await PassUntilGoneAsync(Path.Combine(engine.DataDirectory, "uploads", $"{upload:D}"), TimeSpan.FromHours(1));
        await Eventually.TrueAsync(async () => (await engine.Import.Uploads.FindAsync(Request.Anonymous, upload, Token)) is { IsComplete: false, ExpiredAt: not null }, "That it is gone is not told.");
    }

    /// <summary>Timers wait for 49 days at the most.</summary>
    [Fact]
    public async Task A_file_may_take_years_to_become_complete()
    {
        await using var engine = await StartAsync(options => options with { KeepUnfinishedUploads = TimeSpan.FromHours(36_500) });
        var upload = (await engine.Import.PartialUploads.BeginAsync(Request.Anonymous, "a.csv", Token)).Id;
        await engine.Import.PartialUploads.AppendAsync(Request.Anonymous, upload, 0, isLast: false, new MemoryStream("id\n"u8.ToArray()), Token);

        await PassAsync(TimeSpan.FromDays(1_000));
        var complete = (await engine.Import.PartialUploads.AppendAsync(Request.Anonymous, upload, 3, isLast: true, new MemoryStream("1\n"u8.ToArray()), Token))!;
        Assert.Equal((true, 5L), (complete.IsComplete, complete.Size));
    }

    [Fact]
    public async Task Keys_of_requests_are_forgotten_when_their_time_is_over_and_not_before()
    {
        await using var engine = await StartAsync(options => options with { KeepRequestKeys = TimeSpan.FromHours(24) });
        await engine.DeclareAsync("e", Fields);
        var keyed = new Request(Caller.Anonymous, new RequestKey("k", "POST /v1/EntityImport"));
        using var upsert = JsonDocument.Parse("""{"entitySystemName": "e"}""");
        using var insert = JsonDocument.Parse("""{"entitySystemName": "e", "definition": {"importMode": "INSERT"}}""");
        var first = await engine.Import.Mappings.CreateAsync(keyed, upsert.RootElement, Token);
        _time.Advance(TimeSpan.FromHours(23));
        Assert.Equal(first.Id, (await engine.Import.Mappings.CreateAsync(keyed, upsert.RootElement, Token)).Id);
        Assert.Equal("idempotency-key-reused", (await Assert.ThrowsAsync<RequestException>(() => engine.Import.Mappings.CreateAsync(keyed, insert.RootElement, Token))).Type);

        _time.Advance(TimeSpan.FromHours(2));
        await Eventually.TrueAsync(
            async () =>
            {
                _time.Advance(TimeSpan.FromMinutes(1));
                return await engine.Catalog.FindReceiptAsync(null, "k", Token) is null;
            },
            "The key was not forgotten.");

        Assert.NotEqual(first.Id, (await engine.Import.Mappings.CreateAsync(keyed, insert.RootElement, Token)).Id);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_clock_that_jumps_deletes_nothing_before_a_day_of_running_has_confirmed_it(bool whileStopped)
    {
        var log = new CollectingLog();
        var time = new SettableTime(_time.GetUtcNow());
        await using var engine = await Engine.StartAsync(new EngineSetup { Options = options => options with { KeepUploads = TimeSpan.FromDays(30) }, Time = time, Logs = log });
        await engine.DeclareAsync("e", Fields);
        var import = await engine.ImportAsync("e", "id\n1\n");
        var folder = Path.Combine(engine.DataDirectory, "uploads", $"{import.UploadId:D}");
        var clock = Path.Combine(engine.DataDirectory, "clock");
        await Eventually.TrueAsync(() => File.Exists(clock) && File.ReadAllText(clock).Length > 0, "The service never said that it is running.");

        if (whileStopped)
        {
            await engine.RestartAsync(afterwards: Jump);
            // What is made under the new clock does not confirm it.
            await engine.ImportAsync("e", "id\n2\n");
            await engine.RestartAsync();
        }
        else Jump();
        await Eventually.TrueAsync(
            () =>
            {
                time.Advance(TimeSpan.FromMinutes(1));
                return log.Lines.Any(line => line.StartsWith("Warning: The clock says", StringComparison.Ordinal));
            },
            "The jump was not noticed.");
        await PassUntilGoneAsync(folder, TimeSpan.FromDays(1), time);

        void Jump() => time.Offset = TimeSpan.FromDays(5 * 365);
    }

    [Fact]
    public async Task Without_a_time_files_are_kept_for_ever()
    {
        await using var engine = await StartAsync(options => options);
        await engine.DeclareAsync("e", Fields);
        var import = await engine.ImportAsync("e", "id\n1\nx\n");
        await PassAsync(TimeSpan.FromDays(10_000));
        await engine.RestartAsync();
        Assert.NotEmpty(await engine.ErrorFileAsync(import));
        using var file = (await engine.Import.Uploads.OpenFileAsync(Request.Anonymous, (await engine.Import.Uploads.FindAsync(Request.Anonymous, import.UploadId, Token))!, Token))!;
        Assert.Equal(7, file.Length);
    }

    private Task<Engine> StartAsync(Func<EngineOptions, EngineOptions> options, Func<IRecords, IRecords>? data = null) =>
        Engine.StartAsync(new EngineSetup { Options = options, Time = _time, Records = data ?? (inner => inner) });

    private Task PassAsync(TimeSpan time)
    {
        _time.Advance(time);
        return Task.CompletedTask;
    }

    /// <summary>Lets time pass, and then further sweeps come, until a folder is gone.</summary>
    private async Task PassUntilGoneAsync(string folder, TimeSpan passing, FakeTimeProvider? clock = null)
    {
        var time = clock ?? _time;
        Assert.True(Directory.Exists(folder), $"{folder} was gone too early.");
        time.Advance(passing);
        await Eventually.TrueAsync(
            () =>
            {
                time.Advance(TimeSpan.FromMinutes(1));
                return !Directory.Exists(folder);
            },
            $"{folder} was not deleted.");
    }

    /// <summary>A clock that can be set while time passes as it does.</summary>
    private sealed class SettableTime(DateTimeOffset start) : FakeTimeProvider(start)
    {
        public TimeSpan Offset { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Offset;

        public override long GetTimestamp() => base.GetUtcNow().Ticks;
    }
}
