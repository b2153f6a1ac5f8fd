using System.Runtime.CompilerServices;
using EntityImport.Rows;

namespace EntityImport.Conversion.Dates;

/// <summary>Reads instants, as microseconds since 1970-01-01T00:00:00Z.</summary>
internal readonly struct DateTimeParser(DatePattern pattern) : IValueParser<long>
{
    private readonly DateHints _hints = new(pattern);

    public string Expected => DateWording.Expected("a date and time", pattern);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public FaultCode Parse(ReadOnlySpan<byte> text, out long value) =>
        pattern.TryRead(text, out value) ? FaultCode.None : FaultCode.DateFormat;

    public string? Hint(ReadOnlySpan<byte> text, FaultCode code) => _hints.Find(text);
}
