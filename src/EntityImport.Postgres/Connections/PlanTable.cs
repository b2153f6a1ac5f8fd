using EntityImport.Entities;

namespace EntityImport.Postgres.Connections;

/// <summary>The table of what a plan keeps: a row for each record that comes, changes or goes, with the values that it gets in the fields' columns, and those that it has beside them.</summary>
internal static class PlanTable
{
    /// <summary>The column that tells what happens to the record, as <see cref="EntityImport.Changes.ChangeKind"/> numbers it, or <see cref="Same"/>.</summary>
    public const string Kind = "kind";

    /// <summary>The kind of rows that change nothing. Only a REPLACE keeps them, because it needs them to be applied.</summary>
    public const int Same = 3;

    /// <summary>A plan's table.</summary>
    public static string Name(Guid planId) => EntityTable.InData(NameInSchema(planId));

    /// <summary>The name of a plan's table in its schema.</summary>
    public static string NameInSchema(Guid planId) => $"p{planId:N}";

    /// <summary>The column with the value that a field has before.</summary>
    public static string Old(EntityTable table, FieldDefinition field) => $"o{table.Column(field)[1..]}";
}
