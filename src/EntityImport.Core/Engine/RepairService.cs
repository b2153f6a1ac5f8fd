using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using EntityImport.Access;
using EntityImport.Catalog;
using EntityImport.Files;
using EntityImport.Imports;
using EntityImport.Imports.Rejections;
using EntityImport.Imports.Repairs;
using EntityImport.Imports.Running;
using EntityImport.Imports.Scheduling;
using EntityImport.Inputs;
using EntityImport.Records;
using EntityImport.Storage;

namespace EntityImport.Engine;

/// <summary>
/// Repairs: what somebody makes of an import's rejected rows, kept as a draft, and brought in by a plan, so that it ends as if the file had held the corrected rows. Thread-safe.
/// </summary>
public sealed class RepairService
{
    /// <summary>How many rows may be edited one by one; cures have no limit.</summary>
    public const int MaxEdits = 100_000;

    /// <summary>How many rows are checked at once.</summary>
    public const int MaxChecked = 1_000;

    private const int Page = 10_000;

    private readonly IStore _store;
    private readonly ICatalog _catalog;
    private readonly EntityReads _reads;
    private readonly ImportFiles _files;
    private readonly IScheduler _scheduler;
    private readonly Admission _admission;
    private readonly RejectedRowService _rejected;
    private readonly CureService _cures;
    private readonly UploadService _uploads;
    private readonly PlanService _plans;
    private readonly TimeProvider _time;

    /// <summary>What was counted, for as long as it is known where the rows are.</summary>
    private readonly ConditionalWeakTable<RejectedRowIndexes.Entry, RepairTally> _tallies = [];

    internal RepairService(
        IStore store, ImportFiles files, IScheduler scheduler, Admission admission, RejectedRowService rejected, CureService cures, UploadService uploads, PlanService plans, TimeProvider time)
    {
        _store = store;
        _catalog = store.Catalog;
        _reads = new EntityReads(store.Catalog);
        _files = files;
        _scheduler = scheduler;
        _admission = admission;
        _rejected = rejected;
        _cures = cures;
        _uploads = uploads;
        _plans = plans;
        _time = time;
    }

    /// <summary>What has become of an import's rejected rows.</summary>
    /// <param name="request">The request.</param>
    /// <param name="importId">The import.</param>
    /// <param name="counts">Whether rows are counted by their states. Of millions of rows that takes seconds when it is asked for first, or cures have changed since.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>That; null where there is no such import that the caller sees.</returns>
    /// <exception cref="RequestException">The import cannot be repaired; its file, or its rejected rows, have expired.</exception>
    public async Task<RepairSnapshot?> FindAsync(Request request, Guid importId, bool counts, CancellationToken cancellationToken)
    {
        Admission.Check(request, Scope.Read | Scope.Import);
        if (await FindImportAsync(request, importId, Scope.Read | Scope.Import, cancellationToken).ConfigureAwait(false) is not { } import) return null;
        return await DescribeAsync(import, counts, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The edits of single rows, in the order of the rows.</summary>
    /// <param name="request">The request.</param>
    /// <param name="importId">The import.</param>
    /// <param name="after">Only of rows behind this one; 0 means all.</param>
    /// <param name="limit">The most to return.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The edits; null where there is no such import that the caller sees.</returns>
    public async Task<IReadOnlyList<RowEdit>?> ListEditsAsync(Request request, Guid importId, long after, int limit, CancellationToken cancellationToken)
    {
        Admission.Check(request, Scope.Read | Scope.Import);
        if (await FindImportAsync(request, importId, Scope.Read | Scope.Import, cancellationToken).ConfigureAwait(false) is null) return null;
        return await _catalog.ListRowEditsAsync(importId, after, limit, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Changes a draft. What it then is, is durable when the call returns.</summary>
    /// <param name="request">The request.</param>
    /// <param name="importId">The import.</param>
    /// <param name="document">
    /// The JSON: <c>edits</c>, each with a <c>row</c> and its <c>fields</c> by their columns, or null for none; <c>drops</c> and <c>restores</c>, rows that are left out, or not any more; <c>cures</c>, all of them, each with a <c>cause</c> and a <c>cure</c>.
    /// </param>
    /// <param name="version">The version that the caller has seen; null where it does not matter.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The draft as it is then; null where there is no such import that the caller sees.</returns>
    /// <exception cref="RequestException">The document has faults; the draft is of another version; the import cannot be repaired; or the caller may not import.</exception>
    public async Task<RepairDraft?> ChangeAsync(Request request, Guid importId, JsonElement document, long? version, CancellationToken cancellationToken)
    {
        using var admitted = _admission.Admit(request with { Key = null }, Scope.Import);
        if (await FindImportAsync(request, importId, Scope.Import, cancellationToken).ConfigureAwait(false) is not { } import) return null;
        using var basis = await _cures.OpenBasisAsync(import, isWhole: false, cancellationToken).ConfigureAwait(false);
        var change = await _rejected.LookAsync(
            import,
            (rows, known) =>
            {
                var index = known.RowsOf(new RowFilter(null, null, null));
                index.Extend(rows, cancellationToken);
                return new DraftReader(basis, importId, number => index.Find(rows, number, cancellationToken)).Read(document, cancellationToken);
            },
            null as DraftChange, cancellationToken).ConfigureAwait(false) ?? throw NotRepairable("The import has no rejected rows.");
        return await KeepAsync(admitted, request, import, change, version, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Makes edits of what somebody has corrected in an import's error file, or in its copy for spreadsheets. What the draft then is, is durable when the call returns. The file is not kept.</summary>
    /// <param name="request">The request.</param>
    /// <param name="importId">The import.</param>
    /// <param name="content">The file's bytes, already decompressed. It is read by the import's mapping, as the import's own file was.</param>
    /// <param name="fileName">The client's name for it.</param>
    /// <param name="charset">The charset that the client stated, by its IANA name; null where it stated none.</param>
    /// <param name="version">The version that the caller has seen; null where it does not matter.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>What was found in the file, and the draft as it is then; null where there is no such import that the caller sees.</returns>
    /// <exception cref="RequestException">
    /// The file is no error file of the import, or cannot be read; it changes more rows than can be edited one by one; the draft is of another version; the import cannot be repaired; the disk is full; or the caller may not import.
    /// </exception>
    public async Task<MergedRows?> MergeAsync(Request request, Guid importId, Stream content, string? fileName, string? charset, long? version, CancellationToken cancellationToken)
    {
        using var admitted = _admission.Admit(request with { Key = null }, Scope.Import);
        if (await FindImportAsync(request, importId, Scope.Import, cancellationToken).ConfigureAwait(false) is not { } import) return null;
        using var basis = await _cures.OpenBasisAsync(import, isWhole: false, cancellationToken).ConfigureAwait(false);
        var (draft, _) = await ReadDraftAsync(importId, cancellationToken).ConfigureAwait(false);
        if (version is { } seen && seen != draft.Version) throw Changed();
        var repaired = await FindRepairedAsync(draft, basis, cancellationToken).ConfigureAwait(false);
        var upload = await _uploads.ReceiveCorrectedAsync(request, import, content, fileName, charset, cancellationToken).ConfigureAwait(false);
        (MergedRows Found, IReadOnlyDictionary<long, IReadOnlyDictionary<int, string>> Edits) merged;
        try
        {
            using var place = await _cures.TakePlaceAsync(cancellationToken).ConfigureAwait(false);
            merged = await _rejected.ReadAsync(import, Find, (new MergedRows(), new Dictionary<long, IReadOnlyDictionary<int, string>>()), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await _uploads.DropAsync(upload).ConfigureAwait(false);
        }

        if (merged.Edits.Count == 0) return merged.Found with { Draft = draft };
        var change = new DraftChange(merged.Edits.ToDictionary(edit => edit.Key, edit => new Func<RowEdit, RowEdit>(before => before with { Values = edit.Value })), Cures: null);
        return merged.Found with { Draft = await KeepAsync(admitted, request, import, change, version, cancellationToken).ConfigureAwait(false) };

        (MergedRows, IReadOnlyDictionary<long, IReadOnlyDictionary<int, string>>) Find(RejectedRowsReader rejected)
        {
            try
            {
                using var corrected = InputFormats.Open(_files, upload, charset is null ? basis.Definition : basis.Definition with { Encoding = charset }, cancellationToken);
                var rows = new CorrectedRows(basis, corrected, repaired.Rows);
                return rows.Obstacle is { } obstacle ? throw RequestException.Invalid([new RequestFault("file", obstacle)]) : rows.Find(rejected, MaxEdits, cancellationToken);
            }
            catch (ImportRefusedException refused)
            {
                throw RequestException.Invalid([new RequestFault("file", refused.Message)]);
            }
        }
    }

    /// <summary>Tells what has become of rows, or would become of them.</summary>
    /// <param name="request">The request.</param>
    /// <param name="importId">The import.</param>
    /// <param name="document">The JSON: <c>rows</c>, the numbers of rows as the draft has them; and <c>edits</c>, as <see cref="ChangeAsync"/> takes them, of rows as they would be then.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The rows, in the order of the document; null where there is no such import that the caller sees.</returns>
    /// <exception cref="RequestException">The document has faults; or the import cannot be repaired.</exception>
    public async Task<IReadOnlyList<RepairedRow>?> CheckAsync(Request request, Guid importId, JsonElement document, CancellationToken cancellationToken)
    {
        Admission.Check(request, Scope.Read | Scope.Import);
        if (await FindImportAsync(request, importId, Scope.Read | Scope.Import, cancellationToken).ConfigureAwait(false) is not { } import) return null;
        using var basis = await _cures.OpenBasisAsync(import, isWhole: false, cancellationToken).ConfigureAwait(false);
        var (draft, edits) = await ReadDraftAsync(importId, cancellationToken).ConfigureAwait(false);
        var repaired = await FindRepairedAsync(draft, basis, cancellationToken).ConfigureAwait(false);
        return await _rejected.LookAsync<IReadOnlyList<RepairedRow>>(
            import,
            (rows, known) =>
            {
                var index = known.RowsOf(new RowFilter(null, null, null));
                index.Extend(rows, cancellationToken);
                var reader = new DraftReader(basis, importId, number => index.Find(rows, number, cancellationToken));
                var repair = new RowRepair(basis, Compile(basis, draft, cancellationToken), edits, repaired.Rows);
                return [.. reader.ReadChecked(document, MaxChecked).Select(wanted => repair.Apply(wanted.Row, explain: true, cancellationToken, wanted.Edit))];
            },
            [], cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Begins a plan of all rows that are ready. It is durable when the call returns, and is made by itself.</summary>
    /// <param name="request">The request.</param>
    /// <param name="importId">The import.</param>
    /// <param name="overwrite">Whether rows also go in whose records other imports have changed since.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The plan, and what was chosen for it; null where there is no such import that the caller sees.</returns>
    /// <exception cref="RequestException">No row is ready; an earlier repair of the import still runs; the import cannot be repaired; too many plans are unfinished; or the caller may not import.</exception>
    public async Task<PlannedRepair?> PlanAsync(Request request, Guid importId, bool overwrite, CancellationToken cancellationToken)
    {
        using var admitted = _admission.Admit(request, Scope.Import);
        if (await FindImportAsync(request, importId, Scope.Import, cancellationToken).ConfigureAwait(false) is not { } import) return null;
        if (await admitted.FindAnswerAsync(Encoding.UTF8.GetBytes(overwrite ? "overwrite" : ""), cancellationToken).ConfigureAwait(false) is { } earlier)
        {
            var told = (await _catalog.FindRepairAsync(importId, cancellationToken).ConfigureAwait(false))?.Runs.FirstOrDefault(run => run.PlanId == earlier);
            return new PlannedRepair(earlier, told?.Rows ?? 0, told?.Superseded ?? 0, told?.Kept ?? 0, told?.KeptRows ?? []);
        }

        await _plans.ThrowIfFullAsync(cancellationToken).ConfigureAwait(false);
        using var place = await _cures.TakePlaceAsync(cancellationToken).ConfigureAwait(false);
        using var basis = await _cures.OpenBasisAsync(import, isWhole: true, cancellationToken).ConfigureAwait(false);
        var last = await _catalog.FindLastSucceededAsync(import.EntitySystemName, before: null, cancellationToken).ConfigureAwait(false);
        var (draft, edits) = await ReadDraftAsync(importId, cancellationToken).ConfigureAwait(false);
        var repaired = await FindRepairedAsync(draft, basis, cancellationToken).ConfigureAwait(false);
        if (repaired.Unfinished is { } running) throw new RequestException(FaultKind.Conflict, "repair-running", $"Import {running:D}, which repairs the same import, has not ended yet.");
        if (!overwrite && await FindReplacementAsync(import, cancellationToken).ConfigureAwait(false) is { } replacement)
            throw new RequestException(FaultKind.Conflict, "entity-replaced", $"Import {replacement.Id:D} has put other records in the place of all since. Plan with overwrite to bring the rows in all the same.");
        using var file = _files.Scratch.Create();
        var chosen = await ChooseAsync(import, basis, draft, edits, repaired, overwrite, file, cancellationToken).ConfigureAwait(false);
        if (chosen.Rows == 0) throw new RequestException(FaultKind.Conflict, "repair-empty", string.Create(
            CultureInfo.InvariantCulture, $"There is no row to bring in: {chosen.Superseded} are superseded by later rows of the file, and {chosen.Kept} records were changed by other imports since."));
        file.Position = 0;
        var upload = await _uploads.ReceiveCorrectedAsync(request, import, file, $"repair-{importId:D}.csv", charset: null, cancellationToken).ConfigureAwait(false);
        var now = _time.GetUtcNow();
        var plan = new Plan
        {
            Run = new Import
            {
                Id = Guid.CreateVersion7(now),
                UploadId = upload.Id,
                MappingId = import.MappingId,
                MappingRevision = import.MappingRevision,
                EntitySystemName = import.EntitySystemName,
                StartedAt = now,
                InvokedBy = request.Caller.Name,
                Repairs = importId,
                RepairsAfter = last?.Sequence ?? 0,
            },
        };
        using var hold = await _scheduler.HoldDefinitionsAsync(cancellationToken).ConfigureAwait(false);
        var kept = await _catalog.FindRepairAsync(importId, cancellationToken).ConfigureAwait(false) ?? new RepairDraft { ImportId = importId };
        if (kept.Version != draft.Version) throw Changed();
        await _plans.AddAsync(
            admitted, new CatalogCommit { NewPlan = plan, Repair = kept with { Runs = [.. kept.Runs, new RepairRun(plan.Id, upload.Id, kept.Version) { Rows = chosen.Rows, Superseded = chosen.Superseded, Kept = chosen.Kept, KeptRows = chosen.KeptRows }] } }, upload.Size, cancellationToken).ConfigureAwait(false);
        return chosen with { PlanId = plan.Id };
    }

    /// <summary>Invokes the import of the rows that were planned last, as <see cref="PlanService.ApplyAsync(Request, Guid, string?, CancellationToken)"/> does.</summary>
    /// <param name="request">The request.</param>
    /// <param name="importId">The import that is repaired.</param>
    /// <param name="reason">Why, in the caller's words; null where nothing is said.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The import; null where there is no such import that the caller sees.</returns>
    /// <exception cref="RequestException">Nothing was planned, or the draft was changed since; or as with <see cref="PlanService.ApplyAsync(Request, Guid, string?, CancellationToken)"/>.</exception>
    public async Task<Import?> InvokeAsync(Request request, Guid importId, string? reason, CancellationToken cancellationToken)
    {
        Admission.Check(request, Scope.Import);
        if (await FindImportAsync(request, importId, Scope.Import, cancellationToken).ConfigureAwait(false) is null) return null;
        var draft = await _catalog.FindRepairAsync(importId, cancellationToken).ConfigureAwait(false);
        if (draft is not { Runs: [.., var last] }) throw new RequestException(FaultKind.Conflict, "repair-unplanned", "Nothing was planned yet. Plan the repair first.");
        var changed = last.Version == draft.Version ? null : new RequestException(FaultKind.Conflict, "repair-changed", "The repair was changed since it was planned. Plan it again.");
        return await _plans.ApplyAsync(request, last.PlanId, reason, changed, cancellationToken).ConfigureAwait(false)
            ?? throw new RequestException(FaultKind.Conflict, "repair-unplanned", "What was planned is gone. Plan the repair again.");
    }

    /// <summary>The imports that have repaired one, and stand.</summary>
    internal static async Task<IReadOnlyList<Import>> FindRepairsAsync(ICatalog catalog, Guid importId, CancellationToken cancellationToken)
    {
        var repairs = new List<Import>();
        foreach (var run in (await catalog.FindRepairAsync(importId, cancellationToken).ConfigureAwait(false))?.Runs ?? [])
            if (await FindStandingAsync(catalog, run, cancellationToken).ConfigureAwait(false) is { State: ImportState.Succeeded } import) repairs.Add(import);
        return repairs;
    }

    /// <summary>The last import of what was planned once, undos set off against what they have taken back; null where nothing of it stands.</summary>
    private static async Task<Import?> FindStandingAsync(ICatalog catalog, RepairRun run, CancellationToken cancellationToken) =>
        await catalog.FindLastImportAsync(run.UploadId, cancellationToken).ConfigureAwait(false) is { } last ? await new UndoCheck(catalog).FindStandingAsync(last, cancellationToken).ConfigureAwait(false) : null;

    private static RequestException NotRepairable(string why) => new(FaultKind.Conflict, "not-repairable", why);

    private static RequestException Changed() => new(FaultKind.Outdated, "repair-changed", "Somebody else has changed the repair. Read it again.");

    private async Task<Import?> FindImportAsync(Request request, Guid importId, Scope needed, CancellationToken cancellationToken)
    {
        if (await _catalog.FindImportAsync(importId, cancellationToken).ConfigureAwait(false) is not { } import || !Admission.Sees(request, import.EntitySystemName)) return null;
        Admission.Check(request, needed, import.EntitySystemName);
        if (!import.HasEnded) throw new RequestException(FaultKind.Conflict, "import-unfinished", "The import has not ended yet.");
        if (import is not { State: ImportState.Succeeded, DryRun: false, Undoes: null }) throw NotRepairable("The import has brought no rows in, so that there is nothing to complete: correct the file, and import it again.");
        if (await new UndoCheck(_catalog).FindUndoAsync(import, cancellationToken).ConfigureAwait(false) is { } undo) throw NotRepairable($"The import was undone by import {undo:D}.");
        return import;
    }

    private async Task<RepairDraft> KeepAsync(Admission.AdmittedRequest admitted, Request request, Import import, DraftChange change, long? version, CancellationToken cancellationToken)
    {
        using var hold = await _scheduler.HoldDefinitionsAsync(cancellationToken).ConfigureAwait(false);
        var (draft, edits) = await ReadDraftAsync(import.Id, cancellationToken).ConfigureAwait(false);
        if (version is { } seen && seen != draft.Version) throw Changed();
        var rows = edits.Keys.ToHashSet();
        var changed = new List<RowEdit>();
        foreach (var (row, apply) in change.Rows)
        {
            var edit = apply(edits.GetValueOrDefault(row) ?? new RowEdit(import.Id, row));
            changed.Add(edit);
            if (edit.IsNone) rows.Remove(row);
            else rows.Add(row);
        }

        if (rows.Count > MaxEdits) throw RequestException.Invalid([new RequestFault("edits", string.Create(CultureInfo.InvariantCulture, $"At most {MaxEdits} rows can be edited one by one."))]);
        var kept = draft with
        {
            Version = draft.Version + 1,
            ChangedAt = _time.GetUtcNow(),
            ChangedBy = request.Caller.Name,
            Edits = rows.Count,
            Cures = change.Cures ?? draft.Cures,
        };
        await admitted.CommitAsync(import.Id, new CatalogCommit { Repair = kept, RowEdits = changed }, cancellationToken, import.EntitySystemName).ConfigureAwait(false);
        return kept;
    }

    private async Task<(RepairDraft Draft, Dictionary<long, RowEdit> Edits)> ReadDraftAsync(Guid importId, CancellationToken cancellationToken)
    {
        var draft = await _catalog.FindRepairAsync(importId, cancellationToken).ConfigureAwait(false) ?? new RepairDraft { ImportId = importId };
        var edits = new Dictionary<long, RowEdit>();
        for (var after = 0L; ;)
        {
            var page = await _catalog.ListRowEditsAsync(importId, after, Page, cancellationToken).ConfigureAwait(false);
            foreach (var edit in page) edits[edit.Row] = edit;
            if (page.Count < Page) return (draft, edits);
            after = page[^1].Row;
        }
    }

    private static List<CompiledCure> Compile(RepairBasis basis, RepairDraft draft, CancellationToken cancellationToken)
    {
        // The entity may have changed since they were chosen: those that are none any more cure nothing.
        var faults = new RequestFaults();
        return [.. draft.Cures.Select(chosen => RejectionCause.Parse(chosen.Cause) is { } cause ? CompiledCure.Compile(basis, cause, chosen.Cure, faults, cancellationToken) : null).OfType<CompiledCure>()];
    }

    private async Task<RepairSnapshot> DescribeAsync(Import import, bool counts, CancellationToken cancellationToken)
    {
        using var basis = await _cures.OpenBasisAsync(import, isWhole: false, cancellationToken).ConfigureAwait(false);
        var (draft, edits) = await ReadDraftAsync(import.Id, cancellationToken).ConfigureAwait(false);
        var repaired = await FindRepairedAsync(draft, basis, cancellationToken).ConfigureAwait(false);
        var repairedBy = repaired.Runs.Select(run => run.Import.Id).ToList();
        IReadOnlyList<long>? states = null;
        if (counts)
        {
            var tally = await _rejected.LookAsync(import, (_, known) => _tallies.GetOrCreateValue(known), new RepairTally(), cancellationToken).ConfigureAwait(false);
            states = await _rejected.ReadAsync(
                import,
                rows => tally.Count(
                    rows, new RowRepair(basis, Compile(basis, draft, cancellationToken), edits, repaired.Rows), basis, draft, edits, repairedBy, cancellationToken),
                new long[Enum.GetValues<RepairState>().Length], cancellationToken).ConfigureAwait(false);
        }

        return new RepairSnapshot(draft, import.Ledger, repaired.Rows.Count, states is null ? null : new RepairCounts(states), repairedBy);
    }

    /// <summary>The first import since that has put other records in the place of all, and stands.</summary>
    private async Task<Import?> FindReplacementAsync(Import import, CancellationToken cancellationToken)
    {
        Import? first = null;
        var undos = new UndoCheck(_catalog);
        await foreach (var other in _catalog.ListSucceededAsync(import.EntitySystemName, before: null, cancellationToken).ConfigureAwait(false))
        {
            if (other.Sequence <= import.Sequence) break;
            if (other is { Replaced: true, DryRun: false } && await undos.FindUndoAsync(other, cancellationToken).ConfigureAwait(false) is null) first = other;
        }

        return first;
    }

    /// <summary>The rows that went in by earlier repairs, and a repair that has not ended.</summary>
    private async Task<Repaired> FindRepairedAsync(RepairDraft draft, RepairBasis basis, CancellationToken cancellationToken)
    {
        var found = new Repaired();
        foreach (var run in draft.Runs)
        {
            var import = await FindStandingAsync(_catalog, run, cancellationToken).ConfigureAwait(false);
            if (import is { HasEnded: false }) found.Unfinished = import.Id;
            if (import is not { State: ImportState.Succeeded }) continue;
            var upload = (await _catalog.FindUploadAsync(run.UploadId, cancellationToken).ConfigureAwait(false))!;
            if (upload.ExpiredAt is { } expired) throw UploadService.Expired("file of an earlier repair", expired);
            var rejected = await _rejected.ReadAsync(
                import,
                rows =>
                {
                    var numbers = new HashSet<long>();
                    rows.Rewind();
                    while (rows.Read() is { } row) numbers.Add(row.Row);
                    return numbers;
                },
                [], cancellationToken).ConfigureAwait(false);
            found.Runs.Add((import, upload, await Task.Factory.StartNew(() => ReadRows(upload, basis, rejected, cancellationToken), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false)));
        }

        foreach (var (_, _, rows) in found.Runs) found.Rows.UnionWith(rows.Values);
        return found;
    }

    /// <summary>Which rows of the import the records of a file of corrected ones are, by their numbers from 1, but for those that were rejected again.</summary>
    private Dictionary<long, long> ReadRows(Upload upload, RepairBasis basis, HashSet<long> rejected, CancellationToken cancellationToken)
    {
        using var input = InputFormats.Open(_files, upload, basis.Definition, cancellationToken);
        var rows = new Dictionary<long, long>();
        var reader = input.CreateReader();
        for (var part = 0; part < input.Parts.Count; part++)
        {
            reader.Open(part);
            while (reader.Read())
            {
                cancellationToken.ThrowIfCancellationRequested();
                for (var record = 0; record < reader.Batch.Count; record++)
                {
                    var number = reader.Batch.RecordsBefore + record + 1;
                    if (!rejected.Contains(number)) rows[number] = long.Parse(Encoding.ASCII.GetString(reader.Batch.Text(record, input.OwnColumns)), NumberStyles.None, CultureInfo.InvariantCulture);
                }
            }
        }

        return rows;
    }

    private async Task<List<string?[]>> ReadPageAsync(RecordQuery query, CancellationToken cancellationToken)
    {
        var records = new List<string?[]>();
        await _store.Records.ReadRecordsAsync(query, records.Add, cancellationToken).ConfigureAwait(false);
        return records;
    }

    /// <summary>Writes the rows that are to go in.</summary>
    private async Task<PlannedRepair> ChooseAsync(
        Import import, RepairBasis basis, RepairDraft draft, Dictionary<long, RowEdit> edits, Repaired repaired, bool overwrite, Stream file, CancellationToken cancellationToken)
    {
        var keys = new RepairedKeys(basis);
        var cures = Compile(basis, draft, cancellationToken);
        if (keys.Matter)
        {
            await _rejected.ReadAsync(
                import,
                rows =>
                {
                    var numbers = new List<long>();
                    var repair = new RowRepair(basis, cures, edits, repaired.Rows);
                    rows.Rewind();
                    while (rows.Read() is { } row)
                    {
                        numbers.Add(row.Row);
                        if (repair.Apply(row, explain: false, cancellationToken).State == RepairState.Ready) keys.Add(repair.Check, row.Row);
                    }

                    keys.LookAtAccepted(numbers, cancellationToken);
                    foreach (var (_, upload, records) in repaired.Runs)
                    {
                        using var input = InputFormats.Open(_files, upload, basis.Definition, cancellationToken);
                        keys.Look(input, record => records.TryGetValue(record, out var row) ? row : null, cancellationToken);
                    }

                    return true;
                },
                true, cancellationToken).ConfigureAwait(false);
            if (!overwrite)
            {
                var own = repaired.Runs.Select(run => run.Import.Sequence).ToList();
                for (var skip = 0L; ; skip += RecordQuery.MaxTop)
                {
                    var query = new RecordQuery { Entity = basis.Entity, Select = keys.Fields, ChangedAfter = import.Sequence, NotBy = own, Skip = skip };
                    var records = await _reads.ReadAsync(basis.Entity, () => ReadPageAsync(query, cancellationToken), () => true, cancellationToken).ConfigureAwait(false);
                    foreach (var record in records) keys.NoteChanged(record);
                    if (records.Count < RecordQuery.MaxTop) break;
                }
            }
        }

        return await _rejected.ReadAsync(
            import,
            rows =>
            {
                var repair = new RowRepair(basis, cures, edits, repaired.Rows);
                var (count, superseded, kept, keptRows) = (0L, 0L, 0L, new List<long>());
                rows.Rewind();
                ErrorFileWriter.WriteCorrected(rows.Format, Rows(), file);
                return new PlannedRepair(Guid.Empty, count, superseded, kept, keptRows);

                IEnumerable<(long, long, IReadOnlyList<string>)> Rows()
                {
                    while (rows.Read() is { } row)
                    {
                        cancellationToken.ThrowIfCancellationRequested();
                        if (repair.Apply(row, explain: false, cancellationToken) is not { State: RepairState.Ready } ready) continue;
                        if (keys.Matter && keys.IsSuperseded(repair.Check, row.Row)) superseded++;
                        else if (keys.Matter && keys.HasChanged(repair.Check))
                        {
                            kept++;
                            if (keptRows.Count < MaxChecked) keptRows.Add(row.Row);
                        }
                        else
                        {
                            count++;
                            yield return (row.Row, row.Line, keys.Matter ? keys.Compose(repair.Check, row.Row, ready.Fields!) : ready.Fields!);
                        }
                    }
                }
            },
            new PlannedRepair(Guid.Empty, 0, 0, 0, []), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>What earlier repairs have brought in.</summary>
    private sealed class Repaired
    {
        public HashSet<long> Rows { get; } = [];

        /// <summary>Each import, its file, and which row each of the file's records is.</summary>
        public List<(Import Import, Upload Upload, Dictionary<long, long> Rows)> Runs { get; } = [];

        public Guid? Unfinished { get; set; }
    }
}

/// <summary>A repair as it is.</summary>
/// <param name="Draft">The draft.</param>
/// <param name="Ledger">The import's ledger, in which the rows are those that it rejected.</param>
/// <param name="Repaired">How many of them went in.</param>
/// <param name="Counts">The rows by their states; null where they were not counted.</param>
/// <param name="RepairedBy">The imports by which they went in, oldest first.</param>
public sealed record RepairSnapshot(RepairDraft Draft, Ledger Ledger, long Repaired, RepairCounts? Counts, IReadOnlyList<Guid> RepairedBy);

/// <summary>The rejected rows of an import by what a repair has made of them.</summary>
/// <param name="Ready">How many can go in as they are by now, but for their keys.</param>
/// <param name="Left">In how many something is still wrong.</param>
/// <param name="Dropped">How many are left out.</param>
public sealed record RepairCounts(long Ready, long Left, long Dropped)
{
    internal RepairCounts(IReadOnlyList<long> states)
        : this(states[(int)RepairState.Ready], states[(int)RepairState.Left], states[(int)RepairState.Dropped])
    {
    }
}

/// <summary>A plan of a repair.</summary>
/// <param name="PlanId">The plan.</param>
/// <param name="Rows">How many rows it has.</param>
/// <param name="Superseded">How many are ready but for a later row of the file that has the same key, which wins as if they had been right from the start.</param>
/// <param name="Kept">How many are ready, but other imports have changed the records of their keys since, which are kept.</param>
/// <param name="KeptRows">These rows, up to 1,000.</param>
public sealed record PlannedRepair(Guid PlanId, long Rows, long Superseded, long Kept, IReadOnlyList<long> KeptRows);
