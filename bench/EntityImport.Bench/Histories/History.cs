using EntityImport.Testing;
using FsCheck;
using FsCheck.Fluent;

namespace EntityImport.Bench.Histories;

/// <summary>A history to be run: entities, and what happens to them. Each part of one is one.</summary>
/// <param name="Entities">The entities.</param>
/// <param name="Commands">What happens, in this order.</param>
internal sealed record History(IReadOnlyList<EntityDraft> Entities, IReadOnlyList<HistoryCommand> Commands)
{
    private const int FewestCommands = 6;
    private const int MostCommands = 14;
    private const int MostRows = 8;

    /// <summary>What histories are drawn from, and how they are made smaller.</summary>
    public static Arbitrary<History> Arbitrary => Arb.From(
        from entities in Entity.NonEmptyListOf().Resize(3)
        from count in Gen.Choose(FewestCommands, MostCommands)
        from commands in Commanded.ArrayOf(count)
        select new History([.. entities.Take(3)], commands),
        Shrink);

    private static Gen<int> Number => Gen.Choose(0, 99);

    /// <summary>The newest ones more often than others.</summary>
    private static Gen<int> Recent => Gen.Frequency((3, Gen.Choose(0, 1)), (2, Gen.Choose(0, 5)), (1, Number));

    private static Gen<bool> Rarely => Number.Select(number => number < 12);

    private static Gen<bool> Often => Number.Select(number => number < 40);

    private static Gen<EntityDraft> Entity =>
        from keys in Gen.Frequency((5, Gen.Constant(1)), (3, Gen.Constant(2)), (2, Gen.Constant(0)))
        from others in Gen.Choose(1, 4)
        from types in Number.ArrayOf(keys + others)
        from hasRequired in Rarely
        from isLong in Rarely
        select new EntityDraft(keys, types, hasRequired, isLong);

    private static Gen<FileDraft> File =>
        from mode in Gen.Frequency((5, Gen.Constant("UPSERT")), (2, Gen.Constant("INSERT")), (2, Gen.Constant("REPLACE")))
        from keepsEmpty in Often
        from isDryRun in Rarely
        from hasMost in Rarely
        from unmapped in Gen.Frequency((2, Gen.Constant(0)), (1, Gen.Choose(0, 255)))
        from defaulted in Gen.Frequency((2, Gen.Constant(0)), (1, Gen.Choose(0, 255)))
        from isReversed in Rarely
        from hasNote in Rarely
        from count in Gen.Frequency((1, Gen.Constant(0)), (12, Gen.Choose(1, MostRows)))
        from rows in Number.ArrayOf(FileDraft.Cells).ArrayOf(count)
        select new FileDraft
        {
            Mode = mode,
            KeepsEmpty = keepsEmpty,
            IsDryRun = isDryRun,
            MaxFailedRows = hasMost ? 1 : null,
            Unmapped = unmapped,
            Defaulted = defaulted,
            IsReversed = isReversed,
            HasNote = hasNote,
            Rows = rows,
        };

    private static Gen<HistoryCommand> Commanded =>
        from entity in Gen.Choose(0, 2)
        from command in Gen.Frequency(
            (18, from file in File from isPlan in Number select (HistoryCommand)new SendCommand(entity, file, isPlan < 25)),
            (2, from upload in Recent from isPlan in Often select (HistoryCommand)new SendAgainCommand(upload, isPlan)),
            (6, from plan in Recent from hasReason in Often select (HistoryCommand)new ApplyCommand(plan, hasReason)),
            (12, from import in Recent select (HistoryCommand)new UndoCommand(import)),
            (3, from numbers in Number.ArrayOf(GuardDraft.Count) from isNone in Rarely select (HistoryCommand)new GuardCommand(entity, isNone ? null : new GuardDraft(numbers))),
            (2, from type in Number from seed in Number from hasNewField in Often select (HistoryCommand)new GrowCommand(entity, type, seed, hasNewField)),
            (1, Gen.Constant((HistoryCommand)new RestartCommand())))
        from crashes in Number
        from step in Gen.Elements(FaultStep.OfService.AsEnumerable())
        select command with { CrashesAt = crashes < 15 ? step : null };

    /// <summary>Smaller ones: without some commands, without crashes, with fewer rows.</summary>
    private static IEnumerable<History> Shrink(History history)
    {
        for (var size = history.Commands.Count / 2; size > 0; size /= 2)
            for (var from = 0; from + size <= history.Commands.Count; from += size)
                yield return history with { Commands = [.. history.Commands.Take(from), .. history.Commands.Skip(from + size)] };
        for (var i = 0; i < history.Commands.Count; i++)
            foreach (var smaller in Shrink(history.Commands[i]))
                yield return history with { Commands = [.. history.Commands.Take(i), smaller, .. history.Commands.Skip(i + 1)] };
        for (var i = 0; history.Entities.Count > 1 && i < history.Entities.Count; i++)
            yield return history with { Entities = [.. history.Entities.Take(i), .. history.Entities.Skip(i + 1)] };
        for (var i = 0; i < history.Entities.Count; i++)
            if (history.Entities[i] is { IsLong: true } entity)
                yield return history with { Entities = [.. history.Entities.Take(i), entity with { IsLong = false }, .. history.Entities.Skip(i + 1)] };
        for (var i = 0; i < history.Entities.Count; i++)
            if (history.Entities[i] is var entity && entity.Types.Count > entity.Keys + 1)
                yield return history with { Entities = [.. history.Entities.Take(i), entity with { Types = [.. entity.Types.SkipLast(1)] }, .. history.Entities.Skip(i + 1)] };
    }

    private static IEnumerable<HistoryCommand> Shrink(HistoryCommand command)
    {
        if (command.CrashesAt is not null) yield return command with { CrashesAt = null };
        if (command is not SendCommand { File: var file } send) yield break;
        for (var size = file.Rows.Count / 2 is 0 ? file.Rows.Count : file.Rows.Count / 2; size > 0; size /= 2)
            for (var from = 0; from + size <= file.Rows.Count; from += size)
                yield return send with { File = file with { Rows = [.. file.Rows.Take(from), .. file.Rows.Skip(from + size)] } };
        if (file.Unmapped != 0) yield return send with { File = file with { Unmapped = 0 } };
        if (file.Defaulted != 0) yield return send with { File = file with { Defaulted = 0 } };
        if (file.KeepsEmpty) yield return send with { File = file with { KeepsEmpty = false } };
        if (file.IsReversed || file.HasNote) yield return send with { File = file with { IsReversed = false, HasNote = false } };
    }
}
