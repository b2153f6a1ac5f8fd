using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using EntityImport.Api;
using EntityImport.Client;

namespace EntityImport.Server.Tests;

public sealed partial class ImportTests(TestServer server)
{
    private static readonly Guid Unknown = Guid.Parse("0b1c2d3e-4f50-4172-8394-a5b6c7d8e9f0");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_file_without_faults_is_a_success()
    {
        var (entity, mapping) = await server.MapProductAsync();
        var upload = await server.UploadAsync(mapping, "Sku,Name\n1,a\n2,b\n");

        var invoked = await server.SendAsync(HttpMethod.Post, $"/v1/EntityImport/{upload}/import", HttpStatusCode.Created);

        Assert.Equal(["importId"], TestServer.Members(invoked));
        var import = invoked.GetProperty("importId").GetGuid();
        await server.Client.WaitAsync(import, TestServer.Patience, Cancel);
        var status = await server.SendAsync(HttpMethod.Get, $"/v1/EntityImport/{import}/status", HttpStatusCode.OK);
        Assert.Equal(["status", "startDate", "stopDate", "clientErrorCallingService", "entityImportId"], TestServer.Members(status));
        Assert.Equal("SUCCEEDED", status.GetProperty("status").GetString());
        Assert.Matches(Timestamp(), status.GetProperty("startDate").GetString());
        Assert.Matches(Timestamp(), status.GetProperty("stopDate").GetString());
        Assert.False(status.GetProperty("clientErrorCallingService").GetBoolean());
        Assert.Equal(import.ToString("D"), status.GetProperty("entityImportId").GetString());
        var report = await server.SendAsync(HttpMethod.Get, $"/v1/EntityImport/{import}/report", HttpStatusCode.OK);
        Assert.Equal(["status", "processedRows", "message"], TestServer.Members(report));
        Assert.Equal("SUCCESS", report.GetProperty("status").GetString());
        Assert.Equal(2, report.GetProperty("processedRows").GetInt64());
        AssertNames(report, upload, entity, "2 rows were imported");
    }

    [Fact]
    public async Task A_file_with_some_faults_is_a_partial_success_with_an_error_file()
    {
        var (entity, mapping) = await server.MapProductAsync();
        var upload = await server.UploadAsync(mapping, "Sku,Quantity,ValidFrom\n1,5,2024-01-31\n2,x,2024-02-31\n\"3,\n4,7,2024-03-01\n");
        var import = await server.Client.ImportAsync(upload, Cancel);
        await server.Client.WaitAsync(import, TestServer.Patience, Cancel);

        var report = await server.SendAsync(HttpMethod.Get, $"/v1/EntityImport/{import}/report", HttpStatusCode.OK);
        Assert.Equal(["status", "processedRows", "failedRows", "message"], TestServer.Members(report));
        Assert.Equal("PARTIAL_SUCCESS", report.GetProperty("status").GetString());
        Assert.Equal(2, report.GetProperty("processedRows").GetInt64());
        Assert.Equal(2, report.GetProperty("failedRows").GetInt64());
        AssertNames(report, upload, entity, "2 of 4 rows could not be imported");

        using var response = await server.Http.GetAsync($"/v1/EntityImport/{import}/errorFile", Cancel);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/csv", response.Content.Headers.ContentType?.ToString());
        Assert.Equal("products.errors.csv", response.Content.Headers.ContentDisposition?.FileName);
        var lines = (await response.Content.ReadAsStringAsync(Cancel)).Split('\n');
        Assert.Equal("Sku,Quantity,ValidFrom,errorRow,errorLine,errorReasons,errorRecord", lines[0]);
        Assert.StartsWith("2,x,2024-02-31,2,3,", lines[1], StringComparison.Ordinal);
        Assert.Contains("Quantity: ", lines[1], StringComparison.Ordinal);
        Assert.Contains("ValidFrom: ", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rejected_rows_are_listed_page_by_page_with_codes()
    {
        var (_, mapping) = await server.MapProductAsync();
        var run = await server.ImportAsync(mapping, "Sku,Quantity\n1,5\n2,x\n3,99999999999999999999\n,1\n");
        var path = $"/v1/EntityImport/imports/{run.Status.EntityImportId}/errors";

        var first = await server.SendAsync(HttpMethod.Get, path + "?limit=2", HttpStatusCode.OK);

        Assert.Equal(["errors", "nextCursor", "total", "columns"], TestServer.Members(first));
        var row = first.GetProperty("errors")[0];
        Assert.Equal(["row", "line", "reasons", "record", "fields", "hasColumns"], TestServer.Members(row));
        Assert.Equal(2, row.GetProperty("row").GetInt64());
        Assert.Equal(3, row.GetProperty("line").GetInt64());
        Assert.Equal("2,x", row.GetProperty("record").GetString());
        var reason = row.GetProperty("reasons")[0];
        Assert.Equal(["code", "field", "column", "value", "message", "cause"], TestServer.Members(reason));
        var ofCause = await server.SendAsync(HttpMethod.Get, $"{path}?cause={reason.GetProperty("cause").GetString()}", HttpStatusCode.OK);
        Assert.Equal([2], ofCause.GetProperty("errors").EnumerateArray().Select(error => error.GetProperty("row").GetInt64()));
        Assert.Equal("number.format", reason.GetProperty("code").GetString());
        Assert.Equal("Quantity", reason.GetProperty("field").GetString());
        Assert.Equal("x", reason.GetProperty("value").GetString());
        var second = await server.SendAsync(HttpMethod.Get, $"{path}?limit=2&cursor={first.GetProperty("nextCursor").GetString()}", HttpStatusCode.OK);
        Assert.Equal("key.null", Assert.Single(second.GetProperty("errors").EnumerateArray()).GetProperty("reasons")[0].GetProperty("code").GetString());
        Assert.Equal(JsonValueKind.Null, second.GetProperty("nextCursor").ValueKind);
        await server.RefusedAsync(HttpMethod.Get, path + "?cursor=17", HttpStatusCode.BadRequest, "bad-cursor");
        await server.RefusedAsync(HttpMethod.Get, path + "?limit=1001", HttpStatusCode.BadRequest, "invalid-parameter");
    }

    [Fact]
    public async Task A_file_with_no_good_row_fails_and_says_how_many()
    {
        var (entity, mapping) = await server.MapProductAsync();
        var run = await server.ImportAsync(mapping, "Sku,Quantity\n1,x\n2,y\n");

        Assert.Equal(ImportStatus.Failed, run.Status.Status);
        Assert.True(run.Status.ClientErrorCallingService);
        var report = await server.SendAsync(HttpMethod.Get, $"/v1/EntityImport/{run.Status.EntityImportId}/report", HttpStatusCode.OK);
        Assert.Equal(["status", "failedRows", "message"], TestServer.Members(report));
        Assert.Equal("FAILED", report.GetProperty("status").GetString());
        Assert.Equal(2, report.GetProperty("failedRows").GetInt64());
        AssertNames(report, run.UploadId, entity, "2 of 2 rows could not be imported");
        Assert.Empty((await server.Client.ReadRecordsAsync(entity, cancellationToken: Cancel)).Records);
    }

    [Fact]
    public async Task A_file_that_lacks_a_mapped_column_fails_by_the_clients_fault()
    {
        var (entity, mapping) = await server.MapProductAsync(new ImportDefinition { Fields = [new FieldMapping("Sku", "SKU"), new FieldMapping("Name", "Title")] });
        var run = await server.ImportAsync(mapping, "SKU,Name\n1,a\n");
        Assert.Equal(ReportStatus.Failed, run.Report.Status);
        Assert.Equal(0, run.Report.FailedRows);
        Assert.True(run.Status.ClientErrorCallingService);
        Assert.Contains("Title", run.Report.Message, StringComparison.Ordinal);
        Assert.Contains(entity, run.Report.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_upload_is_imported_once_but_again_after_a_failure()
    {
        var (_, mapping) = await server.MapProductAsync();
        var upload = await server.UploadAsync(mapping, "Sku\n1\n");
        await server.Client.WaitAsync(await server.Client.ImportAsync(upload, Cancel), TestServer.Patience, Cancel);
        await server.RefusedAsync(HttpMethod.Post, $"/v1/EntityImport/{upload}/import", HttpStatusCode.Conflict, "upload-already-imported");

        var bad = await server.UploadAsync(mapping, "Sku,Quantity\n1,x\n");
        var first = await server.Client.ImportAsync(bad, Cancel);
        await server.Client.WaitAsync(first, TestServer.Patience, Cancel);
        var second = await server.Client.ImportAsync(bad, Cancel);
        Assert.NotEqual(first, second);
        Assert.Equal(ImportStatus.Failed, (await server.Client.WaitAsync(second, TestServer.Patience, Cancel)).Status);
    }

    [Fact]
    public async Task Imports_into_one_entity_run_in_the_order_of_invocation()
    {
        var (entity, mapping) = await server.MapProductAsync();
        var imports = new List<Guid>();
        for (var i = 0; i < 5; i++) imports.Add(await server.Client.ImportAsync(await server.UploadAsync(mapping, $"Sku,Name\n1,{i}\n"), Cancel));

        foreach (var import in imports) Assert.Equal(ImportStatus.Succeeded, (await server.Client.WaitAsync(import, TestServer.Patience, Cancel)).Status);

        Assert.Equal("4", (await server.Client.ReadRecordsAsync(entity, cancellationToken: Cancel)).Records.Single().GetProperty("Name").GetString());
        var listed = await server.Client.ListImportsAsync(entity, cancellationToken: Cancel);
        Assert.Equal(imports.AsEnumerable().Reverse(), listed.Imports.Select(import => import.ImportId));
        Assert.Equal(listed.Imports.OrderByDescending(import => import.StopDate), listed.Imports);
    }

    [Fact]
    public async Task A_running_import_has_a_status_without_stop_date_and_no_report_and_can_be_cancelled()
    {
        var (entity, mapping) = await server.MapProductAsync();
        await Eventually.TrueAsync(
            async () =>
            {
                // The second import waits for the first, which is large; should it have ended all the same, the next round tries again.
                var first = await server.Client.ImportAsync(await server.UploadAsync(mapping, LargeCsv()), Cancel);
                var second = await server.Client.ImportAsync(await server.UploadAsync(mapping, "Sku,Name\ncancelled,x\n"), Cancel);
                using var cancelled = await server.Http.PostAsync($"/v1/EntityImport/imports/{second}/cancel", null, Cancel);
                var status = await server.SendAsync(HttpMethod.Get, $"/v1/EntityImport/{first}/status", HttpStatusCode.OK);
                using var report = await server.Http.GetAsync($"/v1/EntityImport/{first}/report", Cancel);
                var ended = await server.Client.WaitAsync(second, TestServer.Patience, Cancel);
                await server.Client.WaitAsync(first, TestServer.Patience, Cancel);
                if (cancelled.StatusCode != HttpStatusCode.Accepted || report.StatusCode != HttpStatusCode.BadRequest) return false;

                Assert.Equal(["status", "startDate", "clientErrorCallingService", "entityImportId"], TestServer.Members(status));
                Assert.Equal("RUNNING", status.GetProperty("status").GetString());
                var problem = JsonElement.Parse(await report.Content.ReadAsStringAsync(Cancel));
                Assert.Equal("urn:eis:problem:import-running", problem.GetProperty("type").GetString());
                Assert.Equal(ImportStatus.Failed, ended.Status);
                Assert.Equal(ReportStatus.Failed, (await server.Client.GetReportAsync(second, Cancel)).Status);
                Assert.Equal(ImportState.Cancelled, (await server.Client.GetImportAsync(second, Cancel)).State);
                await server.RefusedAsync(HttpMethod.Get, $"/v1/EntityImport/{second}/errorFile", HttpStatusCode.NotFound, "error-file-not-found");
                return true;
            },
            "No import was caught running.");
        Assert.Empty((await server.Client.ReadRecordsAsync(entity, new RecordOptions { Filter = "Sku eq 'cancelled'" }, Cancel)).Records);
    }

    [Fact]
    public async Task A_cancelled_upload_can_be_imported_again_and_an_ended_import_not_cancelled()
    {
        var (_, mapping) = await server.MapProductAsync();
        var run = await server.ImportAsync(mapping, "Sku\n1\n");
        await server.RefusedAsync(
            HttpMethod.Post, $"/v1/EntityImport/imports/{run.Status.EntityImportId}/cancel", HttpStatusCode.Conflict, "import-already-ended");
    }

    [Fact]
    public async Task A_dry_run_reports_but_writes_nothing()
    {
        var (entity, mapping) = await server.MapProductAsync(new ImportDefinition { DryRun = true });
        var run = await server.ImportAsync(mapping, "Sku\n1\n2\n");
        Assert.Equal(2, run.Report.ProcessedRows);
        Assert.True((await server.Client.GetImportAsync(run.Status.EntityImportId, Cancel)).DryRun);
        Assert.Empty((await server.Client.ReadRecordsAsync(entity, cancellationToken: Cancel)).Records);
    }

    [Fact]
    public async Task A_file_with_no_rows_is_a_success_of_none_with_an_error_file_of_the_header()
    {
        var (_, mapping) = await server.MapProductAsync();
        var run = await server.ImportAsync(mapping, "Sku,Name\n");
        Assert.Equal(ReportStatus.Success, run.Report.Status);
        Assert.Equal(0, run.Report.ProcessedRows);
        using var errors = new MemoryStream();
        await server.Client.CopyErrorFileAsync(run.Status.EntityImportId, errors, Cancel);
        Assert.StartsWith("Sku,Name,errorRow,errorLine,errorReasons", Encoding.UTF8.GetString(errors.ToArray()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("status", HttpStatusCode.BadRequest, "malformed-id")]
    [InlineData("report", HttpStatusCode.BadRequest, "malformed-id")]
    [InlineData("errorFile", HttpStatusCode.NotFound, "import-not-found")]
    public async Task Malformed_and_unknown_import_ids_are_refused(string call, HttpStatusCode malformed, string type)
    {
        await server.RefusedAsync(HttpMethod.Get, $"/v1/EntityImport/abc/{call}", malformed, type);
        await server.RefusedAsync(HttpMethod.Get, $"/v1/EntityImport/{Unknown:N}/{call}", malformed, type);
        await server.RefusedAsync(HttpMethod.Get, $"/v1/EntityImport/{Unknown}/{call}", HttpStatusCode.NotFound, "import-not-found");
    }

    [Theory]
    [InlineData("GET", "/v1/EntityImport/imports/{0}", "import-not-found")]
    [InlineData("GET", "/v1/EntityImport/imports/{0}/events", "import-not-found")]
    [InlineData("GET", "/v1/EntityImport/imports/{0}/errors", "import-not-found")]
    [InlineData("POST", "/v1/EntityImport/imports/{0}/cancel", "import-not-found")]
    [InlineData("POST", "/v1/EntityImport/{0}/import", "upload-not-found")]
    public async Task Elsewhere_malformed_ids_are_404_like_unknown_ones(string method, string path, string type)
    {
        foreach (var id in (string[])["abc", Unknown.ToString()])
            await server.RefusedAsync(new HttpMethod(method), path.Replace("{0}", id, StringComparison.Ordinal), HttpStatusCode.NotFound, type);
    }

    [Fact]
    public async Task Ids_are_read_in_upper_case_and_written_in_lower()
    {
        var (_, mapping) = await server.MapProductAsync();
        var run = await server.ImportAsync(mapping, "Sku\n1\n");
        var id = run.Status.EntityImportId.ToString();
        var status = await server.SendAsync(HttpMethod.Get, $"/v1/EntityImport/{id.ToUpperInvariant()}/status", HttpStatusCode.OK);
        Assert.Equal(id, status.GetProperty("entityImportId").GetString());
    }

    private static void AssertNames(JsonElement report, Guid upload, string entity, string outcome)
    {
        var message = report.GetProperty("message").GetString();
        Assert.Contains($"entity-import/{upload}/data", message, StringComparison.Ordinal);
        Assert.Contains(entity, message, StringComparison.Ordinal);
        Assert.Contains(outcome, message, StringComparison.Ordinal);
    }

    internal static string LargeCsv()
    {
        var csv = new StringBuilder("Sku,Name,Quantity,ValidFrom\n");
        for (var i = 0; csv.Length < 6 << 20; i++) csv.Append(System.Globalization.CultureInfo.InvariantCulture, $"sku{i},name of {i},{i},2024-01-31\n");
        return csv.ToString();
    }

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")]
    private static partial Regex Timestamp();
}
