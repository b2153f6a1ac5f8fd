using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;
using EntityImport.Conversion.Locales;
using EntityImport.Conversion.Numbers;
using EntityImport.Core.Tests.Conversion;
using EntityImport.Entities;
using EntityImport.Mappings;
using Xunit;

namespace EntityImport.Core.Tests.Mappings;

/// <summary>Which symbols of numbers a mapping may be saved with: those by which every text is one number at most.</summary>
public sealed class SymbolTests
{
    private static readonly EntityDefinition Entity = new()
    {
        SystemName = "e",
        Fields = [new FieldDefinition { SystemName = "n", DataType = DataType.Decimal, Precision = 38, Scale = 10 }],
    };

    [Theory]
    [InlineData("decimalSeparator", "-")]
    [InlineData("decimalSeparator", "+")]
    [InlineData("decimalSeparator", "\u2212")]
    [InlineData("decimalSeparator", "e")]
    [InlineData("decimalSeparator", "E")]
    [InlineData("decimalSeparator", "(")]
    [InlineData("decimalSeparator", " ")]
    [InlineData("decimalSeparator", "\u00A0")]
    [InlineData("decimalSeparator", "\u0663")]
    [InlineData("groupingSeparator", "-")]
    [InlineData("groupingSeparator", "e")]
    [InlineData("groupingSeparator", ")")]
    [InlineData("currencySymbol", "-")]
    [InlineData("currencySymbol", "-$")]
    [InlineData("currencySymbol", "$-")]
    [InlineData("currencySymbol", "+")]
    [InlineData("currencySymbol", "(")]
    [InlineData("currencySymbol", "(x)")]
    [InlineData("currencySymbol", ".")]
    [InlineData("currencySymbol", ",")]
    [InlineData("currencySymbol", " ")]
    [InlineData("currencySymbol", "%.")]
    [InlineData("currencySymbol", "% ")]
    [InlineData("percentSymbol", "-")]
    [InlineData("percentSymbol", "x$")]
    [InlineData("percentSymbol", ".")]
    public void A_symbol_that_numbers_consist_of_anyway_is_refused_where_it_stands(string member, string symbol) =>
        Assert.Equal([$"definition.{member}"], Faults(new Dictionary<string, string> { [member] = symbol }).Select(fault => fault.Path).Distinct());

    [Theory]
    [InlineData("'", "\u2019")]
    [InlineData("\u2019", "'")]
    public void Apostrophes_are_the_same_so_that_they_cannot_both_separate(string point, string grouping) =>
        Assert.Equal(
            ["definition.groupingSeparator"],
            Faults(new Dictionary<string, string> { ["decimalSeparator"] = point, ["groupingSeparator"] = grouping }).Select(fault => fault.Path));

    [Theory]
    [InlineData("lei")]
    [InlineData("EUR")]
    [InlineData("E")]
    [InlineData("Fr.")]
    [InlineData("kr.")]
    [InlineData(".-")]
    [InlineData(".--")]
    [InlineData("$\u00A0CA")]
    [InlineData("US$")]
    public void A_symbol_that_only_looks_like_a_part_of_a_number_is_taken(string symbol) =>
        Assert.Empty(Faults(new Dictionary<string, string> { ["currencySymbol"] = symbol }));

    [Fact]
    public void The_symbols_of_every_locale_are_taken_left_out_and_stated()
    {
        var ids = LocaleTable.Ids.Concat(PlatformLocales.IsAvailable ? PlatformLocales.Ids : []).ToList();
        Assert.InRange(ids.Count, 54, int.MaxValue);
        foreach (var id in ids)
        {
            var locale = LocaleData.Find(id)!;
            Assert.True(Faults(new Dictionary<string, string> { ["locale"] = id }).Count == 0, id);
            var faults = Faults(new Dictionary<string, string>
            {
                ["locale"] = id,
                ["decimalSeparator"] = locale.DecimalSeparator,
                ["groupingSeparator"] = locale.GroupingSeparator,
                ["currencySymbol"] = locale.CurrencySymbol,
                ["percentSymbol"] = locale.PercentSymbol,
            });
            Assert.True(faults.Count == 0, $"{id}: {string.Join(' ', faults)}");
        }
    }

    [Fact]
    public void With_symbols_that_are_taken_no_text_is_two_numbers()
    {
        string[] points = [".", ",", "'", "x", "\u00B7", "-", "e", " "];
        string[] groups = ["", ",", ".", " ", "'", "\u2019", "x", "-", "E"];
        string[] affixes =
        [
            "$", "%", "x", "e", "E", "-", "+", ",-", ".-", ".--", "x-", "-x", "x+", ".", ",", " ", " x", "x ", "(", ")", "e-", "E+", "x.", ".x", "..", ",.", "ex", "xe",
            "%.", ".%", "% ", "%-", "'", "\u2019", "\u2019-", "x(", "Fr.", "lei",
        ];
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        var taken = 0;
        var numbers = 0;
        for (var i = 0; i < 800; i++)
        {
            var (point, grouping, currency, percent) = (Any(points), Any(groups), Any(affixes), Any(affixes));
            if (point == grouping || currency == percent || Faults(new Dictionary<string, string>
            {
                ["decimalSeparator"] = point,
                ["groupingSeparator"] = grouping,
                ["currencySymbol"] = currency,
                ["percentSymbol"] = percent,
            }).Count > 0) continue;
            taken++;
            var grammar = new NumberGrammar(point, grouping, currency, percent);
            var syntax = new NumberSyntax(point, grouping, currency, percent);
            string[] tokens = ["1", "234", "5", point, grouping, currency, percent, currency, percent, "-", "+", "e", " ", "(", ")", currency[..1], percent[^1..]];
            for (var t = 0; t < 150; t++)
            {
                var text = string.Concat(Enumerable.Range(0, random.Next(1, 6)).Select(_ => Any(tokens)));
                var readings = grammar.ReadAll(text).Select(Normalize).Distinct().ToList();
                var what = $"'{text}' with decimal '{point}', grouping '{grouping}', currency '{currency}', percent '{percent}' (seed {seed})";
                Assert.True(readings.Count <= 1, $"{what} is {string.Join(" and ", readings)}");
                var isRead = syntax.TryScan(Encoding.UTF8.GetBytes(text), out var number);
                Assert.True(isRead == (readings.Count == 1), $"{what} is read: {isRead}");
                if (!isRead) continue;
                numbers++;
                Assert.True(readings[0] == Normalize((number.Mantissa, number.Exponent, number.IsNegative)), what);
            }
        }

        Assert.InRange(taken, 20, 800);
        Assert.InRange(numbers, 200, int.MaxValue);

        string Any(string[] from) => from[random.Next(from.Length)];
    }

    private static string Normalize((BigInteger Mantissa, int Exponent, bool IsNegative) number)
    {
        if (number.Mantissa.IsZero) return "0";
        while (number.Mantissa % 10 == 0) number = (number.Mantissa / 10, number.Exponent + 1, number.IsNegative);
        return string.Create(CultureInfo.InvariantCulture, $"{(number.IsNegative ? "-" : "")}{number.Mantissa}e{number.Exponent}");
    }

    private static IReadOnlyList<RequestFault> Faults(Dictionary<string, string> definition)
    {
        var faults = new RequestFaults();
        ImportDefinitionReader.Read(JsonSerializer.SerializeToElement(new { entitySystemName = "e", definition }), Entity, faults, new Limits());
        return faults.Told;
    }
}
