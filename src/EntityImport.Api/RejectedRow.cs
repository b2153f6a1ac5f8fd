namespace EntityImport.Api;

/// <summary>A page of rejected rows.</summary>
/// <param name="Errors">The rows, in file order.</param>
/// <param name="NextCursor">The cursor of the next page; null where there is none.</param>
/// <param name="Total">How many rows there are of those that were asked for; while the import runs, so far.</param>
/// <param name="Columns">The names of the file's columns; empty where it could not be read that far.</param>
public sealed record ErrorPage(IReadOnlyList<RejectedRow> Errors, string? NextCursor, long Total, IReadOnlyList<string> Columns);

/// <summary>A row that was rejected, as the API shows it.</summary>
/// <param name="Row">The row, 1 = the first after the header.</param>
/// <param name="Line">The physical line on which it begins, from 1.</param>
/// <param name="Reasons">Every reason found.</param>
/// <param name="Record">Its text as it stands in the file, without the line end.</param>
/// <param name="Fields">Its fields, one for each of the page's columns, quotes and escapes resolved; null where it could not be split into them.</param>
/// <param name="HasColumns">Whether it could.</param>
public sealed record RejectedRow(long Row, long Line, IReadOnlyList<RejectionReason> Reasons, string Record, IReadOnlyList<string>? Fields, bool HasColumns);

/// <summary>One reason why a row was rejected.</summary>
/// <param name="Code">The stable code: <c>number.format</c>.</param>
/// <param name="Field">The entity's field; null where the record as a whole is at fault.</param>
/// <param name="Column">The file's column; null likewise.</param>
/// <param name="Value">The refused text, cut at 80 characters; null where there is none.</param>
/// <param name="Message">The reason as a sentence.</param>
/// <param name="Cause">The id of the cause that it counts for.</param>
public sealed record RejectionReason(string Code, string? Field, string? Column, string? Value, string Message, string Cause);

/// <summary>Which rejected rows are asked for: those with a reason of which all is true that is said here.</summary>
public sealed record ErrorFilter
{
    /// <summary>Only rows of this cause, by its id; null means all.</summary>
    public string? Cause { get; init; }

    /// <summary>Only rows with a reason of this code; null means all.</summary>
    public string? Code { get; init; }

    /// <summary>Only rows with a reason about this field; null means all.</summary>
    public string? Field { get; init; }
}

/// <summary>Why an import rejected rows, by causes.</summary>
/// <param name="Causes">The causes of the most rows first, at most 50. A row with several reasons counts for each.</param>
/// <param name="OtherCauses">How many further causes there are; those beyond 10,000 do not count.</param>
/// <param name="OtherReasons">How often rows have one of these.</param>
/// <param name="Rows">How many rows were rejected.</param>
/// <param name="IsComplete">Whether these are all; while the import runs they are those so far.</param>
public sealed record RejectionCauses(IReadOnlyList<RejectionCause> Causes, int OtherCauses, long OtherReasons, long Rows, bool IsComplete);

/// <summary>What reasons of rejected rows have in common, so that one cure may do for all of them.</summary>
/// <param name="Cause">The cause's id, by which rows are filtered and cures are asked for.</param>
/// <param name="Code">The stable code: <c>number.format</c>.</param>
/// <param name="Field">The entity's field; null where the record as a whole is at fault.</param>
/// <param name="Column">The file's column; null likewise.</param>
/// <param name="Shape">What the refused values look like, with runs of digits as <c>9</c> and of letters as <c>A</c>, or how many fields the records have; null where neither tells causes apart.</param>
/// <param name="Rows">How many rows it has rejected.</param>
/// <param name="Example">The first of them.</param>
public sealed record RejectionCause(string Cause, string Code, string? Field, string? Column, string? Shape, long Rows, RejectionExample Example);

/// <summary>A row that was rejected for a cause.</summary>
/// <param name="Row">The row, from 1.</param>
/// <param name="Line">The line on which it begins, from 1.</param>
/// <param name="Value">The refused text, cut at 80 characters; null where there is none.</param>
/// <param name="Message">The reason as a sentence.</param>
public sealed record RejectionExample(long Row, long Line, string? Value, string Message);
