using System.Globalization;
using System.Net.Http.Headers;
using EntityImport.Api;

namespace EntityImport.Client;

/// <content>Files before there is a mapping.</content>
public sealed partial class EntityImportClient
{
    private const string OffsetHeader = "Upload-Offset";
    private const string CompleteHeader = "Upload-Complete";

    /// <summary>Uploads a file that is bound to a mapping later, by <see cref="BindUploadAsync"/>.</summary>
    /// <param name="content">The file, from where the stream stands; it is not disposed.</param>
    /// <param name="fileName">The file's name.</param>
    /// <param name="idempotencyKey">A key of this request's own, up to 255 printable ASCII characters; null where the request is not sent again.</param>
    /// <param name="cancellationToken">Ends the call; the service keeps nothing then.</param>
    /// <returns>The upload's id.</returns>
    public async Task<Guid> UploadAsync(Stream content, string fileName, string? idempotencyKey = null, CancellationToken cancellationToken = default)
    {
        using var form = FileForm(content, fileName);
        return (await SendAsync<UploadCreated>(HttpMethod.Post, "v1/EntityImport/uploads", form, idempotencyKey, cancellationToken)).UploadId;
    }

    /// <summary>Begins a file that is sent in pieces.</summary>
    /// <param name="fileName">The file's name.</param>
    /// <param name="idempotencyKey">A key of this request's own, up to 255 printable ASCII characters; null where the request is not sent again.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The upload's id.</returns>
    public async Task<Guid> BeginUploadAsync(string fileName, string? idempotencyKey = null, CancellationToken cancellationToken = default)
    {
        using var content = new ByteArrayContent([]);
        content.Headers.ContentDisposition = new ContentDispositionHeaderValue("attachment") { FileNameStar = fileName };
        return (await SendAsync<UploadCreated>(HttpMethod.Post, "v1/EntityImport/uploads?resumable=true", content, idempotencyKey, cancellationToken)).UploadId;
    }

    /// <summary>How much of a file has arrived. A request that is sending it at that moment is ended by the service.</summary>
    public async Task<UploadProgress> GetUploadProgressAsync(Guid uploadId, CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, $"v1/EntityImport/uploads/{uploadId}");
        using var response = await SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellationToken);
        return ProgressOf(response);
    }

    /// <summary>Sends the next piece of a file. What of it has arrived is kept by the service, whatever ends the call.</summary>
    /// <param name="uploadId">The upload.</param>
    /// <param name="offset">Where in the file the piece belongs: how many bytes have arrived before.</param>
    /// <param name="piece">The piece, from where the stream stands; it is not disposed.</param>
    /// <param name="isLast">Whether the file is complete with it.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<UploadProgress> AppendAsync(Guid uploadId, long offset, Stream piece, bool isLast, CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Patch, $"v1/EntityImport/uploads/{uploadId}") { Content = new StreamContent(new Undisposed(piece)) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/partial-upload");
        request.Headers.ExpectContinue = true;
        request.Headers.Add(OffsetHeader, offset.ToString(CultureInfo.InvariantCulture));
        request.Headers.Add(CompleteHeader, isLast ? "?1" : "?0");
        using var response = await SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellationToken);
        return ProgressOf(response);
    }

    /// <summary>Sends what the service lacks of a file, to its end. It can be called again until it succeeds.</summary>
    /// <param name="uploadId">The upload, begun by <see cref="BeginUploadAsync"/>.</param>
    /// <param name="content">The whole file; a stream that can seek. It is not disposed.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task ResumeUploadAsync(Guid uploadId, Stream content, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(content);
        var progress = await GetUploadProgressAsync(uploadId, cancellationToken);
        if (progress.IsComplete) return;
        content.Position = progress.Offset;
        await AppendAsync(uploadId, progress.Offset, content, isLast: true, cancellationToken);
    }

    /// <summary>All that is known of an upload.</summary>
    public Task<UploadDetails> GetUploadAsync(Guid uploadId, CancellationToken cancellationToken = default) => GetAsync<UploadDetails>($"v1/EntityImport/uploads/{uploadId}", cancellationToken);

    /// <summary>Binds an upload to a mapping, or to another one than before.</summary>
    public Task<UploadDetails> BindUploadAsync(Guid uploadId, Guid mappingId, CancellationToken cancellationToken = default) =>
        SendAsync<UploadDetails>(HttpMethod.Put, $"v1/EntityImport/uploads/{uploadId}/mapping", Json(new UploadBinding(mappingId)), cancellationToken);

    /// <summary>Rows of an upload as an import would read them.</summary>
    public Task<FilePreview> PreviewAsync(Guid uploadId, PreviewRequest? preview = null, CancellationToken cancellationToken = default) =>
        SendAsync<FilePreview>(HttpMethod.Post, $"v1/EntityImport/uploads/{uploadId}/preview", Json(preview ?? new PreviewRequest()), cancellationToken);

    /// <summary>Proposes an entity and a mapping for an upload.</summary>
    public Task<InferredSchema> InferAsync(Guid uploadId, UploadInference? known = null, CancellationToken cancellationToken = default) =>
        SendAsync<InferredSchema>(HttpMethod.Post, $"v1/LogicalEntity/infer?upload={uploadId}", Json(known ?? new UploadInference()), cancellationToken);

    private static UploadProgress ProgressOf(HttpResponseMessage response) => new(
        long.Parse(response.Headers.GetValues(OffsetHeader).Single(), CultureInfo.InvariantCulture), response.Headers.GetValues(CompleteHeader).Single() == "?1");
}
