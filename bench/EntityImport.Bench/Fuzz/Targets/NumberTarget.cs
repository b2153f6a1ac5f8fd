using System.Globalization;
using System.Numerics;
using EntityImport.Conversion;
using EntityImport.Core.Tests.Conversion;
using EntityImport.Entities;
using EntityImport.Rows;

namespace EntityImport.Bench.Fuzz.Targets;

/// <summary>
/// Texts as numbers: of a column and one by one, against the grammar in regular expressions and the digits as one integer of any size. The first two bytes choose
/// symbols and field.
/// </summary>
internal sealed class NumberTarget : FuzzTarget
{
    private static readonly (string Decimal, string Grouping, string Currency, string Percent)[] Symbols =
        [(".", ",", "$", "%"), (",", ".", "€", "%"), (",", "\u202F", "kr", "%"), (".", "'", "CHF", "‰"), (".", "", "¤", "pct"), (",", " ", "R$", "%")];

    private static readonly NumberGrammar[] Grammars = [.. Symbols.Select(s => new NumberGrammar(s.Decimal, s.Grouping, s.Currency, s.Percent))];

    private static readonly FieldDefinition[] Fields =
    [
        Field(DataType.Integer), Field(DataType.Double), Field(DataType.Decimal, 18, 2), Field(DataType.Decimal, 4, 4), Field(DataType.Decimal, 9, 0), Field(DataType.Currency, 18, 18),
        Field(DataType.Percent, 19, 6), Field(DataType.Decimal, 38, 10), Field(DataType.Decimal, 38, 38), Field(DataType.Decimal, 1, 0),
    ];

    private readonly Column _column = new();

    public override string Name => "numbers";

    public override int MaxLength => 256;

    // Each text is read by a converter of its own, too.
    public override long AllocatedBytesPerByte => 128 << 10;

    public override IReadOnlyList<string> Tokens { get; } =
    [
        "|", "0", "1", "12", "123", "000", "4567", "9", "-", "+", "\u2212", "(", ")", "e", "E3", "e-2", "e+1", ".", ",", "'", "\u2019", " ", "\u00A0", "\u202F", "$", "€", "kr", "CHF", "¤", "pct", "%", "‰", "R$", "1,234.56",
        "1.234,56", "1\u202F234", "1'234", "9223372036854775807", "9223372036854775808", "99999999999999999999", "12345678901234567890123456789012345678", "0.0000000001", "1e308", "4.9e-324", "٣", "1,23,456",
    ];

    public override void Run(byte[] input)
    {
        var chosen = new FuzzInput(input);
        var s = chosen.Choose(Symbols.Length);
        var field = chosen.Choose(Fields);
        _column.Fill(chosen.Rest());
        var format = Formats.UnitedStates with
        {
            DecimalSeparator = Symbols[s].Decimal,
            GroupingSeparator = Symbols[s].Grouping,
            CurrencySymbol = Symbols[s].Currency,
            PercentSymbol = Symbols[s].Percent,
        };
        if (field.DataType == DataType.Double) _column.Check(() => FieldConverters.Create(field, format), text => Double(s, text), (vector, i) => vector.Values<double>()[i]);
        else _column.Check(() => FieldConverters.Create(field, format), text => Exact(s, text, field), ValueAt);
    }

    private static (FaultCode Fault, double Value) Double(int symbols, byte[] text)
    {
        if (Column.Decode(text) is not { } characters || Grammars[symbols].Read(characters) is not { } number) return (FaultCode.NumberFormat, 0);
        if (number.Mantissa.IsZero) return (FaultCode.None, 0);
        var value = double.Parse(string.Create(CultureInfo.InvariantCulture, $"{number.Mantissa}E{number.Exponent}"), CultureInfo.InvariantCulture);
        return value == 0 || !double.IsFinite(value) ? (FaultCode.NumberRange, 0) : (FaultCode.None, number.IsNegative ? -value : value);
    }

    private static (FaultCode Fault, Int128 Value) Exact(int symbols, byte[] text, FieldDefinition field)
    {
        if (Column.Decode(text) is not { } characters || Grammars[symbols].Read(characters) is not { } number) return (FaultCode.NumberFormat, 0);
        var (precision, scale) = field.DataType == DataType.Integer ? (19, 0) : (field.Precision, field.Scale);
        var shift = number.Exponent + scale;
        var (scaled, rest) = shift >= 0
            ? (number.Mantissa * BigInteger.Pow(10, shift), BigInteger.Zero)
            : (BigInteger.DivRem(number.Mantissa, BigInteger.Pow(10, -shift), out var left), left);
        if (scaled >= BigInteger.Pow(10, precision)) return (FaultCode.NumberRange, 0);
        if (!rest.IsZero) return (FaultCode.NumberScale, 0);
        if (number.IsNegative) scaled = -scaled;
        return field.DataType == DataType.Integer && (scaled < long.MinValue || scaled > long.MaxValue) ? (FaultCode.NumberRange, 0) : (FaultCode.None, (Int128)scaled);
    }

    private static Int128 ValueAt(ColumnVector vector, int place) => vector.ValueSize switch
    {
        sizeof(short) => vector.Values<short>()[place],
        sizeof(int) => vector.Values<int>()[place],
        sizeof(long) => vector.Values<long>()[place],
        _ => vector.Values<Int128>()[place],
    };

    private static FieldDefinition Field(DataType type, int precision = 0, int scale = 0) => new() { SystemName = "Price", DataType = type, Precision = precision, Scale = scale };
}
