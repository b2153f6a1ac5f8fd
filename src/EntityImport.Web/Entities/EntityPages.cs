using System.Text.Json;
using EntityImport.Api;
using EntityImport.Web.Calls;
using EntityImport.Web.Shared;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace EntityImport.Web.Entities;

/// <summary>Entities: their records, their fields, what happened to them, and the story of each record.</summary>
internal static class EntityPages
{
    private const int Records = 50;

    public static void Map(IEndpointRouteBuilder pages)
    {
        pages.Page("GET", "/entities", async page => await page.ShowAsync<EntityListScreen>(new()
        {
            [nameof(EntityListScreen.Entities)] = await page.Api.GetAsync<Entity[]>("/v1/LogicalEntity"),
        }));
        pages.Page("GET", "/entities/{entity}", async page =>
        {
            var entity = await page.Api.GetAsync<Entity>($"/v1/LogicalEntity/{page.Segment("entity")}");
            var skip = long.TryParse(page.Query("skip"), System.Globalization.CultureInfo.InvariantCulture, out var passed) && passed > 0 ? passed : 0;
            (JsonElement[] Answer, long? Total) records = ([], null);
            Problem? problem = null;
            var sought = page.Query("find") is { } find && !string.IsNullOrWhiteSpace(find) ? find : null;
            var condition = sought is null ? null : Find.ConditionOf(entity, sought);
            if (condition is not null && page.Query("filter") is { Length: > 0 } filter) condition = $"({filter}) and ({condition})";
            try
            {
                // What no field can hold is not looked for.
                if (sought is null || condition is not null) records = await page.Api.GetCountedAsync<JsonElement[]>(Address.Of(
                    $"/v1/LogicalEntityData/{page.Segment("entity")}", ("$filter", condition ?? page.Query("filter")), ("$orderby", page.Query("orderby") ?? OrderOf(entity)), ("$top", $"{Records}"), ("$skip", skip == 0 ? null : $"{skip}"), ("$count", "true")));
            }
            catch (ApiRefusedException refused) when (refused.Problem.Status == StatusCodes.Status400BadRequest)
            {
                problem = refused.Problem;
            }

            await page.ShowAsync<EntityScreen>(new()
            {
                [nameof(EntityScreen.Entity)] = entity,
                [nameof(EntityScreen.Records)] = records.Answer,
                [nameof(EntityScreen.Total)] = records.Total,
                [nameof(EntityScreen.Skip)] = skip,
                [nameof(EntityScreen.Problem)] = problem,
                [nameof(EntityScreen.Imports)] = await page.Api.GetAsync<ImportPage>(Address.Of("/v1/EntityImport/imports", ("entity", entity.SystemName), ("limit", "20"))),
                [nameof(EntityScreen.Mappings)] = (await page.Api.GetAsync<MappingPage>(Address.Of("/v1/EntityImport/mappings", ("entity", entity.SystemName), ("limit", "10")))).Mappings,
                [nameof(EntityScreen.Guards)] = await GuardsAsync(page),
            });
        });
        pages.Page("GET", "/entities/{entity}/record", async page =>
        {
            var entity = await page.Api.GetAsync<Entity>($"/v1/LogicalEntity/{page.Segment("entity")}");
            var keys = string.Concat(page.QueryAll["key"].Select(key => $"key={Uri.EscapeDataString(key ?? "")}&"));
            await page.ShowAsync<RecordScreen>(new()
            {
                [nameof(RecordScreen.Entity)] = entity,
                [nameof(RecordScreen.Key)] = (IReadOnlyList<string>)[.. page.QueryAll["key"].Select(key => key ?? "")],
                [nameof(RecordScreen.Story)] = await page.Api.GetAsync<RecordHistory>($"/v1/LogicalEntityData/{page.Segment("entity")}/history?{keys}rows={(page.Query("rows") is null ? "false" : "true")}"),
            });
        });
        pages.Page("GET", "/entities/{entity}/delete", async page =>
        {
            var (_, total) = await page.Api.GetCountedAsync<JsonElement[]>(Address.Of($"/v1/LogicalEntityData/{page.Segment("entity")}", ("$top", "1"), ("$count", "true")));
            await page.ShowAsync<DeleteScreen>(new() { [nameof(DeleteScreen.Name)] = page.Route("entity"), [nameof(DeleteScreen.Records)] = total ?? 0 });
        });
        pages.Page("POST", "/entities/{entity}/delete", async page =>
        {
            if ((await page.ReadFormAsync())["name"].ToString() != page.Route("entity"))
            {
                await page.GoAsync($"/entities/{page.Segment("entity")}/delete?wrong=1");
                return;
            }

            await page.Api.DoAsync<object>(HttpMethods.Delete, $"/v1/LogicalEntity/{page.Segment("entity")}?force=true");
            await page.GoAsync("/entities");
        });
    }

    /// <summary>Records in the order of their key, so that pages follow one another.</summary>
    private static string? OrderOf(Entity entity) => string.Join(',', entity.Fields.Where(field => field.PrimaryKey).Select(field => field.SystemName)) is { Length: > 0 } key ? key : null;

    private static async Task<EntityGuards?> GuardsAsync(Page page)
    {
        try
        {
            return await page.Api.GetAsync<EntityGuards>($"/v1/LogicalEntity/{page.Segment("entity")}/guards");
        }
        catch (ApiRefusedException refused) when (refused.Problem.Status is StatusCodes.Status404NotFound or StatusCodes.Status403Forbidden)
        {
            return null;
        }
    }
}
