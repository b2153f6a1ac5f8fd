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
        TryFormats("definition.dateFormat", DataType.Date, format, format.DateFormat, faults);
        TryFormats("definition.dateTimeFormat", DataType.DateTime, format, format.DateTimeFormat, faults);
        for (var i = 0; i < definition.Fields.Count; i++)
        {
            var mapped = definition.Fields[i];
            if (entity?.FindField(mapped.SystemName) is not { } field) continue;
            if (mapped.Format is not null && field.DataType is not (DataType.Date or DataType.DateTime))
                faults.Add($"definition.fields[{i}].format", $"Only DATE and DATETIME have a format, not {EntityReader.Name(field.DataType)}.");
            else if (mapped.Format is not { } own || TryFormats($"definition.fields[{i}].format", field.DataType, format, own, faults))
                TryDefault($"definition.fields[{i}].defaultValue", field, format, mapped, faults);
        }

        if (definition.Fields.Count == 0 || entity is null) return;
        foreach (var key in entity.Key.Where(key => !definition.Fields.Any(f => f.SystemName.Equals(key.SystemName, StringComparison.OrdinalIgnoreCase))))
            faults.Add("definition.fields", $"The key field {key.SystemName} is not mapped.");
    }

    /// <summary>Notes what is wrong with each of the formats, then what is wrong with all of them together; false where anything is.</summary>
    private static bool TryFormats(string path, DataType type, ValueFormat format, DateFormats formats, RequestFaults faults)
    {
        var field = new FieldDefinition { SystemName = "date", DataType = type };
        var alone = formats.Count == 1 ? [] : formats.Select((one, i) => TryFormat($"{path}[{i}]", one)).ToList();
        return alone.TrueForAll(works => works) && TryFormat(path, formats);

        bool TryFormat(string place, DateFormats tried)
        {
            try
            {
                FieldConverters.Create(field, format, tried);
                return true;
            }
            catch (DatePatternException exception)
            {
                faults.Add(place, exception.Message);
                return false;
            }
        }
    }

    private static void TryDefault(string path, FieldDefinition field, ValueFormat format, FieldMapping mapped, RequestFaults faults)
    {
        try
        {
            FieldConverters.Create(field, format, mapped.Format, mapped.DefaultValue, keepNulls: false);
        }
        catch (DatePatternException)
        {
            // A fault of the definition's own format, which is noted once, at its own path.
        }
        catch (FormatException exception)
        {
            faults.Add(path, exception.Message);
        }
    }
}
