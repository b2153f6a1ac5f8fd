using EntityImport.Postgres.Connections;
using EntityImport.Storage;

namespace EntityImport.Postgres.Rows;

/// <summary>The rows that a delta is found of.</summary>
/// <param name="Table">The table that they are in.</param>
/// <param name="Received">How many have reached the store, those included that were taken out again.</param>
internal sealed record LoadedRows(string Table, long Received)
{
    /// <summary>A table of one row with the values that replace nulls in new records; null where nothing replaces them.</summary>
    public string? Defaults { get; init; }

    /// <summary>Rows that are left out because a later one has their key.</summary>
    public long Superseded { get; init; }

    /// <summary>How many are left.</summary>
    public long Left { get; init; }

    /// <summary>A value, or the field's default where it is null.</summary>
    public string WithDefault(EntityTable table, string value, LoadedField field) => field.Default is null ? value : $"coalesce({value}, (SELECT {table.Column(field.Field)} FROM {Defaults}))";
}
