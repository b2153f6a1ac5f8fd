using EntityImport.Conversion.Dates;

namespace EntityImport.Conversion.Locales;

/// <summary>
/// What a locale says about writing numbers and dates: symbols, names and week rules. Immutable and thread-safe; never depends on the
/// culture that the process runs in.
/// </summary>
/// <remarks>
/// 54 locales are answered from a table in this assembly (CLDR 39, plus the differing names of later and earlier versions), so that they
/// read alike on every machine. All others come from the platform's ICU, whatever its version; see <see cref="PlatformLocales"/>.
/// </remarks>
public sealed class LocaleData
{
    private readonly Lazy<NameTrie> _months;
    private readonly Lazy<NameTrie> _weekdays;
    private readonly Lazy<NameTrie> _dayHalves;
    private readonly Lazy<NameTrie> _eras;

    internal LocaleData()
    {
        _months = new(() => NameTrie.Build(Months!));
        _weekdays = new(() => NameTrie.Build(Weekdays!));
        _dayHalves = new(() => NameTrie.Build(DayHalves!));
        _eras = new(() => NameTrie.Build(Eras!));
    }

    /// <summary>The locale as a BCP 47 tag: <c>de-CH</c>.</summary>
    public required string Id { get; init; }

    /// <summary>What separates the whole part of a number from its decimals; one character.</summary>
    public required string DecimalSeparator { get; init; }

    /// <summary>What groups the digits of the whole part; one character.</summary>
    public required string GroupingSeparator { get; init; }

    /// <summary>The percent symbol, without direction marks.</summary>
    public required string PercentSymbol { get; init; }

    /// <summary>The symbol of the country's currency.</summary>
    public required string CurrencySymbol { get; init; }

    /// <summary>The day on which weeks begin.</summary>
    public required DayOfWeek FirstDayOfWeek { get; init; }

    /// <summary>Days of the new year (or month) that its first week has at least, 1 to 7.</summary>
    public required int MinimalDaysInFirstWeek { get; init; }

    /// <summary>The months, from January.</summary>
    public required LocaleNames Months { get; init; }

    /// <summary>The days of the week, from Sunday.</summary>
    public required LocaleNames Weekdays { get; init; }

    /// <summary>The markers of the halves of a day, before and after noon; abbreviations all.</summary>
    public required LocaleNames DayHalves { get; init; }

    /// <summary>The eras, before and after their start; an empty name where the platform does not tell.</summary>
    public required LocaleNames Eras { get; init; }

    internal NameTrie MonthTrie => _months.Value;

    internal NameTrie WeekdayTrie => _weekdays.Value;

    internal NameTrie DayHalfTrie => _dayHalves.Value;

    internal NameTrie EraTrie => _eras.Value;

    /// <summary>The data of a locale; null where there is no such locale.</summary>
    /// <param name="id">
    /// A JDK locale or BCP 47 tag, any letter case: <c>en-US</c>, <c>en_US</c>, <c>en</c>, <c>sr_RS_#Latn</c>, <c>zh-Hant-TW</c>.
    /// Variants and extensions (<c>de_DE_EURO</c>, <c>-u-ca-buddhist</c>) are ignored. A language alone is its first locale in the table.
    /// </param>
    /// <exception cref="PlatformNotSupportedException">
    /// The locale is not in the table and the process runs without ICU, so that it cannot be told whether it exists.
    /// </exception>
    public static LocaleData? Find(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        return LocaleId.TryParse(id, out var parsed) ? LocaleTable.Find(parsed) ?? PlatformLocales.Find(parsed) : null;
    }
}
