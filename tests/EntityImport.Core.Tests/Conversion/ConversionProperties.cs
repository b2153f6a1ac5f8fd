using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using EntityImport.Conversion;
using EntityImport.Conversion.Dates;
using EntityImport.Conversion.Locales;
using EntityImport.Conversion.Numbers;
using EntityImport.Entities;
using EntityImport.Rows;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace EntityImport.Core.Tests.Conversion;

public sealed class ConversionProperties
{
    private static readonly Gen<LocaleData> Locales = Gen.Elements(LocaleTable.Ids).Select(id => LocaleData.Find(id)!);

    private static readonly Gen<string> DatePatterns =
        from date in Gen.Elements("yyyy-MM-dd", "dd.MM.yyyy", "M/d/yyyy", "yyyyMMdd", "d MMMM yyyy", "dd-MMM-yyyy", "EEEE, d MMM yyyy", "yyyy-DDD", "YYYY-'W'ww-u", "MMM d, y G", "LLLL d yyyy")
        from time in Gen.Elements("HH:mm:ss.SSSSSS", "HHmmssSSSSSS", "kk:mm:ss,SSSSSS", "h:mm:ss.SSSSSS a", "KK:mm:ss.SSSSSS a")
        from zone in Gen.Elements("", "X", " Z", " z", "XXX")
        select $"{date}'T'{time}{zone}";

    private static readonly Gen<long> Instants =
        from day in Gen.Choose(-719_162, 2_932_896)
        from second in Gen.Choose(0, 86_399)
        from microsecond in Gen.Choose(0, 999_999)
        select (day * 86_400L + second) * 1_000_000 + microsecond;

    private static readonly Gen<string> Texts = Gen.OneOf(
        ArbMap.Default.GeneratorFor<string>().Where(text => text is not null),
        Gen.Elements("0123456789", ".,'()%$€-+eE:/", " \u00A0\u202F\t", "JanMai", "AMPMZGMTUTC", "年月日", "\uD83D", "\0").ArrayOf().Select(string.Concat),
        Gen.Elements("0123456789.,'()%$-+eE:/ aJZ".ToCharArray()).ArrayOf().Select(letters => new string(letters)));

    [Fact]
    public void What_a_pattern_writes_it_reads()
    {
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(2_000), Prop.ForAll(
            Arb.From(Locales.Zip(DatePatterns).Zip(Instants)),
            input =>
            {
                var ((locale, text), instant) = (input.Item1, input.Item2);
                var pattern = DatePattern.Compile(text, locale, new DateOnly(1950, 1, 1));
                Assert.True(pattern.TryRead(Encoding.UTF8.GetBytes(pattern.Format(instant)), out var read), $"{locale.Id} {pattern.Format(instant)}");
                Assert.Equal(instant, read);
            }));
    }

    [Fact]
    public void A_decimal_written_with_the_symbols_of_a_locale_is_read()
    {
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(2_000), Prop.ForAll(
            Arb.From(Locales.Zip(ArbMap.Default.GeneratorFor<decimal>()).Zip(Gen.Choose(0, 3))),
            input =>
            {
                var ((locale, value), form) = (input.Item1, input.Item2);
                var symbols = new NumberFormatInfo { NumberDecimalSeparator = locale.DecimalSeparator, NumberGroupSeparator = locale.GroupingSeparator };
                var number = value.ToString(form % 2 == 0 ? "#,##0.############################" : "0.############################", symbols);
                var text = form > 1 ? $"{number} {locale.CurrencySymbol}" : number;
                var scale = value == 0 ? 0 : Math.Min((int)value.Scale, 28);
                var syntax = new NumberSyntax(locale.DecimalSeparator, locale.GroupingSeparator, locale.CurrencySymbol, locale.PercentSymbol);
                var fault = new WideDecimalParser(syntax, new DecimalSize(38, 9)).Parse(Encoding.UTF8.GetBytes(text), out var read);
                var rounded = decimal.Round(value, 9);
                if (rounded == value) Assert.Equal(((FaultCode.None, (Int128)value * 1_000_000_000 + (Int128)((value - decimal.Truncate(value)) * 1_000_000_000))), (fault, read));
                else Assert.Equal(FaultCode.NumberScale, fault);
            }));
    }

    [Fact]
    public void Numbers_of_a_shape_that_is_known_are_scanned_like_those_of_a_new_one()
    {
        (string Decimal, string Grouping, string Currency, string Percent)[] symbols =
            [(".", ",", "$", "%"), (",", ".", "€", "%"), (",", "\u202F", "kr", "%"), (".", "'", "CHF", "‰"), (".", "", "", ""), (".", ",", "R0", "%"), (".", ",", "E", "%")];
        var known = symbols.Select(s => new NumberSyntax(s.Decimal, s.Grouping, s.Currency, s.Percent)).ToArray();
        var texts = Gen.Elements("0", "1", "9", "12", "123", "234", "000", ",", ".", "'", " ", "$", "€", "kr", "CHF", "R0", "E", "%", "-", "+", "e", "(", ")", "\0", "\u202F")
            .ArrayOf().Select(string.Concat);
        Gen<(int, string)> Likely(int i) =>
            from sign in Gen.Elements("", "", "-", "+", "(")
            from before in Gen.Elements("", "", symbols[i].Currency, symbols[i].Percent, symbols[i].Currency + " ")
            from whole in Gen.Elements("0", "1", "12", "123", "1234", "")
            from groups in Gen.Elements("", "234", "34", "234#567").Select(text => text.Length == 0 ? "" : symbols[i].Grouping + text.Replace("#", symbols[i].Grouping, StringComparison.Ordinal))
            from decimals in Gen.Elements("", "", "0", "25", "e1").Select(text => text.Length == 0 ? "" : symbols[i].Decimal + text)
            from behind in Gen.Elements("", "", "", symbols[i].Percent, " " + symbols[i].Currency, ")", "e2")
            select (i, sign + before + whole + groups + decimals + behind);
        var inputs = from i in Gen.Choose(0, symbols.Length - 1)
                     from input in Gen.OneOf(texts.Select(text => (i, text)), Likely(i))
                     select input;
        var scannedFast = 0;
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(20_000), Prop.ForAll(
            Arb.From(inputs.Zip(Gen.Choose(0, 9))),
            input =>
            {
                var ((i, text), shift) = input;
                // The first text teaches its shape, the second has other digits in the same places; a new syntax has nothing learned.
                known[i].TryScan(Encoding.UTF8.GetBytes(text), out _);
                var bytes = Encoding.UTF8.GetBytes(string.Concat(text.Select(c => char.IsAsciiDigit(c) ? (char)('0' + (c - '0' + shift) % 10) : c)));
                if (!known[i].TryScanKnown(bytes, out var mantissa, out var exponent, out var isNegative)) return;
                scannedFast++;
                var s = symbols[i];
                Assert.True(new NumberSyntax(s.Decimal, s.Grouping, s.Currency, s.Percent).TryScan(bytes, out var number), text);
                Assert.Equal((number.Mantissa, number.Exponent, number.IsNegative), (mantissa, exponent, isNegative));
            }));
        Assert.InRange(scannedFast, 200, 20_000);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Random_bytes_are_refused_or_are_the_number_that_the_grammar_says(bool trailingMinus)
    {
        string[] others = trailingMinus ? ["US$", "zł"] : [];
        (string Decimal, string Grouping, string Currency, string Percent)[] symbols =
            [(".", ",", "$", "%"), (",", ".", "€", "%"), (",", "\u202F", "kr", "%"), (".", "'", "CHF", "‰"), (".", "", "", ""), (",", " ", "R$", "%")];
        var scanners = symbols.Select(s => new NumberSyntax(s.Decimal, s.Grouping, s.Currency, s.Percent, others, trailingMinus)).ToArray();
        var grammars = symbols.Select(s => new NumberGrammar(s.Decimal, s.Grouping, s.Currency, s.Percent, others, trailingMinus)).ToArray();
        Gen<string> Near(int i) =>
            from parts in Gen.Elements(
                "0", "1", "12", "123", "000", "4567", symbols[i].Decimal, symbols[i].Grouping, symbols[i].Currency, symbols[i].Percent, "-", "+", "\u2212", " ", "\u00A0", "e", "E3", "(", ")", "٣", "US$")
                .ArrayOf()
            select string.Concat(parts.Take(7));
        var bytes = ArbMap.Default.GeneratorFor<byte[]>().Where(b => b is not null);
        var inputs = from i in Gen.Choose(0, symbols.Length - 1)
                     from input in Gen.OneOf(bytes, Near(i).Select(Encoding.UTF8.GetBytes), Near(i).Select(Encoding.UTF8.GetBytes))
                     select (i, input);
        var strict = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
        var numbers = 0;
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(30_000), Prop.ForAll(Arb.From(inputs), input =>
        {
            var (i, text) = input;
            (System.Numerics.BigInteger, int, bool)? expected;
            try
            {
                expected = grammars[i].Read(strict.GetString(text));
            }
            catch (DecoderFallbackException)
            {
                expected = null;
            }

            var isNumber = scanners[i].TryScan(text, out var number);
            Assert.True(isNumber == expected.HasValue, $"'{Encoding.UTF8.GetString(text)}' with {symbols[i]}");
            if (!isNumber) return;
            numbers++;
            if (!number.IsLong) Assert.Equal(expected, (number.Mantissa, number.Exponent, number.IsNegative));
        }));
        Assert.InRange(numbers, 300, 30_000);
    }

    [Fact]
    public unsafe void Numbers_are_read_wherever_they_lie_in_memory()
    {
        // Two pages: what is read at their border must not depend on what stands behind a text, and texts at the end must not be read beyond.
        const int Page = 4096;
        var memory = (byte*)NativeMemory.AlignedAlloc(2 * Page, Page);
        try
        {
            new Span<byte>(memory, 2 * Page).Fill((byte)'7');
            var syntax = new NumberSyntax(".", ",", "$", "%");
            foreach (var (text, number) in ((string, decimal)[])[("5", 5), ("-12", -12), ("$1,234.56", 1234.56m), ("1234567890123456", 1234567890123456), ("99.9%", 0.999m)])
            {
                for (var start = Page - 20; start <= Page + 4; start++) Check(start);
                Check(2 * Page - text.Length);

                void Check(int start)
                {
                    var bytes = new Span<byte>(memory + start, text.Length);
                    Encoding.ASCII.GetBytes(text, bytes);
                    var fault = new DecimalParser<long>(syntax, new DecimalSize(18, 2)).Parse(bytes, out var value);
                    var expected = decimal.Round(number, 2) == number ? FaultCode.None : FaultCode.NumberScale;
                    Assert.Equal(expected, fault);
                    if (fault == FaultCode.None) Assert.Equal(number * 100, value);
                    if (number == decimal.Truncate(number))
                    {
                        Assert.Equal(FaultCode.None, new IntegerParser(syntax).Parse(bytes, out var whole));
                        Assert.Equal(number, whole);
                    }

                    bytes.Fill((byte)'7');
                }
            }
        }
        finally
        {
            NativeMemory.AlignedFree(memory);
        }
    }

    [Fact]
    public void No_text_makes_a_converter_throw()
    {
        var converters = Enum.GetValues<DataType>()
            .SelectMany(type => new[] { Values.Field(type, 18, 4, 10), Values.Field(type, 38, 10) })
            .Where(field => field.IsDecimal || field.Precision == 18)
            .SelectMany(field => new[] { "yyyy-MM-dd HH:mm:ss", "EEE d MMM yy h:mm a z", "HHmmssSSSX" }, (field, pattern) => field.DataType == DataType.Date && pattern[0] == 'H'
                ? FieldConverters.Create(field, Values.UnitedStates)
                : FieldConverters.Create(field, Values.UnitedStates, pattern))
            .ToArray();
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(2_000), Prop.ForAll(Arb.From(Texts), text =>
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            foreach (var converter in converters)
            {
                var fault = converter.Check(bytes);
                if (fault != FaultCode.None) Assert.NotEmpty(RejectionReasons.Compose(fault, converter.Field, converter, bytes));
            }
        }));
    }

    [Fact]
    public void No_text_makes_a_pattern_throw_anything_but_its_own_fault()
    {
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(5_000), Prop.ForAll(
            Arb.From(Gen.OneOf(Texts, Gen.Elements((PatternLexer.Letters + "'-: .").ToCharArray()).ArrayOf().Select(letters => new string(letters)))),
            pattern =>
            {
                try
                {
                    var compiled = DatePattern.Compile(pattern, LocaleData.Find("en-US")!, new DateOnly(1950, 1, 1));
                    _ = compiled.TryRead(Encoding.UTF8.GetBytes(compiled.Format(1_735_689_598_123_456)), out _);
                }
                catch (DatePatternException fault)
                {
                    Assert.InRange(fault.Position, 1, Math.Max(pattern.Length, 1));
                }
            }));
    }
}
