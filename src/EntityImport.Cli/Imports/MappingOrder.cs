using System.Text.Json;
using System.Text.Json.Nodes;
using EntityImport.Cli.Files;

namespace EntityImport.Cli.Imports;

/// <summary>What the user stated of the mapping, in a file and by options; options win.</summary>
/// <param name="EntityName">The entity that the mapping file names; null where it names none.</param>
/// <param name="Definition">The stated part of the import definition.</param>
/// <param name="IsFromFile">Whether there is a mapping file.</param>
internal sealed record MappingOrder(string? EntityName, JsonObject Definition, bool IsFromFile)
{
    /// <exception cref="CommandFailure">The mapping file is no mapping.</exception>
    public static MappingOrder Read(ImportOrder order)
    {
        string? entity = null;
        var definition = new JsonObject();
        if (order.Mapping is { } file)
        {
            var document = JsonFile.Read(file);
            if (document.FirstOrDefault(member => member.Key is not ("entitySystemName" or "definition")).Key is { } unknown)
                throw new CommandFailure($"{file}: unknown member '{unknown}'; a mapping has entitySystemName and definition.");
            entity = document["entitySystemName"] is JsonValue name && name.TryGetValue<string>(out var text) ? text : null;
            definition = document["definition"] switch
            {
                JsonObject members => (JsonObject)members.DeepClone(),
                null => [],
                _ => throw new CommandFailure($"{file}: definition is no JSON object."),
            };
        }

        if (order.Mode is { } mode) definition["importMode"] = mode.ToUpperInvariant();
        if (order.IsDryRun) definition["dryRun"] = true;
        if (order.Delimiter is { } delimiter) definition["fieldDelimiter"] = delimiter;
        if (order.Locale is { } locale) definition["locale"] = locale;
        if (order.Encoding is { } encoding) definition["encoding"] = encoding;
        if (order.HasNoHeader) definition["header"] = false;
        return new MappingOrder(entity, definition, order.Mapping is not null);
    }

    /// <summary>Whether nothing is to be written.</summary>
    public bool IsDryRun => Definition["dryRun"] is JsonValue value && value.GetValueKind() == JsonValueKind.True;
}
