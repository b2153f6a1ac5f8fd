using System.Globalization;
using System.Text;

namespace EntityImport.Conversion.Dates;

/// <summary>
/// The formats <c>EXCEL_DAYS</c> and <c>EXCEL_DAYS_1904</c>: the day numbers as which spreadsheets keep dates, digits with an optional decimal part that is the time of day.
/// </summary>
/// <remarks>
/// Spreadsheets count in binary fractions, so that no time is exact: it is that of the nearest millisecond, the finest that they show. The day 60 of the 1900 system is a
/// 29 February 1900, which never was; it and numbers below 1 are refused.
/// </remarks>
internal sealed class SpreadsheetDays : IDateFormat
{
    private const int DayThatNeverWas = 60;
    private const int MaxWholeDigits = 7;
    private const int MaxDecimals = 18;
    private const long MillisecondsPerDay = 86_400_000;

    private static readonly int DayBefore1900March = new CivilDate(1899, 12, 30).Number;

    private readonly bool _is1904;
    private readonly string _decimalSeparator;
    private readonly byte[] _separator;

    /// <summary>Makes the format.</summary>
    /// <param name="is1904">Whether day 1 is 1904-01-02; else it is 1900-01-01.</param>
    /// <param name="decimalSeparator">What stands before the decimal part.</param>
    public SpreadsheetDays(bool is1904, string decimalSeparator)
    {
        _is1904 = is1904;
        _decimalSeparator = decimalSeparator;
        _separator = Encoding.UTF8.GetBytes(decimalSeparator);
    }

    public string Pattern => _is1904 ? DateFormats.ExcelDays1904 : DateFormats.ExcelDays;

    private int DayZero => _is1904 ? new CivilDate(1904, 1, 1).Number : DayBefore1900March;

    /// <summary>Whether dates of that day are common: it has a number of 20000 to 60000, of the years 1954 to 2064, in the 1900 system.</summary>
    /// <param name="day">Days since 1970-01-01.</param>
    public static bool IsLikely(int day) => day - DayBefore1900March is >= 20_000 and <= 60_000;

    public bool TryRead(ReadOnlySpan<byte> text, out int day, out long microsecond)
    {
        day = 0;
        microsecond = 0;
        var digits = text.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        var decimals = digits < 0 ? default : text[digits..];
        var whole = digits < 0 ? text : text[..digits];
        if (whole.IsEmpty || whole.Length > MaxWholeDigits) return false;
        var number = 0;
        foreach (var digit in whole) number = number * 10 + digit - '0';
        if (!decimals.IsEmpty && !TryReadTime(decimals, out microsecond)) return false;
        if (number < 1) return false;
        if (microsecond == CivilDate.MicrosecondsPerDay)
        {
            microsecond = 0;
            number++;
        }

        if (!_is1904 && number <= DayThatNeverWas)
        {
            if (number == DayThatNeverWas) return false;
            number++;
        }

        day = DayZero + number;
        return day <= CivilDate.LastDay;
    }

    public string Format(long microseconds)
    {
        var number = (decimal)microseconds / CivilDate.MicrosecondsPerDay - DayZero;
        return Math.Round(number, 5).ToString(CultureInfo.InvariantCulture).Replace(".", _decimalSeparator, StringComparison.Ordinal);
    }

    private bool TryReadTime(ReadOnlySpan<byte> text, out long microsecond)
    {
        microsecond = 0;
        if (_separator.Length == 0 || !text.StartsWith(_separator)) return false;
        text = text[_separator.Length..];
        if (text.IsEmpty || text.ContainsAnyExceptInRange((byte)'0', (byte)'9')) return false;
        var fraction = default(Int128);
        var unit = Int128.One;
        // What follows is far below a millisecond.
        foreach (var digit in text[..Math.Min(text.Length, MaxDecimals)])
        {
            fraction = fraction * 10 + (digit - '0');
            unit *= 10;
        }

        microsecond = (long)((fraction * MillisecondsPerDay + unit / 2) / unit) * 1000;
        return true;
    }
}
