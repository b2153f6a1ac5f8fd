using EntityImport.Catalog;
using EntityImport.Imports.Running;

namespace EntityImport.Engine;

/// <summary>All that is known of a plan at one moment.</summary>
/// <param name="Plan">The plan.</param>
/// <param name="Upload">The file that it is of.</param>
/// <param name="Progress">How far it is; null where it has ended.</param>
/// <param name="Move">What has moved since, so that it cannot be applied; null where nothing has, and where it did not succeed.</param>
public sealed record PlanSnapshot(Plan Plan, Upload Upload, ImportProgress? Progress, PlanMove? Move)
{
    /// <summary>What of a repair is in it, and what is not; null where it is of no repair, or of one from before that was kept.</summary>
    public RepairRun? Repair { get; init; }
}
