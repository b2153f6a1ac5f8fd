using System.Globalization;
using EntityImport.Entities;

namespace EntityImport.Postgres.Connections;

/// <summary>Names and types in SQL that are of no entity. All text that becomes SQL passes here or <see cref="EntityTable"/>.</summary>
/// <remarks>Every name is qualified, and no column of a table is named by a user: those of fields are <c>f1</c>, <c>f2</c>, …, so that names of users meet neither the store's nor PostgreSQL's own.</remarks>
internal static class Sql
{
    /// <summary>The schema of what users see: a view for each entity, with its name.</summary>
    public const string ViewSchema = "records";

    /// <summary>The schema of the tables with records, with what these were before imports, and with plans.</summary>
    public const string DataSchema = "eis_data";

    /// <summary>The schema of what runs need until they end.</summary>
    public const string StageSchema = "eis_stage";

    /// <summary>The column of a record's version: the number of the import that made the record what it is.</summary>
    public const string Version = "import";

    /// <summary>The alias of an entity's table.</summary>
    public const string Target = "t";

    /// <summary>The alias of the rows that are brought into it.</summary>
    public const string Row = "n";

    /// <summary>The column of a row's record number.</summary>
    public const string RowNumber = "row_number";

    /// <summary>PostgreSQL's own name of a row of a table, as long as nothing changes the row.</summary>
    public const string RowId = "ctid";

    /// <summary>In a relation, the column of the <see cref="RowId"/> of the record as it is; null where there is none.</summary>
    public const string RecordId = "record_id";

    /// <summary>Bits of the number of a <see cref="RowId"/> for the place in its page.</summary>
    private const int PlaceBits = 16;

    /// <summary>What a value takes whatever it is.</summary>
    private const int ValueBytes = 8;

    /// <summary>A quoted identifier.</summary>
    public static string Name(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>A quoted text.</summary>
    public static string Text(string? text) => text is null ? "NULL" : $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    /// <summary>A number.</summary>
    public static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>The expression for a <see cref="RowId"/> as a number that has the same order.</summary>
    public static string NumberOf(string rowId) => $"((({rowId}::text::point)[0])::bigint << {PlaceBits}) + (({rowId}::text::point)[1])::bigint";

    /// <summary>The <see cref="RowId"/> of a number.</summary>
    public static string RowIdOf(long number) => string.Create(CultureInfo.InvariantCulture, $"'({number >> PlaceBits},{number & ((1 << PlaceBits) - 1)})'::tid");

    /// <summary>A field's type: one that does not change where the field's length or digits do, which the import keeps.</summary>
    public static string Type(FieldDefinition field) => field.DataType switch
    {
        DataType.String => "text COLLATE \"C\"",
        DataType.Integer => "bigint",
        DataType.Double => "double precision",
        DataType.Boolean => "boolean",
        DataType.Date => "date",
        DataType.DateTime => "timestamptz",
        _ => "numeric",
    };

    /// <summary>A null of a field's type.</summary>
    public static string Null(FieldDefinition field) => field.DataType == DataType.String ? "NULL::text" : $"NULL::{Type(field)}";

    /// <summary>The expression for about how many bytes the values of some columns are, of all records that it is asked of.</summary>
    public static string Bytes(IEnumerable<(DataType Type, string Column)> columns)
    {
        var ofRecord = columns.Select(column => column.Type == DataType.String ? $"{ValueBytes} + coalesce(octet_length({column.Column}), 0)" : $"{ValueBytes}");
        return $"coalesce(sum({string.Join(" + ", ofRecord)}), 0)::bigint";
    }
}
