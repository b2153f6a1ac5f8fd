using System.Text.Json;
using System.Text.Json.Nodes;
using EntityImport.Api;
using EntityImport.Web.Calls;
using EntityImport.Web.Shared;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace EntityImport.Web.Reading;

/// <summary>How a file was read, before anything is done with it.</summary>
internal static class ReadingPages
{
    private const int Rows = 12;

    public static void Map(IEndpointRouteBuilder pages)
    {
        pages.Page("GET", "/uploads/{uploadId}", page => ShowAsync(page, refused: null));
        // Where a reload or a link of what was refused leads.
        pages.Page("GET", "/uploads/{uploadId}/again", page => page.GoAsync(Address.With($"/uploads/{page.Segment("uploadId")}", page.QueryAll)));
        pages.Page("POST", "/uploads/{uploadId}/again", async page =>
        {
            try
            {
                await page.GoAsync(await PlanAgainAsync(page, (await page.ReadFormAsync())["mapping"].ToString()));
            }
            catch (ApiRefusedException refused)
            {
                await ShowAsync(page, refused.Problem);
            }
        });
    }

    /// <summary>What is found out about a file, with what is said of it.</summary>
    public static Task<InferredSchema> InferAsync(Page page, string uploadId, StatedReading stated) => page.Api.AskAsync<InferredSchema>(
        Address.Of("/v1/LogicalEntity/infer", ("upload", uploadId), ("entity", stated.Entity)), new JsonObject { ["definition"] = stated.Definition.DeepClone() });

    private static async Task ShowAsync(Page page, Problem? refused)
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
        StoredMapping? known = null;
        var problem = refused;
        var from = int.TryParse(page.Query("from"), System.Globalization.CultureInfo.InvariantCulture, out var row) && row > 0 ? row : 1;
        try
        {
            schema = await InferAsync(page, id, stated);
            known = await FindKnownAsync(page, schema, stated, entities);
            preview = await page.Api.AskAsync<FilePreview>($"/v1/EntityImport/uploads/{id}/preview", PreviewOf(schema, stated.Entity, from, Rows));
        }
        catch (ApiRefusedException unread)
        {
            problem ??= unread.Problem;
        }

        await page.ShowAsync<ReadingScreen>(new()
        {
            [nameof(ReadingScreen.Upload)] = upload,
            [nameof(ReadingScreen.Stated)] = stated,
            [nameof(ReadingScreen.Entities)] = entities,
            [nameof(ReadingScreen.Schema)] = schema,
            [nameof(ReadingScreen.Preview)] = preview,
            [nameof(ReadingScreen.Known)] = known,
            [nameof(ReadingScreen.Problem)] = problem,
            [nameof(ReadingScreen.From)] = from,
        }, refused?.Status ?? StatusCodes.Status200OK);
    }

    /// <summary>The mapping by which a file with these columns was brought in last; null where there is none, it was changed since, something was said of the file, or its columns have no names to know them by.</summary>
    private static async Task<StoredMapping?> FindKnownAsync(Page page, InferredSchema schema, StatedReading stated, Entity[] entities)
    {
        if (stated.Entity is not null || stated.Made is not null || stated.Definition.Count > 0) return null;
        if (schema.Mapping.GetProperty("definition").TryGetProperty("header", out var header) && header.ValueKind == JsonValueKind.False) return null;
        var known = await page.Api.GetAsync<MappingPage>(Address.Of("/v1/EntityImport/mappings", ("headerSha256", schema.HeaderSha256), ("limit", "20")));
        return known.Mappings.FirstOrDefault(mapping => mapping.LastUse!.Revision == mapping.Revision && entities.Any(entity => entity.SystemName == mapping.EntitySystemName));
    }

    /// <summary>Binds the file to a mapping that there is, and asks for the plan; answers its address.</summary>
    private static async Task<string> PlanAgainAsync(Page page, string mappingId)
    {
        var id = page.Segment("uploadId");
        // What is no id is that of no mapping, which is refused.
        _ = Guid.TryParse(mappingId, out var mapping);
        await page.Api.DoAsync<UploadDetails>(HttpMethods.Put, $"/v1/EntityImport/uploads/{id}/mapping", new UploadBinding(mapping));
        var plan = await page.Api.DoAsync<PlanCreated>(HttpMethods.Post, $"/v1/EntityImport/{id}/plan");
        return $"/plans/{plan.PlanId}";
    }

    private static JsonObject PreviewOf(InferredSchema schema, string? entity, int from, int rows)
    {
        var request = new JsonObject { ["definition"] = JsonNode.Parse(schema.Mapping.GetProperty("definition").GetRawText()), ["from"] = from, ["rows"] = rows };
        if (entity is not null) request["entity"] = entity;
        else request["fields"] = new JsonArray([.. schema.Entity.Fields.Select(field => JsonSerializer.SerializeToNode(field, ApiJson.Requests))]);
        return request;
    }
}
