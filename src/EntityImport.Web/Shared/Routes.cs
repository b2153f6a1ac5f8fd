using EntityImport.Web.Calls;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace EntityImport.Web.Shared;

/// <summary>How pages are mapped: what the API refuses becomes a page of its own, and forms are taken from pages of this server alone.</summary>
internal static class Routes
{
    public static void Page(this IEndpointRouteBuilder routes, string method, string pattern, Func<Page, Task> answer) => routes.MapMethods(pattern, [method], async context =>
    {
        var page = PageOf(context);
        if (!HttpMethods.IsGet(method) && !OwnPages.Sent(context.Request))
        {
            await page.ShowAsync(new Api.Problem
            {
                Type = "urn:eis:problem:cross-site-request",
                Title = "Cross site request",
                Status = StatusCodes.Status403Forbidden,
                Detail = "Forms are taken from this service's own pages alone. Nothing was changed.",
                Instance = "",
            });
            return;
        }

        try
        {
            await answer(page);
        }
        catch (ApiRefusedException refused) when (refused.Problem.Status == StatusCodes.Status401Unauthorized && HttpMethods.IsGet(method) && !page.ShowsCredential)
        {
            await page.GoAsync(Address.Of("/sign-in", ("back", page.Address)));
        }
        catch (ApiRefusedException refused)
        {
            if (refused.RetryAfter is { } seconds) context.Response.Headers.RetryAfter = seconds;
            await page.ShowAsync(refused.Problem);
        }
    });

    public static Page PageOf(HttpContext context) => new(context, new OwnApi(context.Features.Get<ApiOfPages>()!.Pipeline, context));
}
