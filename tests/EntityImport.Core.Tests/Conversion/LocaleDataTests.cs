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
    [InlineData("xx-YY")]
    [InlineData("english")]
    [InlineData("")]
    [InlineData("en-US!")]
    public void An_unknown_locale_is_null(string id) => Assert.Null(LocaleData.Find(id));

    [Fact]
    public void Other_locales_come_from_the_platform()
    {
        Assert.SkipUnless(PlatformLocales.IsAvailable, "This machine has no ICU.");

        var serbian = LocaleData.Find("sr-Latn-RS");

        Assert.Equal("sr-Latn-RS", serbian?.Id);
        Assert.Equal(",", serbian?.DecimalSeparator);
        Assert.Equal(12, serbian?.Months.Full.Count);
    }
}
