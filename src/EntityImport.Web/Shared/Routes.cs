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
        if (!HttpMethods.IsGet(method) && !IsOwnForm(context.Request))
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
        catch (ApiRefusedException refused)
        {
            if (refused.RetryAfter is { } seconds) context.Response.Headers.RetryAfter = seconds;
            await page.ShowAsync(refused.Problem);
        }
    });

    public static Page PageOf(HttpContext context) => new(context, new OwnApi(context.Features.Get<ApiOfPages>()!.Pipeline, context));

    /// <summary>Whether a form comes from a page of this server. Browsers say so; who says neither where it comes from nor is a browser has no use for a form.</summary>
    private static bool IsOwnForm(HttpRequest request)
    {
        var site = request.Headers["Sec-Fetch-Site"];
        if (site.Count > 0) return site is ["same-origin"];
        return request.Headers.Origin is [var origin] && string.Equals(origin, $"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase);
    }
}
