using System.Globalization;
using EntityImport.Api;

namespace EntityImport.Client;

/// <content>Uploads and imports.</content>
public sealed partial class EntityImportClient
{
    private static readonly TimeSpan FirstPoll = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestPoll = TimeSpan.FromSeconds(2);

    /// <summary>Uploads a file, imports it and waits for the end.</summary>
    /// <param name="mappingId">The mapping that it is read by.</param>
    /// <param name="content">The file, from where the stream stands; it is not disposed.</param>
    /// <param name="fileName">The file's name.</param>
    /// <param name="timeout">How long to wait for the import's end, once it was invoked.</param>
    /// <param name="cancellationToken">Ends the call, not the import.</param>
    /// <exception cref="TimeoutException">The import has not ended in time; it goes on.</exception>
    public async Task<ImportRun> RunAsync(Guid mappingId, Stream content, string fileName, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        var uploadId = await UploadAsync(mappingId, content, fileName, cancellationToken);
        var importId = await ImportAsync(uploadId, cancellationToken);
        var status = await WaitAsync(importId, timeout, cancellationToken);
        return new ImportRun(uploadId, status, await GetReportAsync(importId, cancellationToken));
    }

    /// <summary>Polls an import's status until it has ended.</summary>
    /// <exception cref="TimeoutException">The import has not ended in time; it goes on.</exception>
    public async Task<StatusOfImport> WaitAsync(Guid importId, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(timeout);
        try
        {
            for (var pause = FirstPoll; ; pause = pause * 1.5 < LongestPoll ? pause * 1.5 : LongestPoll)
            {
                var status = await GetStatusAsync(importId, deadline.Token);
                if (status.Status != ImportStatus.Running) return status;
                await Task.Delay(pause, deadline.Token);
            }
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"The import {importId} has not ended within {timeout}.");
        }
    }

    /// <summary>Uploads a file.</summary>
    /// <param name="mappingId">The mapping that it is to be read by.</param>
    /// <param name="content">The file, from where the stream stands; it is not disposed.</param>
    /// <param name="fileName">The file's name.</param>
    /// <param name="cancellationToken">Ends the call; the service keeps nothing then.</param>
    /// <returns>The upload's id.</returns>
    public Task<Guid> UploadAsync(Guid mappingId, Stream content, string fileName, CancellationToken cancellationToken = default) =>
        UploadAsync(mappingId, content, fileName, idempotencyKey: null, cancellationToken);

    /// <summary>Uploads a file once, however often the request is sent.</summary>
    /// <param name="mappingId">The mapping that it is to be read by.</param>
    /// <param name="content">The file, from where the stream stands; it is not disposed.</param>
    /// <param name="fileName">The file's name.</param>
    /// <param name="idempotencyKey">A key of this request's own, up to 255 printable ASCII characters; null where the request is not sent again.</param>
    /// <param name="cancellationToken">Ends the call; the service keeps nothing then.</param>
    /// <returns>The upload's id.</returns>
    public async Task<Guid> UploadAsync(
        Guid mappingId, Stream content, string fileName, string? idempotencyKey, CancellationToken cancellationToken = default)
    {
        using var form = FileForm(content, fileName);
        return (await SendAsync<UploadCreated>(HttpMethod.Post, $"v1/EntityImport/{mappingId}/upload", form, idempotencyKey, cancellationToken)).UploadId;
    }

    /// <summary>Copies an uploaded file, byte for byte.</summary>
    public Task CopyFileAsync(Guid uploadId, Stream target, CancellationToken cancellationToken = default) =>
        CopyAsync($"v1/EntityImport/{uploadId}/file", target, cancellationToken);

    /// <summary>Imports an uploaded file.</summary>
    /// <returns>The import's id.</returns>
    public Task<Guid> ImportAsync(Guid uploadId, CancellationToken cancellationToken = default) => ImportAsync(uploadId, idempotencyKey: null, cancellationToken);

    /// <summary>Imports an uploaded file once, however often the request is sent.</summary>
    /// <param name="uploadId">The upload.</param>
    /// <param name="idempotencyKey">A key of this request's own, up to 255 printable ASCII characters; null where the request is not sent again.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The import's id.</returns>
    public async Task<Guid> ImportAsync(Guid uploadId, string? idempotencyKey, CancellationToken cancellationToken = default) =>
        (await SendAsync<ImportCreated>(HttpMethod.Post, $"v1/EntityImport/{uploadId}/import", null, idempotencyKey, cancellationToken)).ImportId;

    /// <summary>Where an import stands.</summary>
    public Task<StatusOfImport> GetStatusAsync(Guid importId, CancellationToken cancellationToken = default) =>
        GetAsync<StatusOfImport>($"v1/EntityImport/{importId}/status", cancellationToken);

    /// <summary>How an import ended.</summary>
    public Task<ImportReport> GetReportAsync(Guid importId, CancellationToken cancellationToken = default) =>
        GetAsync<ImportReport>($"v1/EntityImport/{importId}/report", cancellationToken);

    /// <summary>Copies an import's error file.</summary>
    public Task CopyErrorFileAsync(Guid importId, Stream target, CancellationToken cancellationToken = default) =>
        CopyErrorFileAsync(importId, target, forSpreadsheets: false, cancellationToken);

    /// <summary>Copies an import's error file, as it is or for spreadsheets.</summary>
    /// <param name="importId">The import.</param>
    /// <param name="target">Where the file goes.</param>
    /// <param name="forSpreadsheets">
    /// Whether no cell may run as a formula, or be changed, where a spreadsheet opens the file. It comes back under the same mapping as well, as long as its error columns stay.
    /// </param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task CopyErrorFileAsync(Guid importId, Stream target, bool forSpreadsheets, CancellationToken cancellationToken = default) =>
        CopyAsync($"v1/EntityImport/{importId}/errorFile{(forSpreadsheets ? "?safe=spreadsheet" : "")}", target, cancellationToken);

    /// <summary>Imports, newest first. A page can be shorter than its limit though it has a cursor, where other filters than entity and state are used.</summary>
    /// <param name="entity">Only those into this entity; null means all.</param>
    /// <param name="state">Only those in this state; null means all.</param>
    /// <param name="limit">The most to return, 1 to 200.</param>
    /// <param name="cursor">The cursor that the page before returned; null for the first.</param>
    /// <param name="since">Only those that were invoked from this time on; null means all.</param>
    /// <param name="until">Only those that were invoked before this time; null means all.</param>
    /// <param name="file">Only those of files whose names have this text in them, ignoring case; null means all.</param>
    /// <param name="invokedBy">Only those that this caller invoked, ignoring case; null means all.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<ImportPage> ListImportsAsync(
        string? entity = null, ImportState? state = null, int limit = 50, string? cursor = null,
        DateTimeOffset? since = null, DateTimeOffset? until = null, string? file = null, string? invokedBy = null, CancellationToken cancellationToken = default)
    {
        var query = Query(
            ("entity", entity), ("status", state?.ToString().ToUpperInvariant()), ("since", Time(since)), ("until", Time(until)), ("file", file), ("invokedBy", invokedBy),
            ("limit", limit.ToString(CultureInfo.InvariantCulture)), ("cursor", cursor));
        return GetAsync<ImportPage>($"v1/EntityImport/imports{query}", cancellationToken);
    }

    private static string? Time(DateTimeOffset? time) => time?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFK", CultureInfo.InvariantCulture);

    /// <summary>All that is known of an import.</summary>
    public Task<ImportDetails> GetImportAsync(Guid importId, CancellationToken cancellationToken = default) =>
        GetAsync<ImportDetails>($"v1/EntityImport/imports/{importId}", cancellationToken);

    /// <summary>How far an import was over time, at most 100 points, oldest first.</summary>
    public async Task<IReadOnlyList<TimelinePoint>> GetTimelineAsync(Guid importId, CancellationToken cancellationToken = default) =>
        (await GetAsync<ImportTimeline>($"v1/EntityImport/imports/{importId}/timeline", cancellationToken)).Points;

    /// <summary>
    /// An import's details whenever they change; the last ones are those of its end. A connection that ends before, breaks, or has nothing come for 45 s is made again, for up to a minute, and the same details may
    /// come twice then.
    /// </summary>
    public IAsyncEnumerable<ImportDetails> WatchAsync(Guid importId, CancellationToken cancellationToken = default) =>
        FollowAsync<ImportDetails>($"v1/EntityImport/imports/{importId}/events", details => details.State.HasEnded, cancellationToken);

    /// <summary>
    /// The details of each import that has not ended, and of those that are invoked later, whenever they change, and at its end. It goes on until it is cancelled, or the service is away for a minute. What
    /// ends while there is no connection is told when there is one again, of the last 200 imports; an end may be told twice.
    /// </summary>
    /// <param name="entity">Only imports into this entity, ignoring case; null means all.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public IAsyncEnumerable<ImportDetails> WatchAllAsync(string? entity = null, CancellationToken cancellationToken = default) =>
        FollowAsync<ImportDetails>($"v1/EntityImport/events{Query(("entity", entity))}", _ => false, cancellationToken);

    /// <summary>Rejected rows of an import, in file order; while it runs, those so far.</summary>
    /// <param name="importId">The import.</param>
    /// <param name="limit">The most to return, 1 to 1000.</param>
    /// <param name="cursor">The cursor that the page before returned; null for the first.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<ErrorPage> ListErrorsAsync(Guid importId, int limit = 100, string? cursor = null, CancellationToken cancellationToken = default)
    {
        var query = Query(("limit", limit.ToString(CultureInfo.InvariantCulture)), ("cursor", cursor));
        return GetAsync<ErrorPage>($"v1/EntityImport/imports/{importId}/errors{query}", cancellationToken);
    }

    /// <summary>Some of an import's rejected rows, in file order, by how many come before them.</summary>
    /// <param name="importId">The import.</param>
    /// <param name="filter">Which rows; null means all.</param>
    /// <param name="offset">How many of these are passed over.</param>
    /// <param name="limit">The most to return, 1 to 1000.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<ErrorPage> ListErrorsAsync(Guid importId, ErrorFilter? filter, long offset, int limit = 100, CancellationToken cancellationToken = default)
    {
        var query = Query(
            ("limit", limit.ToString(CultureInfo.InvariantCulture)), ("offset", offset.ToString(CultureInfo.InvariantCulture)), ("cause", filter?.Cause), ("code", filter?.Code), ("field", filter?.Field));
        return GetAsync<ErrorPage>($"v1/EntityImport/imports/{importId}/errors{query}", cancellationToken);
    }

    /// <summary>An import's rejected rows by their causes; while it runs, those so far.</summary>
    public Task<RejectionCauses> ListCausesAsync(Guid importId, CancellationToken cancellationToken = default) =>
        GetAsync<RejectionCauses>($"v1/EntityImport/imports/{importId}/causes", cancellationToken);

    /// <summary>Ends an import without writing anything; it has ended when the call returns.</summary>
    public Task CancelAsync(Guid importId, CancellationToken cancellationToken = default) =>
        SendAsync<ImportCreated>(HttpMethod.Post, $"v1/EntityImport/imports/{importId}/cancel", null, cancellationToken);

    /// <summary>Takes back what an import changed, by an import of its own that runs by itself.</summary>
    /// <returns>The id of the import that undoes.</returns>
    public async Task<Guid> UndoAsync(Guid importId, CancellationToken cancellationToken = default) =>
        (await SendAsync<ImportCreated>(HttpMethod.Post, $"v1/EntityImport/imports/{importId}/undo", null, cancellationToken)).ImportId;

    /// <summary>What undoing an import would do now.</summary>
    public Task<UndoPreview> PreviewUndoAsync(Guid importId, CancellationToken cancellationToken = default) =>
        SendAsync<UndoPreview>(HttpMethod.Post, $"v1/EntityImport/imports/{importId}/undo?preview=true", null, cancellationToken);

    /// <summary>A page of what an import did to records, as long as what they were is kept.</summary>
    /// <param name="importId">The import.</param>
    /// <param name="kind">Only what happened so; null means all.</param>
    /// <param name="field">Only records in which this field changed, the largest move first where it has numbers or dates; null means all.</param>
    /// <param name="limit">The most to return: 1 to 1000.</param>
    /// <param name="cursor">The cursor of the page before; null for the first.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<ChangePage> ListImportChangesAsync(
        Guid importId, ChangeKind? kind = null, string? field = null, int limit = 100, string? cursor = null, CancellationToken cancellationToken = default) =>
        GetAsync<ChangePage>($"v1/EntityImport/imports/{importId}/changes{ChangesQuery(kind, field, limit, cursor)}", cancellationToken);

    /// <summary>How much space what takes, and when it expires; for administrators.</summary>
    public Task<StorageUse> GetStorageAsync(CancellationToken cancellationToken = default) => GetAsync<StorageUse>("v1/operations/storage", cancellationToken);

    /// <summary>The imports that have not ended, an entry for each entity, and what they wait for; for administrators.</summary>
    /// <param name="limit">How many entities at most: 1 to 1000.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<ImportQueue> GetQueueAsync(int limit = 100, CancellationToken cancellationToken = default) =>
        GetAsync<ImportQueue>(string.Create(CultureInfo.InvariantCulture, $"v1/operations/queue?limit={limit}"), cancellationToken);

    /// <summary>The nodes of the service; none where it is one process that works alone. For administrators.</summary>
    public async Task<IReadOnlyList<Node>> ListNodesAsync(CancellationToken cancellationToken = default) => (await GetAsync<NodeList>("v1/operations/nodes", cancellationToken)).Nodes;

    /// <summary>Has a node take no more imports; what it runs ends there. For administrators.</summary>
    public Task<Node> DrainNodeAsync(Guid nodeId, CancellationToken cancellationToken = default) => SendAsync<Node>(HttpMethod.Post, $"v1/operations/nodes/{nodeId}/drain", null, cancellationToken);

    /// <summary>Has a node that was drained take imports again. For administrators.</summary>
    public Task<Node> ResumeNodeAsync(Guid nodeId, CancellationToken cancellationToken = default) => SendAsync<Node>(HttpMethod.Post, $"v1/operations/nodes/{nodeId}/resume", null, cancellationToken);

    /// <summary>The story of a record.</summary>
    /// <param name="entity">The entity.</param>
    /// <param name="key">The values of its key's fields, in their order.</param>
    /// <param name="withRows">Whether the row and line of each change are found in the import's file, which takes seconds where that is large.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<RecordHistory> GetHistoryAsync(string entity, IReadOnlyList<string> key, bool withRows = false, CancellationToken cancellationToken = default) =>
        GetAsync<RecordHistory>(
            $"v1/LogicalEntityData/{Uri.EscapeDataString(entity)}/history{Query([.. key.Select(value => ("key", (string?)value)), ("rows", withRows ? "true" : null)])}", cancellationToken);

    private async Task CopyAsync(string path, Stream target, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        using var response = await SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        // Unlike the content's own copy, this leaves a failure of the target what it is.
        await using var content = await response.Content.ReadAsStreamAsync(cancellationToken);
        await content.CopyToAsync(target, cancellationToken);
    }
}
