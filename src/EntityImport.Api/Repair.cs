namespace EntityImport.Api;

/// <summary>What has become of the rows that an import rejected.</summary>
/// <param name="ImportId">The import.</param>
/// <param name="Version">How often the draft was changed: its ETag.</param>
/// <param name="ChangedDate">When it was changed last; null where nobody has begun.</param>
/// <param name="ChangedBy">Who changed it last; null where callers are not known.</param>
/// <param name="Cures">The cures, in the order in which they are carried out.</param>
/// <param name="Edits">How many rows are edited, or left out, one by one.</param>
/// <param name="Rows">How many rows the import rejected.</param>
/// <param name="Ready">How many of them can go in as they are by now, but for their keys; null where it was asked for without counts.</param>
/// <param name="Left">In how many something is still wrong; likewise.</param>
/// <param name="Dropped">How many are left out; likewise.</param>
/// <param name="Repaired">How many went in.</param>
/// <param name="Records">How many rows the file has.</param>
/// <param name="Processed">How many of them went in, those included that repairs brought in.</param>
/// <param name="PlanId">The plan that was made of it last; null where there is none.</param>
/// <param name="IsPlanned">Whether that has what the draft has.</param>
/// <param name="RepairedBy">The imports by which rows went in, and that stand; oldest first.</param>
public sealed record Repair(
    Guid ImportId,
    long Version,
    DateTimeOffset? ChangedDate,
    string? ChangedBy,
    IReadOnlyList<ChosenCure> Cures,
    int Edits,
    long Rows,
    long? Ready,
    long? Left,
    long? Dropped,
    long Repaired,
    long Records,
    long Processed,
    Guid? PlanId,
    bool IsPlanned,
    IReadOnlyList<Guid> RepairedBy);

/// <summary>A cure that was chosen for a cause.</summary>
/// <param name="Cause">The cause's id.</param>
/// <param name="Cure">The cure.</param>
public sealed record ChosenCure(string Cause, Cure Cure);

/// <summary>How a repair is changed. Members that are absent change nothing.</summary>
public sealed record RepairChange
{
    /// <summary>Edits of rows, each in place of the one before.</summary>
    public IReadOnlyList<RowEdit>? Edits { get; init; }

    /// <summary>Rows that are left out.</summary>
    public IReadOnlyList<long>? Drops { get; init; }

    /// <summary>Rows that are left out no longer.</summary>
    public IReadOnlyList<long>? Restores { get; init; }

    /// <summary>All cures, in the order in which they are carried out, in place of those before.</summary>
    public IReadOnlyList<ChosenCure>? Cures { get; init; }
}

/// <summary>An edit of a rejected row.</summary>
/// <param name="Row">The row.</param>
/// <param name="Fields">The texts of fields by the names of their columns, or by their numbers from 1 where no column has such a name. Where there are none, nor <c>columns</c>, the edit is taken back. Of a record that could not be split into the columns, those that are not named are empty.</param>
public sealed record RowEdit(long Row, IReadOnlyDictionary<string, string>? Fields)
{
    /// <summary>The texts of fields by the numbers of their columns from 1, whatever these are called, as kept edits have them; null where there are none.</summary>
    public IReadOnlyDictionary<string, string>? Columns { get; init; }
}

/// <summary>What was kept of a change.</summary>
/// <param name="Version">How often the repair was changed: its ETag.</param>
/// <param name="ChangedDate">When.</param>
/// <param name="Edits">How many rows are edited, or left out, one by one.</param>
public sealed record RepairChanged(long Version, DateTimeOffset ChangedDate, int Edits);

/// <summary>What was found in a corrected error file.</summary>
/// <param name="Version">How often the repair was changed by then: its ETag.</param>
/// <param name="Edits">How many rows are edited, or left out, one by one.</param>
/// <param name="Rows">Rows of the file.</param>
/// <param name="Changed">Rows that are not as they were rejected, and are edits of the repair now.</param>
/// <param name="Same">Rows that are as they were rejected. What was made of them before stays.</param>
/// <param name="Repaired">Rows that have gone in already, and are left alone.</param>
/// <param name="Repeated">Rows that come again later in the file; the last one holds.</param>
/// <param name="Unknown">Rows that are none that the import has rejected.</param>
/// <param name="UnknownLines">The lines on which the first of these begin, from 1.</param>
/// <param name="Columns">The columns that were changed, in the order of the file.</param>
public sealed record RepairMerged(long Version, int Edits, long Rows, long Changed, long Same, long Repaired, long Repeated, long Unknown, IReadOnlyList<long> UnknownLines, IReadOnlyList<MergedColumn> Columns);

/// <summary>A column of a corrected error file in which rows have other texts than were rejected.</summary>
/// <param name="Column">Its name.</param>
/// <param name="Number">Its number, from 1.</param>
/// <param name="Rows">How many rows.</param>
public sealed record MergedColumn(string Column, int Number, long Rows);

/// <summary>Edits of a repair.</summary>
/// <param name="Edits">The edits, in the order of the rows.</param>
/// <param name="NextCursor">The cursor of the next page; null where there is none.</param>
public sealed record RowEditPage(IReadOnlyList<KeptEdit> Edits, string? NextCursor);

/// <summary>An edit that is kept.</summary>
/// <param name="Row">The row.</param>
/// <param name="Columns">The texts of fields, by the numbers of their columns from 1; null where there are none.</param>
/// <param name="Dropped">Whether the row is left out.</param>
public sealed record KeptEdit(long Row, IReadOnlyDictionary<string, string>? Columns, bool Dropped);

/// <summary>Which rows are to be checked.</summary>
public sealed record RepairCheck
{
    /// <summary>Rows as the repair has them.</summary>
    public IReadOnlyList<long>? Rows { get; init; }

    /// <summary>Rows as they would be with these edits.</summary>
    public IReadOnlyList<RowEdit>? Edits { get; init; }
}

/// <summary>Rows that were checked.</summary>
/// <param name="Rows">The rows, in the order in which they were asked for.</param>
public sealed record CheckedRows(IReadOnlyList<CheckedRow> Rows);

/// <summary>A rejected row as a repair has it.</summary>
/// <param name="Row">The row, from 1.</param>
/// <param name="Line">The line on which it begins, from 1.</param>
/// <param name="State"><c>LEFT</c>: something is still wrong with it; <c>READY</c>: it can go in, but for its key; <c>DROPPED</c>: it is left out; <c>REPAIRED</c>: it went in.</param>
/// <param name="Fields">Its fields, one for each of the file's columns, as they are by now; null where it cannot be split into them.</param>
/// <param name="Edit">What somebody made of it, beside the cures; null where nobody did.</param>
/// <param name="Reasons">Why it cannot go in; empty where it can, or is left out.</param>
public sealed record CheckedRow(long Row, long Line, string State, IReadOnlyList<string>? Fields, KeptEdit? Edit, IReadOnlyList<RejectionReason> Reasons);

/// <summary>How a repair is planned.</summary>
public sealed record RepairPlanning
{
    /// <summary>Whether rows also go in whose records other imports have changed since.</summary>
    public bool? Overwrite { get; init; }
}

/// <summary>A plan of a repair.</summary>
/// <param name="PlanId">The plan.</param>
/// <param name="Rows">How many rows it has.</param>
/// <param name="Superseded">How many are ready but for a later row of the file that has the same key, which wins as if they had been right from the start.</param>
/// <param name="Kept">How many are ready, but other imports have changed the records of their keys since, which are kept.</param>
/// <param name="KeptRows">These rows, up to 1,000.</param>
public sealed record RepairPlanned(Guid PlanId, long Rows, long Superseded, long Kept, IReadOnlyList<long> KeptRows);
