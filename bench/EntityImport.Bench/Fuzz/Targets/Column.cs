using System.Text;
using EntityImport.Conversion;
using EntityImport.Csv;
using EntityImport.Entities;
using EntityImport.Rows;

namespace EntityImport.Bench.Fuzz.Targets;

/// <summary>Texts that converters read: as a column of one batch, which takes the quick ways, and one by one.</summary>
internal sealed class Column
{
    /// <summary>What stands between texts in inputs.</summary>
    public const byte Separator = (byte)'|';

    /// <summary>What a rejection's reason has at most: its parts are bounded one by one.</summary>
    private const int MostReasonCharacters = 2000;

    // Converters take a text as it is: nothing in it is to be taken for a quote, or for a space around it.
    private static readonly CsvDialect Plain = new("|", quote: '\uE000', trimSpaces: false);

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly RecordBatch _batch = new(Plain);
    private readonly RecordFaults _faults = new();
    private readonly Dictionary<FieldDefinition, ColumnVector> _vectors = [];
    private byte[] _bytes = [];

    /// <summary>The texts.</summary>
    public List<byte[]> Texts { get; } = [];

    /// <summary>Takes the texts of an input.</summary>
    public void Fill(byte[] bytes)
    {
        // The one character that has to be the quote occurs in no text.
        bytes.AsSpan().Replace((byte)0xEE, (byte)0xEF);
        _bytes = bytes;
        Texts.Clear();
        _batch.Clear(bytes, recordsBefore: 0, position: 0, lineNumber: 1);
        for (var start = 0; start <= bytes.Length && Texts.Count < RecordBatch.Capacity;)
        {
            var length = bytes.AsSpan(start).IndexOf(Separator);
            var end = length < 0 ? bytes.Length : start + length;
            var bounds = _batch.BoundStore(2 * Texts.Count + 2);
            (bounds[2 * Texts.Count], bounds[2 * Texts.Count + 1]) = (start - 1, end);
            _batch.AddRecord(firstBound: 2 * Texts.Count, lastBound: 2 * Texts.Count + 1);
            Texts.Add(bytes[start..end]);
            start = end + 1;
        }
    }

    /// <summary>A text as characters; null where it is none.</summary>
    public static string? Decode(byte[] text)
    {
        try
        {
            return Strict.GetString(text);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    /// <summary>Converts the texts as a column, and then one by one, and compares.</summary>
    /// <param name="create">Makes a converter that has learned nothing yet.</param>
    /// <param name="expected">What is right for a text, of which it is known that it is not null: a fault, or a value.</param>
    /// <param name="value">The value in a vector at a place.</param>
    public void Check<T>(Func<FieldConverter> create, Func<byte[], (FaultCode Fault, T? Value)> expected, Func<ColumnVector, int, T> value)
    {
        var converter = create();
        if (!_vectors.TryGetValue(converter.Field, out var vector)) _vectors[converter.Field] = vector = new ColumnVector(converter.Field);
        var right = Texts.ConvertAll(text => converter.Nulls.IsNull(text) ? default : expected(text));
        // The second time, what the texts look like is known.
        for (var time = 1; time <= 2; time++)
        {
            _faults.Clear();
            converter.Convert(_batch, 0, 0, vector, _faults);
            var faults = _faults.All.ToDictionary(fault => fault.Record, fault => fault.Code);
            for (var i = 0; i < Texts.Count; i++)
            {
                var how = $"'{Encoding.UTF8.GetString(Texts[i])}' as {converter.Field.DataType}({converter.Field.Precision},{converter.Field.Scale}), {converter.Expected}, in a column, time {time}";
                DisagreementException.ThrowIfDifferent(converter.Nulls.IsNull(Texts[i]), vector.IsNull(i), how);
                DisagreementException.ThrowIfDifferent(right[i].Fault, faults.GetValueOrDefault(i), how);
                if (right[i].Fault == FaultCode.None && !vector.IsNull(i)) DisagreementException.ThrowIfDifferent(right[i].Value, value(vector, i), how);
            }
        }

        for (var i = 0; i < Texts.Count; i++)
        {
            if (converter.Nulls.IsNull(Texts[i])) continue;
            var how = $"'{Encoding.UTF8.GetString(Texts[i])}' by itself";
            var alone = create();
            DisagreementException.ThrowIfDifferent(right[i].Fault, alone.Check(Texts[i]), how);
            DisagreementException.ThrowIfDifferent(right[i].Fault, alone.ConvertText(Texts[i], vector), how);
            if (right[i].Fault == FaultCode.None) DisagreementException.ThrowIfDifferent(right[i].Value, value(vector, 0), how);
            else CheckReason(alone, right[i].Fault, Texts[i]);
        }
    }

    /// <summary>The text that a span of a vector points at.</summary>
    public byte[] TextAt(ColumnVector vector, int place)
    {
        var span = vector.Values<TextSpan>()[place];
        var memory = span.Source switch
        {
            TextSource.Buffer => _bytes,
            TextSource.Unescaped => _batch.UnescapedText.Span,
            _ => vector.DefaultText.Span,
        };
        return memory.Slice(span.Start, span.Length).ToArray();
    }

    private static void CheckReason(FieldConverter converter, FaultCode fault, byte[] text)
    {
        var reason = RejectionReasons.Compose(fault, converter.Field, converter, text);
        DisagreementException.ThrowUnless(reason.Length is > 0 and <= MostReasonCharacters, $"The reason has {reason.Length} characters: {reason}");
    }
}
