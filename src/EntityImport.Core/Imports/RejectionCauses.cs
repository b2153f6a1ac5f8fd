namespace EntityImport.Imports;

/// <summary>Why an import rejected rows, by causes.</summary>
/// <param name="Causes">The causes of the most rows first, at most 50. A row with several reasons counts for each.</param>
/// <param name="OtherCauses">How many further ones there are; those beyond 10,000 do not count.</param>
/// <param name="OtherReasons">How often rows have one of these.</param>
/// <param name="Rows">How many rows were rejected.</param>
/// <param name="IsComplete">Whether these are all; while the import runs they are those so far.</param>
public sealed record RejectionCauses(IReadOnlyList<CountedCause> Causes, int OtherCauses, long OtherReasons, long Rows, bool IsComplete);

/// <summary>A cause, and how many rows it has rejected.</summary>
/// <param name="Cause">The cause.</param>
/// <param name="Column">The file's column; null where the record as a whole is at fault.</param>
/// <param name="Rows">How many rows.</param>
/// <param name="Message">The first one's reason.</param>
/// <param name="Row">That row, from 1.</param>
/// <param name="Line">The line on which it begins, from 1.</param>
/// <param name="Value">The value that was refused there, as reasons show it; null where there is none.</param>
public sealed record CountedCause(RejectionCause Cause, string? Column, long Rows, string Message, long Row, long Line, string? Value);

/// <summary>Which rejected rows to read: those with a reason of which all is true that is asked for.</summary>
/// <param name="Limit">The most to return; there may be fewer, because they take no more than <see cref="Limits.PageBytes"/>.</param>
public sealed record RejectedQuery(int Limit)
{
    /// <summary>Where to go on, as an earlier page said; null where <see cref="Offset"/> says it.</summary>
    public string? Cursor { get; init; }

    /// <summary>How many of the rows are passed over.</summary>
    public long Offset { get; init; }

    /// <summary>Only rows of this cause, by its id; null means all.</summary>
    public string? Cause { get; init; }

    /// <summary>Only rows with a reason of this code; null means all.</summary>
    public string? Code { get; init; }

    /// <summary>Only rows with a reason about this field, ignoring case; null means all.</summary>
    public string? Field { get; init; }
}

/// <summary>A page of rejected rows.</summary>
/// <param name="Rows">The rows, in file order.</param>
/// <param name="Next">The cursor of the rows behind them; null where there are none.</param>
/// <param name="Total">How many rows there are of those that were asked for; while the import runs, so far.</param>
/// <param name="Columns">The names of the file's columns; empty where it could not be read that far.</param>
public sealed record RejectedPage(IReadOnlyList<RejectedRow> Rows, string? Next, long Total, IReadOnlyList<string> Columns);
