using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;

namespace EntityImport.Conversion;

/// <summary>
/// How the dates of a column may be written: <c>SimpleDateFormat</c> patterns and names of formats such as <c>ISO_8601</c>, at least one. Where there are several, a value
/// must have exactly one reading. Immutable; equal where the formats are equal, in their order.
/// </summary>
[CollectionBuilder(typeof(DateFormats), nameof(Create))]
public sealed class DateFormats : IReadOnlyList<string>, IEquatable<DateFormats>
{
    /// <summary>The most formats that a definition may state.</summary>
    public const int MaxCount = 16;

    /// <summary>Dates and times as in RFC 3339 and ISO 8601: see <c>docs/values.md</c>.</summary>
    public const string Iso8601 = "ISO_8601";

    /// <summary>Day numbers of a spreadsheet that counts from 1900-01-01 as 1.</summary>
    public const string ExcelDays = "EXCEL_DAYS";

    /// <summary>Day numbers of a spreadsheet that counts from 1904-01-02 as 1.</summary>
    public const string ExcelDays1904 = "EXCEL_DAYS_1904";

    /// <summary>Seconds since 1970-01-01T00:00:00Z.</summary>
    public const string UnixSeconds = "UNIX_SECONDS";

    /// <summary>Milliseconds since 1970-01-01T00:00:00Z.</summary>
    public const string UnixMillis = "UNIX_MILLIS";

    private readonly string[] _formats;

    private DateFormats(string[] formats) => _formats = formats;

    /// <inheritdoc/>
    public int Count => _formats.Length;

    /// <inheritdoc/>
    public string this[int index] => _formats[index];

    /// <summary>Makes a list.</summary>
    /// <exception cref="ArgumentException">There is no format.</exception>
    public static DateFormats Create(ReadOnlySpan<string> formats) =>
        formats.IsEmpty ? throw new ArgumentException("There is no format.", nameof(formats)) : new(formats.ToArray());

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
    public override int GetHashCode() => string.GetHashCode(_formats[0], StringComparison.Ordinal) + Count;

    /// <summary>The formats, for messages: <c>dd.MM.yyyy or yyyy-MM-dd</c>.</summary>
    public override string ToString() => string.Join(" or ", _formats);

    /// <summary>As a definition states it: one format as a text, several as an array.</summary>
    internal JsonNode ToJson() => Count == 1 ? JsonValue.Create(_formats[0]) : new JsonArray([.. _formats.Select(format => JsonValue.Create(format))]);

    /// <summary>Reads what <see cref="ToJson"/> writes; null where it is something else.</summary>
    internal static DateFormats? FromJson(JsonNode? json) => json switch
    {
        JsonValue value when value.TryGetValue<string>(out var format) => format,
        JsonArray { Count: > 0 } array when array.All(item => item is JsonValue value && value.TryGetValue<string>(out _)) => Create([.. array.Select(item => item!.GetValue<string>())]),
        _ => null,
    };
}
