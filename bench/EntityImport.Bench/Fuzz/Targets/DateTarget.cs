using System.Text;
using EntityImport.Conversion;
using EntityImport.Conversion.Dates;
using EntityImport.Conversion.Locales;
using EntityImport.Entities;
using EntityImport.Rows;

namespace EntityImport.Bench.Fuzz.Targets;

/// <summary>
/// Any text as a date pattern, and texts read by it: in a column, by the quick way and by the general one. What a pattern reads, it writes so that it reads it again. The
/// first byte chooses the locale; then come the pattern and the texts.
/// </summary>
internal sealed class DateTarget : FuzzTarget
{
    private const long MicrosecondsPerDay = 86_400_000_000;

    private static readonly LocaleData[] Locales = [.. LocaleTable.Ids.Order(StringComparer.Ordinal).Select(id => LocaleData.Find(id)!)];

    private static readonly FieldDefinition Date = new() { SystemName = "ValidFrom", DataType = DataType.Date };

    private static readonly FieldDefinition Instant = new() { SystemName = "ChangedAt", DataType = DataType.DateTime };

    private static readonly long[] Instants = [1_735_689_598_123_456, 0, -62_135_596_800_000_000, 253_402_300_799_999_999, 951_782_400_000_000, 1_709_251_199_999_000];

    /// <summary>What two digits stand for, less a year at both ends, where week years differ from others.</summary>
    private static readonly (long First, long Last) Window = (MicrosecondsOf(Formats.UnitedStates.TwoDigitYearStart.AddYears(1)), MicrosecondsOf(Formats.UnitedStates.TwoDigitYearStart.AddYears(99)));

    private readonly Column _column = new();

    public override string Name => "dates";

    public override int MaxLength => 384;

    public override IReadOnlyList<string> Tokens { get; } =
    [
        "|", "yyyy", "yy", "y", "YYYY", "M", "MM", "MMM", "MMMM", "LLL", "LLLL", "d", "dd", "DDD", "w", "ww", "W", "F", "E", "EEEE", "u", "a", "G", "H", "HH", "k", "K", "h", "mm", "ss", "S", "SSS", "SSSSSS", "z", "Z", "X", "XX",
        "XXX", "'", "''", "'T'", "-", "/", ".", ":", " ", "yyyy-MM-dd", "dd.MM.yyyy", "HH:mm:ss", "2024-12-31", "31.12.2024", "1/2/24", "23:59:59", "24:00", "Jan", "January", "Dec.", "AM", "PM", "AD", "BC", "UTC", "GMT+2",
        "+02:00", "+0200", "-18", "Z", "PST", "9999", "0001", "0000", "29", "366", "53",
    ];

    public override void Run(byte[] input)
    {
        var chosen = new FuzzInput(input);
        var locale = chosen.Choose(Locales);
        var text = Encoding.UTF8.GetString(chosen.Until(Column.Separator));
        DatePattern pattern;
        try
        {
            pattern = DatePattern.Compile(text, locale, Formats.UnitedStates.TwoDigitYearStart);
        }
        catch (DatePatternException fault)
        {
            DisagreementException.ThrowUnless(fault.Position >= 1 && fault.Position <= Math.Max(text.Length, 1), $"A fault at {fault.Position} of '{text}'");
            return;
        }

        _column.Fill(chosen.Rest());
        var format = Formats.UnitedStates with { Locale = locale.Id };
        // They learn nothing from what they read, and take long to make.
        var instants = FieldConverters.Create(Instant, format, text);
        _column.Check(() => instants, value => AsInstant(pattern, value), (vector, i) => vector.Values<long>()[i]);
        if (pattern.HasDate)
        {
            var dates = FieldConverters.Create(Date, format, text);
            _column.Check(() => dates, value => AsDate(pattern, value), (vector, i) => vector.Values<int>()[i]);
        }

        foreach (var value in _column.Texts)
            if (pattern.TryRead(value, out var microseconds)) CheckWritten(pattern, microseconds);
        foreach (var instant in Instants) _ = pattern.TryRead(Encoding.UTF8.GetBytes(pattern.Format(instant)), out _);
    }

    private static long MicrosecondsOf(DateOnly day) => (day.DayNumber - new DateOnly(1970, 1, 1).DayNumber) * MicrosecondsPerDay;

    private static (FaultCode Fault, long Value) AsInstant(DatePattern pattern, byte[] text) =>
        pattern.TryReadStepped(text, out var day, out var microsecond) ? (FaultCode.None, day * MicrosecondsPerDay + microsecond) : (FaultCode.DateFormat, 0);

    private static (FaultCode Fault, int Value) AsDate(DatePattern pattern, byte[] text) =>
        pattern.TryReadStepped(text, out var day, out var microsecond) && microsecond == 0 ? (FaultCode.None, day) : (FaultCode.DateFormat, 0);

    /// <summary>Whether it shows where an element ends that another one follows, whatever is written for the two.</summary>
    private static bool AreApart(PatternElement element, PatternElement next)
    {
        if (element.IsLiteral) return true;
        if (next.IsLiteral && next.Literal[0] is not ('.' or ':' or '+' or '-') && !char.IsLetterOrDigit(next.Literal[0])) return true;
        if (!element.IsNumber) return false;
        if (next.IsLiteral) return !char.IsDigit(next.Literal[0]);
        return element.Letter switch
        {
            'y' or 'Y' => element.Count is 2 or 4,
            'D' => element.Count == 3,
            'W' or 'F' or 'u' => element.Count == 1,
            'S' => true,
            _ => element.Count == 2,
        };
    }

    private static void CheckWritten(DatePattern pattern, long microseconds)
    {
        DisagreementException.ThrowUnless(
            microseconds >= Instants[2] && microseconds <= Instants[3], $"'{pattern}' reads an instant that is not of the years 1 to 9999: {microseconds}");
        var elements = PatternLexer.Split(pattern.Pattern);
        if (!elements.Zip(elements.Skip(1)).All(pair => AreApart(pair.First, pair.Second))) return;
        // A year that was read with all its digits may be one that two digits do not stand for.
        if (elements.Any(element => element is { Letter: 'y' or 'Y', Count: 2 }) && (microseconds < Window.First || microseconds > Window.Last)) return;
        // An offset moves the time, and with it the day: that is only written where day and time are.
        if (elements.Any(element => element.Letter is 'z' or 'Z' or 'X') && !"yMdHm".All(letter => elements.Any(element => element.Letter == letter))) return;
        var written = pattern.Format(microseconds);
        DisagreementException.ThrowUnless(pattern.TryRead(Encoding.UTF8.GetBytes(written), out var again), $"'{pattern}' ({pattern.Locale.Id}) does not read what it writes: '{written}'");
        DisagreementException.ThrowIfDifferent(microseconds, again, $"'{pattern}' ({pattern.Locale.Id}) of '{written}'");
    }
}
