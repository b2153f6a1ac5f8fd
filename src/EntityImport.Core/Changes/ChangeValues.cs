using System.Globalization;
using System.IO.Hashing;
using System.Text;
using EntityImport.Conversion.Ambiguity;
using EntityImport.Conversion.Dates;
using EntityImport.Entities;

namespace EntityImport.Changes;

/// <summary>What the values of a field are in a <see cref="ChangeValues"/>.</summary>
public enum ChangeValueKind
{
    /// <summary>STRING: UTF-8.</summary>
    Text,

    /// <summary>INTEGER; DATE as days and DATETIME as microseconds since 1970-01-01; BOOLEAN as 0 or 1.</summary>
    Whole,

    /// <summary>DECIMAL, CURRENCY, PERCENT: the value times 10^scale.</summary>
    Scaled,

    /// <summary>DOUBLE.</summary>
    Binary,
}

/// <summary>The values of one field for the records of one <see cref="ChangeBatch"/>, before or after, side by side. Reused from batch to batch; not thread-safe.</summary>
public sealed class ChangeValues
{
    /// <summary>The most bytes of a text that are kept; of a longer one the beginning is, and <see cref="IsCut"/> says so.</summary>
    public const int MaxTextBytes = 1024;

    /// <summary>The most characters of a value that is shown.</summary>
    internal const int MaxShown = 80;

    private readonly ulong[] _nulls = new ulong[ChangeBatch.Capacity / 64];
    private readonly ulong[] _cut = new ulong[ChangeBatch.Capacity / 64];
    private readonly long[] _whole = [];
    private readonly Int128[] _scaled = [];
    private readonly double[] _binary = [];
    private readonly (int Start, int Length)[] _places = [];
    private byte[] _text = [];
    private int _used;

    /// <summary>Makes room for the values of a field.</summary>
    public ChangeValues(FieldDefinition field)
    {
        ArgumentNullException.ThrowIfNull(field);
        Field = field;
        Kind = field.DataType switch
        {
            DataType.String => ChangeValueKind.Text,
            DataType.Double => ChangeValueKind.Binary,
            _ => field.IsDecimal ? ChangeValueKind.Scaled : ChangeValueKind.Whole,
        };
        switch (Kind)
        {
            case ChangeValueKind.Text: _places = new (int, int)[ChangeBatch.Capacity]; break;
            case ChangeValueKind.Scaled: _scaled = new Int128[ChangeBatch.Capacity]; break;
            case ChangeValueKind.Binary: _binary = new double[ChangeBatch.Capacity]; break;
            default: _whole = new long[ChangeBatch.Capacity]; break;
        }
    }

    /// <summary>The field.</summary>
    public FieldDefinition Field { get; }

    /// <summary>Which of the members below has the values; the others are empty.</summary>
    public ChangeValueKind Kind { get; }

    /// <summary>The values of a <see cref="ChangeValueKind.Whole"/>.</summary>
    public Span<long> Whole => _whole;

    /// <summary>The values of a <see cref="ChangeValueKind.Scaled"/>.</summary>
    public Span<Int128> Scaled => _scaled;

    /// <summary>The values of a <see cref="ChangeValueKind.Binary"/>.</summary>
    public Span<double> Binary => _binary;

    /// <summary>Whether a record's value is null.</summary>
    public bool IsNull(int record) => (_nulls[record >> 6] & (1ul << record)) != 0;

    /// <summary>Makes a record's value null.</summary>
    public void SetNull(int record) => _nulls[record >> 6] |= 1ul << record;

    /// <summary>The text of a record: of a long one its first <see cref="MaxTextBytes"/> bytes.</summary>
    public ReadOnlySpan<byte> Text(int record) => _text.AsSpan(_places[record].Start, _places[record].Length);

    /// <summary>Whether a record's text is longer than it is here.</summary>
    public bool IsCut(int record) => (_cut[record >> 6] & (1ul << record)) != 0;

    /// <summary>Takes over the text of a record, in UTF-8.</summary>
    public void SetText(int record, ReadOnlySpan<byte> text)
    {
        if (text.Length > MaxTextBytes)
        {
            text = text[..MaxTextBytes];
            _cut[record >> 6] |= 1ul << record;
        }

        if (_text.Length - _used < text.Length) Array.Resize(ref _text, Math.Max(_text.Length * 2, 64 * MaxTextBytes));
        text.CopyTo(_text.AsSpan(_used));
        _places[record] = (_used, text.Length);
        _used += text.Length;
    }

    /// <summary>Makes all values present, and texts empty.</summary>
    internal void Clear()
    {
        _nulls.AsSpan().Clear();
        _cut.AsSpan().Clear();
        _places.AsSpan().Clear();
        _used = 0;
    }

    /// <summary>Whether nothing is said: null, and a text of nothing or spaces.</summary>
    internal bool IsEmpty(int record) => IsNull(record) || (Kind == ChangeValueKind.Text && Text(record).Trim((byte)' ').IsEmpty);

    /// <summary>Whether a record has the same value in both, neither being null.</summary>
    internal bool IsEqual(int record, ChangeValues other) => Kind switch
    {
        ChangeValueKind.Text => Text(record).SequenceEqual(other.Text(record)) && IsCut(record) == other.IsCut(record),
        ChangeValueKind.Scaled => _scaled[record] == other._scaled[record],
        ChangeValueKind.Binary => _binary[record].Equals(other._binary[record]),
        _ => _whole[record] == other._whole[record],
    };

    /// <summary>A hash of a value that is not null, the same for equal ones.</summary>
    internal ulong Hash(int record) => Kind switch
    {
        ChangeValueKind.Text => XxHash3.HashToUInt64(Text(record)),
        ChangeValueKind.Scaled => Mix((ulong)_scaled[record] ^ Mix((ulong)(_scaled[record] >> 64))),
        ChangeValueKind.Binary => Mix((ulong)BitConverter.DoubleToInt64Bits(_binary[record])),
        _ => Mix((ulong)_whole[record]),
    };

    /// <summary>A value for people, of at most <see cref="MaxShown"/> characters; null for null.</summary>
    internal string? Show(int record) => IsNull(record) ? null : Kind switch
    {
        ChangeValueKind.Text => ShownText.Fit(Encoding.UTF8.GetString(Text(record)), MaxShown),
        ChangeValueKind.Scaled => StoredValue.Show(Field, _scaled[record]),
        ChangeValueKind.Binary => StoredValue.Show(Field, _binary[record]),
        _ => ShowWhole(_whole[record]),
    };

    /// <summary>Spreads the bits of a number.</summary>
    internal static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 32)) * 0x9E3779B97F4A7C15;
        value = (value ^ (value >> 29)) * 0xBF58476D1CE4E5B9;
        return value ^ (value >> 32);
    }

    private string ShowWhole(long value) => Field.DataType switch
    {
        DataType.Date => StoredValue.ShowDay((int)Math.Clamp(value, CivilDate.FirstDay, CivilDate.LastDay)),
        DataType.DateTime => StoredValue.ShowInstant(value),
        DataType.Boolean => value != 0 ? "true" : "false",
        _ => value.ToString(CultureInfo.InvariantCulture),
    };
}
