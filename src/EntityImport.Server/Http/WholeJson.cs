using System.Reflection;
using System.Text.Json;
using EntityImport.Api;
using Microsoft.AspNetCore.Http.Metadata;

namespace EntityImport.Server.Http;

/// <summary>A short answer of 200, written at once and with its length: status polls are most of what a service is asked, and the framework's own results take half as long again.</summary>
/// <typeparam name="T">What is answered.</typeparam>
/// <param name="body">The answer as JSON, which is sent as often as it is asked for.</param>
internal sealed class WholeJson<T>(byte[] body) : IResult, IEndpointMetadataProvider
{
    /// <summary>The answer that tells a value.</summary>
    public static WholeJson<T> Of(T value) => new(JsonSerializer.SerializeToUtf8Bytes(value, ApiJson.Options));

    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(T), ["application/json"]));

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.ContentType = "application/json; charset=utf-8";
        response.ContentLength = body.Length;
        return response.Body.WriteAsync(body, 0, body.Length, httpContext.RequestAborted);
    }
}
