using System.Runtime.CompilerServices;
using EntityImport.Rows;

namespace EntityImport.Conversion.Dates;

/// <summary>Reads days, as days since 1970-01-01. A time of day other than midnight is refused, because it would be lost.</summary>
internal readonly struct DateParser(DatePattern pattern) : IValueParser<int>
{
    private readonly DateHints _hints = new(pattern);

    public string Expected => DateWording.Expected("a date", pattern);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public FaultCode Parse(ReadOnlySpan<byte> text, out int value) =>
        pattern.TryRead(text, out value, out var microsecond) && microsecond == 0 ? FaultCode.None : FaultCode.DateFormat;

    public string? Hint(ReadOnlySpan<byte> text, FaultCode code) =>
        pattern.TryRead(text, out _, out var microsecond) && microsecond != 0 ? DateWording.TimeOfDay : _hints.Find(text);
}
