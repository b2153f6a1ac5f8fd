using EntityImport.Conversion;
using EntityImport.Conversion.Dates;
using EntityImport.Entities;

namespace EntityImport.Mappings;

/// <summary>Compiles the converters of a definition to find what they would refuse: patterns that cannot work, defaults that are no values.</summary>
internal static class ConverterCheck
{
    /// <summary>Notes what converters refuse; of fields that the entity has not, and without an entity, only what does not depend on it.</summary>
    public static void FindFaults(ImportDefinition definition, ValueFormat format, EntityDefinition? entity, RequestFaults faults)
    {
        TryCreate("definition.dateFormat", new FieldDefinition { SystemName = "date", DataType = DataType.Date }, format, null, null, faults);
        TryCreate("definition.dateTimeFormat", new FieldDefinition { SystemName = "dateTime", DataType = DataType.DateTime }, format, null, null, faults);
        for (var i = 0; i < definition.Fields.Count; i++)
        {
            var mapped = definition.Fields[i];
            if (entity?.FindField(mapped.SystemName) is not { } field) continue;
            if (mapped.Format is not null && field.DataType is not (DataType.Date or DataType.DateTime))
                faults.Add($"definition.fields[{i}].format", $"Only DATE and DATETIME have a format, not {EntityReader.Name(field.DataType)}.");
            else
                TryCreate($"definition.fields[{i}]", field, format, mapped.Format, mapped.DefaultValue, faults);
        }

        if (definition.Fields.Count == 0 || entity is null) return;
        foreach (var key in entity.Key.Where(key => !definition.Fields.Any(f => f.SystemName.Equals(key.SystemName, StringComparison.OrdinalIgnoreCase))))
            faults.Add("definition.fields", $"The key field {key.SystemName} is not mapped.");
    }

    private static void TryCreate(
        string path, FieldDefinition field, ValueFormat format, string? pattern, string? defaultValue, RequestFaults faults)
    {
        try
        {
            FieldConverters.Create(field, format, pattern, defaultValue, keepNulls: false);
        }
        catch (DatePatternException exception)
        {
            // A fault of the definition's own pattern is noted once, at its own path.
            if (pattern is not null) faults.Add($"{path}.format", exception.Message);
            else if (!path.EndsWith(']')) faults.Add(path, exception.Message);
        }
        catch (FormatException exception)
        {
            faults.Add($"{path}.defaultValue", exception.Message);
        }
    }
}
