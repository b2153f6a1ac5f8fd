using System.Buffers.Text;
using System.Globalization;
using System.Text;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using EntityImport.Conversion;
using EntityImport.Conversion.Dates;
using EntityImport.Conversion.Locales;
using EntityImport.Conversion.Numbers;

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
        foreach (var text in _dateTimes.Bytes) sum += DateTimePattern.TryRead(text, out var value) ? value : Fail();
        return sum;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Count), BenchmarkCategory("dd-MM-yyyy HH:mm:ss")]
    public long DateTimesBase()
    {
        var sum = 0L;
        foreach (var text in _dateTimes.Chars) sum += ParseExact(text, "dd-MM-yyyy HH:mm:ss");
        return sum;
    }

    [Benchmark(OperationsPerInvoke = Count), BenchmarkCategory("dd-MM-yyyy")]
    public long Dates()
    {
        var sum = 0L;
        foreach (var text in _dates.Bytes) sum += DatePattern.TryRead(text, out var value) ? value : Fail();
        return sum;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Count), BenchmarkCategory("dd-MM-yyyy")]
    public long DatesBase()
    {
        var sum = 0L;
        foreach (var text in _dates.Chars) sum += ParseExact(text, "dd-MM-yyyy");
        return sum;
    }

    [Benchmark(OperationsPerInvoke = Count), BenchmarkCategory("M/d/yyyy")]
    public long ShortDates()
    {
        var sum = 0L;
        foreach (var text in _shortDates.Bytes) sum += ShortPattern.TryRead(text, out var value) ? value : Fail();
        return sum;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Count), BenchmarkCategory("M/d/yyyy")]
    public long ShortDatesBase()
    {
        var sum = 0L;
        foreach (var text in _shortDates.Chars) sum += ParseExact(text, "M/d/yyyy");
        return sum;
    }

    [Benchmark(OperationsPerInvoke = Count), BenchmarkCategory("d MMM yyyy")]
    public long NameDates()
    {
        var sum = 0L;
        foreach (var text in _nameDates.Bytes) sum += NamePattern.TryRead(text, out var value) ? value : Fail();
        return sum;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Count), BenchmarkCategory("d MMM yyyy")]
    public long NameDatesBase()
    {
        var sum = 0L;
        foreach (var text in _nameDates.Chars) sum += ParseExact(text, "d MMM yyyy");
        return sum;
    }

    [Benchmark(OperationsPerInvoke = Count), BenchmarkCategory("$1,234.56")]
    public long Money()
    {
        var sum = 0L;
        foreach (var text in _money.Bytes) sum += _decimal.Parse(text, out var value) == FaultCode.None ? value : Fail();
        return sum;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Count), BenchmarkCategory("$1,234.56")]
    public long MoneyBase()
    {
        var sum = 0L;
        foreach (var text in _money.Chars) sum += ParseDecimal(text);
        return sum;
    }

    [Benchmark(OperationsPerInvoke = Count), BenchmarkCategory("1234.56")]
    public long Plain()
    {
        var sum = 0L;
        foreach (var text in _plain.Bytes) sum += _decimal.Parse(text, out var value) == FaultCode.None ? value : Fail();
        return sum;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Count), BenchmarkCategory("1234.56")]
    public long PlainBase()
    {
        var sum = 0L;
        foreach (var text in _plain.Chars) sum += ParseDecimal(text);
        return sum;
    }

    [Benchmark(OperationsPerInvoke = Count), BenchmarkCategory("12.5%")]
    public long Percents()
    {
        var sum = 0L;
        foreach (var text in _percents.Bytes) sum += _decimal.Parse(text, out var value) == FaultCode.None ? value : Fail();
        return sum;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Count), BenchmarkCategory("12.5%")]
    public long PercentsBase()
    {
        var sum = 0L;
        foreach (var text in _percents.Chars) sum += ParseDecimal(text.AsSpan(0, text.Length - 1));
        return sum;
    }

    [Benchmark(OperationsPerInvoke = Count), BenchmarkCategory("double")]
    public long Doubles()
    {
        var sum = 0L;
        foreach (var text in _plain.Bytes) sum += _double.Parse(text, out var value) == FaultCode.None ? (long)value : Fail();
        return sum;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Count), BenchmarkCategory("double")]
    public long DoublesBase()
    {
        var sum = 0L;
        foreach (var text in _plain.Chars) sum += double.TryParse(text, NumberStyles.Float, Culture, out var value) ? (long)value : Fail();
        return sum;
    }

    [Benchmark(OperationsPerInvoke = Count), BenchmarkCategory("integer")]
    public long Integers()
    {
        var sum = 0L;
        foreach (var text in _integers.Bytes) sum += _integer.Parse(text, out var value) == FaultCode.None ? value : Fail();
        return sum;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Count), BenchmarkCategory("integer")]
    public long IntegersBase()
    {
        var sum = 0L;
        foreach (var text in _integers.Bytes) sum += Utf8Parser.TryParse(text, out long value, out var read) && read == text.Length ? value : Fail();
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

    /// <summary>The same values in UTF-8 and UTF-16.</summary>
    private sealed class Sample
    {
        public Sample(Func<int, string> value)
        {
            Chars = [.. Enumerable.Range(0, Count).Select(value)];
            Bytes = [.. Chars.Select(Encoding.UTF8.GetBytes)];
        }

        public byte[][] Bytes { get; }

        public string[] Chars { get; }
    }
}
