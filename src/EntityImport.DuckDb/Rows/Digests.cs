using DuckDB.NET.Data;
using EntityImport.DuckDb.Connections;
using EntityImport.Entities;
using EntityImport.Storage;

namespace EntityImport.DuckDb.Rows;

/// <summary>
/// What stands for the values of rows and records where they are compared: long texts are joined, grouped and kept in memory as their SHA-256 alone, whatever their length. Only the last statement of an import
/// handles the texts themselves, which it reads from the file once more.
/// </summary>
/// <remarks>Reading a text twice takes less time than moving it through a join, and memory that does not depend on how many there are. Short rows are compared as they are, which is faster.</remarks>
internal static class Digests
{
    /// <summary>The table of <see cref="Store"/>.</summary>
    public const string Table = "\"#digests\"";

    /// <summary>In <see cref="Table"/>, the record's <see cref="Sql.RowId"/>.</summary>
    public const string Id = "\"#id\"";

    /// <summary>The length of a SHA-256 in hexadecimal: no text that stands for itself has it.</summary>
    private const int DigestBytes = 64;

    /// <summary>Whether long rows can be compared so. Where a record keeps some of its values, or a plan all of them, the texts are needed.</summary>
    public static bool Suit(LoadOrder order) => order.PlanId is null && (!order.ChangesRecords || order.HasWholeRecords);

    /// <summary>The query for the digests of rows, with their numbers.</summary>
    public static string Of(string rows, IEnumerable<FieldDefinition> fields) => $"SELECT {Columns(fields.Select(Digest).Prepend(Sql.RowNumber))} FROM {rows}";

    /// <summary>Makes the table of the digests of an entity's records.</summary>
    public static void Store(DuckDBConnection connection, EntityDefinition entity, IReadOnlyCollection<FieldDefinition> fields, CancellationToken cancellationToken)
    {
        var table = Sql.Table(entity);
        connection.Execute($"CREATE OR REPLACE TEMP TABLE {Table} ({Id} BIGINT, {Sql.ColumnTypes(fields)})", cancellationToken: cancellationToken);
        foreach (var range in StoredTexts.Ranges(connection, table, fields, cancellationToken))
            connection.Execute($"INSERT INTO {Table} SELECT {Columns(fields.Select(Digest).Prepend(Sql.RowId))} FROM {Sql.Range(table, fields, range)}", cancellationToken: cancellationToken);
    }

    private static string Digest(FieldDefinition field)
    {
        var column = Sql.Column(field);
        return field.DataType == DataType.String ? $"CASE WHEN strlen({column}) < {DigestBytes} THEN {column} ELSE sha256({column}) END AS {column}" : column;
    }

    private static string Columns(IEnumerable<string> columns) => string.Join(", ", columns);
}
