using EntityImport.Api;
using EntityImport.Web.Shared;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace EntityImport.Web.Access;

/// <summary>Who may do what, and who did what.</summary>
internal static class AccessPages
{
    public static void Map(IEndpointRouteBuilder pages)
    {
        pages.Page("GET", "/access", page => ShowAsync(page, created: null));
        pages.Page("POST", "/access/keys", async page =>
        {
            var form = await page.ReadFormAsync();
            // The key is told once, in this answer: no redirect comes between.
            await ShowAsync(page, await page.Api.DoAsync<ApiKeyCreated>(HttpMethods.Post, "/v1/keys", new NewApiKey { Name = form["name"].ToString(), Scopes = ScopesOf(form) }));
        });
        pages.Page("POST", "/access/keys/{keyId}/revoke", async page =>
        {
            await page.Api.DoAsync<object>(HttpMethods.Delete, $"/v1/keys/{page.Segment("keyId")}");
            await page.GoAsync("/access");
        });
        pages.Page("POST", "/access/links", async page =>
        {
            var form = await page.ReadFormAsync();
            // Like a key, a link is told once.
            await ShowAsync(page, created: null, await page.Api.DoAsync<SignInLink>(HttpMethods.Post, "/v1/sessions/links", new NewSignInLink { Name = form["name"].ToString(), Scopes = ScopesOf(form) }));
        });
        pages.Page("POST", "/access/sessions/{sessionId}/end", async page =>
        {
            await page.Api.DoAsync<object>(HttpMethods.Delete, $"/v1/sessions/{page.Segment("sessionId")}");
            await page.GoAsync("/access");
        });
        pages.Page("GET", "/audit", async page => await page.ShowAsync<AuditScreen>(new()
        {
            [nameof(AuditScreen.Audit)] = await page.Api.GetAsync<AuditPage>(Address.Of(
                "/v1/audit", ("entity", page.Query("entity")), ("subject", page.Query("subject")), ("result", page.Query("result")), ("since", page.Query("since")), ("until", page.Query("until")), ("limit", "100"), ("cursor", page.Query("cursor")))),
        }));
    }

    private static List<string> ScopesOf(IFormCollection form) =>
        [.. form["scope"].OfType<string>().Select(scope => form["entity"].ToString() is { Length: > 0 } entity ? $"{scope}:{entity}" : scope)];

    private static async Task ShowAsync(Page page, ApiKeyCreated? created, SignInLink? link = null) => await page.ShowAsync<AccessScreen>(new()
    {
        [nameof(AccessScreen.Me)] = await page.Api.GetAsync<Me>("/v1/me"),
        [nameof(AccessScreen.Keys)] = await page.Api.GetAsync<ApiKeyList>("/v1/keys"),
        [nameof(AccessScreen.Sessions)] = await page.Api.GetAsync<SessionList>("/v1/sessions"),
        [nameof(AccessScreen.Created)] = created,
        [nameof(AccessScreen.Link)] = link,
    });
}
