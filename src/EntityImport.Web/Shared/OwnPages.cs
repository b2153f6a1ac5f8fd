using EntityImport.Web.Calls;
using Microsoft.AspNetCore.Http;

namespace EntityImport.Web.Shared;

/// <summary>Which requests come from the service's own pages.</summary>
public static class OwnPages
{
    /// <summary>Whether a page of this server sent a request. Browsers say so; who says neither where it comes from nor is a browser has no use for a form.</summary>
    /// <param name="request">The request.</param>
    public static bool Sent(HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.HttpContext.Features.Get<CallOfPage>() is not null) return true;
        var site = request.Headers["Sec-Fetch-Site"];
        if (site.Count > 0) return site is ["same-origin"];
        return request.Headers.Origin is [var origin] && string.Equals(origin, $"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase);
    }
}
