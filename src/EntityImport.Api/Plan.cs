using System.Text.Json;
using System.Text.Json.Serialization;

namespace EntityImport.Api;

/// <summary>Answer to a plan that was asked for, or cancelled.</summary>
/// <param name="PlanId">The plan's id.</param>
public sealed record PlanCreated(Guid PlanId);

/// <summary>Asks for the import that a plan told of.</summary>
/// <param name="Reason">Why, at most 1,000 characters; it is kept with the plan. Null where nothing is said.</param>
public sealed record PlanApplication(string? Reason = null);

/// <summary>A plan in a list.</summary>
/// <param name="PlanId">The plan's id.</param>
/// <param name="UploadId">The upload that it is of.</param>
/// <param name="MappingId">The mapping that it was read by.</param>
/// <param name="MappingRevision">The mapping's revision.</param>
/// <param name="EntitySystemName">The entity.</param>
/// <param name="State">Where it stands; SUCCEEDED means that it can be read and applied.</param>
/// <param name="StartDate">When it was asked for.</param>
/// <param name="StopDate">When it was ready, or ended otherwise; null before.</param>
/// <param name="InvokedBy">Who asked for it; null where callers are not known.</param>
/// <param name="DryRunId">The dry run that made it; null where a plan was asked for.</param>
/// <param name="GuardedId">The import that made it, and that guards have forbidden; null for others.</param>
/// <param name="Ledger">Where the rows would end up; all zero before the end.</param>
/// <param name="Bytes">About what it keeps, before compression; 0 before the end and once its time is over.</param>
/// <param name="ExpiresDate">When its time is over, or was; null before the end.</param>
/// <param name="AppliedBy">The import that it was applied by last, whatever came of that; null where there is none.</param>
/// <param name="Code">Why it ended without success, for programs; null before, and where it succeeded.</param>
/// <param name="Message">How it ended, as a sentence; null before.</param>
public sealed record PlanSummary(
    Guid PlanId,
    Guid UploadId,
    Guid MappingId,
    int MappingRevision,
    string EntitySystemName,
    ImportState State,
    DateTimeOffset StartDate,
    DateTimeOffset? StopDate,
    string? InvokedBy,
    Guid? DryRunId,
    Guid? GuardedId,
    Ledger Ledger,
    long Bytes,
    DateTimeOffset? ExpiresDate,
    Guid? AppliedBy,
    string? Code,
    string? Message);

/// <summary>A page of plans.</summary>
/// <param name="Plans">The plans, newest first.</param>
/// <param name="NextCursor">The cursor of the next page; null where there is none.</param>
public sealed record PlanPage(IReadOnlyList<PlanSummary> Plans, string? NextCursor);

/// <summary>All that is known of a plan.</summary>
/// <param name="Plan">What lists tell of it.</param>
/// <param name="Progress">How far it is; null where it has ended.</param>
/// <param name="File">The file that it is of.</param>
/// <param name="Changes">What would happen to how many records; null before the end, and where it did not succeed.</param>
/// <param name="Signatures">What the changes have in common, mistakes first; empty before the end, and where nothing was found.</param>
/// <param name="Guards">The guards that forbid it, as they were when it was made; empty where none does.</param>
/// <param name="Valid">Whether it can be applied: it succeeded, and nothing has moved since.</param>
/// <param name="Moved">What has moved since; null where nothing has.</param>
/// <param name="Reason">Why it was applied; null where nothing was said.</param>
/// <param name="Warnings">What somebody should look at, as the import would tell it.</param>
/// <param name="StageMilliseconds">Milliseconds that each stage took; empty before the end.</param>
/// <param name="Links">Where to read on, by what is there.</param>
public sealed record PlanDetails(
    PlanSummary Plan,
    ImportProgress? Progress,
    UploadedFile File,
    PlannedChanges? Changes,
    IReadOnlyList<ChangeSignature> Signatures,
    IReadOnlyList<GuardBreach> Guards,
    bool Valid,
    PlanMove? Moved,
    string? Reason,
    IReadOnlyList<ImportWarning> Warnings,
    IReadOnlyDictionary<string, long> StageMilliseconds,
    IReadOnlyDictionary<string, string> Links)
{
    /// <summary>The import of whose rejected rows it brings some in, corrected; null where it is of no repair.</summary>
    public Guid? Repairs { get; init; }

    /// <summary>How many of the repair's rows it has, and which that are ready are not in it, as when it was made; null where it is of no repair, and from services that do not say so yet.</summary>
    public RepairPlanned? Repair { get; init; }
}

/// <summary>What would happen to how many records. Beside the ledger, which counts rows: with REPLACE, a record of which only values change is updated here.</summary>
/// <param name="Inserted">Records that come.</param>
/// <param name="Updated">Records that change.</param>
/// <param name="Removed">Records that go.</param>
/// <param name="Fields">The fields that are filled, each with the number of records that it changes in.</param>
public sealed record PlannedChanges(long Inserted, long Updated, long Removed, IReadOnlyList<PlannedField> Fields);

/// <summary>A field of a plan.</summary>
/// <param name="SystemName">The field.</param>
/// <param name="Updated">In how many of the records that change it changes.</param>
public sealed record PlannedField(string SystemName, long Updated);

/// <summary>What changes have in common, so that a person can be told of them in a sentence.</summary>
/// <param name="Code">What was found; a code never changes its meaning.</param>
/// <param name="Grade">What it is taken for.</param>
/// <param name="Field">The field; null where it is about keys.</param>
/// <param name="Count">How many records show it.</param>
/// <param name="Of">Of how many that could have shown it.</param>
/// <param name="Estimated">Whether the count was estimated from a sample.</param>
/// <param name="Message">All that as a sentence.</param>
/// <param name="Examples">Up to three of the records.</param>
public sealed record ChangeSignature(string Code, ChangeGrade Grade, string? Field, long Count, long Of, bool Estimated, string Message, IReadOnlyList<ChangeExample> Examples);

/// <summary>What a signature of changes is taken for.</summary>
public enum ChangeGrade
{
    /// <summary>Something that happens to data and that nobody wants.</summary>
    Mistake,

    /// <summary>What changes have in common, as they have when somebody wanted it.</summary>
    Pattern,
}

/// <summary>A record that shows a signature. Texts are cut after 80 characters.</summary>
/// <param name="Key">Its key, values joined by <c>/</c>; for keys that look renamed, the old one.</param>
/// <param name="Before">The value before; null for null.</param>
/// <param name="After">The value after; null for null.</param>
public sealed record ChangeExample(string Key, string? Before, string? After);

/// <summary>A guard that forbids what a plan would do.</summary>
/// <param name="Guard">The guard: <c>maxRemovedPercent</c>.</param>
/// <param name="Field">Its field; null where it is about none.</param>
/// <param name="Allowed">What it allows: records or percent; null for the header.</param>
/// <param name="Actual">What the plan would do, likewise.</param>
/// <param name="Message">All that as a sentence.</param>
public sealed record GuardBreach(string Guard, string? Field, decimal? Allowed, decimal? Actual, string Message);

/// <summary>What has moved since a plan was made.</summary>
/// <param name="What"><c>file</c>, <c>mapping</c>, <c>entity</c> (its definition) or <c>contents</c> (its records).</param>
/// <param name="ImportId">The first import that changed the records since; null where none did.</param>
/// <param name="Message">The same as a sentence.</param>
public sealed record PlanMove(string What, Guid? ImportId, string Message);

/// <summary>What happens to a record.</summary>
public enum ChangeKind
{
    /// <summary>It comes.</summary>
    Inserted,

    /// <summary>It changes.</summary>
    Updated,

    /// <summary>It goes.</summary>
    Removed,
}

/// <summary>What a plan would do, or an import did, to a record.</summary>
/// <param name="Kind">What happens.</param>
/// <param name="Row">The row that does it, 1 = the first after the header; null where the record goes, and of imports, of which that is not kept.</param>
/// <param name="Key">The record's key by field; empty where the entity has none.</param>
/// <param name="Before">Its values before, by field: where it changes, only those that change; null where it comes.</param>
/// <param name="After">Its values afterwards, likewise; null where it goes.</param>
/// <param name="AfterUnknown">
/// Of imports: true where another import has changed the record since, and what it was then is kept no longer. <see cref="After"/> is null then, and <see cref="Before"/> has all values; after a REPLACE it is not known either whether the record was still there. Else absent.
/// </param>
public sealed record RecordChange(
    ChangeKind Kind,
    long? Row,
    IReadOnlyDictionary<string, JsonElement> Key,
    IReadOnlyDictionary<string, JsonElement>? Before,
    IReadOnlyDictionary<string, JsonElement>? After,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool AfterUnknown = false);

/// <summary>A page of changes.</summary>
/// <param name="Changes">The changes: the largest move first where a field of numbers or dates is asked for.</param>
/// <param name="NextCursor">The cursor of the next page; null where there is none.</param>
/// <param name="IsComplete">
/// Of imports: false where an import since then has changed records without keeping what they were, so that records may be missing here that this import inserted. Absent of plans.
/// </param>
public sealed record ChangePage(
    IReadOnlyList<RecordChange> Changes, string? NextCursor, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] bool? IsComplete = null);
