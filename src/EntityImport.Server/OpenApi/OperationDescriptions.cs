using System.Globalization;
using System.Text.Json.Nodes;
using EntityImport.Api;
using EntityImport.Server.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.OpenApi;

namespace EntityImport.Server.OpenApi;

/// <summary>Describes in the API document what an endpoint's signature does not tell.</summary>
internal static class OperationDescriptions
{
    /// <summary>The statuses with which the endpoint refuses requests.</summary>
    public static RouteHandlerBuilder ProducesProblems(this RouteHandlerBuilder endpoint, params ReadOnlySpan<int> statuses)
    {
        foreach (var status in statuses)
            endpoint.WithMetadata(new ProducesResponseTypeAttribute(typeof(Problem), status, Problem.MediaType) { Description = Meaning(status) });
        return endpoint;
    }

    /// <summary>A JSON body, which the endpoint reads by itself.</summary>
    public static RouteHandlerBuilder TakesJson<T>(this RouteHandlerBuilder endpoint, string example) =>
        endpoint.AddOpenApiOperationTransformer(async (operation, context, cancellationToken) =>
        {
            var schema = await context.GetOrCreateSchemaAsync(typeof(T), null, cancellationToken);
            NameSchemas(schema, context.Document!);
            context.Document!.AddComponent<IOpenApiSchema>(typeof(T).Name, schema);
            operation.RequestBody = new OpenApiRequestBody
            {
                Required = true,
                Content = new Dictionary<string, OpenApiMediaType>
                {
                    ["application/json"] = new()
                    {
                        Schema = new OpenApiSchemaReference(typeof(T).Name, context.Document),
                        Example = JsonNode.Parse(example),
                    },
                },
            };
        });

    /// <summary>A file as a body.</summary>
    public static RouteHandlerBuilder TakesFile(this RouteHandlerBuilder endpoint) =>
        endpoint.AddOpenApiOperationTransformer((operation, _, _) =>
        {
            operation.RequestBody = new OpenApiRequestBody
            {
                Required = true,
                Content = new Dictionary<string, OpenApiMediaType>
                {
                    ["multipart/form-data"] = new()
                    {
                        Schema = new OpenApiSchema
                        {
                            Type = JsonSchemaType.Object,
                            Required = new HashSet<string> { "file" },
                            Properties = new Dictionary<string, IOpenApiSchema> { ["file"] = Binary("The file, with a file name.") },
                        },
                    },
                    ["text/csv"] = new() { Schema = Binary("The file.") },
                },
            };
            operation.Parameters ??= [];
            operation.Parameters.Add(new OpenApiParameter
            {
                Name = "Content-Encoding",
                In = ParameterLocation.Header,
                Description = "How the body is compressed: gzip, zstd or br.",
                Schema = new OpenApiSchema { Type = JsonSchemaType.String },
            });
            return Task.CompletedTask;
        });

    /// <summary>A piece of a file as a body.</summary>
    public static RouteHandlerBuilder TakesPiece(this RouteHandlerBuilder endpoint) =>
        endpoint.AddOpenApiOperationTransformer((operation, _, _) =>
        {
            operation.RequestBody = new OpenApiRequestBody
            {
                Content = new Dictionary<string, OpenApiMediaType> { [Uploads.ResumableUpload.MediaType] = new() { Schema = Binary("The next bytes of the file.") } },
            };
            return Task.CompletedTask;
        });

    /// <summary>Headers, which the endpoint reads by itself.</summary>
    public static RouteHandlerBuilder TakesHeaders(this RouteHandlerBuilder endpoint, params (string Name, bool Required, string Description)[] headers) =>
        endpoint.AddOpenApiOperationTransformer((operation, _, _) =>
        {
            operation.Parameters ??= [];
            foreach (var (name, required, description) in headers)
            {
                operation.Parameters.Add(new OpenApiParameter
                {
                    Name = name,
                    In = ParameterLocation.Header,
                    Required = required,
                    Description = description,
                    Schema = new OpenApiSchema { Type = JsonSchemaType.String },
                });
            }

            return Task.CompletedTask;
        });

    /// <summary>The header Idempotency-Key.</summary>
    public static RouteHandlerBuilder TakesIdempotencyKey(this RouteHandlerBuilder endpoint, string what = "Requests are the same where path and body are.") =>
        endpoint.AddOpenApiOperationTransformer((operation, _, _) =>
        {
            operation.Parameters ??= [];
            operation.Parameters.Add(new OpenApiParameter
            {
                Name = IdempotencyKey.Header,
                In = ParameterLocation.Header,
                Description =
                    "A key of the caller's own, 1 to 255 printable ASCII characters, at best a new UUID for each request. A request that comes again with its key is not carried out again, " +
                    $"but answered as before, also after a restart. {what} A key that was used for another request is 422; while its request is being carried out, 409.",
                Schema = new OpenApiSchema { Type = JsonSchemaType.String },
            });
            return Task.CompletedTask;
        });

    /// <summary>Query parameters, which the endpoint reads by itself.</summary>
    public static RouteHandlerBuilder TakesQuery(this RouteHandlerBuilder endpoint, params (string Name, string Description)[] parameters) =>
        endpoint.AddOpenApiOperationTransformer((operation, _, _) =>
        {
            operation.Parameters ??= [];
            foreach (var (name, description) in parameters)
            {
                operation.Parameters.Add(new OpenApiParameter
                {
                    Name = name,
                    In = ParameterLocation.Query,
                    Description = description,
                    Schema = new OpenApiSchema { Type = JsonSchemaType.String },
                });
            }

            return Task.CompletedTask;
        });

    /// <summary>CSV as the answer.</summary>
    public static RouteHandlerBuilder ProducesCsv(this RouteHandlerBuilder endpoint, string description) =>
        endpoint.Answers(description, "text/csv", Binary(description));

    /// <summary>Server-Sent Events as the answer.</summary>
    public static RouteHandlerBuilder ProducesEvents(this RouteHandlerBuilder endpoint, string description = "The events, until the import ends.") =>
        endpoint.Answers(description, Imports.ImportEvents.MediaType, new OpenApiSchema { Type = JsonSchemaType.String });

    /// <summary>Records as the answer.</summary>
    public static RouteHandlerBuilder ProducesRecords(this RouteHandlerBuilder endpoint) =>
        endpoint.Answers("The records.", "application/json", new OpenApiSchema
        {
            Type = JsonSchemaType.Array,
            Items = new OpenApiSchema { Type = JsonSchemaType.Object, Description = "The record's values by field." },
        });

    /// <summary>An example of what the endpoint answers when all is well.</summary>
    public static RouteHandlerBuilder Example(this RouteHandlerBuilder endpoint, int status, string example) =>
        endpoint.AddOpenApiOperationTransformer((operation, _, _) =>
        {
            if (operation.Responses?[status.ToString(CultureInfo.InvariantCulture)].Content?.Values.FirstOrDefault() is { } media)
                media.Example = JsonNode.Parse(example);
            return Task.CompletedTask;
        });

    /// <summary>Moves the schemas of types inside of a schema to where they have names, so that generated clients name them alike.</summary>
    private static void NameSchemas(OpenApiSchema schema, OpenApiDocument document)
    {
        foreach (var (name, property) in schema.Properties?.ToList() ?? []) schema.Properties![name] = Named(property);
        if (schema.Items is { } items) schema.Items = Named(items);

        IOpenApiSchema Named(IOpenApiSchema inner)
        {
            if (inner is not OpenApiSchema described) return inner;
            NameSchemas(described, document);
            if (described.Metadata is not { } metadata || !metadata.TryGetValue("x-schema-id", out var known) || known is not string { Length: > 0 } id) return described;
            document.AddComponent<IOpenApiSchema>(id, described);
            return new OpenApiSchemaReference(id, document) { Description = described.Description };
        }
    }

    private static RouteHandlerBuilder Answers(this RouteHandlerBuilder endpoint, string description, string mediaType, OpenApiSchema schema) =>
        endpoint.AddOpenApiOperationTransformer((operation, _, _) =>
        {
            operation.Responses ??= [];
            operation.Responses["200"] = new OpenApiResponse
            {
                Description = description,
                Content = new Dictionary<string, OpenApiMediaType> { [mediaType] = new() { Schema = schema } },
            };
            return Task.CompletedTask;
        });

    private static OpenApiSchema Binary(string description) => new() { Type = JsonSchemaType.String, Format = "binary", Description = description };

    /// <summary>What a status with which requests are refused means.</summary>
    public static string Meaning(int status) => status switch
    {
        400 => "The request is malformed. Where its body is at fault, `errors` lists every fault by its JSON path.",
        401 => "The caller is not known.",
        403 => "The caller may not do that.",
        404 => "There is no such thing.",
        409 => "It cannot be done in the present state.",
        410 => "Its time is over.",
        412 => "It is not what the caller has seen any more.",
        413 => "The body is too large.",
        429 => "The caller has sent too many requests; `Retry-After` tells when to go on.",
        415 => "The body is of a type that is not supported.",
        416 => "The file has nothing in the range.",
        422 => "The Idempotency-Key was used for another request.",
        500 => "The service failed.",
        503 => "The service cannot work at the moment.",
        507 => "The service's disk is full.",
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, "No description."),
    };
}
