using System.Globalization;
using EntityImport.Api;
using EntityImport.Web.Calls;
using EntityImport.Web.Plans;
using EntityImport.Web.Shared;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace EntityImport.Web.Imports;

/// <summary>Imports: the list of them, each while it runs and after, its receipt, and how it is taken back.</summary>
internal static class ImportPages
{
    /// <summary>Entities whose last imports are drawn on one page.</summary>
    private const int MostCharted = 4;

    public static void Map(IEndpointRouteBuilder pages)
    {
        pages.Page("GET", "/imports", async page =>
        {
            var imports = await page.Api.GetAsync<ImportPage>(Address.Of(
                "/v1/EntityImport/imports", ("entity", page.Query("entity")), ("status", page.Query("status")), ("file", page.Query("q")), ("invokedBy", page.Query("by")),
                ("since", page.Query("since")), ("until", DayBehind(page.Query("until"))), ("limit", "50"), ("cursor", page.Query("cursor"))));
            var entities = await page.Api.GetAsync<Entity[]>("/v1/LogicalEntity");
            // An import outlives its entity.
            var charted = imports.Imports.Select(import => import.EntitySystemName).Distinct().Where(name => entities.Any(entity => entity.SystemName == name)).Take(MostCharted);
            var statistics = new List<EntityStatistics>();
            foreach (var name in charted) statistics.Add(await page.Api.GetAsync<EntityStatistics>($"/v1/LogicalEntity/{Uri.EscapeDataString(name)}/statistics"));
            await page.ShowAsync<ImportListScreen>(new()
            {
                [nameof(ImportListScreen.Imports)] = imports,
                [nameof(ImportListScreen.Entities)] = entities,
                [nameof(ImportListScreen.Statistics)] = statistics,
            });
        });
        pages.Page("GET", "/imports/{importId}", async page =>
        {
            var id = page.Segment("importId");
            var import = await page.Api.GetAsync<ImportDetails>($"/v1/EntityImport/imports/{id}");
            var hasRejected = import is { Ledger.Rejected: > 0, StopDate: not null };
            await page.ShowAsync<ImportScreen>(new()
            {
                [nameof(ImportScreen.Import)] = import,
                [nameof(ImportScreen.Timeline)] = (await page.Api.GetAsync<ImportTimeline>($"/v1/EntityImport/imports/{id}/timeline")).Points,
                [nameof(ImportScreen.Rejected)] = hasRejected ? await TryAsync(() => page.Api.GetAsync<ErrorPage>(Address.Of($"/v1/EntityImport/imports/{id}/errors", ("limit", "20"), ("cursor", page.Query("cursor"))))) : null,
                [nameof(ImportScreen.Changes)] = import.State == ImportState.Succeeded && !import.DryRun
                    ? await TryAsync(() => page.Api.GetAsync<ChangePage>(Address.Of($"/v1/EntityImport/imports/{id}/changes", ("limit", "10")))) : null,
            });
        });
        pages.Page("GET", "/imports/{importId}/receipt", async page => await page.ShowAsync<ReceiptScreen>(new()
        {
            [nameof(ReceiptScreen.Import)] = await page.Api.GetAsync<ImportDetails>($"/v1/EntityImport/imports/{page.Segment("importId")}"),
        }));
        pages.Page("GET", "/imports/{importId}/undo", async page =>
        {
            var id = page.Segment("importId");
            await page.ShowAsync<UndoScreen>(new()
            {
                [nameof(UndoScreen.Import)] = await page.Api.GetAsync<ImportDetails>($"/v1/EntityImport/imports/{id}"),
                [nameof(UndoScreen.Preview)] = await page.Api.AskAsync<UndoPreview>($"/v1/EntityImport/imports/{id}/undo?preview=true", new { }),
            });
        });
        pages.Page("POST", "/imports/{importId}/undo", async page =>
        {
            var undo = await page.Api.DoAsync<ImportCreated>(HttpMethods.Post, $"/v1/EntityImport/imports/{page.Segment("importId")}/undo", key: PlanPages.Key(await page.ReadFormAsync()));
            await page.GoAsync($"/imports/{undo.ImportId}");
        });
        pages.Page("POST", "/imports/{importId}/cancel", async page =>
        {
            await page.Api.DoAsync<ImportCreated>(HttpMethods.Post, $"/v1/EntityImport/imports/{page.Segment("importId")}/cancel");
            await page.GoAsync($"/imports/{page.Segment("importId")}");
        });
    }

    /// <summary>The day after one, as that is taken in; what is no day as it is, for the API to refuse.</summary>
    private static string? DayBehind(string? day) =>
        DateOnly.TryParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var last) && last < DateOnly.MaxValue ? last.AddDays(1).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) : day;

    /// <summary>A part of a page that may be gone, whose time is over, while the rest is there.</summary>
    private static async Task<T?> TryAsync<T>(Func<Task<T>> read) where T : class
    {
        try
        {
            return await read();
        }
        catch (ApiRefusedException refused) when (refused.Problem.Status is 403 or 404 or 409 or 410)
        {
            return null;
        }
    }
}
