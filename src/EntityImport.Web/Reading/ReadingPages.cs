using System.Text.Json.Nodes;
using EntityImport.Api;
using EntityImport.Web.Calls;
using EntityImport.Web.Shared;
using Microsoft.AspNetCore.Routing;

namespace EntityImport.Web.Reading;

/// <summary>How a file was read, before anything is done with it.</summary>
internal static class ReadingPages
{
    private const int Rows = 12;

    public static void Map(IEndpointRouteBuilder pages) => pages.Page("GET", "/uploads/{uploadId}", async page =>
    {
        var id = page.Segment("uploadId");
        var upload = await page.Api.GetAsync<UploadDetails>($"/v1/EntityImport/uploads/{id}");
        var stated = StatedReading.Of(page.QueryAll);
        if (!upload.IsComplete || upload.ExpiredDate is not null)
        {
            await page.ShowAsync<ArrivingScreen>(new() { [nameof(ArrivingScreen.Upload)] = upload });
            return;
        }

        var entities = await page.Api.GetAsync<Entity[]>("/v1/LogicalEntity");
        InferredSchema? schema = null;
        FilePreview? preview = null;
        Problem? problem = null;
        var from = int.TryParse(page.Query("from"), System.Globalization.CultureInfo.InvariantCulture, out var row) && row > 0 ? row : 1;
        try
        {
            schema = await InferAsync(page, id, stated);
            preview = await page.Api.AskAsync<FilePreview>($"/v1/EntityImport/uploads/{id}/preview", PreviewOf(schema, stated.Entity, from, Rows));
        }
        catch (ApiRefusedException refused)
        {
            problem = refused.Problem;
        }

        await page.ShowAsync<ReadingScreen>(new()
        {
            [nameof(ReadingScreen.Upload)] = upload,
            [nameof(ReadingScreen.Stated)] = stated,
            [nameof(ReadingScreen.Entities)] = entities,
            [nameof(ReadingScreen.Schema)] = schema,
            [nameof(ReadingScreen.Preview)] = preview,
            [nameof(ReadingScreen.Problem)] = problem,
            [nameof(ReadingScreen.From)] = from,
        });
    });

    /// <summary>What is found out about a file, with what is said of it.</summary>
    public static Task<InferredSchema> InferAsync(Page page, string uploadId, StatedReading stated) => page.Api.AskAsync<InferredSchema>(
        Address.Of("/v1/LogicalEntity/infer", ("upload", uploadId), ("entity", stated.Entity)), new JsonObject { ["definition"] = stated.Definition.DeepClone() });

    private static JsonObject PreviewOf(InferredSchema schema, string? entity, int from, int rows)
    {
        var request = new JsonObject { ["definition"] = JsonNode.Parse(schema.Mapping.GetProperty("definition").GetRawText()), ["from"] = from, ["rows"] = rows };
        if (entity is not null) request["entity"] = entity;
        else request["fields"] = new JsonArray([.. schema.Entity.Fields.Select(field => System.Text.Json.JsonSerializer.SerializeToNode(field, ApiJson.Requests))]);
        return request;
    }
}
