using System.Net;
using System.Text;
using System.Text.Json;
using EntityImport.Access;
using EntityImport.Api;
using EntityImport.Server.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;

namespace EntityImport.Server.Tests;

public sealed class IdempotencyTests(TestServer server)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_post_that_comes_again_with_its_key_is_answered_alike_and_done_once_also_after_a_restart()
    {
        await using var own = new TestServer();
        await own.InitializeAsync();
        var entity = await own.DeclareProductAsync();
        var keys = Enumerable.Range(0, 5).Select(_ => Guid.NewGuid().ToString()).ToList();
        var mappingBody = $$$"""{"entitySystemName": "{{{entity}}}", "definition": {"importMode": "INSERT"}}""";
        var first = new List<Answer>
        {
            await PostAsync(own, keys[0], "/v1/EntityImport", TestServer.Json(mappingBody)),
        };
        var mapping = first[0].Id("mappingId");
        first.Add(await PostAsync(own, keys[1], $"/v1/EntityImport/{mapping}/upload", Csv("Sku,Name\n1,a\n")));
        var upload = first[1].Id("uploadId");
        first.Add(await PostAsync(own, keys[2], $"/v1/EntityImport/{upload}/import"));
        var import = first[2].Id("importId");
        first.Add(await PostAsync(own, keys[3], "/v1/LogicalEntity/infer", Csv("Sku,Name\n1,a\n")));
        Assert.Equal(ImportStatus.Succeeded, (await own.Client.WaitAsync(import, TestServer.Patience, Cancel)).Status);

        for (var restarts = 0; restarts < 2; restarts++)
        {
            Assert.Equal(first[0], await PostAsync(own, keys[0], "/v1/EntityImport", TestServer.Json(mappingBody)));
            Assert.Equal(first[1], await PostAsync(own, keys[1], $"/v1/EntityImport/{mapping}/upload", Csv("Sku,Name\n1,a\n")));
            Assert.Equal(first[2], await PostAsync(own, keys[2], $"/v1/EntityImport/{upload}/import"));
            Assert.Equal(first[3], await PostAsync(own, keys[3], "/v1/LogicalEntity/infer", Csv("Sku,Name\n1,a\n")));
            if (restarts == 0) await own.RestartAsync();
        }

        Assert.Equal([201, 201, 201, 200], first.Select(answer => answer.Status));
        Assert.Single((await own.Client.ListImportsAsync(cancellationToken: Cancel)).Imports);
        Assert.Single(Directory.GetDirectories(Path.Combine(own.DataDirectory, "uploads")));
        Assert.Single((await own.Client.ReadRecordsAsync(entity, cancellationToken: Cancel)).Records);
    }

    [Fact]
    public async Task A_path_with_a_slash_at_its_end_or_in_other_letters_is_the_same_request()
    {
        var (entity, mapping) = await server.MapProductAsync();
        foreach (var (path, body) in ((string, Func<HttpContent>)[])
        [
            ("/v1/EntityImport", () => TestServer.Json($$"""{"entitySystemName": "{{entity}}"}""")),
            ($"/v1/EntityImport/{mapping}/upload", () => Csv("Sku\n1\n")),
        ])
        {
            var key = Guid.NewGuid().ToString();
            var first = await PostAsync(server, key, path, body());
            Assert.Equal(201, first.Status);
            Assert.Equal(first, await PostAsync(server, key, path + "/", body()));
            Assert.Equal(first, await PostAsync(server, key, path.Replace("EntityImport", "entityimport", StringComparison.Ordinal), body()));
        }
    }

    [Fact]
    public void A_key_stands_for_the_path_as_its_route_spells_it()
    {
        foreach (var path in (string[])["/v1/EntityImport/AB-c/import", "/v1/EntityImport/AB-c/import/", "/V1/ENTITYIMPORT/AB-c/Import"])
        {
            var context = new DefaultHttpContext { Request = { Method = "POST", Path = path, QueryString = new QueryString("?a=b"), Headers = { ["Idempotency-Key"] = "k" } } };
            context.SetEndpoint(new RouteEndpoint(_ => Task.CompletedTask, RoutePatternFactory.Parse("/v1/EntityImport/{uploadId}/import"), 0, null, null));
            Assert.Equal(new RequestKey("k", "POST /v1/EntityImport/AB-c/import?a=b"), IdempotencyKey.Read(context.Request));
        }
    }

    [Fact]
    public async Task A_key_that_was_used_for_another_path_or_body_is_refused_and_nothing_is_done()
    {
        var (entity, mapping) = await server.MapProductAsync();
        var key = Guid.NewGuid().ToString();
        await PostAsync(server, key, $"/v1/EntityImport/{mapping}/upload", Csv("Sku\n1\n"));

        await RefusedAsync(key, $"/v1/EntityImport/{mapping}/upload", Csv("Sku\n2\n"));
        await RefusedAsync(key, $"/v1/EntityImport/{await server.Client.CreateMappingAsync(entity, cancellationToken: Cancel)}/upload", Csv("Sku\n1\n"));
        await RefusedAsync(key, $"/v1/EntityImport/{mapping}/upload", Form("Sku\n1\n", "other.csv"));
        await RefusedAsync(key, "/v1/EntityImport", TestServer.Json($$"""{"entitySystemName": "{{entity}}"}"""));

        Assert.Empty((await server.Client.ListImportsAsync(entity, cancellationToken: Cancel)).Imports);
    }

    [Fact]
    public async Task Of_requests_with_one_key_at_the_same_time_one_is_carried_out_and_the_others_learn_it_or_are_told_to_wait()
    {
        var (entity, mapping) = await server.MapProductAsync();
        var upload = await server.UploadAsync(mapping, "Sku\n1\n");
        var key = Guid.NewGuid().ToString();

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => PostAsync(server, key, $"/v1/EntityImport/{upload}/import")));

        var done = answers.Where(answer => answer.Status == 201).ToList();
        Assert.Single(done.Distinct());
        foreach (var refused in answers.Except(done)) Assert.Equal((409, "urn:eis:problem:idempotency-key-in-use"), (refused.Status, refused.Json.GetProperty("type").GetString()));
        Assert.Single((await server.Client.ListImportsAsync(entity, cancellationToken: Cancel)).Imports);
    }

    [Fact]
    public async Task While_an_upload_with_a_key_runs_another_one_with_it_is_told_to_wait()
    {
        const string Rows = "Sku,Name\n1,first\n2,second\n";
        var (_, mapping) = await server.MapProductAsync();
        for (var attempt = 0; attempt < 100; attempt++)
        {
            var key = Guid.NewGuid().ToString();
            using var held = new HeldContent(Encoding.UTF8.GetBytes(Rows));
            var running = PostAsync(server, key, $"/v1/EntityImport/{mapping}/upload", held);
            await held.Begun.WaitAsync(Cancel);

            var second = await PostAsync(server, key, $"/v1/EntityImport/{mapping}/upload", Csv(Rows));
            held.Go();
            var first = await running;
            // What was sent first may come second: then it is this one that is carried out, and another key must show it.
            if (second.Status == 201) continue;

            Assert.Equal((409, true), (second.Status, second.RetryAfter is not null));
            Assert.Equal(201, first.Status);
            return;
        }

        Assert.Fail("The upload that was sent first always came second.");
    }

    [Fact]
    public async Task A_refused_request_may_come_again_with_its_key_once_it_can_be_done()
    {
        var key = Guid.NewGuid().ToString();
        var body = $$"""{"entitySystemName": "Later_{{key.Replace("-", "", StringComparison.Ordinal)}}"}""";
        Assert.Equal(400, (await PostAsync(server, key, "/v1/EntityImport", TestServer.Json(body))).Status);
        var name = JsonElement.Parse(body).GetProperty("entitySystemName").GetString()!;
        await server.Client.PutEntityAsync(new Entity { SystemName = name, Fields = [new EntityField { SystemName = "Sku", DataType = "STRING" }] }, Cancel);
        Assert.Equal(201, (await PostAsync(server, key, "/v1/EntityImport", TestServer.Json(body))).Status);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\"\"")]
    [InlineData("\"open")]
    [InlineData("\"a\"b")]
    [InlineData("\"a\\b\"")]
    [InlineData("256")]
    public async Task Malformed_keys_are_refused(string header)
    {
        var (_, mapping) = await server.MapProductAsync();
        var answer = await PostRawAsync(server, header == "256" ? new string('x', 256) : header, $"/v1/EntityImport/{mapping}/upload", Csv("Sku\n1\n"));
        Assert.Equal((400, "urn:eis:problem:malformed-idempotency-key"), (answer.Status, answer.Json.GetProperty("type").GetString()));
    }

    [Fact]
    public async Task Quoted_and_plain_keys_are_the_same()
    {
        var (entity, _) = await server.MapProductAsync();
        var key = $"a \\ and a \" {Guid.NewGuid()}";
        var mapping = await server.Client.CreateMappingAsync(entity, definition: null, idempotencyKey: key, cancellationToken: Cancel);
        Assert.Equal(mapping, await server.Client.CreateMappingAsync(entity, definition: null, idempotencyKey: key, cancellationToken: Cancel));
        var text = JsonSerializer.Serialize(new { entitySystemName = entity });
        var answer = await PostRawAsync(server, key, "/v1/EntityImport", new StringContent(text, Encoding.UTF8, "application/json"));
        Assert.Equal((201, mapping), (answer.Status, answer.Id("mappingId")));
    }

    [Fact]
    public async Task A_cancel_that_comes_again_with_its_key_is_answered_alike_though_the_import_has_ended()
    {
        var (_, mapping) = await server.MapProductAsync();
        await Eventually.TrueAsync(
            async () =>
            {
                var large = await server.Client.ImportAsync(await server.UploadAsync(mapping, ImportTests.LargeCsv()), cancellationToken: Cancel);
                var import = await server.Client.ImportAsync(await server.UploadAsync(mapping, "Sku\n1\n"), cancellationToken: Cancel);
                var key = Guid.NewGuid().ToString();
                var first = await PostAsync(server, key, $"/v1/EntityImport/imports/{import}/cancel");
                await server.Client.WaitAsync(large, TestServer.Patience, Cancel);
                if (first.Status != 202) return false;
                Assert.Equal(first, await PostAsync(server, key, $"/v1/EntityImport/imports/{import}/cancel"));
                Assert.Equal(ImportState.Cancelled, (await server.Client.GetImportAsync(import, Cancel)).State);
                await server.RefusedAsync(HttpMethod.Post, $"/v1/EntityImport/imports/{import}/cancel", HttpStatusCode.Conflict, "import-already-ended");
                return true;
            },
            "No import was caught waiting.");
    }

    [Fact]
    public async Task A_duplicate_names_the_earlier_import_of_the_same_bytes_under_the_same_definition()
    {
        const string Csv = "Sku,Name\n1,a\n";
        var (entity, mapping) = await server.MapProductAsync();
        var same = await server.Client.CreateMappingAsync(entity, cancellationToken: Cancel);
        var other = await server.Client.CreateMappingAsync(entity, new ImportDefinition { ImportMode = ImportMode.Replace }, cancellationToken: Cancel);
        var dry = await server.Client.CreateMappingAsync(entity, new ImportDefinition { DryRun = true }, cancellationToken: Cancel);
        async Task<(Guid Id, Guid? DuplicateOf)> RunAsync(Guid by, string csv)
        {
            var import = (await server.ImportAsync(by, csv)).Status.EntityImportId;
            return (import, (await server.Client.GetImportAsync(import, Cancel)).DuplicateOf);
        }

        var first = await RunAsync(mapping, Csv);
        Assert.Null(first.DuplicateOf);
        Assert.Null((await RunAsync(mapping, Csv + "2,b\n")).DuplicateOf);
        Assert.Null((await RunAsync(other, Csv)).DuplicateOf);
        Assert.Null((await RunAsync(dry, Csv)).DuplicateOf);
        var second = await RunAsync(same, Csv);
        Assert.Equal(first.Id, second.DuplicateOf);
        Assert.Equal(second.Id, (await RunAsync(mapping, Csv)).DuplicateOf);
    }

    private static StringContent Csv(string csv) => new(csv, Encoding.UTF8, "text/csv");

    private static MultipartFormDataContent Form(string csv, string name) => new() { { Csv(csv), "file", name } };

    private static Task<Answer> PostAsync(TestServer to, string key, string path, HttpContent? content = null) => PostRawAsync(to, $"\"{key}\"", path, content);

    private static async Task<Answer> PostRawAsync(TestServer to, string header, string path, HttpContent? content = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content };
        request.Headers.TryAddWithoutValidation("Idempotency-Key", header);
        using var response = await to.Http.SendAsync(request, Cancel);
        return new Answer(
            (int)response.StatusCode, await response.Content.ReadAsStringAsync(Cancel), response.Headers.Location?.OriginalString, response.Headers.RetryAfter?.ToString());
    }

    private async Task RefusedAsync(string key, string path, HttpContent content)
    {
        var answer = await PostAsync(server, key, path, content);
        Assert.Equal((422, "urn:eis:problem:idempotency-key-reused"), (answer.Status, answer.Json.GetProperty("type").GetString()));
    }

    private sealed record Answer(int Status, string Body, string? Location, string? RetryAfter)
    {
        public JsonElement Json => JsonElement.Parse(Body);

        public Guid Id(string member) => Json.GetProperty(member).GetGuid();
    }

    /// <summary>A file whose end is held back.</summary>
    private sealed class HeldContent : HttpContent
    {
        private readonly byte[] _bytes;
        private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _go = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public HeldContent(byte[] bytes)
        {
            _bytes = bytes;
            Headers.TryAddWithoutValidation("Content-Type", "text/csv");
        }

        public Task Begun => _begun.Task;

        public void Go() => _go.TrySetResult();

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(_bytes.AsMemory(0, 16));
            await stream.FlushAsync();
            _begun.TrySetResult();
            await _go.Task;
            await stream.WriteAsync(_bytes.AsMemory(16));
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
