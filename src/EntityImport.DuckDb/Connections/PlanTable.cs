using EntityImport.Entities;

namespace EntityImport.DuckDb.Connections;

/// <summary>The table of what a plan keeps: a row for each record that comes, changes or goes, with the values that it gets under the fields' names, and those that it has beside them.</summary>
/// <remarks>It names no record by DuckDB's own name, which another import changes: records are found again by their keys.</remarks>
internal static class PlanTable
{
    /// <summary>The schema of such tables.</summary>
    public const string Schema = "plans";

    /// <summary>The column that tells what happens to the record, as <see cref="EntityImport.Changes.ChangeKind"/> numbers it, or <see cref="Same"/>.</summary>
    public const string Kind = "\"#kind\"";

    /// <summary>The kind of rows that change nothing. Only a REPLACE keeps them, because it needs them to be applied.</summary>
    public const int Same = 3;

    /// <summary>A plan's table.</summary>
    public static string Name(Guid planId) => $"{Schema}.{Sql.Name($"{planId:N}")}";

    /// <summary>The column with the value that a field has before.</summary>
    public static string Old(FieldDefinition field) => Sql.Name($"#old:{field.SystemName}");
}
