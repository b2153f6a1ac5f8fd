using System.Net;
using System.Text;
using System.Text.Json;
using EntityImport.Access;
using EntityImport.Catalog;
using EntityImport.Files;
using EntityImport.ObjectStore.Tests;
using EntityImport.Options;
using EntityImport.Postgres;
using EntityImport.Storage.Tests.Durability;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Xunit;

namespace EntityImport.Storage.Tests;

/// <summary>Several nodes on one database, with the same files: they are one service, whichever is asked, and whichever dies.</summary>
public sealed class NodeTests : IAsyncDisposable
{
    private const string Fields = """[{"systemName": "id", "dataType": "INTEGER", "primaryKey": true}, {"systemName": "price", "dataType": "INTEGER"}]""";
    private const string Rows = "id,price\n1,10\n2,20\n";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly string _files = Directory.CreateTempSubdirectory("eis-test-").FullName;
    private readonly List<Engine> _nodes = [];
    private string? _database;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whichever_node_is_asked_knows_what_another_was_told()
    {
        var (first, second) = (await NodeAsync("a"), await NodeAsync("b"));
        await first.DeclareAsync("e", Fields);
        var mapping = await first.MapAsync("e", "{}");

        var import = await second.InvokeAsync(mapping, Rows);

        Assert.Equal(ImportState.Succeeded, (await first.EndOfAsync(import)).State);
        Assert.Equal(["1|10", "2|20"], await first.RecordsAsync("e"));
        Assert.Equal(["1|10", "2|20"], await second.RecordsAsync("e"));
        Assert.Equal(ImportState.Succeeded, (await second.Import.ImportViews.FindAsync(Request.Anonymous, import.Id, Token))!.State);
        Assert.Equal(["a", "b"], (await first.Cluster.ListNodesAsync(Token)).Where(node => node.IsThere).Select(node => node.Name));
    }

    [Fact]
    public async Task Who_signs_in_at_one_node_is_known_at_all_and_a_link_works_once_at_whichever()
    {
        var (first, second) = (await NodeAsync("a"), await NodeAsync("b"));
        var (_, link) = await first.Import.Sessions.CreateLinkAsync(Request.Anonymous, "Ida", ["read"], Token);

        var tries = await Task.WhenAll(Enumerable.Range(0, 8).Select(turn => OpenAsync(turn % 2 == 0 ? first : second)));

        var secret = Assert.Single(tries, opened => opened is not null)!;
        foreach (var node in new[] { first, second }) Assert.Equal("Ida", (await node.Import.SignIns.FindAsync(secret, Token))?.Name);
        await first.Import.SignIns.EndAsync(secret, Request.Anonymous, Token);
        Assert.Null(await first.Import.SignIns.FindAsync(secret, Token));
        // What the other one has read a moment ago it believes for two seconds.
        while (await second.Import.SignIns.FindAsync(secret, Token) is not null) await Task.Delay(10, Token);
        Assert.Empty(await second.Import.Sessions.ListAsync(Request.Anonymous, Token));
        await first.Import.ProtectionKeys.AddAsync("key-1", "<key />", Token);
        Assert.Equal("key-1", Assert.Single(await second.Import.ProtectionKeys.ListAsync(Token)).Name);

        async Task<string?> OpenAsync(Engine node)
        {
            try
            {
                return await node.Import.SignIns.OpenByLinkAsync(link, Request.Anonymous, TimeSpan.FromHours(1), Token);
            }
            catch (RequestException refused) when (refused.Type == "sign-in-link-bad")
            {
                return null;
            }
        }
    }

    [Fact]
    public async Task Imports_of_an_entity_run_in_the_order_of_their_invocation_whichever_nodes_run_them()
    {
        var nodes = new[] { await NodeAsync("a"), await NodeAsync("b"), await NodeAsync("c") };
        await nodes[0].DeclareAsync("e", Fields);
        var mapping = await nodes[0].MapAsync("e", """{"importMode": "REPLACE"}""");
        var imports = new List<Catalog.Import>();
        for (var turn = 0; turn < 15; turn++) imports.Add(await nodes[turn % 3].InvokeAsync(mapping, $"id,price\n1,{turn}\n"));

        foreach (var import in imports) Assert.Equal(ImportState.Succeeded, (await nodes[1].EndOfAsync(import)).State);

        Assert.Equal(["1|14"], await nodes[2].RecordsAsync("e"));
        Assert.Equal(imports.Select(import => import.Sequence), (await nodes[0].Catalog.ListImportsAsync(new ImportQuery("e", [], null, 100), Token)).OrderBy(import => import.StoppedAt).Select(import => import.Sequence));
    }

    [Fact]
    public async Task No_more_run_at_the_same_time_than_may_on_all_nodes_and_no_entity_is_left_behind()
    {
        using var gate = new ManualResetEventSlim();
        var running = 0;
        var most = 0;
        Func<IRecords, IRecords> held = inner => new InterceptedRecords(inner)
        {
            Loading = async (_, _) =>
            {
                var now = Interlocked.Increment(ref running);
                InterlockedMax(ref most, now);
                await Task.Run(() => gate.Wait(Patience, Token), Token);
                Interlocked.Decrement(ref running);
            },
        };
        var nodes = new[] { await NodeAsync("a", Limited, held), await NodeAsync("b", Limited, held) };
        var imports = new List<Catalog.Import>();
        for (var entity = 0; entity < 8; entity++)
        {
            await nodes[0].DeclareAsync($"e{entity}", Fields);
            var mapping = await nodes[0].MapAsync($"e{entity}", "{}");
            imports.Add(await nodes[entity % 2].InvokeAsync(mapping, Rows));
        }

        await Eventually.TrueAsync(() => Volatile.Read(ref running) == 3, "Three imports did not begin.");
        gate.Set();
        foreach (var import in imports) Assert.Equal(ImportState.Succeeded, (await nodes[0].EndOfAsync(import)).State);

        Assert.Equal(3, most);

        static EngineOptions Limited(EngineOptions options) => options with { ClusterImports = 3, ConcurrentImports = 4 };
    }

    [Fact]
    public async Task What_a_silent_node_was_at_goes_on_elsewhere_and_what_it_does_later_is_refused()
    {
        var (reached, goesOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        var first = await NodeAsync("a", options => options with { NodeLease = TimeSpan.FromMinutes(10), MaxAttempts = 1 }, inner => new InterceptedRecords(inner)
        {
            Committing = async _ =>
            {
                reached.TrySetResult();
                await goesOn.Task.WaitAsync(Patience, Token);
            },
        });
        await first.DeclareAsync("e", Fields);
        var import = await first.InvokeAsync(await first.MapAsync("e", "{}"), Rows);
        await reached.Task.WaitAsync(Patience, Token);
        var second = await NodeAsync("b");

        // As if the first one had not come to renew its lease for that long.
        await TestDatabases.ExecuteAsync(_database!, "UPDATE eis.lease SET expires_at = clock_timestamp() - interval '1 second' WHERE name = 'node:' || (SELECT id FROM eis.node WHERE name = 'a')");
        var ended = await second.EndOfAsync(import);
        goesOn.SetResult();
        Assert.Equal(ended.StoppedAt, (await first.EndOfAsync(import)).StoppedAt);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => first.Catalog.CommitAsync(new CatalogCommit { DeletedEntity = "e" }, Token));
        Assert.True(first.Import.IsStoreLost);

        Assert.Equal((ImportState.Succeeded, 2), (ended.State, ended.Attempts));
        Assert.Equal(2, ended.Ledger.Inserted);
        Assert.Equal(["1|10", "2|20"], await second.RecordsAsync("e"));
        Assert.Equal(ended.StoppedAt, (await second.FindKeptAsync(import.Id)).StoppedAt);
    }

    [Fact]
    public async Task A_node_that_stops_hands_its_imports_over_and_that_is_no_attempt()
    {
        var (first, reached) = await StayingNodeAsync("a");
        await first.DeclareAsync("e", Fields);
        var import = await first.InvokeAsync(await first.MapAsync("e", "{}"), Rows);
        await reached.Task.WaitAsync(Patience, Token);
        var second = await NodeAsync("b");

        await first.Import.StopImportsAsync().WaitAsync(Patience, Token);
        var ended = await second.EndOfAsync(import);

        Assert.Equal((ImportState.Succeeded, 1), (ended.State, ended.Attempts));
    }

    [Fact]
    public async Task An_import_that_is_handed_over_has_not_lost_its_turn()
    {
        var (first, reached) = await StayingNodeAsync("a");
        var imports = new List<Catalog.Import>();
        foreach (var entity in (string[])["e", "f", "g"])
        {
            await first.DeclareAsync(entity, Fields);
            imports.Add(await first.InvokeAsync(await first.MapAsync(entity, "{}"), Rows));
            if (entity == "e") await reached.Task.WaitAsync(Patience, Token);
        }

        await first.Import.StopImportsAsync().WaitAsync(Patience, Token);
        var second = await NodeAsync("b", options => options with { ConcurrentImports = 1 });

        var ended = new List<Catalog.Import>();
        foreach (var import in imports) ended.Add(await second.EndOfAsync(import));
        Assert.Equal(["e", "f", "g"], ended.OrderBy(import => import.StoppedAt).Select(import => import.EntitySystemName));
    }

    [Fact]
    public async Task A_node_that_stops_hands_its_imports_over_although_the_database_is_not_there_at_that_moment()
    {
        await using var line = await LineAsync();
        var (first, reached) = await StayingNodeAsync("a", line.Port);
        await first.DeclareAsync("e", Fields);
        var import = await first.InvokeAsync(await first.MapAsync("e", "{}"), Rows);
        await reached.Task.WaitAsync(Patience, Token);
        var second = await NodeAsync("b");

        line.Cut();
        var refused = line.Connections + 3;
        var stopping = first.Import.StopImportsAsync();
        await Eventually.TrueAsync(() => Task.FromResult(line.Connections >= refused), "Nobody asks for the database.");
        line.Mend();

        // While the first one still has its place.
        Assert.Equal(ImportState.Succeeded, (await second.EndOfAsync(import).WaitAsync(Patience, Token)).State);
        Assert.Equal(["1|10", "2|20"], await second.RecordsAsync("e"));
        await stopping.WaitAsync(Patience, Token);
        await EndAsync(first);
    }

    /// <summary>The store has it as the node's, and the node has never heard of it.</summary>
    [Fact]
    public async Task An_import_that_a_node_got_without_hearing_of_it_runs_all_the_same()
    {
        await using var line = await LineAsync();
        var node = await NodeAsync("a", port: line.Port);
        await node.DeclareAsync("e", Fields);
        var mapping = await node.MapAsync("e", "{}");

        line.LoseAnswersTo("next AS (SELECT l.name, l.head"u8);
        var import = await node.InvokeAsync(mapping, Rows);
        await Eventually.TrueAsync(async () => (bool)(await TestDatabases.ReadAsync(_database!, "SELECT EXISTS (SELECT 1 FROM eis.lease WHERE import IS NOT NULL)"))!, "Nobody claims it.");
        line.Mend();
        var ended = await node.EndOfAsync(import).WaitAsync(Patience, Token);

        Assert.Equal((ImportState.Succeeded, 1), (ended.State, ended.Attempts));
        Assert.Equal(["1|10", "2|20"], await node.RecordsAsync("e"));
        await EndAsync(node);
    }

    [Fact]
    public async Task A_plan_that_a_node_got_without_hearing_of_it_is_made_all_the_same()
    {
        await using var line = await LineAsync();
        var (first, reached) = await StayingNodeAsync("a");
        await first.DeclareAsync("e", Fields);
        var upload = await first.Import.Uploads.ReceiveAsync(Request.Anonymous, await first.MapAsync("e", "{}"), new MemoryStream(Encoding.UTF8.GetBytes(Rows)), "test.csv", charset: null, Token);
        var plan = (await first.Import.Plans.InvokeAsync(Request.Anonymous, upload!.Id, Token))!;
        await reached.Task.WaitAsync(Patience, Token);
        var second = await NodeAsync("b", port: line.Port);

        line.LoseAnswersTo("UPDATE eis.plan p SET node = $1"u8);
        await EndAsync(first);
        await Eventually.TrueAsync(async () => (bool)(await TestDatabases.ReadAsync(_database!, $"SELECT EXISTS (SELECT 1 FROM eis.plan WHERE node = '{second.Cluster.NodeId}')"))!, "Nobody adopts it.");
        line.Mend();

        var made = await second.Import.Plans.WaitAsync(Request.Anonymous, plan.Id, Token).WaitAsync(Patience, Token);

        Assert.Equal((ImportState.Succeeded, 2), (made.Run.State, made.Run.Ledger.Inserted));
        await EndAsync(second);
    }

    [Fact]
    public async Task An_import_is_cancelled_at_any_node_wherever_it_runs_and_the_next_one_runs()
    {
        var (reached, goesOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        var first = await NodeAsync("a", records: inner => new InterceptedRecords(inner)
        {
            Committing = async _ =>
            {
                reached.TrySetResult();
                await goesOn.Task.WaitAsync(Patience, Token);
            },
        });
        await first.DeclareAsync("e", Fields);
        var mapping = await first.MapAsync("e", "{}");
        var import = await first.InvokeAsync(mapping, Rows);
        await reached.Task.WaitAsync(Patience, Token);
        var second = await NodeAsync("b");
        var waiting = await second.InvokeAsync(mapping, "id,price\n3,30\n");
        var next = await second.InvokeAsync(mapping, "id,price\n4,40\n");

        Assert.True(await second.Import.Imports.CancelAsync(Request.Anonymous, waiting.Id, Token));
        Assert.True(await second.Import.Imports.CancelAsync(Request.Anonymous, import.Id, Token));
        goesOn.SetResult();

        Assert.Equal(ImportState.Cancelled, (await first.EndOfAsync(import)).State);
        Assert.Equal(ImportState.Cancelled, (await first.EndOfAsync(waiting)).State);
        Assert.Equal(ImportState.Succeeded, (await first.EndOfAsync(next)).State);
        Assert.Equal(["4|40"], await second.RecordsAsync("e"));
        var late = await Assert.ThrowsAsync<RequestException>(() => second.Import.Imports.CancelAsync(Request.Anonymous, next.Id, Token));
        Assert.Equal("import-already-ended", late.Type);
    }

    [Fact]
    public async Task A_plan_of_a_node_that_is_gone_is_made_by_another()
    {
        var (first, reached) = await StayingNodeAsync("a");
        await first.DeclareAsync("e", Fields);
        var mapping = await first.MapAsync("e", "{}");
        var upload = await first.Import.Uploads.ReceiveAsync(Request.Anonymous, mapping, new MemoryStream(Encoding.UTF8.GetBytes(Rows)), "test.csv", charset: null, Token);
        var plan = (await first.Import.Plans.InvokeAsync(Request.Anonymous, upload!.Id, Token))!;
        await reached.Task.WaitAsync(Patience, Token);
        var second = await NodeAsync("b");

        await EndAsync(first);
        var made = await second.Import.Plans.WaitAsync(Request.Anonymous, plan.Id, Token).WaitAsync(Patience, Token);

        Assert.Equal((ImportState.Succeeded, 2), (made.Run.State, made.Run.Ledger.Inserted));
    }

    [Fact]
    public async Task No_more_plans_are_unfinished_than_may_on_all_nodes()
    {
        var (first, reached) = await StayingNodeAsync("a");
        await first.DeclareAsync("e", Fields);
        var mapping = await first.MapAsync("e", "{}");
        var second = await NodeAsync("b", options => options with { MaxUnfinishedPlans = 1 });
        var upload = await first.Import.Uploads.ReceiveAsync(Request.Anonymous, mapping, new MemoryStream(Encoding.UTF8.GetBytes(Rows)), "test.csv", charset: null, Token);
        var plan = (await first.Import.Plans.InvokeAsync(Request.Anonymous, upload!.Id, Token))!;
        await reached.Task.WaitAsync(Patience, Token);

        var refused = await Assert.ThrowsAsync<RequestException>(() => second.Import.Plans.InvokeAsync(Request.Anonymous, upload.Id, Token));

        Assert.Equal("queue-full", refused.Type);
        await second.Import.Plans.CancelAsync(Request.Anonymous, plan.Id, Token);
        Assert.NotNull(await second.Import.Plans.InvokeAsync(Request.Anonymous, upload.Id, Token));
    }

    [Fact]
    public async Task What_callers_do_at_one_node_is_heard_of_at_the_others()
    {
        var (first, second, third) = (await NodeAsync("a"), await NodeAsync("b"), await NodeAsync("c"));
        var clock = new FakeTimeProvider();
        var (here, one, other) = (new CallerUses(second.Cluster, clock), new CallerUses(first.Cluster, clock), new CallerUses(third.Cluster, clock));
        CallerUse[] bert = [new CallerUse("bert")];
        var begun = await here.ExchangeAsync(bert, Token);

        await one.ExchangeAsync([new CallerUse("anna") { Requests = 5, Bytes = 50, Uploads = 1, Inferences = 2 }, new CallerUse("bert") { EventStreams = 3 }], Token);
        await other.ExchangeAsync([new CallerUse("anna") { Requests = 7, Queries = 4 }], Token);
        var heard = await here.ExchangeAsync(bert, Token);
        await one.ExchangeAsync([new CallerUse("anna") { Requests = 6, Bytes = 80 }], Token);
        var later = await here.ExchangeAsync(bert, Token);
        // What was not to be read for a while, as after a crash of the server, is not counted anew.
        await one.ExchangeAsync(bert, Token);
        await here.ExchangeAsync(bert, Token);
        await one.ExchangeAsync([new CallerUse("anna") { Requests = 9, Bytes = 80 }], Token);
        var again = await here.ExchangeAsync(bert, Token);
        clock.Advance(TimeSpan.FromSeconds(30));
        await one.ExchangeAsync([new CallerUse("anna") { Requests = 900, Bytes = 8_000, Uploads = 1 }], Token);
        var silent = await here.ExchangeAsync(bert, Token);
        await EndAsync(third);
        var last = await here.ExchangeAsync(bert, Token);

        Assert.Equal((false, 0), (begun.IsContinued, begun.Uses.Count));
        Assert.Equal(new CallerUse("anna") { Requests = 12, Bytes = 50, Uploads = 1, Queries = 4, Inferences = 2 }, heard.Uses["anna"]);
        Assert.Equal(new CallerUse("bert") { EventStreams = 3 }, heard.Uses["bert"]);
        Assert.Equal(new CallerUse("anna") { Requests = 1, Bytes = 30, Queries = 4 }, later.Uses["anna"]);
        Assert.False(later.Uses.ContainsKey("bert"));
        Assert.Equal(new CallerUse("anna") { Requests = 3, Queries = 4 }, again.Uses["anna"]);
        Assert.False(silent.IsContinued);
        Assert.Equal(new CallerUse("anna") { Uploads = 1, Queries = 4 }, silent.Uses["anna"]);
        Assert.Equal((true, new CallerUse("anna") { Uploads = 1 }), (last.IsContinued, last.Uses["anna"]));
    }

    [Fact]
    public async Task What_changes_definitions_waits_for_its_turn_among_all_nodes()
    {
        var (first, second) = (await NodeAsync("a"), await NodeAsync("b"));
        var hold = await first.Cluster.HoldDefinitionsAsync(Token);
        var declaring = second.DeclareAsync("e", Fields);
        var locks = await CountWaitingAsync(1);

        Assert.True(locks, "The second node does not wait.");
        Assert.False(declaring.IsCompleted);
        hold.Dispose();
        await declaring.WaitAsync(Patience, Token);
        Assert.NotNull(await first.Catalog.FindEntityAsync("e", Token));
    }

    /// <summary>Uploads are committed beside the turns of other requests at the same node, which end meanwhile, while the other node waits for its turn.</summary>
    [Fact]
    public async Task What_is_committed_beside_a_turn_does_not_depend_on_it()
    {
        var nodes = new[] { await NodeAsync("a"), await NodeAsync("b") };
        await nodes[0].DeclareAsync("e", Fields);
        var mapping = await nodes[0].MapAsync("e", "{}");

        await Task.WhenAll(nodes.SelectMany(node => Enumerable.Range(0, 3).Select(async worker =>
        {
            for (var turn = 0; turn < 60; turn++)
            {
                if (worker == 0) await node.MapAsync("e", "{}");
                else await node.Import.Uploads.ReceiveAsync(Request.Anonymous, mapping, new MemoryStream(Encoding.UTF8.GetBytes(Rows)), "test.csv", charset: null, Token);
            }
        })));

        Assert.Equal(240, (await nodes[1].Catalog.ListUploadsAsync(new UploadQuery(mapping, Before: null, 1_000), Token)).Count);
    }

    [Fact]
    public async Task What_is_committed_in_a_turn_that_the_server_has_ended_is_refused_once_another_has_had_its_turn()
    {
        var (first, second) = (await NodeAsync("a"), await NodeAsync("b"));
        using var hold = await first.Cluster.HoldDefinitionsAsync(Token);

        await TestDatabases.ExecuteAsync(
            _database!, "SELECT pg_terminate_backend(l.pid) FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid WHERE l.relation = 'eis.lease'::regclass AND l.mode = 'RowShareLock' AND a.state = 'idle in transaction'");
        await second.DeclareAsync("e", Fields).WaitAsync(Patience, Token);

        await Assert.ThrowsAsync<StoreUnavailableException>(() => first.Catalog.CommitAsync(new CatalogCommit { DeletedEntity = "e" }, Token));
        Assert.NotNull(await second.Catalog.FindEntityAsync("e", Token));
    }

    /// <summary>A sign of life that is never answered keeps neither the process that gave it nor others.</summary>
    [Fact]
    public async Task A_turn_whose_connection_stands_still_is_over_with_what_it_was_taken_for()
    {
        var second = await NodeAsync("b");
        await using var line = await LineAsync();
        var first = await NodeAsync("a", port: line.Port);

        var isStill = line.StillOnAsync("SELECT 1\0"u8);
        using (await first.Cluster.HoldDefinitionsAsync(Token)) await isStill.WaitAsync(Patience, Token);
        await second.DeclareAsync("e", Fields).WaitAsync(Patience, Token);
        var mapping = await first.MapAsync("e", "{}").WaitAsync(Patience, Token);
        var import = await first.InvokeAsync(mapping, Rows).WaitAsync(Patience, Token);

        Assert.Equal(ImportState.Succeeded, (await second.EndOfAsync(import)).State);
        await EndAsync(first);
    }

    [Fact]
    public async Task A_node_whose_renewal_is_never_answered_renews_its_place_over_another_connection()
    {
        await using var line = await LineAsync();
        var node = await NodeAsync("a", options => options with { NodeLease = TimeSpan.FromSeconds(6) }, port: line.Port);

        await line.StillOnAsync("UPDATE eis.lease SET expires_at"u8).WaitAsync(Patience, Token);
        var last = (DateTime)(await TestDatabases.ReadAsync(_database!, "SELECT max(renewed_at) FROM eis.lease WHERE name LIKE 'node:%'"))!;

        await Eventually.TrueAsync(async () => (DateTime)(await TestDatabases.ReadAsync(_database!, "SELECT max(renewed_at) FROM eis.lease WHERE name LIKE 'node:%'"))! > last, "Its place is not renewed.");
        await EndAsync(node);
    }

    [Fact]
    public async Task A_node_that_asks_for_an_import_and_is_never_answered_asks_again()
    {
        await using var line = await LineAsync();
        var node = await NodeAsync("a", port: line.Port);
        await node.DeclareAsync("e", Fields);
        var mapping = await node.MapAsync("e", "{}");

        await line.StillOnAsync("next AS (SELECT l.name, l.head"u8).WaitAsync(Patience, Token);
        var ended = await node.EndOfAsync(await node.InvokeAsync(mapping, Rows)).WaitAsync(Patience, Token);

        Assert.Equal(ImportState.Succeeded, ended.State);
        Assert.Equal(["1|10", "2|20"], await node.RecordsAsync("e"));
        await EndAsync(node);
    }

    /// <summary>None has died: the first that reaches the database again gives the others time to do so, too.</summary>
    [Fact]
    public async Task A_database_that_was_away_for_longer_than_a_lease_costs_no_node_its_place()
    {
        const string Renewed = "SELECT coalesce(renewed_at, '-infinity') FROM eis.lease l JOIN eis.node n ON l.name = 'node:' || n.id WHERE n.name = ";
        await using var line = await LineAsync();
        await using var other = await LineAsync();
        Func<EngineOptions, EngineOptions> options = given => given with { NodeLease = TimeSpan.FromSeconds(10) };
        var (first, second) = (await NodeAsync("a", options, port: line.Port), await NodeAsync("b", options, port: other.Port));
        await first.DeclareAsync("e", Fields);
        var mapping = await first.MapAsync("e", "{}");
        line.Cut();
        other.Cut();
        await Eventually.TrueAsync(async () => (long)(await TestDatabases.ReadAsync(_database!, "SELECT count(*) FROM eis.lease WHERE name LIKE 'node:%' AND expires_at < clock_timestamp()"))! == 2, "Their leases do not run out.");
        var epochs = await TestDatabases.ReadAsync(_database!, "SELECT sum(epoch) FROM eis.lease WHERE name LIKE 'node:%'");

        await BackAsync(line, "a");
        await BackAsync(other, "b");

        Assert.Equal(epochs, await TestDatabases.ReadAsync(_database!, "SELECT sum(epoch) FROM eis.lease WHERE name LIKE 'node:%'"));
        Assert.Equal(ImportState.Succeeded, (await second.EndOfAsync(await first.InvokeAsync(mapping, Rows))).State);
        Assert.Equal(["a", "b"], (await first.Cluster.ListNodesAsync(Token)).Where(node => node.IsThere).Select(node => node.Name));
        await EndAsync(first);
        await EndAsync(second);

        async Task BackAsync(Line cut, string name)
        {
            var last = (DateTime)(await TestDatabases.ReadAsync(_database!, $"{Renewed}'{name}'"))!;
            cut.Mend();
            await Eventually.TrueAsync(async () => (DateTime)(await TestDatabases.ReadAsync(_database!, $"{Renewed}'{name}'"))! > last, "It does not renew its place.");
        }
    }

    [Fact]
    public async Task A_node_that_is_not_answered_when_it_drops_what_nobody_needs_renews_its_place()
    {
        await using var line = await LineAsync();
        var node = await NodeAsync("a", options => options with { NodeLease = TimeSpan.FromSeconds(6) }, port: line.Port);
        await node.DeclareAsync("e", Fields + ", \"keepBefore\": false");
        var mapping = await node.MapAsync("e", """{"importMode": "REPLACE"}""");
        await node.EndOfAsync(await node.InvokeAsync(mapping, Rows));
        await using var reading = await TestDatabases.ConnectAsync(_database!);
        await using var transaction = await reading.BeginTransactionAsync(Token);
        await using var read = new NpgsqlCommand($"LOCK TABLE eis_data.{await TestDatabases.ReadAsync(_database!, "SELECT table_name FROM eis.entity")} IN ACCESS SHARE MODE", reading, transaction);
        await read.ExecuteNonQueryAsync(Token);
        Assert.Equal(ImportState.Succeeded, (await node.EndOfAsync(await node.InvokeAsync(mapping, "id,price\n3,30\n"))).State);

        // By then the import has tried to drop it itself.
        await RenewedTwiceAsync();
        await line.StillOnAsync("DROP TABLE IF EXISTS eis_data"u8).WaitAsync(Patience, Token);

        await RenewedTwiceAsync();

        await transaction.RollbackAsync(Token);
        await Eventually.TrueAsync(async () => (long)(await TestDatabases.ReadAsync(_database!, "SELECT count(*) FROM pg_tables WHERE schemaname = 'eis_data' AND tablename LIKE 't%'"))! == 1, "The table that nobody reads any longer stays.");
        await EndAsync(node);

        async Task RenewedTwiceAsync()
        {
            foreach (var _ in Enumerable.Range(0, 2))
            {
                var last = await RenewedAsync();
                await Eventually.TrueAsync(async () => await RenewedAsync() > last, "Its place is not renewed.");
            }
        }

        async Task<DateTime> RenewedAsync() => (DateTime)(await TestDatabases.ReadAsync(_database!, "SELECT coalesce(max(renewed_at), '-infinity') FROM eis.lease WHERE name LIKE 'node:%'"))!;
    }

    [Fact]
    public async Task What_a_node_has_left_is_dropped_and_what_others_are_at_stays()
    {
        var (reached, goesOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        var first = await NodeAsync("a", records: inner => new InterceptedRecords(inner)
        {
            Loaded = async _ =>
            {
                reached.TrySetResult();
                await goesOn.Task.WaitAsync(Patience, Token);
            },
        });
        await first.DeclareAsync("e", Fields);
        await first.DeclareAsync("f", Fields);
        var import = await first.InvokeAsync(await first.MapAsync("e", "{}"), Rows);
        await reached.Task.WaitAsync(Patience, Token);
        // Of an attempt before the one at work, of an entity that nobody imports into, and of an import that there is not.
        await TestDatabases.ExecuteAsync(_database!, "CREATE TABLE eis_data.t1_1 (n integer); CREATE TABLE eis_data.t2_7 (n integer); CREATE UNLOGGED TABLE eis_stage.s0123456789abcdef0123456789abcdef_3 (n integer); UPDATE eis.lease SET epoch = 8 WHERE name = 'F'; INSERT INTO eis.lease (name, epoch, expires_at) VALUES ('F', 8, 'infinity') ON CONFLICT DO NOTHING");

        await NodeAsync("b");
        goesOn.SetResult();

        Assert.Equal(ImportState.Succeeded, (await first.EndOfAsync(import)).State);
        Assert.Equal(["1|10", "2|20"], await first.RecordsAsync("e"));
        Assert.Equal(0L, await TestDatabases.ReadAsync(_database!, "SELECT count(*) FROM pg_tables WHERE schemaname = 'eis_stage' OR tablename IN ('t1_1', 't2_7')"));
    }

    [Fact]
    public async Task A_node_that_is_drained_takes_no_more_imports_until_it_may_again()
    {
        var (first, second) = (await NodeAsync("a"), await NodeAsync("b"));
        await first.DeclareAsync("e", Fields);
        var mapping = await first.MapAsync("e", "{}");
        foreach (var node in await first.Cluster.ListNodesAsync(Token)) Assert.True(await first.Cluster.DrainAsync(node.Id, isDraining: true, Token));
        var import = await second.InvokeAsync(mapping, Rows);

        Assert.Null(await first.Cluster.ClaimAsync(Token));
        Assert.Null(await second.Cluster.ClaimAsync(Token));
        var (unfinished, queues) = await second.Import.Queue.ReadAsync(Request.Anonymous, 10, Token);
        Assert.Equal((1, "e", 1, import.Id, QueueReason.Draining, null), (unfinished, queues[0].EntitySystemName, queues[0].Unfinished, queues[0].ImportId, queues[0].Reason, queues[0].Node));
        Assert.False(await first.Cluster.DrainAsync(Guid.NewGuid(), isDraining: true, Token));

        await first.Cluster.DrainAsync(first.Cluster.NodeId, isDraining: false, Token);
        Assert.Equal(ImportState.Succeeded, (await second.EndOfAsync(import)).State);
    }

    [Fact]
    public async Task Who_works_alone_and_nodes_do_not_share_a_database()
    {
        var node = await NodeAsync("a", options => options with { NodeLease = TimeSpan.FromSeconds(2) });

        await Assert.ThrowsAsync<DataDirectoryInUseException>(() => OpenAsync(new EngineOptions { DataDirectory = NewDirectory(), NodeLease = TimeSpan.FromSeconds(2) }));
        await EndAsync(node);
        await using var alone = await OpenAsync(new EngineOptions { DataDirectory = NewDirectory(), NodeLease = TimeSpan.FromSeconds(2) });
        await Assert.ThrowsAsync<DataDirectoryInUseException>(() => OpenAsync(new EngineOptions { DataDirectory = NewDirectory(), NodeName = "b", NodeLease = TimeSpan.FromSeconds(2) }));
    }

    /// <summary>The client has given up waiting for the first node, and the second one begins before the first is done.</summary>
    [Fact]
    public async Task A_request_that_is_sent_again_to_another_node_is_carried_out_once()
    {
        var first = await NodeAsync("a");
        await first.DeclareAsync("e", Fields);
        var mapping = await first.MapAsync("e", "{}");
        var request = Request.Anonymous with { Key = new RequestKey("k", "POST upload") };
        Upload? earlier = null;
        var second = await NodeAsync("b", catalog: inner => InterceptedCatalog.Create(inner, (name, arguments) =>
        {
            if (name == nameof(ICatalog.CommitAsync) && arguments[0] is CatalogCommit { NewUpload: not null } && earlier is null) earlier = SendAsync(first).GetAwaiter().GetResult();
            return null;
        }));

        var refused = await Assert.ThrowsAsync<RequestException>(() => SendAsync(second));
        var again = await SendAsync(second);

        Assert.Equal(("idempotency-key-in-use", FaultKind.Conflict), (refused.Type, refused.Kind));
        Assert.NotNull(refused.RetryAfter);
        Assert.Equal(earlier!.Id, again!.Id);
        Assert.Equal([earlier.Id], (await second.Import.Uploads.ListAsync(Request.Anonymous, new UploadQuery(null, null, 10), Token)).Select(upload => upload.Id));
        Assert.Single(Directory.GetDirectories(Path.Combine(_files, "uploads")));
        await EndAsync(first);
        await EndAsync(second);

        Task<Upload?> SendAsync(Engine node) => node.Import.Uploads.ReceiveAsync(request, mapping, new MemoryStream(Encoding.UTF8.GetBytes(Rows)), "test.csv", charset: null, Token);
    }

    [Fact]
    public async Task A_change_of_a_webhook_at_one_node_takes_back_none_at_another()
    {
        var (first, second) = (await NodeAsync("a"), await NodeAsync("b"));
        var webhook = new Webhook { Id = Guid.CreateVersion7(), Url = "https://example.com/", Events = ["import.ended"], Secrets = [new WebhookSecret { Text = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", CreatedAt = DateTimeOffset.UtcNow }], CreatedAt = DateTimeOffset.UtcNow };
        await first.Catalog.CommitAsync(new CatalogCommit { NewWebhook = webhook }, Token);
        await Eventually.TrueAsync(() => first.Import.Webhooks.List(Request.Anonymous).Count + second.Import.Webhooks.List(Request.Anonymous).Count == 2, "The nodes do not know the webhook.");

        var rotated = (await first.Import.Webhooks.RotateAsync(Request.Anonymous, webhook.Id, Token))!;
        using var patch = JsonDocument.Parse("""{"description": "d"}""");
        await second.Import.Webhooks.PatchAsync(Request.Anonymous, webhook.Id, patch.RootElement, Token);

        var kept = Assert.Single(await first.Catalog.ListWebhooksAsync(Token));
        Assert.Equal(("d", rotated.Secrets[0].Text), (kept.Description, kept.Secrets[0].Text));

        // Also where both come at the same time.
        var changes = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(
            () => i % 4 == 0 ? first.Import.Webhooks.RotateAsync(Request.Anonymous, webhook.Id, Token) : second.Import.Webhooks.PatchAsync(Request.Anonymous, webhook.Id, patch.RootElement, Token), Token)));
        kept = Assert.Single(await first.Catalog.ListWebhooksAsync(Token));
        Assert.Equal(4, kept.Secrets.Count);
        Assert.All([0, 4], i => Assert.Contains(changes[i]!.Secrets[0].Text, kept.Secrets.Select(secret => secret.Text)));
        await EndAsync(first);
        await EndAsync(second);
    }

    [Fact]
    public async Task A_key_that_is_revoked_at_one_node_lets_nobody_in_at_another()
    {
        var (first, second) = (await NodeAsync("a"), await NodeAsync("b"));
        var (key, text) = await first.Import.Keys.CreateAsync(Request.Anonymous, "k", ["read"], null, Token);
        await Eventually.TrueAsync(() => second.Import.ApiKeys.Find(text) is not null, "The second node does not know the key.");

        await first.Import.Keys.RevokeAsync(Request.Anonymous, key.Id, Token);

        await Eventually.TrueAsync(() => second.Import.ApiKeys.CallerOf(second.Import.ApiKeys.Find(text)!) is null, "The second node lets in who has the key.");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes) await node.DisposeAsync();
        await TestDatabases.ForgetAsync(_files);
        Directory.Delete(_files, recursive: true);
    }

    private static void InterlockedMax(ref int most, int value)
    {
        for (var seen = Volatile.Read(ref most); value > seen;) seen = Interlocked.CompareExchange(ref most, value, seen) is var found && found == seen ? value : found;
    }

    private static string NewDirectory() => Directory.CreateTempSubdirectory("eis-test-").FullName;

    private Task<PostgresStore> OpenAsync(EngineOptions options) => PostgresStore.OpenAsync(_database!, options, Token);

    /// <summary>A way to the database that can be cut.</summary>
    private async Task<Line> LineAsync()
    {
        var server = new NpgsqlConnectionStringBuilder(_database ??= await TestDatabases.TakeAsync(_files));
        return new Line(new IPEndPoint(IPAddress.Parse(server.Host!), server.Port));
    }

    /// <summary>Ends a node before the test does.</summary>
    private async Task EndAsync(Engine node)
    {
        _nodes.Remove(node);
        await node.DisposeAsync();
    }

    /// <summary>Starts a node. Its files are all nodes' files.</summary>
    private async Task<Engine> NodeAsync(string name, Func<EngineOptions, EngineOptions>? options = null, Func<IRecords, IRecords>? records = null, int? port = null, Func<ICatalog, ICatalog>? catalog = null)
    {
        var directory = NewDirectory();
        _database ??= await TestDatabases.TakeAsync(directory);
        TestDatabases.Share(directory, _database);
        if (port is { } through) TestDatabases.ReachThrough(through, directory);
        var node = await Engine.StartAsync(new EngineSetup { DataDirectory = directory, Catalog = catalog ?? (same => same), Files = () => SharedDirectory.Open(_files), Options = given => (options ?? (same => same))(given with { NodeName = name, RetryPause = TimeSpan.FromMilliseconds(100) }), Records = records ?? (same => same) });
        _nodes.Add(node);
        return node;
    }

    /// <summary>A node whose loads stay where they are until they are interrupted; and when the first is there.</summary>
    private async Task<(Engine Node, TaskCompletionSource Reached)> StayingNodeAsync(string name, int? port = null)
    {
        var reached = new TaskCompletionSource();
        return (await NodeAsync(name, records: inner => new InterceptedRecords(inner)
        {
            Loading = async (_, cancellation) =>
            {
                reached.TrySetResult();
                await Task.Delay(Timeout.Infinite, cancellation);
            },
        }, port: port), reached);
    }

    private async Task<bool> CountWaitingAsync(long count)
    {
        await Eventually.TrueAsync(
            async () => (long)(await TestDatabases.ReadAsync(_database!, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"))! >= count, "Nobody waits.");
        return true;
    }
}
