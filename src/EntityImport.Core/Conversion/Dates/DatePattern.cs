using System.Runtime.CompilerServices;
using EntityImport.Conversion.Locales;

namespace EntityImport.Conversion.Dates;

/// <summary>
/// A date pattern in the language of Java's <c>SimpleDateFormat</c>, compiled for one locale. Reads strictly: the whole text must follow the
/// pattern, and a day that does not exist is refused. Immutable and thread-safe.
/// </summary>
/// <remarks>
/// The reading is that of <c>setLenient(false)</c> except where that would be silently wrong or needlessly picky; <c>docs/values.md</c> names
/// every difference. Texts without a zone are in UTC.
/// </remarks>
public sealed class DatePattern : IDateFormat
{
    private readonly IReadOnlyList<PatternElement> _elements;
    private readonly DateStep[] _steps;
    private readonly DateResolver _resolver;
    private readonly TwoDigitYears _window;
    private readonly FixedLayout? _layout;

    private DatePattern(string pattern, IReadOnlyList<PatternElement> elements, LocaleData locale, DateOnly twoDigitYearStart, bool readsEndOfDay)
    {
        Pattern = pattern;
        Locale = locale;
        _elements = elements;
        _steps = [.. elements.Select((element, i) => new DateStep(element, i + 1 < elements.Count ? elements[i + 1] : null, locale))];
        _window = new TwoDigitYears(twoDigitYearStart);
        Fields = new PatternFields(elements);
        _resolver = new DateResolver(Fields, new WeekRule((int)locale.FirstDayOfWeek, locale.MinimalDaysInFirstWeek), _window, readsEndOfDay);
        _layout = FixedLayout.TryCreate(elements, _window);
    }

    /// <summary>The pattern.</summary>
    public string Pattern { get; }

    /// <summary>The locale whose names and week rules apply.</summary>
    public LocaleData Locale { get; }

    /// <summary>Whether the pattern reads any part of a date; without one, the day is 1970-01-01.</summary>
    public bool HasDate => Fields.HasDate;

    /// <summary>Whether the pattern reads any part of the time of day.</summary>
    public bool HasTime => Fields.HasTime;

    internal PatternFields Fields { get; }

    /// <summary>Compiles a pattern.</summary>
    /// <param name="pattern">The pattern.</param>
    /// <param name="locale">Whose names and week rules apply.</param>
    /// <param name="twoDigitYearStart">The first day that a two-digit year can stand for; the window is 100 years long.</param>
    /// <param name="readsEndOfDay">Whether the hour 24 of <c>H</c>, with minutes and seconds of 0, is the midnight at the end of the day; else it is refused.</param>
    /// <exception cref="DatePatternException">The pattern cannot work or can only mislead.</exception>
    public static DatePattern Compile(string pattern, LocaleData locale, DateOnly twoDigitYearStart, bool readsEndOfDay = false)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        ArgumentNullException.ThrowIfNull(locale);
        var elements = PatternLexer.Split(pattern);
        PatternRules.Check(pattern, elements);
        return new DatePattern(pattern, elements, locale, twoDigitYearStart, readsEndOfDay);
    }

    /// <summary>Reads a date and time.</summary>
    /// <param name="text">UTF-8 text, which is read to its end.</param>
    /// <param name="microseconds">Microseconds since 1970-01-01T00:00:00Z.</param>
    /// <returns>False where the text does not follow the pattern or is no instant of the years 0001 to 9999.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryRead(ReadOnlySpan<byte> text, out long microseconds)
    {
        var isRead = TryRead(text, out var day, out var microsecond);
        microseconds = day * CivilDate.MicrosecondsPerDay + microsecond;
        return isRead;
    }

    /// <summary>Reads a date and time.</summary>
    /// <param name="text">UTF-8 text, which is read to its end.</param>
    /// <param name="day">Days since 1970-01-01, in UTC.</param>
    /// <param name="microsecond">Microseconds of that day.</param>
    /// <returns>False where the text does not follow the pattern or is no instant of the years 0001 to 9999.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryRead(ReadOnlySpan<byte> text, out int day, out long microsecond) =>
        (_layout is not null && _layout.TryRead(text, out day, out microsecond)) || TryReadStepped(text, out day, out microsecond);

    /// <summary>Writes an instant as the pattern reads it.</summary>
    /// <param name="microseconds">Microseconds since 1970-01-01T00:00:00Z, in the years 0001 to 9999.</param>
    public string Format(long microseconds) => DateFormatter.Format(_elements, Locale, microseconds);

    /// <inheritdoc/>
    public override string ToString() => Pattern;

    /// <summary>The general way, for all patterns and texts.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal bool TryReadStepped(ReadOnlySpan<byte> text, out int day, out long microsecond)
    {
        var reader = new DateReader(text, _window);
        if (reader.TryRead(_steps)) return _resolver.TryResolve(ref reader.Fields, out day, out microsecond);
        day = 0;
        microsecond = 0;
        return false;
    }
}
