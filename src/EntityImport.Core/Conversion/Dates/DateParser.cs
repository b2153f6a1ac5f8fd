using System.Runtime.CompilerServices;
using EntityImport.Rows;

namespace EntityImport.Conversion.Dates;

/// <summary>Reads days by one pattern, as days since 1970-01-01. A time of day other than midnight is refused, because it would be lost.</summary>
internal readonly struct DateParser(DatePattern pattern, DateHints hints) : IValueParser<int>
{
    public string Expected => DateWording.ExpectedDate(pattern);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public FaultCode Parse(ReadOnlySpan<byte> text, out int value) =>
        pattern.TryRead(text, out value, out var microsecond) && microsecond == 0 ? FaultCode.None : FaultCode.DateFormat;

    public string? Hint(ReadOnlySpan<byte> text, FaultCode code) =>
        pattern.TryRead(text, out _, out var microsecond) && microsecond != 0 ? DateWording.TimeOfDay : hints.Find(text);
}

/// <summary>The same by several formats, or by one that is no pattern.</summary>
internal readonly struct FormattedDateParser(DateFormatSet formats, DateHints hints) : IValueParser<int>
{
    public string Expected => DateWording.ExpectedDate(formats.Formats);

    public FaultCode Parse(ReadOnlySpan<byte> text, out int value)
    {
        var fault = formats.Read(text, out value, out var microsecond);
        return fault == FaultCode.None && microsecond != 0 ? FaultCode.DateFormat : fault;
    }

    public string? Hint(ReadOnlySpan<byte> text, FaultCode code)
    {
        if (code == FaultCode.DateTwoReadings) return formats.DescribeReadings(text, isDateTime: false);
        return formats.Read(text, out _, out var microsecond) == FaultCode.None && microsecond != 0 ? DateWording.TimeOfDay : hints.Find(text);
    }
}
