using System.Globalization;
using System.Text;
using EntityImport.Conversion.Dates;
using EntityImport.Conversion.Locales;
using Xunit;

namespace EntityImport.Core.Tests.Conversion;

public sealed class DatePatternTests
{
    [Theory]
    [InlineData("dd-MM-yyyy", "31-12-2024", "2024-12-31T00:00:00")]
    [InlineData("dd-MM-yyyy", "1-2-2024", "2024-02-01T00:00:00")]
    [InlineData("M/d/yy", "7/4/76", "1976-07-04T00:00:00")]
    [InlineData("M/d/yy", "11/22/46", "2046-11-22T00:00:00")]
    [InlineData("M/d/yy", "11/23/46", "1946-11-23T00:00:00")]
    [InlineData("yyyyMMdd", "20240229", "2024-02-29T00:00:00")]
    [InlineData("yyyy-MM-dd'T'HH:mm:ssXXX", "2024-03-01T00:30:00+02:00", "2024-02-29T22:30:00")]
    [InlineData("yyyy-MM-dd HH:mm:ss.SSSSSS", "2024-03-01 00:30:00.000001", "2024-03-01T00:30:00.000001")]
    [InlineData("EEEE, MMMM d, yyyy h:mm a", "Tuesday, December 31, 2024 12:05 PM", "2024-12-31T12:05:00")]
    public void A_text_of_the_pattern_is_read(string pattern, string text, string expected) =>
        Assert.Equal(expected, Read(pattern, text));

    [Theory]
    [InlineData("dd-MM-yyyy", "31-02-2024")]
    [InlineData("dd-MM-yyyy", "01-02-24")]
    [InlineData("dd-MM-yyyy", "01-02-2024 ")]
    [InlineData("dd-MM-yyyy", "01/02/2024")]
    [InlineData("dd-MM-yyyy", "")]
    [InlineData("yyyy-MM-dd", "0000-01-01")]
    [InlineData("EEE dd-MM-yyyy", "Mon 31-12-2024")]
    public void A_text_that_does_not_follow_the_pattern_is_refused(string pattern, string text) =>
        Assert.Null(Read(pattern, text));

    [Theory]
    [InlineData("dd-mm-yyyy", 4, "dd-MM-yyyy")]
    [InlineData("dd-mm-yyyy HH:mm:ss", 4, "dd-MM-yyyy HH:mm:ss")]
    [InlineData("YYYY-MM-dd", 1, "yyyy-MM-dd")]
    [InlineData("DD-MM-YYYY", 7, "dd-MM-yyyy")]
    [InlineData("yyyy-MM-DD", 9, "yyyy-MM-dd")]
    [InlineData("YYYY", 1, "yyyy")]
    [InlineData("yyyy-MM-ddTHH:mm", 11, "yyyy-MM-dd'T'HH:mm")]
    [InlineData("MM/dd/yyyy hh:mm tt", 18, "MM/dd/yyyy hh:mm a")]
    [InlineData("HH:mm:ss.fff", 10, "HH:mm:ss.SSS")]
    [InlineData("yyyy-MM-dd XXXX", 12, "yyyy-MM-dd XXX")]
    [InlineData("yyyy-MM-dd'T", 11, "yyyy-MM-dd'T'")]
    [InlineData("'at HH:mm", 1, null)]
    [InlineData("ss.SSSSSSSSSS", 4, null)]
    [InlineData("", 1, null)]
    [InlineData("--", 1, null)]
    public void A_pattern_that_would_mislead_is_refused_with_the_one_that_was_meant(string pattern, int position, string? meant)
    {
        var fault = Assert.Throws<DatePatternException>(() => Compile(pattern, "en-US"));

        Assert.Equal(position, fault.Position);
        Assert.Equal(meant, fault.LikelyMeant);
        if (meant is not null) Compile(meant, "en-US");
    }

    [Theory]
    [InlineData("HH:mm")]
    [InlineData("mm:ss")]
    [InlineData("dd HH:mm")]
    [InlineData("HH:mm dd.MM.yyyy")]
    [InlineData("YYYY-'W'ww-u")]
    public void A_pattern_that_only_looks_alike_is_accepted(string pattern) =>
        Assert.Equal(pattern, Compile(pattern, "en-US").Pattern);

    [Fact]
    public void The_period_of_an_abbreviation_is_optional()
    {
        Assert.Equal("2020-01-05T00:00:00", Read("dd.MMM.yyyy", "05.Jan.2020"));
        Assert.Equal("2020-01-05T00:00:00", Read("dd.MMM.yyyy", "05.Jan..2020"));
        Assert.Equal("2020-01-05T00:00:00", Read("d MMM yyyy", "5 Jan. 2020"));
        Assert.Null(Read("d MMM yyyy", "5 January. 2020"));
    }

    [Theory]
    [InlineData("dd-MM-yyyy HH:mm:ss")]
    [InlineData("dd-MM-yyyy")]
    [InlineData("yyyyMMdd")]
    [InlineData("dd/MM/yy")]
    [InlineData("yyyy-MM-dd'T'HH:mm:ss.SSSSSS")]
    [InlineData("HH:mm:ss.SSS")]
    public void The_fast_way_never_reads_another_value_than_the_general_one(string pattern)
    {
        var compiled = Compile(pattern, "en-US");
        var random = new Random(20241231);
        for (var i = 0; i < 20_000; i++)
        {
            var text = Encoding.UTF8.GetBytes(compiled.Format(random.NextInt64(-62_135_596_800, 253_402_300_799) * 1_000_000 + random.Next(1_000_000)));
            if (i % 2 == 0) text[random.Next(text.Length)] = (byte)"0123456789 -/:\u00ff"[random.Next(14)];
            var isRead = compiled.TryReadStepped(text, out var day, out var microsecond);

            Assert.Equal(isRead, compiled.TryRead(text, out var fastDay, out var fastMicrosecond));
            if (isRead) Assert.Equal((day, microsecond), (fastDay, fastMicrosecond));
        }
    }

    private static DatePattern Compile(string pattern, string locale) =>
        DatePattern.Compile(pattern, LocaleData.Find(locale)!, new DateOnly(1946, 11, 23));

    private static string? Read(string pattern, string text) => Compile(pattern, "en-US").TryRead(Encoding.UTF8.GetBytes(text), out var microseconds)
        ? new DateTime(1970, 1, 1).AddTicks(microseconds * 10).ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF", CultureInfo.InvariantCulture)
        : null;
}
