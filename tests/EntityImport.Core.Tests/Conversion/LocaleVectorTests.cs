using System.Globalization;
using EntityImport.Conversion.Locales;
using Xunit;

namespace EntityImport.Core.Tests.Conversion;

public sealed class LocaleVectorTests
{
    [Fact]
    public void Every_locale_is_known_as_the_JDK_knows_it()
    {
        var disagreements = new List<string>();
        foreach (var row in VectorFile.Rows("locales.tsv"))
        {
            var locale = LocaleData.Find(row["locale"])!;
            Check("decimalSeparator", locale.DecimalSeparator);
            Check("groupingSeparator", locale.GroupingSeparator);
            Check("percentSymbol", locale.PercentSymbol);
            Check("currencySymbol", locale.CurrencySymbol);
            Check("firstDayOfWeek", ((int)locale.FirstDayOfWeek + 1).ToString(CultureInfo.InvariantCulture));
            Check("minimalDaysInFirstWeek", locale.MinimalDaysInFirstWeek.ToString(CultureInfo.InvariantCulture));
            CheckNames("monthsFull", locale.Months.Full);
            CheckNames("monthsShort", locale.Months.Short);
            CheckNames("monthsFullStandalone", locale.Months.FullAlone);
            CheckNames("monthsShortStandalone", locale.Months.ShortAlone);
            CheckNames("weekdaysFull", locale.Weekdays.Full);
            CheckNames("weekdaysShort", locale.Weekdays.Short);
            CheckNames("weekdaysFullStandalone", locale.Weekdays.FullAlone);
            CheckNames("weekdaysShortStandalone", locale.Weekdays.ShortAlone);
            CheckNames("amPm", locale.DayHalves.Short);
            CheckNames("erasFull", locale.Eras.Full);
            CheckNames("erasShort", locale.Eras.Short);

            void CheckNames(string column, IReadOnlyList<string> names) => Check(column, string.Join('|', names));

            void Check(string column, string actual)
            {
                if (actual != row[column]) disagreements.Add($"{row["locale"]} {column}: expected '{row[column]}', was '{actual}'");
            }
        }

        VectorFile.AssertNone(disagreements);
    }

    [Fact]
    public void Names_of_other_versions_of_the_locale_data_are_known()
    {
        var disagreements = new List<string>();
        foreach (var row in VectorFile.Rows("names-alternatives.tsv"))
        {
            var locale = LocaleData.Find(row["locale"])!;
            var names = row["field"] switch
            {
                "monthsShort" or "monthsFull" => locale.Months,
                "amPm" => locale.DayHalves,
                _ => locale.Weekdays,
            };
            var isShort = !row["field"].EndsWith("Full", StringComparison.Ordinal);
            var index = int.Parse(row["number"], CultureInfo.InvariantCulture) - 1;
            if (!names.Alternatives.Contains(new AlternativeName(index, row["alternative"], isShort)))
                disagreements.Add($"{row["locale"]} {row["field"]} lacks {row["alternative"]}");
        }

        VectorFile.AssertNone(disagreements);
    }
}
