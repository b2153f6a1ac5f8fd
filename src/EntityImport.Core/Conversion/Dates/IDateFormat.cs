namespace EntityImport.Conversion.Dates;

/// <summary>One way to write dates. Immutable and thread-safe.</summary>
internal interface IDateFormat
{
    /// <summary>The pattern, or the format's name, as definitions state it.</summary>
    string Pattern { get; }

    /// <summary>Reads a date and time.</summary>
    /// <param name="text">UTF-8 text, which is read to its end.</param>
    /// <param name="day">Days since 1970-01-01, in UTC.</param>
    /// <param name="microsecond">Microseconds of that day.</param>
    /// <returns>False where the text is not of the format, or no instant of the years 0001 to 9999.</returns>
    bool TryRead(ReadOnlySpan<byte> text, out int day, out long microsecond);

    /// <summary>Writes an instant in the format, for examples in messages.</summary>
    /// <param name="microseconds">Microseconds since 1970-01-01T00:00:00Z, in the years 1970 to 9999.</param>
    string Format(long microseconds);
}
