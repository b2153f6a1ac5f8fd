using EntityImport.Csv;
using EntityImport.Rows;
using Xunit;

namespace EntityImport.Core.Tests.Csv;

/// <summary>Ways of reading all records of a text.</summary>
internal static class Tokenizing
{
    /// <summary>The paths that exist for each machine; those it has no instructions for run in software.</summary>
    public static readonly BlockScan[] Scans = [BlockScan.Scalar, BlockScan.Vector128, BlockScan.Vector256, BlockScan.Vector512];

    /// <summary>Limits with another record limit.</summary>
    public static CsvLimits RecordLimit(int bytes) => CsvLimits.Standard with { RecordBytes = bytes };

    /// <summary>Reads a text that is in memory as a whole.</summary>
    public static List<Row> Whole(byte[] text, CsvDialect dialect, bool blankLinesAreRecords, BlockScan scan, CsvLimits? limits = null)
    {
        var tokenizer = new CsvTokenizer(dialect, scan, limits ?? CsvLimits.Standard) { BlankLinesAreRecords = blankLinesAreRecords };
        var batch = new RecordBatch(dialect);
        var rows = new List<Row>();
        tokenizer.SetBuffer(text, 0, text.Length, final: true);
        TokenizerStop stop;
        do
        {
            stop = tokenizer.Read(batch);
            Assert.Equal(rows.Count, batch.RecordsBefore);
            for (var i = 0; i < batch.Count; i++) rows.Add(Row.Of(batch, i, dialect));
        }
        while (stop == TokenizerStop.BatchFull);

        Assert.Equal(TokenizerStop.End, stop);
        Assert.Equal(text.Length, tokenizer.Position);
        Assert.Equal(rows.Count, tokenizer.RecordsRead);
        return rows;
    }

    /// <summary>Reads a text piece by piece: whenever the tokenizer asks for more, it gets <paramref name="piece"/> bytes more.</summary>
    public static List<Row> InPieces(byte[] text, CsvDialect dialect, bool blankLinesAreRecords, CsvLimits limits, int piece)
    {
        var tokenizer = new CsvTokenizer(dialect, BlockScan.Best, limits) { BlankLinesAreRecords = blankLinesAreRecords };
        var batch = new RecordBatch(dialect);
        var rows = new List<Row>();
        var start = 0;
        for (var end = Math.Min(piece, text.Length); ; end = Math.Min(end + piece, text.Length))
        {
            tokenizer.SetBuffer(text.AsMemory(start, end - start), start, end - start, final: end == text.Length);
            while (tokenizer.Read(batch) == TokenizerStop.BatchFull) AddBatch();
            AddBatch();
            start += tokenizer.Position;
            if (end == text.Length) break;
        }

        Assert.Equal(text.Length, start);
        return rows;

        void AddBatch()
        {
            for (var i = 0; i < batch.Count; i++) rows.Add(Row.Of(batch, i, dialect));
        }
    }
}
