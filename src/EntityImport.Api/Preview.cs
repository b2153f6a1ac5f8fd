using System.Text.Json;

namespace EntityImport.Api;

/// <summary>Which rows of an uploaded file are to be shown, and how they are to be read.</summary>
public sealed record PreviewRequest
{
    /// <summary>How the file is written, and which of its columns go into which fields; absent means all defaults.</summary>
    public ImportDefinition? Definition { get; init; }

    /// <summary>The entity that values are read for; absent where fields are proposed, or nothing is to be converted.</summary>
    public string? Entity { get; init; }

    /// <summary>The fields of an entity that is not there yet.</summary>
    public IReadOnlyList<EntityField>? Fields { get; init; }

    /// <summary>The first row, from 1; absent means 1.</summary>
    public int? From { get; init; }

    /// <summary>How many rows, 1 to 1,000; absent means 100.</summary>
    public int? Rows { get; init; }
}

/// <summary>Rows of a file as an import would read them.</summary>
/// <param name="Columns">The file's columns, in its order; one that goes into several fields is there for each.</param>
/// <param name="Rows">The rows, up to 4 MiB of them.</param>
/// <param name="Records">How many rows the file has; null where that was not found out, because it is large and has no index for this definition.</param>
/// <param name="HasMore">Whether rows follow, as far as is known.</param>
public sealed record FilePreview(IReadOnlyList<PreviewColumn> Columns, IReadOnlyList<PreviewRow> Rows, long? Records, bool HasMore);

/// <summary>A column of a previewed file.</summary>
/// <param name="Column">Its name in the file.</param>
/// <param name="Field">The field that it goes into; null where it goes into none.</param>
/// <param name="DataType">That field's type; null likewise.</param>
/// <param name="Refused">In how many of the rows its value is refused.</param>
public sealed record PreviewColumn(string Column, string? Field, string? DataType, long Refused);

/// <summary>A row of a preview.</summary>
/// <param name="Row">The row, from 1.</param>
/// <param name="Line">The physical line on which it begins, from 1.</param>
/// <param name="Raw">Its text as it stands in the file, cut at 4,096 characters.</param>
/// <param name="Fields">Its fields, as the preview's columns; empty where it cannot be split into these.</param>
/// <param name="Code">Why it cannot, as a stable code: <c>record.fields</c>; null where it can.</param>
/// <param name="Message">The same as a sentence.</param>
public sealed record PreviewRow(long Row, long Line, string Raw, IReadOnlyList<PreviewField> Fields, string? Code, string? Message);

/// <summary>A field of a previewed row.</summary>
/// <param name="Column">The column's name in the file.</param>
/// <param name="Raw">Its text, quotes and escapes resolved, cut at 4,096 characters; null where the row has fewer fields.</param>
/// <param name="Value">Its value as records have it, texts cut at 4,096 characters; null where it is null, was refused, or goes into no field.</param>
/// <param name="Code">Why its value is refused, as a stable code: <c>number.format</c>; null where it is not.</param>
/// <param name="Message">The same as a sentence.</param>
public sealed record PreviewField(string Column, string? Raw, JsonElement? Value, string? Code, string? Message);

/// <summary>What is known of an uploaded file from which an entity and a mapping are inferred.</summary>
public sealed record UploadInference
{
    /// <summary>What is known of its format: any part of a mapping's definition.</summary>
    public ImportDefinition? Definition { get; init; }

    /// <summary>The name of the proposed entity; absent means one after the file's name.</summary>
    public string? EntitySystemName { get; init; }
}
