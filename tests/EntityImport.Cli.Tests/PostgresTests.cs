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

    [Fact]
    public async Task A_database_that_cannot_be_reached_and_one_beside_a_server_are_refused()
    {
        var unreachable = await _eis.ImportAsync(_eis.Write("first.csv", "id,name\n1,a\n"), "--postgres", "Host=127.0.0.1;Port=1;Username=eis;Password=s3cret");
        var both = await Eis.RunThereAsync("entities", "--server", "http://127.0.0.1:1", "--postgres", "Host=db");

        Assert.Equal((1, "The store's database cannot be used: Failed to connect to 127.0.0.1:1.\n"), (unreachable.Code, unreachable.Error.ReplaceLineEndings("\n")));
        Assert.Equal((1, "--postgres and --server are different places to work with; give one of them.\n"), (both.Code, both.Error.ReplaceLineEndings("\n")));
    }

    private static (int Code, string Error) Shown(Result result) => (result.Code, result.Error);

    private static string[] Lines(Result result)
    {
        Assert.Equal((0, ""), Shown(result));
        return result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
