using EntityImport.Catalog;
using EntityImport.Core.Tests.Docs;
using Npgsql;
using Xunit;

namespace EntityImport.Storage.Tests;

/// <summary>Which rights the service needs, and which it leaves to others.</summary>
public sealed class RoleTests
{
    private const string Fields = """[{"systemName": "id", "dataType": "INTEGER", "primaryKey": true}, {"systemName": "name", "dataType": "STRING"}]""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_role_of_the_script_in_docs_has_all_rights_that_the_service_needs_and_others_read_what_they_are_granted()
    {
        var directory = Directory.CreateTempSubdirectory("eis-test-").FullName;
        var administrator = await TestDatabases.TakeAsync(directory);
        await TestDatabases.ExecuteAsync(administrator, Script());
        await TestDatabases.ExecuteAsync(administrator, "CREATE ROLE analyst LOGIN");
        TestDatabases.ReachAs("eis", directory);
        await using var engine = await Engine.StartAsync(new EngineSetup { DataDirectory = directory });
        await engine.DeclareAsync("e", Fields);
        Assert.Equal(ImportState.Succeeded, (await engine.ImportAsync("e", "id,name\n1,a\n2,b\n")).State);
        await TestDatabases.ExecuteAsync(As(administrator, "eis"), "GRANT USAGE ON SCHEMA records TO analyst; GRANT SELECT ON records.e TO analyst");
        var analyst = As(administrator, "analyst");
        Assert.Equal("a b", await TestDatabases.ReadAsync(analyst, "SELECT string_agg(name, ' ' ORDER BY id) FROM records.e"));

        var replaced = await engine.ImportAsync("e", "id,name\n1,c\n", """{"importMode": "REPLACE"}""");
        Assert.Equal(ImportState.Succeeded, replaced.State);
        Assert.Equal("c", await TestDatabases.ReadAsync(analyst, "SELECT string_agg(name, ' ' ORDER BY id) FROM records.e"));
        await engine.RestartAsync();
        Assert.Equal(ImportState.Succeeded, (await engine.EndOfAsync((await engine.Import.Undos.InvokeAsync(Access.Request.Anonymous, replaced.Id, Token))!)).State);
        Assert.Equal("a b", await TestDatabases.ReadAsync(analyst, "SELECT string_agg(name, ' ' ORDER BY id) FROM records.e"));

        var refused = await Assert.ThrowsAsync<PostgresException>(() => TestDatabases.ExecuteAsync(analyst, "UPDATE records.e SET name = 'x'"));
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
    }

    /// <summary>The script that the page tells to run.</summary>
    private static string Script()
    {
        var page = File.ReadAllText(Repository.File("docs", "postgres.md")).ReplaceLineEndings("\n");
        return page.Split("<!-- a test carries this out -->\n```sql\n")[1].Split("```")[0];
    }

    private static string As(string database, string role) => new NpgsqlConnectionStringBuilder(database) { Username = role }.ConnectionString;
}
