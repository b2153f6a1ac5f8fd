using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using EntityImport.Api;

namespace EntityImport.Server.Tests;

/// <summary>Rows as an import would read them, before there is one: compared with what the import then does.</summary>
public sealed class PreviewTests(TestServer server)
{
    private const string Csv = "Sku;Name;Price;ValidFrom;Active\nA1;\"Groß;\"\"art\";1.234,50;31.12.2024;ja\nB2;x;1,2,3;31.02.2024;maybe\nshort;row\n;y;;;\n\"broken\" quote;1;2;3;4\nC3;z;-0,10;;nein\n";

    private static readonly ImportDefinition Definition = new()
    {
        FieldDelimiter = ";",
        Locale = "de-DE",
        DateFormat = "dd.MM.yyyy",
        TrueValues = ["ja"],
        FalseValues = ["nein"],
    };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Rows_are_shown_raw_and_typed_with_what_the_import_says_of_each()
    {
        var upload = await UploadAsync(Csv);
        var (entity, mapping) = await server.MapProductAsync(Definition);

        var preview = await server.Client.PreviewAsync(upload, new PreviewRequest { Definition = Definition, Entity = entity }, Cancel);

        Assert.Equal(6, preview.Records);
        Assert.False(preview.HasMore);
        Assert.Equal([("Sku", "Sku", "STRING", 1L), ("Name", "Name", "STRING", 0), ("Price", "Price", "DECIMAL", 1), ("ValidFrom", "ValidFrom", "DATE", 1), ("Active", "Active", "BOOLEAN", 1)], preview.Columns.Select(column => (column.Column, column.Field, column.DataType, column.Refused)));
        Assert.Equal([(1L, 2L), (2, 3), (3, 4), (4, 5), (5, 6), (6, 7)], preview.Rows.Select(row => (row.Row, row.Line)));
        var first = preview.Rows[0];
        Assert.Equal("A1;\"Groß;\"\"art\";1.234,50;31.12.2024;ja", first.Raw);
        Assert.Equal(["A1", "Groß;\"art", "1.234,50", "31.12.2024", "ja"], first.Fields.Select(field => field.Raw));
        Assert.Equal(["\"A1\"", "\"Groß;\\\"art\"", "1234.5000000000", "\"2024-12-31\"", "true"], first.Fields.Select(field => JsonSerializer.Serialize(field.Value, ApiJson.Options)));
        Assert.Equal([null, null, "number.format", "date.format", "boolean.format"], preview.Rows[1].Fields.Select(field => field.Code));
        Assert.All(preview.Rows[1].Fields.Skip(2), field => Assert.Null(field.Value));
        Assert.Equal(("record.fields", 0), (preview.Rows[2].Code, preview.Rows[2].Fields.Count));
        Assert.Equal("key.null", preview.Rows[3].Fields[0].Code);
        Assert.Equal("record.textAfterQuote", preview.Rows[4].Code);
        Assert.Equal("-0.1000000000", preview.Rows[5].Fields[2].Value!.Value.GetRawText());

        // The import says the same, word for word.
        await server.Client.BindUploadAsync(upload, mapping, Cancel);
        var import = await server.Client.ImportAsync(upload, Cancel);
        await server.Client.WaitAsync(import, TestServer.Patience, Cancel);
        var errors = (await server.Client.ListErrorsAsync(import, cancellationToken: Cancel)).Errors;
        Assert.Equal(
            errors.Select(row => (row.Row, row.Line, string.Join("; ", row.Reasons.Select(reason => $"{reason.Code} {reason.Column} {reason.Message}")))),
            preview.Rows.Where(row => row.Code is not null || row.Fields.Any(field => field.Code is not null)).Select(row => (row.Row, row.Line,
                row.Code is not null ? $"{row.Code}  {row.Message}" : string.Join("; ", row.Fields.Where(field => field.Code is not null).Select(field => $"{field.Code} {field.Column} {field.Message}")))));
        var records = (await server.Client.ReadRecordsAsync(entity, cancellationToken: Cancel)).Records.ToDictionary(record => record.GetProperty("Sku").GetString()!);
        foreach (var row in preview.Rows.Where(row => row.Code is null && row.Fields.All(field => field.Code is null)))
        {
            foreach (var field in row.Fields)
            {
                var stored = records[row.Fields[0].Raw!].GetProperty(field.Column);
                Assert.Equal(stored.ToString(), field.Value?.ToString() ?? "");
            }
        }
    }

    [Fact]
    public async Task Fields_of_an_entity_that_is_only_proposed_are_enough_and_without_any_nothing_is_converted()
    {
        var upload = await UploadAsync(Csv);

        var proposed = await server.Client.PreviewAsync(upload, new PreviewRequest { Definition = Definition, Fields = [new EntityField { SystemName = "Price", DataType = "INTEGER" }], From = 1, Rows = 1 }, Cancel);
        var raw = await server.Client.PreviewAsync(upload, new PreviewRequest { Definition = Definition, From = 2, Rows = 2 }, Cancel);

        Assert.Equal("number.scale", Assert.Single(proposed.Rows).Fields[2].Code);
        Assert.True(proposed.HasMore);
        Assert.Equal([2L, 3L], raw.Rows.Select(row => row.Row));
        Assert.Equal(["B2", "x", "1,2,3", "31.02.2024", "maybe"], raw.Rows[0].Fields.Select(field => field.Raw));
        Assert.All(raw.Rows[0].Fields, field => Assert.Equal((null, null), (field.Value, field.Code)));
        Assert.Equal("record.fields", raw.Rows[1].Code);
        Assert.All(raw.Columns, column => Assert.Null(column.Field));
    }

    [Fact]
    public async Task Any_row_of_a_file_can_be_asked_for()
    {
        var text = new StringBuilder("id,text\n");
        for (var row = 1; row <= 150_000; row++) text.Append(CultureInfo.InvariantCulture, $"{row},some text that takes room\n");
        var upload = await UploadAsync(text.ToString());
        EntityField[] fields = [new() { SystemName = "id", DataType = "INTEGER" }];

        foreach (var from in (int[])[1, 2_048, 2_049, 130_000, 149_999, 150_000, 150_001, int.MaxValue])
        {
            var preview = await server.Client.PreviewAsync(upload, new PreviewRequest { Fields = fields, From = from, Rows = 3 }, Cancel);
            var expected = Enumerable.Range(from, Math.Max(0, Math.Min(3, 150_000 - from + 1))).ToList();
            Assert.Equal(expected, preview.Rows.Select(row => row.Fields[0].Value!.Value.GetInt32()));
            Assert.Equal(expected.Select(row => row + 1L), preview.Rows.Select(row => row.Line));
            Assert.Equal((150_000, from + 3L <= 150_000), (preview.Records, preview.HasMore));
        }
    }

    [Fact]
    public async Task A_preview_has_no_more_than_its_bytes_and_shows_long_texts_cut()
    {
        var upload = await UploadAsync("a\n" + string.Concat(Enumerable.Repeat(new string('x', 500_000) + "\n", 12)));

        var preview = await server.Client.PreviewAsync(upload, new PreviewRequest { Fields = [new EntityField { SystemName = "a", DataType = "STRING" }] }, Cancel);

        Assert.Equal((9, 12L, true), (preview.Rows.Count, preview.Records, preview.HasMore));
        Assert.All(preview.Rows, row => Assert.Equal((4_096, 4_096), (row.Raw.Length, row.Fields[0].Value!.Value.GetString()!.Length)));
    }

    [Theory]
    [InlineData("""{ "form": 1 }""", "form")]
    [InlineData("""{ "from": 0, "rows": 1001 }""", "from", "rows")]
    [InlineData("""{ "entity": "nowhere" }""", "entity")]
    [InlineData("""{ "entity": "a", "fields": [] }""", "fields")]
    [InlineData("""{ "fields": [{ "systemName": "a", "dataType": "TEXT" }] }""", "fields[0].dataType")]
    [InlineData("""{ "definition": { "fieldDelimeter": ";" }, "fields": [{ "systemName": "Sku", "dataType": "STRING" }] }""", "definition.fieldDelimeter")]
    [InlineData("""{ "definition": { "fieldDelimeter": ";" } }""", "definition.fieldDelimeter")]
    [InlineData("""{ "definition": { "header": false } }""", "definition.columnCount")]
    [InlineData("[]", "$")]
    public async Task Every_fault_of_what_is_asked_is_told(string body, params string[] paths)
    {
        var upload = await UploadAsync(Csv);

        var problem = await server.RefusedAsync(HttpMethod.Post, $"/v1/EntityImport/uploads/{upload}/preview", HttpStatusCode.BadRequest, "validation", TestServer.Json(body));

        Assert.Equal(paths, problem.GetProperty("errors").EnumerateObject().Select(error => error.Name));
    }

    [Fact]
    public async Task A_file_that_does_not_fit_what_is_asked_is_told_as_the_import_would()
    {
        var upload = await UploadAsync(Csv);
        var path = $"/v1/EntityImport/uploads/{upload}/preview";

        var problem = await server.RefusedAsync(HttpMethod.Post, path, HttpStatusCode.BadRequest, "columns-mismatch", TestServer.Json("""{ "fields": [{ "systemName": "a", "dataType": "STRING" }] }"""));

        Assert.StartsWith("Line 1: no column has the name of a field", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        await server.RefusedAsync(HttpMethod.Post, "/v1/EntityImport/uploads/x/preview", HttpStatusCode.NotFound, "upload-not-found", TestServer.Json("{}"));
    }

    /// <summary>The charset that the file came with counts where nothing else is stated, as it does for the import.</summary>
    [Fact]
    public async Task A_preview_and_an_inference_read_what_was_uploaded_as_it_was_sent()
    {
        var content = new ByteArrayContent(Encoding.Latin1.GetBytes("Name\nMüller\n"));
        content.Headers.TryAddWithoutValidation("Content-Type", "text/csv; charset=windows-1252");
        var upload = (await server.SendAsync(HttpMethod.Post, "/v1/EntityImport/uploads", HttpStatusCode.Created, content)).GetProperty("uploadId").GetGuid();

        var preview = await server.Client.PreviewAsync(upload, new PreviewRequest(), Cancel);
        var stated = await server.Client.PreviewAsync(upload, new PreviewRequest { Definition = new ImportDefinition { Encoding = "windows-1251" } }, Cancel);
        var inferred = await server.SendAsync(HttpMethod.Post, $"/v1/LogicalEntity/infer?upload={upload}", HttpStatusCode.OK, TestServer.Json("{}"));

        Assert.Equal(["Müller"], preview.Rows.Select(row => row.Raw));
        Assert.Equal(["Mьller"], stated.Rows.Select(row => row.Raw));
        Assert.Contains("windows-1252", inferred.GetRawText(), StringComparison.OrdinalIgnoreCase);
        Assert.Contains("Müller", inferred.GetRawText(), StringComparison.Ordinal);
    }

    private Task<Guid> UploadAsync(string csv) => server.Client.UploadAsync(new MemoryStream(Encoding.UTF8.GetBytes(csv)), "products.csv", cancellationToken: Cancel);
}
