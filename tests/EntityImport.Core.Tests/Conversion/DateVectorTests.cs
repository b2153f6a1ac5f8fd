using System.Globalization;
using System.Text;
using EntityImport.Conversion.Dates;
using EntityImport.Conversion.Locales;
using Xunit;

namespace EntityImport.Core.Tests.Conversion;

public sealed class DateVectorTests
{
    private static readonly DateOnly TwoDigitYearStart = new(1946, 11, 23);

    [Theory]
    [InlineData("dates.tsv")]
    [InlineData("dates-quirks.tsv")]
    public void Every_row_is_read_as_the_contract_says(string file)
    {
        var disagreements = new List<string>();
        foreach (var row in VectorFile.Rows(file))
        {
            var actual = Read(row["pattern"], row["locale"], row["input"]);
            if (actual != row["contract"])
                disagreements.Add($"{row["pattern"]} {row["locale"]} '{row["input"]}': expected {row["contract"]}, was {actual} ({row["rule"]})");
        }

        VectorFile.AssertNone(disagreements);
    }

    private static string Read(string pattern, string locale, string input)
    {
        DatePattern compiled;
        try
        {
            compiled = DatePattern.Compile(pattern, LocaleData.Find(locale)!, TwoDigitYearStart);
        }
        catch (DatePatternException)
        {
            return "PATTERN";
        }

        if (!compiled.TryRead(Encoding.UTF8.GetBytes(input), out var microseconds)) return "REJECT";
        return new DateTime(1970, 1, 1).AddTicks(microseconds * 10).ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF", CultureInfo.InvariantCulture);
    }
}
