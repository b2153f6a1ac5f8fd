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
            return Task.CompletedTask;
        });
        options.AddSchemaTransformer((schema, context, _) =>
        {
            if (context.JsonTypeInfo.Type == typeof(DateTimeOffset) || context.JsonTypeInfo.Type == typeof(DateTimeOffset?))
            {
                schema.Type = context.JsonTypeInfo.Type == typeof(DateTimeOffset) ? JsonSchemaType.String : JsonSchemaType.String | JsonSchemaType.Null;
                schema.Format = "date-time";
            }

            return Task.CompletedTask;
        });
    });

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapOpenApi("/openapi/{documentName}.json");
        // The page brings its script along; without these it would ask other hosts for fonts and services.
        routes.MapScalarApiReference("/docs", page => page
            .WithTitle("Entity Import Service")
            .WithOpenApiRoutePattern("/openapi/{documentName}.json")
            .AddDocument("v1")
            .DisableDefaultFonts()
            .DisableTelemetry()
            .DisableAgent()
            .DisableMcp());
    }
}
