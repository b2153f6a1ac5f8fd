using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace EntityImport.Api;

/// <summary>How dates may be written: one format, which is a text in JSON, or several, which are an array. Equal where the formats are equal, in their order.</summary>
[CollectionBuilder(typeof(DateFormats), nameof(Create))]
[JsonConverter(typeof(DateFormatsConverter))]
public sealed class DateFormats : IReadOnlyList<string>, IEquatable<DateFormats>
{
    private readonly string[] _formats;

    private DateFormats(string[] formats) => _formats = formats;

    /// <inheritdoc/>
    public int Count => _formats.Length;

    /// <inheritdoc/>
    public string this[int index] => _formats[index];

    /// <summary>Makes a list.</summary>
    public static DateFormats Create(ReadOnlySpan<string> formats) => new(formats.ToArray());

    /// <summary>One format; null for null.</summary>
    [return: NotNullIfNotNull(nameof(format))]
    public static DateFormats? FromString(string? format) => format is null ? null : new([format]);

    /// <inheritdoc cref="FromString"/>
    [return: NotNullIfNotNull(nameof(format))]
    public static implicit operator DateFormats?(string? format) => FromString(format);

    /// <inheritdoc/>
    public IEnumerator<string> GetEnumerator() => ((IEnumerable<string>)_formats).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    public bool Equals(DateFormats? other) => other is not null && _formats.AsSpan().SequenceEqual(other._formats);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as DateFormats);

    /// <inheritdoc/>
    public override int GetHashCode() => Count == 0 ? 0 : string.GetHashCode(_formats[0], StringComparison.Ordinal) + Count;
}

/// <summary>One format is a text, several are an array.</summary>
internal sealed class DateFormatsConverter : JsonConverter<DateFormats>
{
    public override DateFormats? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String ? reader.GetString() : DateFormats.Create(JsonSerializer.Deserialize<string[]>(ref reader, options));

    public override void Write(Utf8JsonWriter writer, DateFormats value, JsonSerializerOptions options)
    {
        if (value.Count == 1)
        {
            writer.WriteStringValue(value[0]);
            return;
        }

        writer.WriteStartArray();
        foreach (var format in value) writer.WriteStringValue(format);
        writer.WriteEndArray();
    }
}
