using System.Globalization;
using System.Text.Json;
using EntityImport.Access;
using EntityImport.Bench.RandomEntities;
using EntityImport.Catalog;
using EntityImport.Changes;
using EntityImport.Engine;
using EntityImport.Entities;
using EntityImport.Records;
using EntityImport.Storage;

namespace EntityImport.Bench.Histories;

/// <summary>Runs a history on an engine of its own, and compares after each command with the model whatever the engine tells.</summary>
internal sealed class HistoryRun
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly History _history;
    private readonly List<EntityModel> _models;
    private readonly List<string> _lines = [];
    private CrashingEngine _engine = null!;
    private string _outcome = "";

    public HistoryRun(History history)
    {
        _history = history;
        _models = [.. history.Entities.Select((draft, i) => new EntityModel(draft.Make($"e{i + 1}")))];
    }

    /// <summary>What was done so far, for people.</summary>
    public IReadOnlyList<string> Lines => _lines;

    /// <summary>How each command ended, as it is counted.</summary>
    public List<string> Outcomes { get; } = [];

    private ImportEngine Engine => _engine.Engine;

    /// <summary>Runs it.</summary>
    /// <exception cref="DifferenceException">The engine did otherwise than the model.</exception>
    public async Task RunAsync(string directory, CancellationToken cancellationToken)
    {
        // What a command does is compared at once, and what all of them have left at the end.
        _engine = await CrashingEngine.OpenAsync(directory, cancellationToken);
        await using (_engine)
        {
            foreach (var model in _models)
            {
                _lines.Add(model.Entity.ToString());
                await PutAsync(model, cancellationToken);
            }

            foreach (var command in _history.Commands)
            {
                var model = _models[command.Entity % _models.Count];
                await RunAsync(command, model, cancellationToken);
                await CompareRecordsAsync(model, cancellationToken);
                if (model.Imports.Count > 0) await CompareChangesAsync(model, model.Imports[^1], cancellationToken);
            }

            foreach (var model in _models)
            {
                await CompareRecordsAsync(model, cancellationToken);
                foreach (var import in model.Imports) await CompareChangesAsync(model, import, cancellationToken);
                if (model.Entity.HasKey)
                    foreach (var key in model.Keys) await CompareStoryAsync(model, key, cancellationToken);
            }
        }
    }

    private async Task RunAsync(HistoryCommand command, EntityModel model, CancellationToken cancellationToken)
    {
        var crash = command.CrashesAt is { } step ? $", crash at {step}" : "";
        _outcome = "";
        switch (command)
        {
            case SendCommand send:
                var file = send.File.Make(model.Entity);
                _lines.Add($"{(send.IsPlan ? "plan" : "import")} into {model.Entity.Name}: {file.Describe(model.Entity)}{crash}");
                await SendAsync(model, file, null, send.IsPlan, command.CrashesAt, cancellationToken);
                break;
            case SendAgainCommand again when model.Uploads.Count > 0:
                var upload = model.Uploads[^(1 + (again.Upload % model.Uploads.Count))];
                _lines.Add($"{(again.IsPlan ? "plan" : "import")} of file {model.Uploads.IndexOf(upload) + 1} into {model.Entity.Name} again{crash}");
                await SendAsync(model, upload.File, upload, again.IsPlan, command.CrashesAt, cancellationToken);
                break;
            case ApplyCommand apply when model.Plans.Count > 0:
                var plan = model.Plans[^(1 + (apply.Plan % model.Plans.Count))];
                _lines.Add($"apply plan {model.Plans.IndexOf(plan) + 1} of {model.Entity.Name}{(apply.HasReason ? " with a reason" : "")}{crash}");
                await ApplyAsync(model, plan, apply.HasReason, command.CrashesAt, cancellationToken);
                break;
            case UndoCommand undo when model.Imports.Count > 0:
                var import = model.Imports[^(1 + (undo.Import % model.Imports.Count))];
                _lines.Add($"undo import {Number(model, import)} into {model.Entity.Name}{crash}");
                await UndoAsync(model, import, command.CrashesAt, cancellationToken);
                break;
            case GuardCommand guard:
                await GuardAsync(model, guard.Guards?.Make(model.Entity), cancellationToken);
                break;
            case GrowCommand grow:
                model.Grow(
                    grow.HasNewField ? EntityDraft.MakeField($"g{model.Entity.Fields.Count}", (FieldType)(grow.Type % ((int)FieldType.Percent + 1))) : null, new Random(grow.Seed));
                _lines.Add($"now {model.Entity}");
                await PutAsync(model, cancellationToken);
                break;
            case RestartCommand:
                _lines.Add("restart");
                await _engine.RestartAsync(cancellationToken);
                break;
        }

        Outcomes.Add($"{command.GetType().Name[..^"Command".Length].ToLowerInvariant()}{(command is SendCommand { IsPlan: true } or SendAgainCommand { IsPlan: true } ? " plan" : "")}{_outcome}");
    }

    private async Task PutAsync(EntityModel model, CancellationToken cancellationToken)
    {
        using var document = JsonDocument.Parse(model.Entity.Json);
        await Engine.Entities.PutAsync(Request.Anonymous, model.Entity.Name, document.RootElement, cancellationToken);
    }

    private async Task GuardAsync(EntityModel model, GuardModel? guards, CancellationToken cancellationToken)
    {
        _lines.Add($"guards of {model.Entity.Name}: {guards?.ToJson(model.Entity).ToJsonString() ?? "none"}");
        if (guards is null)
        {
            Same("whether there were guards", $"{model.Guards is not null}", $"{await Engine.Guards.DeleteAsync(Request.Anonymous, model.Entity.Name, cancellationToken)}");
        }
        else
        {
            using var document = JsonDocument.Parse(guards.ToJson(model.Entity).ToJsonString());
            await Engine.Guards.PutAsync(Request.Anonymous, model.Entity.Name, document.RootElement, cancellationToken);
        }

        model.Guards = guards;
    }

    private async Task SendAsync(EntityModel model, DraftedFile file, ModelUpload? sent, bool isPlan, string? crashesAt, CancellationToken cancellationToken)
    {
        var mapping = sent is null ? await MapAsync(model, file, cancellationToken) : (Guid?)null;
        var uploadId = sent?.Id;
        var (run, plan) = await SurviveAsync(
            crashesAt,
            async () =>
            {
                if (uploadId is null || (sent is null && await Engine.Uploads.FindAsync(Request.Anonymous, uploadId.Value, cancellationToken) is null))
                {
                    using var content = new MemoryStream(file.Bytes);
                    uploadId = (await Engine.Uploads.ReceiveAsync(Request.Anonymous, mapping!.Value, content, "drawn.csv", charset: null, cancellationToken))!.Id;
                }

                return isPlan
                    ? (await Engine.Plans.InvokeAsync(Request.Anonymous, uploadId.Value, cancellationToken))!.Id
                    : (await Engine.Imports.InvokeAsync(Request.Anonymous, uploadId.Value, cancellationToken))!.Id;
            },
            isPlan, isPlan ? null : sent is null ? null : model.WhyNotImported(sent), cancellationToken);
        if (uploadId is null) return;
        var upload = sent ?? new ModelUpload(uploadId.Value, file);
        if (sent is null) model.Uploads.Add(upload);
        if (run is null) return;
        var found = model.Find(file);
        var breaches = model.Judge(found);
        var writes = !isPlan && !file.Mapping.IsDryRun;
        await CompareRunAsync(model, run, plan, found, found.Fault ?? (!isPlan && breaches.Count > 0 ? EndCode.Guarded : null), cancellationToken);
        // What is not to be written, and what guards forbid, is kept as a plan.
        var planId = isPlan ? run.Id : run.PlanId;
        if ((planId is not null) != (isPlan || (found.Fault is null && (!writes || breaches.Count > 0)))) throw Different($"it left {(planId is null ? "no plan" : "a plan")}");
        if (planId is { } id && found.Fault is null)
        {
            var made = new ModelPlan(id, upload, found, breaches, model.Definition, model.Imports.Count);
            await ComparePlanAsync(model, made, cancellationToken);
            model.Plans.Add(made);
        }

        if (isPlan) return;
        if (run.State == ImportState.Succeeded && writes) model.Add(run, upload, found);
        else model.AddFailed(run, upload);
    }

    private async Task ApplyAsync(EntityModel model, ModelPlan plan, bool hasReason, string? crashesAt, CancellationToken cancellationToken)
    {
        var move = model.FindMove(plan);
        var snapshot = (await Engine.Plans.FindSnapshotAsync(Request.Anonymous, plan.Id, cancellationToken))!;
        Same("what has moved since the plan", move, snapshot.Move?.What);
        var refusal = model.WhyNotImported(plan.Upload) ?? (move is not null ? EndCode.PlanStale : plan.Breaches.Count > 0 && !hasReason ? EndCode.Guarded : null);
        var (run, _) = await SurviveAsync(
            crashesAt, async () => (await Engine.Plans.ApplyAsync(Request.Anonymous, plan.Id, hasReason ? "It is right." : null, cancellationToken))!.Id, isPlan: false, refusal, cancellationToken);
        if (run is null) return;
        // As the plan told, whatever is found now.
        var found = model.Find(plan.Found.File);
        SameChanges("the plan's changes, against what would be done now", plan.Found.Changes, found.Changes);
        var breaches = hasReason ? [] : model.Judge(found);
        await CompareRunAsync(model, run, null, found, breaches.Count > 0 ? EndCode.Guarded : null, cancellationToken);
        if (run.State == ImportState.Succeeded) model.Add(run, plan.Upload, found);
        else model.AddFailed(run, plan.Upload);
    }

    private async Task UndoAsync(EntityModel model, ModelImport import, string? crashesAt, CancellationToken cancellationToken)
    {
        var refusal = model.WhyNotUndone(import);
        var (_, reversed, kept) = model.FindUndo(import);
        string told;
        try
        {
            var preview = (await Engine.Undos.PreviewAsync(Request.Anonymous, import.Import.Id, cancellationToken))!;
            told = Counts(preview.Reversed, preview.Kept);
        }
        catch (RequestException refused)
        {
            told = refused.Type;
        }

        Same("the preview", refusal ?? Counts(reversed, kept), told);
        var (run, _) = await SurviveAsync(
            crashesAt, async () => (await Engine.Undos.InvokeAsync(Request.Anonymous, import.Import.Id, cancellationToken))!.Id, isPlan: false, refusal, cancellationToken);
        if (run is null) return;
        Same("the end of the undo", $"{ImportState.Succeeded} ", $"{run.State} {run.Code}");
        Same("what the undo did", Counts(reversed, kept), Counts(run.Ledger.Reversed, run.Ledger.Kept));
        _outcome += $"{(import.Undoes is null ? "" : ", of an undo")}{(import.IsWhole ? ", whole" : "")}{(kept > 0 ? ", kept some" : "")}";
        model.AddUndo(run, import);

        static string Counts(long reversed, long kept) => string.Create(CultureInfo.InvariantCulture, $"{reversed} taken back, {kept} kept");
    }

    /// <summary>Invokes something and waits for its end, whether the service crashes on the way or not: it is invoked again where the service does not know of it.</summary>
    /// <param name="crashesAt">The step at which the service crashes; null where it does not.</param>
    /// <param name="invoke">Invokes it; answers its id.</param>
    /// <param name="isPlan">Whether it is a plan.</param>
    /// <param name="refusal">The type of the problem that it must be refused with; null where it must not.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>How it ended, and the plan if it is one; null where it was refused.</returns>
    private async Task<(Import? Run, Plan? Plan)> SurviveAsync(string? crashesAt, Func<Task<Guid>> invoke, bool isPlan, string? refusal, CancellationToken cancellationToken)
    {
        Guid? id = null;
        _engine.CrashAt(crashesAt);
        for (var crashes = 0; ; crashes++)
        {
            string? refused = null;
            Import? run = null;
            Plan? plan = null;
            try
            {
                if (id is null || !await IsKnownAsync(id.Value)) id = await invoke();
                if (isPlan) run = (plan = await Engine.Plans.WaitAsync(Request.Anonymous, id.Value, cancellationToken).WaitAsync(Patience, cancellationToken)).Run;
                else run = await Engine.ImportViews.WaitAsync(Request.Anonymous, id.Value, cancellationToken).WaitAsync(Patience, cancellationToken);
            }
            catch (RequestException exception)
            {
                refused = exception.Type;
            }

            if (await _engine.RecoverAsync(cancellationToken))
            {
                _lines.Add("  it crashed");
                _outcome += ", crashed";
                continue;
            }

            Same("what it was refused with", refusal, refused);
            _outcome += $", {refused ?? $"{run!.State} {run.Code}"}";
            if (run is null) return (null, null);
            _lines.Add($"  {run.State}{(run.Code is { } code ? " " + code : "")}");
            if (run.Attempts > 1 + crashes || (run.State == ImportState.Failed && !run.ClientError)) throw Different($"it took {run.Attempts} attempts and ended with \"{run.Message}\".{_engine.Error}");
            return (run, plan);
        }

        async Task<bool> IsKnownAsync(Guid known) => isPlan
            ? await Engine.Plans.FindAsync(Request.Anonymous, known, cancellationToken) is not null
            : await Engine.ImportViews.FindAsync(Request.Anonymous, known, cancellationToken) is not null;
    }

    private async Task<Guid> MapAsync(EntityModel model, DraftedFile file, CancellationToken cancellationToken)
    {
        using var document = JsonDocument.Parse(file.Mapping.Json(model.Entity));
        return (await Engine.Mappings.CreateAsync(Request.Anonymous, document.RootElement, cancellationToken)).Id;
    }

    /// <summary>Compares how an import ended, or a plan, and the rows that it rejects.</summary>
    private async Task CompareRunAsync(EntityModel model, Import run, Plan? plan, FoundImport found, string? code, CancellationToken cancellationToken)
    {
        Same("the end", $"{(code is null ? ImportState.Succeeded : ImportState.Failed)} {code}", $"{run.State} {run.Code}");
        if (code is null) Same("the ledger", Show(found), Show(run.Ledger));
        if (code == EndCode.Guarded)
        {
            var breaches = model.Judge(found);
            if (breaches.FirstOrDefault(breach => !run.Message!.Contains(breach.Split(' ')[0], StringComparison.Ordinal)) is { } untold) throw Different($"its message does not tell of {untold}: {run.Message}");
        }

        if (found.Expected.Rejected is { } rejected) SameAll("rejected rows", rejected, await ReadRejectedAsync(plan is null ? run : PlanService.RejectedOf(plan), cancellationToken));
    }

    private async Task<IReadOnlyList<string>> ReadRejectedAsync(Import run, CancellationToken cancellationToken)
    {
        var (rows, _) = await Engine.RejectedRows.ReadAsync(Request.Anonymous, run, cursor: null, 200, cancellationToken);
        return [.. rows.Select(row => string.Create(CultureInfo.InvariantCulture, $"row {row.Row}, line {row.Line}: {Expected.Join(row.Reasons.Select(reason => $"{reason.Field}:{reason.Code}"))}"))];
    }

    /// <summary>Compares all that a plan tells: its figures, what forbids it, and what it would do record by record.</summary>
    private async Task ComparePlanAsync(EntityModel model, ModelPlan made, CancellationToken cancellationToken)
    {
        var plan = (await Engine.Plans.FindAsync(Request.Anonymous, made.Id, cancellationToken))!;
        Same("the plan's ledger", Show(made.Found), Show(plan.Run.Ledger));
        SameAll("the plan's guards", made.Breaches, [.. plan.Breaches.Select(breach => GuardModel.Show(breach.Guard, breach.Field, breach.Actual))]);
        var (changes, entity) = (made.Found.Changes, model.Entity);
        var kinds = changes.GroupBy(KindOf).ToDictionary(group => group.Key, group => group.LongCount());
        Same(
            "the plan's counts", string.Join(' ', Enum.GetValues<ChangeKind>().Select(kind => kinds.GetValueOrDefault(kind))),
            string.Create(CultureInfo.InvariantCulture, $"{plan.Changes!.Inserted} {plan.Changes.Updated} {plan.Changes.Removed}"));
        var places = plan.Changes.Fields.Select(field => entity.Fields.ToList().FindIndex(known => known.Name == field.SystemName)).ToList();
        foreach (var (place, counted) in places.Zip(plan.Changes.Fields))
            Same($"how often the plan changes {counted.SystemName}", $"{changes.Count(change => change is { Before: not null, After: not null } && change.Before[place] != change.After[place])}", $"{counted.Updated}");
        foreach (var change in changes.Where(change => change.After is not null))
            if (Enumerable.Range(0, entity.Fields.Count).Except(places).FirstOrDefault(place => change.After![place] != change.Before?[place], -1) is >= 0 and var untold) throw Different($"the plan tells nothing of {entity.Fields[untold].Name}, which changes");
        var told = await ReadAllAsync(async after => (await Engine.Plans.ReadChangesAsync(Request.Anonymous, plan, new ChangeQuery(3) { After = after }, cancellationToken)));
        var fields = places.Select(place => entity.Fields[place]).ToList();
        SameAll(
            "the plan's changes",
            [.. changes.Select(change => $"{KindOf(change)} row {change.Row}: {new ModelChange(null, Take(change.Before), Take(change.After))}")],
            [.. told.Select(change => $"{change.Kind} row {change.RecordNumber}: {Show(fields, change.Before)} > {Show(fields, change.After)}")]);

        string?[]? Take(string?[]? values) => values is null ? null : [.. places.Select(place => values[place])];
    }

    /// <summary>Compares all records, value for value.</summary>
    private async Task CompareRecordsAsync(EntityModel model, CancellationToken cancellationToken)
    {
        var entity = (await Engine.Entities.FindAsync(Request.Anonymous, model.Entity.Name, cancellationToken))!;
        var page = await Engine.Records.ReadAsync(Request.Anonymous, new RecordQuery { Entity = entity, Select = entity.Fields }, cancellationToken);
        SameAll($"records of {model.Entity.Name}", [.. model.Records.Select(version => ModelChange.Show(version.Values))], [.. page.Records.Select(record => Show(model.Entity.Fields, record))]);
    }

    /// <summary>Compares what an import tells of what it did, whatever was done since.</summary>
    private async Task CompareChangesAsync(EntityModel model, ModelImport import, CancellationToken cancellationToken)
    {
        var what = $"changes of import {Number(model, import)} into {model.Entity.Name}";
        var refusal = !import.HasWritten ? EndCode.NotUndoable : import.IsTurnedRound ? EndCode.BeforeExpired : null;
        ImportedChanges changes;
        IReadOnlyList<RecordChange> told;
        try
        {
            changes = (await Engine.History.FindChangesAsync(Request.Anonymous, import.Import.Id, cancellationToken))!;
            told = await ReadAllAsync(after => Engine.History.ReadChangesAsync(Request.Anonymous, changes, new ChangeQuery(3) { After = after }, cancellationToken));
        }
        catch (RequestException refused)
        {
            Same($"why {what} are not told", refusal, refused.Type);
            return;
        }

        Same($"whether {what} are told", refusal, null);
        if (!changes.IsComplete) throw Different($"not all {what} are told");
        var fields = model.Entity.Fields;
        var expected = model.ListChanges(import).Select(change => $"{KindOf(change)}: {change}").ToList();
        if (told.FirstOrDefault(change => change.AfterUnknown) is { } unknown) throw Different($"{what} do not tell what became of {Show(fields, unknown.Before)}");
        SameAll(what, expected, [.. told.Select(Text)]);

        string Text(RecordChange change) => $"{change.Kind}: {Show(fields, change.Before)} > {Show(fields, change.After)}";
    }

    /// <summary>Compares a record's story.</summary>
    private async Task CompareStoryAsync(EntityModel model, string key, CancellationToken cancellationToken)
    {
        var entity = (await Engine.Entities.FindAsync(Request.Anonymous, model.Entity.Name, cancellationToken))!;
        var condition = model.Entity.Key.Zip(key.Split('\u001f')).Select(part => Equal(model.Entity.Fields[part.First], entity.Fields[part.First], part.Second)).Aggregate((Condition?)null, (left, right) => left is null ? right : new AndCondition(left, right))!;
        var story = await Engine.History.ReadAsync(Request.Anonymous, entity, condition, cancellationToken);
        var what = $"the story of {key.Replace('\u001f', '|')} in {model.Entity.Name}";
        var now = model.Records.FirstOrDefault(version => model.Entity.KeyOf(version.Values) == key)?.Values;
        Same($"now in {what}", ModelChange.Show(now), Show(model.Entity.Fields, story.Now));
        var expected = model.TellStory(key).Select(told => $"import {Number(model, told.Import)}: {told.Change}").ToList();
        var actual = story.Changes.Select(entry => $"import {model.Imports.ToList().FindIndex(import => import.Import.Id == entry.Import?.Id) + 1}: {Show(model.Entity.Fields, entry.Before)} > {Show(model.Entity.Fields, entry.After)}").ToList();
        if (!story.IsComplete) throw Different($"{what} is not complete");
        if (!expected.SequenceEqual(actual)) throw Different($"{what} is told as\n    {string.Join("\n    ", actual)}\n  expected is\n    {string.Join("\n    ", expected)}\n ");
    }

    private static Comparison Equal(Field field, FieldDefinition definition, string value) =>
        new(ComparisonOperator.Equal, new FieldOperand(definition), new Constant(definition.DataType, RealEngine.Constant(field, value)));

    private static async Task<IReadOnlyList<RecordChange>> ReadAllAsync(Func<ChangePlace?, Task<ChangePage>> read)
    {
        var changes = new List<RecordChange>();
        ChangePage page;
        do
        {
            page = await read(changes.LastOrDefault()?.Place);
            changes.AddRange(page.Changes);
        }
        while (page.HasMore);

        return changes;
    }

    private static ChangeKind KindOf(ModelChange change) => change.Before is null ? ChangeKind.Inserted : change.After is null ? ChangeKind.Removed : ChangeKind.Updated;

    private static int Number(EntityModel model, ModelImport import) => model.Imports.ToList().IndexOf(import) + 1;

    private static string Show(IReadOnlyList<Field> fields, IReadOnlyList<string?>? values) => ModelChange.Show(values?.Select((value, i) => FieldValue.Read(fields[i], value)));

    private static string Show(FoundImport found) => found.Ledger is not { } ledger ? "" : string.Create(
        CultureInfo.InvariantCulture, $"{found.File.Rows.Count} = {ledger.Inserted} + {ledger.Updated} + {ledger.Unchanged} + {ledger.Superseded} + {ledger.Rejected}, removed {ledger.Removed}");

    private static string Show(Catalog.Ledger ledger) => string.Create(
        CultureInfo.InvariantCulture, $"{ledger.Records} = {ledger.Inserted} + {ledger.Updated} + {ledger.Unchanged} + {ledger.Superseded} + {ledger.Rejected}, removed {ledger.Removed}");

    private static void SameChanges(string what, IReadOnlyList<ModelChange> expected, IReadOnlyList<ModelChange> actual) => SameAll(what, [.. expected.Select(change => change.ToString())], [.. actual.Select(change => change.ToString())]);

    private static void Same(string what, string? expected, string? actual)
    {
        if (expected != actual) throw Different($"{what}: {actual ?? "nothing"}, expected is {expected ?? "nothing"}");
    }

    private static void SameAll(string what, IReadOnlyList<string> expected, IReadOnlyList<string> actual)
    {
        if (!actual.Order(StringComparer.Ordinal).SequenceEqual(expected.Order(StringComparer.Ordinal))) throw Different($"{what}: {actual.Count}, expected are {expected.Count}; {DifferenceException.Describe(actual, expected)}");
    }

    private static DifferenceException Different(string what) => new(what);
}
