using System.Text;
using EntityImport.Conversion;
using EntityImport.Conversion.Dates;
using EntityImport.Entities;
using EntityImport.Rows;
using Xunit;

namespace EntityImport.Core.Tests.Conversion;

public sealed class ConverterTests
{
    [Theory]
    [InlineData("$1,234.56", 12_345_600L)]
    [InlineData("-12.5%", -1_250L)]
    [InlineData("(3)", -30_000L)]
    [InlineData("1e3", 10_000_000L)]
    [InlineData("0.50000000", 5_000L)]
    public void A_decimal_is_its_value_times_ten_to_the_scale(string text, long expected)
    {
        Assert.Equal(FaultCode.None, Values.Convert(Create(Values.Field(DataType.Decimal, 18, 4)), text, out var vector));
        Assert.Equal(expected, vector.Values<long>()[0]);
    }

    [Theory]
    [InlineData("12,34", FaultCode.NumberFormat)]
    [InlineData("1,234,5.6", FaultCode.NumberFormat)]
    [InlineData("abc", FaultCode.NumberFormat)]
    [InlineData("0.125", FaultCode.NumberScale)]
    [InlineData("1000", FaultCode.NumberRange)]
    [InlineData("1000.001", FaultCode.NumberRange)]
    [InlineData("99999999999999999999999999999999999999999", FaultCode.NumberRange)]
    public void A_decimal_that_does_not_fit_is_refused(string text, FaultCode expected) =>
        Assert.Equal(expected, Create(Values.Field(DataType.Decimal, 5, 2)).Check(Encoding.UTF8.GetBytes(text)));

    [Theory]
    [InlineData("9223372036854775807", 9223372036854775807L)]
    [InlineData("-9223372036854775808", -9223372036854775808L)]
    [InlineData("5.0", 5L)]
    [InlineData("1e3", 1000L)]
    [InlineData("1,234", 1234L)]
    [InlineData("500%", 5L)]
    [InlineData("00000000000000000000000000000000000000000000000000007", 7L)]
    public void A_whole_number_is_read(string text, long expected)
    {
        Assert.Equal(FaultCode.None, Values.Convert(Create(Values.Field(DataType.Integer)), text, out var vector));
        Assert.Equal(expected, vector.Values<long>()[0]);
    }

    [Theory]
    [InlineData("9223372036854775808", FaultCode.NumberRange)]
    [InlineData("1e30", FaultCode.NumberRange)]
    [InlineData("5.5", FaultCode.NumberScale)]
    [InlineData("5%", FaultCode.NumberScale)]
    [InlineData("", FaultCode.None)]
    public void A_whole_number_that_does_not_fit_is_refused(string text, FaultCode expected) =>
        Assert.Equal(expected, Create(Values.Field(DataType.Integer)).Check(Encoding.UTF8.GetBytes(text)));

    [Theory]
    [InlineData("0.1", 0.1)]
    [InlineData("1e308", 1e308)]
    [InlineData("9007199254740993", 9007199254740992.0)]
    [InlineData("-0", 0.0)]
    [InlineData("12.5%", 0.125)]
    public void A_double_is_the_nearest_one(string text, double expected)
    {
        Assert.Equal(FaultCode.None, Values.Convert(Create(Values.Field(DataType.Double)), text, out var vector));
        Assert.Equal(BitConverter.DoubleToInt64Bits(expected), vector.Values<long>()[0]);
    }

    [Theory]
    [InlineData("2024-12-31", 20_088)]
    [InlineData("1970-01-01", 0)]
    [InlineData("0001-01-01", -719_162)]
    [InlineData("9999-12-31", 2_932_896)]
    public void A_date_is_days_since_1970(string text, int expected)
    {
        Assert.Equal(FaultCode.None, Values.Convert(Create(Values.Field(DataType.Date)), text, out var vector));
        Assert.Equal(expected, vector.Values<int>()[0]);
    }

    [Theory]
    [InlineData(DataType.String, "")]
    [InlineData(DataType.String, "a \"b\"")]
    [InlineData(DataType.Integer, "-12")]
    [InlineData(DataType.Decimal, "1,234.5")]
    [InlineData(DataType.Boolean, "yes")]
    public void A_text_alone_becomes_the_value_that_it_is_in_a_file(DataType type, string text)
    {
        var converter = Create(Values.Field(type, 18, 4));
        var alone = new ColumnVector(converter.Field);

        Assert.Equal(FaultCode.None, converter.ConvertText(Encoding.UTF8.GetBytes(text), alone));
        Assert.False(alone.IsNull(0));
        if (type == DataType.String)
        {
            Assert.Equal(new TextSpan(0, text.Length, TextSource.Default), alone.Values<TextSpan>()[0]);
            Assert.Equal(text, Encoding.UTF8.GetString(alone.DefaultText.Span));
            return;
        }

        Assert.Equal(FaultCode.None, Values.Convert(converter, text, out var inFile));
        Assert.Equal(inFile.Bytes[..inFile.ValueSize].ToArray(), alone.Bytes[..alone.ValueSize].ToArray());
        Assert.Equal(type == DataType.Boolean ? FaultCode.BooleanFormat : FaultCode.NumberFormat, converter.ConvertText("x y"u8, alone));
    }

    [Fact]
    public void A_date_with_a_time_of_day_is_refused_unless_it_is_midnight()
    {
        var converter = FieldConverters.Create(Values.Field(DataType.Date), Values.UnitedStates, "yyyy-MM-dd HH:mm");

        Assert.Equal(FaultCode.None, converter.Check("2024-12-31 00:00"u8));
        Assert.Equal(FaultCode.DateFormat, converter.Check("2024-12-31 00:01"u8));
    }

    [Fact]
    public void A_date_field_needs_a_pattern_with_a_date() =>
        Assert.Throws<DatePatternException>(() => FieldConverters.Create(Values.Field(DataType.Date), Values.UnitedStates, "HH:mm"));

    [Fact]
    public void A_format_of_an_unknown_locale_is_an_error_of_the_caller() =>
        Assert.Throws<ArgumentException>(() => FieldConverters.Create(Values.Field(DataType.Date), Values.UnitedStates with { Locale = "english" }));

    [Theory]
    [InlineData("TRUE", 1)]
    [InlineData("y", 1)]
    [InlineData("0", 0)]
    [InlineData("Off", 0)]
    public void Built_in_words_are_booleans(string text, byte expected)
    {
        Assert.Equal(FaultCode.None, Values.Convert(Create(Values.Field(DataType.Boolean)), text, out var vector));
        Assert.Equal(expected, vector.Values<byte>()[0]);
    }

    [Fact]
    public void Configured_words_replace_the_built_in_ones()
    {
        var converter = FieldConverters.Create(Values.Field(DataType.Boolean), Values.UnitedStates with { TrueValues = ["Ja", "J"], FalseValues = ["nein", "j"] });

        Assert.Equal(FaultCode.BooleanFormat, converter.Check("yes"u8));
        Assert.Equal(FaultCode.None, Values.Convert(converter, "JA", out var yes));
        Assert.Equal(1, yes.Values<byte>()[0]);
        Assert.Equal(FaultCode.None, Values.Convert(converter, "j", out var no));
        Assert.Equal(0, no.Values<byte>()[0]);
    }

    [Fact]
    public void A_word_configured_for_one_value_is_not_built_in_for_the_other()
    {
        var converter = FieldConverters.Create(Values.Field(DataType.Boolean), Values.UnitedStates with { FalseValues = ["1"] });

        _ = Values.Convert(converter, "1", out var vector);
        Assert.Equal(0, vector.Values<byte>()[0]);
    }

    [Theory]
    [InlineData("abc", 3, FaultCode.None)]
    [InlineData("abcd", 3, FaultCode.StringLength)]
    [InlineData("äöü", 3, FaultCode.None)]
    [InlineData("😀😀😀", 3, FaultCode.None)]
    [InlineData("😀😀😀😀", 3, FaultCode.StringLength)]
    [InlineData("a\0b", 3, FaultCode.StringNul)]
    [InlineData("ä\0b", 3, FaultCode.StringNul)]
    [InlineData("0123456789abcdef\0", 30, FaultCode.StringNul)]
    [InlineData("0123456789abcdefghijklmnopqrstuvwxyz", 36, FaultCode.None)]
    public void A_string_is_measured_in_code_points(string text, int length, FaultCode expected) =>
        Assert.Equal(expected, Create(Values.Field(DataType.String, length: length)).Check(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void Bytes_that_are_no_UTF8_are_refused_at_every_place()
    {
        var converter = Create(Values.Field(DataType.String));
        for (var length = 1; length < 40; length++)
        {
            for (var at = 0; at < length; at++)
            {
                var text = Enumerable.Repeat((byte)'a', length).ToArray();
                Assert.Equal(FaultCode.None, converter.Check(text));
                text[at] = 0xFF;
                Assert.Equal(FaultCode.StringEncoding, converter.Check(text));
                text[at] = 0;
                Assert.Equal(FaultCode.StringNul, converter.Check(text));
            }
        }
    }

    [Fact]
    public void A_string_lies_where_the_file_has_it()
    {
        _ = Values.Convert(Create(Values.Field(DataType.String)), "abc", out var vector);

        Assert.Equal(new TextSpan(0, 3, TextSource.Buffer), vector.Values<TextSpan>()[0]);
    }

    [Theory]
    [InlineData(DataType.String)]
    [InlineData(DataType.Integer)]
    [InlineData(DataType.DateTime)]
    public void Null_is_a_fault_of_a_required_field_only(DataType type)
    {
        Assert.Equal(FaultCode.None, Values.Convert(Create(Values.Field(type)), "", out var vector));
        Assert.True(vector.IsNull(0));
        Assert.Equal(FaultCode.RequiredNull, Create(Values.Field(type, required: true)).Check(""u8));
        Assert.Equal(FaultCode.KeyNull, Create(Values.Field(type, key: true)).Check(""u8));
    }

    [Fact]
    public void Null_values_are_null_and_take_the_default()
    {
        var format = Values.UnitedStates with { NullValues = ["NULL"] };
        var converter = FieldConverters.Create(Values.Field(DataType.Integer), format, defaultText: "7");

        Assert.Equal(FaultCode.None, Values.Convert(converter, "NULL", out var vector));
        Assert.Equal(7, vector.Values<long>()[0]);
        Assert.Throws<FormatException>(() => FieldConverters.Create(Values.Field(DataType.Integer), format, defaultText: "x"));
        Assert.Throws<FormatException>(() => FieldConverters.Create(Values.Field(DataType.String, length: 1), format, defaultText: "xy"));
    }

    private static FieldConverter Create(FieldDefinition field) => FieldConverters.Create(field, Values.UnitedStates);
}
