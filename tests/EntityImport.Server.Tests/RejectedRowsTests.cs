using System.Net;
using System.Text;
using System.Text.Json;
using EntityImport.Api;

namespace EntityImport.Server.Tests;

public sealed class RejectedRowsTests(TestServer server)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_import_of_too_many_bad_rows_says_so_by_its_code_and_documented_bodies_stay_as_they_are()
    {
        await using var strict = new TestServer(options => options with { Limits = options.Limits with { RejectedRows = 2 } });
        await strict.InitializeAsync();
        var (entity, mapping) = await strict.MapProductAsync();
        var run = await strict.ImportAsync(mapping, "Sku,Quantity\n1,5\n2,x\n3,y\n4,z\n");
        var id = run.Status.EntityImportId;

        var status = await strict.SendAsync(HttpMethod.Get, $"/v1/EntityImport/{id}/status", HttpStatusCode.OK);
        var report = await strict.SendAsync(HttpMethod.Get, $"/v1/EntityImport/{id}/report", HttpStatusCode.OK);
        var details = await strict.Client.GetImportAsync(id, Cancel);
        var listed = Assert.Single((await strict.Client.ListImportsAsync(entity, cancellationToken: Cancel)).Imports);

        Assert.Equal(("too-many-rejected", true), (details.Code, details.ClientErrorCallingService));
        Assert.Equal("too-many-rejected", listed.Code);
        Assert.Equal(["status", "startDate", "stopDate", "clientErrorCallingService", "entityImportId"], TestServer.Members(status));
        Assert.Equal(["status", "failedRows", "message"], TestServer.Members(report));
        Assert.Contains("More than 2 rows were rejected", report.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Empty((await strict.Client.ReadRecordsAsync(entity, cancellationToken: Cancel)).Records);
    }

    [Fact]
    public async Task A_report_is_no_longer_than_a_message_may_be()
    {
        var (_, mapping) = await server.MapProductAsync(new ImportDefinition { Fields = [new FieldMapping("Sku", "none")] });
        var run = await server.ImportAsync(mapping, string.Join(',', Enumerable.Range(0, 200).Select(i => $"{i}{new string('x', 1_000)}")) + "\n1\n");

        Assert.InRange(run.Report.Message.Length, 500, Limits.MessageCharacters);
        Assert.EndsWith(" 0 rows were imported.", run.Report.Message, StringComparison.Ordinal);
        Assert.Equal("columns-mismatch", (await server.Client.GetImportAsync(run.Status.EntityImportId, Cancel)).Code);
    }

    [Fact]
    public async Task An_import_that_succeeds_has_no_code()
    {
        var (_, mapping) = await server.MapProductAsync();
        var run = await server.ImportAsync(mapping, "Sku\n1\n");

        var details = await server.SendAsync(HttpMethod.Get, $"/v1/EntityImport/imports/{run.Status.EntityImportId}", HttpStatusCode.OK);

        Assert.Equal(JsonValueKind.Null, details.GetProperty("code").ValueKind);
    }

    [Fact]
    public async Task The_error_file_for_spreadsheets_has_no_formulas_and_comes_back_under_the_same_mapping()
    {
        var (entity, mapping) = await server.MapProductAsync();
        var run = await server.ImportAsync(mapping, "Sku,Name,Quantity\n007,=1+1,x\n-5,`a;=b,x\n");
        var path = $"/v1/EntityImport/{run.Status.EntityImportId}/errorFile";

        using var response = await server.Http.GetAsync($"{path}?safe=spreadsheet", Cancel);
        var copy = await response.Content.ReadAsStringAsync(Cancel);
        using var copied = new MemoryStream();
        await server.Client.CopyErrorFileAsync(run.Status.EntityImportId, copied, forSpreadsheets: true, Cancel);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.EndsWith(".errors.safe.csv", response.Content.Headers.ContentDisposition?.FileName, StringComparison.Ordinal);
        var lines = Encoding.UTF8.GetString(copied.ToArray()).Split('\n');
        Assert.Equal("\uFEFF`Sku,`Name,`Quantity,errorRow,errorLine,errorReasons,errorRecord,errorSafe", lines[0]);
        Assert.StartsWith("`007,`=1+1,x,1,2,", lines[1], StringComparison.Ordinal);
        Assert.EndsWith(",,spreadsheet", lines[1], StringComparison.Ordinal);
        Assert.StartsWith("`-5,``a;`=b,x,2,3,", lines[2], StringComparison.Ordinal);
        Assert.Equal(lines[1..], copy.Split('\n')[1..]);
        var again = await server.ImportAsync(mapping, string.Join('\n', lines).Replace(",x,", ",3,", StringComparison.Ordinal));
        Assert.Equal((ReportStatus.Success, 2L), (again.Report.Status, again.Report.ProcessedRows));
        var records = (await server.Client.ReadRecordsAsync(entity, cancellationToken: Cancel)).Records;
        Assert.Equal(["-5 `a;=b", "007 =1+1"], records.Select(record => $"{record.GetProperty("Sku")} {record.GetProperty("Name")}").Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("safe=excel")]
    [InlineData("safe=Spreadsheet")]
    [InlineData("safe=spreadsheet&safe=spreadsheet")]
    public async Task An_error_file_that_is_safe_in_another_way_is_refused(string query)
    {
        var (_, mapping) = await server.MapProductAsync();
        var run = await server.ImportAsync(mapping, "Sku,Quantity\n1,x\n");
        await server.RefusedAsync(HttpMethod.Get, $"/v1/EntityImport/{run.Status.EntityImportId}/errorFile?{query}", HttpStatusCode.BadRequest, "invalid-parameter");
    }

    [Fact]
    public async Task Damaged_rejected_rows_are_a_problem_of_their_own_type()
    {
        var (_, mapping) = await server.MapProductAsync();
        var run = await server.ImportAsync(mapping, "Sku,Quantity\n1,5\n2,x\n");
        var id = run.Status.EntityImportId;
        var path = Path.Combine(server.DataDirectory, "imports", $"{id:D}", "rejected");
        var good = await File.ReadAllBytesAsync(path, Cancel);

        await File.WriteAllBytesAsync(path, good[..^7], Cancel);
        await server.RefusedAsync(HttpMethod.Get, $"/v1/EntityImport/imports/{id}/errors", HttpStatusCode.InternalServerError, "rejected-rows-damaged");
        await server.RefusedAsync(HttpMethod.Get, $"/v1/EntityImport/{id}/errorFile", HttpStatusCode.InternalServerError, "rejected-rows-damaged");

        // The length of the first row, behind the head and the description: the damage shows only when the rows are walked through.
        var rows = 28 + BitConverter.ToInt32(good, 24);
        var bad = good.ToArray();
        BitConverter.TryWriteBytes(bad.AsSpan(rows), int.MaxValue);
        await File.WriteAllBytesAsync(path, bad, Cancel);
        await server.RefusedAsync(HttpMethod.Get, $"/v1/EntityImport/{id}/errorFile", HttpStatusCode.InternalServerError, "rejected-rows-damaged");

        await File.WriteAllBytesAsync(path, good, Cancel);
        Assert.Single((await server.Client.ListErrorsAsync(id, cancellationToken: Cancel)).Errors);
    }

    [Fact]
    public async Task A_page_of_large_rejected_rows_ends_by_bytes_and_leads_on()
    {
        var (_, mapping) = await server.MapProductAsync();
        var run = await server.ImportAsync(mapping, "Sku,Name\n1,good\n" + string.Concat(Enumerable.Repeat($"2,{new string('n', 1_000_000)}\n", 7)));
        var id = run.Status.EntityImportId;

        var first = await server.Client.ListErrorsAsync(id, 1_000, cancellationToken: Cancel);
        var second = await server.Client.ListErrorsAsync(id, 1_000, first.NextCursor, Cancel);

        Assert.Equal([2L, 3, 4, 5], first.Errors.Select(row => row.Row));
        Assert.Equal([6L, 7, 8], second.Errors.Select(row => row.Row));
        Assert.Null(second.NextCursor);
    }
}
