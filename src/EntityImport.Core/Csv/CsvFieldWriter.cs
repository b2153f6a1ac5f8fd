using System.Text;

namespace EntityImport.Csv;

/// <summary>Writes fields and records in a dialect, in UTF-8. What it writes, <see cref="CsvTokenizer"/> reads back the same, but for line ends where no field has several lines. Not thread-safe.</summary>
public sealed class CsvFieldWriter(Stream target, CsvDialect dialect)
{
    /// <summary>Writes a field, in quotes where it could be misread without.</summary>
    public void WriteField(ReadOnlySpan<byte> text)
    {
        if (!NeedsQuotes(text))
        {
            target.Write(text);
            return;
        }

        target.Write(dialect.QuoteBytes);
        while (!text.IsEmpty)
        {
            var quote = text.IndexOf(dialect.QuoteBytes);
            var escape = text.IndexOf(dialect.EscapeBytes);
            var at = quote < 0 ? escape : escape < 0 ? quote : Math.Min(quote, escape);
            if (at < 0) at = text.Length;
            target.Write(text[..at]);
            text = text[at..];
            if (text.IsEmpty) break;
            var mark = at == quote ? dialect.QuoteBytes : dialect.EscapeBytes;
            target.Write(dialect.EscapeBytes);
            target.Write(mark);
            text = text[mark.Length..];
        }

        target.Write(dialect.QuoteBytes);
    }

    /// <summary>Writes a delimiter.</summary>
    public void WriteDelimiter() => target.Write(dialect.DelimiterBytes);

    /// <summary>Writes fields with delimiters between them, and no line end.</summary>
    public void WriteRecord(IEnumerable<string> fields)
    {
        var first = true;
        foreach (var field in fields)
        {
            if (!first) WriteDelimiter();
            first = false;
            WriteField(FieldText.Bytes(field));
        }
    }

    /// <summary>Ends a record.</summary>
    public void WriteLineEnd(string lineEnd) => target.Write(Encoding.ASCII.GetBytes(lineEnd));

    private bool NeedsQuotes(ReadOnlySpan<byte> text) =>
        !text.IsEmpty
        && (text.IndexOf(dialect.QuoteBytes) >= 0 || text.IndexOf(dialect.EscapeBytes) >= 0 || text.IndexOf(dialect.DelimiterBytes[..1]) >= 0
            || text.IndexOfAny((byte)'\n', (byte)'\r') >= 0 || text[0] is (byte)' ' or (byte)'\t' || text[^1] is (byte)' ' or (byte)'\t'
            // Where a record begins, or the file ends, these would be no data.
            || text.StartsWith(CsvTokenizer.ByteOrderMark) || text[^1] == RecordsEnd.EndOfFile);
}
