using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using EntityImport.Api;
using EntityImport.Client;

namespace EntityImport.Bench.Torture;

/// <summary>Compares a restarted service with the model: each import ended once, as it must, and nothing else is there.</summary>
internal sealed class Settlement(string data, IReadOnlyList<Lane> lanes, Tally tally)
{
    /// <summary>How long the service may take to end all imports after a restart.</summary>
    public static readonly TimeSpan RecoveryLimit = TimeSpan.FromMinutes(2);

    private readonly Dictionary<Guid, string> _uploads = [];
    private readonly List<string> _lostUploads = [];

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
    /// <param name="cancellationToken">Ends the call; it can be made again.</param>
    public async Task CheckAsync(EntityImportClient client, Predicate<PlannedImport> retry, CancellationToken cancellationToken)
    {
        var begun = DateTime.UtcNow;
        foreach (var lane in lanes)
        {
            await FindInvokedAsync(client, lane, retry, cancellationToken);
            await CheckCountAsync(client, lane, cancellationToken);
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(RecoveryLimit);
        var ended = new List<(Lane Lane, EntityModel After, IReadOnlyList<ImportDetails> Imports)>();
        foreach (var lane in lanes.Where(lane => lane.Unsettled.Count > 0))
        {
            var after = lane.Settled.Copy();
            var imports = new List<ImportDetails>();
            foreach (var planned in lane.Unsettled)
            {
                await WaitAsync(client, lane, planned, limit.Token, cancellationToken);
                var import = await client.GetImportAsync(planned.ImportId!.Value, cancellationToken);
                var before = after.Copy();
                var expected = after.Apply(planned.Kind, planned.File);
                Judge(lane, planned, import, expected, before);
                if (imports.Count > 0 && imports[^1].StopDate > import.StopDate)
                    throw Wrong(lane, planned, $"ended before import {imports[^1].ImportId}, which was invoked earlier");
                await CheckReportAsync(client, lane, planned, expected, cancellationToken);
                await CheckErrorsAsync(client, lane, planned, expected, cancellationToken);
                imports.Add(import);
            }

            ended.Add((lane, after, imports));
        }

        var recovery = DateTime.UtcNow - begun;
        foreach (var (lane, after, _) in ended) await CompareAsync(client, lane, after, cancellationToken);
        CheckFolders();
        await CheckUploadsAsync(client, cancellationToken);

        foreach (var (lane, after, imports) in ended)
        {
            for (var i = 0; i < imports.Count; i++) tally.AddImport(lane.Unsettled[i].Kind.Name, imports[i].Attempts);
            lane.SettledIds.UnionWith(imports.Select(import => import.ImportId));
            lane.Unsettled.Clear();
            lane.Settled = after;
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
    private async Task FindInvokedAsync(EntityImportClient client, Lane lane, Predicate<PlannedImport> retry, CancellationToken cancellationToken)
    {
        var found = await ListUnsettledAsync(client, lane, cancellationToken);
        foreach (var planned in lane.Unsettled.Where(planned => planned.ImportId is null).ToList())
        {
            var invoked = found.Where(import => import.UploadId == planned.UploadId).ToList();
            if (invoked.Count > 1) throw new FindingException(FindingKind.Doubled, $"{lane.Entity}: {planned} was invoked once, but is there as imports {string.Join(" and ", invoked.Select(import => import.ImportId))}.");
            if (invoked.Count == 1)
            {
                planned.ImportId = invoked[0].ImportId;
                tally.LostInvocationsThatHappened++;
            }
            else if (retry(planned))
            {
                planned.ImportId = await client.ImportAsync(planned.UploadId!.Value, cancellationToken);
                found = await ListUnsettledAsync(client, lane, cancellationToken);
                tally.LostInvocationsThatDidNot++;
            }
            else
            {
                lane.Unsettled.Remove(planned);
                tally.LostInvocationsThatDidNot++;
            }
        }

        var actual = found.Select(import => import.ImportId).ToList();
        if (lane.Unsettled.FirstOrDefault(planned => !actual.Contains(planned.ImportId!.Value)) is { } lost)
            throw new FindingException(FindingKind.Lost, $"{lane.Entity}: {lost} was invoked and answered, but the service no longer knows it.");
        if (!actual.SequenceEqual(lane.Unsettled.Select(planned => planned.ImportId!.Value)))
            throw new FindingException(FindingKind.Wrong, $"{lane.Entity}: invoked were {string.Join("; ", lane.Unsettled)}; the service has {string.Join(", ", actual)}.");
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
        if (lane.Unsettled.FirstOrDefault(planned => Counts(lane, planned).Contains(count)) is { } doubled)
            throw new FindingException(FindingKind.Doubled, $"{lane.Entity}: {doubled} was applied twice: there are {count} records, which is what it would be over its own rows.");
        throw new FindingException(FindingKind.Half, $"{lane.Entity} holds {count} records after the restart; after one of the imports it would be {string.Join(" or ", possible)}. Invoked: {string.Join("; ", lane.Unsettled)}.");
    }

    /// <summary>How many records there can be before the first, after the first, after the second import …</summary>
    private static HashSet<long> Counts(Lane lane, PlannedImport? twice)
    {
        var model = lane.Settled.Copy();
        var counts = new HashSet<long> { model.Count };
        foreach (var planned in lane.Unsettled)
        {
            model.Apply(planned.Kind, planned.File);
            if (planned == twice) model.Apply(planned.Kind, planned.File);
            counts.Add(model.Count);
        }

        return counts;
    }

    private static async Task WaitAsync(EntityImportClient client, Lane lane, PlannedImport planned, CancellationToken limit, CancellationToken cancellationToken)
    {
        try
        {
            await client.WaitAsync(planned.ImportId!.Value, RecoveryLimit, limit);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            throw new FindingException(FindingKind.Stuck, $"{lane.Entity}: {planned} has not ended {RecoveryLimit.TotalSeconds} s after the restart.");
        }
    }

    private static void Judge(Lane lane, PlannedImport planned, ImportDetails import, Outcome expected, EntityModel before)
    {
        if (expected.Fits(import))
        {
            if (import.File.Sha256 != planned.File.Sha256) throw Wrong(lane, planned, $"names the SHA-256 {import.File.Sha256}; the file's is {planned.File.Sha256}");
            return;
        }

        var told = string.Create(CultureInfo.InvariantCulture, $"ended as {import.State} with {import.Ledger} (\"{import.Message}\", attempt {import.Attempts}), not as {expected.State} with {expected.Ledger}");
        before.Apply(planned.Kind, planned.File);
        if (before.Apply(planned.Kind, planned.File).Fits(import))
            throw new FindingException(FindingKind.Doubled, $"{lane.Entity}: {planned} was applied twice: it {told}, which is what it would be over its own rows.");
        throw Wrong(lane, planned, told);
    }

    private static async Task CheckReportAsync(EntityImportClient client, Lane lane, PlannedImport planned, Outcome expected, CancellationToken cancellationToken)
    {
        var status = await client.GetStatusAsync(planned.ImportId!.Value, cancellationToken);
        var report = await client.GetReportAsync(planned.ImportId!.Value, cancellationToken);
        var failed = expected.State == ImportState.Failed;
        if (status.Status != (failed ? ImportStatus.Failed : ImportStatus.Succeeded) || status.StopDate is null || status.ClientErrorCallingService != failed)
            throw Wrong(lane, planned, $"has the status {status}");
        var rejected = expected.Ledger?.Rejected;
        var processed = expected.Ledger is { } ledger ? ledger.Records - ledger.Rejected - ledger.Skipped : (long?)null;
        var right = report.Message.Contains($"entity-import/{planned.UploadId}/data", StringComparison.Ordinal) && report.ProcessedRows == processed && (failed
            ? report.Status == ReportStatus.Failed
            : rejected == 0 ? report is { Status: ReportStatus.Success, FailedRows: null } : report.Status == ReportStatus.PartialSuccess && report.FailedRows == rejected);
        if (!right) throw Wrong(lane, planned, $"has the report {report}");
    }

    /// <summary>The error file, and the same rows as JSON.</summary>
    private static async Task CheckErrorsAsync(EntityImportClient client, Lane lane, PlannedImport planned, Outcome expected, CancellationToken cancellationToken)
    {
        if (expected.Rejected is not { } rejected) return;
        using var file = new MemoryStream();
        await client.CopyErrorFileAsync(planned.ImportId!.Value, file, cancellationToken);
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

        if (at != text.Length) throw Wrong(lane, planned, $"has an error file that goes on with {text[at..]}");

        int Read(string begin, string end)
        {
            var rest = text.AsSpan(at);
            var length = rest.StartsWith(begin, StringComparison.Ordinal) ? rest[begin.Length..].IndexOf('\n') : -1;
            if (length < 0 || !rest.Slice(begin.Length, length).EndsWith(end, StringComparison.Ordinal) || (length == end.Length) != (at == 0))
                throw Wrong(lane, planned, $"has in its error file {rest[..Math.Min(rest.Length, 200)]}, not {begin}...{end}");
            return begin.Length + length + 1;
        }

        var listed = new List<RejectedRow>();
        string? cursor = null;
        do
        {
            var page = await client.ListErrorsAsync(planned.ImportId!.Value, 1000, cursor, cancellationToken);
            listed.AddRange(page.Errors);
            cursor = page.NextCursor;
        }
        while (cursor is not null);

        if (!listed.Select(Line).SequenceEqual(rejected.Select(row => $"{row.Row.Number} {row.Row.Line} {string.Join(' ', row.Codes)}")))
            throw Wrong(lane, planned, $"lists {listed.Count} rejected rows that are not the {rejected.Count} of the file, or for other reasons");

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
        var model = lane.Settled.Copy();
        for (var i = 0; i < lane.Unsettled.Count; i++)
            for (var time = times(i); time > 0; time--) model.Apply(lane.Unsettled[i].Kind, lane.Unsettled[i].File);
        return model.Records;
    }

    /// <summary>Nothing half is left on disk once all imports have ended.</summary>
    private void CheckFolders()
    {
        foreach (var folder in (string[])["incoming", "scratch", "spill"])
        {
            var path = Path.Combine(data, folder);
            if (Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).FirstOrDefault() is { } left)
                throw new FindingException(FindingKind.Leftover, $"{left} is left.");
        }

        // The marks of processes that were killed are gone, but for the one of the process that runs.
        var marks = Directory.GetFiles(Path.Combine(data, "running"));
        if (marks.Length > 1) throw new FindingException(FindingKind.Leftover, $"There are {marks.Length} marks of running processes.");
    }

    /// <summary>Uploads that were answered since are there, byte for byte; no other folder is, but whole ones whose answers were lost.</summary>
    private async Task CheckUploadsAsync(EntityImportClient client, CancellationToken cancellationToken)
    {
        foreach (var planned in lanes.SelectMany(lane => lane.Unsettled)) await CheckUploadAsync(client, planned.UploadId!.Value, planned.File.Sha256, cancellationToken);
        foreach (var folder in Directory.EnumerateDirectories(Path.Combine(data, "uploads")))
        {
            var uploadId = Guid.Parse(Path.GetFileName(folder));
            if (_uploads.ContainsKey(uploadId)) continue;
            var sha256 = await HashAsync(client, uploadId, cancellationToken)
                ?? throw new FindingException(FindingKind.Leftover, $"{folder} is left, though the service does not know the upload.");
            if (!_lostUploads.Remove(sha256)) throw new FindingException(FindingKind.Half, $"The upload {uploadId} was not answered; it is there, but with the SHA-256 {sha256}, which none of the files sent has.");
            _uploads.Add(uploadId, sha256);
        }

        tally.Uploads = _uploads.Count;
        var known = lanes.SelectMany(lane => lane.SettledIds.Concat(lane.Unsettled.Select(planned => planned.ImportId!.Value))).ToHashSet();
        if (Directory.EnumerateDirectories(Path.Combine(data, "imports")).FirstOrDefault(folder => !known.Contains(Guid.Parse(Path.GetFileName(folder)))) is { } left)
            throw new FindingException(FindingKind.Leftover, $"{left} is left, though there is no such import.");
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
        catch (EntityImportProblemException exception) when (exception.StatusCode == System.Net.HttpStatusCode.NotFound)
        {
            return null;
        }

        return Convert.ToHexStringLower(SHA256.HashData(file.GetBuffer().AsSpan(0, (int)file.Length)));
    }

    private static FindingException Wrong(Lane lane, PlannedImport planned, string what) => new(FindingKind.Wrong, $"{lane.Entity}: {planned} {what}.");
}
