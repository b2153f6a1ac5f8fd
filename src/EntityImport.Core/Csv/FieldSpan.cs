using EntityImport.Rows;

namespace EntityImport.Csv;

/// <summary>Where a field's value lies in its buffer: the bytes inside its quotes, or, unquoted, between its surrounding spaces.</summary>
/// <remarks>
/// All of it follows from the dialect and the bytes between the field's delimiters, because the tokenizer has accepted them: what begins with a quote,
/// after spaces that are ignored, is a quoted field, and then it also ends with one. So only the delimiters are noted when a file is split, and
/// what stands between them is looked at when it is asked for.
/// </remarks>
/// <param name="Start">Offset of the value's first byte in the buffer, from 0.</param>
/// <param name="Length">Length of the value in bytes, escapes still included.</param>
/// <param name="IsQuoted">Whether the field stood in quotes.</param>
/// <param name="IsEscaped">Whether the value contains escaped quotes, so that its bytes are not yet its text.</param>
public readonly record struct FieldSpan(int Start, int Length, bool IsQuoted, bool IsEscaped)
{
    /// <summary>Offset of the first byte after the value.</summary>
    public int End => Start + Length;

    /// <summary>Looks at a field of a record.</summary>
    /// <param name="record">The record.</param>
    /// <param name="column">The field, counted from 0.</param>
    /// <param name="dialect">How the record is written.</param>
    /// <exception cref="ArgumentOutOfRangeException">The record has fewer fields.</exception>
    public static FieldSpan Of(BatchRecord record, int column, CsvDialect dialect)
    {
        ArgumentNullException.ThrowIfNull(dialect);
        return Of(record.RawField(column, out var start), start, dialect);
    }

    /// <summary>Looks at what stands between two delimiters.</summary>
    /// <param name="raw">The bytes, of a field that the tokenizer has accepted.</param>
    /// <param name="start">Their offset in the buffer.</param>
    /// <param name="dialect">How they are written.</param>
    internal static FieldSpan Of(ReadOnlySpan<byte> raw, int start, CsvDialect dialect)
    {
        var (from, to) = (0, raw.Length);
        if (dialect.TrimSpaces)
        {
            while (from < to && IsSpace(raw[from])) from++;
            while (from < to && IsSpace(raw[to - 1])) to--;
        }

        var value = raw[from..to];
        var quote = dialect.QuoteBytes;
        if (!value.StartsWith(quote)) return new FieldSpan(start + from, value.Length, false, false);
        value = value[quote.Length..^quote.Length];
        return new FieldSpan(start + from + quote.Length, value.Length, true, ContainsEscape(value, dialect));
    }

    /// <summary>Whether nothing stands in an accepted field, not even quotes.</summary>
    internal static bool IsBlank(ReadOnlySpan<byte> raw, bool trimSpaces) =>
        raw.IsEmpty || (trimSpaces && !raw.ContainsAnyExcept((byte)' ', (byte)'\t'));

    private static bool IsSpace(byte value) => value is (byte)' ' or (byte)'\t';

    /// <summary>Whether a value that stood in quotes has an escape before a quote, another escape or a line end; before anything else it is text.</summary>
    private static bool ContainsEscape(ReadOnlySpan<byte> value, CsvDialect dialect)
    {
        var escape = dialect.EscapeBytes;
        for (var at = value.IndexOf(escape); at >= 0; at = value.IndexOf(escape))
        {
            value = value[(at + escape.Length)..];
            if (value.StartsWith(dialect.QuoteBytes) || value.StartsWith(escape)) return true;
            // Databases that escape quotes escape line ends, too.
            if (dialect.Escape != dialect.Quote && value is [(byte)'\n' or (byte)'\r', ..]) return true;
        }

        return false;
    }
}
