namespace EntityImport.Entities;

/// <summary>Which changes of an entity keep every record as it is.</summary>
internal static class EntityChange
{
    /// <summary>Says why a change could lose data or break records, once for each reason; empty where it is safe.</summary>
    public static IReadOnlyList<RequestFault> FindFaults(EntityDefinition before, EntityDefinition after)
    {
        var faults = new List<RequestFault>();
        foreach (var old in before.Fields)
        {
            var index = after.Fields.ToList().FindIndex(f => f.SystemName.Equals(old.SystemName, StringComparison.OrdinalIgnoreCase));
            if (index < 0)
            {
                faults.Add(new RequestFault("fields", $"The field {old.SystemName} is missing: fields cannot be removed."));
                continue;
            }

            var path = $"fields[{index}]";
            var changed = after.Fields[index];
            if (changed.DataType != old.DataType)
                faults.Add(new RequestFault($"{path}.dataType", $"{old.SystemName} is {EntityReader.Name(old.DataType)}; types cannot be changed."));
            if (changed.PrimaryKey != old.PrimaryKey)
                faults.Add(new RequestFault($"{path}.primaryKey", $"{old.SystemName}: the key cannot be changed."));
            if (changed.IsRequired && !old.IsRequired)
                faults.Add(new RequestFault($"{path}.required", $"{old.SystemName} may be null in existing records."));
            if (changed.Length is { } length && !(old.Length <= length))
                faults.Add(new RequestFault($"{path}.length", $"{old.SystemName}: a length can only grow."));
            if (changed.IsDecimal && old.IsDecimal
                && (changed.Scale < old.Scale || changed.Precision - changed.Scale < old.Precision - old.Scale))
                faults.Add(new RequestFault($"{path}.precision", $"{old.SystemName}: digits before and after the point can only grow in number."));
        }

        for (var i = 0; i < after.Fields.Count; i++)
        {
            var added = after.Fields[i];
            if (added.IsRequired && before.FindField(added.SystemName) is null)
                faults.Add(new RequestFault($"fields[{i}].required", $"{added.SystemName} is new and must be optional: existing records have no value for it."));
        }

        return faults;
    }
}
