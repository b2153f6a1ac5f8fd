using EntityImport.Client;
using Microsoft.AspNetCore.Http;

namespace EntityImport.Cli.Tests;

/// <summary>Which server a command works with, and which key goes there: command line, environment, profile.</summary>
public sealed class ServerChoiceTests : IDisposable
{
    private readonly Eis _eis = new();

    public void Dispose() => _eis.Dispose();

    [Theory]
    [InlineData("--server A", "", null)]
    [InlineData("--server A --api-key eis_line", "EIS_API_KEY=eis_environment", "eis_line")]
    [InlineData("--server A --api-key-file KEYFILE", "EIS_API_KEY=eis_environment", "eis_file")]
    [InlineData("--server A", "EIS_API_KEY=eis_environment", "eis_environment")]
    [InlineData("--server A/", "EIS_SERVER=A;EIS_API_KEY=eis_environment", "eis_environment")]
    [InlineData("--server A", "EIS_SERVER=http://127.0.0.1:9;EIS_API_KEY=eis_environment", null)]
    [InlineData("--server A", "EIS_PROFILE=prod", null)]
    [InlineData("--profile prod", "", "eis_profile")]
    [InlineData("--profile prod", "EIS_API_KEY=eis_environment", "eis_environment")]
    [InlineData("--profile prod", "EIS_SERVER=http://127.0.0.1:9;EIS_API_KEY=eis_environment", "eis_profile")]
    [InlineData("--profile prod --api-key eis_line", "EIS_API_KEY=eis_environment", "eis_line")]
    [InlineData("--profile open", "", null)]
    [InlineData("", "EIS_SERVER=A", null)]
    [InlineData("", "EIS_PROFILE=prod", "eis_profile")]
    [InlineData("", "EIS_SERVER=A;EIS_API_KEY=eis_environment", "eis_environment")]
    public async Task The_command_line_comes_before_the_environment_and_a_key_goes_only_where_it_belongs(string options, string environment, string? key)
    {
        await using var server = await StubServer.StartAsync(context => context.Response.WriteAsync("[]"));
        WriteProfiles(server.Address);

        var result = await RunAsync(server, options, environment);

        Assert.Equal((0, "There are no entities yet. eis import FILE makes one.\n", ""), (result.Code, result.Output, result.Error));
        Assert.Equal([("GET /v1/LogicalEntity", key)], server.Requests);
    }

    [Theory]
    [InlineData("--server A --data data", "", "--data and --server are different places")]
    [InlineData("--server A --profile prod", "", "--server and --profile are different places")]
    [InlineData("", "EIS_SERVER=A;EIS_PROFILE=prod", "EIS_SERVER and EIS_PROFILE are both set")]
    [InlineData("--server A --api-key eis_line --api-key-file KEYFILE", "", "--api-key and --api-key-file both name a key")]
    [InlineData("--api-key eis_line", "", "--api-key is for a server, and none is named")]
    [InlineData("--profile none", "", "There is no profile 'none'")]
    [InlineData("--profile odd", "", "unknown member 'apiKey'; expected server and apiKeyFile.")]
    [InlineData("--profile ftp", "", "expected the address of a server")]
    [InlineData("--server ftp://A", "", "--server: expected the address of a server")]
    [InlineData("--server http://me:eis_word@example.com", "", "--server: expected the address of a server")]
    [InlineData("--server A --api-key-file OPENFILE", "", "Others can read or change ")]
    [InlineData("--server A --api-key-file none", "", "The API key cannot be read from ")]
    [InlineData("--server A --api-key-file EMPTYFILE", "", "holds no API key")]
    [InlineData("--server A", "EIS_API_KEY=eis_line eis_feed", "EIS_API_KEY holds no API key")]
    [InlineData("--server A eis_line", "", "it is not shown, as it may be an API key")]
    [InlineData("--server http://192.0.2.1 --api-key eis_line", "", "The API key from --api-key is not sent to http://192.0.2.1/: that is not encrypted")]
    [InlineData("", "EIS_SERVER=http://eis.example.com;EIS_API_KEY=eis_line", "The API key from EIS_API_KEY is not sent to http://eis.example.com/: that is not encrypted")]
    public async Task What_is_wrong_is_told_before_anything_is_sent(string options, string environment, string told)
    {
        await using var server = await StubServer.StartAsync(context => context.Response.WriteAsync("[]"));
        WriteProfiles(server.Address);

        var result = await RunAsync(server, options, environment);

        Assert.Equal((1, ""), (result.Code, result.Output));
        Assert.Contains(told, result.Error, StringComparison.Ordinal);
        Assert.Empty(server.Requests);
        Assert.All((string[])["line", "feed", "word", "environment"], part => Assert.DoesNotContain("eis_" + part, result.Error, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_new_store_is_not_made_on_a_server()
    {
        var result = await Eis.RunThereAsync("import", _eis.Write("t.csv", "a\n1\n"), "--new-store", "--server", "http://127.0.0.1:9");

        Assert.Equal(1, result.Code);
        Assert.Contains("--new-store is for a data directory", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://192.0.2.1", true, true)]
    [InlineData("http://192.0.2.1", false, false)]
    [InlineData("http://localhost:5080", false, true)]
    [InlineData("http://[::1]:5080", false, true)]
    [InlineData("https://eis.example.com/behind/a/path", false, true)]
    public void A_client_sends_a_key_unencrypted_to_this_machine_alone_unless_told(string server, bool isAllowed, bool isSent)
    {
        var connect = () => EntityImportClient.Connect(new Uri(server), "eis_secret", isAllowed);
        if (isSent)
        {
            using var http = connect();
            Assert.Equal("eis_secret", http.DefaultRequestHeaders.GetValues("X-Api-Key").Single());
            Assert.EndsWith("/", http.BaseAddress!.AbsoluteUri, StringComparison.Ordinal);
        }
        else
        {
            Assert.DoesNotContain("secret", Assert.Throws<ArgumentException>(connect).ToString(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("eis_sec\nret")]
    [InlineData("eis_sec ret")]
    [InlineData("eis_sécret")]
    [InlineData("")]
    public void A_key_that_would_break_a_header_is_refused_and_not_told(string key)
    {
        var refused = Assert.Throws<ArgumentException>(() => EntityImportClient.Connect(new Uri("https://eis.example.com"), key));
        Assert.DoesNotContain("eis_", refused.ToString(), StringComparison.Ordinal);
    }

    private void WriteProfiles(string address)
    {
        Directory.CreateDirectory(_eis.PathOf("XDG_CONFIG_HOME/eis"));
        _eis.WriteSecret("XDG_CONFIG_HOME/eis/prod.key", "eis_profile\n");
        _eis.WriteSecret("KEYFILE", "eis_file\r\n");
        _eis.WriteSecret("EMPTYFILE", "\n");
        _eis.WriteSecret("OPENFILE", "eis_line\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(_eis.PathOf("OPENFILE"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        _eis.Write("XDG_CONFIG_HOME/eis/profiles.json", $$"""
            {"profiles": {
              "prod": {"server": "{{address}}", "apiKeyFile": "prod.key"},
              "open": {"server": "{{address}}/"},
              "odd": {"server": "{{address}}", "apiKey": "eis_word"},
              "ftp": {"server": "ftp://example.com"}
            } }
            """);
    }

    private Task<Result> RunAsync(StubServer server, string options, string environment)
    {
        var variables = environment.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=', 2)).ToDictionary(pair => pair[0], pair => Named(pair[1]));
        return _eis.RunProcessAsync(variables, ["entities", .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Named)]);

        string Named(string value) => value is "A" or "A/" ? server.Address + value[1..] : value;
    }
}
