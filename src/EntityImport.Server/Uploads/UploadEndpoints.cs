using EntityImport.Access;
using EntityImport.Api;
using EntityImport.Catalog;
using EntityImport.Server.Access;
using EntityImport.Server.Hosting;
using EntityImport.Server.Http;
using EntityImport.Server.OpenApi;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace EntityImport.Server.Uploads;

/// <summary>Uploads: take a file in, and give it back byte for byte.</summary>
internal static class UploadEndpoints
{
    private const string Resumable = "resumable";

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
        routes.MapPost("/EntityImport/uploads", ReceiveUnboundAsync)
            .Needs(Scope.Import)
            .Takes(Place.Uploads)
            .WithTags("Imports")
            .WithName("UploadUnbound")
            .WithSummary("Upload a file before there is a mapping")
            .WithDescription(
                "The file is sent as to POST /v1/EntityImport/{mappingId}/upload. It is visible to who sent it and to administrators, can be previewed and inferred from, and is imported once it is bound to a mapping " +
                "(PUT /v1/EntityImport/uploads/{uploadId}/mapping); if it never is, it is deleted after 7 days. With `resumable=true`, or the header `Upload-Complete: ?0`, the request has no body: the file is sent in pieces " +
                "(PATCH /v1/EntityImport/uploads/{uploadId}), and its name is that of a Content-Disposition.")
            .TakesFile()
            .TakesQuery((Resumable, "true: the file is sent in pieces. Absent means false."))
            .Example(201, """{ "uploadId": "0b1c2d3e-4f50-4172-8394-a5b6c7d8e9f0" }""")
            .TakesIdempotencyKey("Requests are the same where file name and the file's bytes, decompressed, are.")
            .ProducesProblems(400, 409, 413, 415, 422, 429, 503, 507);
        routes.MapPatch("/EntityImport/uploads/{uploadId}", AppendAsync)
            .Needs(Scope.Import)
            .Takes(Place.Uploads)
            .WithTags("Imports")
            .WithName("AppendToUpload")
            .WithSummary("Send the next piece of a file")
            .WithDescription(
                "What of the body arrives is kept, also where the connection breaks: HEAD of the same path, or the answer to a piece that belongs elsewhere, tells in `Upload-Offset` where to go on. One request at a time sends " +
                "a file; a later one, and HEAD, cut off the one before. A file must be complete within 24 hours.")
            .TakesPiece()
            .TakesHeaders(
                (ResumableUpload.OffsetHeader, true, "Where in the file the body belongs, in bytes: as many as have arrived."),
                (ResumableUpload.CompleteHeader, false, "`?1` where the file is complete with the body, which may be empty; `?0`, or absent, where more comes."))
            .ProducesProblems(400, 404, 409, 413, 415, 503, 507);
        routes.MapPut("/EntityImport/uploads/{uploadId}/mapping", BindAsync)
            .Needs(Scope.Import)
            .WithTags("Imports")
            .WithName("BindUpload")
            .WithSummary("Bind an uploaded file to a mapping")
            .WithDescription("The file is read by that mapping from then on; where it finds records otherwise, the file is indexed anew before the answer is sent. It can be bound again until it is imported, and after its last import failed or was cancelled.")
            .TakesJson<UploadBinding>("""{ "mappingId": "0b1c2d3e-4f50-4172-8394-a5b6c7d8e9f0" }""")
            .ProducesProblems(400, 404, 409, 413, 415, 503, 507);
        routes.MapPost("/EntityImport/uploads/{uploadId}/preview", PreviewAsync)
            .Needs(Scope.Read | Scope.Import)
            .Takes(Place.Inferences)
            .WithTags("Imports")
            .WithName("PreviewUpload")
            .WithSummary("Show rows of an uploaded file as an import would read them")
            .WithDescription(
                "With any definition, and the fields of an entity that is there (`entity`) or only proposed (`fields`); with neither, rows are found and split, and nothing is converted. Records, values, codes and messages are the import's own; " +
                "keys are not compared. Of a file of more than 64 MiB that is not bound to a mapping which reads it alike, only rows within these can be shown.")
            .TakesJson<PreviewRequest>(
                """{ "definition": { "fieldDelimiter": ";", "locale": "de-DE" }, "fields": [{ "systemName": "sku", "dataType": "STRING", "primaryKey": true }, { "systemName": "price", "dataType": "DECIMAL" }], "from": 1, "rows": 50 }""")
            .ProducesProblems(400, 404, 409, 413, 415, 500, 503);
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
            .WithDescription(
                "The headers `Upload-Offset` and `Upload-Complete` tell how much of it has arrived. HEAD is 204 with these headers; where the file is still being sent, it ends that request, so that what it says stays true until somebody goes on.")
            .ProducesProblems(404);
        routes.MapGet("/EntityImport/{uploadId}/file", OpenAsync)
            .Needs(Scope.Read | Scope.Import)
            .WithTags("Imports")
            .WithName("GetFile")
            .WithSummary("Read an uploaded file, byte for byte")
            .WithDescription("Where the service is set up to keep files for a time only, a file whose time is over is the problem file-expired. A file that is lost or changed on the server's disk is 500 with the problem file-lost or file-changed.")
            .ProducesCsv("The file.")
            .ProducesProblems(404, 412, 416, 500);
    }

    private static async Task<Created<UploadCreated>> ReceiveAsync(string mappingId, HttpContext context, Call call, CallerQuotas quotas, CancellationToken cancellationToken)
    {
        var id = RouteId.Find(mappingId, Refusal.UnknownMapping);
        var mapping = await call.Engine.Mappings.FindAsync(call.Request, id, cancellationToken) ?? throw Refusal.UnknownMapping(id);
        if (ResumableUpload.IsComplete(context.Request) == false)
            throw Refusal.Body("unexpected-body", "Under a mapping a file is sent whole. One that is sent in pieces is begun by POST /v1/EntityImport/uploads, and bound to the mapping when it is complete.");
        await using var file = await SentFile.OpenAsync(context, call, quotas, mapping, cancellationToken);
        var upload = await call.Engine.Uploads.ReceiveAsync(call.Request, id, file.Content, file.FileName, file.Charset, cancellationToken) ?? throw Refusal.UnknownMapping(id);
        return TypedResults.Created($"/v1/EntityImport/{upload.Id}/file", new UploadCreated(upload.Id));
    }

    private static async Task<Created<UploadCreated>> ReceiveUnboundAsync(HttpContext context, Call call, CallerQuotas quotas, CancellationToken cancellationToken)
    {
        if (Parameters.Flag(context.Request, Resumable) || ResumableUpload.IsComplete(context.Request) == false)
        {
            if (context.Request.ContentLength > 0 || context.Request.Headers.TransferEncoding.Count > 0)
                throw Refusal.Body("unexpected-body", "A file that is sent in pieces is begun without a body. Send the pieces to the address that the answer names.");
            var begun = await call.Engine.PartialUploads.BeginAsync(call.Request, UploadBody.NameIn(context.Request.Headers.ContentDisposition), cancellationToken);
            ResumableUpload.Tell(context.Response, begun);
            return TypedResults.Created($"/v1/EntityImport/uploads/{begun.Id}", new UploadCreated(begun.Id));
        }

        await using var file = await SentFile.OpenAsync(context, call, quotas, mapping: null, cancellationToken);
        var upload = (await call.Engine.Uploads.ReceiveAsync(call.Request, mappingId: null, file.Content, file.FileName, file.Charset, cancellationToken))!;
        return TypedResults.Created($"/v1/EntityImport/{upload.Id}/file", new UploadCreated(upload.Id));
    }

    private static async Task<NoContent> AppendAsync(string uploadId, HttpContext context, Call call, CallerQuotas quotas, CancellationToken cancellationToken)
    {
        var id = RouteId.Find(uploadId, Refusal.UnknownUpload);
        var (offset, isLast) = (ResumableUpload.Offset(context.Request), ResumableUpload.IsComplete(context.Request) == true);
        using var place = call.Engine.Uploads.TakePlace(call.Request);
        if (context.Request.ContentLength is { } length) call.Engine.Uploads.CheckSize(length);
        SentFile.LiftLimits(context.Features);
        await using var content = await SentFile.CountAsync(await ResumableUpload.OpenAsync(context.Request, offset, cancellationToken), call, quotas);
        var upload = await call.Engine.PartialUploads.AppendAsync(call.Request, id, offset, isLast, content, cancellationToken) ?? throw Refusal.UnknownUpload(id);
        ResumableUpload.Tell(context.Response, upload);
        return TypedResults.NoContent();
    }

    private static async Task<Ok<UploadDetails>> BindAsync(string uploadId, HttpRequest request, Call call, CancellationToken cancellationToken)
    {
        var id = RouteId.Find(uploadId, Refusal.UnknownUpload);
        using var body = await JsonBody.ReadAsync(request, cancellationToken);
        var upload = await call.Engine.Uploads.BindAsync(call.Request, id, body.RootElement, cancellationToken) ?? throw Refusal.UnknownUpload(id);
        return TypedResults.Ok((await DescribeAsync(call, [upload], cancellationToken))[0]);
    }

    private static async Task<Ok<FilePreview>> PreviewAsync(string uploadId, HttpRequest request, Call call, EngineHost host, CancellationToken cancellationToken)
    {
        var id = RouteId.Find(uploadId, Refusal.UnknownUpload);
        using var body = await JsonBody.ReadAsync(request, cancellationToken);
        using var place = await host.TakeInferenceAsync(cancellationToken);
        return TypedResults.Ok(FilePreview.Of(await call.Engine.Previews.ReadAsync(call.Request, id, body.RootElement, cancellationToken) ?? throw Refusal.UnknownUpload(id)));
    }

    private static async Task<Ok<UploadPage>> ListAsync(HttpRequest request, Call call, CancellationToken cancellationToken)
    {
        var limit = Parameters.Limit(request, max: 200, absent: 50);
        var found = await call.Engine.Uploads.ListAsync(call.Request, new UploadQuery(Parameters.Id(request, "mapping"), Parameters.PlaceOfId(request), limit + 1), cancellationToken);
        var (page, next) = Parameters.Page(found, limit, item => Parameters.Cursor(item.Id));
        return TypedResults.Ok(new UploadPage(await DescribeAsync(call, [.. page], cancellationToken), next));
    }

    private static async Task<IReadOnlyList<UploadDetails>> DescribeAsync(Call call, IReadOnlyList<Upload> uploads, CancellationToken cancellationToken) =>
        [.. (await call.Engine.Uploads.FindUsesAsync(call.Request, uploads, cancellationToken)).Select(UploadDetails.Of)];

    private static async Task<Results<Ok<UploadDetails>, NoContent>> FindAsync(string uploadId, HttpContext context, Call call, CancellationToken cancellationToken)
    {
        var id = RouteId.Find(uploadId, Refusal.UnknownUpload);
        var isHead = HttpMethods.IsHead(context.Request.Method);
        var found = isHead ? call.Engine.PartialUploads.StopAsync(call.Request, id, cancellationToken) : call.Engine.Uploads.FindAsync(call.Request, id, cancellationToken);
        var upload = await found ?? throw Refusal.UnknownUpload(id);
        ResumableUpload.Tell(context.Response, upload);
        return isHead ? TypedResults.NoContent() : TypedResults.Ok((await DescribeAsync(call, [upload], cancellationToken))[0]);
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
}
