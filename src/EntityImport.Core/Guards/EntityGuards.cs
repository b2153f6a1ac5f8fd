using System.Globalization;

namespace EntityImport.Guards;

/// <summary>What imports into an entity may not do, whatever their files say: judged by numbers before anything is written. A guard that is null forbids nothing. Immutable.</summary>
public sealed record EntityGuards
{
    /// <summary>The entity.</summary>
    public required string EntitySystemName { get; init; }

    /// <summary>The most records that a REPLACE may remove, from 0.</summary>
    public int? MaxRemovedRecords { get; init; }

    /// <summary>The most that it may remove in percent of the records before, 0 to 100.</summary>
    public decimal? MaxRemovedPercent { get; init; }

    /// <summary>The most rows that may be rejected in percent of the file's, 0 to 100.</summary>
    public decimal? MaxRejectedPercent { get; init; }

    /// <summary>The fewest rows that a file may have in percent of those of the last import, 0 to 1000.</summary>
    public decimal? MinRowsPercent { get; init; }

    /// <summary>Whether the file must have the columns of the last import, in their order.</summary>
    public bool SameHeader { get; init; }

    /// <summary>How many values of fields of numbers may move, and how far.</summary>
    public IReadOnlyList<MoveGuard> Moves { get; init => field = value ?? []; } = [];

    /// <summary>How many values of fields may become empty.</summary>
    public IReadOnlyList<EmptiedGuard> Emptied { get; init => field = value ?? []; } = [];

    /// <summary>Judges an import or a plan by its figures. A guard for which a figure is missing forbids nothing.</summary>
    /// <returns>The guards that forbid it, in the order above; empty where none does.</returns>
    public IReadOnlyList<GuardBreach> Judge(GuardFigures figures)
    {
        ArgumentNullException.ThrowIfNull(figures);
        return [.. FindBreaches(figures)];
    }

    /// <summary>Whether one of the guards is about the values of a field.</summary>
    internal bool IsAbout(string field) => Moves.Any(guard => guard.Field.Equals(field, StringComparison.OrdinalIgnoreCase)) || Emptied.Any(guard => guard.Field.Equals(field, StringComparison.OrdinalIgnoreCase));

    private IEnumerable<GuardBreach> FindBreaches(GuardFigures figures)
    {
        if (MaxRemovedRecords is { } records && figures.Removed > records)
        {
            yield return new GuardBreach("maxRemovedRecords", null, records, figures.Removed, Sentence($"maxRemovedRecords: {figures.Removed:N0} records would be removed, at most {records:N0} may be."));
        }

        if (MaxRemovedPercent is { } removed && Percent(figures.Removed, figures.RecordsBefore) is { } lost && lost > removed)
        {
            yield return new GuardBreach(
                "maxRemovedPercent", null, removed, lost, Sentence($"maxRemovedPercent: {figures.Removed:N0} of {figures.RecordsBefore:N0} records would be removed ({Show(lost)} %), at most {removed:0.####} % may be."));
        }

        if (MaxRejectedPercent is { } rejected && Percent(figures.Rejected, figures.Records) is { } refused && refused > rejected)
        {
            yield return new GuardBreach(
                "maxRejectedPercent", null, rejected, refused, Sentence($"maxRejectedPercent: {figures.Rejected:N0} of {figures.Records:N0} rows are rejected ({Show(refused)} %), at most {rejected:0.####} % may be."));
        }

        if (MinRowsPercent is { } least && Percent(figures.Records, figures.RecordsOfLast) is { } rows && rows < least)
        {
            yield return new GuardBreach(
                "minRowsPercent", null, least, rows, Sentence($"minRowsPercent: the file has {figures.Records:N0} {(figures.Records == 1 ? "row" : "rows")}, {Show(rows)} % of the {figures.RecordsOfLast:N0} of the last import; it must have {least:0.####} %."));
        }

        if (SameHeader && figures is { Header: { } header, HeaderOfLast: { } last } && !header.IsSame(last))
            yield return new GuardBreach("sameHeader", null, null, null, $"sameHeader: the file has {header.DifferenceFrom(last)}.");
        foreach (var guard in Moves)
        {
            if (figures.Moves is null || !figures.Moves.TryGetValue((guard.Field, guard.ByPercent), out var moves) || Percent(moves.Count, moves.Of) is not { } moved || moved <= guard.MaxPercent) continue;
            yield return new GuardBreach(
                "moves", guard.Field, guard.MaxPercent, moved,
                Sentence($"moves of {guard.Field}: {moves.Count:N0} of {moves.Of:N0} values move by more than {guard.ByPercent:0.####} % ({Show(moved)} %), at most {guard.MaxPercent:0.####} % may."));
        }

        foreach (var guard in Emptied)
        {
            if (figures.Emptied is null || !figures.Emptied.TryGetValue(guard.Field, out var emptied) || Percent(emptied.Count, emptied.Of) is not { } empty || empty <= guard.MaxPercent) continue;
            yield return new GuardBreach(
                "emptied", guard.Field, guard.MaxPercent, empty, Sentence($"emptied of {guard.Field}: {emptied.Count:N0} of {emptied.Of:N0} values become empty ({Show(empty)} %), at most {guard.MaxPercent:0.####} % may."));
        }
    }

    /// <summary>A part in percent; null where one of the figures is not known, or there is nothing to be a part of.</summary>
    private static decimal? Percent(long? part, long? of) => of is null or 0 || part is null ? null : 100m * part.Value / of.Value;

    private static string Show(decimal percent) => percent.ToString("0.####", CultureInfo.InvariantCulture);

    private static string Sentence(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>At most a part of a field's values may move by more than a percentage.</summary>
/// <param name="Field">The field, one of numbers.</param>
/// <param name="ByPercent">By more than how many percent of what it was a value moves, 0 to 1,000,000.</param>
/// <param name="MaxPercent">The most values that may, in percent of those that were there, 0 to 100.</param>
public sealed record MoveGuard(string Field, decimal ByPercent, decimal MaxPercent);

/// <summary>At most a part of a field's values may become empty.</summary>
/// <param name="Field">The field.</param>
/// <param name="MaxPercent">The most values that may, in percent of those that were there, 0 to 100.</param>
public sealed record EmptiedGuard(string Field, decimal MaxPercent);

/// <summary>A guard that forbids an import.</summary>
/// <param name="Guard">The guard's name, as the member of the document: <c>maxRemovedPercent</c>.</param>
/// <param name="Field">Its field; null where it is about none.</param>
/// <param name="Allowed">What it allows: records or percent; null for the header.</param>
/// <param name="Actual">What the import would do, likewise.</param>
/// <param name="Message">All that as a sentence.</param>
public sealed record GuardBreach(string Guard, string? Field, decimal? Allowed, decimal? Actual, string Message);
