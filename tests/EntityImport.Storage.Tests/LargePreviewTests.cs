using System.Globalization;
using System.Text;
using System.Text.Json;
using EntityImport.Access;
using EntityImport.Imports;
using Xunit;

namespace EntityImport.Storage.Tests;

/// <summary>Previews of files of more than is read for one.</summary>
public sealed class LargePreviewTests
{
    private const int Rows = 700_000;
    private const string Fields = """[{ "systemName": "id", "dataType": "INTEGER" }, { "systemName": "text", "dataType": "STRING" }]""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("UTF-8")]
    [InlineData("windows-1252")]
    public async Task Of_a_file_without_an_index_rows_near_its_beginning_are_shown(string encoding)
    {
        await using var engine = await Engine.StartAsync();
        var upload = await UploadAsync(engine, encoding);
        var definition = $$"""{ "encoding": "{{encoding}}", "fieldDelimiter": ";" }""";

        var preview = await PreviewAsync(engine, upload, definition, 300_000);
        Assert.Equal((null, true), (preview.Records, preview.HasMore));
        AssertRows(300_000, preview);
        var refused = await Assert.ThrowsAsync<RequestException>(() => PreviewAsync(engine, upload, definition, Rows));
        Assert.Equal((FaultKind.Invalid, "preview-too-far"), (refused.Kind, refused.Type));
    }

    [Fact]
    public async Task Once_it_is_bound_to_a_mapping_that_reads_it_alike_all_rows_are_shown()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("e", Fields);
        var upload = await UploadAsync(engine, "UTF-8");
        foreach (var delimiter in (string[])[",", ";"]) await engine.Import.Uploads.BindAsync(Request.Anonymous, upload, await engine.MapAsync("e", $$"""{ "fieldDelimiter": "{{delimiter}}", "fields": [{ "systemName": "id", "defaultValue": "1" }] }"""), Token);

        var preview = await PreviewAsync(engine, upload, """{ "fieldDelimiter": ";" }""", Rows - 1);

        Assert.Equal((Rows, false), (preview.Records, preview.HasMore));
        AssertRows(Rows - 1, preview);
        Assert.Equal("preview-too-far", (await Assert.ThrowsAsync<RequestException>(() => PreviewAsync(engine, upload, """{ "fieldDelimiter": ";", "skipLines": 1, "header": false, "columnCount": 2, "fields": [{ "systemName": "id", "csvColumnName": "1" }] }""", Rows))).Type);
    }

    private static void AssertRows(int from, Preview preview)
    {
        Assert.Equal([from, from + 1], preview.Rows.Select(row => int.Parse(row.Fields[0].Value!, CultureInfo.InvariantCulture)));
        Assert.All(preview.Rows, row => Assert.Equal((row.Row + 1, Text(row.Row)), (row.Line, row.Fields[1].Value)));
    }

    private static string Text(long row) => string.Create(CultureInfo.InvariantCulture, $"größer als {row} ist vieles, und dieser Text soll Platz nehmen, viel Platz, so viel, dass es für ihn allein nicht reicht");

    private static async Task<Guid> UploadAsync(Engine engine, string encoding)
    {
        var text = new StringBuilder("id;text\n");
        for (var row = 1; row <= Rows; row++) text.Append(CultureInfo.InvariantCulture, $"{row};{Text(row)}\n");
        var bytes = (encoding == "UTF-8" ? Encoding.UTF8 : Encoding.Latin1).GetBytes(text.ToString());
        Assert.True(bytes.Length > 70 << 20);
        return (await engine.Import.Uploads.ReceiveAsync(Request.Anonymous, mappingId: null, new MemoryStream(bytes), "a.csv", charset: null, Token))!.Id;
    }

    private static async Task<Preview> PreviewAsync(Engine engine, Guid upload, string definition, int from)
    {
        using var document = JsonDocument.Parse($$"""{ "definition": {{definition}}, "fields": {{Fields}}, "from": {{from}}, "rows": 2 }""");
        return (await engine.Import.Previews.ReadAsync(Request.Anonymous, upload, document.RootElement, Token))!;
    }
}
