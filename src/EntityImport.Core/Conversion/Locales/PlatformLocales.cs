using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Globalization;

namespace EntityImport.Conversion.Locales;

/// <summary>The locales that the table lacks, from the platform's ICU.</summary>
/// <remarks>
/// Names then are those of the ICU version installed, dates are always those of the Gregorian calendar, and the name of the era before
/// Christ is unknown (its dates are refused anyway). On a machine without ICU, or with
/// <c>DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1</c>, asking for such a locale throws, because its absence would say nothing.
/// </remarks>
internal static class PlatformLocales
{
    private static readonly Lazy<FrozenSet<string>> Names = new(() =>
        CultureInfo.GetCultures(CultureTypes.AllCultures).Select(culture => culture.Name).ToFrozenSet(StringComparer.OrdinalIgnoreCase));

    private static readonly ConcurrentDictionary<LocaleId, LocaleData> Found = new();

    /// <summary>Whether the platform has locale data.</summary>
    public static bool IsAvailable => Names.Value.Count > 1;

    /// <summary>The ids of all locales of the platform.</summary>
    public static IEnumerable<string> Ids => Names.Value.Where(name => name.Length > 0);

    /// <summary>The data of a locale; null where the platform does not know it.</summary>
    /// <exception cref="PlatformNotSupportedException">The platform has no locale data at all.</exception>
    public static LocaleData? Find(LocaleId id)
    {
        if (!IsAvailable)
        {
            throw new PlatformNotSupportedException(
                $"Locale '{id}' needs ICU, which this machine lacks or DOTNET_SYSTEM_GLOBALIZATION_INVARIANT switches off.");
        }

        // The cache holds at most the platform's locales, because names beyond them are not kept.
        if (!Names.Value.Contains(id.ToString())) return null;
        return Found.GetOrAdd(id, static id => Read(id));
    }

    private static LocaleData Read(LocaleId id)
    {
        var culture = (CultureInfo)CultureInfo.GetCultureInfo(id.ToString()).Clone();
        var dates = culture.DateTimeFormat;
        dates.Calendar = culture.OptionalCalendars.OfType<GregorianCalendar>().First();
        var numbers = culture.NumberFormat;
        return new LocaleData
        {
            Id = id.ToString(),
            DecimalSeparator = numbers.NumberDecimalSeparator,
            GroupingSeparator = numbers.NumberGroupSeparator,
            PercentSymbol = WithoutDirectionMarks(numbers.PercentSymbol),
            CurrencySymbol = numbers.CurrencySymbol,
            FirstDayOfWeek = dates.FirstDayOfWeek,
            MinimalDaysInFirstWeek = dates.CalendarWeekRule switch
            {
                CalendarWeekRule.FirstFullWeek => 7,
                CalendarWeekRule.FirstFourDayWeek => 4,
                _ => 1,
            },
            Months = new LocaleNames(
                dates.MonthGenitiveNames[..12],
                dates.AbbreviatedMonthGenitiveNames[..12],
                dates.MonthNames[..12],
                dates.AbbreviatedMonthNames[..12]),
            Weekdays = Same(dates.DayNames, dates.AbbreviatedDayNames),
            DayHalves = Same([dates.AMDesignator, dates.PMDesignator], [dates.AMDesignator, dates.PMDesignator]),
            Eras = Same(["", dates.GetEraName(1)], ["", dates.GetAbbreviatedEraName(1)]),
        };
    }

    private static LocaleNames Same(string[] full, string[] abbreviated) => new(full, abbreviated, full, abbreviated);

    private static string WithoutDirectionMarks(string symbol) => symbol.Trim('\u200E', '\u200F', '\u061C');
}
