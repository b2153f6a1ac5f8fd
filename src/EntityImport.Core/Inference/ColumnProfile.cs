using System.Text;
using EntityImport.Conversion;

namespace EntityImport.Inference;

/// <summary>What the values of one column have in common, gathered value by value. Its size does not depend on their number.</summary>
internal sealed class ColumnProfile
{
    private const int MaxExamples = 3;
    private const int MaxRowsForExamples = 1000;
    private const int MaxExampleLength = 80;
    private const int MaxExampleBytes = 1024;

    /// <summary>No number, date or truth value is longer in bytes.</summary>
    private const int LongestTypedValue = 64;

    /// <summary>How databases write null: it means that in every column.</summary>
    private static readonly string[] NullsOfDatabases = ["NULL", "null", "\\N"];

    /// <summary>Words for null, those first that mean it in every column. The others may be values elsewhere: NA is Namibia in a column of countries.</summary>
    private static readonly byte[][] NullWords = [.. NullsOfDatabases.Concat(["N/A", "#N/A", "NA", "-"]).Select(Encoding.UTF8.GetBytes)];

    private readonly NullRule _nulls;
    private readonly List<string> _examples = [];
    private readonly long[] _nullWordCounts = new long[NullWords.Length];

    public ColumnProfile(string name, NullRule nulls, NumberEvidence numbers, DateEvidence dates)
    {
        Name = name;
        _nulls = nulls;
        Numbers = numbers;
        Dates = dates;
    }

    /// <summary>The column's name in the file.</summary>
    public string Name { get; }

    /// <summary>Records that were looked at.</summary>
    public long Rows { get; private set; }

    /// <summary>Empty fields, and what the definition states to be null.</summary>
    public long Empty { get; private set; }

    /// <summary>Values that are neither empty nor words for null.</summary>
    public long Values { get; private set; }

    /// <summary>Unicode code points of the longest value.</summary>
    public int MaxLength { get; private set; }

    /// <summary>The first different values.</summary>
    public IReadOnlyList<string> Examples => _examples;

    public NumberEvidence Numbers { get; }

    public DateEvidence Dates { get; }

    public BooleanEvidence Booleans { get; } = new();

    /// <summary>Words that mean null in many files, with how often each occurs.</summary>
    public IEnumerable<(string Word, long Count)> NullWordsFound =>
        NullWords.Select((word, i) => (Encoding.UTF8.GetString(word), _nullWordCounts[i])).Where(found => found.Item2 > 0);

    /// <summary>Whether a word means null in every column, wherever it stands.</summary>
    public static bool IsNullEverywhere(string word) => NullsOfDatabases.Contains(word, StringComparer.Ordinal);

    public void Add(ReadOnlySpan<byte> text, RecordPlace place)
    {
        Rows++;
        if (_nulls.IsNull(text))
        {
            Empty++;
            return;
        }

        if (text.Length > MaxLength) MaxLength = Math.Max(MaxLength, CountCodePoints(text));
        if (_examples.Count < MaxExamples && Rows <= MaxRowsForExamples) AddExample(Cut(text));
        if (IsNullWord(text)) return;
        Values++;
        AddTyped(text.Trim((byte)' '), place);
    }

    private void AddTyped(ReadOnlySpan<byte> text, RecordPlace place)
    {
        var isNumberCounted = Numbers.IsHopeless || Numbers.TryCount(text);
        if (isNumberCounted && Dates.IsHopeless && Booleans.IsHopeless) return;
        if (text.Length > LongestTypedValue)
        {
            var cut = Cut(text);
            Booleans.AddOther();
            if (!Numbers.IsHopeless) Numbers.AddOther(cut, place);
            if (!Dates.IsHopeless) Dates.Add(text, cut, place);
            return;
        }

        Span<char> buffer = stackalloc char[LongestTypedValue];
        var chars = buffer[..Encoding.UTF8.GetChars(text, buffer)];
        if (!isNumberCounted) Numbers.Add(chars, place);
        if (!Dates.IsHopeless) Dates.Add(text, chars, place);
        if (!Booleans.IsHopeless) Booleans.Add(chars, place);
    }

    private void AddExample(string text)
    {
        if (!_examples.Contains(text)) _examples.Add(text);
    }

    private bool IsNullWord(ReadOnlySpan<byte> text)
    {
        if (text.Length > 4 || text[0] is not ((byte)'N' or (byte)'n' or (byte)'\\' or (byte)'#' or (byte)'-')) return false;
        for (var i = 0; i < NullWords.Length; i++)
        {
            if (!text.SequenceEqual(NullWords[i])) continue;
            _nullWordCounts[i]++;
            return true;
        }

        return false;
    }

    private static int CountCodePoints(ReadOnlySpan<byte> text)
    {
        var count = 0;
        foreach (var value in text)
            if ((value & 0xC0) != 0x80) count++;
        return count;
    }

    private static string Cut(ReadOnlySpan<byte> text)
    {
        var shown = Encoding.UTF8.GetString(text[..Math.Min(text.Length, MaxExampleBytes)]);
        return shown.Length <= MaxExampleLength ? shown : string.Concat(shown.AsSpan(0, MaxExampleLength - 1), "…");
    }
}
