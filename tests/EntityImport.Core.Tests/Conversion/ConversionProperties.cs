using System.Globalization;
using System.Text;
using EntityImport.Conversion;
using EntityImport.Conversion.Dates;
using EntityImport.Conversion.Locales;
using EntityImport.Conversion.Numbers;
using EntityImport.Entities;
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
    public void The_fast_way_to_scan_numbers_agrees_with_the_general_one()
    {
        var syntaxes = new[] { new NumberSyntax(".", ",", "$", "%"), new NumberSyntax(",", ".", "€", "%"), new NumberSyntax(",", "\u202F", "kr", "%"), new NumberSyntax(".", "'", "CHF", "‰"), new NumberSyntax(".", "", "", "") };
        var texts = Gen.Elements("0", "1", "9", "12", "123", "234", ",", ".", "'", " ", "$", "€", "kr", "CHF", "%", "-", "+", "e", "(", ")", "\0", "\u202F").ArrayOf().Select(string.Concat);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(20_000), Prop.ForAll(
            Arb.From(Gen.Elements(syntaxes).Zip(texts)),
            input =>
            {
                var bytes = Encoding.UTF8.GetBytes(input.Item2);
                if (!input.Item1.TryScanShort(bytes, out var mantissa, out var exponent, out var isNegative)) return;
                Assert.True(input.Item1.TryScan(bytes, out var number), input.Item2);
                Assert.Equal((number.Mantissa, number.Exponent, number.IsNegative), (mantissa, exponent, isNegative));
            }));
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
