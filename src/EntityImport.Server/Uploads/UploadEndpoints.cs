using EntityImport.Access;
using EntityImport.Api;
using EntityImport.Catalog;
using EntityImport.Server.Access;
using EntityImport.Server.Http;
using EntityImport.Server.OpenApi;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Net.Http.Headers;

namespace EntityImport.Server.Uploads;

/// <summary>Uploads: take a file in, and give it back byte for byte.</summary>
internal static class UploadEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/EntityImport/{mappingId}/upload", ReceiveAsync)
            .Needs(Scope.Import)
            .Takes(Place.Uploads)
            .WithTags("Imports")
            .WithName("UploadFile")
            .WithSummary("Upload a file")
            .WithDescription(
                "The file is the part `file` of multipart/form-data (`curl -F file=@products.csv`), or a body of the type text/csv. " +
                "Either may be compressed: Content-Encoding gzip, zstd or br. A charset that is stated is the encoding of the file; where the mapping states one, it must be the same. " +
                "When the answer comes, the file is safely stored.")
            .TakesFile()
            .Example(201, """{ "uploadId": "0b1c2d3e-4f50-4172-8394-a5b6c7d8e9f0" }""")
            .TakesIdempotencyKey("Requests are the same where mapping, file name and the file's bytes, decompressed, are.")
            .ProducesProblems(400, 404, 409, 413, 415, 422, 503, 507);
        routes.MapGet("/EntityImport/uploads", ListAsync)
            .Needs(Scope.Read | Scope.Import)
            .WithTags("Monitoring")
            .WithName("ListUploads")
            .WithSummary("Uploaded files, newest first")
            .TakesQuery(
                ("mapping", "Only files under this mapping, by its id."),
                ("limit", "The most to return: 1 to 200, default 50."),
                ("cursor", "The nextCursor of the page before."))
            .ProducesProblems(400);
        routes.MapGet("/EntityImport/uploads/{uploadId}", FindAsync)
            .Needs(Scope.Read | Scope.Import)
            .WithTags("Monitoring")
            .WithName("GetUpload")
            .WithSummary("All that is known of an uploaded file")
            .ProducesProblems(404);
        routes.MapGet("/EntityImport/{uploadId}/file", OpenAsync)
            .Needs(Scope.Read | Scope.Import)
            .WithTags("Imports")
            .WithName("GetFile")
            .WithSummary("Read an uploaded file, byte for byte")
            .WithDescription("Where the service is set up to keep files for a time only, a file whose time is over is the problem file-expired. A file that is lost or changed on the server's disk is 500 with the problem file-lost or file-changed.")
            .ProducesCsv("The file.")
            .ProducesProblems(404, 500);
    }

    private static async Task<Created<UploadCreated>> ReceiveAsync(string mappingId, HttpContext context, Call call, CallerQuotas quotas, CancellationToken cancellationToken)
    {
        var id = RouteId.Find(mappingId, Refusal.UnknownMapping);
        var mapping = await call.Engine.Mappings.FindAsync(call.Request, id, cancellationToken) ?? throw Refusal.UnknownMapping(id);
        using var place = call.Engine.Uploads.TakePlace(call.Request);
        if (UploadBody.LeastFileBytes(context.Request) is { } size) call.Engine.Uploads.CheckSize(size);
        LiftLimits(context.Features);
        await using var body = await UploadBody.OpenAsync(context.Request, mapping, cancellationToken);
        await using var content = await CountAsync(body.Content, call, quotas);
        var upload = await call.Engine.Uploads.ReceiveAsync(call.Request, id, content, body.FileName, body.Charset, cancellationToken) ?? throw Refusal.UnknownMapping(id);
        return TypedResults.Created($"/v1/EntityImport/{upload.Id}/file", new UploadCreated(upload.Id));
    }

    private static async Task<Ok<UploadPage>> ListAsync(HttpRequest request, Call call, CancellationToken cancellationToken)
    {
        var limit = Parameters.Limit(request, max: 200, absent: 50);
        var found = await call.Engine.Uploads.ListAsync(call.Request, new UploadQuery(Parameters.Id(request, "mapping"), Parameters.PlaceOfId(request), limit + 1), cancellationToken);
        var (page, next) = Parameters.Page(found, limit, item => Parameters.Cursor(item.Id));
        return TypedResults.Ok(new UploadPage([.. page.Select(UploadDetails.Of)], next));
    }

    private static async Task<Ok<UploadDetails>> FindAsync(string uploadId, Call call, CancellationToken cancellationToken)
    {
        var id = RouteId.Find(uploadId, Refusal.UnknownUpload);
        var upload = await call.Engine.Uploads.FindAsync(call.Request, id, cancellationToken) ?? throw Refusal.UnknownUpload(id);
        return TypedResults.Ok(UploadDetails.Of(upload));
    }

    private static async Task<FileStreamHttpResult> OpenAsync(string uploadId, Call call, CancellationToken cancellationToken)
    {
        var id = RouteId.Find(uploadId, Refusal.UnknownUpload);
        var upload = await call.Engine.Uploads.FindAsync(call.Request, id, cancellationToken) ?? throw Refusal.UnknownUpload(id);
        return TypedResults.Stream(
            await call.Engine.Uploads.OpenFileAsync(call.Request, upload, cancellationToken) ?? throw Refusal.UnknownUpload(id),
            "text/csv",
            upload.FileName ?? $"{id}.csv",
            entityTag: new EntityTagHeaderValue($"\"{upload.Sha256}\""),
            enableRangeProcessing: true);
    }

    /// <summary>The file's bytes, added to those that its sender has sent today.</summary>
    private static async Task<Stream> CountAsync(Stream content, Call call, CallerQuotas quotas)
    {
        if (await quotas.TodayAsync(call.Request) is not { } today) return content;
        var counted = 0L;
        return new CountedStream(content, count =>
        {
            today.Add(count - counted);
            counted = count;
        });
    }

    /// <summary>The engine bounds the file, after decompression. A client may be slow, only not silent for ever.</summary>
    private static void LiftLimits(IFeatureCollection features)
    {
        if (features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size) size.MaxRequestBodySize = null;
        if (features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate) rate.MinDataRate = new MinDataRate(bytesPerSecond: 1, gracePeriod: TimeSpan.FromMinutes(2));
    }
}
