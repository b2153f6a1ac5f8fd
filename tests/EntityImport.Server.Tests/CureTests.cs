using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using EntityImport.Api;

namespace EntityImport.Server.Tests;

/// <summary>Cures are what they say: their counts are those of an import with the cure.</summary>
public sealed class CureTests(TestServer server)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_cure_is_measured_over_the_rows_of_its_cause_and_over_the_accepted_ones()
    {
        var (_, mapping) = await server.MapProductAsync(new ImportDefinition { FieldDelimiter = ";" });
        var csv = new StringBuilder("Sku;Price;Quantity\n");
        for (var row = 1; row <= 40; row++) csv.Append(CultureInfo.InvariantCulture, $"a{row};1.{row:D3},5;{(row == 7 ? "x" : "1")}\n");
        csv.Append("b1;1.23,4,5;1\nb2;17;1\nb3;1,000;1\nb4;2.5;1\n");
        var import = (await server.ImportAsync(mapping, csv.ToString())).Status.EntityImportId;
        var cause = (await CauseAsync(import, "Price", "9.9,9")).Cause;

        var report = await server.Client.MeasureCuresAsync(import, new CureRequest { Cause = cause, Edit = new CureEdit(3, "1003.5") }, Cancel);

        Assert.Equal((40L, 3L), (report.Rows, report.AcceptedRows));
        var cure = report.Cures[0];
        Assert.Equal(",", cure.Cure.Definition!.Value.GetProperty("decimalSeparator").GetString());
        // b3 is 1000 and would be 1; b4 would be rejected.
        Assert.Equal((40L, 0L, 39L, 2L, true), (cure.Accepted, cure.Left, cure.Ready, cure.Differing, cure.ReproducesEdit));
        Assert.Equal((1L, 2L, "1.001,5", "1001.5"), (cure.Examples[0].Row, cure.Examples[0].Line, cure.Examples[0].Before, cure.Examples[0].After));
        Assert.Equal([("1000", "1"), ("2.5", null)], cure.DifferingExamples.Select(example => (example.Before!, example.After)));
        Assert.Contains(report.Cures, other => other.ReproducesEdit == true && other.Accepted == 1 && other.Cure.Field?.TryGetProperty("valueMap", out _) == true);
        Assert.True(report.Cures.SkipWhile(other => other.ReproducesEdit == true).All(other => other.ReproducesEdit == false));

        // The same as an import with the cure says.
        var cured = await server.Client.CreateMappingAsync((await server.Client.GetImportAsync(import, Cancel)).EntitySystemName, new ImportDefinition { FieldDelimiter = ";", DecimalSeparator = ",", GroupingSeparator = ".", DryRun = true }, Cancel);
        var again = (await server.ImportAsync(cured, csv.ToString())).Status.EntityImportId;
        Assert.Equal([7L, 41, 44], (await server.Client.ListErrorsAsync(again, cancellationToken: Cancel)).Errors.Select(row => row.Row));
    }

    [Theory]
    [InlineData("Price", "12 kg|7 kg|5", "1", "{\"text\":{\"trim\":false,\"strip\":\"kg\"}}", 2)]
    [InlineData("Price", "5-|3-|1", "1", "{\"definition\":{\"trailingMinus\":true}}", 2)]
    [InlineData("Price", "n/a|n/a|1", "1", "{\"field\":{\"nullValues\":[\"n/a\"]}}", 2)]
    [InlineData("Price", "none|none|1", "1", "{\"field\":{\"zeroValues\":[\"none\"]}}", 2)]
    [InlineData("ValidFrom", "31.12.2024|01.02.2023|2024-01-01", null, "{\"field\":{\"format\":[\"yyyy-MM-dd\",\"dd.MM.yyyy\"]}}", 2)]
    [InlineData("Active", "ja|ja|true", "true", "{\"field\":{\"valueMap\":{\"ja\":\"true\"}}}", 2)]
    [InlineData("Name", "12345678901234567890123456789012345678901|b|c", null, "{\"entity\":{\"length\":41}}", 1)]
    public async Task Each_kind_of_cause_has_its_cure(string field, string values, string? edit, string expected, int accepted)
    {
        var (_, mapping) = await server.MapProductAsync();
        var import = (await server.ImportAsync(mapping, $"Sku,{field}\n" + string.Concat(values.Split('|').Select((value, i) => $"{i},{value}\n")))).Status.EntityImportId;
        var cause = (await server.Client.ListCausesAsync(import, Cancel)).Causes[0];

        var report = await server.Client.MeasureCuresAsync(import, new CureRequest { Cause = cause.Cause, Edit = edit is null ? null : new CureEdit(1, edit) }, Cancel);

        var cure = Assert.Single(report.Cures, found => JsonSerializer.Serialize(found.Cure, ApiJson.Requests).StartsWith(expected[..^1], StringComparison.Ordinal));
        Assert.Equal((accepted, 0L, 0L, (long)accepted), (cure.Accepted, cure.Left, cure.Differing, cure.Ready));
        // Measured by itself, as one that was chosen is, it is called the same.
        var alone = Assert.Single((await server.Client.MeasureCuresAsync(import, new CureRequest { Cause = cause.Cause, Cure = cure.Cure }, Cancel)).Cures);
        Assert.Equal((cure.Text, cure.Accepted), (alone.Text, alone.Accepted));
    }

    [Fact]
    public async Task Records_with_too_few_or_too_many_fields_have_cures_too()
    {
        var (_, mapping) = await server.MapProductAsync();
        var import = (await server.ImportAsync(mapping, "Sku,Name,Quantity\n1,a\n2,b,2\n3,c,3,\n4,d,4,x\n")).Status.EntityImportId;

        var missing = await server.Client.MeasureCuresAsync(import, new CureRequest { Cause = (await CauseAsync(import, null, "2")).Cause }, Cancel);
        var surplus = await server.Client.MeasureCuresAsync(import, new CureRequest { Cause = (await CauseAsync(import, null, "4")).Cause }, Cancel);

        Assert.Equal(["PAD", "FIT"], missing.Cures.Select(cure => cure.Cure.Definition!.Value.GetProperty("raggedRows").GetString()));
        Assert.All(missing.Cures, cure => Assert.Equal((1L, 0L, 1L, 0L), (cure.Accepted, cure.Left, cure.Ready, cure.Differing)));
        var fit = Assert.Single(surplus.Cures);
        Assert.Equal((1L, 1L), (fit.Accepted, fit.Left));
        Assert.Equal([("1,a", "1,a,"), ("1,a", "1,a,")], missing.Cures.Select(cure => (cure.Examples[0].Before!, cure.Examples[0].After!)));
        Assert.Equal([("3,c,3,", "3,c,3"), ("4,d,4,x", null)], fit.Examples.Concat(fit.LeftExamples).Select(example => (example.Before!, example.After)));
        // Of a long record it is the end that tells.
        var wide = (await server.ImportAsync(mapping, $"Sku,Name,Quantity\n1,{new string('a', 200)},2,\n")).Status.EntityImportId;
        var example = (await server.Client.MeasureCuresAsync(wide, new CureRequest { Cause = (await CauseAsync(wide, null, "4")).Cause }, Cancel)).Cures[0].Examples[0];
        Assert.Equal(($"…{new string('a', 76)},2,", $"…{new string('a', 77)},2"), (example.Before, example.After));
    }

    [Fact]
    public async Task A_cure_of_ones_own_is_measured_and_what_is_none_is_refused()
    {
        var (_, mapping) = await server.MapProductAsync();
        var import = (await server.ImportAsync(mapping, "Sku,Price\n1,x5\n2,7\n")).Status.EntityImportId;
        var cause = (await server.Client.ListCausesAsync(import, Cancel)).Causes[0].Cause;

        var report = await server.Client.MeasureCuresAsync(import, new CureRequest { Cause = cause, Cure = new Cure { Field = JsonElement.Parse("""{"valueMap": {"x5": "5", "7": "8"}}""") } }, Cancel);

        var cure = Assert.Single(report.Cures);
        Assert.Equal((1L, 0L, 1L), (cure.Accepted, cure.Left, cure.Differing));
        Assert.Equal("""valueMap {"x5":"5","7":"8"}""", cure.Text);
        var path = $"/v1/EntityImport/imports/{import}/cures";
        await server.RefusedAsync(HttpMethod.Post, path, HttpStatusCode.BadRequest, "validation", TestServer.Json($$$"""{"cause": "{{{cause}}}", "cure": {"definition": {"localle": "de"} } }"""));
        await server.RefusedAsync(HttpMethod.Post, path, HttpStatusCode.BadRequest, "validation", TestServer.Json($$$"""{"cause": "{{{cause}}}", "cure": {"entity": {"length": "40"} } }"""));
        await server.RefusedAsync(HttpMethod.Post, path, HttpStatusCode.BadRequest, "validation", TestServer.Json($$$"""{"cause": "{{{cause}}}", "cure": {"field": {"columnIndex": 2} } }"""));
        await server.RefusedAsync(HttpMethod.Post, path, HttpStatusCode.BadRequest, "validation", TestServer.Json($$$"""{"cause": "{{{cause}}}", "cure": {"definition": {"fields": [{"systemName": "Sku", "csvColumnName": "Sku"}]} } }"""));
        await server.RefusedAsync(HttpMethod.Post, path, HttpStatusCode.BadRequest, "validation", TestServer.Json("""{"cause": "%"}"""));
        await server.RefusedAsync(HttpMethod.Post, path, HttpStatusCode.BadRequest, "validation", TestServer.Json($$$"""{"cause": "{{{cause}}}", "edit": {"row": 2, "value": "1"} }"""));
        await server.RefusedAsync(HttpMethod.Post, $"/v1/EntityImport/imports/{Guid.NewGuid()}/cures", HttpStatusCode.NotFound, "import-not-found", TestServer.Json($$"""{"cause": "{{cause}}"}"""));
    }

    private async Task<RejectionCause> CauseAsync(Guid import, string? field, string shape) =>
        Assert.Single((await server.Client.ListCausesAsync(import, Cancel)).Causes, cause => cause.Field == field && cause.Shape == shape);
}
