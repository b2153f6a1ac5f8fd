using EntityImport.Csv;

namespace EntityImport.Imports;

/// <summary>A record's text as an error file repeats it: verbatim, but with exactly the columns of the input.</summary>
internal static class RecordText
{
    /// <summary>The record's bytes up to the end of the last of <paramref name="columns"/> columns; missing fields are not added.</summary>
    public static ReadOnlySpan<byte> Cut(RecordBatch batch, int record, int columns)
    {
        ref readonly var span = ref batch.Records[record];
        var raw = batch.RawRecord(record);
        if (span.FieldCount <= columns) return raw;
        // The text of the last kept column ends before the delimiter in front of the next one's field.
        var next = batch.Fields[span.FirstField + columns];
        var last = batch.Fields[span.FirstField + columns - 1];
        var gap = batch.Buffer.Span[last.End..next.Start];
        var afterQuote = last.IsQuoted ? batch.Dialect.QuoteBytes.Length : 0;
        var delimiter = gap[afterQuote..].IndexOf(batch.Dialect.DelimiterBytes);
        return raw[..(last.End + afterQuote + delimiter - span.Start)];
    }

    /// <summary>Appends a record's text with exactly <paramref name="columns"/> columns, so that a delimiter can follow it.</summary>
    public static void Append(MemoryStream target, RecordBatch batch, int record, int columns)
    {
        var text = Cut(batch, record, columns);
        ref readonly var span = ref batch.Records[record];
        var last = batch.Fields[span.FirstField + Math.Min(columns, span.FieldCount) - 1];
        if (BlursDelimiter(batch, last))
        {
            target.Write(text[..(last.Start - span.Start)]);
            new CsvFieldWriter(target, batch.Dialect).WriteField(batch.Buffer.Span[last.Start..last.End]);
        }
        else
        {
            target.Write(text);
        }

        for (var missing = span.FieldCount; missing < columns; missing++) target.Write(batch.Dialect.DelimiterBytes);
    }

    /// <summary>Whether a delimiter behind the field would be found too early, as <c>||</c> behind <c>a|</c>.</summary>
    private static bool BlursDelimiter(RecordBatch batch, FieldSpan field)
    {
        var delimiter = batch.Dialect.DelimiterBytes;
        if (delimiter.Length == 1 || field.IsQuoted) return false;
        var end = batch.Buffer.Span[Math.Max(field.Start, field.End - delimiter.Length + 1)..field.End];
        byte[] followed = [.. end, .. delimiter];
        return followed.AsSpan().IndexOf(delimiter) != end.Length;
    }
}
