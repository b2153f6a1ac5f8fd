using System.Text.Json;
using System.Text.Json.Nodes;
using EntityImport.Catalog;

namespace EntityImport.Imports.Repairs;

/// <summary>Reads cures from JSON, and notes every fault. Whether a cure is a mapping is for the mapping's reader to say.</summary>
internal static class CureReader
{
    /// <summary>What says which field it is, and of which column.</summary>
    private static readonly string[] PlaceMembers = ["systemName", "csvColumnName", "columnIndex"];

    /// <summary>Reads the member <c>cause</c>; null where it is at fault.</summary>
    public static RejectionCause? ReadCause(JsonObjectReader reader)
    {
        if (reader.String("cause", required: true) is not { } id) return null;
        var cause = RejectionCause.Parse(id);
        if (cause is null) reader.Fault("cause", "It is none that an import has.");
        return cause;
    }

    /// <summary>Reads a cure; what it returns is of use only where no fault was noted.</summary>
    public static Cure Read(JsonElement element, string path, RequestFaults faults)
    {
        var reader = new JsonObjectReader(element, path, faults);
        var cure = new Cure
        {
            Definition = Members("definition"),
            Field = Members("field"),
            Entity = Members("entity"),
            Text = reader.Member("text") is { } text ? ReadText(text, $"{path}.text", faults) : null,
            Drop = reader.Boolean("drop", absent: false),
        };
        reader.End();
        if (cure == new Cure()) faults.Add(path, "It says nothing.");
        return cure;

        string? Members(string name)
        {
            if (reader.Member(name) is not { } member) return null;
            if (name == "definition" && member.ValueKind == JsonValueKind.Object && member.TryGetProperty("fields", out _)) reader.Fault("definition.fields", "A cure changes the field that its cause is about, by 'field'.");
            if (name == "field" && member.ValueKind == JsonValueKind.Object)
            {
                foreach (var place in PlaceMembers.Where(place => member.EnumerateObject().Any(stated => stated.Name.Equals(place, StringComparison.OrdinalIgnoreCase))))
                    reader.Fault($"field.{place}", "A cure changes how the field of its cause is read, and not which column it is.");
            }

            if (name == "entity" && member.ValueKind == JsonValueKind.Object) CheckEntity(new JsonObjectReader(member, $"{path}.entity", faults));
            // As cures are written here, so that the same one has the same text.
            if (member.ValueKind == JsonValueKind.Object) return JsonObject.Create(member)!.ToJsonString();
            reader.Fault(name, "Expected a JSON object.");
            return null;
        }
    }

    private static void CheckEntity(JsonObjectReader reader)
    {
        reader.Integer("length", 1, Csv.CsvDialect.MaxRecordBytes);
        reader.Integer("precision", 1, Entities.FieldDefinition.MaxPrecision);
        reader.Integer("scale", 0, Entities.FieldDefinition.MaxPrecision);
        reader.End();
    }

    private static TextChange ReadText(JsonElement element, string path, RequestFaults faults)
    {
        var reader = new JsonObjectReader(element, path, faults);
        var change = new TextChange
        {
            Trim = reader.Boolean("trim", absent: false),
            Strip = reader.String("strip", most: 100),
            PadTo = reader.Integer("padTo", 1, TextChanges.MaxPadding),
            PadWith = reader.String("padWith", most: 1),
        };
        reader.End();
        if (change.PadTo is null != (change.PadWith is null)) reader.Fault("padTo", "padTo and padWith need each other.");
        return change;
    }
}
