using System.Globalization;
using EntityImport.Entities;

namespace EntityImport.DuckDb.Connections;

/// <summary>Names and types in SQL. All text that becomes SQL passes here.</summary>
/// <remarks>
/// Each name that the store makes for itself beside those of fields begins with <c>#</c>, which no name of a user's does: two names that meet make wrong data, and no error. The only name of
/// DuckDB's own that statements mention is <c>rowid</c>, and no column has it.
/// </remarks>
internal static class Sql
{
    /// <summary>The schema of entity tables.</summary>
    public const string RecordSchema = "records";

    /// <summary>The schema of what records were before imports: a table for each entity.</summary>
    public const string BeforeSchema = "before";

    /// <summary>The column of a record's version: the number of the import that made the record what it is; 0 where that was before there were versions.</summary>
    public const string Version = "\"#import\"";

    /// <summary>The alias of an entity's table.</summary>
    public const string Target = "\"#target\"";

    /// <summary>The alias of the rows that are brought into it.</summary>
    public const string Row = "\"#new\"";

    /// <summary>DuckDB's own name of a record of a table, as long as nothing is deleted and the table is the same.</summary>
    public const string RowId = "rowid";

    /// <summary>The name of the column with a row's record number; no field can have it.</summary>
    public const string RowNumberName = "#row";

    /// <summary>The column of a row's record number.</summary>
    public const string RowNumber = $"\"{RowNumberName}\"";

    /// <summary>The condition that <see cref="Target"/> and <see cref="Row"/> are the same row of the file.</summary>
    public const string SameRow = $"{Target}.{RowNumber} = {Row}.{RowNumber}";

    /// <summary>What a value takes whatever it is.</summary>
    private const int ValueBytes = 8;

    /// <summary>A quoted identifier.</summary>
    public static string Name(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>A quoted text.</summary>
    public static string Text(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    /// <summary>An entity's table.</summary>
    public static string Table(EntityDefinition entity) => $"{RecordSchema}.{Name(entity.SystemName)}";

    /// <summary>The table of what an entity's records were before imports changed them.</summary>
    public static string Before(EntityDefinition entity) => $"{BeforeSchema}.{Name(entity.SystemName)}";

    /// <summary>The table function of what a table's columns take in the file, for statements within a transaction.</summary>
    /// <remarks>
    /// Outside of one, a statement is prepared in a transaction, and run in another. If a third one drops the table in between, or gives it a column, DuckDB 1.5 reads what it has freed, and is lost (an internal
    /// error, "Attempted to access index …"): it notices for tables that a statement reads, and not for one that it asks about.
    /// </remarks>
    public static string Storage(string table) => $"pragma_storage_info({Text(table)})";

    /// <summary>The name of the table, beside the entities', with all records that an entity had before an import that made a new one.</summary>
    public static string WholeName(long import) => string.Create(CultureInfo.InvariantCulture, $"#before_{import}");

    /// <summary>The name of a field's column: the field's, unless that is DuckDB's own.</summary>
    public static string ColumnName(FieldDefinition field) => ColumnName(field.SystemName);

    /// <inheritdoc cref="ColumnName(FieldDefinition)"/>
    public static string ColumnName(string systemName) => systemName.Equals(RowId, StringComparison.OrdinalIgnoreCase) ? $"#{systemName}" : systemName;

    /// <summary>A field's column.</summary>
    public static string Column(FieldDefinition field) => Name(ColumnName(field));

    /// <summary>A list of columns, each with an alias before it.</summary>
    public static string Columns(IEnumerable<FieldDefinition> fields, string alias = "") =>
        string.Join(", ", fields.Select(f => alias + Column(f)));

    /// <summary>The condition that <see cref="Target"/> and <see cref="Row"/> have the same key; keys are never null.</summary>
    public static string SameKey(EntityDefinition entity) => string.Join(" AND ", entity.Key.Select(f => $"{Target}.{Column(f)} = {Row}.{Column(f)}"));

    /// <summary>A field's type.</summary>
    public static string Type(FieldDefinition field) => field.DataType switch
    {
        DataType.String => "VARCHAR",
        DataType.Integer => "BIGINT",
        DataType.Double => "DOUBLE",
        DataType.Boolean => "BOOLEAN",
        DataType.Date => "DATE",
        DataType.DateTime => "TIMESTAMP",
        _ => string.Create(CultureInfo.InvariantCulture, $"DECIMAL({field.Precision},{field.Scale})"),
    };

    /// <summary>The columns of an entity's table with their types.</summary>
    public static string ColumnTypes(IEnumerable<FieldDefinition> fields) => string.Join(", ", fields.Select(f => $"{Column(f)} {Type(f)}"));

    /// <summary>The expression for about how many bytes the values of some columns are, of all records that it is asked of.</summary>
    public static string Bytes(IEnumerable<(DataType Type, string Column)> columns)
    {
        var ofRecord = columns.Select(column => column.Type == DataType.String ? $"{ValueBytes} + coalesce(strlen({column.Column}), 0)" : $"{ValueBytes}");
        return $"coalesce(sum({string.Join(" + ", ofRecord)}), 0)::BIGINT";
    }

    /// <summary>The columns of a table of an entity's records.</summary>
    public static string RecordColumns(EntityDefinition entity) => $"{ColumnTypes(entity.Fields)}, {Version} BIGINT";

    /// <summary>Some fields of the records of a range, with <see cref="RowId"/>.</summary>
    /// <remarks>The limit, which is none, keeps conditions outside of it from being looked at before the range, in records that are not in it.</remarks>
    public static string Range(string table, IEnumerable<FieldDefinition> fields, (long First, long Last) range) => Range(table, string.Join(", ", fields.Select(Column).Prepend(RowId)), range);

    /// <summary>The records of a range with all that the table has of them, and <see cref="RowId"/>.</summary>
    /// <inheritdoc cref="Range(string, IEnumerable{FieldDefinition}, ValueTuple{long, long})" path="/remarks"/>
    public static string Range(string table, (long First, long Last) range) => Range(table, $"{RowId}, *", range);

    private static string Range(string table, string columns, (long First, long Last) range) => string.Create(
        CultureInfo.InvariantCulture,
        $"(SELECT {columns} FROM {table} WHERE {RowId} BETWEEN {range.First} AND {range.Last} LIMIT 1000000000)");
}
