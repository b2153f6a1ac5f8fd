using System.Text;
using System.Text.Json;
using EntityImport.Entities;
using EntityImport.Inference;
using Xunit;

namespace EntityImport.Core.Tests.Inference;

/// <summary>Infers schemas from samples written in the tests.</summary>
internal static class Inferring
{
    public static InferredSchema From(string csv, string? definition = null, params string[] key) =>
        From(Encoding.UTF8.GetBytes(csv), definition, key);

    public static InferredSchema From(byte[] csv, string? definition = null, params string[] key) =>
        SchemaInference.Infer(Request(csv, definition) with { Key = key }, TestContext.Current.CancellationToken);

    public static InferenceRequest Request(byte[] csv, string? definition = null) => new()
    {
        Sample = csv,
        EntitySystemName = "thing",
        Definition = definition is null ? null : JsonDocument.Parse(definition).RootElement,
        Today = new DateOnly(2026, 11, 23),
    };

    /// <summary>The judgement of a column that holds these values, next to one that makes the records differ.</summary>
    public static ColumnJudgement Column(IEnumerable<string> values, string name = "value", string? definition = null)
    {
        var csv = $"row;{name}\n" + string.Concat(values.Select((value, i) => $"r{i};{value}\n"));
        return From(csv, definition).Columns[1];
    }

    public static JsonElement Definition(this InferredSchema schema) =>
        JsonDocument.Parse(schema.MappingDocument).RootElement.GetProperty("definition");

    public static string? Text(this JsonElement definition, string member) =>
        definition.TryGetProperty(member, out var value) ? value.GetString() : null;

    public static FieldDefinition Field(this InferredSchema schema, string name) =>
        schema.Entity.FindField(name) ?? throw new InvalidOperationException($"No field {name}.");
}
