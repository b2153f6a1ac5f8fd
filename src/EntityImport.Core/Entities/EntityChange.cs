namespace EntityImport.Entities;

/// <summary>Which changes of an entity keep every record as it is.</summary>
internal static class EntityChange
{
    /// <summary>Notes why a change could lose data or break records, once for each reason; nothing where it is safe.</summary>
    public static void FindFaults(EntityDefinition before, EntityDefinition after, RequestFaults faults)
    {
        var places = after.Fields.Select((field, index) => (field.SystemName, index))
            .ToDictionary(field => field.SystemName, field => field.index, StringComparer.OrdinalIgnoreCase);
        foreach (var old in before.Fields)
        {
            if (!places.TryGetValue(old.SystemName, out var index))
            {
                faults.Add("fields", $"The field {old.SystemName} is missing: fields cannot be removed.");
                continue;
            }

            var path = $"fields[{index}]";
            var changed = after.Fields[index];
            if (changed.DataType != old.DataType)
                faults.Add($"{path}.dataType", $"{old.SystemName} is {EntityReader.Name(old.DataType)}; types cannot be changed.");
            if (changed.PrimaryKey != old.PrimaryKey)
                faults.Add($"{path}.primaryKey", $"{old.SystemName}: the key cannot be changed.");
            if (changed.IsRequired && !old.IsRequired)
                faults.Add($"{path}.required", $"{old.SystemName} may be null in existing records.");
            if (changed.Length is { } length && !(old.Length <= length))
                faults.Add($"{path}.length", $"{old.SystemName}: a length can only grow.");
            if (changed.IsDecimal && old.IsDecimal
                && (changed.Scale < old.Scale || changed.Precision - changed.Scale < old.Precision - old.Scale))
                faults.Add($"{path}.precision", $"{old.SystemName}: digits before and after the point can only grow in number.");
        }

        for (var i = 0; i < after.Fields.Count; i++)
        {
            var added = after.Fields[i];
            if (added.IsRequired && before.FindField(added.SystemName) is null)
                faults.Add($"fields[{i}].required", $"{added.SystemName} is new and must be optional: existing records have no value for it.");
        }
    }
}
