using System.Globalization;
using System.Numerics;
using System.Text;
using EntityImport.Rows;
using Xunit;

namespace EntityImport.Core.Tests.Conversion;

public sealed class NumberVectorTests
{
    [Fact]
    public void Every_decimal_is_read_exactly()
    {
        var disagreements = new List<string>();
        foreach (var row in VectorFile.Rows("numbers.tsv"))
        {
            // As many decimals as the value has, so that it fits if it is read.
            var expected = row["expected"];
            var scale = expected.Contains('.', StringComparison.Ordinal) ? expected.Length - expected.IndexOf('.', StringComparison.Ordinal) - 1 : 0;
            var actual = Read(row, 38, scale);
            if (actual != expected) disagreements.Add($"{Describe(row)}: expected {expected}, was {actual}");
            if (Narrow(expected, scale) is { } precision && Read(row, precision, scale) is var narrow && narrow != expected)
                disagreements.Add($"{Describe(row)} as DECIMAL({precision},{scale}): expected {expected}, was {narrow}");
        }

        VectorFile.AssertNone(disagreements);
    }

    [Theory]
    [InlineData("numbers.tsv")]
    [InlineData("numbers-wide.tsv")]
    public void Every_double_is_the_nearest(string file)
    {
        var disagreements = new List<string>();
        foreach (var row in VectorFile.Rows(file))
        {
            var fault = new EntityImport.Conversion.Numbers.DoubleParser(Values.Syntax(row)).Parse(Encoding.UTF8.GetBytes(row["input"]), out var value);
            var expected = double.TryParse(row["expected"], NumberStyles.Float, CultureInfo.InvariantCulture, out var nearest) ? nearest : double.NaN;
            var isRight = double.IsNaN(expected) ? fault == FaultCode.NumberFormat
                : double.IsInfinity(expected) ? fault == FaultCode.NumberRange
                : fault == FaultCode.None && value.Equals(expected + 0.0);
            if (!isRight) disagreements.Add($"{Describe(row)}: expected {row["expected"]}, was {fault} {value}");
        }

        VectorFile.AssertNone(disagreements);
    }

    [Theory]
    [InlineData("numbers.tsv")]
    [InlineData("numbers-wide.tsv")]
    public void Every_whole_number_of_64_bits_is_read_as_an_integer(string file)
    {
        var disagreements = new List<string>();
        foreach (var row in VectorFile.Rows(file))
        {
            var fault = new EntityImport.Conversion.Numbers.IntegerParser(Values.Syntax(row)).Parse(Encoding.UTF8.GetBytes(row["input"]), out var value);
            var actual = fault == FaultCode.None ? value.ToString(CultureInfo.InvariantCulture) : fault.ToString();
            var expected = row["expected"] switch
            {
                "REJECT" => nameof(FaultCode.NumberFormat),
                var text when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _) => text,
                var text => BigInteger.Abs(BigInteger.Parse(text.Split('.')[0], CultureInfo.InvariantCulture)) > long.MaxValue
                    ? nameof(FaultCode.NumberRange)
                    : nameof(FaultCode.NumberScale),
            };
            if (actual != expected) disagreements.Add($"{Describe(row)}: expected {expected}, was {actual}");
        }

        VectorFile.AssertNone(disagreements);
    }

    [Fact]
    public void No_decimal_holds_a_wide_number()
    {
        var disagreements = new List<string>();
        foreach (var row in VectorFile.Rows("numbers-wide.tsv"))
        {
            for (var scale = 0; scale <= 38; scale++)
            {
                var fault = Values.Decimal(row, 38, scale).Check(Encoding.UTF8.GetBytes(row["input"]));
                if (fault is not (FaultCode.NumberRange or FaultCode.NumberScale)) disagreements.Add($"{Describe(row)} with scale {scale}: {fault}");
            }
        }

        VectorFile.AssertNone(disagreements);
    }

    private static string Read(IReadOnlyDictionary<string, string> row, int precision, int scale)
    {
        var fault = Values.ReadDecimal(Values.Decimal(row, precision, scale), row["input"], out var value);
        return fault switch
        {
            FaultCode.None => Plain(value, scale),
            FaultCode.NumberFormat => "REJECT",
            _ => fault.ToString(),
        };
    }

    // The precision of a narrower type that holds the value, to run the narrow parsers too.
    private static int? Narrow(string expected, int scale)
    {
        var digits = Math.Max(expected.Count(char.IsAsciiDigit), scale);
        return expected != "REJECT" && digits <= 18 ? Math.Max(digits, 1) : null;
    }

    private static string Plain(Int128 value, int scale)
    {
        var digits = Int128.Abs(value).ToString(CultureInfo.InvariantCulture).PadLeft(scale + 1, '0');
        var text = scale == 0 ? digits : $"{digits[..^scale]}.{digits[^scale..]}";
        return (value < 0 ? "-" : "") + text;
    }

    private static string Describe(IReadOnlyDictionary<string, string> row) =>
        $"'{row["input"]}' ({row["decimalSeparator"]} {row["groupingSeparator"]} {row["currencySymbol"]} {row["percentSymbol"]})";
}
