using EntityImport.Csv;
using EntityImport.Rows;

namespace EntityImport.Inputs.Csv;

/// <summary>A record's text as an error file repeats it: verbatim, but with exactly the columns of the input.</summary>
internal static class RecordText
{
    /// <summary>The record's bytes up to the end of the last of <paramref name="columns"/> columns; missing fields are not added.</summary>
    public static ReadOnlySpan<byte> Cut(RecordBatch batch, int record, int columns)
    {
        var whole = batch[record];
        return whole.FieldCount <= columns ? whole.Raw : whole.RawFields(columns);
    }

    /// <summary>Appends a record's text with exactly <paramref name="columns"/> columns, so that a delimiter can follow it.</summary>
    public static void Append(MemoryStream target, RecordBatch batch, int record, int columns, CsvDialect dialect)
    {
        var text = Cut(batch, record, columns);
        var whole = batch[record];
        var last = FieldSpan.Of(whole, Math.Min(columns, whole.FieldCount) - 1, dialect);
        if (BlursDelimiter(batch, last, dialect))
        {
            target.Write(text[..(last.Start - whole.Start)]);
            new CsvFieldWriter(target, dialect).WriteField(batch.Buffer.Span[last.Start..last.End]);
        }
        else
        {
            target.Write(text);
        }

        for (var missing = whole.FieldCount; missing < columns; missing++) target.Write(dialect.DelimiterBytes);
    }

    /// <summary>Whether a delimiter behind the field would be found too early, as <c>||</c> behind <c>a|</c>.</summary>
    private static bool BlursDelimiter(RecordBatch batch, FieldSpan field, CsvDialect dialect)
    {
        var delimiter = dialect.DelimiterBytes;
        if (delimiter.Length == 1 || field.IsQuoted) return false;
        var end = batch.Buffer.Span[Math.Max(field.Start, field.End - delimiter.Length + 1)..field.End];
        byte[] followed = [.. end, .. delimiter];
        return followed.AsSpan().IndexOf(delimiter) != end.Length;
    }
}
