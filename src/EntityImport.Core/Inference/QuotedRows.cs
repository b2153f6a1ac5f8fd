using EntityImport.Csv;
using EntityImport.Rows;

namespace EntityImport.Inference;

/// <summary>Rows each of which is quoted as a whole, as happens to a file that was edited as one column.</summary>
/// <param name="Line">The physical line of the first of them, from 1.</param>
/// <param name="Raw">That line.</param>
/// <param name="Delimiter">What splits the text within the quotes.</param>
/// <param name="Width">Into how many fields.</param>
internal sealed record QuotedRows(long Line, ReadOnlyMemory<byte> Raw, string Delimiter, int Width)
{
    /// <summary>Looks at the first records; null where they are not written so.</summary>
    public static QuotedRows? Find(ReadOnlyMemory<byte> text, FileLayout layout, bool final)
    {
        var dialect = layout.CreateDialect();
        var tokenizer = new CsvTokenizer(dialect);
        tokenizer.StartAt(recordsRead: 0, layout.SkipLines + 1);
        var batch = new RecordBatch(dialect);
        tokenizer.SetBuffer(text, 0, text.Length, final);
        tokenizer.Read(batch);
        if (batch.Count == 0) return null;
        using var inner = new MemoryStream();
        for (var record = 0; record < batch.Count; record++)
        {
            var row = batch[record];
            if (row.FieldCount != 1 || !row.Raw.StartsWith(dialect.QuoteBytes) || !row.Raw.EndsWith(dialect.QuoteBytes)) return null;
            inner.Write(row[0]);
            inner.Write("\n"u8);
        }

        var rows = inner.ToArray();
        var best = DelimiterCandidates.In(rows, layout)
            .ConvertAll(delimiter => TableReading.Read(rows, layout with { Delimiter = delimiter }, final: true, firstLine: 1, names: []))
            .FindAll(reading => reading is { Start: 0, Evenness: >= 0.9 }).MaxBy(reading => reading.Fit);
        if (best is null) return null;
        var first = batch[0];
        return new QuotedRows(first.LineNumber, text[first.Start..first.End], best.Delimiter, best.Width);
    }
}
