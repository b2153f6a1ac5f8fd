using EntityImport.Conversion.Ambiguity;

namespace EntityImport.Conversion.Dates;

/// <summary>
/// The format <c>ISO_8601</c>: what databases and programs write after RFC 3339 and ISO 8601. A date <c>yyyy-MM-dd</c>, alone or followed by <c>T</c> or a space and a time
/// with hour and minute, optional seconds with an optional fraction of 1 to 9 digits, and an optional zone: <c>Z</c>, <c>+02</c>, <c>+0200</c>, <c>+02:00</c>, or <c>UTC</c> after a space.
/// </summary>
/// <remarks>Digits after the sixth of a fraction must be zeros: nothing is rounded. A text without a zone is in UTC.</remarks>
/// <param name="readsEndOfDay">Whether 24:00 is the end of a day.</param>
internal sealed class IsoFormat(bool readsEndOfDay) : IDateFormat
{
    private const int DateLength = 10;
    private const int MaxFractionDigits = 9;
    private const int MicrosecondDigits = 6;
    public string Pattern => DateFormats.Iso8601;

    public bool TryRead(ReadOnlySpan<byte> text, out int day, out long microsecond)
    {
        microsecond = 0;
        if (!TryReadDate(text, out day)) return false;
        if (text.Length == DateLength) return true;
        if (text[DateLength] is not ((byte)'T' or (byte)'t' or (byte)' ') || !TryReadTime(text[(DateLength + 1)..], out microsecond)) return false;
        CivilDate.Carry(ref day, ref microsecond);
        return day is >= CivilDate.FirstDay and <= CivilDate.LastDay;
    }

    public string Format(long microseconds) =>
        microseconds % CivilDate.MicrosecondsPerDay == 0 ? StoredValue.ShowDay((int)(microseconds / CivilDate.MicrosecondsPerDay)) : StoredValue.ShowInstant(microseconds);

    private static bool TryReadDate(ReadOnlySpan<byte> text, out int day)
    {
        day = 0;
        if (text.Length < DateLength || text[4] != '-' || text[7] != '-') return false;
        if (!TryReadTwo(text, 0, out var century) || !TryReadTwo(text, 2, out var ofCentury) || !TryReadTwo(text, 5, out var month) || !TryReadTwo(text, 8, out var ofMonth)) return false;
        var year = century * 100 + ofCentury;
        if (year == 0 || month is < 1 or > 12 || ofMonth < 1 || ofMonth > CivilDate.LengthOfMonth(year, month)) return false;
        day = new CivilDate(year, month, ofMonth).Number;
        return true;
    }

    /// <summary>Reads a time with its zone, as microseconds of the day in UTC; they may be those of a day before or after.</summary>
    private bool TryReadTime(ReadOnlySpan<byte> text, out long microsecond)
    {
        microsecond = 0;
        if (text.Length < 5 || text[2] != ':' || !TryReadTwo(text, 0, out var hour) || !TryReadTwo(text, 3, out var minute)) return false;
        text = text[5..];
        int second = 0, fraction = 0;
        if (!text.IsEmpty && text[0] == ':')
        {
            if (!TryReadTwo(text, 1, out second)) return false;
            text = text[3..];
            if (!text.IsEmpty && text[0] is (byte)'.' or (byte)',' && !TryReadFraction(ref text, out fraction)) return false;
        }

        if (minute > 59 || second > 59 || !IsHour(hour, minute, second, fraction)) return false;
        if (!TryReadZone(text, out var offsetMinutes)) return false;
        microsecond = ((hour * 60L + minute - offsetMinutes) * 60 + second) * 1_000_000 + fraction;
        return true;
    }

    private bool IsHour(int hour, int minute, int second, int fraction) => hour <= 23 || (readsEndOfDay && hour == 24 && minute + second + fraction == 0);

    private static bool TryReadFraction(ref ReadOnlySpan<byte> text, out int microseconds)
    {
        microseconds = 0;
        var digits = 0;
        for (text = text[1..]; !text.IsEmpty && char.IsAsciiDigit((char)text[0]); text = text[1..])
        {
            var digit = text[0] - '0';
            if (++digits <= MicrosecondDigits) microseconds = microseconds * 10 + digit;
            else if (digits > MaxFractionDigits || digit != 0) return false;
        }

        for (var i = digits; i < MicrosecondDigits; i++) microseconds *= 10;
        return digits > 0;
    }

    private static bool TryReadZone(ReadOnlySpan<byte> text, out int minutes)
    {
        minutes = 0;
        if (text.IsEmpty) return true;
        if (text[0] == ' ')
        {
            text = text[1..];
            if (text.SequenceEqual("UTC"u8)) return true;
            if (text.IsEmpty) return false;
        }

        if (text.SequenceEqual("Z"u8) || text.SequenceEqual("z"u8)) return true;
        var rest = 0;
        if (text[0] is not ((byte)'+' or (byte)'-') || !TryReadTwo(text, 1, out var hours)) return false;
        if (text.Length == 5 ? !TryReadTwo(text, 3, out rest) : text.Length == 6 ? text[3] != ':' || !TryReadTwo(text, 4, out rest) : text.Length != 3) return false;
        if (hours > 23 || rest > 59) return false;
        minutes = (hours * 60 + rest) * (text[0] == '-' ? -1 : 1);
        return minutes is >= DateResolver.MinOffsetMinutes and <= DateResolver.MaxOffsetMinutes;
    }

    private static bool TryReadTwo(ReadOnlySpan<byte> text, int position, out int number)
    {
        number = 0;
        if (text.Length < position + 2) return false;
        var tens = (uint)(text[position] - '0');
        var ones = (uint)(text[position + 1] - '0');
        number = (int)(tens * 10 + ones);
        return tens <= 9 && ones <= 9;
    }
}
