using System.Globalization;
using EntityImport.Cli.Output;
using Microsoft.AspNetCore.Http;

namespace EntityImport.Cli.Tests;

/// <summary>What a server answers that does not do what it was asked, and what the user is told of that.</summary>
public sealed class RemoteRefusalTests : IDisposable
{
    private const string Key = "eis_secret0123456789";

    private readonly Eis _eis = new();

    public void Dispose() => _eis.Dispose();

    [Fact]
    public async Task Whoever_gives_no_key_is_told_how_to_give_one()
    {
        await using var server = await StubServer.StartAsync(context =>
        {
            context.Response.Headers.WWWAuthenticate = "ApiKey";
            return StubServer.AnswerAsync(context, 401, "unauthorized", "Credentials are missing.");
        });
        foreach (var command in (string[][])[["entities"], ["records", "t"], ["import", _eis.Write("t.csv", "a\n1\n")]])
        {
            var result = await Eis.RunThereAsync([.. command, "--server", server.Address]);

            Assert.Equal((3, "", $"The server asks who you are: give an API key with EIS_API_KEY, --api-key-file or a profile.{Environment.NewLine}"), (result.Code, result.Output, result.Error));
        }
    }

    [Theory]
    [InlineData(401, "unauthorized", "The key has expired.", null, 3, "The server does not accept the API key from --api-key: The key has expired.")]
    [InlineData(403, "scope-missing", "It takes the scope import.", null, 3, "The server does not let you do that: It takes the scope import.")]
    [InlineData(429, "too-many-requests", "Too many requests.", "7", 1, "The server cannot do that now: Too many requests. Try again in 7 seconds.")]
    [InlineData(503, "identity-unavailable", "Nobody can tell who you are", null, 1, "The server cannot do that now: Nobody can tell who you are.")]
    [InlineData(500, "internal-server-error", "It failed.", null, 1, "The server has failed: It failed. Its log has the cause (urn:eis:trace:1).")]
    [InlineData(400, "malformed", "No \u001b[2Jgood.", null, 1, "No  [2Jgood.")]
    public async Task A_refusal_is_told_in_a_line_without_the_key(int status, string type, string detail, string? retryAfter, int code, string told)
    {
        await using var server = await StubServer.StartAsync(context =>
        {
            context.Response.Headers.RetryAfter = retryAfter;
            return StubServer.AnswerAsync(context, status, type, detail);
        });

        var result = await Eis.RunThereAsync("entities", "--server", server.Address, "--api-key", Key);
        var verbose = await Eis.RunThereAsync("entities", "--server", server.Address, "--api-key", Key, "--verbose");

        Assert.Equal((code, "", told + Environment.NewLine), (result.Code, result.Output, result.Error));
        Assert.All(server.Requests, request => Assert.Equal(Key, request.Key));
        Assert.DoesNotContain("secret", result.Error + verbose.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_redirect_is_not_followed_and_carries_the_key_nowhere()
    {
        await using var other = await StubServer.StartAsync(context => context.Response.WriteAsync("[]"));
        await using var server = await StubServer.StartAsync(context =>
        {
            context.Response.Redirect($"{other.Address}/v1/LogicalEntity", permanent: false, preserveMethod: true);
            return Task.CompletedTask;
        });

        var result = await Eis.RunThereAsync("entities", "--server", server.Address, "--api-key", Key);

        Assert.Equal(1, result.Code);
        Assert.Contains("leads elsewhere, and is not followed", result.Error, StringComparison.Ordinal);
        Assert.Single(server.Requests);
        Assert.Empty(other.Requests);
    }

    [Theory]
    [InlineData(200, "text/html", "<html>Welcome</html>")]
    [InlineData(200, "application/json", "{\"ok\":true}")]
    [InlineData(404, "text/html", "<html>Not found</html>")]
    [InlineData(404, "application/problem+json", "{")]
    public async Task What_is_no_import_service_is_told_from_one(int status, string type, string body)
    {
        await using var server = await StubServer.StartAsync(context =>
        {
            context.Response.StatusCode = status;
            context.Response.ContentType = type;
            return context.Response.WriteAsync(body);
        });
        foreach (var command in (string[][])[["entities"], ["records", "t"], ["import", _eis.Write("t.csv", "a\n1\n")]])
        {
            var result = await Eis.RunThereAsync([.. command, "--server", server.Address]);

            Assert.Equal((1, ""), (result.Code, result.Output));
            Assert.Contains("is not what an Entity Import Service answers; is the address right?", result.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_told()
    {
        string address;
        await using (var gone = await StubServer.StartAsync(_ => Task.CompletedTask)) address = gone.Address;

        var result = await Eis.RunThereAsync("entities", "--server", address);

        Assert.Equal((1, ""), (result.Code, result.Output));
        Assert.StartsWith($"{address}/ cannot be reached: Connection refused", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_ends_while_an_import_runs_leaves_its_end_open_and_the_same_command_tells_it()
    {
        var isKeyEnded = true;
        await using var server = await StubServer.StartAsync(context => (context.Request.Method, context.Request.Path.Value) switch
        {
            ("POST", $"/v1/EntityImport/{Id}/import") => CreatedAsync(context, "importId"),
            ("GET", "/v1/EntityImport/imports" or $"/v1/EntityImport/imports/{Id}") when isKeyEnded => StubServer.AnswerAsync(context, 401, "unauthorized", "The key has been revoked."),
            _ => AnswerAsync(context),
        });
        string[] command = ["import", _eis.Write("t.csv", "a\n1\n"), "--mapping", _eis.Write("m.json", "{}"), "--server", server.Address, "--api-key", Key];

        var first = await Eis.RunThereAsync(command);
        isKeyEnded = false;
        var again = await Eis.RunThereAsync(command);

        Assert.Equal(4, first.Code);
        Assert.Equal(
            $"The server does not accept the API key from --api-key: The key has been revoked. The import was begun, and goes on or has ended without this command. Given again, the command tells how it ended, and imports nothing twice.{Environment.NewLine}",
            first.Error);
        Assert.Equal((0, ""), (again.Code, again.Error));
        Assert.StartsWith("An earlier run of this command did not come to its end.", again.Output, StringComparison.Ordinal);
        Assert.Matches("inserted +1\n", again.Output);
        Assert.Single(server.Requests, request => request.Request.EndsWith("/import", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("The server cannot do that now: ?. Try again in 100 seconds.", "503 store-unavailable 100")]
    [InlineData("?", "503 store-unavailable", "409 upload-already-imported")]
    [InlineData("The server does not let you do that: ?.", "503 store-unavailable", "403 scope-missing")]
    [InlineData("The server cannot do that now: ?. Try again in 100 seconds.", "503 store-unavailable", "503 queue-full 100")]
    [InlineData("The server cannot do that now: ?. Try again in 100 seconds.", "409 idempotency-key-in-use 0", "503 queue-full 100")]
    public async Task An_import_that_may_have_been_begun_is_not_refused_by_what_is_answered_next_and_the_same_command_tells_its_end(string told, params string[] answers)
    {
        var asked = -1;
        await using var server = await StubServer.StartAsync(context => context.Request.Path.Value!.EndsWith("/import", StringComparison.Ordinal)
            ? RefuseAsync(context, answers[Interlocked.Increment(ref asked)])
            : AnswerAsync(context));
        string[] command = ["import", _eis.Write("t.csv", "a\n1\n"), "--mapping", _eis.Write("m.json", "{}"), "--server", server.Address];

        var first = await Eis.RunThereAsync(command);
        var again = await Eis.RunThereAsync(command);

        Assert.Equal(4, first.Code);
        Assert.StartsWith($"{told} The import was begun, and goes on or has ended without this command.", first.Error, StringComparison.Ordinal);
        Assert.Equal((0, ""), (again.Code, again.Error));
        Assert.StartsWith("An earlier run of this command did not come to its end.", again.Output, StringComparison.Ordinal);
        Assert.Equal(answers.Length - 1, asked);
    }

    [Fact]
    public async Task An_import_that_is_refused_before_anything_may_have_been_begun_is_not_looked_for()
    {
        await using var server = await StubServer.StartAsync(context => context.Request.Path.Value!.EndsWith("/import", StringComparison.Ordinal) ? RefuseAsync(context, "503 queue-full 100") : AnswerAsync(context));
        string[] command = ["import", _eis.Write("t.csv", "a\n1\n"), "--mapping", _eis.Write("m.json", "{}"), "--server", server.Address];

        var results = new[] { await Eis.RunThereAsync(command), await Eis.RunThereAsync(command) };

        Assert.All(results, result => Assert.Equal((1, $"The server cannot do that now: ?. Try again in 100 seconds.{Environment.NewLine}"), (result.Code, result.Error)));
        Assert.DoesNotContain(server.Requests, request => request.Request == "GET /v1/EntityImport/imports");
    }

    [Theory]
    [InlineData("apply", 4, "503 store-unavailable")]
    [InlineData("undo", 4, "503 store-unavailable")]
    [InlineData("apply", 1, "503 queue-full")]
    [InlineData("undo", 1, "503 queue-full")]
    public async Task An_apply_and_an_undo_that_may_have_been_begun_are_not_taken_for_refused(string command, int code, string answer)
    {
        await using var server = await StubServer.StartAsync(context => RefuseAsync(context, answer));

        var result = await Eis.RunThereAsync(command, Id, "--server", server.Address);

        Assert.Equal((code, ""), (result.Code, result.Output));
    }

    [Fact]
    public async Task An_import_that_is_too_far_to_be_cancelled_and_does_not_end_leaves_its_end_open_and_the_same_command_tells_it()
    {
        var hasEnded = false;
        using var interruption = new CancellationTokenSource();
        await using var server = await StubServer.StartAsync(async context =>
        {
            switch (context.Request.Method, context.Request.Path.Value)
            {
                case ("POST", $"/v1/EntityImport/{Id}/import"):
                    await CreatedAsync(context, "importId");
                    break;
                case ("GET", $"/v1/EntityImport/imports/{Id}") when !Volatile.Read(ref hasEnded):
                    await context.Response.WriteAsync(Import.Replace("\"state\":\"SUCCEEDED\"", "\"state\":\"RUNNING\"", StringComparison.Ordinal));
                    await interruption.CancelAsync();
                    break;
                case ("POST", $"/v1/EntityImport/imports/{Id}/cancel"):
                    await StubServer.AnswerAsync(context, 409, "import-committing", "The import is at its end.");
                    break;
                default:
                    await AnswerAsync(context);
                    break;
            }
        });
        string[] command = ["import", _eis.Write("t.csv", "a\n1\n"), "--mapping", _eis.Write("m.json", "{}"), "--server", server.Address];
        using var output = new StringWriter();
        using var error = new StringWriter();

        var code = await CommandLine.RunAsync(command, new Terminal(output, error, console: null), interruption.Token, interruptionTimeout: TimeSpan.FromSeconds(1))
            .WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        Volatile.Write(ref hasEnded, true);
        var again = await Eis.RunThereAsync(command);

        Assert.Equal(4, code);
        Assert.StartsWith("Interrupted, but it has not ended within 1.0 s: whether anything was written is not known.", error.ToString(), StringComparison.Ordinal);
        Assert.Contains(server.Requests, request => request.Request.EndsWith("/cancel", StringComparison.Ordinal));
        Assert.Equal(0, again.Code);
        Assert.Matches("This is the report of its import (.*\n)+inserted +1\n", again.Output);
        Assert.Single(server.Requests, request => request.Request.EndsWith("/import", StringComparison.Ordinal));
    }

    private const string Id = "0b1c2d3e-4f50-4172-8394-a5b6c7d8e9f0";

    /// <summary>An import of <c>a\n1\n</c> that has succeeded.</summary>
    private const string Import = $$"""
        {"importId":"{{Id}}","uploadId":"{{Id}}","mappingId":"{{Id}}","mappingRevision":1,"entitySystemName":"t","state":"SUCCEEDED","phase":"ENDED","status":"SUCCEEDED",
         "startDate":"2026-03-01T08:00:00.000Z","stopDate":"2026-03-01T08:00:01.250Z","attempts":1,"invokedBy":null,"dryRun":false,"clientErrorCallingService":false,
         "ledger":{"records":1,"inserted":1,"updated":0,"unchanged":0,"superseded":0,"rejected":0,"removed":0,"balanced":true},
         "progress":{"phase":"ENDED","recordsRead":1,"bytesRead":4,"bytesTotal":4,"recordsPerSecond":1,"estimatedSecondsLeft":null},
         "file":{"name":"t.csv","size":4,"sha256":"309b0e45a73d3fc5325e2b6ed0a01ef8b9cde6b05a5633c1f893f970d52bfddc"},"definition":{},"duplicateOf":null,"code":null,"message":"1 row.",
         "warnings":[],"stageMilliseconds":{},"links":{} }
        """;

    /// <summary>Answers as a server that has an entity, takes files and has imported one, but begins no import.</summary>
    private static Task AnswerAsync(HttpContext context) => (context.Request.Method, context.Request.Path.Value) switch
    {
        ("GET", "/v1/LogicalEntity/t") => context.Response.WriteAsync("""{"systemName":"t","fields":[{"systemName":"a","dataType":"INTEGER","required":false,"primaryKey":false}]}"""),
        ("POST", "/v1/EntityImport") => CreatedAsync(context, "mappingId"),
        ("POST", $"/v1/EntityImport/{Id}/upload") => CreatedAsync(context, "uploadId"),
        ("GET", "/v1/EntityImport/imports") => context.Response.WriteAsync($$"""{"imports":[{{Import}}],"nextCursor":null}"""),
        ("GET", $"/v1/EntityImport/imports/{Id}") => context.Response.WriteAsync(Import),
        _ => StubServer.AnswerAsync(context, 404, "not-found", "?"),
    };

    /// <param name="context">The request.</param>
    /// <param name="answer">Status, problem and, where it says so, the seconds to wait.</param>
    private static Task RefuseAsync(HttpContext context, string answer)
    {
        var parts = answer.Split(' ');
        if (parts is [_, _, var seconds]) context.Response.Headers.RetryAfter = seconds;
        return StubServer.AnswerAsync(context, int.Parse(parts[0], CultureInfo.InvariantCulture), parts[1], "?");
    }

    private static Task CreatedAsync(HttpContext context, string member)
    {
        context.Response.StatusCode = 201;
        return context.Response.WriteAsync($$"""{"{{member}}":"{{Id}}"}""");
    }
}
