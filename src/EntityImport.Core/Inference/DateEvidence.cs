using System.Collections.ObjectModel;
using System.Runtime.InteropServices;
using System.Text;
using EntityImport.Conversion;
using EntityImport.Conversion.Ambiguity;
using EntityImport.Conversion.Dates;
using EntityImport.Entities;
using EntityImport.Rows;

namespace EntityImport.Inference;

/// <summary>What a column's values say about it being one of dates or instants, for each pattern that one of the first values suggested.</summary>
internal sealed class DateEvidence(ValueFormat format, IReadOnlyList<GuessedPattern> stated)
{
    /// <summary>How many values that no pattern reads are looked at for new ones.</summary>
    private const int MaxGuesses = 64;

    private const int MaxReadings = 8;

    private readonly List<DateReading> _readings =
        [.. stated.Select(pattern => Compile(pattern, format, isStated: true)).OfType<DateReading>()];

    private long _values;
    private int _guesses;
    private string? _first;
    private Dictionary<string, long>? _zeros;

    /// <summary>The patterns and how they fared.</summary>
    public IReadOnlyList<DateReading> Readings => _readings;

    /// <summary>Dates of zeros as they are written, and how often; they speak neither for a pattern nor against it.</summary>
    public IReadOnlyDictionary<string, long> Zeros => _zeros is null ? ReadOnlyDictionary<string, long>.Empty : _zeros;

    /// <summary>Whether no pattern can be right.</summary>
    public bool IsHopeless => _guesses >= MaxGuesses && _readings.TrueForAll(reading => reading.Evidence.IsHopeless);

    /// <summary>Looks at a value, given in both encodings; a long one may be cut in UTF-16.</summary>
    public void Add(ReadOnlySpan<byte> utf8, ReadOnlySpan<char> text)
    {
        if (ZeroDate.Is(text))
        {
            _zeros ??= new Dictionary<string, long>(StringComparer.Ordinal);
            CollectionsMarshal.GetValueRefOrAddDefault(_zeros, text.ToString(), out _)++;
            return;
        }

        var known = false;
        foreach (var reading in _readings)
        {
            if (reading.Evidence.IsHopeless) continue;
            if (reading.Reads(utf8, text))
            {
                reading.Evidence.Hit();
                known = true;
            }
            else
            {
                reading.Evidence.Miss(text);
            }
        }

        if (!known && _guesses < MaxGuesses) Guess(utf8, text.ToString());
        if (_values++ == 0) _first = text.ToString();
    }

    private void Guess(ReadOnlySpan<byte> utf8, string text)
    {
        _guesses++;
        foreach (var pattern in DatePatternGuess.From(text))
        {
            if (_readings.Count == MaxReadings || _readings.Exists(reading => reading.Pattern == pattern)) continue;
            if (Compile(pattern, format, isStated: false) is not { } reading || !reading.Reads(utf8, text)) continue;
            reading.Evidence.MissEarlier(_values, _first);
            reading.Evidence.Hit();
            _readings.Add(reading);
        }
    }

    private static DateReading? Compile(GuessedPattern pattern, ValueFormat format, bool isStated)
    {
        var field = new FieldDefinition { SystemName = "date", DataType = pattern.IsDateTime ? DataType.DateTime : DataType.Date };
        try
        {
            return new DateReading(pattern, FieldConverters.Create(field, format, pattern.Formats), isStated);
        }
        catch (DatePatternException)
        {
            return null;
        }
    }
}

/// <summary>What one pattern makes of a column.</summary>
internal sealed class DateReading(GuessedPattern pattern, FieldConverter converter, bool isStated)
{
    public GuessedPattern Pattern { get; } = pattern;

    public FieldConverter Converter { get; } = converter;

    /// <summary>Whether the caller stated the pattern.</summary>
    public bool IsStated { get; } = isStated;

    public Evidence Evidence { get; } = new();

    /// <summary>Whether the value is one of the pattern; a number that nobody stated to be a date must be one of our time.</summary>
    public bool Reads(ReadOnlySpan<byte> utf8, ReadOnlySpan<char> text) =>
        Converter.Check(utf8) == FaultCode.None && (IsStated || !Pattern.IsNumberedDate || DatePatternGuess.FromNumber(text) is not null);

    /// <summary>What the pattern makes of a value that it reads.</summary>
    public string Show(string value)
    {
        var vector = new ColumnVector(Converter.Field);
        Converter.ConvertText(Encoding.UTF8.GetBytes(value), vector);
        return Pattern.IsDateTime ? StoredValue.ShowInstant(vector.Values<long>()[0]) : StoredValue.ShowDay(vector.Values<int>()[0]);
    }
}
