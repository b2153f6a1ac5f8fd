namespace EntityImport.Catalog;

/// <summary>What notices are about, as receivers read it in <c>type</c>. A name never changes its meaning.</summary>
public static class NoticeEvent
{
    /// <summary>An import has ended, however it did.</summary>
    public const string ImportEnded = "import.ended";

    /// <summary>Guards have forbidden an import, which has ended with that and is told of as such, too.</summary>
    public const string ImportGuarded = "import.guarded";

    /// <summary>A plan can be looked at and applied, whoever has made it: a caller, a dry run, or an import that guards have forbidden.</summary>
    public const string PlanReady = "plan.ready";

    /// <summary>An administrator wants to see whether notices arrive. Nobody subscribes to it.</summary>
    public const string Test = "webhook.test";

    /// <summary>Those that can be subscribed to.</summary>
    public static IReadOnlyList<string> All { get; } = [ImportEnded, ImportGuarded, PlanReady];
}
