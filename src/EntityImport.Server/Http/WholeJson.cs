using System.Reflection;
using System.Text.Json;
using EntityImport.Api;
using Microsoft.AspNetCore.Http.Metadata;

namespace EntityImport.Server.Http;

/// <summary>A short answer of 200, written at once and with its length: status polls are most of what a service is asked, and the framework's own results take half as long again.</summary>
/// <param name="value">What is answered.</param>
internal sealed class WholeJson<T>(T value) : IResult, IEndpointMetadataProvider
{
    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(T), ["application/json"]));

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(value, ApiJson.Options);
        var response = httpContext.Response;
        response.ContentType = "application/json; charset=utf-8";
        response.ContentLength = body.Length;
        return response.Body.WriteAsync(body, httpContext.RequestAborted).AsTask();
    }
}
