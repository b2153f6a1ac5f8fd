namespace EntityImport.Bench.Histories;

/// <summary>What happens next. Entities, uploads, plans and imports are told by numbers that are taken for the place among those that there are then, so that each part of a history is one.</summary>
/// <param name="Entity">The entity; 0 where another number tells it, or it is about none.</param>
internal abstract record HistoryCommand(int Entity)
{
    /// <summary>The step at which the service crashes, if it comes to that; null where it does not.</summary>
    public string? CrashesAt { get; init; }

    /// <summary>What it is counted as.</summary>
    public abstract string Name { get; }
}

/// <summary>A file is sent under a mapping of its own, and imported or planned.</summary>
internal sealed record SendCommand(int Entity, FileDraft File, bool IsPlan) : HistoryCommand(Entity)
{
    public override string Name => IsPlan ? "plan" : "import";
}

/// <summary>A file that was sent before is imported, or planned, again.</summary>
internal sealed record SendAgainCommand(int Upload, bool IsPlan) : HistoryCommand(0)
{
    public override string Name => IsPlan ? "plan again" : "import again";
}

/// <summary>A plan is applied, with a reason of an administrator or without one.</summary>
internal sealed record ApplyCommand(int Plan, bool HasReason) : HistoryCommand(0)
{
    public override string Name => "apply";
}

/// <summary>An import is undone; before that it is asked what that would do.</summary>
internal sealed record UndoCommand(int Import) : HistoryCommand(0)
{
    public override string Name => "undo";
}

/// <summary>The entity gets other guards, or none.</summary>
internal sealed record GuardCommand(int Entity, GuardDraft? Guards) : HistoryCommand(Entity)
{
    public override string Name => "guards";
}

/// <summary>The entity gets another field, and others more room.</summary>
internal sealed record GrowCommand(int Entity, int Type, int Seed, bool HasNewField) : HistoryCommand(Entity)
{
    public override string Name => "fields";
}

/// <summary>The service is stopped cleanly, and started again.</summary>
internal sealed record RestartCommand() : HistoryCommand(0)
{
    public override string Name => "restart";
}
