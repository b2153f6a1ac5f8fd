using EntityImport.Access;
using EntityImport.Inference;
using EntityImport.Server.Access;
using EntityImport.Server.Hosting;
using EntityImport.Server.Http;
using EntityImport.Server.OpenApi;
using EntityImport.Server.Options;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using InferredSchema = EntityImport.Api.InferredSchema;

namespace EntityImport.Server.Entities;

/// <summary>Proposes an entity and a mapping from a sample of a file. Nothing is stored.</summary>
internal static class LogicalEntityInferEndpoint
{
    /// <summary>Whoever sends slower would keep others from a place for too long.</summary>
    private static readonly MinDataRate LeastRate = new(bytesPerSecond: 16 << 10, gracePeriod: TimeSpan.FromSeconds(10));

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/LogicalEntity/infer", InferAsync)
            .Needs(Scope.Read | Scope.Import)
            .Takes(Place.Inferences)
            .WithTags("Entities")
            .WithName("InferEntity")
            .WithSummary("Propose an entity and a mapping for a file")
            .WithDescription(
                "The sample is the part `file` of multipart/form-data, or a body of the type text/csv; its first 16 MiB are looked at, the rest is passed over, up to 256 MiB of it. " +
                "The form may also have the parts `definition` (what is known of the file's format: any part of a mapping's definition, as JSON) and `entitySystemName`. " +
                "The answer says what each column was judged on, and in `warnings` which columns another reading fits, too, in `findings` what was found beside that, and in `questions` what is open: with an answer stated in `definition` it is asked no more. Entity and mapping can be sent to PUT /v1/LogicalEntity/{systemName} and POST /v1/EntityImport as they are.")
            .TakesFile()
            .TakesQuery(
                ("entitySystemName", "The name of the proposed entity. Absent means the form's, else one after the file's name."),
                ("entity", "The system name of an entity that exists: the columns are bound to its fields, and only the file's format is inferred."),
                ("sample", "true where the file is the beginning of a larger one, so that what it ends in is not judged and decimals get more room. Default: false."),
                ("upload", "An uploaded file, by its id, in place of one in the body: that is then the JSON object `{definition, entitySystemName}`, both optional."))
            .TakesIdempotencyKey()
            .ProducesProblems(400, 404, 409, 413, 415, 422, 503, 507);

    private static async Task<Ok<InferredSchema>> InferAsync(HttpContext context, Call call, EngineHost host, ServerOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        using var place = await host.TakeInferenceAsync(cancellationToken);
        return TypedResults.Ok(await ProposeAsync(context, call, options.Engine.Limits, time, cancellationToken));
    }

    private static async Task<InferredSchema> ProposeAsync(
        HttpContext context, Call call, Limits limits, TimeProvider time, CancellationToken cancellationToken)
    {
        // What lies behind the sample is passed over.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size) size.MaxRequestBodySize = null;
        if (context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate) rate.MinDataRate = LeastRate;
        var body = Parameters.Id(context.Request, "upload") is { } uploadId
            ? await StoredSample.ReadAsync(context.Request, call, uploadId, cancellationToken)
            : await InferenceBody.ReadAsync(context.Request, cancellationToken);
        var name = Parameters.One(context.Request, "entitySystemName") ?? body.EntitySystemName
            ?? SystemNames.From(Path.GetFileNameWithoutExtension(body.FileName ?? ""), "entity");
        if (SystemNames.From(name, "") != name)
            throw Refusal.Parameter("entitySystemName", $"'{Refusal.Cut(name)}' is no system name: a letter or underscore, then up to 62 letters, digits and underscores.");
        var sample = new InferenceRequest
        {
            Sample = body.Sample,
            IsWholeFile = body.IsWholeFile && !Parameters.Flag(context.Request, "sample"),
            EntitySystemName = name,
            Definition = body.Definition,
            Limits = limits,
            Today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime),
        };
        var schema = await call.Engine.Mappings.InferAsync(call.Request, sample, body.ToFingerprint(), Parameters.One(context.Request, "entity"), cancellationToken);
        return InferredSchema.Of(schema);
    }
}
