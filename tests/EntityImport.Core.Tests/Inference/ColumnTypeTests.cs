using EntityImport.Entities;
using Xunit;

namespace EntityImport.Core.Tests.Inference;

public sealed class ColumnTypeTests
{
    [Theory]
    [InlineData("1|2|-3", DataType.Integer)]
    [InlineData("0|1|1", DataType.Integer)]
    [InlineData("1,234|12,345,678", DataType.Integer)]
    [InlineData("999999999999999999", DataType.Integer)]
    [InlineData("1|2.5", DataType.Decimal)]
    [InlineData("(12.50)|3", DataType.Decimal)]
    [InlineData("1.5e-7|2|1e+10", DataType.Double)]
    [InlineData("$1,234.56|$2", DataType.Currency)]
    [InlineData("12.5%|3 %|0", DataType.Percent)]
    [InlineData("true|FALSE|True", DataType.Boolean)]
    [InlineData("yes|no", DataType.Boolean)]
    [InlineData("Y|N", DataType.Boolean)]
    [InlineData("ja|nein", DataType.Boolean)]
    [InlineData("2024-01-31|1999-12-01", DataType.Date)]
    [InlineData("31.12.2024|1.1.2025", DataType.Date)]
    [InlineData("12/31/2024|1/2/2025", DataType.Date)]
    [InlineData("05-Jan-2024|6-Sep-2024", DataType.Date)]
    [InlineData("2024-01-31 10:20:30.123", DataType.DateTime)]
    [InlineData("2024-01-31T10:20:30Z|2024-01-31T10:20:30+02:00", DataType.DateTime)]
    [InlineData("1/31/2024 1:05 PM", DataType.DateTime)]
    public void Values_of_one_type_get_it(string values, DataType expected) =>
        Assert.Equal(expected, Inferring.Column(values.Split('|')).Field!.DataType);

    [Theory]
    [InlineData("00123|00124")]
    [InlineData("00.50")]
    [InlineData("+4930123456|+4930654321")]
    [InlineData("(555) 123-4567")]
    [InlineData("1234567890123456789")]
    [InlineData("12E4|13E5")]
    [InlineData("12%|13")]
    [InlineData("$1|€2")]
    [InlineData("Y|Y")]
    [InlineData("A12|B13")]
    [InlineData("31.02.2024")]
    [InlineData("2024-01-31|31.01.2024")]
    [InlineData("10:30|11:45")]
    [InlineData("1.2.3|1.2.4")]
    [InlineData("1|1.5.5")]
    [InlineData("")]
    public void Values_that_would_lose_something_or_are_of_no_one_type_stay_text(string values) =>
        Assert.Equal(DataType.String, Inferring.Column(values.Split('|')).Field!.DataType);

    [Theory]
    [InlineData("homePhone")]
    [InlineData("PHONE_NO")]
    [InlineData("Zip code")]
    [InlineData("PLZ")]
    public void Digits_under_the_name_of_a_code_stay_text(string name)
    {
        var column = Inferring.Column(["5551234", "5551235"], name);

        Assert.Equal(DataType.String, column.Field!.DataType);
        Assert.Contains("the name says", column.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void Grouped_digits_under_the_name_of_an_identifier_stay_text() =>
        Assert.Equal(DataType.String, Inferring.Column(["10,001", "10,002"], "Item no.").Field!.DataType);

    [Theory]
    [InlineData("1.25|100", 18, 2)]
    [InlineData("1234567890123456.25", 21, 2)]
    [InlineData("0.12345678901234567890", 24, 20)]
    public void Decimals_have_the_scale_seen_and_room_before_the_point(string values, int precision, int scale)
    {
        var field = Inferring.Column(values.Split('|')).Field!;

        Assert.Equal((DataType.Decimal, precision, scale), (field.DataType, field.Precision, field.Scale));
    }

    [Fact]
    public void Percentages_are_stored_as_fractions_and_need_two_more_decimals() =>
        Assert.Equal(3, Inferring.Column(["12.5%"]).Field!.Scale);

    [Fact]
    public void Strings_have_no_limit() => Assert.Null(Inferring.Column(["abc"]).Field!.Length);

    [Fact]
    public void One_value_that_is_no_number_is_named()
    {
        var column = Inferring.Column([.. Enumerable.Range(1, 999).Select(i => $"{i}"), "n/a"]);

        Assert.Equal(DataType.String, column.Field!.DataType);
        Assert.Equal("1 of 1,000 values is no number: 'n/a' (row 1,000, line 1,001).", column.Why);
    }

    [Fact]
    public void One_value_that_is_no_date_is_named()
    {
        var column = Inferring.Column([.. Enumerable.Range(1, 28).Select(i => $"{i:00}.02.2023"), "29.02.2023"]);

        Assert.Equal("1 of 29 values is no date like dd.MM.yyyy: '29.02.2023' (row 29, line 30).", column.Why);
    }

    [Theory]
    [InlineData("10|a|30|b|50", "2 of 5 values are no number: 'a' (row 2, line 3), 'b' (row 4, line 5).")]
    [InlineData("1|2|3|4|5|a|b|c|d", "4 of 9 values are no number: 'a' (row 6, line 7), 'b' (row 7, line 8), 'c' (row 8, line 9) and 1 more.")]
    [InlineData("1.5|1.234,56-|2,5", "1 of 3 values is no number: '1.5' (row 1, line 2). 1 of 3 values is written with the minus behind the number: '1.234,56-' (row 2, line 3).")]
    [InlineData("2024-01-31|soon|2024-02-01", "1 of 3 values is no date like yyyy-MM-dd: 'soon' (row 2, line 3).")]
    [InlineData("Y|N|?|Y", "1 of 4 values is neither true nor false: '?' (row 3, line 4).")]
    [InlineData("7|0815|4711", "Digits with leading zeros, which a number would lose: '0815' (row 2, line 3).")]
    [InlineData("NO|NO", "Each value is 'NO', which does not tell whether it means true or false.")]
    [InlineData("red|green|7", "Text.")]
    public void The_values_that_keep_a_column_text_are_told_whatever_their_share(string values, string why)
    {
        var column = Inferring.Column(values.Split('|'));

        Assert.Equal((DataType.String, why), (column.Field!.DataType, column.Why));
    }

    [Theory]
    [InlineData("NO|NO")]
    [InlineData("yes|yes")]
    [InlineData("wahr")]
    [InlineData("Y")]
    public void One_word_alone_is_no_truth_value(string values) => Assert.Equal(DataType.String, Inferring.Column(values.Split('|')).Field!.DataType);

    [Theory]
    [InlineData("true|TRUE")]
    [InlineData("false")]
    [InlineData("oui|non|non")]
    public void True_and_false_themselves_and_pairs_of_words_are_truth_values(string values) =>
        Assert.Equal(DataType.Boolean, Inferring.Column(values.Split('|')).Field!.DataType);

    [Fact]
    public void A_minus_behind_the_number_is_read_and_told()
    {
        var schema = Inferring.From("k;n\nA;1.234,56-\nB;1.234,56\n");

        Assert.Equal(DataType.Decimal, schema.Field("n").DataType);
        Assert.True(schema.Definition().GetProperty("trailingMinus").GetBoolean());
        Assert.EndsWith("1 of 2 values is written with the minus behind the number: '1.234,56-' (row 1, line 2).", schema.Columns[1].Why, StringComparison.Ordinal);
        Assert.Equal(DataType.String, Inferring.From("k;n\nA;1.234,56-\n", """{"trailingMinus":false}""").Field("n").DataType);
    }

    [Fact]
    public void Lines_are_those_of_the_file_also_where_values_have_several()
    {
        var schema = Inferring.From("note;n\n\"two\nlines\";1\n\nx;2\nx;3\nx;?\n");

        Assert.Equal("1 of 4 values is no number: '?' (row 4, line 7).", schema.Columns[1].Why);
    }

    [Fact]
    public void A_column_tells_what_it_was_judged_on()
    {
        var column = Inferring.Column(["31-01-2024", "", "28-02-2024", "31-01-2024", "15-03-2024", "16-03-2024"], definition: """{"locale":"en-GB"}""");

        Assert.Equal("All 5 values are dates like dd-MM-yyyy.", column.Why);
        Assert.Equal((6, 1, 10), (column.Rows, column.Empty, column.MaxLength));
        Assert.Equal(["31-01-2024", "28-02-2024", "15-03-2024"], column.Examples);
    }
}
