using EntityImport.Catalog;

namespace EntityImport.Imports;

/// <summary>All that is known of an import at one moment.</summary>
/// <param name="Import">The import.</param>
/// <param name="Upload">The file that it reads.</param>
/// <param name="Mapping">The mapping as it was when the import was invoked.</param>
/// <param name="Progress">How far it is.</param>
public sealed record ImportSnapshot(Import Import, Upload Upload, Mapping Mapping, ImportProgress Progress)
{
    /// <summary>The imports that have brought in some of the rows that it rejected, and stand; oldest first.</summary>
    public IReadOnlyList<Guid> RepairedBy { get; init; } = [];
}

/// <summary>A row that was rejected, as the API shows it.</summary>
/// <param name="Row">The row, 1 = the first after the header.</param>
/// <param name="Line">The physical line on which it begins, from 1.</param>
/// <param name="Reasons">Every reason found.</param>
/// <param name="Record">Its text as it stands in the file, without the line end.</param>
public sealed record RejectedRow(long Row, long Line, IReadOnlyList<RejectionReason> Reasons, string Record)
{
    /// <summary>Its fields, one for each of the file's columns; null where it could not be split into them.</summary>
    public IReadOnlyList<string>? Fields { get; init; }
}

/// <summary>One reason why a row was rejected.</summary>
/// <param name="Code">The stable code: <c>number.format</c>.</param>
/// <param name="Field">The entity's field; null where the record as a whole is at fault.</param>
/// <param name="Column">The file's column; null likewise.</param>
/// <param name="Value">The refused text, cut at 80 characters; null where there is none.</param>
/// <param name="Message">The reason as a sentence.</param>
public sealed record RejectionReason(string Code, string? Field, string? Column, string? Value, string Message);
