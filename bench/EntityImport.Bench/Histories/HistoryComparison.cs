using System.Globalization;
using EntityImport.Access;
using EntityImport.Bench.RandomEntities;
using EntityImport.Catalog;
using EntityImport.Changes;
using EntityImport.Engine;
using EntityImport.Entities;
using EntityImport.Records;
using EntityImport.Storage;

namespace EntityImport.Bench.Histories;

/// <summary>Compares what the engine tells with the model: runs, plans, records, changes, stories.</summary>
internal sealed class HistoryComparison(CrashingEngine engine)
{
    /// <summary>So few that there are several pages now and then.</summary>
    private const int PageOfChanges = 5;

    /// <summary>Compares how an import ended, or a plan, and the rows that it rejects.</summary>
    public async Task CompareRunAsync(EntityModel model, Import run, Plan? plan, FoundImport found, string? code, CancellationToken cancellationToken)
    {
        DifferenceException.ThrowUnlessSame("the end", $"{(code is null ? ImportState.Succeeded : ImportState.Failed)} {code}", $"{run.State} {run.Code}");
        if (code is null) DifferenceException.ThrowUnlessSame("the ledger", Show(found), Show(run.Ledger));
        if (code == EndCode.Guarded)
        {
            var breaches = model.Judge(found);
            if (breaches.FirstOrDefault(breach => !run.Message!.Contains(breach.Split(' ')[0], StringComparison.Ordinal)) is { } untold) throw new DifferenceException($"its message does not tell of {untold}: {run.Message}");
        }

        if (found.Expected.Rejected is { } rejected) DifferenceException.ThrowUnlessSame("rejected rows", rejected, await ReadRejectedAsync(plan is null ? run : PlanService.RejectedOf(plan), cancellationToken));
    }

    private async Task<IReadOnlyList<string>> ReadRejectedAsync(Import run, CancellationToken cancellationToken)
    {
        var (rows, _) = await engine.Engine.RejectedRows.ReadAsync(Request.Anonymous, run, cursor: null, 200, cancellationToken);
        return [.. rows.Select(row => string.Create(CultureInfo.InvariantCulture, $"row {row.Row}, line {row.Line}: {Expected.Join(row.Reasons.Select(reason => $"{reason.Field}:{reason.Code}"))}"))];
    }

    /// <summary>Compares all that a plan tells: its figures, what forbids it, and what it would do record by record.</summary>
    public async Task ComparePlanAsync(EntityModel model, ModelPlan made, CancellationToken cancellationToken)
    {
        var plan = (await engine.Engine.Plans.FindAsync(Request.Anonymous, made.Id, cancellationToken))!;
        DifferenceException.ThrowUnlessSame("the plan's ledger", Show(made.Found), Show(plan.Run.Ledger));
        DifferenceException.ThrowUnlessSame("the plan's guards", made.Breaches, [.. plan.Breaches.Select(breach => GuardModel.Show(breach.Guard, breach.Field, breach.Actual))]);
        var (changes, entity) = (made.Found.Changes, model.Entity);
        var kinds = changes.GroupBy(KindOf).ToDictionary(group => group.Key, group => group.LongCount());
        DifferenceException.ThrowUnlessSame(
            "the plan's counts", string.Join(' ', Enum.GetValues<ChangeKind>().Select(kind => kinds.GetValueOrDefault(kind))),
            string.Create(CultureInfo.InvariantCulture, $"{plan.Changes!.Inserted} {plan.Changes.Updated} {plan.Changes.Removed}"));
        var places = plan.Changes.Fields.Select(field => entity.Fields.ToList().FindIndex(known => known.Name == field.SystemName)).ToList();
        foreach (var (place, counted) in places.Zip(plan.Changes.Fields))
            DifferenceException.ThrowUnlessSame($"how often the plan changes {counted.SystemName}", $"{changes.Count(change => change is { Before: not null, After: not null } && change.Before[place] != change.After[place])}", $"{counted.Updated}");
        foreach (var change in changes.Where(change => change.After is not null))
            if (Enumerable.Range(0, entity.Fields.Count).Except(places).FirstOrDefault(place => change.After![place] != change.Before?[place], -1) is >= 0 and var untold) throw new DifferenceException($"the plan tells nothing of {entity.Fields[untold].Name}, which changes");
        var told = await ReadAllAsync(async after => (await engine.Engine.Plans.ReadChangesAsync(Request.Anonymous, plan, new ChangeQuery(PageOfChanges) { After = after }, cancellationToken)));
        var fields = places.Select(place => entity.Fields[place]).ToList();
        DifferenceException.ThrowUnlessSame(
            "the plan's changes",
            [.. changes.Select(change => $"{KindOf(change)} row {change.Row}: {new ModelChange(null, Take(change.Before), Take(change.After))}")],
            [.. told.Select(change => $"{change.Kind} row {change.RecordNumber}: {Show(fields, change.Before)} > {Show(fields, change.After)}")]);

        string?[]? Take(string?[]? values) => values is null ? null : [.. places.Select(place => values[place])];
    }

    /// <summary>Compares all records, value for value.</summary>
    public async Task CompareRecordsAsync(EntityModel model, CancellationToken cancellationToken)
    {
        var entity = (await engine.Engine.Entities.FindAsync(Request.Anonymous, model.Entity.Name, cancellationToken))!;
        var page = await engine.Engine.Records.ReadAsync(Request.Anonymous, new RecordQuery { Entity = entity, Select = entity.Fields }, cancellationToken);
        DifferenceException.ThrowUnlessSame($"records of {model.Entity.Name}", [.. model.Records.Select(version => ModelChange.Show(version.Values))], [.. page.Records.Select(record => Show(model.Entity.Fields, record))]);
    }

    /// <summary>Compares what an import tells of what it did, whatever was done since.</summary>
    public async Task CompareChangesAsync(EntityModel model, ModelImport import, CancellationToken cancellationToken)
    {
        var what = $"changes of import {model.NumberOf(import)} into {model.Entity.Name}";
        var refusal = !import.HasWritten ? EndCode.NotUndoable : import.IsTurnedRound ? EndCode.BeforeExpired : null;
        ImportedChanges changes;
        IReadOnlyList<RecordChange> told;
        try
        {
            changes = (await engine.Engine.History.FindChangesAsync(Request.Anonymous, import.Import.Id, cancellationToken))!;
            told = await ReadAllAsync(after => engine.Engine.History.ReadChangesAsync(Request.Anonymous, changes, new ChangeQuery(PageOfChanges) { After = after }, cancellationToken));
        }
        catch (RequestException refused)
        {
            DifferenceException.ThrowUnlessSame($"why {what} are not told", refusal, refused.Type);
            return;
        }

        DifferenceException.ThrowUnlessSame($"whether {what} are told", refusal, null);
        if (!changes.IsComplete) throw new DifferenceException($"not all {what} are told");
        var fields = model.Entity.Fields;
        var expected = model.ListChanges(import).Select(change => $"{KindOf(change)}: {change}").ToList();
        if (told.FirstOrDefault(change => change.AfterUnknown) is { } unknown) throw new DifferenceException($"{what} do not tell what became of {Show(fields, unknown.Before)}");
        DifferenceException.ThrowUnlessSame(what, expected, [.. told.Select(Text)]);

        string Text(RecordChange change) => $"{change.Kind}: {Show(fields, change.Before)} > {Show(fields, change.After)}";
    }

    /// <summary>Compares a record's story.</summary>
    public async Task CompareStoryAsync(EntityModel model, string key, CancellationToken cancellationToken)
    {
        var entity = (await engine.Engine.Entities.FindAsync(Request.Anonymous, model.Entity.Name, cancellationToken))!;
        var condition = model.Entity.Key.Zip(key.Split('\u001f')).Select(part => Equal(model.Entity.Fields[part.First], entity.Fields[part.First], part.Second)).Aggregate((Condition?)null, (left, right) => left is null ? right : new AndCondition(left, right))!;
        var story = await engine.Engine.History.ReadAsync(Request.Anonymous, entity, condition, cancellationToken);
        var what = $"the story of {key.Replace('\u001f', '|')} in {model.Entity.Name}";
        var now = model.Records.FirstOrDefault(version => model.Entity.KeyOf(version.Values) == key)?.Values;
        DifferenceException.ThrowUnlessSame($"now in {what}", ModelChange.Show(now), Show(model.Entity.Fields, story.Now));
        var expected = model.TellStory(key).Select(told => $"import {model.NumberOf(told.Import)}: {told.Change}").ToList();
        var actual = story.Changes.Select(entry => $"import {model.NumberOf(entry.Import)}: {Show(model.Entity.Fields, entry.Before)} > {Show(model.Entity.Fields, entry.After)}").ToList();
        if (!story.IsComplete) throw new DifferenceException($"{what} is not complete");
        if (!expected.SequenceEqual(actual)) throw new DifferenceException($"{what} is told as\n    {string.Join("\n    ", actual)}\n  expected is\n    {string.Join("\n    ", expected)}\n ");
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

    private static string Show(IReadOnlyList<Field> fields, IReadOnlyList<string?>? values) => ModelChange.Show(values?.Select((value, i) => FieldValue.Read(fields[i], value)));

    private static string Show(FoundImport found) => found.Ledger is not { } ledger ? "" : string.Create(
        CultureInfo.InvariantCulture, $"{found.File.Rows.Count} = {ledger.Inserted} + {ledger.Updated} + {ledger.Unchanged} + {ledger.Superseded} + {ledger.Rejected}, removed {ledger.Removed}");

    private static string Show(Catalog.Ledger ledger) => string.Create(
        CultureInfo.InvariantCulture, $"{ledger.Records} = {ledger.Inserted} + {ledger.Updated} + {ledger.Unchanged} + {ledger.Superseded} + {ledger.Rejected}, removed {ledger.Removed}");
}
