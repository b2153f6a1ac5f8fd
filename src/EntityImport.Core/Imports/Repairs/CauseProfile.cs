
namespace EntityImport.Imports.Repairs;

/// <summary>What the values of a cause have in common, as far as that suggests cures. In memory that does not depend on how many there are. Not thread-safe.</summary>
internal sealed class CauseProfile
{
    /// <summary>How many different values are kept.</summary>
    private const int MaxValues = 1_000;

    private readonly Dictionary<string, long> _values = [];

    /// <summary>How many rows the cause has.</summary>
    public long Rows { get; private set; }

    /// <summary>The most characters of a value, as code points.</summary>
    public int LongestValue { get; private set; }

    /// <summary>Different values with the number of rows that have them, the most frequent first; some of them where there are many.</summary>
    public IEnumerable<KeyValuePair<string, long>> Values => _values.OrderByDescending(value => value.Value).ThenBy(value => value.Key, StringComparer.Ordinal);

    /// <summary>Whether these are all.</summary>
    public bool HasAllValues { get; private set; } = true;

    /// <summary>Looks at a row of the cause.</summary>
    /// <param name="value">The text that was refused; null where the cause is about records.</param>
    public void Add(string? value)
    {
        Rows++;
        if (value is null) return;
        LongestValue = Math.Max(LongestValue, value.EnumerateRunes().Count());
        if (_values.TryGetValue(value, out var count)) _values[value] = count + 1;
        else if (_values.Count < MaxValues) _values[value] = 1;
        else HasAllValues = false;
    }
}
