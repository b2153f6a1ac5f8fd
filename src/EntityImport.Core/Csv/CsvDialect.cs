using System.Text;
using EntityImport.Rows;

namespace EntityImport.Csv;

/// <summary>How the records of a file are written: what separates and encloses fields. Immutable and thread-safe.</summary>
/// <remarks>
/// Lines end with LF, CR LF or a lone CR, mixed as they come. The tokenizer works on UTF-8, so all marks are kept as UTF-8 bytes.
/// </remarks>
public sealed class CsvDialect : FieldForm, IEquatable<CsvDialect>
{
    /// <summary>The largest number of bytes that one record may take, line end not counted, unless a layout says otherwise: 1 MiB.</summary>
    /// <remarks>It bounds how far an unclosed quote is followed, and the memory of everything that holds a record.</remarks>
    public const int MaxRecordBytes = 1 << 20;

    /// <summary>The most that a layout can say: 64 MiB.</summary>
    public const int LargestRecordBytes = 64 << 20;

    /// <summary>The most characters of a delimiter.</summary>
    public const int MaxDelimiterLength = 4;

    /// <summary>The dialect of RFC 4180: comma, double quote, doubled quotes inside quotes, and surrounding spaces ignored.</summary>
    public static CsvDialect Default { get; } = new(",");

    private readonly byte[] _delimiter;
    private readonly byte[] _quote;
    private readonly byte[] _escape;

    /// <summary>Makes a dialect.</summary>
    /// <param name="delimiter">What separates fields: 1 to 4 characters, none of them a line end.</param>
    /// <param name="quote">The character that encloses fields.</param>
    /// <param name="escape">The character that makes a quote inside quotes literal; null means the quote itself, doubled.</param>
    /// <param name="trimSpaces">Whether spaces and tabs around a field, outside its quotes, are no part of it.</param>
    /// <param name="multilineFields">Whether quotes enclose line ends, too; false means that each line is a record.</param>
    /// <exception cref="ArgumentException">The marks are empty, too long, contain line ends or cannot be told apart.</exception>
    public CsvDialect(string delimiter, char quote = '"', char? escape = null, bool trimSpaces = true, bool multilineFields = true)
        : this(Checked(delimiter, quote, escape ?? quote), quote, escape ?? quote, trimSpaces, multilineFields, Encoding.UTF8.GetBytes([quote]), Encoding.UTF8.GetBytes([escape ?? quote]))
    {
    }

    private CsvDialect(string delimiter, char quote, char escape, bool trimSpaces, bool multilineFields, byte[] quoteBytes, byte[] escapeBytes)
        : base(
            Encoding.UTF8.GetByteCount(delimiter),
            // No space, no tab, no quote.
            plainAbove: quoteBytes[0] < '0' ? (byte)Math.Max(' ', (int)quoteBytes[0]) : byte.MaxValue,
            enclosingByte: quoteBytes.Length == 1 && escapeBytes.Length == 1 ? quoteBytes[0] : -1,
            escapingByte: escapeBytes[0])
    {
        Delimiter = delimiter;
        Quote = quote;
        Escape = escape;
        TrimSpaces = trimSpaces;
        MultilineFields = multilineFields;
        _delimiter = Encoding.UTF8.GetBytes(delimiter);
        _quote = quoteBytes;
        _escape = escapeBytes;
    }

    /// <summary>What separates fields, 1 to 4 characters.</summary>
    public string Delimiter { get; }

    /// <summary>The character that encloses fields.</summary>
    public char Quote { get; }

    /// <summary>The character that makes a quote inside quotes literal; equal to <see cref="Quote"/> where quotes are doubled.</summary>
    public char Escape { get; }

    /// <summary>Whether spaces and tabs around a field, outside its quotes, are no part of it.</summary>
    public bool TrimSpaces { get; }

    /// <summary>Whether quotes enclose line ends, too; where not, each line is a record, and a quote that does not close in its line does not close.</summary>
    public bool MultilineFields { get; }

    /// <summary><see cref="Delimiter"/> in UTF-8.</summary>
    public ReadOnlySpan<byte> DelimiterBytes => _delimiter;

    /// <summary><see cref="Quote"/> in UTF-8.</summary>
    public ReadOnlySpan<byte> QuoteBytes => _quote;

    /// <summary><see cref="Escape"/> in UTF-8.</summary>
    public ReadOnlySpan<byte> EscapeBytes => _escape;

    /// <summary>Says why these marks cannot describe a file, or null where they can.</summary>
    public static string? FindFault(string delimiter, char quote, char escape) =>
        FindFaults(delimiter, quote, escape).Select(found => found.Fault).FirstOrDefault();

    /// <summary>Says which of these marks cannot describe a file, and why, each at most once.</summary>
    internal static IEnumerable<(CsvMark Mark, string Fault)> FindFaults(string delimiter, char quote, char escape)
    {
        if (delimiter.Length is 0 or > MaxDelimiterLength) yield return (CsvMark.Delimiter, "A delimiter has 1 to 4 characters.");
        else if (delimiter.AsSpan().IndexOfAny('\r', '\n', '\0') >= 0) yield return (CsvMark.Delimiter, "A delimiter cannot contain a line end or NUL.");
        else if (delimiter.EnumerateRunes().Any(rune => rune == Rune.ReplacementChar)) yield return (CsvMark.Delimiter, "A delimiter has whole Unicode characters.");
        if (CannotEnclose(quote)) yield return (CsvMark.Quote, "This character cannot be the quote.");
        else if (delimiter.Contains(quote, StringComparison.Ordinal)) yield return (CsvMark.Quote, "The quote cannot be part of the delimiter.");
        if (escape == quote) yield break;
        if (CannotEnclose(escape)) yield return (CsvMark.Escape, "This character cannot be the escape character.");
        else if (delimiter.Contains(escape, StringComparison.Ordinal)) yield return (CsvMark.Escape, "The escape character cannot be part of the delimiter.");
    }

    /// <inheritdoc/>
    internal override bool CutsSpaces => TrimSpaces;

    /// <inheritdoc/>
    internal override ReadOnlySpan<byte> ValueOf(ReadOnlySpan<byte> field, out bool isEscaped)
    {
        var span = FieldSpan.Of(field, 0, this);
        isEscaped = span.IsEscaped;
        return field.Slice(span.Start, span.Length);
    }

    /// <inheritdoc/>
    internal override int Unescape(ReadOnlySpan<byte> value, Span<byte> text)
    {
        var length = 0;
        while (value.Length > 0)
        {
            var at = value.IndexOf(_escape);
            // An escape is dropped before a quote, another escape or a line end; before anything else it is text.
            if (at < 0 || at + _escape.Length >= value.Length) at = value.Length;
            value[..at].CopyTo(text[length..]);
            length += at;
            value = value[at..];
            if (value.IsEmpty) break;
            var next = value[_escape.Length..];
            var kept = next.StartsWith(_quote) ? _quote.Length : next.StartsWith(_escape) ? _escape.Length : Escape != Quote && next[0] is (byte)'\n' or (byte)'\r' ? 1 : 0;
            var from = kept > 0 ? _escape.Length : 0;
            var taken = kept > 0 ? kept : _escape.Length;
            value.Slice(from, taken).CopyTo(text[length..]);
            length += taken;
            value = value[(from + taken)..];
        }

        return length;
    }

    private static string Checked(string delimiter, char quote, char escape)
    {
        ArgumentException.ThrowIfNullOrEmpty(delimiter);
        return FindFault(delimiter, quote, escape) is { } fault ? throw new ArgumentException(fault, nameof(delimiter)) : delimiter;
    }

    private static bool CannotEnclose(char mark) => mark is '\r' or '\n' or '\0' or ' ' or '\t' || char.IsSurrogate(mark);

    /// <inheritdoc/>
    public bool Equals(CsvDialect? other) =>
        other is not null && Delimiter == other.Delimiter && Quote == other.Quote && Escape == other.Escape && TrimSpaces == other.TrimSpaces
        && MultilineFields == other.MultilineFields;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as CsvDialect);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Delimiter, Quote, Escape, TrimSpaces, MultilineFields);
}

/// <summary>The marks of a dialect.</summary>
internal enum CsvMark
{
    /// <summary><see cref="CsvDialect.Delimiter"/>.</summary>
    Delimiter,

    /// <summary><see cref="CsvDialect.Quote"/>.</summary>
    Quote,

    /// <summary><see cref="CsvDialect.Escape"/>.</summary>
    Escape,
}
