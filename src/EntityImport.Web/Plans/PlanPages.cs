using EntityImport.Api;
using EntityImport.Web.Reading;
using EntityImport.Web.Shared;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Primitives;

namespace EntityImport.Web.Plans;

/// <summary>What an import would do, before it does it.</summary>
internal static class PlanPages
{
    private const int Changes = 50;

    public static void Map(IEndpointRouteBuilder pages)
    {
        pages.Page("GET", "/plans/{planId}", async page =>
        {
            var id = page.Segment("planId");
            var plan = await page.Api.GetAsync<PlanDetails>($"/v1/EntityImport/plans/{id}");
            var changes = plan.Changes is null ? null : await page.Api.GetAsync<ChangePage>(Address.Of(
                $"/v1/EntityImport/plans/{id}/changes", ("kind", page.Query("kind")), ("field", page.Query("field")), ("limit", $"{Changes}"), ("cursor", page.Query("cursor"))));
            var rejected = plan.Plan is { State: ImportState.Succeeded, Ledger.Rejected: > 0 } ? await page.Api.GetAsync<ErrorPage>(Address.Of($"/v1/EntityImport/plans/{id}/errors", ("limit", "10"))) : null;
            await page.ShowAsync<PlanScreen>(new()
            {
                [nameof(PlanScreen.Details)] = plan,
                [nameof(PlanScreen.Changes)] = changes,
                [nameof(PlanScreen.Rejected)] = rejected,
            });
        });
        pages.Page("POST", "/plans/{planId}/apply", async page =>
        {
            var form = await page.ReadFormAsync();
            var reason = form["reason"].ToString() is { Length: > 0 } said ? said : null;
            var import = await page.Api.DoAsync<ImportCreated>(HttpMethods.Post, $"/v1/EntityImport/plans/{page.Segment("planId")}/apply", new PlanApplication(reason), Key(form));
            await page.GoAsync($"/imports/{import.ImportId}");
        });
        pages.Page("POST", "/plans/{planId}/cancel", async page =>
        {
            await page.Api.DoAsync<PlanCreated>(HttpMethods.Post, $"/v1/EntityImport/plans/{page.Segment("planId")}/cancel");
            await page.GoAsync($"/plans/{page.Segment("planId")}");
        });
        pages.Page("POST", "/plans/{planId}/again", async page =>
        {
            var plan = await page.Api.DoAsync<PlanDetails>(HttpMethods.Get, $"/v1/EntityImport/plans/{page.Segment("planId")}");
            var next = await page.Api.DoAsync<PlanCreated>(HttpMethods.Post, $"/v1/EntityImport/{plan.Plan.UploadId}/plan", key: Key(await page.ReadFormAsync()));
            await page.GoAsync(Address.With($"/plans/{next.PlanId}", StatedReading.Of(page.QueryAll).Query));
        });
        pages.Page("POST", "/plans/{planId}/delete", async page =>
        {
            // Back to what it was made from.
            var plan = await page.Api.DoAsync<PlanDetails>(HttpMethods.Get, $"/v1/EntityImport/plans/{page.Segment("planId")}");
            await page.Api.DoAsync<object>(HttpMethods.Delete, $"/v1/EntityImport/plans/{page.Segment("planId")}");
            await page.GoAsync(plan.Repairs is { } import ? $"/imports/{import}/repair" : BackTo($"/uploads/{plan.Plan.UploadId}/columns", plan.Plan.EntitySystemName, page.QueryAll));
        });
    }

    /// <summary>A page that the plan was made on, with what was said there as far as the plan's address tells.</summary>
    public static string BackTo(string path, string entity, IEnumerable<KeyValuePair<string, StringValues>> query)
    {
        var stated = StatedReading.Of(query);
        return Address.With(path, stated.Query, ("entity", stated.Made is null ? entity : null));
    }

    /// <summary>What makes a form that is sent twice one request.</summary>
    public static string? Key(IFormCollection form) => form["key"].ToString() is { Length: > 0 } key ? key : null;
}
