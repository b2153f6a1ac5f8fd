using System.Text.Json.Serialization;
using EntityImport.Server.Access;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Scalar.AspNetCore;

namespace EntityImport.Server.OpenApi;

/// <summary>The API's description: the OpenAPI document, and a page that shows it.</summary>
internal static class ApiDocument
{
    private const string Introduction = """
        Brings the rows of CSV files into typed entities: atomically, and with every row accounted for.

        1. Declare an **entity** (`PUT /v1/LogicalEntity/{systemName}`).
        2. Create a **mapping** for it (`POST /v1/EntityImport`).
        3. **Upload** a file (`POST /v1/EntityImport/{mappingId}/upload`).
        4. **Import** it (`POST /v1/EntityImport/{uploadId}/import`).
        5. Poll its **status** until it is no longer RUNNING, then read its **report** and, if rows failed, the **error file**.

        Ids are lower-case UUIDs. Times are UTC. Errors are problems as in RFC 9457, with a stable `type`.
        """;

    /// <summary>The page brings its script along; nothing on it may call another host.</summary>
    private const string OwnHostOnly =
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; " +
        "img-src 'self' data:; font-src 'self' data:; worker-src 'self' blob:; connect-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'";

    /// <summary>The page's maker puts links to itself at its end, which no option takes away. What leads to a host, rather than to a path of this one, is not shown.</summary>
    private const string WithoutForeignLinks = "a[href^='http:'], a[href^='https:'], a[href^='//'] { display: none !important; }";

    private static readonly (string Name, string Description)[] Tags =
    [
        ("Entities", "What records are: named fields with types, and a key."),
        ("Mappings", "How a file is written, and which of its columns go into which fields."),
        ("Imports", "Files, and bringing their rows into an entity."),
        ("Monitoring", "What is there and what goes on: imports, uploads, rejected rows."),
        ("Callers", "Who may call, and who did what."),
        ("Operations", "How much space what takes."),
        ("Health", "For whoever starts, stops and balances the service."),
    ];

    public static void AddTo(IServiceCollection services) => services.AddOpenApi("v1", options =>
    {
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "Entity Import Service",
                Version = "v1",
                Description = Introduction,
                License = new OpenApiLicense { Name = "Apache-2.0", Identifier = "Apache-2.0" },
            };
            document.Tags = new HashSet<OpenApiTag>(Tags.Select(tag => new OpenApiTag { Name = tag.Name, Description = tag.Description }));
            Security.Describe(document);
            foreach (var server in document.Servers ?? []) server.Url = server.Url?.TrimEnd('/');
            return Task.CompletedTask;
        });
        options.AddOperationTransformer(Security.Describe);
        options.AddSchemaTransformer(DescribeTimes);
        options.AddSchemaTransformer(DescribeWords);
        options.AddSchemaTransformer(DescribeAbsence);
        options.AddSchemaTransformer(DefinitionSchema.Describe);
    });

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapOpenApi("/openapi/{documentName}.json").IsOpen();
        routes.MapScalarApiReference("/docs", page => page
            .WithTitle("Entity Import Service")
            .WithOpenApiRoutePattern("/openapi/{documentName}.json")
            .AddDocument("v1")
            .DisableDefaultFonts()
            .DisableTelemetry()
            .DisableAgent()
            .DisableMcp()
            .HideClientButton()
            .HideDeveloperTools()
            .WithCustomCss(WithoutForeignLinks)).IsOpen().Finally(endpoint =>
            {
                var serve = endpoint.RequestDelegate!;
                endpoint.RequestDelegate = context =>
                {
                    context.Response.Headers.ContentSecurityPolicy = OwnHostOnly;
                    return serve(context);
                };
            });
    }

    /// <summary>Times have a converter of their own, which hides their type.</summary>
    private static Task DescribeTimes(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        var type = context.JsonTypeInfo.Type;
        if (type != typeof(DateTimeOffset) && type != typeof(DateTimeOffset?)) return Task.CompletedTask;
        schema.Type = type == typeof(DateTimeOffset) ? JsonSchemaType.String : JsonSchemaType.String | JsonSchemaType.Null;
        schema.Format = "date-time";
        return Task.CompletedTask;
    }

    /// <summary>Words are texts; generators take an enumeration without a type for one of numbers.</summary>
    private static Task DescribeWords(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        if (context.JsonTypeInfo.Type.IsEnum) schema.Type = JsonSchemaType.String;
        return Task.CompletedTask;
    }

    /// <summary>Members that are left out where they are null are not required, though constructors take them.</summary>
    private static Task DescribeAbsence(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        foreach (var property in context.JsonTypeInfo.Properties)
            if (property.AttributeProvider?.IsDefined(typeof(JsonIgnoreAttribute), inherit: false) == true) schema.Required?.Remove(property.Name);
        return Task.CompletedTask;
    }
}
