using System.Text.Json;

namespace EntityImport.Cli.Output;

/// <summary>A field's value in an answer of the API.</summary>
internal static class FieldValue
{
    /// <summary>The value as the store has it: numbers digit for digit.</summary>
    public static string? Of(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.String => value.GetString(),
        _ => value.GetRawText(),
    };
}
