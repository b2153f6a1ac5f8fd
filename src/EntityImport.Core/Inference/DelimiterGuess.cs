using EntityImport.Csv;
using EntityImport.Rows;

namespace EntityImport.Inference;

/// <summary>Finds the delimiter that splits the beginning of a sample most evenly.</summary>
internal static class DelimiterGuess
{
    private const int MaxBytes = 1 << 20;

    private static readonly string[] Candidates = [",", ";", "\t", "|"];

    /// <summary>The delimiter; a comma where none splits anything.</summary>
    public static string From(ReadOnlyMemory<byte> text, FileLayout layout, bool isWholeFile)
    {
        var isCut = text.Length > MaxBytes;
        var beginning = isCut ? text[..MaxBytes] : text;
        var best = Candidates[0];
        var bestScore = (Even: 0.0, Columns: 0);
        foreach (var delimiter in Candidates)
        {
            if (CsvDialect.FindFault(delimiter, layout.Quote, layout.Escape) is not null) continue;
            var score = Score(beginning, layout with { Delimiter = delimiter }, isWholeFile && !isCut);
            if (score.Columns < 2 || score.CompareTo(bestScore) <= 0) continue;
            best = delimiter;
            bestScore = score;
        }

        return best;
    }

    /// <summary>Which share of the records has as many fields as the first, in steps of a twentieth, and how many that are.</summary>
    private static (double Even, int Columns) Score(ReadOnlyMemory<byte> text, FileLayout layout, bool final)
    {
        var dialect = layout.CreateDialect();
        var tokenizer = new CsvTokenizer(dialect);
        var batch = new RecordBatch(dialect);
        tokenizer.SetBuffer(text, 0, text.Length, final);
        tokenizer.Read(batch);
        var first = Math.Min(layout.SkipLines, batch.Count - 1);
        if (first < 0) return default;
        var columns = batch[first].FieldCount;
        var even = 0;
        for (var record = first; record < batch.Count; record++)
            if (batch[record].FieldCount == columns) even++;
        return (Math.Floor(20.0 * even / (batch.Count - first)), columns);
    }
}
