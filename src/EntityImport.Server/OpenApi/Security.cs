using System.Globalization;
using EntityImport.Access;
using EntityImport.Api;
using EntityImport.Server.Access;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace EntityImport.Server.OpenApi;

/// <summary>Describes in the API document who may call: which credentials there are, and what each call needs. Which of them a service takes is configured.</summary>
internal static class Security
{
    private static readonly int[] Refusals = [StatusCodes.Status401Unauthorized, StatusCodes.Status403Forbidden, StatusCodes.Status429TooManyRequests, StatusCodes.Status503ServiceUnavailable];

    private static readonly (string Name, OpenApiSecurityScheme Scheme)[] Schemes =
    [
        ("apiKey", new OpenApiSecurityScheme { Type = SecuritySchemeType.ApiKey, In = ParameterLocation.Header, Name = Credentials.ApiKeyHeader, Description = "An API key: `eis_…`." }),
        ("bearer", new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "An API key, or a token (JWT) of a configured issuer." }),
        ("salesforce", new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.ApiKey,
            In = ParameterLocation.Header,
            Name = "Authorization",
            Description = "`OAuth` and the base64 of Salesforce's whole token response; `X-Forwarded-Host` names the environment.",
        }),
    ];

    /// <summary>Describes the credentials. A service on loopback may ask for none.</summary>
    public static void Describe(OpenApiDocument document)
    {
        foreach (var (name, scheme) in Schemes) document.AddComponent<IOpenApiSecurityScheme>(name, scheme);
        document.Security = [new OpenApiSecurityRequirement(), .. Schemes.Select(scheme => new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(scheme.Name, document)] = [] })];
    }

    /// <summary>Describes what a call needs, and how it is refused without it.</summary>
    public static async Task Describe(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        if (context.Description.ActionDescriptor.EndpointMetadata.OfType<NeededScope>().SingleOrDefault() is not { } needed) return;
        var scopes = string.Join(" or ", ((ScopeSet)needed.AnyOf).ToTexts().Select(scope => $"`{scope}`"));
        operation.Description = string.Join("\n\n", new[] { operation.Description, $"Needs the scope {scopes}." }.Where(text => !string.IsNullOrEmpty(text)));
        var problem = await context.GetOrCreateSchemaAsync(typeof(Problem), null, cancellationToken);
        context.Document!.AddComponent<IOpenApiSchema>(nameof(Problem), problem);
        operation.Responses ??= [];
        foreach (var status in Refusals)
        {
            operation.Responses.TryAdd(status.ToString(CultureInfo.InvariantCulture), new OpenApiResponse
            {
                Description = OperationDescriptions.Meaning(status),
                Content = new Dictionary<string, OpenApiMediaType> { [Problem.MediaType] = new() { Schema = new OpenApiSchemaReference(nameof(Problem), context.Document) } },
            });
        }
    }
}
