using EntityImport.Csv;
using EntityImport.Rows;

namespace EntityImport.Inference;

/// <summary>What stands below a table.</summary>
/// <param name="Lines">How many physical lines it takes, to the end of the file.</param>
/// <param name="Text">Its first line.</param>
internal sealed record TableFooter(int Lines, ReadOnlyMemory<byte> Text)
{
    private const int MaxBytes = 64 << 10;
    private const int MaxRecords = 10;

    /// <summary>Looks at the last records of a whole file; null where they are rows of the table.</summary>
    /// <param name="text">The file.</param>
    /// <param name="layout">How it is split.</param>
    /// <param name="table">What its first records told.</param>
    public static TableFooter? Find(ReadOnlyMemory<byte> text, FileLayout layout, TableReading table)
    {
        var start = CsvSample.SkippedBytes(text.Span, layout.SkipLines);
        if (text.Length - start > MaxBytes)
        {
            start = text.Length - MaxBytes;
            var end = text.Span[start..].IndexOf((byte)'\n');
            if (end < 0) return null;
            start += end + 1;
        }

        var dialect = layout.CreateDialect();
        var tokenizer = new CsvTokenizer(dialect);
        var batch = new RecordBatch(dialect);
        var last = new List<int>();
        var first = -1;
        tokenizer.SetBuffer(text[start..], 0, text.Length - start, final: true);
        TokenizerStop stop;
        do
        {
            stop = tokenizer.Read(batch);
            var footer = FirstOfFooter(batch, table);
            // A batch that is footer throughout would be a table of its own.
            first = footer < batch.Count ? batch[footer].Start : -1;
        }
        while (stop == TokenizerStop.BatchFull);
        if (first < 0) return null;
        var rest = text[(start + first)..];
        var lineEnd = rest.Span.IndexOfAny((byte)'\n', (byte)'\r');
        var lines = LineEnds.Count(rest.Span) + (rest.Span[^1] is (byte)'\n' or (byte)'\r' ? 0 : 1);
        return new TableFooter(lines, lineEnd < 0 ? rest : rest[..lineEnd]);
    }

    /// <summary>The index of the first record of the footer; the number of records where there is none.</summary>
    private static int FirstOfFooter(RecordBatch batch, TableReading table)
    {
        var first = batch.Count;
        var least = Math.Max(1, batch.Count - MaxRecords);
        for (var record = batch.Count - 1; record >= least; record--)
        {
            if (IsFooter(batch[record], table)) first = record;
            else if (!batch[record].Raw.IsEmpty && !IsBlank(batch[record])) break;
        }

        return first;
    }

    private static bool IsBlank(BatchRecord record)
    {
        for (var column = 0; column < record.FieldCount; column++)
            if (!record[column].IsEmpty) return false;
        return true;
    }

    private static bool IsFooter(BatchRecord record, TableReading table)
    {
        if (record.Fault != RecordFault.None) return false;
        int filled = 0, missing = 0, strange = 0;
        var isTotal = false;
        for (var column = 0; column < Math.Min(record.FieldCount, table.Width); column++)
        {
            var text = record[column];
            if (text.IsEmpty)
            {
                if (table.Shapes[column].IsFilled) missing++;
                continue;
            }

            if (filled++ == 0) isTotal = RowWords.IsTotal(text);
            if (table.Shapes[column].IsTyped && Cell.KindOf(text) == CellKind.Text && !RowWords.IsNothing(text)) strange++;
        }

        if (filled == 0) return false;
        if (record.FieldCount < table.Width && filled == 1 && RowWords.IsNote(record[0])) return true;
        if (filled == 1 && missing > 0 && !record[0].IsEmpty && RowWords.IsNote(record[0])) return true;
        if (isTotal) return missing + strange > 0 || record.FieldCount < table.Width;
        return filled * 2 <= table.Width && missing > 0 && (strange > 0 || (record[0].IsEmpty && table.Shapes[0].IsFilled));
    }
}
