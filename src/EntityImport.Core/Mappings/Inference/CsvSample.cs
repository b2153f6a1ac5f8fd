using System.Globalization;
using System.Text;
using EntityImport.Csv;
using EntityImport.Rows;

namespace EntityImport.Mappings.Inference;

/// <summary>A sample's records, which can be read as often as needed, each time as the import will read them.</summary>
internal sealed class CsvSample
{
    private const int MaxColumns = 16_384;

    private readonly ReadOnlyMemory<byte> _text;
    private readonly FileLayout _layout;
    private readonly bool _isWholeFile;
    private readonly RaggedRows _raggedRows;
    private int _firstRecord;

    /// <summary>Finds the columns of a sample.</summary>
    /// <param name="text">The sample in UTF-8, without byte order mark.</param>
    /// <param name="layout">How its records are found; where it has no header, its number of columns may be 0, and the first record tells.</param>
    /// <param name="isWholeFile">Whether the sample is all of the file.</param>
    /// <param name="raggedRows">What becomes of records with too few or too many fields.</param>
    /// <exception cref="RequestException">The sample has no columns.</exception>
    public CsvSample(ReadOnlyMemory<byte> text, FileLayout layout, bool isWholeFile, RaggedRows raggedRows)
    {
        _text = text[SkippedBytes(text.Span, layout.SkipLines)..];
        _layout = layout;
        _isWholeFile = isWholeFile;
        _raggedRows = raggedRows;
        Columns = ReadColumns();
        if (Columns.Count > MaxColumns)
            throw Fault(string.Create(CultureInfo.InvariantCulture, $"The sample has {Columns.Count} columns; {MaxColumns} are the most."));
    }

    /// <summary>The columns' names: those of the header, else 1, 2, …</summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>A request whose sample is of no use.</summary>
    public static RequestException Fault(string message) => new(FaultKind.Invalid, "sample", message, [new RequestFault("file", message)]);

    /// <summary>Reads all records that are wholly in the sample, batch by batch. The batch is the same object each time.</summary>
    public IEnumerable<RecordBatch> ReadBatches(CancellationToken cancellationToken)
    {
        var dialect = _layout.CreateDialect();
        var tokenizer = new CsvTokenizer(dialect) { BlankLinesAreRecords = Columns.Count == 1 };
        var batch = new RecordBatch(dialect);
        var rest = _text[_firstRecord..];
        tokenizer.SetBuffer(rest, 0, rest.Length, _isWholeFile);
        TokenizerStop stop;
        do
        {
            cancellationToken.ThrowIfCancellationRequested();
            stop = tokenizer.Read(batch);
            if (batch.Count > 0) yield return batch;
        }
        while (stop == TokenizerStop.BatchFull);
    }

    /// <summary>Whether the import reads the record as one of these columns.</summary>
    public bool IsReadable(RecordBatch batch, int record)
    {
        var span = batch[record];
        if (span.Fault != RecordFault.None) return false;
        if (span.FieldCount == Columns.Count) return true;
        if (_raggedRows == RaggedRows.Reject) return false;
        if (span.FieldCount < Columns.Count) return true;
        if (_raggedRows == RaggedRows.Pad) return false;
        for (var column = Columns.Count; column < span.FieldCount; column++)
            if (!batch.Text(record, column).IsEmpty) return false;
        return true;
    }

    private string[] ReadColumns()
    {
        var dialect = _layout.CreateDialect();
        var tokenizer = new CsvTokenizer(dialect);
        var batch = new RecordBatch(dialect);
        while (batch.Count == 0)
        {
            var rest = _text[_firstRecord..];
            if (rest.IsEmpty) throw Fault("The sample is empty: there is no header and no record.");
            tokenizer.SetBuffer(rest, 0, end: 1, final: true);
            tokenizer.Read(batch);
            _firstRecord += tokenizer.Position;
        }

        var first = batch[0];
        if (first.Fault != RecordFault.None)
        {
            throw Fault(_layout.HasHeader
                ? "The header cannot be read: it has a quote that does not close, or text after a closing quote."
                : "The first record cannot be read: it has a quote that does not close, or text after a closing quote.");
        }

        if (_layout.HasHeader) return CheckHeader([.. Enumerable.Range(0, first.FieldCount).Select(i => Encoding.UTF8.GetString(batch.Text(0, i)))]);
        _firstRecord = 0;
        var count = _layout.ColumnCount > 0 ? _layout.ColumnCount : first.FieldCount;
        return [.. Enumerable.Range(1, count).Select(number => number.ToString(CultureInfo.InvariantCulture))];
    }

    private static string[] CheckHeader(string[] names)
    {
        var twice = names.Where(name => name.Length > 0).GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(group => group.Skip(1).Any());
        return twice is null ? names : throw Fault($"The header names the column '{ShownText.Cut(twice.Key)}' more than once.");
    }

    private static int SkippedBytes(ReadOnlySpan<byte> text, int lines)
    {
        var position = 0;
        for (; lines > 0; lines--)
        {
            var end = text[position..].IndexOfAny((byte)'\n', (byte)'\r');
            if (end < 0) return text.Length;
            position += end;
            position += text[position..].StartsWith("\r\n"u8) ? 2 : 1;
        }

        return position;
    }
}
