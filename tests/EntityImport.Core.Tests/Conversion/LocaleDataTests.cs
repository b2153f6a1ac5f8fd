using System.Text;
using EntityImport.Conversion.Dates;
using EntityImport.Conversion.Locales;
using Xunit;

namespace EntityImport.Core.Tests.Conversion;

public sealed class LocaleDataTests
{
    [Theory]
    [InlineData("en-US", "en-US")]
    [InlineData("en_US", "en-US")]
    [InlineData("EN_us", "en-US")]
    [InlineData("en", "en-US")]
    [InlineData("de_DE_EURO", "de-DE")]
    [InlineData("iw_IL", "he-IL")]
    [InlineData("in_ID", "id-ID")]
    [InlineData("no_NO", "nb-NO")]
    [InlineData("zh-Hant-TW", "zh-TW")]
    [InlineData("zh_TW_#Hant", "zh-TW")]
    [InlineData("th_TH_TH_#u-nu-thai", "th-TH")]
    [InlineData("pt-BR-u-ca-buddhist", "pt-BR")]
    public void Java_and_BCP_47_names_are_understood(string id, string expected) =>
        Assert.Equal(expected, LocaleData.Find(id)?.Id);

    [Theory]
    [InlineData("english")]
    [InlineData("")]
    [InlineData("en-US!")]
    public void An_unknown_locale_is_null(string id) => Assert.Null(LocaleData.Find(id));

    [Fact]
    public void A_locale_that_the_platform_lacks_is_null()
    {
        SkipWithoutPlatform();

        Assert.Null(LocaleData.Find("xx-YY"));
    }

    [Fact]
    public void Every_locale_of_the_platform_reads_the_dates_that_it_writes()
    {
        SkipWithoutPlatform();
        var disagreements = new List<string>();
        foreach (var id in PlatformLocales.Ids)
        {
            var locale = LocaleData.Find(id)!;
            var pattern = DatePattern.Compile("EEE d MMMM yyyy h:mm a", locale, new DateOnly(1950, 1, 1));
            for (var month = 1; month <= 12; month++)
            {
                var instant = (new DateTime(2024, month, month + 3, 13, 0, 0) - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
                var text = pattern.Format(instant);
                if (!pattern.TryRead(Encoding.UTF8.GetBytes(text), out var read) || read != instant) disagreements.Add($"{id}: {text}");
            }
        }

        VectorFile.AssertNone(disagreements);
    }

    [Fact]
    public void Other_locales_come_from_the_platform()
    {
        SkipWithoutPlatform();

        var serbian = LocaleData.Find("sr-Latn-RS");

        Assert.Equal("sr-Latn-RS", serbian?.Id);
        Assert.Equal(",", serbian?.DecimalSeparator);
        Assert.Equal(12, serbian?.Months.Full.Count);
    }

    private static void SkipWithoutPlatform() => Assert.SkipUnless(PlatformLocales.IsAvailable, "This machine has no ICU.");
}
