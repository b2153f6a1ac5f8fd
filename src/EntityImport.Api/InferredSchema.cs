using System.Text.Json;

namespace EntityImport.Api;

/// <summary>A proposed entity and mapping.</summary>
/// <param name="Entity">The entity.</param>
/// <param name="Mapping">The mapping: <c>entitySystemName</c> and <c>definition</c>.</param>
/// <param name="Columns">What each column of the sample was judged on, in file order.</param>
/// <param name="Warnings">Columns of dates and numbers that another reading fits, too, in file order.</param>
public sealed record InferredSchema(Entity Entity, JsonElement Mapping, IReadOnlyList<InferredColumn> Columns, IReadOnlyList<ImportWarning> Warnings);

/// <summary>What a column was judged on.</summary>
/// <param name="CsvColumnName">The column's name in the file.</param>
/// <param name="Field">The proposed field; null where the column is not imported.</param>
/// <param name="Rows">Records that were looked at.</param>
/// <param name="Empty">Those of them in which it is empty.</param>
/// <param name="Examples">The first different values, at most three.</param>
/// <param name="MaxLength">Unicode code points of the longest value.</param>
/// <param name="Why">Why the type and format were chosen.</param>
public sealed record InferredColumn(string CsvColumnName, EntityField? Field, long Rows, long Empty, IReadOnlyList<string> Examples, int MaxLength, string Why);
