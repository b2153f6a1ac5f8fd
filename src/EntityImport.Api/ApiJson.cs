using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace EntityImport.Api;

/// <summary>How requests and answers are written as JSON, and read.</summary>
public static class ApiJson
{
    /// <summary>How answers are written and read: camel case, words in capitals, times in UTC, exact numbers.</summary>
    public static JsonSerializerOptions Options { get; } = Create();

    /// <summary>How requests are written: what is null is left out, and so left to the service's defaults.</summary>
    public static JsonSerializerOptions Requests { get; } = new(Options) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary>Sets up options for answers.</summary>
    /// <param name="options">Options with the defaults of <see cref="JsonSerializerDefaults.Web"/>.</param>
    public static void Configure(JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        // Answers are never put into HTML, so text stays readable.
        options.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        options.NumberHandling = JsonNumberHandling.Strict;
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseUpper, allowIntegerValues: false));
        options.Converters.Add(new TimestampConverter());
    }

    private static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web);
        Configure(options);
        return options;
    }
}

/// <summary>Times are UTC, to the millisecond: <c>2024-01-31T10:20:30.500Z</c>.</summary>
internal class TimestampConverter(string format = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'") : JsonConverter<DateTimeOffset>
{
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDateTimeOffset();

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options)
    {
        Span<byte> text = stackalloc byte[24];
        value.UtcDateTime.TryFormat(text, out var length, format, CultureInfo.InvariantCulture);
        writer.WriteStringValue(text[..length]);
    }
}

/// <summary>Times as the documented example writes them, UTC in whole seconds: <c>2024-01-31T10:20:30Z</c>.</summary>
internal sealed class WholeSecondConverter() : TimestampConverter("yyyy-MM-dd'T'HH:mm:ss'Z'");
