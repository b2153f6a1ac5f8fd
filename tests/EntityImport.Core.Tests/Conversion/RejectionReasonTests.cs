using System.Text;
using EntityImport.Conversion;
using EntityImport.Entities;
using EntityImport.Rows;
using Xunit;

namespace EntityImport.Core.Tests.Conversion;

public sealed class RejectionReasonTests
{
    [Theory]
    [InlineData("12,34", "Price: not a number of this format; ',' groups thousands here; is the decimal separator ','? (12,34)")]
    [InlineData("€5", "Price: not a number of this format; the currency symbol here is '$'; is it '€' in this file? (€5)")]
    [InlineData(" 5", "Price: not a number of this format; it has spaces around it ( 5)")]
    [InlineData("5-", "Price: not a number of this format; the minus sign stands behind the number, which trailingMinus reads (5-)")]
    [InlineData("1,234.56- $", "Price: not a number of this format; the minus sign stands behind the number, which trailingMinus reads (1,234.56- $)")]
    [InlineData("-", "Price: not a number of this format; if a dash stands for zero in this file, zeroValues says so (-)")]
    [InlineData("$ -", "Price: not a number of this format; if a dash stands for zero in this file, zeroValues says so ($ -)")]
    [InlineData("'4", "Price: not a number of this format; an apostrophe stands before it, as a spreadsheet writes what it must not change; spreadsheetText UNWRAP reads it without ('4)")]
    [InlineData("=\"4\"", "Price: not a number of this format; it is written as a formula, as for a spreadsheet that must not change it; spreadsheetText UNWRAP reads what is in the quotes (=\"4\")")]
    [InlineData("“4”", "Price: not a number of this format; it stands in the quotes “ and ”, which are not those of the file (“4”)")]
    [InlineData("$(5)", "Price: not a number of this format; the symbol stands outside of the parentheses ($(5))")]
    [InlineData("1 234", "Price: not a number of this format; it has a space inside (1 234)")]
    [InlineData("1\u2009234", "Price: not a number of this format; it has U+2009 inside (1[U+2009]234)")]
    [InlineData("1\u00A0234.5", "Price: not a number of this format; it has U+00A0 inside (1[U+00A0]234.5)")]
    [InlineData("4\u200B", "Price: not a number of this format; it has U+200B inside (4[U+200B])")]
    [InlineData("1O0", "Price: not a number of this format; the letter 'O' stands among the digits (1O0)")]
    [InlineData("l2.5", "Price: not a number of this format; the letter 'l' stands among the digits (l2.5)")]
    [InlineData("4.00638E+12", "Price: too large; at most 8 digits before the decimal separator; it has an exponent, as spreadsheets write long codes, whose last digits are lost then (4.00638E+12)")]
    [InlineData("five", "Price: not a number of this format; expected a number like 1,234.50, with at most 2 decimals and 10 digits in all (five)")]
    [InlineData("0.125", "Price: more than 2 decimals (0.125)")]
    [InlineData("1.234", "Price: more than 2 decimals; '.' is the decimal separator here; does it group thousands in this file? (1.234)")]
    [InlineData("123456789", "Price: too large; at most 8 digits before the decimal separator (123456789)")]
    public void A_refused_number_is_explained(string text, string expected) =>
        Assert.Equal(expected, Explain(Values.Field(DataType.Decimal, 10, 2), text));

    [Theory]
    [InlineData("31-12-2024", "Price: not a date of this format; expected a date like 2024-12-31 (yyyy-MM-dd); is the pattern 'dd-MM-yyyy'? (31-12-2024)")]
    [InlineData("2024-31-12", "Price: not a date of this format; expected a date like 2024-12-31 (yyyy-MM-dd); there is no such day; are day and month swapped ('yyyy-dd-MM')? (2024-31-12)")]
    [InlineData("2024-12-31 ", "Price: not a date of this format; expected a date like 2024-12-31 (yyyy-MM-dd); it has spaces around it (2024-12-31 )")]
    public void A_refused_date_is_explained(string text, string expected) =>
        Assert.Equal(expected, Explain(Values.Field(DataType.Date), text));

    [Fact]
    public void A_long_value_is_cut_and_stays_on_one_line()
    {
        var shown = RejectionReasons.Show(Encoding.UTF8.GetBytes("a\nb\t\u0001" + new string('ü', 100)));

        Assert.Equal("a\\nb\\t[U+0001]" + new string('ü', 75) + "…", shown);
    }

    [Theory]
    [InlineData(DataType.Date, "2024-12-31\u200B", "it has U+200B inside")]
    [InlineData(DataType.Date, "'2024-12-31", "an apostrophe stands before it")]
    [InlineData(DataType.Boolean, "“true”", "it stands in the quotes “ and ”")]
    public void What_is_put_around_or_into_other_values_is_told_too(DataType type, string text, string hint) => Assert.Contains(hint, Explain(Values.Field(type), text), StringComparison.Ordinal);

    [Theory]
    [InlineData(DataType.Date)]
    [InlineData(DataType.Integer)]
    [InlineData(DataType.String)]
    public void An_empty_value_has_one_reason(DataType type) => Assert.Equal("Price: is empty, but it is required", Explain(Values.Field(type, required: true), ""));

    [Theory]
    [InlineData("SKU-1\u200B", "SKU-1[U+200B]")]
    [InlineData("SKU-1\u00A0", "SKU-1[U+00A0]")]
    [InlineData("a\u0301\u2003b\u3000", "a\u0301[U+2003]b[U+3000]")]
    [InlineData("\uFEFFx\u202E\U000E0041\u0000\u001F\u007F\u0085", "[U+FEFF]x[U+202E][U+E0041][U+0000][U+001F][U+007F][U+0085]")]
    [InlineData("\u0600\u06DD \u05D0", "\u0600\u06DD \u05D0")]
    public void What_nobody_can_see_is_named_in_reasons_and_messages(string text, string shown)
    {
        Assert.Equal(shown, RejectionReasons.Show(text));
        Assert.Equal(shown, ShownText.Cut(text));
    }

    [Fact]
    public void Bytes_that_are_no_text_are_shown_as_their_numbers() =>
        Assert.Equal("a\\xFFb", RejectionReasons.Show([(byte)'a', 0xFF, (byte)'b']));

    [Fact]
    public void Reasons_of_records_and_keys_name_what_there_is_to_know()
    {
        Assert.Equal("the row has 1 field, the header 3 columns", RejectionReasons.RecordFields(3, 1));
        Assert.Equal("the quote that opened in line 7, column 12 does not close within the file or 1 MiB", RejectionReasons.RecordUnclosedQuote(7, 12));
        Assert.Equal("the quote that opened in line 7, column 12 does not close within its line, and multilineFields is false", RejectionReasons.RecordUnclosedQuote(7, 12, multilineFields: false));
        Assert.Equal("text follows the closing quote of the field that opened in line 7, column 12", RejectionReasons.RecordTextAfterQuote(7, 12));
        Assert.Equal("the key came already in row 5", RejectionReasons.KeyRepeated(5));
        Assert.Equal("a; b", RejectionReasons.Join(["a", "b"]));
    }

    [Fact]
    public void A_reason_stays_short_whatever_the_mapping_says()
    {
        string[] words = [.. Enumerable.Range(0, 1_000).Select(i => $"word {i}")];
        var boolean = FieldConverters.Create(Values.Field(DataType.Boolean), Values.UnitedStates with { TrueValues = [.. words] });
        var quoted = string.Concat(Enumerable.Repeat("\U0001F600", 2_000));
        var date = FieldConverters.Create(Values.Field(DataType.Date), Values.UnitedStates, $"dd-MM-yyyy'{quoted}'");
        var swapped = Encoding.UTF8.GetBytes($"12-31-2024{quoted}");

        var neither = RejectionReasons.Describe(FaultCode.BooleanFormat, boolean.Field, boolean, "x"u8);
        var noDate = RejectionReasons.Describe(date.Check(swapped), date.Field, date, swapped);

        Assert.StartsWith("neither true nor false; expected one of word 0, word 1, ", neither, StringComparison.Ordinal);
        Assert.InRange(neither.Length, 100, "neither true nor false; expected ".Length + Limits.ExpectedCharacters);
        Assert.StartsWith("not a date of this format; expected a date like 31-12-2024\U0001F600", noDate, StringComparison.Ordinal);
        Assert.InRange(noDate.Length, Limits.ReasonCharacters - 1, Limits.ReasonCharacters);
        Assert.Equal(noDate, Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(noDate)));
    }

    [Fact]
    public void Every_fault_has_a_reason_and_a_name()
    {
        foreach (var code in Enum.GetValues<FaultCode>().Where(code => code != FaultCode.None))
        {
            Assert.NotEmpty(RejectionReasons.Describe(code, null, null, "x"u8));
            Assert.NotEmpty(code.Name());
        }
    }

    private static string Explain(FieldDefinition field, string text)
    {
        var converter = FieldConverters.Create(field, Values.UnitedStates);
        var bytes = Encoding.UTF8.GetBytes(text);
        return RejectionReasons.Compose(converter.Check(bytes), field, converter, bytes);
    }
}
