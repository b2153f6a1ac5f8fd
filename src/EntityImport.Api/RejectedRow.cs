namespace EntityImport.Api;

/// <summary>A page of rejected rows.</summary>
/// <param name="Errors">The rows, in file order.</param>
/// <param name="NextCursor">The cursor of the next page; null where there is none.</param>
public sealed record ErrorPage(IReadOnlyList<RejectedRow> Errors, string? NextCursor);

/// <summary>A row that was rejected, as the API shows it.</summary>
/// <param name="Row">The row, 1 = the first after the header.</param>
/// <param name="Line">The physical line on which it begins, from 1.</param>
/// <param name="Reasons">Every reason found.</param>
/// <param name="Record">Its text as it stands in the file, without the line end.</param>
public sealed record RejectedRow(long Row, long Line, IReadOnlyList<RejectionReason> Reasons, string Record);

/// <summary>One reason why a row was rejected.</summary>
/// <param name="Code">The stable code: <c>number.format</c>.</param>
/// <param name="Field">The entity's field; null where the record as a whole is at fault.</param>
/// <param name="Column">The file's column; null likewise.</param>
/// <param name="Value">The refused text, cut at 80 characters; null where there is none.</param>
/// <param name="Message">The reason as a sentence.</param>
public sealed record RejectionReason(string Code, string? Field, string? Column, string? Value, string Message);
