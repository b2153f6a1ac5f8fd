using System.Globalization;
using System.Text.Json;
using EntityImport.Access;
using EntityImport.Bench.RandomEntities;
using EntityImport.Catalog;
using EntityImport.Engine;

namespace EntityImport.Bench.Histories;

/// <summary>Runs a history on an engine, and compares after each command with the model whatever the engine tells.</summary>
internal sealed class HistoryRun
{
    /// <summary>The most stories of an entity that are compared: of keys to which most happened.</summary>
    private const int MostStories = 4;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly History _history;
    private readonly CrashingEngine _engine;
    private readonly HistoryComparison _comparison;
    private readonly List<EntityModel> _models;
    private readonly List<(EntityModel Model, ModelUpload Upload)> _uploads = [];
    private readonly List<(EntityModel Model, ModelPlan Plan)> _plans = [];
    private readonly List<(EntityModel Model, ModelImport Import)> _imports = [];
    private readonly List<string> _lines = [];
    private readonly List<string> _outcomes = [];
    private string _outcome = "";

    /// <summary>Prepares to run one.</summary>
    /// <param name="history">The history.</param>
    /// <param name="engine">The engine.</param>
    /// <param name="suffix">What tells its entities from those of other histories on the same engine.</param>
    public HistoryRun(History history, CrashingEngine engine, string suffix)
    {
        _history = history;
        _engine = engine;
        _comparison = new HistoryComparison(engine);
        _models = [.. history.Entities.Select((draft, i) => new EntityModel(draft.Make($"e{i + 1}{suffix}")))];
    }

    /// <summary>What was done so far, for people.</summary>
    public IReadOnlyList<string> Lines => _lines;

    /// <summary>How many commands it has.</summary>
    public int Commands => _history.Commands.Count;

    /// <summary>How commands ended, and crashes, as they are counted.</summary>
    public IReadOnlyList<string> Outcomes => _outcomes;

    private ImportEngine Engine => _engine.Engine;

    /// <summary>Runs it.</summary>
    /// <exception cref="DifferenceException">The engine did otherwise than the model.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        foreach (var model in _models)
        {
            _lines.Add(model.Entity.ToString());
            await PutAsync(model, cancellationToken);
        }

        // What a command does is compared at once, and what all of them have left at the end.
        foreach (var command in _history.Commands)
        {
            if (await RunAsync(command, cancellationToken) is not { } model) continue;
            await _comparison.CompareRecordsAsync(model, cancellationToken);
            if (model.Imports.Count > 0) await _comparison.CompareChangesAsync(model, model.Imports[^1], cancellationToken);
        }

        foreach (var model in _models)
        {
            await _comparison.CompareRecordsAsync(model, cancellationToken);
            foreach (var import in model.Imports) await _comparison.CompareChangesAsync(model, import, cancellationToken);
            foreach (var key in model.Entity.HasKey ? model.Keys.OrderByDescending(key => model.TellStory(key).Count()).Take(MostStories) : []) await _comparison.CompareStoryAsync(model, key, cancellationToken);
        }
    }

    /// <summary>Runs a command; answers the entity that it was about, or null where it was about none.</summary>
    private async Task<EntityModel?> RunAsync(HistoryCommand command, CancellationToken cancellationToken)
    {
        _outcome = "";
        var model = _models[command.Entity % _models.Count];
        var crash = command.CrashesAt is { } step ? $", crash at {step}" : "";
        switch (command)
        {
            case SendCommand send:
                var file = send.File.Make(model.Entity);
                _lines.Add($"{(send.IsPlan ? "plan" : "import")} into {model.Entity.Name}: {file.Describe(model.Entity)}{crash}");
                await SendAsync(model, file, null, send.IsPlan, command.CrashesAt, cancellationToken);
                break;
            case SendAgainCommand again:
                if (_uploads.Count == 0) return null;
                (model, var upload) = Pick(_uploads, again.Upload);
                _lines.Add($"{(again.IsPlan ? "plan" : "import")} of file {_uploads.IndexOf((model, upload)) + 1} into {model.Entity.Name} again{crash}");
                await SendAsync(model, upload.File, upload, again.IsPlan, command.CrashesAt, cancellationToken);
                break;
            case ApplyCommand apply:
                if (_plans.Count == 0) return null;
                (model, var plan) = Pick(_plans, apply.Plan);
                _lines.Add($"apply plan {_plans.IndexOf((model, plan)) + 1}, of {model.Entity.Name}{(apply.HasReason ? ", with a reason" : "")}{crash}");
                await ApplyAsync(model, plan, apply.HasReason, command.CrashesAt, cancellationToken);
                break;
            case UndoCommand undo:
                if (_imports.Count == 0) return null;
                (model, var import) = Pick(_imports, undo.Import);
                _lines.Add($"undo import {model.NumberOf(import)} into {model.Entity.Name}{crash}");
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

        _imports.AddRange(model.Imports.Skip(_imports.Count(known => known.Model == model)).Select(import => (model, import)));
        _outcomes.Add(command.Name + _outcome);
        return model;
    }

    private static T Pick<T>(List<T> list, int number) => list[^(1 + (number % list.Count))];

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
            DifferenceException.ThrowUnlessSame("whether there were guards", $"{model.Guards is not null}", $"{await Engine.Guards.DeleteAsync(Request.Anonymous, model.Entity.Name, cancellationToken)}");
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
        if (sent is null) _uploads.Add((model, upload));
        if (run is null) return;
        var found = model.Find(file);
        var breaches = model.Judge(found);
        var writes = !isPlan && !file.Mapping.IsDryRun;
        await _comparison.CompareRunAsync(model, run, plan, found, found.Fault ?? (!isPlan && breaches.Count > 0 ? EndCode.Guarded : null), cancellationToken);
        // What is not to be written, and what guards forbid, is kept as a plan.
        var planId = isPlan ? run.Id : run.PlanId;
        if ((planId is not null) != (isPlan || (found.Fault is null && (!writes || breaches.Count > 0)))) throw new DifferenceException($"it left {(planId is null ? "no plan" : "a plan")}");
        if (planId is { } id && found.Fault is null)
        {
            var made = new ModelPlan(id, upload, found, breaches, model.Definition, model.Imports.Count);
            await _comparison.ComparePlanAsync(model, made, cancellationToken);
            _plans.Add((model, made));
        }

        if (isPlan) return;
        if (run.State == ImportState.Succeeded && writes) model.Add(run, upload, found);
        else model.AddFailed(run, upload);
    }

    private async Task ApplyAsync(EntityModel model, ModelPlan plan, bool hasReason, string? crashesAt, CancellationToken cancellationToken)
    {
        var move = model.FindMove(plan);
        var snapshot = (await Engine.Plans.FindSnapshotAsync(Request.Anonymous, plan.Id, cancellationToken))!;
        DifferenceException.ThrowUnlessSame("what has moved since the plan", move, snapshot.Move?.What);
        var refusal = model.WhyNotImported(plan.Upload) ?? (move is not null ? EndCode.PlanStale : plan.Breaches.Count > 0 && !hasReason ? EndCode.Guarded : null);
        var (run, _) = await SurviveAsync(
            crashesAt, async () => (await Engine.Plans.ApplyAsync(Request.Anonymous, plan.Id, hasReason ? "It is right." : null, cancellationToken))!.Id, isPlan: false, refusal, cancellationToken);
        if (run is null) return;
        // As the plan told, whatever is found now.
        var found = model.Find(plan.Found.File);
        DifferenceException.ThrowUnlessSame("the plan's changes, against what would be done now", [.. plan.Found.Changes.Select(change => change.ToString())], [.. found.Changes.Select(change => change.ToString())]);
        var breaches = hasReason ? [] : model.Judge(found);
        await _comparison.CompareRunAsync(model, run, null, found, breaches.Count > 0 ? EndCode.Guarded : null, cancellationToken);
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

        DifferenceException.ThrowUnlessSame("the preview", refusal ?? Counts(reversed, kept), told);
        var (run, _) = await SurviveAsync(
            crashesAt, async () => (await Engine.Undos.InvokeAsync(Request.Anonymous, import.Import.Id, cancellationToken))!.Id, isPlan: false, refusal, cancellationToken);
        if (run is null) return;
        DifferenceException.ThrowUnlessSame("the end of the undo", $"{ImportState.Succeeded} ", $"{run.State} {run.Code}");
        DifferenceException.ThrowUnlessSame("what the undo did", Counts(reversed, kept), Counts(run.Ledger.Reversed, run.Ledger.Kept));
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
                if (isPlan) run = (plan = await Engine.Plans.WaitAsync(Request.Anonymous, id.Value, cancellationToken).WaitAsync(Patience, _engine.Crashed)).Run;
                else run = await Engine.ImportViews.WaitAsync(Request.Anonymous, id.Value, cancellationToken).WaitAsync(Patience, _engine.Crashed);
            }
            catch (RequestException exception)
            {
                refused = exception.Type;
            }
            catch (Exception) when (_engine.Crashed.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                // Whatever it says that is dead.
            }

            if (await _engine.RecoverAsync(cancellationToken))
            {
                _lines.Add("  it crashed");
                _outcomes.Add($"crash at {crashesAt}");
                _outcome += ", crashed";
                continue;
            }

            DifferenceException.ThrowUnlessSame("what it was refused with", refusal, refused);
            _outcome += $", {refused ?? run!.Code ?? "done"}";
            if (run is null)
            {
                _lines.Add($"  refused: {refused}");
                return (null, null);
            }

            _lines.Add($"  {run.State}{(run.Code is { } code ? " " + code : "")}");
            if (run.Attempts > 1 + crashes || (run.State == ImportState.Failed && !run.ClientError)) throw new DifferenceException($"it took {run.Attempts} attempts and ended with \"{run.Message}\".{_engine.Error}");
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
}
