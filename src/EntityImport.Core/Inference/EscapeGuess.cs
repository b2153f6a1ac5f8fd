using EntityImport.Csv;
using EntityImport.Rows;

namespace EntityImport.Inference;

/// <summary>Finds out whether quotes inside quoted fields are escaped by a backslash, as MySQL, MariaDB and C write them, rather than doubled.</summary>
internal static class EscapeGuess
{
    private const int MaxBytes = 4 << 20;

    /// <summary>Whether the backslash escapes: read so, fewer quotes are broken, or as many and line ends of quoted fields stand behind one.</summary>
    /// <param name="text">The sample in UTF-8.</param>
    /// <param name="layout">How it is read otherwise.</param>
    /// <param name="isWholeFile">Whether the sample is all of the file.</param>
    public static bool IsBackslash(ReadOnlyMemory<byte> text, FileLayout layout, bool isWholeFile)
    {
        if (layout.Escape != layout.Quote || text.Span.IndexOf((byte)'\\') < 0 || CsvDialect.FindFault(layout.Delimiter, layout.Quote, '\\') is not null) return false;
        var isCut = text.Length > MaxBytes;
        var beginning = isCut ? text[..MaxBytes] : text;
        var final = isWholeFile && !isCut;
        var doubled = Look(beginning, layout, final);
        if (doubled.Broken == 0 && doubled.EscapedLineEnds == 0) return false;
        var escaped = Look(beginning, layout with { Escape = '\\' }, final);
        return escaped.Broken < doubled.Broken || (escaped.Broken == doubled.Broken && doubled.EscapedLineEnds > 0 && doubled.EscapedLineEnds == doubled.LineEnds);
    }

    private static (int Broken, int LineEnds, int EscapedLineEnds) Look(ReadOnlyMemory<byte> text, FileLayout layout, bool final)
    {
        var dialect = layout.CreateDialect();
        var tokenizer = new CsvTokenizer(dialect);
        var batch = new RecordBatch(dialect);
        tokenizer.SetBuffer(text, 0, text.Length, final);
        var (broken, lineEnds, escaped) = (0, 0, 0);
        TokenizerStop stop;
        do
        {
            stop = tokenizer.Read(batch);
            foreach (var record in batch)
            {
                if (record.Fault != RecordFault.None) broken++;
                else Count(record.Raw);
            }
        }
        while (stop == TokenizerStop.BatchFull);

        return (broken, lineEnds, escaped);

        void Count(ReadOnlySpan<byte> raw)
        {
            for (var at = raw.IndexOf((byte)'\n'); at >= 0; at = raw.IndexOf((byte)'\n'))
            {
                lineEnds++;
                if (at > 0 && raw[at - 1] == '\\') escaped++;
                raw = raw[(at + 1)..];
            }
        }
    }
}
