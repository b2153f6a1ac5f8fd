using System.Globalization;
using System.Text.RegularExpressions;
using EntityImport.Conversion;

namespace EntityImport.Inference;

/// <summary>Patterns by which a text may be a date or an instant. Whether they read it, and the other values, is for the converters to say.</summary>
internal static partial class DatePatternGuess
{
    private const int LongestText = 48;

    /// <summary>The patterns; none where the text looks like neither.</summary>
    public static IEnumerable<GuessedPattern> From(string text)
    {
        if (text.Length > LongestText || !text.AsSpan().ContainsAnyInRange('0', '9')) yield break;
        if (FromNumber(text) is { } number) yield return number;
        foreach (var (date, rest) in Dates(text))
        {
            if (rest.Length == 0) yield return new GuessedPattern(date, IsDateTime: false);
            else if (Time(rest) is { } time) yield return new GuessedPattern(date + time, IsDateTime: true);
        }

        // Zones and fractions of several kinds, which no one pattern reads; dates alone among date-times, too.
        if (IsoDate().IsMatch(text)) yield return new GuessedPattern(DateFormats.Iso8601, IsDateTime: true);
    }

    /// <summary>The format by which a number is a date or an instant of our time: a day number of a spreadsheet of 20000 to 60000, a Unix time since 2001; null where it is neither.</summary>
    public static GuessedPattern? FromNumber(ReadOnlySpan<char> text)
    {
        var whole = text.IndexOfAnyExceptInRange('0', '9') is >= 0 and var end ? text[..end] : text;
        var isWhole = whole.Length == text.Length;
        return whole switch
        {
            { Length: 5 } when whole[0] is >= '2' and <= '5' || whole is "60000" => isWhole || IsFraction(text[5..]) ? new GuessedPattern(DateFormats.ExcelDays, IsDateTime: !isWhole) : null,
            { Length: 10 } when isWhole && whole[0] is >= '1' and <= '4' => new GuessedPattern(DateFormats.UnixSeconds, IsDateTime: true),
            { Length: 13 } when isWhole && whole[0] is >= '1' and <= '4' => new GuessedPattern(DateFormats.UnixMillis, IsDateTime: true),
            _ => null,
        };

        static bool IsFraction(ReadOnlySpan<char> text) => text[0] is '.' or ',' && text.Length is > 1 and <= 16 && !text[1..].ContainsAnyExceptInRange('0', '9');
    }

    private static IEnumerable<(string Pattern, string After)> Dates(string text)
    {
        if (YearFirst().Match(text) is { Success: true } year)
        {
            var mark = year.Groups["mark"].Value;
            yield return ($"yyyy{mark}MM{mark}dd", text[year.Length..]);
        }
        else if (YearLast().Match(text) is { Success: true } day)
        {
            var mark = day.Groups["mark"].Value;
            var digits = Year(day);
            yield return ($"dd{mark}MM{mark}{digits}", text[day.Length..]);
            yield return ($"MM{mark}dd{mark}{digits}", text[day.Length..]);
        }
        else if (MonthNameSecond().Match(text) is { Success: true } named)
        {
            yield return ($"{Weekday(named)}dd{named.Groups["mark1"].Value}MMM{named.Groups["mark2"].Value}{Year(named)}", text[named.Length..]);
        }
        else if (MonthNameFirst().Match(text) is { Success: true } month)
        {
            yield return ($"{Weekday(month)}MMM dd{month.Groups["mark2"].Value}{Year(month)}", text[month.Length..]);
        }
    }

    private static string Year(Match match) => match.Groups["year"].Length == 2 ? "yy" : "yyyy";

    private static string Weekday(Match match) => match.Groups["weekday"].Success ? $"EEE{match.Groups["mark0"].Value}" : "";

    private static string? Time(string text)
    {
        var time = TimeOfDay().Match(text);
        if (!time.Success) return null;
        var half = time.Groups["half"];
        var separator = time.Groups["separator"].Value;
        var pattern = (separator == "T" ? "'T'" : separator) + (half.Success ? "hh:mm" : "HH:mm");
        if (time.Groups["second"].Success) pattern += ":ss";
        if (time.Groups["fraction"] is { Success: true } fraction)
            pattern += string.Create(CultureInfo.InvariantCulture, $"{time.Groups["point"].Value}{new string('S', fraction.Length)}");
        if (half.Success) pattern += time.Groups["gap"].Value + "a";
        var zone = time.Groups["zone"].Value;
        return zone.Length == 0 ? pattern
            : pattern + time.Groups["zoneGap"].Value + Zone(zone);
    }

    /// <summary>The letters that read a zone of this form; all of them read <c>Z</c>.</summary>
    private static string Zone(string zone) => zone switch
    {
        "GMT" or "UTC" => "z",
        "Z" => "XXX",
        { Length: 3 } => "X",
        { Length: 5 } => "XX",
        _ => "XXX",
    };

    [GeneratedRegex(@"\A\d{4}-\d{2}-\d{2}(?:\z|[Tt ]\d{2}:)", RegexOptions.CultureInvariant)]
    private static partial Regex IsoDate();

    [GeneratedRegex(@"\A\d{4}(?<mark>[-/.])\d{1,2}\k<mark>\d{1,2}(?!\d)", RegexOptions.CultureInvariant)]
    private static partial Regex YearFirst();

    [GeneratedRegex(@"\A\d{1,2}(?<mark>[-/. ])\d{1,2}\k<mark>(?<year>\d{4}|\d{2})(?!\d)", RegexOptions.CultureInvariant)]
    private static partial Regex YearLast();

    [GeneratedRegex(
        @"\A(?:(?<weekday>\p{L}+\.?)(?<mark0>,? ))?\d{1,2}(?<mark1>[-/ ]|\. ?)\p{L}+\.?(?<mark2>[-/ ]|, )(?<year>\d{4}|\d{2})(?!\d)",
        RegexOptions.CultureInvariant)]
    private static partial Regex MonthNameSecond();

    [GeneratedRegex(
        @"\A(?:(?<weekday>\p{L}+\.?)(?<mark0>,? ))?\p{L}+\.? \d{1,2}(?<mark2>,? )(?<year>\d{4})(?!\d)", RegexOptions.CultureInvariant)]
    private static partial Regex MonthNameFirst();

    [GeneratedRegex(
        @"\A(?<separator>T| |, )\d{1,2}:\d{2}(?<second>:\d{2}(?:(?<point>[.,])(?<fraction>\d{1,9}))?)?(?<half>(?<gap>[ \u00A0\u202F]?)[AaPp]\.?[Mm]\.?)?(?:(?<zoneGap> ?)(?<zone>Z|GMT|UTC|[+-]\d{2}(?::?\d{2})?))?\z",
        RegexOptions.CultureInvariant)]
    private static partial Regex TimeOfDay();
}
