using System.Text.Json;
using EntityImport.Entities;

namespace EntityImport.Guards;

/// <summary>Reads the guards of an entity from JSON and notes every fault.</summary>
internal static class GuardReader
{
    private const int MostPercentOfRows = 1000;
    private const int MostPercentOfMoves = 1_000_000;

    /// <summary>Reads guards; null where they have faults.</summary>
    /// <param name="document">The JSON.</param>
    /// <param name="entity">The entity.</param>
    /// <param name="faults">Where faults are noted.</param>
    public static EntityGuards? Read(JsonElement document, EntityDefinition entity, RequestFaults faults)
    {
        var reader = new JsonObjectReader(document, "", faults);
        var guards = new EntityGuards
        {
            EntitySystemName = entity.SystemName,
            MaxRemovedRecords = reader.Integer("maxRemovedRecords", 0, int.MaxValue),
            MaxRemovedPercent = reader.Number("maxRemovedPercent", 0, 100),
            MaxRejectedPercent = reader.Number("maxRejectedPercent", 0, 100),
            MinRowsPercent = reader.Number("minRowsPercent", 0, MostPercentOfRows),
            SameHeader = reader.Boolean("sameHeader", absent: false),
            Moves = [.. ReadMoves(reader, entity, faults)],
            Emptied = [.. ReadEmptied(reader, entity, faults)],
        };
        reader.End();
        return faults.Count > 0 ? null : guards;
    }

    private static IEnumerable<MoveGuard> ReadMoves(JsonObjectReader reader, EntityDefinition entity, RequestFaults faults)
    {
        var known = new HashSet<(string, decimal)>();
        foreach (var (path, element) in reader.Array("moves", EntityReader.MaxFields) ?? [])
        {
            var member = new JsonObjectReader(element, path, faults);
            var field = ReadField(member, entity);
            var (by, most) = (member.Number("byPercent", 0, MostPercentOfMoves, required: true), member.Number("maxPercent", 0, 100, required: true));
            member.End();
            if (field is { IsNumber: false }) member.Fault("field", $"{field.SystemName} is {EntityReader.Name(field.DataType)}; only numbers move.");
            else if (field is not null && by is not null && most is not null)
            {
                if (!known.Add((field.SystemName, by.Value))) member.Fault("byPercent", $"Another guard of {field.SystemName} has the same distance.");
                yield return new MoveGuard(field.SystemName, by.Value, most.Value);
            }
        }
    }

    private static IEnumerable<EmptiedGuard> ReadEmptied(JsonObjectReader reader, EntityDefinition entity, RequestFaults faults)
    {
        var known = new HashSet<string>();
        foreach (var (path, element) in reader.Array("emptied", EntityReader.MaxFields) ?? [])
        {
            var member = new JsonObjectReader(element, path, faults);
            var field = ReadField(member, entity);
            var most = member.Number("maxPercent", 0, 100, required: true);
            member.End();
            if (field is { IsRequired: true }) member.Fault("field", $"{field.SystemName} is required; it never becomes empty.");
            else if (field is not null && most is not null)
            {
                if (!known.Add(field.SystemName)) member.Fault("field", $"Another guard has the field {field.SystemName}.");
                yield return new EmptiedGuard(field.SystemName, most.Value);
            }
        }
    }

    /// <summary>The field that a guard names; null where it names none.</summary>
    private static FieldDefinition? ReadField(JsonObjectReader member, EntityDefinition entity)
    {
        if (member.String("field", required: true) is not { } name) return null;
        if (entity.FindField(name) is { } field) return field;
        member.Fault("field", $"{entity.SystemName} has no field '{ShownText.Cut(name)}'.");
        return null;
    }
}
