using System.Net;
using System.Text.Json;
using EntityImport.Api;

namespace EntityImport.Server.Tests;

/// <summary>Undo and history over HTTP: an undo is an import of its own kind, with status, report and error file.</summary>
public sealed class UndoTests(TestServer server) : IClassFixture<TestServer>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_undo_has_status_report_and_error_file_like_any_import()
    {
        var (entity, mapping) = await server.MapProductAsync();
        await ImportAsync(mapping, "A-1,One,1.50");
        var import = await ImportAsync(mapping, "A-1,Two,2.50", "A-2,New,3.50");

        var preview = await server.Client.PreviewUndoAsync(import, Token);
        Assert.Equal((import, 2, 0), (preview.ImportId, preview.Reversed, preview.Kept));
        var undo = await server.Client.UndoAsync(import, Token);
        var details = await EndAsync(undo);

        Assert.Equal((ImportState.Succeeded, import, 2, 0, true), (details.State, details.Undoes, details.Ledger.Reversed, details.Ledger.Kept, details.Ledger.Balanced));
        Assert.Equal(undo, (await server.Client.GetImportAsync(import, Token)).UndoneBy);
        var status = await server.SendAsync(HttpMethod.Get, $"/v1/EntityImport/{undo}/status", HttpStatusCode.OK);
        Assert.Equal("SUCCEEDED", status.GetProperty("status").GetString());
        var report = await server.SendAsync(HttpMethod.Get, $"/v1/EntityImport/{undo}/report", HttpStatusCode.OK);
        Assert.Equal(["status", "processedRows", "message"], TestServer.Members(report));
        Assert.Equal(("SUCCESS", 2), (report.GetProperty("status").GetString(), report.GetProperty("processedRows").GetInt64()));
        var errorFile = await server.Http.GetStringAsync($"/v1/EntityImport/{undo}/errorFile", Token);
        Assert.Single(errorFile.TrimEnd().Split('\n'));
        await server.RefusedAsync(HttpMethod.Get, $"/v1/EntityImport/{undo}/file", HttpStatusCode.NotFound, "upload-not-found");
        var records = await server.SendAsync(HttpMethod.Get, $"/v1/LogicalEntityData/{entity}", HttpStatusCode.OK);
        Assert.Equal("One", Assert.Single(records.EnumerateArray()).GetProperty("Name").GetString());
    }

    [Fact]
    public async Task What_cannot_be_undone_is_refused_with_why()
    {
        var (_, mapping) = await server.MapProductAsync();
        var import = await ImportAsync(mapping, "A-1,One,1.50");
        await EndAsync(await server.Client.UndoAsync(import, Token));

        await server.RefusedAsync(HttpMethod.Post, $"/v1/EntityImport/imports/{import}/undo", HttpStatusCode.Conflict, "import-already-undone");
        await server.RefusedAsync(HttpMethod.Post, $"/v1/EntityImport/imports/{Guid.NewGuid()}/undo", HttpStatusCode.NotFound, "import-not-found");
        await server.RefusedAsync(HttpMethod.Post, $"/v1/EntityImport/imports/{import}/undo?preview=perhaps", HttpStatusCode.BadRequest, "invalid-parameter");
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await server.Http.GetAsync($"/v1/EntityImport/imports/{import}/undo", Token)).StatusCode);
    }

    [Fact]
    public async Task An_import_tells_what_it_did_as_a_plan_tells_what_it_would_do()
    {
        var (_, mapping) = await server.MapProductAsync();
        await ImportAsync(mapping, "A-1,One,1.50", "A-2,Two,2.00");
        var import = await ImportAsync(mapping, "A-1,One,2.50", "A-2,Zwei,2.10", "A-3,New,3.50");
        await ImportAsync(mapping, "A-1,Later,9.00");

        var page = await server.Client.ListImportChangesAsync(import, field: "Price", limit: 2, cancellationToken: Token);
        Assert.Equal([(ChangeKind.Updated, "A-1"), (ChangeKind.Updated, "A-2")], page.Changes.Select(change => (change.Kind, change.Key["Sku"].GetString()!)));
        Assert.Equal(("1.5000000000", "2.5000000000"), (page.Changes[0].Before!["Price"].GetRawText(), page.Changes[0].After!["Price"].GetRawText()));
        Assert.Equal((1, false, true), (page.Changes[0].After!.Count, page.Changes[0].AfterUnknown, page.IsComplete));
        var next = await server.Client.ListImportChangesAsync(import, field: "Price", limit: 2, cursor: page.NextCursor, cancellationToken: Token);
        Assert.Equal((ChangeKind.Inserted, "A-3", null), (Assert.Single(next.Changes).Kind, next.Changes[0].Key["Sku"].GetString(), next.NextCursor));

        var undo = await server.Client.UndoAsync(import, Token);
        await EndAsync(undo);
        var back = await server.Client.ListImportChangesAsync(undo, cancellationToken: Token);
        Assert.Equal([ChangeKind.Updated, ChangeKind.Removed], back.Changes.OrderBy(change => change.Key["Sku"].GetString(), StringComparer.Ordinal).Select(change => change.Kind));

        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/EntityImport/imports/{import}/changes?kind=updated&field=price");
        request.Headers.Add("Accept", "text/csv");
        using var response = await server.Http.SendAsync(request, Token);
        Assert.Equal("text/csv", response.Content.Headers.ContentType!.MediaType);
        var lines = (await response.Content.ReadAsStringAsync(Token)).Split("\r\n");
        Assert.StartsWith("changeKind,changeRow,changeAfterUnknown,Sku,Name before,Name after,Price before,Price after,", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("UPDATED,,,A-1,One,One,1.5000000000,2.5000000000,", lines[1], StringComparison.Ordinal);
        Assert.StartsWith("UPDATED,,,A-2,Two,Zwei,2.0000000000,2.1000000000,", lines[2], StringComparison.Ordinal);
        Assert.Equal((4, ""), (lines.Length, lines[3]));

        await server.RefusedAsync(HttpMethod.Get, $"/v1/EntityImport/imports/{Guid.NewGuid()}/changes", HttpStatusCode.NotFound, "import-not-found");
        await server.RefusedAsync(HttpMethod.Get, $"/v1/EntityImport/imports/{import}/changes?field=Colour", HttpStatusCode.BadRequest, "invalid-parameter");
        await server.RefusedAsync(HttpMethod.Get, $"/v1/EntityImport/imports/{import}/changes?cursor=none", HttpStatusCode.BadRequest, "invalid-parameter");
        await server.RefusedAsync(HttpMethod.Get, $"/v1/EntityImport/imports/{import}/changes?kind=moved", HttpStatusCode.BadRequest, "invalid-parameter");
    }

    [Fact]
    public async Task An_import_of_which_nothing_is_kept_has_no_changes_to_tell()
    {
        const string entity = "Unkept";
        await server.SendAsync(HttpMethod.Put, $"/v1/LogicalEntity/{entity}", HttpStatusCode.Created, TestServer.Json("""
            {"keepBefore":false,"fields":[{"systemName":"Sku","dataType":"STRING","primaryKey":true},{"systemName":"Name","dataType":"STRING"},{"systemName":"Price","dataType":"DECIMAL","precision":6,"scale":2}]}
            """));
        var import = await ImportAsync(await server.Client.CreateMappingAsync(entity, cancellationToken: Token), "A-1,One,1.50");

        await server.RefusedAsync(HttpMethod.Get, $"/v1/EntityImport/imports/{import}/changes", HttpStatusCode.Gone, "before-images-expired");
    }

    [Fact]
    public async Task A_record_tells_its_story()
    {
        var (entity, mapping) = await server.MapProductAsync();
        var first = await ImportAsync(mapping, "A-1,One,1.50");
        var second = await ImportAsync(mapping, "A-1,Two,1.50");

        var story = await server.Client.GetHistoryAsync(entity, ["A-1"], cancellationToken: Token);

        Assert.Equal([("UPDATED", second), ("INSERTED", first)], story.Changes.Select(change => (change.Kind, change.ImportId!.Value)));
        Assert.True(story.IsComplete);
        Assert.Equal(("One", "Two"), (Name(story.Changes[0].Before), Name(story.Changes[0].After)));
        Assert.Equal("Two", Name(story.Now));
        await server.RefusedAsync(HttpMethod.Get, $"/v1/LogicalEntityData/{entity}/history?key=B-9", HttpStatusCode.NotFound, "record-not-found");
        await server.RefusedAsync(HttpMethod.Get, $"/v1/LogicalEntityData/{entity}/history", HttpStatusCode.BadRequest, "invalid-parameter");
        await server.RefusedAsync(HttpMethod.Get, $"/v1/LogicalEntityData/{entity}/history?key=A&key=B", HttpStatusCode.BadRequest, "invalid-parameter");

        static string? Name(JsonElement? record) => record!.Value.GetProperty("Name").GetString();
    }

    [Fact]
    public async Task A_story_finds_the_rows_that_it_comes_from_where_that_is_asked_for()
    {
        var (entity, mapping) = await server.MapProductAsync();
        await ImportAsync(mapping, "B-1,Other,1", "A-1,One,1.50");
        var second = await ImportAsync(mapping, "A-1,Two,1.50");
        await EndAsync(await server.Client.UndoAsync(second, Token));

        var story = await server.SendAsync(HttpMethod.Get, $"/v1/LogicalEntityData/{entity}/history?key=A-1", HttpStatusCode.OK);
        Assert.All(story.GetProperty("changes").EnumerateArray(), change => Assert.False(change.TryGetProperty("source", out _)));
        var found = await server.Client.GetHistoryAsync(entity, ["A-1"], withRows: true, Token);
        Assert.Equal([null, new EntrySource(EntrySourceState.Found, 1, 2), new EntrySource(EntrySourceState.Found, 2, 3)], found.Changes.Select(change => change.Source));
        await server.RefusedAsync(HttpMethod.Get, $"/v1/LogicalEntityData/{entity}/history?key=A-1&rows=perhaps", HttpStatusCode.BadRequest, "invalid-parameter");
    }

    [Fact]
    public async Task A_story_tells_values_as_records_do()
    {
        const string entity = "Rates";
        await server.SendAsync(HttpMethod.Put, $"/v1/LogicalEntity/{entity}", HttpStatusCode.Created, TestServer.Json("""
            {"fields":[{"systemName":"Sku","dataType":"STRING","primaryKey":true},{"systemName":"Name","dataType":"DATETIME"},{"systemName":"Price","dataType":"DECIMAL","precision":2,"scale":2}]}
            """));
        var mapping = await server.Client.CreateMappingAsync(entity, cancellationToken: Token);
        await ImportAsync(mapping, "A-1,2024-01-31 10:20:30,0.50");
        await ImportAsync(mapping, "A-1,2024-01-31 10:20:31,-0.25");

        var records = await server.SendAsync(HttpMethod.Get, $"/v1/LogicalEntityData/{entity}", HttpStatusCode.OK);
        var story = await server.Client.GetHistoryAsync(entity, ["A-1"], cancellationToken: Token);

        Assert.Equal(records[0].GetRawText(), story.Now!.Value.GetRawText());
        Assert.Equal("""{"Sku":"A-1","Name":"2024-01-31T10:20:30Z","Price":0.50}""", story.Changes[0].Before!.Value.GetRawText());
    }

    private async Task<Guid> ImportAsync(Guid mapping, params string[] rows)
    {
        var run = await server.ImportAsync(mapping, "Sku,Name,Price\n" + string.Concat(rows.Select(row => row + "\n")));
        Assert.Equal(ReportStatus.Success, run.Report.Status);
        return run.Status.EntityImportId;
    }

    private async Task<ImportDetails> EndAsync(Guid importId)
    {
        ImportDetails? details = null;
        await Eventually.TrueAsync(async () => (details = await server.Client.GetImportAsync(importId, Token)).StopDate is not null, "The undo does not end.");
        return details!;
    }
}
