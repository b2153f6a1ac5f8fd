namespace EntityImport.Bench.Histories;

/// <summary>A record as an import made it. It is the same one again where an undo brings it back.</summary>
internal sealed class RecordVersion(string?[] values)
{
    /// <summary>Its values, one for each field that the entity has by now.</summary>
    public string?[] Values { get; set; } = values;
}
