using System.Text;
using System.Text.RegularExpressions;
using EntityImport.Conversion;
using EntityImport.Conversion.Texts;
using EntityImport.Csv;
using EntityImport.Entities;
using EntityImport.Rows;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace EntityImport.Core.Tests.Conversion;

/// <summary>What happens to a text before it is converted: unwrap, normalize, null values, zero values, value map, convert.</summary>
public sealed partial class TextStepsTests
{
    private static readonly ValueFormat Unwrapping = Values.UnitedStates with { UnwrapsSpreadsheetText = true };

    [Theory]
    [InlineData("=\"00123\"", "00123")]
    [InlineData("=\"a\"\"b\"", "a\"b")]
    [InlineData("'-4", "-4")]
    [InlineData("'00123", "00123")]
    [InlineData("'=1+1", "=1+1")]
    [InlineData("'€5", "€5")]
    [InlineData("''", "'")]
    [InlineData("'s-Hertogenbosch", "'s-Hertogenbosch")]
    [InlineData("'Ōsaka", "'Ōsaka")]
    [InlineData("'", "'")]
    [InlineData("=\"", "=\"")]
    [InlineData("=\"a\"&\"b\"", "=\"a\"&\"b\"")]
    [InlineData("=1+1", "=1+1")]
    [InlineData("'='1'", "='1'")]
    public void A_cell_of_a_spreadsheet_is_read_as_its_text(string text, string expected)
    {
        Assert.Equal(expected, ReadString(text, Unwrapping, TextRules.None));
        Assert.Equal(text, ReadString(text, Values.UnitedStates, TextRules.None));
    }

    [Fact]
    public void An_empty_cell_of_a_spreadsheet_is_null() => Assert.Null(ReadString("=\"\"", Unwrapping, TextRules.None));

    [Theory]
    [InlineData(TextNormalization.Trim, "\u00A0\t A\u2003b \u3000\r\n", "A\u2003b")]
    [InlineData(TextNormalization.Trim, " a\u200B ", "a\u200B")]
    [InlineData(TextNormalization.Invisible, "\uFEFFA\u200B\u00ADb\u2060\u0007\u00A0 \t", "Ab\u00A0 \t")]
    [InlineData(TextNormalization.Nfc, "e\u0301\u212B\uFFFEe\u0301", "é\u00C5\uFFFEé")]
    [InlineData(TextNormalization.Upper, "straße ıi\u00E9ω", "STRAßE ıI\u00C9Ω")]
    public void Texts_are_made_alike(TextNormalization step, string text, string expected)
    {
        var rules = new TextRules { Normalize = [step] };
        Assert.Equal(expected, ReadString(text, Values.UnitedStates, rules));
        Assert.Equal(expected, ReadString(expected, Values.UnitedStates, rules));
    }

    [Fact]
    public void Steps_of_normalization_are_done_in_one_order_however_they_are_stated()
    {
        var steps = Enum.GetValues<TextNormalization>();
        foreach (var rules in new[] { steps, [.. steps.Reverse()] })
            Assert.Equal("\u01F0", ReadString("\u200B j\u200B\u030C ", Values.UnitedStates, new TextRules { Normalize = rules }));
    }

    [Fact]
    public void Bytes_that_are_no_text_are_refused_as_ever()
    {
        var converter = FieldConverters.Create(Values.Field(DataType.String), Unwrapping, rules: new TextRules { Normalize = Enum.GetValues<TextNormalization>() });
        Assert.Equal(FaultCode.StringEncoding, Values.Convert(converter, [(byte)'a', 0xFF], out _));
    }

    [Fact]
    public void A_field_s_own_words_replace_those_of_the_definition()
    {
        var format = Values.UnitedStates with { NullValues = ["NA"], ZeroValues = ["-"] };
        Assert.Null(ReadString("NA", format, TextRules.None));
        Assert.Equal("NA", ReadString("NA", format, new TextRules { NullValues = [] }));
        Assert.Null(ReadString("n/a", format, new TextRules { NullValues = ["n/a"] }));
        Assert.Equal("NA", ReadString("NA", format, new TextRules { NullValues = ["n/a"] }));
        Assert.Equal(0, ReadNumber("-", format, TextRules.None));
        Assert.Null(ReadNumber("-", format, new TextRules { ZeroValues = ["nil"] }));
        Assert.Equal(0, ReadNumber("nil", format, new TextRules { ZeroValues = ["nil"] }));
    }

    [Theory]
    [InlineData("-", 0)]
    [InlineData("$ -", 0)]
    [InlineData(" $   -  ", 0)]
    [InlineData("-\u00A0€", 0)]
    [InlineData("$5", 500)]
    [InlineData("€ 1,234.56", 123456)]
    [InlineData("5 €", 500)]
    [InlineData("1,234.56-", -123456)]
    [InlineData("5 $-", -500)]
    [InlineData("$ 5 \u2212", -500)]
    [InlineData("5- €", -500)]
    [InlineData("-5-", null)]
    [InlineData("(5-)", null)]
    [InlineData("(5)", -500)]
    [InlineData("$", null)]
    [InlineData("£ -", null)]
    public void Accounting_cells_are_numbers_where_the_definition_says_so(string text, int? expected)
    {
        var format = Values.UnitedStates with { ZeroValues = ["-"], OtherCurrencySymbols = ["€"], TrailingMinus = true };
        Assert.Equal(expected, ReadNumber(text, format, TextRules.None));
        // What only the definition allows is refused without it.
        Assert.Equal(text is "$5" or "(5)" ? expected : null, ReadNumber(text, Values.UnitedStates, TextRules.None));
    }

    [Fact]
    public void A_text_is_what_it_stands_for_and_that_is_looked_at_no_more()
    {
        var format = Values.UnitedStates with { NullValues = ["NA"], ZeroValues = ["-"] };
        var rules = new TextRules { Normalize = [TextNormalization.Upper], ValueMap = new Dictionary<string, string?> { ["Namibia"] = "NA", ["none"] = null, ["NA2"] = "NONE" } };
        Assert.Equal("NA", ReadString("NAMIBIA", format, rules));
        Assert.Null(ReadString("None", format, rules));
        Assert.Equal("NONE", ReadString("na2", format, rules));
        Assert.Null(ReadString("na", format, rules));
        var numbers = new TextRules { ValueMap = new Dictionary<string, string?> { ["few"] = "3", ["0"] = "9" } };
        Assert.Equal(300, ReadNumber("few", format, numbers));
        Assert.Equal(0, ReadNumber("-", format, numbers));
    }

    [Fact]
    public void Spaces_inside_quotes_are_cut_around_numbers_dates_and_booleans_and_stay_in_texts()
    {
        Assert.Equal(FaultCode.None, ReadFile("\" 5 \"", DataType.Integer, trims: true, out var number));
        Assert.Equal(5, number.Values<long>()[0]);
        Assert.Equal(FaultCode.None, ReadFile("\"\t2024-12-31\"", DataType.Date, trims: true, out _));
        Assert.Equal(FaultCode.None, ReadFile(" \"true \" ", DataType.Boolean, trims: true, out _));
        Assert.Equal(FaultCode.None, ReadFile("\"  \"", DataType.Integer, trims: true, out var nothing));
        Assert.True(nothing.IsNull(0));
        Assert.Equal(FaultCode.None, ReadFile("\" 5 \"", DataType.String, trims: true, out var text));
        Assert.Equal(3, text.Values<TextSpan>()[0].Length);
        Assert.Equal(FaultCode.NumberFormat, ReadFile("\" 5 \"", DataType.Integer, trims: false, out _));
    }

    /// <summary>The order of the steps, told once more and plainly, for any texts and rules.</summary>
    [Fact]
    public void Any_text_goes_through_the_steps_in_their_order()
    {
        var words = Gen.Elements("-", "NA", "na", "N/A", "'-4", "=\"7\"", "7", " 7 ", "a", "A", "é", "e\u0301", "E\u0301", "a\u200B", "\u00A0a", "=\"a\"\"a\"", "'a", "ß", "");
        var lists = words.Where(word => word.Length > 0).ArrayOf().Select(list => list.Take(4).Distinct().ToArray());
        var maps = from keys in lists
                   from values in words.Select(word => word.Length == 0 ? null : word).ArrayOf(4)
                   select keys.Select((key, i) => (key, value: values[i])).ToArray();
        var inputs = from texts in words.ArrayOf(30)
                     from nulls in lists
                     from map in maps
                     from flags in Gen.Choose(0, 31)
                     select (texts, nulls, map, flags);
        var replaced = 0;
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(2_000), Prop.ForAll(Arb.From(inputs), input =>
        {
            var (texts, nulls, map, flags) = input;
            TextNormalization[] steps = [.. Enum.GetValues<TextNormalization>().Where(step => (flags >> (int)step & 1) != 0)];
            var format = Values.UnitedStates with { UnwrapsSpreadsheetText = (flags & 16) != 0, NullValues = [.. nulls], CutsSpaces = false };
            string Prepare(string text) => Normalized((flags & 16) != 0 ? Unwrapped(text) : text, steps);
            // Keys that become the same are refused when a mapping is saved.
            var rules = new TextRules { Normalize = steps, ValueMap = map.DistinctBy(pair => Prepare(pair.key)).ToDictionary(pair => pair.key, string? (pair) => pair.value) };
            foreach (var text in texts)
            {
                var prepared = Prepare(text);
                string? expected = prepared;
                if (prepared.Length == 0 || nulls.Select(Prepare).Contains(prepared)) expected = null;
                else foreach (var (key, value) in rules.ValueMap)
                    if (Prepare(key) == prepared) expected = value;
                if (expected != prepared) replaced++;
                Assert.Equal(expected, ReadString(text, format, rules));
            }
        }));
        Assert.InRange(replaced, 1_000, 60_000);
    }

    private static string Unwrapped(string text)
    {
        if (Formula().Match(text) is { Success: true } formula) return formula.Groups[1].Value.Replace("\"\"", "\"", StringComparison.Ordinal);
        return text.Length > 1 && text[0] == '\'' && !char.IsLetter(text[1]) ? text[1..] : text;
    }

    private static string Normalized(string text, TextNormalization[] steps)
    {
        if (steps.Contains(TextNormalization.Invisible)) text = text.Replace("\u200B", "", StringComparison.Ordinal);
        if (steps.Contains(TextNormalization.Nfc)) text = text.Normalize(NormalizationForm.FormC);
        if (steps.Contains(TextNormalization.Upper)) text = text.ToUpperInvariant();
        if (steps.Contains(TextNormalization.Nfc)) text = text.Normalize(NormalizationForm.FormC);
        return steps.Contains(TextNormalization.Trim) ? text.Trim() : text;
    }

    [GeneratedRegex("\\A=\"((?:[^\"]|\"\")*)\"\\z", RegexOptions.CultureInvariant)]
    private static partial Regex Formula();

    /// <summary>What a string field holds of a text; null where it is null.</summary>
    private static string? ReadString(string text, ValueFormat format, TextRules rules)
    {
        var converter = FieldConverters.Create(Values.Field(DataType.String), format, rules: rules);
        var batch = Batch(text, new CsvDialect(",", quote: '\uE000', trimSpaces: false));
        var (vector, faults) = (new ColumnVector(converter.Field), new RecordFaults());
        converter.Convert(batch, 0, 0, vector, faults);
        Assert.Empty(faults.All);
        if (vector.IsNull(0)) return null;
        var span = vector.Values<TextSpan>()[0];
        var source = span.Source == TextSource.Buffer ? batch.Buffer : batch.UnescapedText;
        return Encoding.UTF8.GetString(source.Span.Slice(span.Start, span.Length));
    }

    /// <summary>What a field of two decimals holds of a text, in hundredths; null where it is refused.</summary>
    private static int? ReadNumber(string text, ValueFormat format, TextRules rules)
    {
        var converter = FieldConverters.Create(Values.Field(DataType.Currency, 8, 2), format, rules: rules);
        return Values.Convert(converter, text, out var vector) == FaultCode.None && !vector.IsNull(0) ? vector.Values<int>()[0] : null;
    }

    private static FaultCode ReadFile(string field, DataType type, bool trims, out ColumnVector vector)
    {
        var converter = FieldConverters.Create(Values.Field(type), Values.UnitedStates);
        var faults = new RecordFaults();
        vector = new ColumnVector(converter.Field);
        converter.Convert(Batch(field, new CsvDialect(",", trimSpaces: trims)), 0, 0, vector, faults);
        return faults.All.Count == 0 ? FaultCode.None : faults.All[0].Code;
    }

    private static RecordBatch Batch(string field, CsvDialect dialect)
    {
        var text = Encoding.UTF8.GetBytes(field);
        var batch = new RecordBatch(dialect);
        batch.Clear(text, recordsBefore: 0, position: 0, lineNumber: 1);
        (batch.BoundStore(2)[0], batch.BoundStore(2)[1]) = (-1, text.Length);
        batch.AddRecord(firstBound: 0, lastBound: 1);
        return batch;
    }
}
