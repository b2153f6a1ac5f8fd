using EntityImport.Api;
using EntityImport.Web.Calls;
using EntityImport.Web.Shared;
using Microsoft.AspNetCore.Routing;

namespace EntityImport.Web.Operations;

/// <summary>For operators: what waits, how the service is, and what takes how much space.</summary>
internal static class OperationsPages
{
    public static void Map(IEndpointRouteBuilder pages) => pages.Page("GET", "/operations", async page =>
    {
        Problem? health = null;
        try
        {
            await page.Api.GetAsync<Health>("/health/ready");
        }
        catch (ApiRefusedException refused)
        {
            health = refused.Problem;
        }

        await page.ShowAsync<OperationsScreen>(new()
        {
            [nameof(OperationsScreen.Health)] = health,
            [nameof(OperationsScreen.Queue)] = await page.Api.GetAsync<ImportQueue>("/v1/operations/queue"),
            [nameof(OperationsScreen.Storage)] = await page.Api.GetAsync<StorageUse>("/v1/operations/storage"),
            [nameof(OperationsScreen.Me)] = await page.Api.GetAsync<Me>("/v1/me"),
        });
    });
}
