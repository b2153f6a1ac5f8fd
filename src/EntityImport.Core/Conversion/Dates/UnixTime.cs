using System.Buffers.Text;
using System.Globalization;

namespace EntityImport.Conversion.Dates;

/// <summary>The formats <c>UNIX_SECONDS</c> and <c>UNIX_MILLIS</c>: a whole number of seconds or milliseconds since 1970-01-01T00:00:00Z, with a minus sign for what was before.</summary>
/// <param name="isMillis">Whether milliseconds are counted.</param>
internal sealed class UnixTime(bool isMillis) : IDateFormat
{
    private const int MaxLength = 18;
    private const long SecondsPerDay = 86_400;

    private long UnitsPerSecond => isMillis ? 1000 : 1;

    public string Pattern => isMillis ? DateFormats.UnixMillis : DateFormats.UnixSeconds;

    public bool TryRead(ReadOnlySpan<byte> text, out int day, out long microsecond)
    {
        day = 0;
        microsecond = 0;
        // The parser reads a plus sign, too, which nobody writes here.
        if (text.Length > MaxLength || text.IsEmpty || text[0] == '+') return false;
        if (!Utf8Parser.TryParse(text, out long units, out var length) || length != text.Length) return false;
        var unitsPerDay = SecondsPerDay * UnitsPerSecond;
        var number = units / unitsPerDay;
        var rest = units % unitsPerDay;
        if (rest < 0)
        {
            rest += unitsPerDay;
            number--;
        }

        if (number is < CivilDate.FirstDay or > CivilDate.LastDay) return false;
        day = (int)number;
        microsecond = rest * (1_000_000 / UnitsPerSecond);
        return true;
    }

    public string Format(long microseconds) => (microseconds / (1_000_000 / UnitsPerSecond)).ToString(CultureInfo.InvariantCulture);
}
