using EntityImport.Csv;
using EntityImport.Mappings;

namespace EntityImport.Inference;

/// <summary>Where the table is in a file and how it is split, with what was found on the way. Nothing that was stated is changed.</summary>
/// <param name="Layout">The layout: delimiter, lines above the header and below the rows, whether there is a header.</param>
/// <param name="RaggedRows">What is to become of rows that are not as wide as the header.</param>
/// <param name="IsFirstRowData">Whether the first row is data; false where it has units, or further names.</param>
/// <param name="Findings">What was found.</param>
/// <param name="Questions">What is open.</param>
internal sealed record TablePlace(
    FileLayout Layout, RaggedRows RaggedRows, bool IsFirstRowData, IReadOnlyList<Finding> Findings, IReadOnlyList<OpenQuestion> Questions);
