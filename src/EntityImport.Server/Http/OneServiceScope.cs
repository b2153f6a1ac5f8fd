using Microsoft.AspNetCore.Http.Features;

namespace EntityImport.Server.Http;

/// <summary>The services of every request: those of the server. There are none that live as long as a request, so that no scope has to be made for each.</summary>
internal sealed class OneServiceScope(RequestDelegate next, IServiceProvider services) : IServiceProvidersFeature
{
    public IServiceProvider RequestServices { get; set; } = services;

    public Task InvokeAsync(HttpContext context)
    {
        context.Features.Set<IServiceProvidersFeature>(this);
        return next(context);
    }
}
