using System.Globalization;
using System.Text;
using EntityImport.Conversion;
using EntityImport.Conversion.Locales;
using EntityImport.Entities;
using EntityImport.Rows;
using Xunit;

namespace EntityImport.Core.Tests.Conversion;

public sealed class AmbientCultureTests
{
    [Theory]
    [InlineData("tr-TR")]
    [InlineData("de-DE")]
    [InlineData("fa-IR")]
    [InlineData("th-TH")]
    [InlineData("ar-SA")]
    public void The_culture_of_the_process_changes_nothing(string culture)
    {
        Assert.SkipUnless(PlatformLocales.IsAvailable, "This machine has no ICU.");
        var before = (CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture);
        var expected = Describe();
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo(culture);

            Assert.Equal(expected, Describe());
        }
        finally
        {
            (CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture) = before;
        }
    }

    private static string Describe()
    {
        var lines = new List<string> { LocaleData.Find("sr-Latn-RS")?.Months.Full[0] ?? "" };
        foreach (var (type, text) in new[] { (DataType.Decimal, "$1,234.5"), (DataType.Decimal, "1.234,5"), (DataType.DateTime, "12 Jan 1999"), (DataType.DateTime, "2024-12-31"), (DataType.Boolean, "ı") })
        {
            var field = Values.Field(type, 10, 2);
            var converter = FieldConverters.Create(field, Values.UnitedStates, "d MMM yyyy");
            var fault = Values.Convert(converter, text, out var vector);
            lines.Add(fault == FaultCode.None
                ? Convert.ToHexString(vector.Bytes[..vector.ValueSize])
                : RejectionReasons.Compose(fault, field, converter, Encoding.UTF8.GetBytes(text)));
        }

        return string.Join('\n', lines);
    }
}
