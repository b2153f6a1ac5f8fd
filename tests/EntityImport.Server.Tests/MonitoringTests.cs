using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using EntityImport.Api;
using EntityImport.Client;

namespace EntityImport.Server.Tests;

public sealed class MonitoringTests(TestServer server)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Imports_are_listed_newest_first_page_by_page()
    {
        var (entity, mapping) = await server.MapProductAsync();
        var expected = new List<Guid>();
        for (var i = 0; i < 5; i++) expected.Insert(0, (await server.ImportAsync(mapping, "Sku\n1\n")).Status.EntityImportId);

        var listed = new List<Guid>();
        string? cursor = null;
        do
        {
            var page = await server.Client.ListImportsAsync(entity.ToUpperInvariant(), limit: 2, cursor: cursor, cancellationToken: Cancel);
            Assert.InRange(page.Imports.Count, 1, 2);
            listed.AddRange(page.Imports.Select(import => import.ImportId));
            cursor = page.NextCursor;
        }
        while (cursor is not null);

        Assert.Equal(expected, listed);
        var all = await server.SendAsync(HttpMethod.Get, $"/v1/EntityImport/imports?entity={entity}", HttpStatusCode.OK);
        Assert.Equal(["imports", "nextCursor"], TestServer.Members(all));
        Assert.Equal(5, all.GetProperty("imports").GetArrayLength());
        Assert.Equal(JsonValueKind.Null, all.GetProperty("nextCursor").ValueKind);
    }

    [Fact]
    public async Task Imports_are_found_by_their_time_file_and_caller()
    {
        var (entity, mapping) = await server.MapProductAsync();
        var files = new Dictionary<string, Guid>();
        foreach (var name in (string[])["prices-May.csv", "PRICES june.csv", "stock.csv"])
            files[name] = (await server.Client.RunAsync(mapping, new MemoryStream(Encoding.UTF8.GetBytes($"Sku\n{name}\n")), name, TestServer.Patience, Cancel)).Status.EntityImportId;
        var middle = (await server.Client.GetImportAsync(files["PRICES june.csv"], Cancel)).StartDate;

        Assert.Equal(["PRICES june.csv", "prices-May.csv"], await FindAsync(file: "prices"));
        Assert.Equal(["stock.csv", "PRICES june.csv"], await FindAsync(since: middle));
        Assert.Equal(["prices-May.csv"], await FindAsync(until: middle));
        Assert.Equal(["PRICES june.csv"], await FindAsync(file: "prices", since: middle, until: middle.AddDays(1)));
        Assert.Empty(await FindAsync(invokedBy: "somebody"));
        var page = await server.Client.ListImportsAsync(entity, limit: 1, file: "PRICES", cancellationToken: Cancel);
        var next = await server.Client.ListImportsAsync(entity, limit: 1, file: "PRICES", cursor: page.NextCursor, cancellationToken: Cancel);
        Assert.Equal(["PRICES june.csv", "prices-May.csv"], [Assert.Single(page.Imports).File!.Name, Assert.Single(next.Imports).File!.Name]);
        Assert.Equal(20, page.Imports[0].File!.Size);
        await server.RefusedAsync(HttpMethod.Get, "/v1/EntityImport/imports?since=yesterday", HttpStatusCode.BadRequest, "invalid-parameter");

        async Task<IEnumerable<string?>> FindAsync(DateTimeOffset? since = null, DateTimeOffset? until = null, string? file = null, string? invokedBy = null) =>
            (await server.Client.ListImportsAsync(entity, since: since, until: until, file: file, invokedBy: invokedBy, cancellationToken: Cancel)).Imports.Select(import => import.File!.Name);
    }

    [Fact]
    public async Task How_far_an_import_was_over_time_is_kept()
    {
        var (_, mapping) = await server.MapProductAsync();
        var import = (await server.ImportAsync(mapping, "Sku,Quantity\n1,1\n2,x\n3,3\n")).Status.EntityImportId;

        var points = await server.Client.GetTimelineAsync(import, Cancel);

        Assert.Equal((ImportPhase.Planning, 0.0, 0L), (points[0].Phase, points[0].Seconds, points[0].RecordsRead));
        Assert.Equal((ImportPhase.Merging, 3L, 1L), (points[^1].Phase, points[^1].RecordsRead, points[^1].Rejected));
        Assert.Equal((await server.Client.GetImportAsync(import, Cancel)).File.Size, points[^1].BytesRead);
        Assert.Equal(points.OrderBy(point => point.Seconds), points);
        await server.RefusedAsync(HttpMethod.Get, $"/v1/EntityImport/imports/{Guid.NewGuid()}/timeline", HttpStatusCode.NotFound, "import-not-found");
    }

    [Fact]
    public async Task Imports_are_filtered_by_state()
    {
        var (entity, mapping) = await server.MapProductAsync();
        var good = await server.ImportAsync(mapping, "Sku\n1\n");
        var bad = await server.ImportAsync(mapping, "Sku,Quantity\n1,x\n");
        async Task<IEnumerable<Guid>> ListAsync(string status) =>
            (await server.SendAsync(HttpMethod.Get, $"/v1/EntityImport/imports?entity={entity}&status={status}", HttpStatusCode.OK))
                .GetProperty("imports").EnumerateArray().Select(import => import.GetProperty("importId").GetGuid()).ToList();
        Assert.Equal([good.Status.EntityImportId], await ListAsync("SUCCEEDED"));
        Assert.Equal([bad.Status.EntityImportId], await ListAsync("FAILED"));
        Assert.Equal([bad.Status.EntityImportId, good.Status.EntityImportId], await ListAsync("failed,SUCCEEDED"));
        Assert.Empty(await ListAsync("QUEUED,RUNNING,CANCELLED"));
    }

    [Theory]
    [InlineData("status=DONE")]
    [InlineData("status=1")]
    [InlineData("limit=0")]
    [InlineData("limit=201")]
    [InlineData("limit=x")]
    [InlineData("limit=1&limit=2")]
    [InlineData("cursor=x")]
    [InlineData("cursor=LTE")]
    public async Task Bad_parameters_of_the_list_are_refused(string query) =>
        await server.RefusedAsync(HttpMethod.Get, $"/v1/EntityImport/imports?{query}", HttpStatusCode.BadRequest, "invalid-parameter");

    [Fact]
    public async Task Details_tell_all_that_is_known_and_keep_the_definition_as_it_was()
    {
        const string Csv = "Sku;Name\n1;a\n1;b\n;c\n";
        var (entity, mapping) = await server.MapProductAsync(new ImportDefinition { FieldDelimiter = ";" });
        var run = await server.ImportAsync(mapping, Csv);
        await server.Client.PatchMappingAsync(mapping, JsonElement.Parse("""{"definition":{"fieldDelimiter":"|"}}"""), Cancel);

        var details = await server.SendAsync(HttpMethod.Get, $"/v1/EntityImport/imports/{run.Status.EntityImportId}", HttpStatusCode.OK);

        Assert.Equal(
            [
                "importId", "uploadId", "mappingId", "mappingRevision", "entitySystemName", "state", "phase", "status", "startDate", "stopDate", "attempts",
                "invokedBy", "dryRun", "undoes", "undoneBy", "repairs", "repairedBy", "keptBefore", "clientErrorCallingService", "ledger", "progress", "file", "definition", "duplicateOf", "planId", "code", "message", "warnings", "stageMilliseconds", "links",
            ],
            TestServer.Members(details));
        Assert.Equal(run.UploadId, details.GetProperty("uploadId").GetGuid());
        Assert.Equal(mapping, details.GetProperty("mappingId").GetGuid());
        Assert.Equal(1, details.GetProperty("mappingRevision").GetInt32());
        Assert.Equal(entity, details.GetProperty("entitySystemName").GetString());
        Assert.Equal("SUCCEEDED", details.GetProperty("state").GetString());
        Assert.Equal("ENDED", details.GetProperty("phase").GetString());
        Assert.Equal(1, details.GetProperty("attempts").GetInt32());
        Assert.True(JsonElement.DeepEquals(JsonElement.Parse("""{"fieldDelimiter":";"}"""), details.GetProperty("definition")));
        Assert.True(JsonElement.DeepEquals(
            JsonElement.Parse("""{"records":3,"inserted":1,"updated":0,"unchanged":0,"superseded":1,"rejected":1,"removed":0,"balanced":true,"skipped":0}"""),
            details.GetProperty("ledger")), details.ToString());
        var bytes = Encoding.UTF8.GetBytes(Csv);
        Assert.Equal("products.csv", details.GetProperty("file").GetProperty("name").GetString());
        Assert.Equal(bytes.Length, details.GetProperty("file").GetProperty("size").GetInt64());
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(bytes)), details.GetProperty("file").GetProperty("sha256").GetString());
        Assert.Equal(["phase", "recordsRead", "bytesRead", "bytesTotal", "recordsPerSecond", "estimatedSecondsLeft"], TestServer.Members(details.GetProperty("progress")));
        foreach (var link in details.GetProperty("links").EnumerateObject().Where(link => link.Name is not ("cancel" or "undo" or "events")))
        {
            using var response = await server.Http.GetAsync(link.Value.GetString(), Cancel);
            Assert.True(response.IsSuccessStatusCode, link.ToString());
        }
    }

    [Fact]
    public async Task Details_and_events_warn_of_columns_that_another_reading_fits()
    {
        var (_, mapping) = await server.MapProductAsync(new ImportDefinition { DateFormat = "dd/MM/yyyy", DateTimeFormat = "dd/MM/yyyy" });
        var run = await server.ImportAsync(mapping, "Sku,ValidFrom,Price,ChangedAt\n1,03/04/2024,\"1,234\",31/12/2024\n2,05/05/2024,7,01/02/2024\n");

        var details = await server.SendAsync(HttpMethod.Get, $"/v1/EntityImport/imports/{run.Status.EntityImportId}", HttpStatusCode.OK);

        var warnings = details.GetProperty("warnings");
        Assert.Equal(2, warnings.GetArrayLength());
        Assert.True(
            JsonElement.DeepEquals(
                JsonElement.Parse("""
                    {
                      "code": "date.ambiguous", "field": "ValidFrom", "column": "ValidFrom", "reading": "dd/MM/yyyy", "otherReading": "MM/dd/yyyy", "values": 2, "differing": 1,
                      "example": { "value": "03/04/2024", "reading": "2024-04-03", "otherReading": "2024-03-04" },
                      "message": "The values of column 'ValidFrom' were read as dd/MM/yyyy, but MM/dd/yyyy would read them all, too: 1 of 2 would be another date, such as '03/04/2024', which is 2024-04-03 and would be 2024-03-04."
                    }
                    """),
                warnings[0]),
            warnings.ToString());
        var typed = await server.Client.GetImportAsync(run.Status.EntityImportId, Cancel);
        Assert.Equal(("number.ambiguous", new AmbiguousValue("1,234", "1234", "1.234")), (typed.Warnings[1].Code, typed.Warnings[1].Example));
        var seen = new List<ImportDetails>();
        await foreach (var seenDetails in server.Client.WatchAsync(run.Status.EntityImportId, Cancel)) seen.Add(seenDetails);
        Assert.Equal(typed.Warnings, seen[^1].Warnings);
    }

    [Fact]
    public async Task Events_follow_an_import_to_its_end_and_then_end_themselves()
    {
        var (_, mapping) = await server.MapProductAsync();
        var import = await server.Client.ImportAsync(await server.UploadAsync(mapping, "Sku\n1\n2\n"), Cancel);
        var seen = new List<ImportDetails>();
        await foreach (var details in server.Client.WatchAsync(import, Cancel)) seen.Add(details);
        Assert.All(seen, details => Assert.Equal(import, details.ImportId));
        Assert.Equal(ImportState.Succeeded, seen[^1].State);
        Assert.Equal(2, seen[^1].Ledger.Inserted);
        Assert.All(seen.SkipLast(1), details => Assert.False(details.State.HasEnded));
    }

    [Fact]
    public async Task One_stream_follows_each_import_of_an_entity_to_its_end()
    {
        var (entity, mapping) = await server.MapProductAsync();
        var (_, other) = await server.MapProductAsync();
        var before = (await server.ImportAsync(mapping, "Sku\n0\n")).Status.EntityImportId;
        await using var events = server.Client.WatchAllAsync(entity.ToUpperInvariant(), Cancel).GetAsyncEnumerator(Cancel);
        var first = events.MoveNextAsync().AsTask();
        var imports = new List<Guid>();
        // The stream begins when it does; what is invoked from then on is in it.
        while (!first.IsCompleted && imports.Count < 1000)
        {
            await server.ImportAsync(other, "Sku\n1\n");
            imports.Add((await server.ImportAsync(mapping, $"Sku\n{imports.Count}\n")).Status.EntityImportId);
        }

        Assert.True(await first);
        var last = (await server.ImportAsync(mapping, "Sku\na\nb\ntoo long to be one of the texts that a Sku can be, by far\n")).Status.EntityImportId;
        var seen = new List<ImportDetails> { events.Current };
        while (seen[^1].ImportId != last || !seen[^1].State.HasEnded)
        {
            Assert.True(await events.MoveNextAsync());
            seen.Add(events.Current);
        }

        Assert.All(seen, details => Assert.Equal(entity, details.EntitySystemName));
        Assert.DoesNotContain(seen, details => details.ImportId == before);
        Assert.Equal((2, 1), (seen[^1].Ledger.Inserted, seen[^1].Ledger.Rejected));
        // In the order of their invocation, each to its end and no further.
        Assert.Equal(imports.SkipWhile(import => import != seen[0].ImportId).Append(last), seen.Where(details => details.State.HasEnded).Select(details => details.ImportId));
    }

    /// <summary>As browsers do by themselves.</summary>
    [Fact]
    public async Task Who_goes_on_with_a_stream_of_all_is_told_what_ended_meanwhile()
    {
        var (entity, mapping) = await server.MapProductAsync();
        await server.ImportAsync(mapping, "Sku\n0\n");
        var (begin, _) = await ReadAsync(after: null, events: 0);
        var meanwhile = (await server.ImportAsync(mapping, "Sku\n1\n")).Status.EntityImportId;

        var (next, ended) = await ReadAsync(begin, events: 1);
        Assert.Equal(meanwhile, ended!.ImportId);
        Assert.Equal(ImportState.Succeeded, ended.State);
        var later = (await server.ImportAsync(mapping, "Sku\n2\n")).Status.EntityImportId;

        Assert.Equal(later, (await ReadAsync(next, events: 1)).Last!.ImportId);
        // What no stream of this store has told, as those of one that was at its address before, is no place to go on from.
        foreach (var foreign in (string[])["9223372036854775807", "99999999999999999999", "-5", "1, 2", "x"]) Assert.Equal(await ReadAsync(null, events: 0), await ReadAsync(foreign, events: 0));

        async Task<(string Place, ImportDetails? Last)> ReadAsync(string? after, int events)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/EntityImport/events?entity={entity}");
            if (after is not null) request.Headers.Add("Last-Event-ID", after);
            using var response = await server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
            using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(Cancel));
            var (place, last) = ("", (ImportDetails?)null);
            // Each event, and the place before the first, ends with an empty line.
            for (var left = events + 1; left > 0 && await lines.ReadLineAsync(Cancel) is { } line;)
            {
                if (line.StartsWith("id: ", StringComparison.Ordinal)) place = line["id: ".Length..];
                if (line.StartsWith("data: ", StringComparison.Ordinal)) last = JsonSerializer.Deserialize<ImportDetails>(line["data: ".Length..], ApiJson.Options);
                if (line.Length == 0) left--;
            }

            return (place, last);
        }
    }

    [Fact]
    public async Task Events_of_an_ended_import_are_its_end_alone()
    {
        var (_, mapping) = await server.MapProductAsync();
        var run = await server.ImportAsync(mapping, "Sku,Name\n1,\"a\nb\"\n");
        using var response = await server.Http.GetAsync($"/v1/EntityImport/imports/{run.Status.EntityImportId}/events", Cancel);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.ToString());
        Assert.Equal(["no"], response.Headers.GetValues("X-Accel-Buffering"));
        var text = await response.Content.ReadAsStringAsync(Cancel);
        Assert.StartsWith("event: ended\ndata: {", text, StringComparison.Ordinal);
        Assert.EndsWith("}\n\n", text, StringComparison.Ordinal);
        Assert.Equal(3, text.Count(c => c == '\n'));
    }
}
