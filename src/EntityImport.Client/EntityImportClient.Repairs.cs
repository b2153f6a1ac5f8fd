using System.Globalization;
using System.Net.Http.Headers;
using EntityImport.Api;

namespace EntityImport.Client;

/// <content>Repairs.</content>
public sealed partial class EntityImportClient
{
    /// <summary>Cures of a cause, each run over its rows and over those that were accepted.</summary>
    public Task<CureReport> MeasureCuresAsync(Guid importId, CureRequest request, CancellationToken cancellationToken = default) =>
        SendAsync<CureReport>(HttpMethod.Post, $"v1/EntityImport/imports/{importId}/cures", Json(request), null, cancellationToken);

    /// <summary>What has become of the rows that an import rejected.</summary>
    /// <param name="importId">The import.</param>
    /// <param name="counts">Whether rows are counted by what has become of them, which takes seconds the first time where there are millions.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<Repair> GetRepairAsync(Guid importId, bool counts = true, CancellationToken cancellationToken = default) =>
        GetAsync<Repair>($"v1/EntityImport/imports/{importId}/repair{(counts ? "" : "?counts=false")}", cancellationToken);

    /// <summary>Edits rejected rows, leaves some out, chooses cures.</summary>
    /// <param name="importId">The import.</param>
    /// <param name="change">What is changed.</param>
    /// <param name="version">The version that was seen: where somebody else has changed the repair since, nothing is changed. Null where that does not matter.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<RepairChanged> ChangeRepairAsync(Guid importId, RepairChange change, long? version = null, CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Patch, $"v1/EntityImport/imports/{importId}/repair") { Content = Json(change) };
        return await SendSeenAsync<RepairChanged>(request, version, cancellationToken);
    }

    /// <summary>Makes edits of what somebody has corrected in the error file, or in its copy for spreadsheets.</summary>
    /// <param name="importId">The import.</param>
    /// <param name="content">The file, from where the stream stands; it is not disposed.</param>
    /// <param name="fileName">The file's name.</param>
    /// <param name="version">The version that was seen: where somebody else has changed the repair since, nothing is changed. Null where that does not matter.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<RepairMerged> MergeRepairAsync(Guid importId, Stream content, string fileName, long? version = null, CancellationToken cancellationToken = default)
    {
        using var form = FileForm(content, fileName);
        using var request = new HttpRequestMessage(HttpMethod.Post, $"v1/EntityImport/imports/{importId}/repair/merge") { Content = form };
        return await SendSeenAsync<RepairMerged>(request, version, cancellationToken);
    }

    /// <summary>Edits of single rows, in the order of the rows.</summary>
    public Task<RowEditPage> ListRepairEditsAsync(Guid importId, int limit = 1_000, string? cursor = null, CancellationToken cancellationToken = default) =>
        GetAsync<RowEditPage>($"v1/EntityImport/imports/{importId}/repair/edits{Query(("limit", limit.ToString(CultureInfo.InvariantCulture)), ("cursor", cursor))}", cancellationToken);

    /// <summary>Tells what has become of up to 1,000 rows, or would become of them.</summary>
    public Task<CheckedRows> CheckRepairAsync(Guid importId, RepairCheck check, CancellationToken cancellationToken = default) =>
        SendAsync<CheckedRows>(HttpMethod.Post, $"v1/EntityImport/imports/{importId}/repair/check", Json(check), null, cancellationToken);

    /// <summary>Begins a plan of all rows that are ready.</summary>
    /// <param name="importId">The import.</param>
    /// <param name="overwrite">Whether rows also go in whose records other imports have changed since.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<RepairPlanned> PlanRepairAsync(Guid importId, bool overwrite = false, CancellationToken cancellationToken = default) =>
        SendAsync<RepairPlanned>(HttpMethod.Post, $"v1/EntityImport/imports/{importId}/repair/plan", Json(new RepairPlanning { Overwrite = overwrite }), null, cancellationToken);

    /// <summary>Brings in the rows that were planned last.</summary>
    /// <param name="importId">The import that is repaired.</param>
    /// <param name="reason">Why; null where nothing is said.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The id of the import that repairs.</returns>
    public async Task<Guid> ImportRepairAsync(Guid importId, string? reason = null, CancellationToken cancellationToken = default) =>
        (await SendAsync<ImportCreated>(HttpMethod.Post, $"v1/EntityImport/imports/{importId}/repair/import", reason is null ? null : Json(new PlanApplication(reason)), null, cancellationToken)).ImportId;

    /// <summary>Sends what changes a repair; where it is of another version than the one that was seen, it is refused.</summary>
    private async Task<T> SendSeenAsync<T>(HttpRequestMessage request, long? version, CancellationToken cancellationToken)
    {
        if (version is { } seen) request.Headers.IfMatch.Add(new EntityTagHeaderValue(FormattableString.Invariant($"\"{seen}\"")));
        using var response = await SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellationToken);
        return await ReadAsync<T>(response, cancellationToken);
    }
}
