using System.Globalization;
using EntityImport.Api;

namespace EntityImport.Client;

/// <content>Plans.</content>
public sealed partial class EntityImportClient
{
    /// <summary>Finds out what importing an uploaded file would do; the plan is made by itself.</summary>
    /// <returns>The plan's id.</returns>
    public async Task<Guid> PlanAsync(Guid uploadId, CancellationToken cancellationToken = default) =>
        (await SendAsync<PlanCreated>(HttpMethod.Post, $"v1/EntityImport/{uploadId}/plan", null, cancellationToken)).PlanId;

    /// <summary>All that is known of a plan.</summary>
    public Task<PlanDetails> GetPlanAsync(Guid planId, CancellationToken cancellationToken = default) => GetAsync<PlanDetails>($"v1/EntityImport/plans/{planId}", cancellationToken);

    /// <summary>A page of plans, newest first.</summary>
    /// <param name="entity">Only those for this entity; null means all.</param>
    /// <param name="cursor">The cursor of the page before; null for the first.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<PlanPage> ListPlansAsync(string? entity = null, string? cursor = null, CancellationToken cancellationToken = default) =>
        GetAsync<PlanPage>($"v1/EntityImport/plans{Query(("entity", entity), ("cursor", cursor))}", cancellationToken);

    /// <summary>
    /// A plan's details whenever they change; the last ones are those of its end. A connection that ends before, breaks, or has nothing come for 45 s is made again, for up to a minute, and the same details may
    /// come twice then.
    /// </summary>
    public IAsyncEnumerable<PlanDetails> WatchPlanAsync(Guid planId, CancellationToken cancellationToken = default) =>
        FollowAsync<PlanDetails>($"v1/EntityImport/plans/{planId}/events", details => details.Plan.State.HasEnded, cancellationToken);

    /// <summary>A page of what a plan would do to records.</summary>
    /// <param name="planId">The plan.</param>
    /// <param name="kind">Only what happens so; null means all.</param>
    /// <param name="field">Only records in which this field changes, the largest move first where it has numbers or dates; null means all.</param>
    /// <param name="limit">The most to return: 1 to 1000.</param>
    /// <param name="cursor">The cursor of the page before; null for the first.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<ChangePage> ListChangesAsync(
        Guid planId, ChangeKind? kind = null, string? field = null, int limit = 100, string? cursor = null, CancellationToken cancellationToken = default) =>
        GetAsync<ChangePage>($"v1/EntityImport/plans/{planId}/changes{ChangesQuery(kind, field, limit, cursor)}", cancellationToken);

    /// <summary>A page of the rows that a plan rejects, in file order.</summary>
    public Task<ErrorPage> ListPlanErrorsAsync(Guid planId, int limit = 100, string? cursor = null, CancellationToken cancellationToken = default) =>
        GetAsync<ErrorPage>($"v1/EntityImport/plans/{planId}/errors{Query(("limit", limit.ToString(CultureInfo.InvariantCulture)), ("cursor", cursor))}", cancellationToken);

    /// <summary>Imports what a plan told of; the import runs by itself.</summary>
    /// <param name="planId">The plan.</param>
    /// <param name="reason">Why; null where nothing is said.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The import's id.</returns>
    public async Task<Guid> ApplyPlanAsync(Guid planId, string? reason = null, CancellationToken cancellationToken = default) =>
        (await SendAsync<ImportCreated>(HttpMethod.Post, $"v1/EntityImport/plans/{planId}/apply", Json(new PlanApplication(reason)), cancellationToken)).ImportId;

    /// <summary>Ends a plan that is being made; it has ended when the call returns.</summary>
    public Task CancelPlanAsync(Guid planId, CancellationToken cancellationToken = default) =>
        SendAsync<PlanCreated>(HttpMethod.Post, $"v1/EntityImport/plans/{planId}/cancel", null, cancellationToken);

    /// <summary>Deletes a plan with all that it keeps.</summary>
    public async Task DeletePlanAsync(Guid planId, CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Delete, $"v1/EntityImport/plans/{planId}");
        using var response = await SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellationToken);
    }

    private static string ChangesQuery(ChangeKind? kind, string? field, int limit, string? cursor) =>
        Query(("kind", kind?.ToString()), ("field", field), ("limit", limit.ToString(CultureInfo.InvariantCulture)), ("cursor", cursor));
}
