using EntityImport.Api;
using EntityImport.Web.Access;
using EntityImport.Web.Assets;
using EntityImport.Web.Calls;
using EntityImport.Web.Columns;
using EntityImport.Web.Desk;
using EntityImport.Web.Entities;
using EntityImport.Web.Imports;
using EntityImport.Web.Operations;
using EntityImport.Web.Plans;
using EntityImport.Web.Reading;
using EntityImport.Web.Repairs;
using EntityImport.Web.Shared;
using EntityImport.Web.SignIn;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace EntityImport.Web;

/// <summary>The pages of the service. They answer from the API of the server that they are in, and from nothing else.</summary>
public static class WebPages
{
    /// <summary>Lets the pages call whatever follows in the pipeline. It comes before anything that asks callers who they are.</summary>
    /// <param name="app">The server.</param>
    public static void UsePages(this IApplicationBuilder app)
    {
        ArgumentNullException.ThrowIfNull(app);
        app.Use(next => context =>
        {
            context.Features.Set(new ApiOfPages(next));
            return next(context);
        });
    }

    /// <summary>Maps all pages, and what they are made of.</summary>
    /// <param name="routes">The server's routes.</param>
    /// <returns>The pages, for what holds for all of them.</returns>
    public static RouteGroupBuilder MapPages(this IEndpointRouteBuilder routes)
    {
        ArgumentNullException.ThrowIfNull(routes);
        var pages = routes.MapGroup("");
        pages.MapGet("/assets/{name}", AssetFiles.SendAsync);
        pages.Page("POST", "/theme", async page =>
        {
            var form = await page.ReadFormAsync();
            page.SetTheme(form["theme"].ToString() is "light" or "dark" ? form["theme"].ToString() : null);
            await page.GoAsync(LocalPath.Of(form["back"]));
        });
        DeskPages.Map(pages);
        ReadingPages.Map(pages);
        ColumnsPages.Map(pages);
        PlanPages.Map(pages);
        ImportPages.Map(pages);
        RepairPages.Map(pages);
        EntityPages.Map(pages);
        OperationsPages.Map(pages);
        AccessPages.Map(pages);
        SignInPages.Map(pages);
        return pages;
    }

    /// <summary>Answers browsers with a page where there is nothing. It comes after routing.</summary>
    /// <param name="app">The server.</param>
    public static void UsePageNotFound(this IApplicationBuilder app)
    {
        ArgumentNullException.ThrowIfNull(app);
        app.Use(next => context =>
        {
            var request = context.Request;
            if (context.GetEndpoint() is not null || !HttpMethods.IsGet(request.Method) || request.Path.StartsWithSegments("/v1", StringComparison.OrdinalIgnoreCase) || !request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase))
                return next(context);
            return Routes.PageOf(context).ShowAsync(new Problem
            {
                Type = "urn:eis:problem:not-found",
                Title = "Not found",
                Status = StatusCodes.Status404NotFound,
                Detail = "There is no page at this address. It may have been mistyped, or what it was about has been deleted.",
                Instance = "",
            });
        });
    }
}
