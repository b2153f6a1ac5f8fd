using System.Globalization;
using System.Net;
using System.Text;
using EntityImport.Api;
using EntityImport.Client;

namespace EntityImport.Server.Tests;

/// <summary>An error file that somebody has corrected is merged into the repair: what is not as it was rejected is an edit, and nothing else changes.</summary>
public sealed class MergeTests(TestServer server)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Corrected_rows_are_found_again_in_any_order_and_go_in()
    {
        var (entity, mapping) = await server.MapProductAsync();
        var import = (await server.ImportAsync(mapping, "Sku,Name,Quantity,Price\ngood,,1,1\na,\"x, \"\"y\"\"\",1,1 kg\nb,y,z,2\n007,same,q,3\nd,too,few\ne,u,u,4 kg\n")).Status.EntityImportId;
        var lines = await ErrorFileAsync(import);
        Assert.Equal("Sku,Name,Quantity,Price,errorRow,errorLine,errorReasons,errorRecord", lines[0]);
        // The row that had too few fields is put into the columns, the last one comes first, one is as it was, one is left out, and one is of another file.
        var corrected = string.Join("\r\n", [
            lines[0], lines[1].Replace("1 kg", "1", StringComparison.Ordinal), lines[3], "d,too,5,6,5,6,reason,", lines[2].Replace("b,y,z,2", "b,\"new, name\",8,2", StringComparison.Ordinal), "x,,,,900,901,reason,", "no numbers,,,,,,,", "",
        ]);

        var merged = await MergeAsync(import, corrected);

        Assert.Equal((1L, 3, 6L, 3L, 1L, 2L), (merged.Version, merged.Edits, merged.Rows, merged.Changed, merged.Same, merged.Unknown));
        Assert.Equal([6L, 7L], merged.UnknownLines.Order());
        Assert.Equal([("Name", 2L), ("Price", 2L), ("Quantity", 2L), ("Sku", 1L)], merged.Columns.Select(column => (column.Column, column.Rows)).Order());
        Assert.Equal([1, 2, 3, 4], merged.Columns.Select(column => column.Number));
        var edits = (await server.Client.ListRepairEditsAsync(import, cancellationToken: Cancel)).Edits;
        Assert.Equal(
            ["2: 4=1", "3: 2=new, name; 3=8", "5: 1=d; 2=too; 3=5; 4=6"],
            edits.Select(edit => string.Create(CultureInfo.InvariantCulture, $"{edit.Row}: {string.Join("; ", edit.Columns!.OrderBy(column => column.Key, StringComparer.Ordinal).Select(column => $"{column.Key}={column.Value}"))}")));
        var planned = await server.Client.PlanRepairAsync(import, cancellationToken: Cancel);
        await foreach (var _ in server.Client.WatchPlanAsync(planned.PlanId, Cancel)) { }
        await server.Client.WaitAsync(await server.Client.ImportRepairAsync(import, cancellationToken: Cancel), TestServer.Patience, Cancel);
        var records = (await server.Client.ReadRecordsAsync(entity, cancellationToken: Cancel)).Records;
        Assert.Equal(
            ["a|x, \"y\"|1", "b|new, name|8", "d|too|5", "good|∅|1"],
            records.Select(record => $"{record.GetProperty("Sku")}|{(record.GetProperty("Name").GetString() ?? "∅")}|{record.GetProperty("Quantity")}").Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("?safe=spreadsheet")]
    public async Task What_was_not_touched_changes_nothing_of_the_error_file_and_of_its_copy_for_spreadsheets(string query)
    {
        var (_, mapping) = await server.MapProductAsync(new ImportDefinition { FieldDelimiter = ";", Encoding = "windows-1252" });
        var import = (await server.Client.RunAsync(mapping, new MemoryStream(Encoding.Latin1.GetBytes("Sku;Name;Quantity\ngood;;1\n00123;=1+1;x\n1E5;Größe;x\n-5;\" \n\";x\nb;too;many;fields\n")), "e.csv", TestServer.Patience, Cancel)).Status.EntityImportId;
        var lines = await ErrorFileAsync(import, query);

        var same = await MergeAsync(import, string.Join("\n", lines), Encoding.Latin1);
        Assert.Equal((0L, 0, 4L, 0L, 4L, 0L), (same.Version, same.Edits, same.Rows, same.Changed, same.Same, same.Unknown));
        var one = await MergeAsync(import, string.Join("\n", lines).Replace("Größe;x;", "Größe;4;", StringComparison.Ordinal), Encoding.Latin1);

        Assert.Equal([("Quantity", 3, 1L)], one.Columns.Select(column => (column.Column, column.Number, column.Rows)));
        Assert.Equal((1L, 3L), (one.Changed, one.Same));
    }

    [Fact]
    public async Task Bytes_that_are_no_characters_are_no_correction_and_stay_as_they_were_rejected()
    {
        var (_, mapping) = await server.MapProductAsync();
        var content = Encoding.Latin1.GetBytes("Sku,Name,Quantity\ngood,,1\na,Gr\u00FC\u00DFe,1\nb,y,1 kg\nc,\u00FF,x\n");
        var import = (await server.Client.RunAsync(mapping, new MemoryStream(content), "bad.csv", TestServer.Patience, Cancel)).Status.EntityImportId;
        var lines = await ErrorFileAsync(import);
        Assert.Contains("Gr\u00FC\u00DFe", lines[1], StringComparison.Ordinal);

        var merged = await MergeAsync(
            import,
            string.Join("\n", [lines[0], lines[1], lines[2].Replace("b,y,1 kg", "b,gr\u00FCn,1", StringComparison.Ordinal), lines[3].Replace(",x,", ",3,", StringComparison.Ordinal)]),
            Encoding.Latin1);

        Assert.Equal((1L, 1L, 1L), (merged.Same, merged.Changed, merged.Unknown));
        Assert.Equal([3L], merged.UnknownLines);
        Assert.Equal([("Quantity", 1L)], merged.Columns.Select(column => (column.Column, column.Rows)));
        Assert.Equal(4, Assert.Single((await server.Client.ListRepairEditsAsync(import, cancellationToken: Cancel)).Edits).Row);
    }

    [Fact]
    public async Task Many_rows_in_no_order_are_found()
    {
        var (_, mapping) = await server.MapProductAsync();
        const int Rows = 45_000;
        var import = (await server.ImportAsync(mapping, "Sku,Quantity\ngood,1\n" + string.Concat(Enumerable.Range(2, Rows).Select(row => string.Create(CultureInfo.InvariantCulture, $"{row},x\n"))))).Status.EntityImportId;
        var lines = await ErrorFileAsync(import);
        var random = new Random(7);
        var rows = lines.Skip(1).Where(line => line.Length > 0).ToArray();
        random.Shuffle(rows);
        for (var row = 0; row < rows.Length; row += 3) rows[row] = rows[row].Replace(",x,", ",1,", StringComparison.Ordinal);

        var merged = await MergeAsync(import, $"{lines[0]}\n{string.Join("\n", rows)}\n");

        Assert.Equal((Rows, Rows / 3, Rows - (Rows / 3), 0), (merged.Rows, merged.Changed, merged.Same, merged.Unknown));
        Assert.Equal(Rows / 3, (await server.Client.GetRepairAsync(import, cancellationToken: Cancel)).Ready);
    }

    [Fact]
    public async Task Of_rows_that_come_again_the_last_one_holds_and_those_that_went_in_are_left_alone()
    {
        // The first column has no name, and the number that it is called by is another one's name.
        var entity = await server.DeclareProductAsync();
        var mapping = await server.Client.CreateMappingAsync(
            entity, new ImportDefinition { Fields = [new FieldMapping("Sku", "k"), new FieldMapping("Quantity", "3"), new FieldMapping("Name") { ColumnIndex = 3 }] }, Cancel);
        var import = (await server.ImportAsync(mapping, "k,3,\ngood,1,n\na,x,n\nb,y,n\nc,z,n\n")).Status.EntityImportId;
        const string Header = "k,3,,errorRow,errorLine,errorReasons\n";

        var merged = await MergeAsync(import, Header + "a,5,n,2,3,r\nb,6,n,3,4,r\na,6,m,2,3,r\nb,y,n,3,4,r\nc,z,n,4,5,r\nc,7,n,4,5,r\n");

        Assert.Equal((6L, 2L, 1L, 0L, 3L, 0L), (merged.Rows, merged.Changed, merged.Same, merged.Repaired, merged.Repeated, merged.Unknown));
        Assert.Equal([("3", 2, 2L), ("", 3, 1L)], merged.Columns.Select(column => (column.Column, column.Number, column.Rows)));
        var edits = (await server.Client.ListRepairEditsAsync(import, cancellationToken: Cancel)).Edits;
        Assert.Equal([(2L, "2=6 3=m"), (4L, "2=7")], edits.Select(edit => (edit.Row, string.Join(' ', edit.Columns!.OrderBy(column => column.Key, StringComparer.Ordinal).Select(column => $"{column.Key}={column.Value}")))));
        var planned = await server.Client.PlanRepairAsync(import, cancellationToken: Cancel);
        await foreach (var _ in server.Client.WatchPlanAsync(planned.PlanId, Cancel)) { }
        await server.Client.WaitAsync(await server.Client.ImportRepairAsync(import, cancellationToken: Cancel), TestServer.Patience, Cancel);

        var again = await MergeAsync(import, Header + "a,8,n,2,3,r\nb,9,n,3,4,r\n");
        Assert.Equal((1L, 0L, 1L), (again.Changed, again.Same, again.Repaired));
        // The files are not kept, but for those of corrected rows.
        Assert.Equal(["corrected.csv", "corrected.csv"], (await UploadsAsync(mapping)).Where(upload => upload.ExpiredDate is not null).Select(upload => upload.File.Name));
        Assert.Equal(2, (await UploadsAsync(mapping)).Count(upload => upload.ExpiredDate is null));
        var refused = await Assert.ThrowsAsync<EntityImportProblemException>(() => MergeAsync(import, Header + string.Concat(Enumerable.Repeat("a,x,n,2,3,r\n", 1_004))));
        Assert.Equal("The file has many more rows than the 3 that the import has rejected.", Assert.Single(refused.Problem.Errors!["file"]));
    }

    [Fact]
    public async Task A_file_that_is_no_error_file_of_the_import_and_a_version_that_is_none_any_more_change_nothing()
    {
        var (_, mapping) = await server.MapProductAsync();
        var import = (await server.ImportAsync(mapping, "Sku,Quantity\ngood,1\nb,x\n")).Status.EntityImportId;

        Assert.Equal("It is no error file: errorRow, errorLine, errorReasons are not its last columns.", await RefusedAsync("Sku,Quantity\nb,2\n"));
        Assert.Equal("It is not an error file of this import: column 2 is 'Price', and was 'Quantity'.", await RefusedAsync("Sku,Price,errorRow,errorLine,errorReasons\nb,2,2,3,x\n"));
        Assert.Equal("It is not an error file of this import: column 2 is not there, and was 'Quantity'.", await RefusedAsync("Sku,errorRow,errorLine,errorReasons\nb,2,3,x\n"));
        // The same row on another line is one of another file.
        var other = await MergeAsync(import, "Sku,Quantity,errorRow,errorLine,errorReasons\nb,2,2,4,x\n");
        Assert.Equal((0L, 1L), (other.Changed, other.Unknown));
        await server.Client.ChangeRepairAsync(import, new RepairChange { Drops = [2] }, cancellationToken: Cancel);
        var outdated = await Assert.ThrowsAsync<EntityImportProblemException>(() => server.Client.MergeRepairAsync(
            import, new MemoryStream("Sku,Quantity,errorRow,errorLine,errorReasons\nb,2,2,3,x\n"u8.ToArray()), "e.csv", version: 0, Cancel));

        Assert.Equal((HttpStatusCode.PreconditionFailed, "urn:eis:problem:repair-changed"), (outdated.StatusCode, outdated.Problem.Type));
        // Also where the file changes nothing.
        outdated = await Assert.ThrowsAsync<EntityImportProblemException>(() => server.Client.MergeRepairAsync(
            import, new MemoryStream("Sku,Quantity,errorRow,errorLine,errorReasons\nb,x,2,3,x\n"u8.ToArray()), "e.csv", version: 0, Cancel));
        Assert.Equal(HttpStatusCode.PreconditionFailed, outdated.StatusCode);
        Assert.Equal(1L, (await server.Client.GetRepairAsync(import, cancellationToken: Cancel)).Version);
        // A row that was left out stays so, with its correction.
        await MergeAsync(import, "Sku,Quantity,errorRow,errorLine,errorReasons\nb,2,2,3,x\n");
        var edit = Assert.Single((await server.Client.ListRepairEditsAsync(import, cancellationToken: Cancel)).Edits);
        Assert.Equal((true, "2"), (edit.Dropped, edit.Columns!["2"]));

        async Task<string> RefusedAsync(string csv)
        {
            var refused = await Assert.ThrowsAsync<EntityImportProblemException>(() => MergeAsync(import, csv));
            Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
            return Assert.Single(refused.Problem.Errors!["file"]);
        }
    }

    private Task<RepairMerged> MergeAsync(Guid import, string csv, Encoding? encoding = null) =>
        server.Client.MergeRepairAsync(import, new MemoryStream((encoding ?? Encoding.UTF8).GetBytes(csv)), "corrected.csv", cancellationToken: Cancel);

    private async Task<IReadOnlyList<UploadDetails>> UploadsAsync(Guid mapping) =>
        System.Text.Json.JsonSerializer.Deserialize<UploadPage>(await server.SendAsync(HttpMethod.Get, $"/v1/EntityImport/uploads?mapping={mapping}", HttpStatusCode.OK), ApiJson.Options)!.Uploads;

    private async Task<string[]> ErrorFileAsync(Guid import, string query = "")
    {
        using var file = new MemoryStream();
        await server.Client.CopyErrorFileAsync(import, file, forSpreadsheets: query.Length > 0, Cancel);
        var bytes = file.ToArray();
        return Encoding.Latin1.GetString(bytes).Split('\n');
    }
}
