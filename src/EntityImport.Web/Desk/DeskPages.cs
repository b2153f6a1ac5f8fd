using EntityImport.Api;
using EntityImport.Web.Assets;
using EntityImport.Web.Shared;
using Microsoft.AspNetCore.Routing;

namespace EntityImport.Web.Desk;

/// <summary>The desk: where files are dropped, and what waits for somebody.</summary>
internal static class DeskPages
{
    private const int Latest = 12;

    /// <summary>Imports whose rejected rows the desk looks after.</summary>
    private const int MostRejecting = 5;

    public static void Map(IEndpointRouteBuilder pages)
    {
        pages.Page("GET", "/", async page =>
        {
            var imports = await page.Api.GetAsync<ImportPage>(Address.Of("/v1/EntityImport/imports", ("limit", $"{Latest}")));
            var rejecting = new List<ImportDetails>();
            foreach (var import in imports.Imports.Where(import => import is { State: ImportState.Succeeded, DryRun: false, Ledger.Rejected: > 0 }).Take(MostRejecting))
                rejecting.Add(await page.Api.GetAsync<ImportDetails>($"/v1/EntityImport/imports/{import.ImportId}"));
            await page.ShowAsync<DeskScreen>(new()
            {
                [nameof(DeskScreen.Imports)] = imports,
                [nameof(DeskScreen.Rejecting)] = rejecting,
                [nameof(DeskScreen.Plans)] = await page.Api.GetAsync<PlanPage>(Address.Of("/v1/EntityImport/plans", ("limit", "20"))),
                [nameof(DeskScreen.Uploads)] = await page.Api.GetAsync<UploadPage>(Address.Of("/v1/EntityImport/uploads", ("limit", "20"))),
                [nameof(DeskScreen.Entities)] = await page.Api.GetAsync<Entity[]>("/v1/LogicalEntity"),
            });
        });
        pages.Page("POST", "/uploads", async page =>
        {
            page.LiftLimits();
            var upload = await page.Api.ForwardAsync<UploadCreated>("/v1/EntityImport/uploads");
            await page.GoAsync($"/uploads/{upload.UploadId}");
        });
        pages.Page("POST", "/samples/{name}", async page =>
        {
            if (AssetFiles.Find(page.Route("name")) is not { } sample || !page.Route("name").EndsWith(".csv", StringComparison.Ordinal))
            {
                await page.GoAsync("/");
                return;
            }

            var upload = await page.Api.SendFileAsync<UploadCreated>("/v1/EntityImport/uploads", page.Route("name"), sample);
            await page.GoAsync($"/uploads/{upload.UploadId}");
        });
    }
}
