using System.Runtime.CompilerServices;
using EntityImport.Rows;

namespace EntityImport.Conversion.Dates;

/// <summary>Reads instants by one pattern, as microseconds since 1970-01-01T00:00:00Z.</summary>
internal readonly struct DateTimeParser(DatePattern pattern, DateHints hints) : IValueParser<long>
{
    public string Expected => DateWording.ExpectedInstant(pattern);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public FaultCode Parse(ReadOnlySpan<byte> text, out long value) =>
        pattern.TryRead(text, out value) ? FaultCode.None : FaultCode.DateFormat;

    public string? Hint(ReadOnlySpan<byte> text, FaultCode code) => hints.Find(text);
}

/// <summary>The same by several formats, or by one that is no pattern.</summary>
internal readonly struct FormattedDateTimeParser(DateFormatSet formats, DateHints hints) : IValueParser<long>
{
    public string Expected => DateWording.ExpectedInstant(formats.Formats);

    public FaultCode Parse(ReadOnlySpan<byte> text, out long value)
    {
        var fault = formats.Read(text, out var day, out var microsecond);
        value = day * CivilDate.MicrosecondsPerDay + microsecond;
        return fault;
    }

    public string? Hint(ReadOnlySpan<byte> text, FaultCode code) =>
        code == FaultCode.DateTwoReadings ? formats.DescribeReadings(text, isDateTime: true) : hints.Find(text);
}
