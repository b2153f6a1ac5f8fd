using System.Runtime.CompilerServices;

namespace EntityImport.Conversion.Dates;

/// <summary>Reads the fields of a pattern off a text, step by step. On the stack only.</summary>
internal ref struct DateReader(ReadOnlySpan<byte> text, TwoDigitYears window)
{
    private readonly ReadOnlySpan<byte> _text = text;
    private int _position;

    /// <summary>The fields read so far.</summary>
    public DateFields Fields = new();

    /// <summary>Reads the whole text.</summary>
    /// <returns>False where the text does not follow the pattern. Ranges are not checked here.</returns>
    public bool TryRead(DateStep[] steps)
    {
        foreach (ref readonly var step in steps.AsSpan())
            if (!TryRead(step)) return false;
        return _position == _text.Length;
    }

    private bool TryRead(in DateStep step)
    {
        if (step.Letter == '\0') return TryReadLiteral(step.Literal);
        if (step.Names is not null) return TryReadName(step);
        if (step.Letter is 'z' or 'Z' or 'X') return TryReadZone(step);
        return TryReadNumber(step.Width, out var number, out var digits) && TrySet(step, number, digits);
    }

    private bool TryReadLiteral(byte[] literal)
    {
        var rest = _text[_position..];
        if (literal.Length == 1)
        {
            if (rest.IsEmpty || rest[0] != literal[0]) return false;
        }
        else if (!rest.StartsWith(literal))
        {
            return false;
        }

        _position += literal.Length;
        return true;
    }

    private bool TryReadName(in DateStep step)
    {
        var value = step.Names!.Match(_text[_position..], out var length, out var lengthWithoutPeriod);
        if (value < 0) return false;
        // A single period is the pattern's, of two the first is the name's.
        if (step.IsBeforePeriod && lengthWithoutPeriod < length && !_text[(_position + length)..].StartsWith("."u8)) length = lengthWithoutPeriod;
        _position += length;
        switch (step.Letter)
        {
            case 'N': Fields.Month = value + 1; break;
            case 'E': Fields.Weekday = value; break;
            case 'a': Fields.DayHalf = value; break;
            default: Fields.Era = value; break;
        }

        return true;
    }

    private bool TryReadZone(in DateStep step)
    {
        var start = _position;
        SkipSpaces();
        if (!ZoneOffset.TryRead(_text[_position..], step.Letter, step.Count, _position == start, out var length, out Fields.OffsetMinutes)) return false;
        _position += length;
        return true;
    }

    /// <summary>Reads ASCII digits after any spaces and tabs.</summary>
    /// <param name="width">The characters that spaces and digits take at most, which must be there; 0 means no limit.</param>
    /// <param name="number">The number; it fits 32 bits, else there is none.</param>
    /// <param name="digits">How many digits there are.</param>
    private bool TryReadNumber(int width, out int number, out int digits)
    {
        var text = _text;
        var end = text.Length;
        var position = _position;
        if (width > 0)
        {
            if (width > end - position) goto Refused;
            end = position + width;
        }

        while (position < end && text[position] is (byte)' ' or (byte)'\t') position++;
        var start = position;
        var value = 0L;
        while (position < end)
        {
            var digit = (uint)(text[position] - '0');
            if (digit > 9) break;
            value = value * 10 + digit;
            if (value > int.MaxValue) goto Refused;
            position++;
        }

        _position = position;
        digits = position - start;
        number = (int)value;
        return digits > 0;

    Refused:
        number = digits = 0;
        return false;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void SkipSpaces()
    {
        while (_position < _text.Length && _text[_position] is (byte)' ' or (byte)'\t') _position++;
    }

    private bool TrySet(in DateStep step, int number, int digits)
    {
        switch (step.Letter)
        {
            case 'y': return TrySetYear(step.Count, number, digits, ref Fields.Year);
            case 'Y': return TrySetYear(step.Count, number, digits, ref Fields.WeekYear);
            case 'M' or 'L': Fields.Month = number; return true;
            case 'd': Fields.Day = number; return true;
            case 'D': Fields.DayOfYear = number; return true;
            case 'w': Fields.Week = number; return true;
            case 'W': Fields.WeekOfMonth = number; return true;
            case 'F': Fields.WeekdayInMonth = number; return true;
            case 'u': Fields.Weekday = number is >= 1 and <= 7 ? number % 7 : 7; return true;
            case 'H': Fields.Hour = number; return true;
            case 'k': Fields.Hour = number == 24 ? 0 : number; return number is >= 1 and <= 24;
            case 'K': Fields.HourOfHalf = number; return true;
            case 'h': Fields.HourOfHalf = number == 12 ? 0 : number; return number is >= 1 and <= 12;
            case 'm': Fields.Minute = number; return true;
            case 's': Fields.Second = number; return true;
            default: return TrySetFraction(step.Count, number, digits);
        }
    }

    private bool TrySetYear(int count, int number, int digits, ref int year)
    {
        year = number;
        Fields.IsFirstYearOfWindow = false;
        if (count != 2) return digits >= Math.Max(count, count == 1 ? 4 : 3);
        if (digits != 2) return digits == 4;
        year = window.Resolve(number, out Fields.IsFirstYearOfWindow);
        return true;
    }

    private bool TrySetFraction(int count, int number, int digits)
    {
        if (digits != count) return false;
        for (; digits < 6; digits++) number *= 10;
        for (; digits > 6; digits--)
        {
            if (number % 10 != 0) return false;
            number /= 10;
        }

        Fields.Microsecond = number;
        return true;
    }
}
