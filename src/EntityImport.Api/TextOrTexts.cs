using System.Text.Json;
using System.Text.Json.Serialization;

namespace EntityImport.Api;

/// <summary>A text, or several of which each holds: in JSON a string, or an array of strings. A string turns into it by itself.</summary>
/// <param name="Values">The texts, at least one.</param>
[JsonConverter(typeof(TextOrTextsConverter))]
public sealed record TextOrTexts(IReadOnlyList<string> Values)
{
    /// <summary>One text.</summary>
    public static implicit operator TextOrTexts(string value) => FromString(value);

    /// <summary>Several texts.</summary>
    public static implicit operator TextOrTexts(string[] values) => FromArray(values);

    /// <summary>One text.</summary>
    public static TextOrTexts FromString(string value) => new(Values: [value]);

    /// <summary>Several texts.</summary>
    public static TextOrTexts FromArray(string[] values) => new(Values: values);

    /// <summary>The texts, as they are written in a sentence.</summary>
    public override string ToString() => string.Join(", ", Values);
}

/// <summary>Reads and writes a single text as a string.</summary>
internal sealed class TextOrTextsConverter : JsonConverter<TextOrTexts>
{
    /// <inheritdoc/>
    public override TextOrTexts Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String) return reader.GetString()!;
        if (reader.TokenType != JsonTokenType.StartArray) throw new JsonException("Expected a string, or an array of strings.");
        var values = new List<string>();
        while (reader.Read() && reader.TokenType == JsonTokenType.String) values.Add(reader.GetString()!);
        return reader.TokenType == JsonTokenType.EndArray ? new TextOrTexts(values) : throw new JsonException("Expected an array of strings.");
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, TextOrTexts value, JsonSerializerOptions options)
    {
        if (value.Values is [var only])
        {
            writer.WriteStringValue(only);
            return;
        }

        writer.WriteStartArray();
        foreach (var text in value.Values) writer.WriteStringValue(text);
        writer.WriteEndArray();
    }
}
