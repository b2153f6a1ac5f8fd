using System.Runtime.InteropServices;
using EntityImport.Core.Tests.Csv;
using EntityImport.Csv;
using EntityImport.Rows;

namespace EntityImport.Bench.Fuzz.Targets;

/// <summary>
/// The tokenizer, in each width of its blocks, on texts as a whole and in pieces, against the plain reference of its tests. The first six bytes choose dialect,
/// columns, record limit, pieces, the blocks' width for these, and where in a line of the cache the text begins, because blocks do not cross these lines.
/// </summary>
internal class TokenizerTarget : FuzzTarget
{
    private const int MostPieces = 64;
    private const int CacheLine = 64;

    /// <summary>The most times that a byte is looked at, on average, and what a text of any length may take besides.</summary>
    private const int Passes = 8;
    private const int FirstBytes = 1024;

    private static readonly int[] RecordLimits = [CsvDialect.MaxRecordBytes, 1, 2, 3, 5, 8, 13, 21, 34, 55, 63, 64, 65, 127, 200, 1000];

    private static readonly int[] Pieces = [1, 2, 3, 7, 13, 31, 63, 64, 65, 127, 300];

    private static readonly BlockScan[] Scans = [BlockScan.Scalar, BlockScan.Vector128, BlockScan.Vector256, BlockScan.Vector512];

    private readonly byte[] _memory = GC.AllocateUninitializedArray<byte>(8192, pinned: true);

    // Kept, as a batch is large, and reused in the service, too.
    private readonly Dictionary<CsvDialect, RecordBatch> _batches = RandomFile.Dialects.ToDictionary(dialect => dialect, dialect => new RecordBatch(dialect));

    private int _inLine;

    public override string Name => "tokenizer";

    public override int MaxLength => 3072;

    public override IReadOnlyList<string> Tokens { get; } =
    [
        ",", "\"", "\"\"", "\",\"", "\"\n\"", ",\"", "\",", "\n", "\r", "\r\n", "\n\n", " ", "\t", "  \"", "\"  ", "\\", "\\\"", "\\\\", "'", "||", "^\"", ", ", "§", "«", "¬", "\u00AC", "、。", "”", "“",
        "😀😁", "\uFEFF", "\n\uFEFF\"", "，", "\0", "aaaaaaaaaaaaaaaa", new string('a', 62), new string('\n', 64), string.Concat(Enumerable.Repeat("\"a\",", 16)),
    ];

    public override void Run(byte[] input)
    {
        var chosen = new FuzzInput(input);
        var dialect = chosen.Choose(RandomFile.Dialects);
        var oneColumn = chosen.ChooseFlag();
        var limits = CsvLimits.Standard with { RecordBytes = chosen.Choose(RecordLimits) };
        var piece = chosen.Choose(Pieces);
        var scanOfPieces = chosen.Choose(Scans);
        _inLine = chosen.Choose(CacheLine);
        var text = chosen.Rest();
        piece = Math.Max(piece, text.Length / MostPieces);

        var expected = Expected(text, dialect, limits, oneColumn);
        foreach (var scan in Scans) ThrowIfDifferent(expected, Read(text, dialect, oneColumn, scan, limits, text.Length), $"as a whole by {scan}");
        ThrowIfDifferent(expected, Read(text, dialect, oneColumn, scanOfPieces, limits, piece), $"in pieces of {piece} by {scanOfPieces}");
    }

    /// <summary>The records of a text as they are right.</summary>
    private protected virtual List<Row> Expected(byte[] text, CsvDialect dialect, CsvLimits limits, bool oneColumn) =>
        new ReferenceTokenizer(text, dialect, limits.RecordBytes) { BlankLinesAreRecords = oneColumn }.ReadAll();

    private List<Row> Read(byte[] text, CsvDialect dialect, bool oneColumn, BlockScan scan, CsvLimits limits, int piece)
    {
        // What lies around the bytes is no part of them.
        var around = "\",\n\r\"\"\\'"u8;
        for (var i = 0; i < _memory.Length; i++) _memory[i] = around[i % around.Length];
        var firstLine = CacheLine - (int)(Marshal.UnsafeAddrOfPinnedArrayElement(_memory, 0) % CacheLine);
        var tokenizer = new CsvTokenizer(dialect, scan, limits) { BlankLinesAreRecords = oneColumn };
        var batch = _batches[dialect];
        var rows = new List<Row>();
        var start = 0;
        for (var end = Math.Min(piece, text.Length); ; end = Math.Min(end + piece, text.Length))
        {
            var at = firstLine + (_inLine + start) % CacheLine;
            text.AsSpan(start, end - start).CopyTo(_memory.AsSpan(at));
            tokenizer.SetBuffer(_memory.AsMemory(at, end - start), start, end - start, final: end == text.Length);
            TokenizerStop stop;
            do
            {
                stop = tokenizer.Read(batch);
                DisagreementException.ThrowIfDifferent(rows.Count, batch.RecordsBefore, "records before the batch");
                for (var i = 0; i < batch.Count; i++) rows.Add(Row.Of(batch, i, dialect));
            }
            while (stop == TokenizerStop.BatchFull);

            start += tokenizer.Position;
            if (end < text.Length) continue;
            DisagreementException.ThrowIfDifferent(TokenizerStop.End, stop, "at the end");
            DisagreementException.ThrowIfDifferent(text.Length, start, "bytes read");
            DisagreementException.ThrowIfDifferent(rows.Count, tokenizer.RecordsRead, "records read");
            DisagreementException.ThrowUnless(
                piece < text.Length || tokenizer.BytesExamined <= Passes * text.Length + FirstBytes, $"{text.Length} bytes took looking at {tokenizer.BytesExamined}");
            return rows;
        }
    }

    private static void ThrowIfDifferent(List<Row> expected, List<Row> actual, string how)
    {
        if (expected.SequenceEqual(actual)) return;
        var first = expected.Zip(actual).TakeWhile(pair => pair.First == pair.Second).Count();
        throw new DisagreementException($"{how}, record {first + 1}: expected {expected.ElementAtOrDefault(first)}, not {actual.ElementAtOrDefault(first)}");
    }
}
