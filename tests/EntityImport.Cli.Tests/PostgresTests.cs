using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using EntityImport.Storage.Tests;

namespace EntityImport.Cli.Tests;

/// <summary>Commands and the service on a PostgreSQL database, whichever way it is named.</summary>
public sealed class PostgresTests : IAsyncDisposable
{
    private const string Customers = """{"fields": [{"systemName": "id", "dataType": "INTEGER", "primaryKey": true}, {"systemName": "name", "dataType": "STRING"}]}""";

    private readonly Eis _eis = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await TestDatabases.ForgetAsync(_eis.Data);
        _eis.Dispose();
    }

    [Fact]
    public async Task Commands_work_on_the_database_that_the_command_line_names_and_on_no_store_in_the_data_directory()
    {
        var database = await TestDatabases.TakeAsync(_eis.Data);
        string[] on = ["--postgres", database];
        var (first, second) = (_eis.Write("first.csv", "id,name\n1,a\n2,b\n"), _eis.Write("second.csv", "id,name\n2,c\n3,d\n"));

        Assert.Equal((0, ""), Shown(await _eis.ImportAsync(first, [.. on, "--entity", "customers", "--schema", _eis.Write("customers.json", Customers)])));
        var imported = await _eis.ImportAsync(second, [.. on, "--entity", "customers"]);
        Assert.Equal((0, ""), Shown(imported));
        Assert.Equal(["id,name", "1,a", "2,c", "3,d"], Lines(await _eis.RunAsync(["records", "customers", .. on])));

        var undo = imported.Output.Split("eis undo ")[1].Split()[0];
        Assert.Equal((0, ""), Shown(await _eis.RunAsync(["undo", undo, .. on])));
        Assert.Equal(["id,name", "1,a", "2,b"], Lines(await _eis.RunAsync(["records", "customers", .. on])));
        Assert.False(File.Exists(Path.Combine(_eis.Data, "store.duckdb")));
    }

    [Fact]
    public async Task The_environment_and_the_file_in_the_data_directory_name_it_too_and_nobody_is_shown_it()
    {
        var database = await TestDatabases.TakeAsync(_eis.Data);
        var file = _eis.Write("first.csv", "id,name\n1,a\n");
        Dictionary<string, string> environment = new() { ["EIS__STORE__POSTGRES"] = database };
        Assert.Equal(0, (await _eis.RunProcessAsync(environment, "import", file, "--entity", "customers", "--schema", _eis.Write("customers.json", Customers), "--data", _eis.Data)).Code);

        await File.WriteAllTextAsync(Path.Combine(_eis.Data, "eis.json"), $$"""{"store": {"postgres": "{{database}};Password=s3cret"} }""", Token);

        Assert.Equal(["id,name", "1,a"], Lines(await _eis.RunAsync("records", "customers")));
        var shown = await _eis.RunAsync("serve", "--show-config");
        Assert.Matches("(?m)^store.postgres +… +eis.json ", shown.Output);
        Assert.DoesNotContain("s3cret", shown.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_command_beside_the_service_on_the_same_database_is_told_so()
    {
        var database = await TestDatabases.TakeAsync(_eis.Data);
        using var server = await ServeProcess.StartAsync(_eis, postgres: database);
        Directory.CreateDirectory(_eis.PathOf("other"));

        var refused = await Eis.RunThereAsync("entities", "--data", _eis.PathOf("other"), "--postgres", database);

        Assert.Equal(1, refused.Code);
        Assert.StartsWith("Another process works on the database.", refused.Error, StringComparison.Ordinal);
        await server.MapAsync("orders");
    }

    [Fact]
    public async Task A_killed_service_runs_the_import_again_and_counts_the_attempt()
    {
        var database = await TestDatabases.TakeAsync(_eis.Data);
        Guid import;
        using (var server = await ServeProcess.StartAsync(_eis, postgres: database))
        {
            var mapping = await server.MapAsync("orders");
            using var csv = new StringContent("id,name\n" + string.Concat(Enumerable.Range(1, 200_000).Select(id => string.Create(CultureInfo.InvariantCulture, $"{id},name {id}\n"))), Encoding.UTF8);
            csv.Headers.ContentType = new MediaTypeHeaderValue("text/csv");
            import = await server.PostAsync($"/v1/EntityImport/{await server.PostAsync($"/v1/EntityImport/{mapping}/upload", csv, "uploadId")}/import", null, "importId");
            for (var i = 0; i < 10_000 && (await server.StateAsync(import)).State == "QUEUED"; i++) { }

            Assert.Equal("RUNNING", (await server.StateAsync(import)).State);
        }

        using var again = await ServeProcess.StartAsync(_eis, postgres: database);
        Assert.Equal(("SUCCEEDED", 2, 200_000L), await again.EndOfAsync(import));
    }

    /// <summary>An embedded store with imports, a rejected row, an undo, a kept table, an open plan and a key tells the same in the database, and goes on there.</summary>
    [Fact]
    public async Task An_embedded_store_is_copied_with_all_that_it_tells_and_goes_on_in_the_database()
    {
        const string Fields = """
            {"fields": [{"systemName": "rowid", "dataType": "STRING", "primaryKey": true}, {"systemName": "n", "dataType": "DOUBLE"}, {"systemName": "d", "dataType": "DECIMAL", "precision": 38, "scale": 4},
            {"systemName": "b", "dataType": "BOOLEAN"}, {"systemName": "day", "dataType": "DATE"}, {"systemName": "at", "dataType": "DATETIME"}]}
            """;
        const string Header = "rowid,n,d,b,day,at\n";
        var schema = _eis.Write("things.json", Fields);
        var first = _eis.Write("first.csv", Header + "a,1e23,0.5000,true,0001-01-01,2024-02-29 23:59:59\n\"b\\\tü\",-0.5,-1234567890123456789012345678901234.5678,false,9999-12-31,1969-12-31 00:00:01\nc,,,,,\nd,x,,,,\n");
        Assert.Equal(2, (await _eis.ImportAsync(first, "--entity", "things", "--schema", schema, "--locale", "en-US")).Code);
        var replaced = await _eis.ImportAsync(_eis.Write("second.csv", Header + "a,2,,,,\ne,3,,,,\n"), "--entity", "things", "--mode", "replace");
        var changed = await _eis.ImportAsync(_eis.Write("third.csv", Header + "e,4,,,,\nf,5,,,,\n"), "--entity", "things", "--mode", "upsert");
        Assert.Equal((0, 0), (replaced.Code, changed.Code));
        Assert.Equal(0, (await _eis.RunAsync("undo", IdIn(replaced, "eis undo "))).Code);
        var plan = await _eis.RunAsync("plan", _eis.Write("fourth.csv", Header + "a,7,,,,\nz,8,,,,\n"), "--entity", "things", "--mode", "upsert");
        Assert.Equal((0, ""), Shown(plan));
        Assert.Equal(0, (await _eis.RunAsync("keys", "create", "reader", "--scope", "admin")).Code);
        string[][] questions = [["records", "things"], ["entities"], ["history", "things", "--key", "a"], ["history", "things", "--key", "e"], ["keys", "list"], ["undo", IdIn(changed, "eis undo "), "--preview"]];
        var told = await TellAsync();
        var database = await TestDatabases.TakeAsync(_eis.Data);

        var migrated = await _eis.RunAsync("migrate", "--to", database);

        Assert.Equal((0, ""), Shown(migrated));
        Assert.Matches("(?m)^records of things +5$", migrated.Output);
        Assert.Matches("(?m)^imports +4$", migrated.Output);
        Assert.Matches("(?m)^API keys +1$", migrated.Output);
        Assert.Equal(told, await TellAsync("--postgres", database));
        Assert.Equal((0, ""), Shown(await _eis.RunAsync("apply", IdIn(plan, "eis apply "), "--postgres", database)));
        Assert.Contains("z,8.0,,,,", Lines(await _eis.RunAsync("records", "things", "--postgres", database)));
        Assert.Equal((0, ""), Shown(await _eis.RunAsync("undo", IdIn(changed, "eis undo "), "--postgres", database)));
        // Who opened the store again would not know of what came since.
        Assert.StartsWith($"The store in {_eis.Data} is new", (await _eis.RunAsync("entities")).Error, StringComparison.Ordinal);
        File.Move(_eis.PathOf("data/store.duckdb.migrated"), _eis.PathOf("data/store.duckdb"), overwrite: true);
        Assert.Equal((1, "The database has a store already. Nothing was taken in.\n"), Shown(await _eis.RunAsync("migrate", "--to", database)));

        async Task<string> TellAsync(params string[] on)
        {
            var answers = new List<string>();
            foreach (var question in questions)
            {
                var answer = await _eis.RunAsync([.. question, .. on]);
                Assert.Equal((0, ""), Shown(answer));
                answers.Add(answer.Output);
            }

            return string.Join('\n', answers);
        }
    }

    /// <summary>Its changes have no columns in the entity as it is now.</summary>
    [Fact]
    public async Task A_plan_for_an_entity_that_is_another_one_by_now_is_copied_as_one_that_has_expired()
    {
        var file = _eis.Write("first.csv", "id,name\n1,a\n");
        Assert.Equal(0, (await _eis.ImportAsync(file, "--entity", "customers", "--schema", _eis.Write("customers.json", Customers))).Code);
        var plan = IdIn(await _eis.RunAsync("plan", _eis.Write("second.csv", "id,name\n1,b\n2,c\n"), "--entity", "customers"), "eis apply ");
        using (var server = await ServeProcess.StartAsync(_eis))
        {
            using var deleted = await server.Http.DeleteAsync(new Uri("v1/LogicalEntity/customers?force=true", UriKind.Relative), Token);
            Assert.True(deleted.IsSuccessStatusCode);
        }

        Assert.Equal(0, (await _eis.ImportAsync(_eis.Write("third.csv", "sku\nx\n"), "--entity", "customers", "--key", "sku")).Code);
        var database = await TestDatabases.TakeAsync(_eis.Data);

        Assert.Equal((0, ""), Shown(await _eis.RunAsync("migrate", "--to", database)));

        var applied = await _eis.RunAsync("apply", plan, "--postgres", database);
        Assert.NotEqual(0, applied.Code);
        Assert.StartsWith("The plan was kept until ", applied.Error, StringComparison.Ordinal);
        Assert.Equal(["sku", "x"], Lines(await _eis.RunAsync("records", "customers", "--postgres", database)));
    }

    [Fact]
    public async Task What_does_not_fit_is_told_and_nothing_is_copied()
    {
        var database = await TestDatabases.TakeAsync(_eis.Data);
        var file = _eis.Write("first.csv", $"id,name\n1,a\n{new string('k', 3000)},b\n");
        Assert.Equal(0, (await _eis.ImportAsync(file, "--entity", "long", "--schema", _eis.Write("long.json", Customers.Replace("INTEGER", "STRING", StringComparison.Ordinal)))).Code);

        var refused = await _eis.RunAsync("migrate", "--to", database);

        Assert.Equal((1, "Nothing was copied, because this does not fit into PostgreSQL:\n  1 records of long have a key of more than 2600 bytes.\n"), (refused.Code, refused.Error.ReplaceLineEndings("\n")));
        Assert.StartsWith($"The store in {_eis.Data} is new", (await _eis.RunAsync("entities", "--postgres", database)).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_cannot_be_reached_and_one_beside_a_server_are_refused()
    {
        var unreachable = await _eis.ImportAsync(_eis.Write("first.csv", "id,name\n1,a\n"), "--postgres", "Host=127.0.0.1;Port=1;Username=eis;Password=s3cret");
        var both = await Eis.RunThereAsync("entities", "--server", "http://127.0.0.1:1", "--postgres", "Host=db");

        Assert.Equal((1, "The store's database cannot be used: Failed to connect to 127.0.0.1:1.\n"), (unreachable.Code, unreachable.Error.ReplaceLineEndings("\n")));
        Assert.Equal((1, "--postgres and --server are different places to work with; give one of them.\n"), (both.Code, both.Error.ReplaceLineEndings("\n")));
    }

    private static string IdIn(Result result, string before) => result.Output.Split(before)[1].Split()[0];

    private static (int Code, string Error) Shown(Result result) => (result.Code, result.Error);

    private static string[] Lines(Result result)
    {
        Assert.Equal((0, ""), Shown(result));
        return result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
