using EntityImport.Web.Calls;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace EntityImport.Web.Shared;

/// <summary>How pages are mapped: what the API refuses becomes a page of its own, and forms are taken from pages of this server alone.</summary>
internal static class Routes
{
    public static void Page(this IEndpointRouteBuilder routes, string method, string pattern, Func<Page, Task> answer)
    {
        // Who reloads what a form was answered with, or has kept its address, is led to the page that the form is on.
        if (HttpMethods.IsPost(method)) routes.MapGet(pattern, context => PageOf(context).GoAsync(Above(routes, pattern, context.Request.Path))).WithOrder(1);
        routes.MapMethods(pattern, [method], context => AnswerAsync(context, method, answer));
    }

    public static Page PageOf(HttpContext context) => new(context, new OwnApi(context.Features.Get<ApiOfPages>()!.Pipeline, context));

    /// <summary>The nearest page above a path that is shown.</summary>
    private static string Above(IEndpointRouteBuilder routes, string pattern, PathString path)
    {
        var shown = routes.DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Order == 0 && endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods.Contains(HttpMethods.Get) == true)
            .Select(endpoint => endpoint.RoutePattern.RawText!).ToHashSet(StringComparer.Ordinal);
        var segments = path.Value!.Split('/');
        for (var count = segments.Length - 1; count > 1; count--)
            if (shown.Contains(string.Join('/', pattern.Split('/').Take(count)))) return string.Join('/', segments.Take(count).Select(Uri.EscapeDataString));
        return "/";
    }

    private static async Task AnswerAsync(HttpContext context, string method, Func<Page, Task> answer)
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
    }
}
