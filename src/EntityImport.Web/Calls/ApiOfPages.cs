using Microsoft.AspNetCore.Http;

namespace EntityImport.Web.Calls;

/// <summary>Where pages call the API, in the request that they answer.</summary>
/// <param name="Pipeline">The server behind the point where pages begin.</param>
internal sealed record ApiOfPages(RequestDelegate Pipeline);
