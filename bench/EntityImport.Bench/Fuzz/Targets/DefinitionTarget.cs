using System.Text.Json;
using System.Text.Json.Nodes;
using EntityImport.Mappings;
using EntityImport.Server.Http;

namespace EntityImport.Bench.Fuzz.Targets;

/// <summary>Any bytes as the JSON of a mapping: refused with faults, or a definition that is the same once it is written and read again, and that makes a dialect and converters.</summary>
internal sealed class DefinitionTarget : FuzzTarget
{
    public override string Name => "definition";

    public override int MaxLength => 1536;

    // Each field that has a pattern of its own is compiled with the names of the locale.
    public override long AllocatedBytesPerByte => 32 << 10;

    public override IReadOnlyList<string> Tokens { get; } =
    [
        "{", "}", "[", "]", ":", ",", "\"", "null", "true", "false", "1", "-1", "16384", "1000001", "\"entitySystemName\"", "\"definition\"", .. DefinitionMembers.OfDefinition.Concat(DefinitionMembers.OfField).Select(member => $"\"{member.Name}\""),
        "\"product\"", "\"UPSERT\"", "\"INSERT\"", "\"REPLACE\"", "\"de-DE\"", "\"en_US\"", "\"ar-EG\"", "\"\\\\t\"", "\";\"", "\"'\"", "\"\\\\\"", "\"UTF-16\"", "\"windows-1252\"", "\"dd.MM.yyyy\"", "\"yyyy-MM-dd'T'HH:mm:ssX\"", "\"€\"",
        "\"%\"", "\"5%\"", "\"100.0001%\"", "\"PAD\"", "\"FIT\"", "\"KEEP\"", "\"Name\"", "\"Price\"", "\"ValidFrom\"", "\"Active\"", "\"1\"", "\"2\"", "\"31.12.2024\"", "\"1,5\"", "\\ud800", "\\u0000", "{\"systemName\":\"Name\",\"csvColumnName\":\"1\"}",
    ];

    public override void Run(byte[] input)
    {
        JsonDocument document;
        try
        {
            document = JsonBody.Parse(input);
        }
        catch (RequestException refusal)
        {
            QueryTarget.CheckRefusal(refusal);
            return;
        }

        using (document)
        {
            var name = ImportDefinitionReader.ReadEntityName(document.RootElement);
            var faults = new RequestFaults();
            var definition = ImportDefinitionReader.Read(document.RootElement, name == Formats.Entity.SystemName ? Formats.Entity : null, faults, new Limits());
            EntityTarget.CheckFaults(faults);
            if (faults.Count > 0) return;
            _ = definition.Layout.CreateDialect();
            var written = definition.ToJson();
            var again = Read(written);
            DisagreementException.ThrowIfDifferent(written.ToJsonString(), again.ToJson().ToJsonString(), "written and read again");
            DisagreementException.ThrowIfDifferent((definition.Layout, definition.Mode, definition.MaxFailedRows), (again.Layout, again.Mode, again.MaxFailedRows), "layout and mode, written and read again");
            DisagreementException.ThrowUnless(definition.Fields.SequenceEqual(again.Fields), $"Fields differ once they are written as {written.ToJsonString()}");
        }
    }

    private static ImportDefinition Read(JsonObject definition)
    {
        var document = new JsonObject { ["entitySystemName"] = Formats.Entity.SystemName, ["definition"] = definition.DeepClone() }.ToJsonString();
        try
        {
            return ImportDefinitionReader.Read(document, Formats.Entity);
        }
        catch (RequestException refusal)
        {
            throw new DisagreementException($"It is read, but not once it is written as {document}: {refusal.Message}");
        }
    }
}
