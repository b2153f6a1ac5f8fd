using EntityImport.Entities;

namespace EntityImport.Imports;

/// <summary>Rows of a file as an import would read them.</summary>
public sealed record Preview
{
    /// <summary>The file's columns, in its order; one that goes into several fields is there for each.</summary>
    public required IReadOnlyList<PreviewColumn> Columns { get; init; }

    /// <summary>The rows.</summary>
    public required IReadOnlyList<PreviewRow> Rows { get; init; }

    /// <summary>How many rows the file has; null where that was not found out, because it is large and has no index for this definition.</summary>
    public required long? Records { get; init; }

    /// <summary>Whether rows follow, as far as is known.</summary>
    public required bool HasMore { get; init; }
}

/// <summary>A column of a previewed file.</summary>
/// <param name="Name">Its name in the file.</param>
/// <param name="Field">The field that it goes into; null where it goes into none.</param>
/// <param name="DataType">That field's type; null likewise.</param>
/// <param name="Refused">In how many of the rows its value is refused.</param>
public sealed record PreviewColumn(string Name, string? Field, DataType? DataType, long Refused);

/// <summary>A row of a preview.</summary>
/// <param name="Row">The row, from 1.</param>
/// <param name="Line">The physical line on which it begins, from 1.</param>
/// <param name="Raw">Its text as it stands in the file, cut at 4,096 characters.</param>
/// <param name="Fields">Its fields, as the preview's columns; empty where it cannot be split into these.</param>
/// <param name="Fault">Why it cannot; null where it can.</param>
public sealed record PreviewRow(long Row, long Line, string Raw, IReadOnlyList<PreviewField> Fields, RejectionReason? Fault);

/// <summary>A field of a previewed row.</summary>
/// <param name="Column">The column's name in the file.</param>
/// <param name="Raw">Its text, quotes and escapes resolved, cut at 4,096 characters; null where the row has fewer fields.</param>
/// <param name="Field">The field that it goes into; null where it goes into none.</param>
/// <param name="Value">Its value: numbers plain, dates in ISO 8601, texts cut as above; null where it is null, was refused, or goes into no field.</param>
/// <param name="Fault">Why its value is refused; null where it is not.</param>
public sealed record PreviewField(string Column, string? Raw, string? Field, string? Value, RejectionReason? Fault);
