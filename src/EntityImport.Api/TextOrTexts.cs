using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace EntityImport.Api;

/// <summary>A text, or several of which each holds: in JSON a string, or an array of strings. Equal where the texts are equal, in their order.</summary>
[CollectionBuilder(typeof(TextOrTexts), nameof(Create))]
[JsonConverter(typeof(TextOrTextsConverter))]
public sealed class TextOrTexts : IReadOnlyList<string>, IEquatable<TextOrTexts>
{
    private readonly string[] _texts;

    private TextOrTexts(string[] texts) => _texts = texts;

    /// <inheritdoc/>
    public int Count => _texts.Length;

    /// <inheritdoc/>
    public string this[int index] => _texts[index];

    /// <summary>Makes a list.</summary>
    public static TextOrTexts Create(ReadOnlySpan<string> texts) => new(texts.ToArray());

    /// <summary>One text; null for null.</summary>
    [return: NotNullIfNotNull(nameof(text))]
    public static TextOrTexts? FromString(string? text) => text is null ? null : new([text]);

    /// <inheritdoc cref="FromString"/>
    [return: NotNullIfNotNull(nameof(text))]
    public static implicit operator TextOrTexts?(string? text) => FromString(text);

    /// <inheritdoc/>
    public IEnumerator<string> GetEnumerator() => ((IEnumerable<string>)_texts).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    public bool Equals(TextOrTexts? other) => other is not null && _texts.AsSpan().SequenceEqual(other._texts);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as TextOrTexts);

    /// <inheritdoc/>
    public override int GetHashCode() => Count == 0 ? 0 : string.GetHashCode(_texts[0], StringComparison.Ordinal) + Count;
}

/// <summary>One text is a string, several are an array.</summary>
internal sealed class TextOrTextsConverter : JsonConverter<TextOrTexts>
{
    public override TextOrTexts? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String ? reader.GetString() : TextOrTexts.Create(JsonSerializer.Deserialize<string[]>(ref reader, options));

    public override void Write(Utf8JsonWriter writer, TextOrTexts value, JsonSerializerOptions options)
    {
        if (value.Count == 1)
        {
            writer.WriteStringValue(value[0]);
            return;
        }

        writer.WriteStartArray();
        foreach (var text in value) writer.WriteStringValue(text);
        writer.WriteEndArray();
    }
}
