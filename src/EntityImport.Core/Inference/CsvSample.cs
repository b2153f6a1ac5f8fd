using System.Globalization;
using EntityImport.Csv;
using EntityImport.Inputs;
using EntityImport.Mappings;
using EntityImport.Rows;

namespace EntityImport.Inference;

/// <summary>A sample's records, which can be read as often as needed, each time as the import will read them.</summary>
internal sealed class CsvSample
{
    private readonly ReadOnlyMemory<byte> _text;
    private readonly FileLayout _layout;
    private readonly bool _isWholeFile;
    private readonly string _encoding;
    private readonly RecordShape _shape;
    private readonly bool _isFirstJudged;
    private int _firstRecord;
    private long _firstLine;

    /// <summary>Finds the columns of a sample.</summary>
    /// <param name="text">The sample in UTF-8, without byte order mark.</param>
    /// <param name="encoding">The name of the encoding that the file is in.</param>
    /// <param name="layout">How its records are found; where it has no header, its number of columns may be 0, and the first record tells.</param>
    /// <param name="isWholeFile">Whether the sample is all of the file.</param>
    /// <param name="raggedRows">What becomes of records with too few or too many fields.</param>
    /// <param name="isFirstJudged">Whether the first record below the header is data; false where it has units, or further names.</param>
    /// <exception cref="RequestException">The sample has no columns.</exception>
    public CsvSample(ReadOnlyMemory<byte> text, string encoding, FileLayout layout, bool isWholeFile, RaggedRows raggedRows, bool isFirstJudged)
    {
        text = isWholeFile ? text[..RecordsEnd.Find(text.Span, footerLines: 0)] : text;
        _text = text[SkippedBytes(text.Span, layout.SkipLines)..];
        _layout = layout;
        _isWholeFile = isWholeFile;
        _encoding = encoding;
        _isFirstJudged = isFirstJudged;
        Columns = ReadColumns();
        if (Columns.Count > ImportDefinitionReader.MaxColumns)
            throw Fault(string.Create(CultureInfo.InvariantCulture, $"The sample has {Columns.Count} columns; {ImportDefinitionReader.MaxColumns} are the most."));
        // An error file has no footer.
        if (isWholeFile && ErrorFileColumns.CountIn(Columns) == 0) _text = _text[..Math.Max(_firstRecord, RecordsEnd.Find(_text.Span, layout.SkipFooterLines))];
        _shape = new RecordShape(Columns, layout.HasHeader, raggedRows);
    }

    /// <summary>The columns' names: those of the header, else 1, 2, …</summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>A request whose sample is of no use.</summary>
    public static RequestException Fault(string message) => new(FaultKind.Invalid, "sample", message, [new RequestFault("file", message)]);

    /// <summary>Reads all records that are wholly in the sample, batch by batch. The batch is the same object each time.</summary>
    public IEnumerable<RecordBatch> ReadBatches(CancellationToken cancellationToken)
    {
        var dialect = _layout.CreateDialect();
        var tokenizer = new CsvTokenizer(dialect, BlockScan.Best, CsvLimits.Of(_layout)) { BlankLinesAreRecords = Columns.Count == 1 };
        var batch = new RecordBatch(dialect);
        var rest = _text[_firstRecord..];
        tokenizer.StartAt(recordsRead: 0, _firstLine);
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

    /// <summary>Whether the import reads the record as one of these columns, and it is data.</summary>
    public bool IsReadable(RecordBatch batch, int record) =>
        _shape.Judge(batch[record]) == FaultCode.None && (_isFirstJudged || batch.RecordsBefore + record > 0);

    /// <summary>Whether the record has delimiters alone, and no value.</summary>
    public bool IsEmpty(RecordBatch batch, int record) => _shape.Judge(batch[record]) == FaultCode.RecordEmpty;

    private IReadOnlyList<string> ReadColumns()
    {
        var dialect = _layout.CreateDialect();
        var tokenizer = new CsvTokenizer(dialect, BlockScan.Best, CsvLimits.Of(_layout));
        tokenizer.StartAt(recordsRead: 0, lineNumber: _layout.SkipLines + 1);
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
        _firstLine = tokenizer.LineNumber;
        if (_layout.HasHeader)
        {
            try
            {
                var names = HeaderReader.Read(first, first.Fault, first.LineNumber, _encoding, _layout);
                return HeaderReader.FindRepeated(names) is { } repeated
                    ? throw Fault(string.Create(CultureInfo.InvariantCulture, $"Line {first.LineNumber}: {repeated}. Expected different names."))
                    : names;
            }
            catch (ImportRefusedException refused)
            {
                throw Fault(refused.Message);
            }
        }

        if (first.Fault != RecordFault.None) throw Fault("The first record cannot be read: it has a quote that does not close, or text after a closing quote.");
        (_firstRecord, _firstLine) = (0, _layout.SkipLines + 1);
        return HeaderReader.Numbers(_layout.ColumnCount > 0 ? _layout.ColumnCount : first.FieldCount);
    }

    /// <summary>How many bytes so many physical lines take.</summary>
    public static int SkippedBytes(ReadOnlySpan<byte> text, int lines)
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
