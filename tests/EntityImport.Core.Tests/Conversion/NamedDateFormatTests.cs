using System.Globalization;
using EntityImport.Conversion;
using EntityImport.Entities;
using EntityImport.Rows;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace EntityImport.Core.Tests.Conversion;

public sealed class NamedDateFormatTests
{
    private const string Refused = "";

    private static readonly DateTime Epoch = new(1970, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    [Theory]
    [InlineData("2024-02-29", "2024-02-29T00:00:00")]
    [InlineData("2024-02-27T21:00", "2024-02-27T21:00:00")]
    [InlineData("2024-02-27 21:00:05", "2024-02-27T21:00:05")]
    [InlineData("2024-02-27t21:00:05z", "2024-02-27T21:00:05")]
    [InlineData("2024-02-27T21:00:00.000Z", "2024-02-27T21:00:00")]
    [InlineData("2024-02-27T21:00:00.5Z", "2024-02-27T21:00:00.5")]
    [InlineData("2024-02-27 21:00:00,05", "2024-02-27T21:00:00.05")]
    [InlineData("2020-12-31 21:25:58.745232+02", "2020-12-31T19:25:58.745232")]
    [InlineData("2021-01-01 00:00:00.12+05:30", "2020-12-31T18:30:00.12")]
    [InlineData("2024-12-31T23:30:00-0500", "2025-01-01T04:30:00")]
    [InlineData("2024-02-27 21:00:00 +0100", "2024-02-27T20:00:00")]
    [InlineData("2024-02-27 21:00:00 UTC", "2024-02-27T21:00:00")]
    [InlineData("2024-02-27T21:00:00.123456000Z", "2024-02-27T21:00:00.123456")]
    [InlineData("2024-02-27T21:00:00.1234561Z", Refused)]
    [InlineData("2024-02-27T21:00:00.1234560000Z", Refused)]
    [InlineData("2024-02-27T21:00:00.Z", Refused)]
    [InlineData("2024-02-30", Refused)]
    [InlineData("0000-01-01", Refused)]
    [InlineData("2024-2-27", Refused)]
    [InlineData("20240227", Refused)]
    [InlineData(" 2024-02-27", Refused)]
    [InlineData("2024-02-27 ", Refused)]
    [InlineData("2024-02-27T", Refused)]
    [InlineData("2024-02-27T21", Refused)]
    [InlineData("2024-02-27T24:00:00Z", Refused)]
    [InlineData("2024-02-27T23:60:00Z", Refused)]
    [InlineData("2024-02-27T23:59:60Z", Refused)]
    [InlineData("2024-02-27Z", Refused)]
    [InlineData("2024-02-27T21:00:00+2", Refused)]
    [InlineData("2024-02-27T21:00:00+02:", Refused)]
    [InlineData("2024-02-27T21:00:00+14:01", Refused)]
    [InlineData("2024-02-27T21:00:00  +02", Refused)]
    [InlineData("2024-02-27T21:00:00UTC", Refused)]
    [InlineData("2024-02-27T21:00:00 ", Refused)]
    [InlineData("0001-01-01T00:00:00+01", Refused)]
    [InlineData("9999-12-31T23:30:00-01", Refused)]
    public void Iso_8601_reads_any_fraction_and_any_zone(string text, string expected) => Assert.Equal(expected, Instant("ISO_8601", text));

    [Theory]
    [InlineData("EXCEL_DAYS", "45383", "2024-04-01T00:00:00")]
    [InlineData("EXCEL_DAYS", "45383.5", "2024-04-01T12:00:00")]
    [InlineData("EXCEL_DAYS", "45385.333333333336", "2024-04-03T08:00:00")]
    [InlineData("EXCEL_DAYS", "45385.3333333333", "2024-04-03T08:00:00")]
    [InlineData("EXCEL_DAYS", "45385.999999999999999999999", "2024-04-04T00:00:00")]
    [InlineData("EXCEL_DAYS", "1", "1900-01-01T00:00:00")]
    [InlineData("EXCEL_DAYS", "59", "1900-02-28T00:00:00")]
    [InlineData("EXCEL_DAYS", "60", Refused)]
    [InlineData("EXCEL_DAYS", "60.5", Refused)]
    [InlineData("EXCEL_DAYS", "61", "1900-03-01T00:00:00")]
    [InlineData("EXCEL_DAYS", "2958465", "9999-12-31T00:00:00")]
    [InlineData("EXCEL_DAYS", "2958466", Refused)]
    [InlineData("EXCEL_DAYS", "0", Refused)]
    [InlineData("EXCEL_DAYS", "0.75", Refused)]
    [InlineData("EXCEL_DAYS", "-1", Refused)]
    [InlineData("EXCEL_DAYS", "+45383", Refused)]
    [InlineData("EXCEL_DAYS", "45,383", Refused)]
    [InlineData("EXCEL_DAYS", "45383.", Refused)]
    [InlineData("EXCEL_DAYS", "4.5383E4", Refused)]
    [InlineData("EXCEL_DAYS", "00045383", Refused)]
    [InlineData("EXCEL_DAYS_1904", "1", "1904-01-02T00:00:00")]
    [InlineData("EXCEL_DAYS_1904", "60", "1904-03-01T00:00:00")]
    [InlineData("EXCEL_DAYS_1904", "43921", "2024-04-01T00:00:00")]
    [InlineData("EXCEL_DAYS_1904", "0", Refused)]
    [InlineData("UNIX_SECONDS", "0", "1970-01-01T00:00:00")]
    [InlineData("UNIX_SECONDS", "1712000000", "2024-04-01T19:33:20")]
    [InlineData("UNIX_SECONDS", "-1", "1969-12-31T23:59:59")]
    [InlineData("UNIX_SECONDS", "253402300799", "9999-12-31T23:59:59")]
    [InlineData("UNIX_SECONDS", "253402300800", Refused)]
    [InlineData("UNIX_SECONDS", "-62135596801", Refused)]
    [InlineData("UNIX_SECONDS", "1712000000.5", Refused)]
    [InlineData("UNIX_SECONDS", "+1712000000", Refused)]
    [InlineData("UNIX_SECONDS", "99999999999999999999", Refused)]
    [InlineData("UNIX_MILLIS", "1712000000123", "2024-04-01T19:33:20.123")]
    [InlineData("UNIX_MILLIS", "-1", "1969-12-31T23:59:59.999")]
    public void Numbers_of_days_and_seconds_are_instants(string format, string text, string expected) => Assert.Equal(expected, Instant(format, text));

    [Fact]
    public void Day_numbers_have_the_decimal_separator_of_the_mapping()
    {
        var format = Values.UnitedStates with { DecimalSeparator = ",", GroupingSeparator = "." };

        Assert.Equal("2024-04-01T12:00:00", Instant("EXCEL_DAYS", "45383,5", format));
        Assert.Equal(Refused, Instant("EXCEL_DAYS", "45.383", format));
    }

    [Theory]
    [InlineData("ISO_8601", "2024-02-27", "2024-02-27T00:00:00Z", "2024-02-27T21:00:00Z")]
    [InlineData("EXCEL_DAYS", "45383", "45383.0", "45383.25")]
    [InlineData("UNIX_SECONDS", "86400", "-86400", "86401")]
    [InlineData("UNIX_MILLIS", "0", "86400000", "1")]
    public void A_date_field_takes_no_time_of_day(string format, string date, string midnight, string other)
    {
        var converter = FieldConverters.Create(Values.Field(DataType.Date), Values.UnitedStates, format);

        Assert.Equal(FaultCode.None, Values.Convert(converter, date, out _));
        Assert.Equal(FaultCode.None, Values.Convert(converter, midnight, out _));
        Assert.Equal(FaultCode.DateFormat, Values.Convert(converter, other, out _));
        Assert.Equal("it has a time of day, which a DATE cannot hold", converter.Hint(System.Text.Encoding.UTF8.GetBytes(other), FaultCode.DateFormat));
    }

    [Theory]
    [InlineData("ISO_8601", "2024-02-28T24:00:00+01:00", "2024-02-28T23:00:00")]
    [InlineData("ISO_8601", "2024-02-28 24:00", "2024-02-29T00:00:00")]
    [InlineData("ISO_8601", "2024-02-28 24:00:01", Refused)]
    [InlineData("ISO_8601", "9999-12-31 24:00", Refused)]
    [InlineData("yyyy-MM-dd HH:mm:ss", "2024-12-31 24:00:00", "2025-01-01T00:00:00")]
    [InlineData("yyyy-MM-dd HH:mm:ss", "2024-12-31 23:59:59", "2024-12-31T23:59:59")]
    [InlineData("yyyy-MM-dd HH:mm:ss", "2024-12-31 24:00:01", Refused)]
    [InlineData("yyyy-MM-dd HH:mm:ss", "2024-12-31 25:00:00", Refused)]
    [InlineData("yyyy-MM-dd HH:mm:ss", "9999-12-31 24:00:00", Refused)]
    [InlineData("yyyy-MM-dd HH:mmXXX", "2024-12-31 24:00-05:00", "2025-01-01T05:00:00")]
    [InlineData("yyyy-MM-dd kk:mm", "2024-12-31 24:00", "2024-12-31T00:00:00")]
    [InlineData("yyyy-MM-dd HH:mm a", "2024-12-31 24:00 AM", Refused)]
    public void The_end_of_a_day_is_the_midnight_after_it_where_that_is_stated(string format, string text, string expected)
    {
        Assert.Equal(expected, Instant(format, text, Values.UnitedStates with { ReadsEndOfDay = true }));
        if (text.Contains("24:", StringComparison.Ordinal) && !format.Contains('k', StringComparison.Ordinal)) Assert.Equal(Refused, Instant(format, text));
    }

    /// <summary>What the platform writes in each form that the format has is read as the instant that it was.</summary>
    [Fact]
    public void Iso_8601_reads_what_the_platform_writes()
    {
        var written =
            from day in Gen.Choose(1, 3_652_057)
            from second in Gen.Choose(0, 86_399)
            from microsecond in Gen.Choose(0, 999_999)
            from digits in Gen.Choose(0, 9)
            from separator in Gen.Elements("T", " ", "t")
            from zone in Gen.Elements(("", 0), ("Z", 0), ("z", 0), ("+02", 120), ("-0330", -210), ("+05:45", 345), (" UTC", 0), (" +0100", 60))
            let whole = DateTime.MinValue.AddDays(day).AddSeconds(second)
            let fraction = microsecond.ToString("D6", CultureInfo.InvariantCulture).PadRight(9, '0')[..digits]
            let text = whole.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) + separator + whole.ToString("HH:mm:ss", CultureInfo.InvariantCulture)
                + (digits == 0 ? "" : "." + fraction) + zone.Item1
            let read = whole.AddMicroseconds(digits == 0 ? 0 : int.Parse(fraction.PadRight(6, '0')[..6], CultureInfo.InvariantCulture)).AddMinutes(-zone.Item2)
            select (text, read);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(5_000), Prop.ForAll(Arb.From(written), row => Show(row.read) == Instant("ISO_8601", row.text)));
    }

    private static string Instant(DateFormats formats, string text, ValueFormat? format = null)
    {
        var converter = FieldConverters.Create(Values.Field(DataType.DateTime), format ?? Values.UnitedStates, formats);
        var fault = Values.Convert(converter, text, out var vector);
        if (fault == FaultCode.None) return Show(Epoch.AddTicks(vector.Values<long>()[0] * 10));
        Assert.Equal(FaultCode.DateFormat, fault);
        return Refused;
    }

    private static string Show(DateTime instant) => instant.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF", CultureInfo.InvariantCulture);
}
