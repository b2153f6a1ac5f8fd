using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using EntityImport.Api;
using EntityImport.Client;

namespace EntityImport.Bench.Torture;

/// <summary>Compares a restarted service with the model: each import ended once, as it must, and nothing else is there.</summary>
/// <param name="lanes">The entities.</param>
/// <param name="tally">Where it is counted.</param>
internal sealed class Settlement(IReadOnlyList<Lane> lanes, Tally tally)
{
    /// <summary>How long the service may take to end all imports after a restart.</summary>
    public static readonly TimeSpan RecoveryLimit = TimeSpan.FromMinutes(2);

    /// <summary>How long the service may take to delete what has had its time.</summary>
    private static readonly TimeSpan SweepLimit = TimeSpan.FromSeconds(30);

    private readonly Dictionary<Guid, string> _uploads = [];
    private readonly List<string> _lostUploads = [];

    /// <summary>The data directory of the service that is compared.</summary>
    public required string Data { get; set; }

    /// <summary>The PostgreSQL database that its store is in; null where the store is the embedded one.</summary>
    public string? Database { get; init; }

    /// <summary>Notes a file whose upload was answered.</summary>
    public void AddUpload(Guid uploadId, CsvFile file)
    {
        lock (_uploads) _uploads.Add(uploadId, file.Sha256);
    }

    /// <summary>Notes a file whose upload was not answered: it may be there or not.</summary>
    public void AddLostUpload(CsvFile file)
    {
        lock (_uploads)
        {
            _lostUploads.Add(file.Sha256);
            tally.LostUploadAnswers++;
        }
    }

    /// <summary>Compares all that was not compared before.</summary>
    /// <param name="client">The restarted service.</param>
    /// <param name="retry">Whether to invoke an import again whose invocation was not answered and did not happen.</param>
    /// <param name="letsExpire">Whether it is a service in which plans, and what is kept for undos, hardly have any time.</param>
    /// <param name="isStarted">Whether the service has started since what is compared: then it has deleted files that it could not find out about before.</param>
    /// <param name="cancellationToken">Ends the call; it can be made again.</param>
    public async Task CheckAsync(EntityImportClient client, bool retry, bool letsExpire, bool isStarted, CancellationToken cancellationToken)
    {
        var begun = DateTime.UtcNow;
        foreach (var lane in lanes)
        {
            await FindInvokedAsync(client, lane, retry, cancellationToken);
            await CheckCountAsync(client, lane, cancellationToken);
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(RecoveryLimit);
        var ended = new List<(Lane Lane, EntityModel After, List<(InvokedImport Invoked, ImportDetails Import)> Imports)>();
        var plans = new List<(InvokedPlan Plan, PlanSummary Ended)>();
        foreach (var lane in lanes)
        {
            var (state, possible, refusals) = (lane.Settled, new Dictionary<InvokedPlan, List<Outcome>>(), new Dictionary<InvokedImport, HashSet<string?>>());
            var imports = new List<(InvokedImport Invoked, ImportDetails Import)>();
            Note(lane, state, lane.SettledNumber, possible, refusals);
            foreach (var invoked in lane.Unsettled)
            {
                if (invoked.Refusal is not null)
                {
                    JudgeRefusal(lane, invoked, state, refusals);
                    continue;
                }

                await WaitAsync(client, lane, invoked, limit.Token, cancellationToken);
                var import = await client.GetImportAsync(invoked.ImportId!.Value, cancellationToken);
                var (expected, after) = Judge(lane, invoked, import, state);
                if (imports.Count > 0 && imports[^1].Import.StopDate > import.StopDate)
                    throw Wrong(lane, invoked, $"ended before import {imports[^1].Import.ImportId}, which was invoked earlier");
                await CheckReportAsync(client, lane, invoked, expected, cancellationToken);
                await CheckErrorsAsync(client, lane, invoked, expected, cancellationToken);
                imports.Add((invoked, import));
                state = after;
                Note(lane, state, invoked.Number, possible, refusals);
            }

            foreach (var import in imports.Where(ended => ended.Import.DryRun)) AddPlanOfDryRun(lane, import.Invoked, import.Import);
            plans.AddRange(await CheckPlansAsync(client, lane, possible, limit.Token, cancellationToken));
            ended.Add((lane, state, imports));
        }

        var recovery = DateTime.UtcNow - begun;
        foreach (var (lane, after, _) in ended.Where(ended => ended.Imports.Count > 0 || ended.Lane.Plans.Any(plan => !plan.IsSettled))) await CompareAsync(client, lane, after, cancellationToken);
        await CheckFoldersAsync(cancellationToken);
        await CheckUploadsAsync(client, isStarted, cancellationToken);
        if (Database is not null)
        {
            await DatabaseJudge.JudgeAsync(Database, cancellationToken);
            tally.StoresJudged++;
        }

        foreach (var (plan, end) in plans)
        {
            plan.IsSettled = true;
            plan.MayHaveExpired = end.ExpiresDate - end.StopDate < TimeSpan.FromMinutes(1);
            plan.IsReady = end.State == ImportState.Succeeded && !plan.MayHaveExpired;
            tally.AddPlan(plan, end);
        }

        foreach (var (lane, after, imports) in ended)
        {
            foreach (var invoked in lane.Unsettled.Where(invoked => invoked.Refusal is not null)) tally.AddRefusal(invoked.Name, invoked.Refusal!);
            foreach (var (invoked, import) in imports) tally.AddImport(invoked.Name + (import.State == ImportState.Failed && invoked.Kind is null ? ", failed" : invoked.Plan is not null && import.Code == "plan-stale" ? ", stale" : ""), import.Attempts);
            lane.Settle(after, letsExpire);
        }

        tally.Checks++;
        if (recovery > tally.LongestRecovery) tally.LongestRecovery = recovery;
    }

    /// <summary>Compares all entities and all uploads.</summary>
    public async Task CheckAllAsync(EntityImportClient client, CancellationToken cancellationToken)
    {
        foreach (var lane in lanes) await CompareAsync(client, lane, lane.Settled, cancellationToken);
        foreach (var (uploadId, sha256) in _uploads) await CheckUploadAsync(client, uploadId, sha256, cancellationToken);
    }

    /// <summary>Learns which invocations happened that were not answered, and that all that were answered did, in order.</summary>
    private async Task FindInvokedAsync(EntityImportClient client, Lane lane, bool retry, CancellationToken cancellationToken)
    {
        var found = await ListUnsettledAsync(client, lane, cancellationToken);
        // Whoever is not answered invokes nothing more, so that there is one of them at most.
        if (lane.Unsettled.SingleOrDefault(invoked => invoked.ImportId is null && invoked.Refusal is null) is { } unanswered)
        {
            var known = lane.Unsettled.Select(invoked => invoked.ImportId).ToHashSet();
            var unknown = found.Where(import => !known.Contains(import.ImportId) && import.UploadId == unanswered.UploadId).ToList();
            if (unknown.Count > 1) throw new FindingException(FindingKind.Doubled, $"{lane.Entity}: {unanswered} was invoked once, but is there as imports {string.Join(" and ", unknown.Select(import => import.ImportId))}.");
            if (unknown.Count == 1)
            {
                unanswered.ImportId = unknown[0].ImportId;
                tally.LostInvocationsThatHappened++;
            }
            else
            {
                tally.LostInvocationsThatDidNot++;
                if (retry && !(unanswered.Plan is { } plan && (plan.MayBeDeleted || plan.MayHaveExpired)))
                {
                    await LaneWork.InvokeAsync(client, unanswered, cancellationToken);
                    found = await ListUnsettledAsync(client, lane, cancellationToken);
                }
                else
                {
                    lane.Unsettled.Remove(unanswered);
                }
            }
        }

        var invoked = lane.Unsettled.Where(invoked => invoked.Refusal is null).ToList();
        var actual = found.Select(import => import.ImportId).ToList();
        if (invoked.FirstOrDefault(invoked => !actual.Contains(invoked.ImportId!.Value)) is { } lost)
            throw new FindingException(FindingKind.Lost, $"{lane.Entity}: {lost} was invoked and answered, but the service no longer knows it.");
        if (!actual.SequenceEqual(invoked.Select(invoked => invoked.ImportId!.Value)))
            throw new FindingException(FindingKind.Wrong, $"{lane.Entity}: invoked were {string.Join("; ", invoked)}; the service has {string.Join(", ", actual)}.");
    }

    /// <summary>Notes what a plan could have been made of, and an undo be refused for, as the entity was for a while.</summary>
    private static void Note(Lane lane, EntityModel state, int number, Dictionary<InvokedPlan, List<Outcome>> possible, Dictionary<InvokedImport, HashSet<string?>> refusals)
    {
        foreach (var plan in lane.Plans.Where(plan => !plan.IsSettled && !plan.IsOfDryRun && plan.From <= number && number <= plan.To))
        {
            if (!possible.TryGetValue(plan, out var outcomes)) possible.Add(plan, outcomes = []);
            outcomes.Add(state.Plan(plan.Kind, plan.File));
        }

        foreach (var undo in lane.Unsettled.Where(undo => undo is { Undoes: not null, Refusal: not null } && undo.Number > number))
        {
            if (!refusals.TryGetValue(undo, out var codes)) refusals.Add(undo, codes = []);
            codes.Add(state.WhyNot(undo.Undoes!.Number));
        }
    }

    /// <summary>What the service has refused to take must be what cannot be done.</summary>
    private static void JudgeRefusal(Lane lane, InvokedImport refused, EntityModel state, Dictionary<InvokedImport, HashSet<string?>> refusals)
    {
        var earlier = lane.Imports.Values.Concat(lane.Unsettled).Where(other => other.Number < refused.Number && other.Refusal is null).ToList();
        var isRight = refused.Undoes is { } undone ? refused.Refusal switch
        {
            "undo-unfinished" => earlier.Any(other => other.Undoes is not null && other.UploadId == undone.UploadId),
            "before-images-expired" when refused.MayHaveExpired => true,
            _ => refusals[refused].Contains(refused.Refusal),
        } : refused.Refusal switch
        {
            "plan-stale" => state.LastWriter > refused.Plan!.From || refused.Plan.MayHaveExpired,
            "plan-expired" => refused.Plan!.MayHaveExpired,
            "upload-already-imported" => earlier.Any(other => other.UploadId == refused.UploadId),
            _ => false,
        };
        if (!isRight) throw Wrong(lane, refused, $"was refused with {refused.Refusal}, though nothing is in its way");
    }

    private static void AddPlanOfDryRun(Lane lane, InvokedImport invoked, ImportDetails import)
    {
        if (import.PlanId is not { } planId || lane.Plans.Any(plan => plan.PlanId == planId)) return;
        lane.Plans.Add(new InvokedPlan(invoked.Kind!, invoked.File!) { IsOfDryRun = true, PlanId = planId, UploadId = invoked.UploadId, MayHaveExpired = lane.LetsExpire });
    }

    /// <summary>Each plan that was asked for is there and has ended as it must, with what it keeps; what was deleted is gone, and there are no others.</summary>
    private async Task<IReadOnlyList<(InvokedPlan Plan, PlanSummary Ended)>> CheckPlansAsync(
        EntityImportClient client, Lane lane, Dictionary<InvokedPlan, List<Outcome>> possible, CancellationToken limit, CancellationToken cancellationToken)
    {
        var found = new Dictionary<Guid, PlanSummary>();
        string? cursor = null;
        do
        {
            var page = await client.ListPlansAsync(lane.Entity, cursor, cancellationToken);
            foreach (var plan in page.Plans) found.Add(plan.PlanId, plan);
            cursor = page.NextCursor;
        }
        while (cursor is not null);

        foreach (var plan in lane.Plans.Where(plan => plan.PlanId is null).ToList())
        {
            var unknown = found.Values.Where(other => other.UploadId == plan.UploadId).ToList();
            if (unknown.Count > 1) throw new FindingException(FindingKind.Doubled, $"{lane.Entity}: {plan} was asked for once, but is there {unknown.Count} times.");
            if (unknown.Count == 1) plan.PlanId = unknown[0].PlanId;
            else lane.Plans.Remove(plan);
            tally.AddLostPlan(unknown.Count == 1);
        }

        if (found.Keys.Except(lane.Plans.Select(plan => plan.PlanId!.Value)).ToList() is { Count: > 0 } surplus)
            throw new FindingException(FindingKind.Leftover, $"{lane.Entity}: the service has the plan {surplus[0]}, which nobody asked for, or which was deleted.");
        var checkedPlans = new List<(InvokedPlan Plan, PlanSummary Ended)>();
        foreach (var plan in lane.Plans.ToList())
        {
            if (plan.IsDeleted || !found.ContainsKey(plan.PlanId!.Value))
            {
                if (found.ContainsKey(plan.PlanId!.Value)) throw new FindingException(FindingKind.Leftover, $"{lane.Entity}: {plan} was deleted, and is there.");
                if (!plan.MayBeDeleted) throw new FindingException(FindingKind.Lost, $"{lane.Entity}: {plan} was asked for and answered, but the service no longer knows it.");
                lane.Plans.Remove(plan);
                tally.DeletedPlans++;
                continue;
            }

            if (plan.IsSettled && !plan.MayBeDeleted) continue;
            PlanDetails? details;
            try
            {
                details = await FindEndAsync(client, plan, limit);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw new FindingException(FindingKind.Stuck, $"{lane.Entity}: {plan} has not ended {RecoveryLimit.TotalSeconds} s after the restart.");
            }

            if (plan.MayBeDeleted)
            {
                // That was not answered. It has not begun, or it can be done again, whatever was done of it.
                if (details is not null && plan.IsSettled) await CheckKeptAsync(client, lane, plan, details, cancellationToken);
                await client.DeletePlanAsync(plan.PlanId.Value, cancellationToken);
                plan.IsDeleted = true;
                lane.Plans.Remove(plan);
                tally.DeletedPlans++;
                continue;
            }

            var end = details?.Plan ?? await FindSummaryAsync(client, lane, plan, limit, cancellationToken);
            if (end.State == ImportState.Cancelled ? !plan.MayBeCancelled : plan.IsCancelled || !(plan.MayHaveFailed && end.Code == "service-failed") && !(plan.IsOfDryRun ? end.State == ImportState.Succeeded : possible.TryGetValue(plan, out var outcomes) && outcomes.Any(outcome => outcome.Fits(end))))
                throw new FindingException(FindingKind.Wrong, $"{lane.Entity}: {plan} ended as {end.State} with {end.Ledger} (\"{end.Message}\"), not as {string.Join(" or ", possible.GetValueOrDefault(plan) ?? [])}.");
            if (details is not null) await CheckKeptAsync(client, lane, plan, details, cancellationToken);
            if (plan.To == int.MaxValue) plan.To = lane.LastNumber;
            checkedPlans.Add((plan, end));
        }

        return checkedPlans;
    }

    /// <summary>Waits for the end of a plan; null where its time is over, or where it is being deleted.</summary>
    private static async Task<PlanDetails?> FindEndAsync(EntityImportClient client, InvokedPlan plan, CancellationToken cancellationToken)
    {
        try
        {
            return await LaneWork.FindEndAsync(client, plan, cancellationToken);
        }
        catch (EntityImportProblemException problem) when (plan.MayBeDeleted && problem.StatusCode == HttpStatusCode.Gone)
        {
            return null;
        }
    }

    /// <summary>What the list says of a plan whose time is over; it must have ended.</summary>
    private static async Task<PlanSummary> FindSummaryAsync(EntityImportClient client, Lane lane, InvokedPlan plan, CancellationToken limit, CancellationToken cancellationToken)
    {
        string? cursor = null;
        do
        {
            var page = await client.ListPlansAsync(lane.Entity, cursor, limit);
            if (page.Plans.FirstOrDefault(other => other.PlanId == plan.PlanId) is { } found) return found;
            cursor = page.NextCursor;
        }
        while (cursor is not null);

        cancellationToken.ThrowIfCancellationRequested();
        throw new FindingException(FindingKind.Lost, $"{lane.Entity}: {plan} is in no list, though its time is over and nobody has deleted it.");
    }

    /// <summary>A plan that is ready has all that it tells of: its changes, as many as it counted, and the rows that it rejects.</summary>
    private static async Task CheckKeptAsync(EntityImportClient client, Lane lane, InvokedPlan plan, PlanDetails details, CancellationToken cancellationToken)
    {
        if (details.Plan.State != ImportState.Succeeded) return;
        const int Most = 1000;
        var counted = details.Changes!.Inserted + details.Changes.Updated + details.Changes.Removed;
        try
        {
            var page = await client.ListChangesAsync(plan.PlanId!.Value, limit: Most, cancellationToken: cancellationToken);
            if (page.Changes.Count != Math.Min(counted, Most)) throw new FindingException(FindingKind.Half, $"{lane.Entity}: {plan} is ready and counts {counted} changes; its first page has {page.Changes.Count}.");
            var errors = await client.ListPlanErrorsAsync(plan.PlanId.Value, Most, cancellationToken: cancellationToken);
            if (errors.Errors.Count != Math.Min(details.Plan.Ledger.Rejected, Most))
                throw new FindingException(FindingKind.Half, $"{lane.Entity}: {plan} is ready and rejects {details.Plan.Ledger.Rejected} rows; its first page has {errors.Errors.Count}.");
        }
        catch (EntityImportProblemException problem) when (problem.StatusCode == HttpStatusCode.Gone && plan.MayHaveExpired)
        {
            // Meanwhile.
        }
    }

    /// <summary>The imports that were not settled before, in the order of invocation.</summary>
    private static async Task<List<ImportSummary>> ListUnsettledAsync(EntityImportClient client, Lane lane, CancellationToken cancellationToken)
    {
        var found = new List<ImportSummary>();
        string? cursor = null;
        do
        {
            var page = await client.ListImportsAsync(lane.Entity, limit: 20, cursor: cursor, cancellationToken: cancellationToken);
            found.AddRange(page.Imports.TakeWhile(import => !lane.SettledIds.Contains(import.ImportId)));
            cursor = page.Imports.Any(import => lane.SettledIds.Contains(import.ImportId)) ? null : page.NextCursor;
        }
        while (cursor is not null);

        found.Reverse();
        return found;
    }

    /// <summary>While imports still run, the entity holds as many records as after one of them: never a part of one.</summary>
    private static async Task CheckCountAsync(EntityImportClient client, Lane lane, CancellationToken cancellationToken)
    {
        var count = await lane.CountAsync(client, cancellationToken);
        var possible = Counts(lane, twice: null);
        if (possible.Contains(count)) return;
        if (lane.Unsettled.FirstOrDefault(invoked => Counts(lane, invoked).Contains(count)) is { } doubled)
            throw new FindingException(FindingKind.Doubled, $"{lane.Entity}: {doubled} was applied twice: there are {count} records, which is what it would be over its own rows.");
        throw new FindingException(FindingKind.Half, $"{lane.Entity} holds {count} records after the restart; after one of the imports it would be {string.Join(" or ", possible)}. Invoked: {string.Join("; ", lane.Unsettled)}.");
    }

    /// <summary>How many records there can be before the first, after the first, after the second import …</summary>
    private static HashSet<long> Counts(Lane lane, InvokedImport? twice)
    {
        IReadOnlyList<EntityModel> states = [lane.Settled];
        var counts = new HashSet<long> { lane.Settled.Count };
        foreach (var invoked in lane.Unsettled)
        {
            states = [.. states.SelectMany(state => state.Endings(invoked)).Select(ending => ending.After).Distinct()];
            if (invoked == twice) states = [.. states.SelectMany(state => state.Endings(invoked)).Select(ending => ending.After)];
            counts.UnionWith(states.Select(state => (long)state.Count));
        }

        return counts;
    }

    private static async Task WaitAsync(EntityImportClient client, Lane lane, InvokedImport invoked, CancellationToken limit, CancellationToken cancellationToken)
    {
        try
        {
            await client.WaitAsync(invoked.ImportId!.Value, RecoveryLimit, limit);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            throw new FindingException(FindingKind.Stuck, $"{lane.Entity}: {invoked} has not ended {RecoveryLimit.TotalSeconds} s after the restart.");
        }
    }

    /// <summary>Judges how an import ended; answers how it must have, and what the entity is then.</summary>
    private static (Outcome Outcome, EntityModel After) Judge(Lane lane, InvokedImport invoked, ImportDetails import, EntityModel before)
    {
        var endings = before.Endings(invoked);
        foreach (var ending in endings)
        {
            if (!ending.Outcome.Fits(import)) continue;
            if (invoked.File is { } file && import.File.Sha256 != file.Sha256) throw Wrong(lane, invoked, $"names the SHA-256 {import.File.Sha256}; the file's is {file.Sha256}");
            if (invoked.Undoes?.ImportId != import.Undoes) throw Wrong(lane, invoked, $"undoes {import.Undoes}");
            return ending;
        }

        var told = string.Create(CultureInfo.InvariantCulture, $"ended as {import.State} with {import.Ledger} (\"{import.Message}\", attempt {import.Attempts}), not as {string.Join(" or as ", endings.Select(ending => ending.Outcome))}");
        if (endings[0].After.Again(invoked).Fits(import))
            throw new FindingException(FindingKind.Doubled, $"{lane.Entity}: {invoked} was applied twice: it {told}, which is what it would be over its own rows.");
        throw Wrong(lane, invoked, told);
    }

    private static async Task CheckReportAsync(EntityImportClient client, Lane lane, InvokedImport invoked, Outcome expected, CancellationToken cancellationToken)
    {
        var status = await client.GetStatusAsync(invoked.ImportId!.Value, cancellationToken);
        var report = await client.GetReportAsync(invoked.ImportId!.Value, cancellationToken);
        var failed = expected.State == ImportState.Failed;
        if (status.Status != (failed ? ImportStatus.Failed : ImportStatus.Succeeded) || status.StopDate is null || status.ClientErrorCallingService != failed)
            throw Wrong(lane, invoked, $"has the status {status}");
        var rejected = expected.Ledger?.Rejected;
        var processed = expected.Ledger is { } ledger ? ledger.Records - ledger.Rejected - ledger.Skipped : (long?)null;
        if (invoked.Undoes is not null) processed = expected.Ledger?.Reversed;
        var about = invoked.Undoes is { } undone ? $"{undone.ImportId}" : $"entity-import/{invoked.UploadId}/data";
        var right = report.Message.Contains(about, StringComparison.Ordinal) && report.ProcessedRows == processed && (failed
            ? report.Status == ReportStatus.Failed
            : rejected == 0 ? report is { Status: ReportStatus.Success, FailedRows: null } : report.Status == ReportStatus.PartialSuccess && report.FailedRows == rejected);
        if (!right) throw Wrong(lane, invoked, $"has the report {report}");
    }

    /// <summary>The error file, and the same rows as JSON.</summary>
    private static async Task CheckErrorsAsync(EntityImportClient client, Lane lane, InvokedImport invoked, Outcome expected, CancellationToken cancellationToken)
    {
        if (expected.Rejected is not { } rejected) return;
        using var file = new MemoryStream();
        await client.CopyErrorFileAsync(invoked.ImportId!.Value, file, cancellationToken);
        var text = Encoding.UTF8.GetString(file.ToArray());
        var hasRecord = rejected.Any(row => !row.Row.HasColumns);
        var at = 0;
        at += Read($"{CsvFile.Header},errorRow,errorLine,errorReasons{(hasRecord ? ",errorRecord" : "")}", "");
        foreach (var (row, _) in rejected)
        {
            // A record that cannot be split stands in the last column; that of the others is empty.
            at += Read(
                string.Create(CultureInfo.InvariantCulture, $"{(row.HasColumns ? row.Text : ",,,,")},{row.Number},{row.Line},"),
                !hasRecord ? "" : row.HasColumns ? "," : $",\"{row.Text}\"");
        }

        if (at != text.Length) throw Wrong(lane, invoked, $"has an error file that goes on with {text[at..]}");

        int Read(string begin, string end)
        {
            var rest = text.AsSpan(at);
            var length = rest.StartsWith(begin, StringComparison.Ordinal) ? rest[begin.Length..].IndexOf('\n') : -1;
            if (length < 0 || !rest.Slice(begin.Length, length).EndsWith(end, StringComparison.Ordinal) || (length == end.Length) != (at == 0))
                throw Wrong(lane, invoked, $"has in its error file {rest[..Math.Min(rest.Length, 200)]}, not {begin}...{end}");
            return begin.Length + length + 1;
        }

        var listed = new List<RejectedRow>();
        string? cursor = null;
        do
        {
            var page = await client.ListErrorsAsync(invoked.ImportId!.Value, 1000, cursor, cancellationToken);
            listed.AddRange(page.Errors);
            cursor = page.NextCursor;
        }
        while (cursor is not null);

        if (!listed.Select(Line).SequenceEqual(rejected.Select(row => $"{row.Row.Number} {row.Row.Line} {string.Join(' ', row.Codes)}")))
            throw Wrong(lane, invoked, $"lists {listed.Count} rejected rows that are not the {rejected.Count} of the file, or for other reasons");

        static string Line(RejectedRow row) => string.Create(CultureInfo.InvariantCulture, $"{row.Row} {row.Line} {string.Join(' ', row.Reasons.Select(reason => reason.Code))}");
    }

    private async Task CompareAsync(EntityImportClient client, Lane lane, EntityModel expected, CancellationToken cancellationToken)
    {
        var actual = await lane.ReadRecordsAsync(client, cancellationToken);
        var wanted = expected.Records;
        tally.RecordsCompared += wanted.Count;
        if (actual.SequenceEqual(wanted)) return;
        for (var skipped = 0; skipped < lane.Unsettled.Count; skipped++)
        {
            if (actual.SequenceEqual(After(lane, i => i == skipped ? 0 : 1)))
                throw new FindingException(FindingKind.Lost, $"{lane.Entity}: nothing of {lane.Unsettled[skipped]} is in the entity, though it succeeded.");
            if (actual.SequenceEqual(After(lane, i => i == skipped ? 2 : 1)))
                throw new FindingException(FindingKind.Doubled, $"{lane.Entity}: {lane.Unsettled[skipped]} was applied twice: its rows are in the entity two times.");
        }

        var differing = actual.Except(wanted).Take(2).Select(row => $"has {row}").Concat(wanted.Except(actual).Take(2).Select(row => $"lacks {row}"));
        throw new FindingException(FindingKind.Half, $"{lane.Entity} holds {actual.Count} records, {wanted.Count} are expected; it {string.Join("; ", differing)}. Imported: {string.Join("; ", lane.Unsettled)}.");
    }

    private static IReadOnlyList<Row> After(Lane lane, Func<int, int> times)
    {
        var model = lane.Settled;
        for (var i = 0; i < lane.Unsettled.Count; i++)
            for (var time = times(i); time > 0; time--) model = model.Endings(lane.Unsettled[i])[0].After;
        return model.Records;
    }

    /// <summary>Nothing half is left on disk once all imports and plans have ended.</summary>
    private async Task CheckFoldersAsync(CancellationToken cancellationToken)
    {
        // Scratch of a plan is deleted after its end; and what has had its time is, by a sweep that begins with the service.
        var begun = DateTime.UtcNow;
        while ((FindLeft() ?? (Database is null ? null : await DatabaseJudge.FindLeftAsync(Database, cancellationToken))) is { } left)
        {
            if (DateTime.UtcNow - begun > SweepLimit) throw new FindingException(FindingKind.Leftover, left);
            await Task.Delay(100, cancellationToken);
        }
    }

    private string? FindLeft()
    {
        foreach (var folder in (string[])["incoming", "scratch", "spill", "quarantine"])
        {
            var path = Path.Combine(Data, folder);
            if (Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).FirstOrDefault() is { } left) return $"{left} is left.";
        }

        // The marks of processes that were killed are gone, but for the one of the process that runs.
        var marks = Directory.GetFiles(Path.Combine(Data, "running"));
        if (marks.Length > 1) return $"There are {marks.Length} marks of running processes.";
        var known = lanes.SelectMany(lane => lane.SettledIds.Select(id => (Guid?)id).Concat(lane.Unsettled.Select(invoked => invoked.ImportId))
            .Concat(lane.Plans.Where(plan => !(plan.IsSettled && plan.MayHaveExpired)).Select(plan => plan.PlanId))).ToHashSet();
        return Directory.EnumerateDirectories(Path.Combine(Data, "imports")).FirstOrDefault(folder => !known.Contains(Guid.Parse(Path.GetFileName(folder)))) is { } surplus
            ? $"{surplus} is left, though there is no such import or plan, or its time is over."
            : null;
    }

    /// <summary>Uploads that were answered since are there, byte for byte; no other folder is, but whole ones whose answers were lost.</summary>
    private async Task CheckUploadsAsync(EntityImportClient client, bool isStarted, CancellationToken cancellationToken)
    {
        var used = lanes.SelectMany(lane => lane.Unsettled.Where(invoked => invoked.File is not null).Select(invoked => (Id: invoked.UploadId, invoked.File))
            .Concat(lane.Plans.Where(plan => !plan.IsSettled).Select(plan => (Id: plan.UploadId, File: (CsvFile?)plan.File))));
        foreach (var (uploadId, file) in used.DistinctBy(upload => upload.Id)) await CheckUploadAsync(client, uploadId!.Value, file!.Sha256, cancellationToken);
        foreach (var folder in Directory.EnumerateDirectories(Path.Combine(Data, "uploads")))
        {
            var uploadId = Guid.Parse(Path.GetFileName(folder));
            if (_uploads.ContainsKey(uploadId)) continue;
            var sha256 = await HashAsync(client, uploadId, cancellationToken);
            if (sha256 is null && !isStarted) continue;
            if (sha256 is null) throw new FindingException(FindingKind.Leftover, $"{folder} is left, though the service does not know the upload.");
            if (!_lostUploads.Remove(sha256)) throw new FindingException(FindingKind.Half, $"The upload {uploadId} was not answered; it is there, but with the SHA-256 {sha256}, which none of the files sent has.");
            _uploads.Add(uploadId, sha256);
        }

        tally.Uploads = _uploads.Count;
    }

    private static async Task CheckUploadAsync(EntityImportClient client, Guid uploadId, string sha256, CancellationToken cancellationToken)
    {
        var actual = await HashAsync(client, uploadId, cancellationToken)
            ?? throw new FindingException(FindingKind.Lost, $"The upload {uploadId} was answered, but the service no longer knows it.");
        if (actual != sha256) throw new FindingException(FindingKind.Half, $"The upload {uploadId} has the SHA-256 {actual}; the file's is {sha256}.");
    }

    private static async Task<string?> HashAsync(EntityImportClient client, Guid uploadId, CancellationToken cancellationToken)
    {
        using var file = new MemoryStream();
        try
        {
            await client.CopyFileAsync(uploadId, file, cancellationToken);
        }
        catch (EntityImportProblemException exception) when (exception.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }

        return Convert.ToHexStringLower(SHA256.HashData(file.GetBuffer().AsSpan(0, (int)file.Length)));
    }

    private static FindingException Wrong(Lane lane, InvokedImport invoked, string what) => new(FindingKind.Wrong, $"{lane.Entity}: {invoked} {what}.");
}
