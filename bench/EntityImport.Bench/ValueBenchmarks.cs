using System.Buffers.Text;
using System.Globalization;
using System.Text;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using EntityImport.Conversion.Dates;
using EntityImport.Conversion.Locales;
using EntityImport.Conversion.Numbers;
using EntityImport.Rows;

namespace EntityImport.Bench;

/// <summary>
/// Reading single values: this project from UTF-8 against the base library from UTF-16 (whole numbers: from UTF-8). Times are per value; each
/// benchmark reads <see cref="Count"/> different values and throws where one is not read.
/// </summary>
[MemoryDiagnoser]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory)]
[CategoriesColumn]
public class ValueBenchmarks
{
    private const int Count = 1024;

    private static readonly NumberSyntax Syntax = new(".", ",", "$", "%");
    private static readonly CultureInfo Culture = CultureInfo.GetCultureInfo("en-US");
    private static readonly DatePattern DateTimePattern = Compile("dd-MM-yyyy HH:mm:ss");
    private static readonly DatePattern DatePattern = Compile("dd-MM-yyyy");
    private static readonly DatePattern ShortPattern = Compile("M/d/yyyy");
    private static readonly DatePattern NamePattern = Compile("d MMM yyyy");

    private readonly IntegerParser _integer = new(Syntax);
    private readonly DecimalParser<long> _decimal = new(Syntax, new DecimalSize(18, 4));
    private readonly DoubleParser _double = new(Syntax);

    private readonly Sample _dateTimes = new(i => Day(i).AddSeconds(i * 7919).ToString("dd-MM-yyyy HH:mm:ss", CultureInfo.InvariantCulture));
    private readonly Sample _dates = new(i => Day(i).ToString("dd-MM-yyyy", CultureInfo.InvariantCulture));
    private readonly Sample _shortDates = new(i => Day(i).ToString("M/d/yyyy", CultureInfo.InvariantCulture));
    private readonly Sample _nameDates = new(i => Day(i).ToString("d MMM yyyy", CultureInfo.InvariantCulture));
    private readonly Sample _money = new(i => (1000 + i * 7.77m).ToString("$#,##0.00", CultureInfo.InvariantCulture));
    private readonly Sample _plain = new(i => (1000 + i * 7.77m).ToString("0.00", CultureInfo.InvariantCulture));
    private readonly Sample _percents = new(i => (i % 1000 / 10m).ToString("0.0", CultureInfo.InvariantCulture) + "%");
    private readonly Sample _integers = new(i => (i * 1_299_709L % 10_000_000).ToString(CultureInfo.InvariantCulture));

    [Benchmark(OperationsPerInvoke = Count), BenchmarkCategory("dd-MM-yyyy HH:mm:ss")]
    public long DateTimes()
    {
        var sum = 0L;
        for (var i = 0; i < Count; i++) sum += DateTimePattern.TryRead(_dateTimes.Utf8(i), out var value) ? value : Fail();
        return sum;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Count), BenchmarkCategory("dd-MM-yyyy HH:mm:ss")]
    public long DateTimesBase()
    {
        var sum = 0L;
        for (var i = 0; i < Count; i++) sum += ParseExact(_dateTimes.Utf16(i), "dd-MM-yyyy HH:mm:ss");
        return sum;
    }

    [Benchmark(OperationsPerInvoke = Count), BenchmarkCategory("dd-MM-yyyy")]
    public long Dates()
    {
        var sum = 0L;
        for (var i = 0; i < Count; i++) sum += DatePattern.TryRead(_dates.Utf8(i), out var value) ? value : Fail();
        return sum;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Count), BenchmarkCategory("dd-MM-yyyy")]
    public long DatesBase()
    {
        var sum = 0L;
        for (var i = 0; i < Count; i++) sum += ParseExact(_dates.Utf16(i), "dd-MM-yyyy");
        return sum;
    }

    [Benchmark(OperationsPerInvoke = Count), BenchmarkCategory("M/d/yyyy")]
    public long ShortDates()
    {
        var sum = 0L;
        for (var i = 0; i < Count; i++) sum += ShortPattern.TryRead(_shortDates.Utf8(i), out var value) ? value : Fail();
        return sum;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Count), BenchmarkCategory("M/d/yyyy")]
    public long ShortDatesBase()
    {
        var sum = 0L;
        for (var i = 0; i < Count; i++) sum += ParseExact(_shortDates.Utf16(i), "M/d/yyyy");
        return sum;
    }

    [Benchmark(OperationsPerInvoke = Count), BenchmarkCategory("d MMM yyyy")]
    public long NameDates()
    {
        var sum = 0L;
        for (var i = 0; i < Count; i++) sum += NamePattern.TryRead(_nameDates.Utf8(i), out var value) ? value : Fail();
        return sum;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Count), BenchmarkCategory("d MMM yyyy")]
    public long NameDatesBase()
    {
        var sum = 0L;
        for (var i = 0; i < Count; i++) sum += ParseExact(_nameDates.Utf16(i), "d MMM yyyy");
        return sum;
    }

    [Benchmark(OperationsPerInvoke = Count), BenchmarkCategory("$1,234.56")]
    public long Money()
    {
        var sum = 0L;
        for (var i = 0; i < Count; i++) sum += _decimal.Parse(_money.Utf8(i), out var value) == FaultCode.None ? value : Fail();
        return sum;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Count), BenchmarkCategory("$1,234.56")]
    public long MoneyBase()
    {
        var sum = 0L;
        for (var i = 0; i < Count; i++) sum += ParseDecimal(_money.Utf16(i));
        return sum;
    }

    [Benchmark(OperationsPerInvoke = Count), BenchmarkCategory("1234.56")]
    public long Plain()
    {
        var sum = 0L;
        for (var i = 0; i < Count; i++) sum += _decimal.Parse(_plain.Utf8(i), out var value) == FaultCode.None ? value : Fail();
        return sum;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Count), BenchmarkCategory("1234.56")]
    public long PlainBase()
    {
        var sum = 0L;
        for (var i = 0; i < Count; i++) sum += ParseDecimal(_plain.Utf16(i));
        return sum;
    }

    [Benchmark(OperationsPerInvoke = Count), BenchmarkCategory("12.5%")]
    public long Percents()
    {
        var sum = 0L;
        for (var i = 0; i < Count; i++) sum += _decimal.Parse(_percents.Utf8(i), out var value) == FaultCode.None ? value : Fail();
        return sum;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Count), BenchmarkCategory("12.5%")]
    public long PercentsBase()
    {
        var sum = 0L;
        for (var i = 0; i < Count; i++) sum += ParseDecimal(_percents.Utf16(i)[..^1]);
        return sum;
    }

    [Benchmark(OperationsPerInvoke = Count), BenchmarkCategory("double")]
    public long Doubles()
    {
        var sum = 0L;
        for (var i = 0; i < Count; i++) sum += _double.Parse(_plain.Utf8(i), out var value) == FaultCode.None ? (long)value : Fail();
        return sum;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Count), BenchmarkCategory("double")]
    public long DoublesBase()
    {
        var sum = 0L;
        for (var i = 0; i < Count; i++) sum += double.TryParse(_plain.Utf16(i), NumberStyles.Float, Culture, out var value) ? (long)value : Fail();
        return sum;
    }

    [Benchmark(OperationsPerInvoke = Count), BenchmarkCategory("integer")]
    public long Integers()
    {
        var sum = 0L;
        for (var i = 0; i < Count; i++) sum += _integer.Parse(_integers.Utf8(i), out var value) == FaultCode.None ? value : Fail();
        return sum;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Count), BenchmarkCategory("integer")]
    public long IntegersBase()
    {
        var sum = 0L;
        for (var i = 0; i < Count; i++) sum += Utf8Parser.TryParse(_integers.Utf8(i), out long value, out var read) && read == _integers.Utf8(i).Length ? value : Fail();
        return sum;
    }

    private static DatePattern Compile(string pattern) =>
        DatePattern.Compile(pattern, LocaleData.Find("en-US")!, new DateOnly(1950, 1, 1));

    private static DateTime Day(int i) => new DateTime(1995, 1, 1).AddDays(i * 13);

    private static long ParseExact(ReadOnlySpan<char> text, string format) =>
        DateTime.TryParseExact(text, format, CultureInfo.InvariantCulture, DateTimeStyles.None, out var value) ? value.Ticks : Fail();

    private static long ParseDecimal(ReadOnlySpan<char> text) =>
        decimal.TryParse(text, NumberStyles.Currency, Culture, out var value) ? (long)value : Fail();

    private static long Fail() => throw new InvalidOperationException("A value was not read.");

    /// <summary>The same values in UTF-8 and UTF-16, each side by side as in a file.</summary>
    private sealed class Sample
    {
        private readonly int[] _starts = new int[Count + 1];
        private readonly string _utf16;
        private readonly byte[] _utf8;

        public Sample(Func<int, string> value)
        {
            var text = new StringBuilder();
            for (var i = 0; i < Count; i++)
            {
                text.Append(value(i));
                _starts[i + 1] = text.Length;
            }

            _utf16 = text.ToString();
            _utf8 = Encoding.ASCII.GetBytes(_utf16);
        }

        public ReadOnlySpan<byte> Utf8(int i) => _utf8.AsSpan(_starts[i], _starts[i + 1] - _starts[i]);

        public ReadOnlySpan<char> Utf16(int i) => _utf16.AsSpan(_starts[i], _starts[i + 1] - _starts[i]);
    }
}
