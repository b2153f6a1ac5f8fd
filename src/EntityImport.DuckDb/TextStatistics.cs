using System.Globalization;
using System.Text.RegularExpressions;
using DuckDB.NET.Data;
using EntityImport.Entities;

namespace EntityImport.DuckDb;

/// <summary>How long an entity's texts are at the most, as DuckDB's statistics of its columns tell without reading them.</summary>
internal static partial class TextStatistics
{
    /// <summary>Columns that one statement asks for.</summary>
    private const int MaxColumns = 128;

    /// <summary>The text of a number, a date or a boolean is hardly longer.</summary>
    private const int ShortValueBytes = 40;

    /// <summary>Where DuckDB does not tell, a text may be as long as a record.</summary>
    private const long UnknownBytes = 1 << 20;

    /// <summary>The bytes that some fields of no record exceed.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="entity">The entity.</param>
    /// <param name="fields">The fields.</param>
    /// <param name="id">DuckDB's own name of any record: statistics come with a row.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public static long MostBytes(DuckDBConnection connection, EntityDefinition entity, IEnumerable<FieldDefinition> fields, long id, CancellationToken cancellationToken)
    {
        var most = 0L;
        foreach (var some in fields.Chunk(MaxColumns))
        {
            var statistics = string.Join(", ", some.Select(field => field.DataType == DataType.String ? $"stats({Sql.Column(field)})" : "''"));
            connection.Query<object?>(
                string.Create(CultureInfo.InvariantCulture, $"SELECT {statistics} FROM {Sql.Table(entity)} WHERE {Sql.RowId} = {id}"),
                null,
                row =>
                {
                    for (var i = 0; i < some.Length; i++) most += some[i].DataType == DataType.String ? Longest(row.GetString(i)) : ShortValueBytes;
                    return null;
                },
                cancellationToken);
        }

        return Math.Max(1, most);
    }

    private static long Longest(string statistics) =>
        LongestText().Match(statistics) is { Success: true } found ? long.Parse(found.Groups[1].Value, CultureInfo.InvariantCulture) : UnknownBytes;

    [GeneratedRegex(@"Max String Length: (\d+)")]
    private static partial Regex LongestText();
}
