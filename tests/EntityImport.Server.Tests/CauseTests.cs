using System.Globalization;
using System.Net;
using System.Text;
using EntityImport.Api;

namespace EntityImport.Server.Tests;

/// <summary>Rejected rows by offset, filter and cause.</summary>
public sealed class CauseTests(TestServer server)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Rejected_rows_are_split_into_the_columns_of_the_file()
    {
        var (_, mapping) = await server.MapProductAsync();
        var import = (await server.ImportAsync(mapping, "Sku,Name,Quantity\n1,\"a,\"\"b\"\"\",x\n2,short\n,y,3\n4,z,5\n")).Status.EntityImportId;

        var page = await server.Client.ListErrorsAsync(import, cancellationToken: Cancel);

        Assert.Equal(["Sku", "Name", "Quantity"], page.Columns);
        Assert.Equal(3, page.Total);
        Assert.Equal(["1", "a,\"b\"", "x"], page.Errors[0].Fields!);
        Assert.Equal((false, true), (page.Errors[1].HasColumns, page.Errors[1].Fields is null));
        Assert.Equal(["", "y", "3"], page.Errors[2].Fields!);
        Assert.All(page.Errors, row => Assert.Equal(row.HasColumns, row.Fields is not null));
    }

    [Fact]
    public async Task A_place_in_the_list_is_told_by_offset_and_pages_by_cursor_go_on_from_there()
    {
        var (_, mapping) = await server.MapProductAsync();
        var csv = new StringBuilder("Sku,Quantity,Active\n");
        for (var row = 1; row <= 1_000; row++) csv.Append(CultureInfo.InvariantCulture, $"{row},{(row % 2 == 0 ? "x" : "1")},{(row % 7 == 0 ? "maybe" : "true")}\n");
        var import = (await server.ImportAsync(mapping, csv.ToString())).Status.EntityImportId;
        var bad = Enumerable.Range(1, 1_000).Where(row => row % 2 == 0 || row % 7 == 0).Select(row => (long)row).ToList();

        foreach (var (filter, rows) in new (ErrorFilter?, List<long>)[]
        {
            (null, bad),
            (new ErrorFilter { Field = "active" }, [.. bad.Where(row => row % 7 == 0)]),
            (new ErrorFilter { Code = "number.format" }, [.. bad.Where(row => row % 2 == 0)]),
            (new ErrorFilter { Code = "number.format", Field = "Active" }, []),
        })
        {
            foreach (var offset in new[] { 0, 1, 99, 100, 101, rows.Count - 1, rows.Count, rows.Count + 5 }.Where(offset => offset >= 0))
            {
                var page = await server.Client.ListErrorsAsync(import, filter, offset, limit: 7, Cancel);
                Assert.Equal(rows.Skip(offset).Take(7), page.Errors.Select(row => row.Row));
                Assert.Equal(rows.Count, page.Total);
                Assert.Equal(offset + 7 < rows.Count, page.NextCursor is not null);
            }
        }

        var next = (await server.Client.ListErrorsAsync(import, null, 500, limit: 7, Cancel)).NextCursor;
        Assert.Equal(bad.Skip(507).Take(7), (await server.Client.ListErrorsAsync(import, limit: 7, next, Cancel)).Errors.Select(row => row.Row));
        await server.RefusedAsync(HttpMethod.Get, $"/v1/EntityImport/imports/{import}/errors?offset=-1", HttpStatusCode.BadRequest, "invalid-parameter");
        await server.RefusedAsync(HttpMethod.Get, $"/v1/EntityImport/imports/{import}/errors?cause=%20", HttpStatusCode.BadRequest, "invalid-parameter");
    }

    [Fact]
    public async Task Causes_tell_values_of_one_look_from_others_and_each_finds_its_rows()
    {
        var (_, mapping) = await server.MapProductAsync();
        var import = (await server.ImportAsync(mapping, "Sku,Price,ValidFrom\n1,\"1.234,50\",2024-01-01\n2,\"17.000,00\",31.12.2024\n3,n/a,2024-01-01\n4,5,1.2.2023\n5\n6,1,2024-01-01,x\n7,1,2024-01-01\n")).Status.EntityImportId;

        var causes = await server.Client.ListCausesAsync(import, Cancel);

        Assert.Equal((6L, 0, 0L, true), (causes.Rows, causes.OtherCauses, causes.OtherReasons, causes.IsComplete));
        Assert.Equal(
            [("number.format", "Price", "9.9,9", 2L), ("date.format", "ValidFrom", "9.9.9", 2), ("number.format", "Price", "A/A", 1), ("record.fields", null, "1", 1), ("record.fields", null, "4", 1)],
            causes.Causes.Select(cause => (cause.Code, cause.Field, cause.Shape, cause.Rows)));
        Assert.Equal((1L, 2L, "1.234,50"), (causes.Causes[0].Example.Row, causes.Causes[0].Example.Line, causes.Causes[0].Example.Value));
        long[][] rows = [[1, 2], [2, 4], [3], [5], [6]];
        foreach (var (cause, expected) in causes.Causes.Zip(rows))
        {
            var page = await server.Client.ListErrorsAsync(import, new ErrorFilter { Cause = cause.Cause }, 0, cancellationToken: Cancel);
            Assert.Equal(expected, page.Errors.Select(row => row.Row));
            Assert.Equal(cause.Rows, page.Total);
        }
    }

    [Fact]
    public async Task Fifty_causes_are_told_and_the_others_counted()
    {
        var (_, mapping) = await server.MapProductAsync();
        var csv = new StringBuilder("Sku,Quantity\n");
        for (var row = 1; row <= 60; row++)
            for (var i = 0; i < (row == 60 ? 2 : 1); i++) csv.Append(CultureInfo.InvariantCulture, $"{row}-{i},x{new string('!', row % 8)}{new string('?', row / 8)}\n");
        var import = (await server.ImportAsync(mapping, csv.ToString())).Status.EntityImportId;

        var causes = await server.Client.ListCausesAsync(import, Cancel);

        Assert.Equal((50, 10, 10L, 61L), (causes.Causes.Count, causes.OtherCauses, causes.OtherReasons, causes.Rows));
        Assert.Equal((2L, 59L), (causes.Causes[0].Rows, causes.Causes[0].Example.Row - 1));
    }
}
